use clap::Subcommand;

use crate::ops::{BlockAdopt, BlockAdoptInput, BlockRegen, BlockRegenInput, BlockView, Operation};

use super::app::App;
use super::paint::{GOOD, paint};
use super::{Answer, OK, shown, write};

/// Generated blocks of a session file: adopt, regen
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Keep the text of a block as your own: its two marker lines go
    Adopt {
        /// overview, progress, metrics, board, next, changelog
        name: String,
    },
    /// Generate a block again that was edited by hand
    Regen {
        /// overview, progress, metrics, board, next, changelog
        name: String,
        /// Keep what was written by hand as plain text above it
        #[arg(long)]
        keep: bool,
    },
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let cx = app.context(&workspace);
    let (word, view) = match args.command {
        Command::Adopt { name } => ("adopted", BlockAdopt::run(&cx, BlockAdoptInput { name })?),
        Command::Regen { name, keep } => ("generated", BlockRegen::run(&cx, BlockRegenInput { name, keep })?),
    };
    show(app, word, &view);
    Ok(OK)
}

fn show(app: &mut App, word: &str, view: &BlockView) {
    if app.json() {
        app.out.json(view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else if view.changed {
        app.out.line(format!("{} {} in {}", paint(GOOD, word), shown(&view.name), shown(&view.session)));
    } else {
        app.out.note("the block says so already");
    }
}
