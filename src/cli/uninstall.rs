use crate::ops::uninstall;

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, WARN, paint};
use super::{Answer, OK, shown};

/// Remove what plandown added to the project, never a plan; lists it first, `--force` does it
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Really
    #[arg(long)]
    force: bool,
}

pub(super) fn run(app: &mut App, args: &Args) -> Answer {
    let mut workspace = app.open()?;
    let by = app.env.user().to_owned();
    let view = uninstall(&mut workspace, &by, app.globals.dry_run, args.force)?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let verb = if view.changed { "removed" } else { "would remove" };
    for path in &view.removes {
        app.out.line(format!("{} {}", paint(BAD, verb), shown(path)));
    }
    for path in &view.edits {
        app.out.line(format!("{} our lines in {}", paint(BAD, verb), shown(path)));
    }
    for key in &view.settings {
        app.out.line(format!("{} Git setting {}", paint(BAD, verb), shown(key)));
    }
    for path in &view.keeps {
        app.out.line(format!("{} {}", paint(GOOD, "keeps"), shown(path)));
    }
    if let Some(warning) = &view.warning {
        app.out.note(format!("{} Git was not asked: {}", paint(WARN, "warning"), shown(warning)));
    }
    if !view.changed {
        app.out.note(paint(FAINT, "nothing was removed; `--force` does it"));
    }
    Ok(OK)
}
