use clap::Subcommand;

use crate::ops::{ClaimAction, ClaimInput, ClaimedView, Operation, TaskClaim};

use super::app::App;
use super::paint::{FAINT, GOOD, paint};
use super::tasks::one_line;
use super::{Answer, OK, shown, write};

/// Take a task, so that nobody else gets it; `claim heartbeat TASK` keeps a claim alive
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    one: One,
    /// Take it from whoever holds it
    #[arg(long)]
    force: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Say that work on a claimed task goes on
    Heartbeat(One),
}

#[derive(clap::Args, Debug)]
struct One {
    /// Id, unique prefix or title
    #[arg(required = true)]
    task: Option<String>,
    /// Who works on it; the user unless told
    #[arg(long = "as", value_name = "NAME")]
    holder: Option<String>,
    /// How long the claim lasts without a heartbeat: 90m, 2h
    #[arg(long, value_name = "TIME")]
    ttl: Option<String>,
}

/// Give a claimed task back
#[derive(clap::Args, Debug)]
pub(super) struct ReleaseArgs {
    /// Id, unique prefix or title
    task: String,
    /// Who works on it; the user unless told
    #[arg(long = "as", value_name = "NAME")]
    holder: Option<String>,
    /// Release what another holds
    #[arg(long)]
    force: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let (one, action) = match args.command {
        Some(Command::Heartbeat(one)) => (one, ClaimAction::Heartbeat),
        None => (args.one, ClaimAction::Claim),
    };
    let task = one.task.unwrap_or_default();
    act(app, ClaimInput { task, action, holder: one.holder, ttl: one.ttl, force: args.force })
}

pub(super) fn release(app: &mut App, args: ReleaseArgs) -> Answer {
    let input = ClaimInput {
        task: args.task,
        action: ClaimAction::Release,
        holder: args.holder,
        ttl: None,
        force: args.force,
    };
    act(app, input)
}

fn act(app: &mut App, input: ClaimInput) -> Answer {
    let workspace = app.open()?;
    let view = TaskClaim::run(&app.context(&workspace), input)?;
    show(app, &view);
    Ok(OK)
}

/// Prints a task and who holds it.
pub(super) fn show(app: &mut App, view: &ClaimedView) {
    if app.json() {
        app.out.json(view);
        return;
    }
    for task in &view.tasks {
        app.out.line(one_line(task));
    }
    let dry_run = app.globals.dry_run && view.changed;
    match &view.claim {
        Some(claim) => app.out.line(format!(
            "    {} {} {}",
            paint(GOOD, if dry_run { "would be claimed by" } else { "claimed by" }),
            shown(&claim.holder),
            paint(FAINT, &format!("until {}", claim.expires))
        )),
        None if dry_run => app.out.note("would be released"),
        None if view.changed => app.out.note("released"),
        None => app.out.note("nobody held it"),
    }
    if let Some(warning) = &view.warning {
        write::warn(app, warning);
    }
}
