use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::TaskStatus;
use crate::workspace::Plan;

use super::context::{WriteView, locate, row_id};
use super::lifecycle::{StatusRequest, plan_status};
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Brings tasks into another state.
pub struct TaskSetStatus;

/// Which tasks, and which state.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusInput {
    /// Ids, unique prefixes or titles; all in one session
    pub tasks: Vec<String>,
    /// `pending|in_progress|blocked|in_review|on_hold|failed|completed|cancelled`
    pub status: String,
    /// Complete although subtasks are open or dependencies are not done
    #[serde(default)]
    pub force: bool,
    /// Why: added to the task's description
    #[serde(default)]
    pub reason: Option<String>,
}

impl Operation for TaskSetStatus {
    const NAME: &'static str = "task_set_status";
    const EFFECT: Effect = Effect::Writes;
    type Input = StatusInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: StatusInput) -> Result<WriteView, OpError> {
        let to = status(&input.status)?;
        let (directory, rows) = super::tasks_of_one_session::tasks_of_one_session(cx, &input.tasks)?;
        let date = cx.recorded_date();
        let foreign_done = |session: &str, id: &crate::model::TaskId| cx.is_done_elsewhere(session, id);
        cx.write_tasks(&directory, what(to), |snapshot| {
            let session = &snapshot.lifted.session;
            let mut plan = Plan { changes: Vec::new(), output: Vec::new() };
            // Later tasks are judged as if the earlier ones were done: a chain can be completed in one call.
            let mut after = session.clone();
            for row in &rows {
                let task = locate(session, row)?;
                let request = StatusRequest {
                    to,
                    force: input.force,
                    date: date.as_deref(),
                    foreign_done: &foreign_done,
                };
                plan.changes.extend(plan_status(&after, task, request)?);
                if let Some(reason) = input.reason.as_deref().filter(|r| !r.trim().is_empty()) {
                    let task = super::lifecycle::task_key(session, task);
                    plan.changes.push(crate::model::Change::AppendDescription {
                        task,
                        text: reason.trim().to_owned(),
                    });
                }
                after.tasks[task].status = to;
                plan.output.push(row_id(session, task));
            }
            Ok(plan)
        })
    }
}

/// Reads a state's word.
pub(super) fn status(word: &str) -> Result<TaskStatus, OpError> {
    TaskStatus::parse(word).ok_or_else(|| {
        let all: Vec<&str> = TaskStatus::ALL.iter().map(|s| s.key()).collect();
        OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no task state"))
            .hint(format!("use {}", crate::diagnostic::List(&all, "or")))
            .with("allowed", all)
    })
}

fn what(to: TaskStatus) -> &'static str {
    match to {
        TaskStatus::Pending => "task-reopen",
        TaskStatus::InProgress => "task-start",
        TaskStatus::Blocked => "task-block",
        TaskStatus::InReview => "task-review",
        TaskStatus::OnHold => "task-hold",
        TaskStatus::Failed => "task-fail",
        TaskStatus::Completed => "task-complete",
        TaskStatus::Cancelled => "task-cancel",
    }
}
