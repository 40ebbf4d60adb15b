use std::collections::BTreeSet;

use crate::diagnostic::Count;
use crate::ops::{
    Browse, BrowseInput, ClaimNext, ClaimNextInput, NextInput, NoteAdd, NoteInput, Operation, Related,
    RelatedInput, Search, SearchInput, Status, StatusInput, StatusView, Sync, SyncInput, TaskNext,
    nothing_ready,
};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, STRONG, WARN, paint};
use super::sessions::{group_table, progress, session_table};
use super::tasks::{one_line, task_table};
use super::{Answer, OK, shown, write};

/// Find what can be begun now, most urgent first
#[derive(clap::Args, Debug)]
pub(super) struct Next {
    /// Only work of this specialist
    #[arg(long, value_name = "NAME")]
    specialist: Option<String>,
    /// So many tasks instead of one
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<usize>,
    /// Every session instead of the selected one
    #[arg(long)]
    all_sessions: bool,
    /// Also say what stands in the way of the other open tasks
    #[arg(long)]
    explain: bool,
    /// Take it: nobody else gets it until it is released or the claim ends
    #[arg(long, conflicts_with_all = ["limit", "explain"])]
    claim: bool,
    /// Who works on it; the user unless told
    #[arg(long = "as", value_name = "NAME", requires = "claim")]
    holder: Option<String>,
    /// How long the claim lasts without a heartbeat: 90m, 2h
    #[arg(long, value_name = "TIME", requires = "claim")]
    ttl: Option<String>,
}

impl Next {
    /// Whether the task is claimed, too.
    pub(super) fn claims(&self) -> bool {
        self.claim
    }
}

pub(super) fn next(app: &mut App, args: Next) -> Answer {
    let workspace = app.open()?;
    if args.claim {
        let input = ClaimNextInput {
            specialist: args.specialist,
            all_sessions: args.all_sessions,
            holder: args.holder,
            ttl: args.ttl,
        };
        let view = ClaimNext::run(&app.context(&workspace), input)?;
        super::claim::show(app, &view);
        return Ok(OK);
    }
    let input = NextInput {
        specialist: args.specialist,
        limit: args.limit,
        all_sessions: args.all_sessions,
        explain: args.explain,
    };
    let view = TaskNext::run(&app.context(&workspace), input)?;
    if view.tasks.is_empty() && !args.explain {
        return Err(nothing_ready());
    }
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let width = app.width();
    app.out.text(&task_table(&view.tasks, width));
    for (task, route) in view.tasks.iter().zip(&view.routes) {
        if let (None, Some(name)) = (&task.specialist, &route.specialist) {
            app.out.note(format!("for {} by the rules of {}", shown(name), shown(&route.mode)));
        }
    }
    if view.total > view.tasks.len() {
        app.out.note(format!("{} more ready", view.total - view.tasks.len()));
    }
    for waiting in &view.waiting {
        app.out.line(format!(
            "{}\n    {}",
            one_line(&waiting.task),
            paint(WARN, &shown(&waiting.reasons.join("; ")))
        ));
    }
    Ok(OK)
}

/// Show where things stand (also: plain `plandown`)
#[derive(clap::Args, Debug, Default)]
pub(super) struct StatusArgs {}

pub(super) fn status(app: &mut App, _: &StatusArgs) -> Answer {
    let workspace = app.open()?;
    let view = Status::run(&app.context(&workspace), StatusInput {})?;
    if app.json() {
        app.out.json(&view);
    } else {
        print_status(app, &view);
    }
    Ok(OK)
}

fn print_status(app: &mut App, view: &StatusView) {
    let width = app.width();
    match &view.active {
        Some(session) => {
            app.out.line(format!(
                "{}  {}  {}",
                paint(STRONG, &shown(&session.name)),
                paint(super::paint::of_status(&session.status), &session.status),
                progress(session.progress)
            ));
            app.out.line(paint(FAINT, &shown(&session.path)));
        }
        None if view.sessions == 0 => app.out.line("no sessions yet: `plandown session create NAME`"),
        None => app.out.line("no session is active: `plandown session activate ID`"),
    }
    let mut section = |title: &str, text: String| {
        if !text.is_empty() {
            app.out.text(&format!("\n{}\n{text}", paint(STRONG, title)));
        }
    };
    section("groups", group_table(&view.groups, width));
    section("in progress", task_table(&view.in_progress, width));
    let more = if view.ready > view.next.len() {
        format!("ready ({} of {})", view.next.len(), view.ready)
    } else {
        "ready".into()
    };
    section(&more, task_table(&view.next, width));
    section("other sessions", session_table(&view.others, None, width));
    let mut remarks = Vec::new();
    if view.sync.unadopted > 0 {
        remarks.push(format!(
            "{} without id: `plandown sync` gives them ids",
            Count(view.sync.unadopted, "task")
        ));
    }
    if view.sync.conflicts > 0 {
        remarks.push(paint(
            BAD,
            &format!("{} open: `plandown conflicts`", Count(view.sync.conflicts, "conflict")),
        ));
    }
    if view.sync.stale {
        remarks.push(paint(WARN, "saved from an outdated buffer: `plandown sync` brings back what it undid"));
    }
    if view.sync.recovery {
        remarks.push(paint(WARN, "an interrupted write waits: `plandown sync`"));
    }
    if view.sync.unreadable > 0 {
        remarks.push(paint(
            BAD,
            &format!("{} cannot be read: `plandown check`", Count(view.sync.unreadable, "session")),
        ));
    }
    if let Some(why) = &view.mode_fallback {
        remarks.push(paint(
            BAD,
            &format!("{}: the default roles stand in, `plandown mode validate`", shown(why)),
        ));
    }
    let d = view.diagnostics;
    if d.error + d.warning > 0 {
        let text = format!("{}, {}: `plandown check`", Count(d.error, "error"), Count(d.warning, "warning"));
        remarks.push(paint(if d.error > 0 { BAD } else { WARN }, &text));
    }
    if !remarks.is_empty() {
        app.out.line(format!("\n{}", remarks.join("\n")));
    }
}

