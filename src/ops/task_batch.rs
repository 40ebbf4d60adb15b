use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::context::WriteView;
use super::{Context, Effect, OpError, Operation, SetInput, TaskSet};
use crate::workspace::Plan;

/// Changes many tasks of one session in one write: all or nothing.
pub struct TaskBatch;

/// The list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchInput {
    /// One entry a task
    pub updates: Vec<BatchUpdate>,
}

/// What is to be different about one task.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchUpdate {
    /// Id, unique prefix or title
    pub task: String,
    /// New state
    pub status: Option<String>,
    /// New title
    pub title: Option<String>,
    /// Fields by name
    pub set: Map<String, Value>,
    /// Names of fields to remove
    pub unset: Vec<String>,
    /// Complete although subtasks are open or dependencies are not done
    pub force: bool,
}

impl Operation for TaskBatch {
    const NAME: &'static str = "task_batch";
    const EFFECT: Effect = Effect::Writes;
    type Input = BatchInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: BatchInput) -> Result<WriteView, OpError> {
        let words: Vec<String> = input.updates.iter().map(|u| u.task.clone()).collect();
        let (directory, _) = super::tasks_of_one_session::tasks_of_one_session(cx, &words)?;
        let mut plans = Vec::with_capacity(input.updates.len());
        for update in input.updates {
            let set = SetInput {
                tasks: vec![update.task],
                title: update.title,
                status: update.status,
                set: update.set,
                unset: update.unset,
                force: update.force,
                ..SetInput::default()
            };
            plans.push(TaskSet::planner(cx, set)?);
        }
        cx.write_tasks(&directory, "task-batch", |snapshot| {
            let mut whole = Plan { changes: Vec::new(), output: Vec::new() };
            // Later entries are judged as if the earlier ones were done.
            let mut after = snapshot.lifted.session.clone();
            for planner in &plans {
                let plan = planner.plan(cx, &snapshot.lifted.session, &mut after)?;
                whole.changes.extend(plan.changes);
                whole.output.extend(plan.output);
            }
            Ok(whole)
        })
    }
}
