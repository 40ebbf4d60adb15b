use crate::ops::{Operation, TaskSetStatus, TaskStatusInput};

use super::app::App;
use super::{Answer, OK, write};

/// Tasks to bring into another state
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Ids, unique prefixes or titles
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// Go ahead although subtasks are open or dependencies are not done
    #[arg(long)]
    force: bool,
    /// Why; added to the task's description
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Runs one of the verbs that set a state.
pub(super) fn run(app: &mut App, args: Args, status: &str) -> Answer {
    let workspace = app.open()?;
    let input = TaskStatusInput {
        tasks: args.tasks,
        status: status.to_owned(),
        force: args.force,
        reason: args.reason,
    };
    let view = TaskSetStatus::run(&app.context(&workspace), input)?;
    write::show(app, &view);
    Ok(OK)
}