/// Take in what others did: edits, interrupted writes, outdated saves; give ids, refresh views and index
#[derive(clap::Args, Debug)]
pub(super) struct SyncArgs {
    /// Leave generated views alone
    #[arg(long)]
    no_views: bool,
    /// Where a save and the plan's state disagree: merge, md-wins, db-wins, ask
    #[arg(long, value_name = "STRATEGY")]
    strategy: Option<String>,
}

pub(super) fn sync(app: &mut App, args: &SyncArgs) -> Answer {
    let workspace = app.open()?;
    let input = SyncInput { sessions: Vec::new(), no_views: args.no_views, strategy: args.strategy.clone() };
    let view = Sync::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else {
        for session in &view.repaired {
            app.out.line(format!(
                "{} {}: an outdated save was merged",
                paint(WARN, "repaired"),
                shown(session)
            ));
        }
        for session in &view.blocks {
            app.out.line(format!("{} the generated blocks of {}", paint(GOOD, "refreshed"), shown(session)));
        }
        for session in view.taken_in.iter().filter(|s| !view.repaired.contains(s)) {
            app.out.line(format!("{} {}", paint(FAINT, "taken in"), shown(session)));
        }
        for adopted in &view.adopted {
            let tasks = Count(adopted.tasks, "task");
            app.out.line(format!("{} {}: {tasks} got ids", paint(GOOD, "adopted"), shown(&adopted.session)));
        }
        for path in &view.views {
            app.out.line(format!("{} {}", paint(FAINT, "written"), shown(path)));
        }
        for path in &view.kept_edits {
            app.out.line(format!("{} {}: a hand edit of a generated view", paint(WARN, "kept"), shown(path)));
        }
        for skipped in &view.skipped {
            app.out.line(format!(
                "{} {}: {}",
                paint(BAD, "skipped"),
                shown(&skipped.session),
                shown(&skipped.message)
            ));
        }
        if view.open_conflicts > 0 {
            let open = format!("{} open: `plandown conflicts`", Count(view.open_conflicts, "conflict"));
            app.out.line(paint(BAD, &open));
        }
        if !view.changed && view.skipped.is_empty() && view.taken_in.is_empty() {
            app.out.note(format!("{} in sync", Count(view.sessions, "session")));
        }
    }
    Ok(u8::from(!view.skipped.is_empty() || view.open_conflicts > 0))
}

