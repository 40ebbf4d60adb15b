use std::path::PathBuf;

use clap::ValueEnum;

use crate::diagnostic::Count;
use crate::ops::{
    Deps, DepsInput, DepsView, Doctor, DoctorInput, InitInput, Operation, init as ops_init,
    reindex as ops_reindex, settings,
};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, STRONG, WARN, checkbox, paint};
use super::{Answer, OK, shown, write};

/// Make a workspace here (or at the top of the project); never overwrites anything
#[derive(clap::Args, Debug)]
pub(super) struct InitArgs {
    /// Also make a first session of this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its role configuration
    #[arg(long, value_name = "FILE", requires = "name")]
    mode: Option<String>,
    /// Write no .gitignore
    #[arg(long)]
    no_git: bool,
}

pub(super) fn init(app: &mut App, args: InitArgs) -> Answer {
    let dry_run = app.globals.dry_run;
    let input = InitInput { name: args.name, mode: args.mode, no_git: args.no_git, dry_run };
    let view = ops_init(&app.env, app.globals.root.as_deref(), &input)?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    for path in &view.created {
        let verb = if dry_run { "would create" } else { "created" };
        app.out.line(format!("{} {}", paint(GOOD, verb), shown(path)));
    }
    if let Some(session) = &view.session {
        app.out.line(format!("{} {}", paint(GOOD, "session"), shown(&session.path)));
    }
    if !view.changed {
        app.out.note(format!("{} is a workspace already", shown(&view.root)));
    } else if view.session.is_none() && !dry_run {
        app.out.note("next: `plandown session create NAME`");
    }
    Ok(OK)
}

/// Bring the index up to date with the files, which are never touched
#[derive(clap::Args, Debug)]
pub(super) struct ReindexArgs {
    /// Compare the index with one built anew; exit 1 where they differ
    #[arg(long, conflicts_with = "from_scratch")]
    check: bool,
    /// Throw the index away and build it anew
    #[arg(long)]
    from_scratch: bool,
}

pub(super) fn reindex(app: &mut App, args: &ReindexArgs) -> Answer {
    let mut workspace = if args.from_scratch { app.open_to_rebuild()? } else { app.open()? };
    let view = if args.check {
        ops_reindex::compare(&workspace)?
    } else if args.from_scratch {
        ops_reindex::from_scratch(&mut workspace)?
    } else {
        ops_reindex::incremental(&workspace)?
    };
    if app.json() {
        app.out.json(&view);
    } else if args.check {
        app.out.note("the index equals a rebuild");
    } else {
        app.out.note(format!("{}, {} written", Count(view.sessions, "session"), view.changed));
    }
    Ok(OK)
}

/// How a dependency map is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Format {
    /// Indented lines
    #[default]
    Tree,
    /// Graphviz
    Dot,
    /// Mermaid flow chart
    Mermaid,
    /// One JSON document
    Json,
}

/// Show what waits for what, cycles, and the critical path
#[derive(clap::Args, Debug)]
pub(super) struct DepsArgs {
    /// How to print it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Only what this task waits for, directly or not
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    /// Only the critical path
    #[arg(long)]
    critical: bool,
}

pub(super) fn deps(app: &mut App, args: DepsArgs) -> Answer {
    let workspace = app.open()?;
    let view = Deps::run(&app.context(&workspace), DepsInput { task: args.task })?;
    let format = if app.json() { Format::Json } else { args.format };
    match format {
        Format::Json => app.out.json(&view),
        Format::Dot => app.out.text(&view.dot()),
        Format::Mermaid => app.out.text(&view.mermaid()),
        Format::Tree if args.critical => {
            for id in &view.critical_path {
                app.out.line(node_line(&view, id));
            }
        }
        Format::Tree => print_tree(app, &view),
    }
    Ok(OK)
}

fn node_line(view: &DepsView, id: &str) -> String {
    match view.nodes.iter().find(|n| n.id == id) {
        Some(node) => format!("{}  {} {}", shown(&node.id), checkbox(&node.status), shown(&node.title)),
        None => shown(id).into_owned(),
    }
}

/// Tasks nobody waits for at the top, below each what it waits for; a task is spelled out once.
fn print_tree(app: &mut App, view: &DepsView) {
    let waited_for: std::collections::HashSet<&str> = view.edges.iter().map(|e| e.to.as_str()).collect();
    let mut spelled = std::collections::HashSet::new();
    let tops = view.nodes.iter().filter(|n| !waited_for.contains(n.id.as_str()));
    let in_rings = view.cycles.iter().filter_map(|ring| ring.first());
    let roots: Vec<&str> = tops.map(|n| n.id.as_str()).chain(in_rings.map(String::as_str)).collect();
    for root in roots {
        let mut todo = vec![(root, 0_usize, "")];
        while let Some((id, depth, state)) = todo.pop() {
            let known = view.nodes.iter().any(|n| n.id == id);
            let again = !spelled.insert(id);
            let note = match state {
                "unknown" => paint(BAD, "  not found"),
                "ambiguous" => paint(BAD, "  ambiguous"),
                "foreign" => paint(WARN, "  in another session"),
                _ if again && known && view.edges.iter().any(|e| e.from == id) => {
                    paint(FAINT, "  (see above)")
                }
                _ => String::new(),
            };
            app.out.line(format!("{}{}{note}", "  ".repeat(depth.min(40)), node_line(view, id)));
            if !again {
                let below: Vec<_> = view.edges.iter().filter(|e| e.from == id).collect();
                todo.extend(below.iter().rev().map(|e| (e.to.as_str(), depth + 1, e.state)));
            }
        }
    }
    for ring in &view.cycles {
        app.out.line(format!("{} {}", paint(BAD, "cycle"), shown(&ring.join(" → "))));
    }
    if !view.critical_path.is_empty() && !view.edges.is_empty() {
        app.out.line(format!(
            "{} {}",
            paint(STRONG, "critical path"),
            shown(&view.critical_path.join(" → "))
        ));
    }
    if view.edges.is_empty() {
        app.out.note("no task waits for another");
    }
}

