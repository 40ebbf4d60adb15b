use clap::Subcommand;

use crate::ops::{
    ConflictList, ConflictListInput, ConflictResolve, ConflictResolveInput, ConflictShow, ConflictShowInput,
    ConflictView, Operation,
};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, STRONG, paint};
use super::{Answer, OK, shown, write};

/// Conflicts: list, show, resolve, reapply
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List what is open
    List {
        /// What was resolved too
        #[arg(long)]
        all: bool,
    },
    /// Show one, with all its texts
    Show {
        /// Its id, or a unique beginning or end of it
        id: String,
    },
    /// Decide one: an ordinary change that can be undone
    Resolve {
        /// Its id, or a unique beginning or end of it
        id: String,
        /// ours (the tool's change), theirs (what was in the file), both, base
        #[arg(long, value_name = "SIDE", conflicts_with_all = ["text", "edit"])]
        take: Option<String>,
        /// This value or text; `-` reads standard input
        #[arg(long, value_name = "TEXT", conflicts_with = "edit")]
        text: Option<String>,
        /// Write the text in the editor
        #[arg(long)]
        edit: bool,
    },
    /// Make the tool's change of a conflict again, also of one that was decided
    Reapply {
        /// Its id, or a unique beginning or end of it
        id: String,
    },
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command.unwrap_or(Command::List { all: false }) {
        Command::List { all } => list(app, all),
        Command::Show { id } => show(app, id),
        Command::Resolve { id, take, text, edit } => {
            let text = if edit {
                let workspace = app.open()?;
                let input = ConflictShowInput { id: id.clone() };
                let conflict = ConflictShow::run(&app.context(&workspace), input)?.conflict;
                let start = conflict.theirs.or(conflict.ours).unwrap_or_default();
                Some(app.text_or_editor(None, &start)?)
            } else {
                text.map(|text| app.text(text)).transpose()?
            };
            resolve(app, ConflictResolveInput { id, take, text, reapply: false })
        }
        Command::Reapply { id } => {
            resolve(app, ConflictResolveInput { id, reapply: true, ..ConflictResolveInput::default() })
        }
    }
}

fn list(app: &mut App, all: bool) -> Answer {
    let workspace = app.open()?;
    let view = ConflictList::run(&app.context(&workspace), ConflictListInput { all })?;
    if app.json() {
        app.out.json(&view);
    } else {
        for conflict in &view.conflicts {
            line(app, conflict);
        }
        if view.conflicts.is_empty() {
            app.out.note("no conflict is open");
        }
    }
    Ok(u8::from(view.open > 0))
}

fn line(app: &mut App, c: &ConflictView) {
    let state = if c.status == "open" { paint(BAD, "open    ") } else { paint(GOOD, "resolved") };
    let about = format!("{}  {} ({})", shown(&c.subject), paint(FAINT, &shown(&c.session)), c.kind);
    app.out.line(format!("{state}  {}  {about}", paint(STRONG, &c.id)));
    for (side, text) in [("ours", &c.ours), ("theirs", &c.theirs)] {
        let first = text.as_deref().and_then(|t| t.lines().find(|l| !l.trim().is_empty()));
        if let Some(first) = first {
            let mark = if c.kept == side { "in the file" } else { "waits" };
            app.out.line(format!("          {side:<6} {} {}", shown(first.trim()), paint(FAINT, mark)));
        }
    }
}

fn show(app: &mut App, id: String) -> Answer {
    let workspace = app.open()?;
    let view = ConflictShow::run(&app.context(&workspace), ConflictShowInput { id })?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let c = &view.conflict;
    line(app, c);
    for (side, by, text) in [
        ("base", "", &c.base),
        ("ours", c.ours_by.as_str(), &c.ours),
        ("theirs", c.theirs_by.as_str(), &c.theirs),
    ] {
        let Some(text) = text else { continue };
        app.out.line(format!("\n{} {}", paint(STRONG, side), paint(FAINT, &shown(by))));
        for line in text.lines() {
            app.out.line(format!("  {}", shown(line)));
        }
    }
    if let Some(diff) = &c.diff {
        app.out.line(format!("\n{}", paint(STRONG, "what ours would change")));
        write::show_diff(app, diff);
    }
    Ok(OK)
}

fn resolve(app: &mut App, input: ConflictResolveInput) -> Answer {
    let workspace = app.open()?;
    let view = ConflictResolve::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else {
        line(app, &view.conflict);
        if !view.changed {
            app.out.note("the file says so already");
        }
    }
    Ok(OK)
}
