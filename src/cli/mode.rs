use clap::{Subcommand, ValueEnum};

use crate::diagnostic::{Count, render};
use crate::ops::{
    ErrorCode, FileFindings, ModeBackupCreate, ModeBackupInput, ModeBackupsView, ModeCreate, ModeCreateInput,
    ModeDetail, ModeList, ModeListInput, ModeRestore, ModeRestoreInput, ModeSelect, ModeSelectInput,
    ModeShow, ModeShowInput, ModeUpdate, ModeUpdateInput, ModeValidate, ModeValidateInput, NewRoleInput,
    OpError, Operation, TakeMode, mode_backups,
};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, STRONG, WARN, paint};
use super::table::{Cell, Table};
use super::{Answer, OK, shown, write};

/// Modes, the role configurations that sessions work by: list, show, select, validate, create, backup, restore, update
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the modes that a session can work by; `*` marks the session's own
    List,
    /// Show a mode: roles, routing rules, findings; or what one role is told
    Show {
        /// File name, with or without ending; the session's when left out
        mode: Option<String>,
        /// Print what this role is told, and nothing else
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
    },
    /// Let the session work by a mode from now on
    Select {
        /// File name, with or without ending
        mode: String,
    },
    /// Look for what is wrong in modes; exit 1 where one is broken
    Validate {
        /// File names; all of the workspace when left out
        modes: Vec<String>,
        /// Bring broken ones back: from the newest good copy, else as shipped
        #[arg(long)]
        repair: bool,
    },
    Create(Create),
    /// Keep a copy of modes in `.task_orchestrator/backups`
    Backup {
        /// File names; the session's mode when left out
        modes: Vec<String>,
        /// Every mode of the workspace
        #[arg(long, conflicts_with = "modes")]
        all: bool,
    },
    /// Bring a mode back from a copy; what is there is kept as a copy first
    Restore {
        /// File name; the session's mode when left out
        mode: Option<String>,
        /// A copy's file name, or `shipped`; the newest good copy when left out
        #[arg(long, value_name = "COPY")]
        from: Option<String>,
        /// Let the session work by it afterwards
        #[arg(long)]
        select: bool,
        /// List the copies instead
        #[arg(long, conflicts_with_all = ["from", "select"])]
        list: bool,
    },
    /// Take in what has changed in the shipped modes since they were copied here
    Update {
        /// File names; all that ship when left out
        modes: Vec<String>,
        /// How to bring both together
        #[arg(long, value_enum, default_value_t, value_name = "HOW")]
        take: Take,
    },
}

/// Make a mode out of another one
#[derive(clap::Args, Debug)]
struct Create {
    /// Its name; the file is called like it
    name: String,
    /// The mode it is made of; the default roles when left out
    #[arg(long, value_name = "MODE")]
    from: Option<String>,
    /// One sentence about it
    #[arg(long, short, value_name = "TEXT")]
    description: Option<String>,
    /// A role on top, and what it is told; may be given several times
    #[arg(long, value_name = "NAME=TEXT")]
    role: Vec<String>,
    /// Complexity of tasks that state none: simple, moderate, complex, `very_complex`
    #[arg(long, value_name = "WORD")]
    complexity: Option<String>,
    /// Whether new tasks get a specialist by the routing rules
    #[arg(long, value_name = "BOOL")]
    routing: Option<bool>,
    /// Deepest nesting of subtasks
    #[arg(long, value_name = "N")]
    depth: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Take {
    /// Both changes, line by line; nothing is written where they touch
    #[default]
    Merge,
    /// The shipped text; what is there is kept as a copy
    Shipped,
    /// What is there; it is not offered again
    Mine,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        Command::List => list(app),
        Command::Show { mode, role } => show(app, ModeShowInput { mode, role }),
        Command::Select { mode } => select(app, mode),
        Command::Validate { modes, repair } => validate(app, ModeValidateInput { modes, repair }),
        Command::Create(new) => create(app, new),
        Command::Backup { modes, all } => {
            let workspace = app.open()?;
            let view = ModeBackupCreate::run(&app.context(&workspace), ModeBackupInput { modes, all })?;
            let verb = if app.globals.dry_run { "would keep" } else { "kept" };
            show_backups(app, &view, verb);
            Ok(OK)
        }
        Command::Restore { mode, list: true, .. } => {
            let workspace = app.open()?;
            let view = mode_backups(&app.context(&workspace), mode.as_deref())?;
            show_backups(app, &view, "");
            Ok(OK)
        }
        Command::Restore { mode, from, select, .. } => {
            restore(app, ModeRestoreInput { mode, backup: from, select })
        }
        Command::Update { modes, take } => {
            let take = match take {
                Take::Merge => TakeMode::Merge,
                Take::Shipped => TakeMode::Shipped,
                Take::Mine => TakeMode::Mine,
            };
            update(app, ModeUpdateInput { modes, take })
        }
    }
}