/// Look after the tool's own state: permissions, index, leftovers
#[derive(clap::Args, Debug)]
pub(super) struct DoctorArgs {
    /// Mend what can be mended
    #[arg(long)]
    fix: bool,
}

pub(super) fn doctor(app: &mut App, args: &DoctorArgs) -> Answer {
    let workspace = app.open()?;
    let view = Doctor::run(&app.context(&workspace), DoctorInput { fix: args.fix })?;
    if app.json() {
        app.out.json(&view);
        return Ok(u8::from(!view.healthy));
    }
    for row in &view.checks {
        let style = match row.state {
            "ok" | "fixed" => GOOD,
            "warning" => WARN,
            _ => BAD,
        };
        app.out.line(format!(
            "{}  {:<12} {}",
            paint(style, &format!("{:<7}", row.state)),
            row.what,
            shown(&row.message)
        ));
        if let Some(hint) = &row.hint {
            app.out.line(format!("                      {}", shown(hint)));
        }
    }
    Ok(u8::from(!view.healthy))
}

/// Show and change settings
#[derive(clap::Args, Debug)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(clap::Subcommand, Debug)]
enum ConfigCommand {
    /// List every setting with its value, default and meaning
    Show,
    /// Print the value of a setting
    Get {
        /// Its key
        key: String,
    },
    /// Change a setting in .`task_orchestrator/config.yaml`, and nothing else there
    Set {
        /// Its key
        key: String,
        /// Its new value
        value: String,
    },
}

pub(super) fn config(app: &mut App, args: &ConfigArgs) -> Answer {
    let workspace = app.open()?;
    let cx = app.context(&workspace);
    match &args.command {
        ConfigCommand::Show => {
            let view = settings::show(&cx);
            if app.json() {
                app.out.json(&view);
                return Ok(OK);
            }
            for row in &view.settings {
                let changed = if row.value == row.default {
                    String::new()
                } else {
                    format!(" (default {})", row.default)
                };
                app.out.line(format!(
                    "{}: {}{}",
                    row.key,
                    paint(STRONG, &shown(&row.value)),
                    shown(&changed)
                ));
                app.out.line(format!("    {}", paint(FAINT, &row.doc)));
            }
        }
        ConfigCommand::Get { key } => {
            let value = settings::get(&cx, key)?;
            if app.json() {
                app.out
                    .json(&serde_json::json!({ "schema": crate::ops::SCHEMA, "key": key, "value": value }));
            } else {
                app.out.line(shown(&value));
            }
        }
        ConfigCommand::Set { key, value } => {
            let view = settings::set(&cx, key, value)?;
            if app.json() {
                app.out.json(&view);
            } else if let Some(diff) = &view.diff {
                write::show_diff(app, diff);
            } else {
                app.out.note(format!("{key}: {}", shown(value)));
            }
        }
    }
    Ok(OK)
}

/// Print a completion script
#[derive(clap::Args, Debug)]
pub(super) struct CompletionsArgs {
    /// bash, zsh, fish, powershell, elvish
    shell: clap_complete::Shell,
}

pub(super) fn completions(app: &mut App, args: &CompletionsArgs) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::tree::command(), "plandown", &mut script);
    app.out.text(&String::from_utf8_lossy(&script));
    Ok(OK)
}

/// Print the manual page, or write one for every command
#[derive(clap::Args, Debug)]
pub(super) struct ManArgs {
    /// Write plandown.1, plandown-list.1, … into this directory
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
}

pub(super) fn man(app: &mut App, args: &ManArgs) -> Answer {
    let render = |command: clap::Command| -> Vec<u8> {
        let mut page = Vec::new();
        // Writing into memory cannot fail.
        let _ = clap_mangen::Man::new(command).render(&mut page);
        page
    };
    let Some(dir) = &args.out_dir else {
        app.out.text(&String::from_utf8_lossy(&render(super::tree::command())));
        return Ok(OK);
    };
    let mut todo = vec![("plandown".to_owned(), super::tree::command())];
    let mut pages = Vec::new();
    while let Some((name, command)) = todo.pop() {
        for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
            todo.push((format!("{name}-{}", sub.get_name()), sub.clone()));
        }
        pages.push((format!("{name}.1"), render(command.name(name))));
    }
    if app.globals.dry_run {
        pages.iter().for_each(|(name, _)| app.out.line(format!("would create {}", dir.join(name).display())));
        return Ok(OK);
    }
    crate::workspace::write_pages(&app.env.cwd().join(dir), &pages)?;
    app.out.note(format!("{} written", Count(pages.len(), "page")));
    Ok(OK)
}
