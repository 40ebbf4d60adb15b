use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Effect, OpError, Operation, SCHEMA, TaskView};

/// Finds tasks that have to do with one.
pub struct Related;

/// Which task.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelatedInput {
    /// Id, unique prefix or title
    pub task: String,
    /// At most so many; 10 unless told
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Related tasks, nearest first.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedView {
    /// Version of this shape.
    pub schema: u32,
    /// The others.
    pub results: Vec<RelatedTask>,
    /// How many.
    pub total: usize,
    /// The task that was asked about.
    pub task: TaskView,
}

/// A related task and why.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedTask {
    /// `related`, `dependency`, `dependent`, `similar`
    pub why: &'static str,
    /// The task.
    pub task: TaskView,
}

impl Operation for Related {
    const NAME: &'static str = "related";
    const EFFECT: Effect = Effect::Reads;
    type Input = RelatedInput;
    type Output = RelatedView;

    fn run(cx: &Context<'_>, input: RelatedInput) -> Result<RelatedView, OpError> {
        let row = cx.task(&input.task)?;
        let found = cx.workspace.index().related(&row, input.limit.unwrap_or(10))?;
        let results: Vec<RelatedTask> =
            found.iter().map(|(row, why)| RelatedTask { why, task: TaskView::from(row) }).collect();
        Ok(RelatedView { schema: SCHEMA, task: TaskView::from(&row), total: results.len(), results })
    }
}
