use clap::ValueEnum;

use crate::diagnostic::{Count, render};
use crate::ops::{Check, CheckInput, CheckView, Operation};

use super::app::App;
use super::paint::{FAINT, GOOD, WARN, paint};
use super::{Answer, shown, write};

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Format {
    /// With the lines they are about
    #[default]
    Text,
    /// One JSON document
    Json,
    /// GitHub workflow commands
    Github,
    /// SARIF 2.1.0
    Sarif,
}

/// Look for what is wrong in plans, and mend it when asked
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Sessions by id or directory, or paths of their files; all when left out
    paths: Vec<String>,
    /// What is staged in Git instead of the files, and only what a commit would change
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes"])]
    staged: bool,
    /// Apply safe fixes
    #[arg(long)]
    fix: bool,
    /// Apply unsafe fixes too: look at the result
    #[arg(long)]
    unsafe_fixes: bool,
    /// How to print findings
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Only these codes
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    code: Vec<String>,
    /// Show hints and infos too
    #[arg(long)]
    all: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let format = if app.json() { Format::Json } else { args.format };
    let input = CheckInput {
        paths: args.paths,
        staged: args.staged,
        fix: args.fix,
        unsafe_fixes: args.unsafe_fixes,
        warnings_only: format == Format::Text && !args.all && args.code.is_empty(),
        codes: args.code,
    };
    let view = Check::run(&app.context(&workspace), input)?;
    match format {
        Format::Json => app.out.json(&view),
        Format::Github => app.out.text(&shown(&view.github())),
        Format::Sarif => app.out.json(&view.sarif()),
        Format::Text => show_text(app, &view),
    }
    Ok(u8::from(view.failing > 0))
}

/// Prints findings with the lines they are about, and a summary.
pub(super) fn show_text(app: &mut App, view: &CheckView) {
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
        return;
    }
    for fix in &view.fixed {
        let place = format!("{}:{}", shown(&fix.path), fix.line);
        match &fix.refused {
            None => {
                app.out.line(format!("{} {} {place}: {}", paint(GOOD, "fixed"), fix.code, shown(&fix.title)));
            }
            Some(why) => app.out.line(format!(
                "{} {} {place}: {} ({})",
                paint(WARN, "kept"),
                fix.code,
                shown(&fix.title),
                shown(why)
            )),
        }
    }
    let color = app.out.color();
    for file in &view.sources {
        let text = render(&file.path, &file.text.text(), &file.findings, color);
        app.out.text(&text);
        if !text.ends_with('\n') {
            app.out.line("");
        }
    }
    let checked = Count(view.files, "file");
    let light = match view.left_out {
        0 => String::new(),
        n => format!(" ({} with `--all`)", Count(n, "hint")),
    };
    app.out.note(match view.failing {
        0 => paint(FAINT, &format!("{checked} checked, nothing to mend{light}")),
        n => format!("{checked} checked, {}{light}; `plandown explain CODE` says more", Count(n, "finding")),
    });
}
