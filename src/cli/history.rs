use crate::diagnostic::Count;
use crate::ops::{
    CLEANUP_SCOPES, Cleanup, CleanupInput, History, HistoryInput, Operation, Redo, StepView, Undo, UndoInput,
    UndoView,
};

use super::app::App;
use super::paint::{FAINT, GOOD, LIVE, STRONG, paint};
use super::{Answer, OK, shown, write};

/// Show who changed what, newest first
#[derive(clap::Args, Debug)]
pub(super) struct LogArgs {
    /// At most so many
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<usize>,
    /// All of them, also on a terminal
    #[arg(long)]
    all: bool,
}

/// Undo the newest change of the session, hand edits too; what came after it stays
#[derive(clap::Args, Debug)]
pub(super) struct UndoArgs {
    /// How many changes
    #[arg(value_name = "N", default_value_t = 1)]
    steps: usize,
}

/// Take the newest undo back
#[derive(clap::Args, Debug)]
pub(super) struct RedoArgs {
    /// How many
    #[arg(value_name = "N", default_value_t = 1)]
    steps: usize,
}

/// Remove what is kept and not needed any more; only counts it without --apply
///
/// A backup of everything is taken first, and in it the histories (undo) of sessions that are long gone, with the
/// texts they name: `backup restore` brings them back. Views are made again by `sync`. Old versions past
/// what the settings keep (`retention.*`) are in no backup, or cleaning up would free nothing on a full disk:
/// `sync` removes them too, about once a day, and what is removed of them cannot be undone to any more.
#[derive(clap::Args, Debug)]
pub(super) struct CleanupArgs {
    /// Only this; all when left out
    #[arg(long, value_name = "SCOPE", value_parser = CLEANUP_SCOPES)]
    scope: Option<String>,
    /// Really
    #[arg(long)]
    apply: bool,
}

pub(super) fn log(app: &mut App, args: &LogArgs) -> Answer {
    let workspace = app.open()?;
    let limit = app.page(&workspace, args.limit, args.all);
    let view = History::run(&app.context(&workspace), HistoryInput { limit })?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    for step in &view.steps {
        line(app, step);
    }
    if view.steps.len() < view.total {
        app.out.note(format!("{} more: `plandown log --all`", view.total - view.steps.len()));
    }
    if view.total == 0 {
        app.out.note("nothing is recorded yet");
    }
    Ok(OK)
}

fn line(app: &mut App, step: &StepView) {
    let revision: String = step.revision.chars().take(12).collect();
    let mut text = format!(
        "{}  {}  {}  {}  {}",
        paint(LIVE, &revision),
        paint(FAINT, &shown(&step.at)),
        shown(&step.session),
        paint(STRONG, &shown(&step.what)),
        shown(&step.by),
    );
    if step.undone {
        text.push_str(&paint(FAINT, "  (undone)"));
    }
    app.out.line(text);
}

pub(super) fn undo(app: &mut App, args: &UndoArgs) -> Answer {
    let workspace = app.open()?;
    let view = Undo::run(&app.context(&workspace), UndoInput { steps: Some(args.steps) })?;
    show(app, "undone", &view)
}

pub(super) fn redo(app: &mut App, args: &RedoArgs) -> Answer {
    let workspace = app.open()?;
    let view = Redo::run(&app.context(&workspace), UndoInput { steps: Some(args.steps) })?;
    show(app, "redone", &view)
}

fn show(app: &mut App, word: &str, view: &UndoView) -> Answer {
    if app.json() {
        app.out.json(view);
        return Ok(OK);
    }
    if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
        return Ok(OK);
    }
    for step in &view.steps {
        app.out.line(format!("{} {} by {}", paint(GOOD, word), shown(&step.what), shown(&step.by)));
    }
    Ok(OK)
}

pub(super) fn cleanup(app: &mut App, args: CleanupArgs) -> Answer {
    let workspace = app.open()?;
    let input = CleanupInput { scope: args.scope, apply: args.apply };
    let view = Cleanup::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let verb = if view.applied { "removed" } else { "would remove" };
    app.out.line(format!("{verb} {} ({} bytes)", Count(view.snapshots, "old version"), view.bytes));
    if view.logs > 0 {
        app.out.line(format!("{verb} the older half of {}", Count(view.logs, "version log")));
    }
    if view.claims > 0 {
        app.out.line(format!("{verb} {}", Count(view.claims, "claim")));
    }
    for path in view.views.iter().chain(&view.histories).chain(&view.locks) {
        app.out.line(format!("{verb} {}", shown(path)));
    }
    if let Some(backup) = &view.backup {
        app.out.note(format!("backed up before as {}", shown(backup)));
    }
    if view.leftovers && !view.applied {
        app.out.line("an interrupted write waits to be recovered");
    }
    if !view.applied {
        app.out.note("nothing was changed: add `--apply`");
    }
    Ok(OK)
}