fn list(app: &mut App) -> Answer {
    let workspace = app.open()?;
    let view = ModeList::run(&app.context(&workspace), ModeListInput::default())?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let mut table = Table::new(4, app.width());
    for mode in &view.modes {
        let style = match mode.state {
            "ok" => GOOD,
            "warnings" => WARN,
            _ => BAD,
        };
        let about = mode.description.as_deref().unwrap_or(&mode.title);
        table.row(vec![
            Cell::new(if mode.current { "*" } else { " " }),
            Cell::styled(&mode.mode, STRONG),
            Cell::styled(mode.state, style),
            Cell::new(Count(mode.specialists.len(), "specialist").to_string()),
            Cell::styled(format!("{}: {about}", mode.place), FAINT),
        ]);
    }
    app.out.text(&table.render());
    if let Some(why) = &view.fallback {
        app.out.note(format!("{}; `plandown mode show` says more", shown(why)));
    }
    if view.modes.iter().any(|m| m.update) {
        app.out.note("the program has newer texts of some: `plandown --dry-run mode update` shows them");
    }
    Ok(OK)
}

fn show(app: &mut App, input: ModeShowInput) -> Answer {
    let workspace = app.open()?;
    let view = ModeShow::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(prompt) = &view.prompt {
        app.out.text(&shown(prompt));
    } else {
        print_mode(app, &view);
    }
    Ok(OK)
}

fn print_mode(app: &mut App, view: &ModeDetail) {
    let mode = &view.mode;
    app.out.line(format!("{}  {}", paint(STRONG, &shown(&mode.title)), paint(FAINT, &shown(&mode.mode))));
    if let Some(text) = &mode.description {
        app.out.line(shown(text));
    }
    app.out.line(paint(FAINT, &shown(mode.path.as_deref().unwrap_or("in the program"))));
    let c = &view.configuration;
    app.out.line(format!(
        "\ncomplexity {} · new tasks {} · subtasks to depth {}",
        shown(c.default_complexity.as_deref().unwrap_or("not set")),
        if c.auto_task_routing { "are routed" } else { "are not routed" },
        c.max_subtask_depth
    ));
    if !view.routing.is_empty() {
        app.out.line(format!("\n{}", paint(STRONG, "routing")));
        let mut table = Table::new(2, app.width());
        for rule in &view.routing {
            let mut more = rule.keywords.join(", ");
            let mut add = |text: String| {
                more = if more.is_empty() { text } else { format!("{more} · {text}") };
            };
            if !rule.secondary_review.is_empty() {
                add(format!("review {}", rule.secondary_review.join(", ")));
            }
            if rule.complexity_boost != 0 {
                add(format!("complexity {:+}", rule.complexity_boost));
            }
            table.row(vec![
                Cell::new(&rule.class),
                Cell::styled(rule.specialist.as_deref().unwrap_or("-"), STRONG),
                Cell::styled(more, FAINT),
            ]);
        }
        app.out.text(&table.render());
    }
    app.out.line(format!("\n{}", paint(STRONG, "roles")));
    let mut table = Table::new(1, app.width());
    for role in &view.roles {
        table.row(vec![Cell::new(&role.name), Cell::styled(role.definition.trim(), FAINT)]);
    }
    app.out.text(&table.render());
    if !view.history.is_empty() {
        app.out.line(format!("\n{}", paint(STRONG, "history")));
        for step in &view.history {
            let from = step.from.as_deref().unwrap_or("-");
            let line = format!("{}  {from} → {}  {}", step.at, step.to, step.reason);
            app.out.line(shown(&line));
        }
    }
    if let Some(why) = &view.fallback {
        app.out.line(format!("\n{} {}; these roles stand in for it", paint(BAD, "fallback"), shown(why)));
    }
    print_findings(app, &view.sources);
}

/// Findings with the lines they are about.
pub(super) fn print_findings(app: &mut App, files: &[FileFindings]) {
    let color = app.out.color();
    for file in files.iter().filter(|f| !f.findings.is_empty()) {
        let text = render(&file.path, &file.text.text(), &file.findings, color);
        app.out.text(&text);
        if !text.ends_with('\n') {
            app.out.line("");
        }
    }
}

