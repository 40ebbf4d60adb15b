use clap::Subcommand;

use crate::diagnostic::Count;
use crate::ops::{
    ErrorCode, HappenedView, OpError, Operation, SessionArchive, SessionArchiveInput, SessionCreate,
    SessionCreateInput, SessionDelete, SessionDeleteInput, SessionList, SessionListInput, SessionRename,
    SessionRenameId, SessionRenameIdInput, SessionRenameInput, SessionRestore, SessionSet, SessionSetInput,
    SessionSetState, SessionShow, SessionShowInput, SessionStateInput, SessionWritten,
};

use super::app::App;
use super::sessions::{group_table, session_table};
use super::tasks::task_table;
use super::{Answer, OK, STRONG, edit, paint, task, write};

/// Sessions: create, list, show, activate, pause, resume, complete, cancel, set, archive, restore, rename, rename-id, delete, edit
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a session and work on it
    Create(Create),
    /// List sessions
    List(List),
    /// Show a session with its groups and next work
    Show(One),
    /// Work on a session; the one that is active is paused
    Activate(Named),
    /// Put a session aside
    Pause(Ending),
    /// Take a session up again
    Resume(One),
    /// Close a session whose work is done
    Complete(Closing),
    /// End a session early
    Cancel(Ending),
    /// Change facts of a session's header: type, priority, due
    Set {
        /// The selected session, or the one of `--session`: `type=research due=2026-03-18`; an empty value removes
        #[arg(required = true, value_name = "KEY=VALUE")]
        what: Vec<String>,
    },
    /// Move a session into long-term storage: one compressed file
    Archive {
        /// Id, directory, unique prefix or name
        #[arg(id = "which", value_name = "SESSION")]
        session: String,
        /// Export it too: markdown, json, html, zip
        #[arg(long, value_name = "FORMAT")]
        export: Option<String>,
    },
    /// Bring a session back from long-term storage
    Restore(Named),
    /// Change a session's name
    Rename {
        /// Id, directory, unique prefix or name
        #[arg(id = "which", value_name = "SESSION")]
        session: String,
        /// The new name; the directory stays
        name: String,
    },
    /// Change a session's id and directory
    RenameId {
        /// Id, directory, unique prefix or name
        #[arg(id = "which", value_name = "SESSION")]
        session: String,
        /// The new id
        id: String,
    },
    /// Remove a session and everything in its directory
    Delete {
        /// Id, directory, unique prefix or name
        #[arg(id = "which", value_name = "SESSION")]
        session: String,
        /// Really
        #[arg(long)]
        force: bool,
    },
    /// Open a session's file in the editor, and check it afterwards
    Edit(One),
}

#[derive(clap::Args, Debug)]
struct Create {
    /// Its name
    name: String,
    /// Its id and directory; made from the name when left out
    #[arg(long)]
    id: Option<String>,
    /// What it is about
    #[arg(long, short, value_name = "TEXT")]
    description: Option<String>,
    /// Role configuration: a file of `.task_orchestrator/roles`
    #[arg(long, value_name = "FILE")]
    mode: Option<String>,
    /// What kind of work it is: research, maintenance, any word [default: project]
    #[arg(long = "type", value_name = "WORD")]
    kind: Option<String>,
    /// urgent, high, medium, low, someday
    #[arg(long, value_name = "WORD")]
    priority: Option<String>,
    /// lean (facts only) or full (with derived values)
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Leave it paused instead of working on it
    #[arg(long)]
    no_activate: bool,
    /// Pause the session that is active now
    #[arg(long)]
    pause_current: bool,
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only these states
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    status: Vec<String>,
    /// Only sessions with this text in name or directory
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The sessions in long-term storage instead
    #[arg(long, conflicts_with = "status")]
    archived: bool,
    /// Order by this instead of the id
    #[arg(long, value_name = "WHAT", value_parser = ["name", "progress", "created_at"])]
    sort: Option<String>,
    /// The other way round
    #[arg(long)]
    reverse: bool,
    /// Show at most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Show everything, on a terminal too
    #[arg(long)]
    all: bool,
}

#[derive(clap::Args, Debug)]
struct One {
    /// Id, directory, unique prefix or name; the selected one when left out
    #[arg(id = "which", value_name = "SESSION")]
    session: Option<String>,
}