/// Find words in tasks, notes and decisions, `--archived` in sessions in long-term storage
#[derive(clap::Args, Debug)]
pub(super) struct SearchArgs {
    /// Words; all must be there. "two words" is a phrase
    #[arg(required = true)]
    query: Vec<String>,
    /// active (the selected session), all, archived
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// In the sessions in long-term storage: short for `--scope archived`
    #[arg(long, conflicts_with = "scope")]
    archived: bool,
    /// tasks, notes, decisions, all; artifacts; history (what was done and what was refused)
    #[arg(long = "in", value_name = "KIND")]
    within: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) fn search(app: &mut App, args: SearchArgs) -> Answer {
    let workspace = app.open()?;
    let query = args.query.join(" ");
    let scope = args.scope.or_else(|| args.archived.then(|| "archived".to_owned()));
    let input = SearchInput { query, scope, within: args.within, limit: args.limit };
    let view = Search::run(&app.context(&workspace), input)?;
    for broken in &view.broken {
        app.out.note(format!("warning: {}", shown(broken)));
    }
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    for hit in &view.results {
        let id = hit.id.as_deref().unwrap_or(&hit.kind);
        let title = marked(&hit.title, &hit.title_marks);
        let line = if hit.line > 0 { format!(":{}", hit.line) } else { String::new() };
        let place = paint(FAINT, &format!("{}{line}", shown(&hit.path)));
        app.out.line(format!("{:<10}  {title}  {place}", shown(id)));
        if !hit.snippet.trim().is_empty() {
            let snippet = marked(&hit.snippet, &hit.snippet_marks);
            app.out.line(format!("            {}", snippet.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    if view.results.is_empty() {
        app.out.note("nothing found");
    }
    if view.in_archives > 0 {
        let more = if view.results.is_empty() { "" } else { " more" };
        let found = Count(view.in_archives, "find");
        app.out.note(format!("{found}{more} in archived sessions; the same with `--archived` shows them"));
    }
    let archives: BTreeSet<&str> = view.results.iter().filter_map(|hit| hit.archived.as_deref()).collect();
    for name in archives.iter().take(3) {
        app.out.note(format!("`plandown session restore {name}` brings that session back"));
    }
    Ok(OK)
}

/// Text with the found parts emphasised; everything made harmless first, part by part.
fn marked(text: &str, marks: &[(usize, usize)]) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for &(start, end) in marks {
        if let (Some(before), Some(found)) = (text.get(at..start), text.get(start..end)) {
            out.push_str(&shown(before));
            out.push_str(&paint(WARN.bold(), &shown(found)));
            at = end;
        }
    }
    out.push_str(&shown(text.get(at..).unwrap_or("")));
    out
}

/// Find tasks that have to do with one
#[derive(clap::Args, Debug)]
pub(super) struct RelatedArgs {
    /// Id, unique prefix or title
    task: String,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) fn related(app: &mut App, args: RelatedArgs) -> Answer {
    let workspace = app.open()?;
    let view = Related::run(&app.context(&workspace), RelatedInput { task: args.task, limit: args.limit })?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    for other in &view.results {
        app.out.line(format!("{:<10}  {}", other.why, one_line(&other.task)));
    }
    if view.results.is_empty() {
        app.out.note("no other task has to do with it");
    }
    Ok(OK)
}

/// Show the whole tree: sessions, groups, tasks
#[derive(clap::Args, Debug)]
pub(super) struct BrowseArgs {
    /// Levels of tasks below a group; 0 shows none
    #[arg(long, value_name = "N")]
    depth: Option<u32>,
    /// At most so many tasks a session
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) fn browse(app: &mut App, args: &BrowseArgs) -> Answer {
    let workspace = app.open()?;
    let view = Browse::run(&app.context(&workspace), BrowseInput { depth: args.depth, limit: args.limit })?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let width = app.width();
    for branch in &view.sessions {
        let session = &branch.session;
        app.out.line(format!("{}  {}", paint(STRONG, &shown(&session.name)), progress(session.progress)));
        let ungrouped: Vec<_> = branch.tasks.iter().filter(|t| t.group.is_none()).cloned().collect();
        app.out.text(&indented(&task_table(&ungrouped, width)));
        for group in &branch.groups {
            app.out.line(format!("  {}  {}", shown(&group.path), progress(group.progress)));
            let tasks: Vec<_> =
                branch.tasks.iter().filter(|t| t.group.as_ref() == Some(&group.path)).cloned().collect();
            app.out.text(&indented(&indented(&task_table(&tasks, width))));
        }
        if branch.tasks.len() < branch.total_tasks {
            app.out.note(format!("{} of {} tasks shown", branch.tasks.len(), branch.total_tasks));
        }
    }
    Ok(OK)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// Append to the notes of a session
#[derive(clap::Args, Debug)]
pub(super) struct NoteArgs {
    #[command(subcommand)]
    command: NoteCommand,
}

#[derive(clap::Subcommand, Debug)]
enum NoteCommand {
    /// Append an entry
    Add {
        /// The text; `-` reads standard input, nothing opens the editor
        text: Option<String>,
        /// notes, learnings, next-steps, decisions
        #[arg(long, default_value = "notes", value_name = "NAME")]
        section: String,
    },
}

pub(super) fn note(app: &mut App, args: NoteArgs) -> Answer {
    let NoteCommand::Add { text, section } = args.command;
    add_note(app, text, section)
}

/// Append to the decisions of a session
#[derive(clap::Args, Debug)]
pub(super) struct DecisionArgs {
    #[command(subcommand)]
    command: DecisionCommand,
}

#[derive(clap::Subcommand, Debug)]
enum DecisionCommand {
    /// Append a decision
    Add {
        /// The text; `-` reads standard input, nothing opens the editor
        text: Option<String>,
    },
}

pub(super) fn decision(app: &mut App, args: DecisionArgs) -> Answer {
    let DecisionCommand::Add { text } = args.command;
    add_note(app, text, "decisions".to_owned())
}

fn add_note(app: &mut App, text: Option<String>, kind: String) -> Answer {
    let text = app.text_or_editor(text, "")?;
    let workspace = app.open()?;
    let view = NoteAdd::run(&app.context(&workspace), NoteInput { text, kind: Some(kind) })?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else {
        app.out.note(format!("added to {}", shown(&view.session)));
    }
    Ok(OK)
}
