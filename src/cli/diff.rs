use crate::diagnostic::Count;
use crate::ops::{Diff, DiffInput, DiffView, Operation};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, STRONG, WARN, paint};
use super::{Answer, OK, shown};

/// Show what changed in plans, task by task: against the last commit unless told
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// REV (against the files), A..B, or A...B
    revision: Option<String>,
    /// What is staged instead of the files
    #[arg(long, visible_alias = "cached")]
    staged: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let input = DiffInput { revision: args.revision, staged: args.staged };
    let view = Diff::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
    } else {
        show(app, &view);
    }
    Ok(OK)
}

fn show(app: &mut App, view: &DiffView) {
    for session in &view.sessions {
        let state = match session.state {
            "layout" => "only the layout differs".to_owned(),
            "changed" => Count(session.changes.len(), "change").to_string(),
            word => word.to_owned(),
        };
        app.out.line(format!(
            "{} {}",
            paint(STRONG, &shown(&session.name)),
            paint(FAINT, &format!("{} · {state}", shown(&session.path)))
        ));
        for change in &session.changes {
            let line = change.line();
            let style = match line.chars().next() {
                Some('+') => GOOD,
                Some('-') => BAD,
                _ => WARN,
            };
            app.out.line(format!("  {}", paint(style, &shown(&line))));
        }
    }
    if view.sessions.is_empty() {
        app.out.note(format!("no plan differs between {} and {}", shown(&view.from), shown(&view.to)));
    }
}