fn select(app: &mut App, mode: String) -> Answer {
    let workspace = app.open()?;
    let view = ModeSelect::run(&app.context(&workspace), ModeSelectInput { mode })?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else if view.changed {
        app.out.line(format!(
            "{} {} works by {} ({})",
            paint(GOOD, "selected"),
            shown(&view.session),
            shown(&view.mode),
            Count(view.specialists.len(), "specialist")
        ));
        if let Some(path) = &view.copied {
            app.out.note(format!("copied to {}", shown(path)));
        }
        if let Some(warning) = &view.warning {
            write::warn(app, warning);
        }
    } else {
        app.out.note(format!("{} works by {} already", shown(&view.session), shown(&view.mode)));
    }
    Ok(OK)
}

fn validate(app: &mut App, input: ModeValidateInput) -> Answer {
    let workspace = app.open()?;
    let view = ModeValidate::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
        return Ok(u8::from(view.broken > 0));
    }
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
        return Ok(u8::from(view.broken > 0));
    }
    print_findings(app, &view.sources);
    for mode in &view.modes {
        if let Some(from) = &mode.repaired {
            app.out.line(format!("{} {} from {}", paint(GOOD, "repaired"), shown(&mode.path), shown(from)));
        }
        if let Some(kept) = &mode.kept {
            app.out.note(format!("what was there is in {}", shown(kept)));
        }
        if let Some(hint) = &mode.hint {
            app.out.note(format!("{}: {}", shown(&mode.path), shown(hint)));
        }
    }
    let checked = Count(view.total, "mode");
    app.out.note(match view.broken {
        0 => format!("{checked} checked, all can be used"),
        n => format!("{checked} checked, {n} broken"),
    });
    Ok(u8::from(view.broken > 0))
}

fn create(app: &mut App, new: Create) -> Answer {
    let mut roles = Vec::new();
    for role in new.role {
        let Some((name, prompt)) = role.split_once('=') else {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{role}` is no role"))
                .hint("write it as `--role NAME=TEXT`"));
        };
        let (name, prompt) = (name.trim().to_owned(), prompt.to_owned());
        roles.push(NewRoleInput { name, prompt, description: None });
    }
    let input = ModeCreateInput {
        name: new.name,
        from: new.from,
        description: new.description,
        roles,
        default_complexity: new.complexity,
        auto_task_routing: new.routing,
        max_subtask_depth: new.depth,
    };
    let workspace = app.open()?;
    let view = ModeCreate::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else {
        let path = view.mode.path.as_deref().unwrap_or(&view.mode.mode);
        app.out.line(format!("{} {} from {}", paint(GOOD, "created"), shown(path), shown(&view.from)));
        app.out.note(format!("next: `plandown mode select {}`", shown(&view.mode.mode)));
    }
    Ok(OK)
}

fn show_backups(app: &mut App, view: &ModeBackupsView, verb: &str) {
    if app.json() {
        app.out.json(view);
        return;
    }
    for copy in &view.backups {
        let state = if copy.usable { "" } else { "  broken" };
        let verb = if verb.is_empty() { String::new() } else { format!("{} ", paint(GOOD, verb)) };
        app.out.line(format!("{verb}{}  {}{}", shown(&copy.path), shown(&copy.mode), paint(BAD, state)));
    }
    if view.backups.is_empty() {
        app.out.note(if verb.is_empty() { "no copies yet" } else { "the newest copy is the same already" });
    }
}

fn restore(app: &mut App, input: ModeRestoreInput) -> Answer {
    let workspace = app.open()?;
    let view = ModeRestore::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else if view.changed {
        app.out.line(format!("{} {} from {}", paint(GOOD, "restored"), shown(&view.path), shown(&view.from)));
        if let Some(kept) = &view.kept {
            app.out.note(format!("what was there is in {}", shown(kept)));
        }
        if let Some(session) = &view.session {
            app.out.note(format!("{} works by it", shown(session)));
        }
    } else {
        app.out.note(format!("{} says that already", shown(&view.path)));
    }
    Ok(OK)
}

fn update(app: &mut App, input: ModeUpdateInput) -> Answer {
    let workspace = app.open()?;
    let view = ModeUpdate::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
        return Ok(u8::from(view.conflicts > 0));
    }
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    }
    for mode in &view.modes {
        let style = match mode.state {
            "updated" | "merged" => GOOD,
            "conflict" => BAD,
            _ => FAINT,
        };
        if view.diff.is_none() || mode.state == "conflict" {
            app.out.line(format!("{}  {}", paint(style, &format!("{:<8}", mode.state)), shown(&mode.mode)));
        }
        if let Some(kept) = &mode.backup {
            app.out.note(format!("what was there is in {}", shown(kept)));
        }
        if let Some(hint) = &mode.hint {
            app.out.note(shown(hint));
        }
    }
    Ok(u8::from(view.conflicts > 0))
}