#[derive(clap::Args, Debug)]
struct Named {
    /// Id, directory, unique prefix or name
    #[arg(id = "which", value_name = "SESSION")]
    session: String,
}

#[derive(clap::Args, Debug)]
struct Closing {
    /// Id, directory, unique prefix or name; the selected one when left out
    #[arg(id = "which", value_name = "SESSION")]
    session: Option<String>,
    /// Close it although tasks are open
    #[arg(long)]
    force: bool,
    /// What came of it: an entry of the session's notes
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(clap::Args, Debug)]
struct Ending {
    /// Id, directory, unique prefix or name; the selected one when left out
    #[arg(id = "which", value_name = "SESSION")]
    session: Option<String>,
    /// Why: an entry of the session's notes
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        Command::Create(new) => {
            let input = SessionCreateInput {
                name: new.name,
                id: new.id,
                description: new.description.map(|d| app.text(d)).transpose()?,
                mode: new.mode,
                kind: new.kind,
                priority: new.priority,
                template: new.template,
                no_activate: new.no_activate,
                pause_current: new.pause_current,
            };
            let workspace = app.open()?;
            let view = SessionCreate::run(&app.context(&workspace), input)?;
            show_written(app, &view);
        }
        Command::List(list) => {
            let workspace = app.open()?;
            let limit = app.page(&workspace, list.limit, list.all);
            let input = SessionListInput {
                status: list.status,
                text: list.text,
                limit,
                offset: 0,
                archived: list.archived,
                with_archived: false,
                sort: list.sort,
                reverse: list.reverse,
            };
            let view = SessionList::run(&app.context(&workspace), input)?;
            if app.json() {
                app.out.json(&view);
            } else {
                let width = app.width();
                app.out.text(&session_table(&view.sessions, view.active.as_deref(), width));
                for broken in &view.broken {
                    app.out.note(format!("warning: {}", super::shown(broken)));
                }
                if view.sessions.len() < view.total {
                    app.out.note(format!(
                        "{} of {} shown; `--all` shows more",
                        view.sessions.len(),
                        view.total
                    ));
                }
            }
        }
        Command::Show(one) => {
            let workspace = app.open()?;
            let view = SessionShow::run(&app.context(&workspace), SessionShowInput { session: one.session })?;
            if app.json() {
                app.out.json(&view);
            } else {
                let width = app.width();
                app.out.text(&session_table(std::slice::from_ref(&view.session), None, width));
                app.out.line(super::shown(&view.session.path));
                if let Some(text) = &view.description {
                    app.out.line(format!("\n{}", super::shown(text.trim())));
                }
                if !view.groups.is_empty() {
                    app.out.text(&format!("\n{}", group_table(&view.groups, width)));
                }
                if !view.decisions.is_empty() || !view.artifacts.is_empty() {
                    app.out.line("");
                }
                for decision in &view.decisions {
                    let first = decision.lines().next().unwrap_or_default();
                    app.out.line(format!("{} {}", paint(STRONG, "decision"), super::shown(first)));
                }
                for artifact in &view.artifacts {
                    let about = artifact.about.as_deref().or(artifact.kind.as_deref()).unwrap_or_default();
                    app.out.line(format!(
                        "{} {}  {}",
                        paint(STRONG, "artifact"),
                        super::shown(&artifact.path),
                        super::shown(about)
                    ));
                }
                show_history(app, &view.history);
                if !view.next.is_empty() {
                    app.out.line(format!("\n{}", paint(STRONG, "next")));
                    app.out.text(&task_table(&view.next, width));
                }
            }
        }
        Command::Set { what } => {
            let (plain, set) = task::split_words(what);
            if let Some(word) = plain.first() {
                return Err(OpError::new(ErrorCode::InvalidInput, format!("`{word}` sets nothing")).hint(
                    "write it as `plandown session set type=research`; name the session with `--session`",
                ));
            }
            let workspace = app.open()?;
            let input = SessionSetInput { session: None, set };
            let view = SessionSet::run(&app.context(&workspace), input)?;
            show_written(app, &view);
        }
        Command::Archive { session, export } => {
            let workspace = app.open()?;
            let input = SessionArchiveInput { session, export };
            let view = SessionArchive::run(&app.context(&workspace), input)?;
            show_written(app, &view);
        }
        Command::Restore(named) => {
            let workspace = app.open()?;
            let input = SessionArchiveInput { session: named.session, export: None };
            let view = SessionRestore::run(&app.context(&workspace), input)?;
            show_written(app, &view);
        }
        Command::Activate(named) => state(app, Some(named.session), "active", false, None)?,
        Command::Pause(end) => state(app, end.session, "paused", false, end.note)?,
        Command::Resume(one) => state(app, one.session, "active", false, None)?,
        Command::Complete(end) => state(app, end.session, "completed", end.force, end.note)?,
        Command::Cancel(end) => state(app, end.session, "cancelled", false, end.note)?,
        Command::Rename { session, name } => {
            let workspace = app.open()?;
            let view = SessionRename::run(&app.context(&workspace), SessionRenameInput { session, name })?;
            show_written(app, &view);
        }
        Command::RenameId { session, id } => {
            let workspace = app.open()?;
            let view = SessionRenameId::run(&app.context(&workspace), SessionRenameIdInput { session, id })?;
            show_written(app, &view);
        }
        Command::Delete { session, force } => {
            let workspace = app.open()?;
            let view = SessionDelete::run(&app.context(&workspace), SessionDeleteInput { session, force })?;
            show_written(app, &view);
        }
        Command::Edit(one) => return edit::session(app, one.session),
    }
    Ok(OK)
}

