use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::ops::{
    DriverInput, ErrorCode, GitInstall, GitInstallInput, GitInstallView, GitResolve, GitResolveInput,
    GitUninstall, GitUninstallInput, OpError, Operation, merge_driver, textconv,
};

use super::app::App;
use super::paint::{BAD, GOOD, paint};
use super::{Answer, OK, shown, write};

/// Git: merge plans by task instead of by line, and show readable differences
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Declare the merge driver in .gitattributes and set it up in this clone
    Install {
        /// Also check staged plans before every commit
        #[arg(long)]
        hooks: bool,
    },
    /// Take back what `install` did
    Uninstall,
    /// Finish merges that left conflict markers: by task, from Git's three versions
    Resolve {
        /// Sessions by id or directory, or paths of their files; all when left out
        paths: Vec<String>,
    },
    /// Called by Git: %O %A %B %L %P %S %X %Y
    #[command(hide = true)]
    MergeDriver {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Called by Git: a plan with one line per task
    #[command(hide = true)]
    Textconv {
        /// The plan's file
        file: PathBuf,
    },
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        Command::Install { hooks } => {
            let workspace = app.open()?;
            let view = GitInstall::run(&app.context(&workspace), GitInstallInput { hooks })?;
            show(app, &view, "set");
            Ok(OK)
        }
        Command::Uninstall => {
            let workspace = app.open()?;
            let view = GitUninstall::run(&app.context(&workspace), GitUninstallInput {})?;
            show(app, &view, "unset");
            Ok(OK)
        }
        Command::Resolve { paths } => resolve(app, paths),
        Command::MergeDriver { args } => driver(app, &args),
        Command::Textconv { file } => {
            let text = textconv(&app.env.cwd().join(file))?;
            app.out.text(&text);
            Ok(OK)
        }
    }
}

fn show(app: &mut App, view: &GitInstallView, done: &str) {
    if app.json() {
        app.out.json(view);
        return;
    }
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else {
        for file in &view.files {
            app.out.line(format!("{} {}", paint(GOOD, "written"), shown(file)));
        }
    }
    for key in &view.settings {
        app.out.line(format!("{} {key}", paint(GOOD, done)));
    }
    if let Some(warning) = &view.warning {
        write::warn(app, warning);
    }
    if view.files.is_empty() && view.settings.is_empty() {
        app.out.note("nothing to do");
    }
}

fn resolve(app: &mut App, paths: Vec<String>) -> Answer {
    let workspace = app.open()?;
    let view = GitResolve::run(&app.context(&workspace), GitResolveInput { paths })?;
    let code = u8::from(view.open > 0);
    if app.json() {
        app.out.json(&view);
        return Ok(code);
    }
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
        return Ok(code);
    }
    for file in &view.files {
        let style = if file.conflicts.is_empty() { GOOD } else { BAD };
        app.out.line(format!("{} {}", paint(style, file.state), shown(&file.path)));
        for line in file.conflicts.iter().chain(&file.remarks) {
            app.out.line(format!("    {}", shown(line)));
        }
    }
    if view.files.is_empty() {
        app.out.note("no plan holds conflict markers or waits for a merge");
    }
    Ok(code)
}

/// Git says what it knows by place; a sign that an older Git does not know stays as it is.
fn driver(app: &mut App, args: &[OsString]) -> Answer {
    let [base, ours, theirs, rest @ ..] = args else {
        return Err(OpError::new(ErrorCode::InvalidInput, "the merge driver needs three files")
            .hint("run `plandown git install` and let Git call it"));
    };
    let words: Vec<String> = rest.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let word = |n: usize| words.get(n).map(String::as_str).filter(|w| !w.is_empty() && !w.starts_with('%'));
    let full = |path: &OsString| app.env.cwd().join(Path::new(path));
    let (base, ours, theirs) = (full(base), full(ours), full(theirs));
    let input = DriverInput {
        base: &base,
        ours: &ours,
        theirs: &theirs,
        marker_size: word(0).and_then(|n| n.parse().ok()).filter(|n| (1..=1000).contains(n)).unwrap_or(7),
        path: word(1),
        labels: [word(2), word(3), word(4)],
    };
    let view = merge_driver(&input);
    for remark in &view.remarks {
        app.out.note(format!("plandown: {}", shown(remark)));
    }
    Ok(u8::from(!view.clean))
}
