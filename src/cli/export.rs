use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use crate::ops::{EXPORT_FORMATS, ExportInput, export_plans};

use super::app::App;
use super::paint::{GOOD, WARN, paint};
use super::{Answer, OK, shown};

/// Write plans as one page, as a zip or in the format of another tool, and say what is left out
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// json (everything), markdown, html (one page), zip (every file), todo.txt, backlog, taskwarrior
    #[arg(long, value_name = "FORMAT", default_value = "json", hide_possible_values = true,
          value_parser = PossibleValuesParser::new(EXPORT_FORMATS))]
    format: String,
    /// All sessions instead of the selected one
    #[arg(long)]
    all: bool,
    /// File or folder; `-` is standard output; `.task_orchestrator/exports` when left out
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Overwrite what is there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let to_stdout = args.out.as_ref().is_some_and(|p| p.as_os_str() == "-");
    let input = ExportInput {
        format: args.format,
        all: args.all,
        out: args.out.filter(|_| !to_stdout).map(|p| {
            // A trailing slash says that a folder is meant, and `join` keeps it.
            app.env.cwd().join(p)
        }),
        to_stdout,
        force: args.force,
    };
    let view = export_plans(&app.context(&workspace), &input)?;
    if let Some(text) = &view.text {
        // The text itself is asked for; what is missing in it goes to the side.
        app.out.text(text);
    } else if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let verb = if view.changed { "wrote" } else { "would write" };
    for path in &view.files {
        app.out.line(format!("{} {}", paint(GOOD, verb), shown(path)));
    }
    for lost in &view.lost {
        let line = format!(
            "{} {}: {} ({}) has no place in {}",
            paint(WARN, "left out"),
            shown(&lost.session),
            lost.what,
            lost.count,
            view.format
        );
        app.out.note(line);
    }
    Ok(OK)
}