fn state(
    app: &mut App,
    session: Option<String>,
    status: &str,
    force: bool,
    note: Option<String>,
) -> Result<(), crate::ops::OpError> {
    let workspace = app.open()?;
    let input = SessionStateInput { session, status: status.to_owned(), force, note };
    let view = SessionSetState::run(&app.context(&workspace), input)?;
    show_written(app, &view);
    Ok(())
}

fn show_written(app: &mut App, view: &SessionWritten) {
    if app.json() {
        app.out.json(view);
        return;
    }
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
        return;
    }
    if let Some(session) = &view.session {
        app.out.line(format!(
            "{}  {}  {}",
            super::shown(&session.id),
            session.status,
            super::shown(&session.path)
        ));
    }
    for file in &view.exported {
        app.out.note(format!("exported {}", super::shown(file)));
    }
    if view.session.is_none() && view.changed {
        app.out.line(paint(STRONG, "removed"));
    }
    if let Some(backup) = &view.backup {
        app.out.note(format!("the way back: `plandown backup restore {}`", super::shown(backup)));
    }
    if let Some(paused) = &view.paused {
        app.out.note(format!("paused {}", super::shown(paused)));
    }
    if !view.changed {
        app.out.note("nothing to change");
    }
}

/// The last few things that happened, and how many there are.
fn show_history(app: &mut App, history: &HappenedView) {
    if history.is_empty() {
        return;
    }
    let word = |text: &Option<String>| super::shown(text.as_deref().unwrap_or("?")).into_owned();
    app.out.line(format!("\n{} {}", paint(STRONG, "history"), Count(history.interactions, "step")));
    for done in history.recent.iter().rev().take(3).rev() {
        let to = done.to.as_ref().map_or_else(String::new, |to| format!(" -> {}", super::shown(to)));
        let (at, by) = (word(&done.at), word(&done.by));
        app.out.line(format!("  {at}  {by}  {}{to}", super::shown(&done.action)));
    }
    if history.errors > 0 {
        app.out.line(format!("{} {}", paint(STRONG, "errors"), Count(history.errors, "refused write")));
    }
    for failed in history.failures.iter().rev().take(3).rev() {
        let (at, code) = (word(&failed.at), super::shown(&failed.code));
        app.out.line(format!("  {at}  {code}: {}", super::shown(&failed.message)));
    }
    let mut days: Vec<String> = Vec::new();
    let mut last = None;
    for metric in &history.metrics {
        let name = super::shown(&metric.name);
        let is_one = (metric.value - 1.0).abs() < f64::EPSILON;
        let name = if is_one { name.strip_suffix('s').unwrap_or(&name) } else { &name };
        let (day, fact) = (word(&metric.at), format!("{} {name}", metric.value));
        if last.as_ref() == Some(&day) {
            days.iter_mut().last().into_iter().for_each(|line| *line = format!("{line}, {fact}"));
        } else {
            days.push(format!("  {day}  {fact}"));
            last = Some(day);
        }
    }
    if !days.is_empty() {
        app.out.line(paint(STRONG, "activity"));
    }
    for day in days.iter().rev().take(3).rev() {
        app.out.line(day);
    }
}
