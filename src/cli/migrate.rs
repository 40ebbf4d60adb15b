use clap::Subcommand;

use crate::diagnostic::Count;
use crate::ops::{import_plans, migrate_rollback, migrate_verify};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, WARN, paint};
use super::{Answer, OK, import, shown};

/// Move from another tool in four steps: plan, apply, verify, rollback
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Say what would be imported, with counts and problems; write nothing
    Plan(import::What),
    /// Import it; everything or nothing, and every row is accounted for
    Apply {
        #[command(flatten)]
        what: import::What,
        /// Import what was imported before a second time
        #[arg(long)]
        again: bool,
    },
    /// Compare the latest import with its source, row by row; exit 1 where they differ
    Verify {
        /// Another import
        import: Option<String>,
    },
    /// Take the latest import back; refused where it was worked on since
    Rollback {
        /// Another import
        import: Option<String>,
    },
}

pub(super) fn run(app: &mut App, args: &Args) -> Answer {
    let workspace = app.open()?;
    let mut cx = app.context(&workspace);
    match &args.command {
        Command::Plan(what) => {
            cx.dry_run = true;
            let view = import_plans(&cx, &what.wanted(app)?, true)?;
            import::show(app, &view);
            Ok(OK)
        }
        Command::Apply { what, again } => {
            let view = import_plans(&cx, &what.wanted(app)?, *again)?;
            import::show(app, &view);
            Ok(OK)
        }
        Command::Verify { import } => {
            let view = migrate_verify(&cx, import.as_deref())?;
            if app.json() {
                app.out.json(&view);
                return Ok(u8::from(!view.equal));
            }
            for d in view.differences.iter().take(50) {
                app.out.line(format!(
                    "{} {}#{} {}: `{}` in the source, `{}` here",
                    paint(WARN, "differs"),
                    shown(&d.session),
                    shown(&d.place),
                    d.what,
                    shown(&d.source),
                    shown(&d.now)
                ));
            }
            for name in &view.missing {
                app.out.line(format!("{} {}", paint(BAD, "missing"), shown(name)));
            }
            for name in &view.changed_since {
                app.out.line(format!("{} {}", paint(FAINT, "worked on since"), shown(name)));
            }
            let verdict = if view.equal { paint(GOOD, "equal") } else { paint(BAD, "different") };
            app.out.line(format!(
                "{verdict}: {}, {}, {} of the source ({} kept aside)",
                Count(view.sessions, "session"),
                Count(view.tasks, "task"),
                Count(view.rows, "row"),
                view.aside
            ));
            Ok(u8::from(!view.equal))
        }
        Command::Rollback { import } => {
            let view = migrate_rollback(&cx, import.as_deref())?;
            if app.json() {
                app.out.json(&view);
                return Ok(OK);
            }
            let verb = if view.changed { "removed" } else { "would remove" };
            for path in &view.removed {
                app.out.line(format!("{} {}", paint(GOOD, verb), shown(path)));
            }
            app.out.note(format!("import {} of {}", view.import, shown(&view.source)));
            Ok(OK)
        }
    }
}
