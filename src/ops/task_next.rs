use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{Order, Scope, TaskFilter};
use crate::model::TaskStatus;

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA, TaskView};

/// Finds what can be begun now, most urgent first.
pub struct TaskNext;

/// Whose work, and how much of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NextInput {
    /// Only work of this specialist
    pub specialist: Option<String>,
    /// At most so many; one unless told
    pub limit: Option<usize>,
    /// Every session instead of the selected one
    pub all_sessions: bool,
    /// Also say what stands in the way of the other open tasks
    pub explain: bool,
}

/// Ready tasks, and why others are not.
#[derive(Clone, Debug, Serialize)]
pub struct NextView {
    /// Version of this shape.
    pub schema: u32,
    /// Pending tasks nothing stands in the way of.
    pub tasks: Vec<TaskView>,
    /// How many there are in all.
    pub total: usize,
    /// Open tasks that wait, with what they wait for; only when asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<WaitingView>,
}

/// An open task that cannot be begun.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingView {
    /// The task.
    pub task: TaskView,
    /// One short reason each.
    pub reasons: Vec<String>,
}

impl Operation for TaskNext {
    const NAME: &'static str = "task_next";
    const EFFECT: Effect = Effect::Reads;
    type Input = NextInput;
    type Output = NextView;

    fn run(cx: &Context<'_>, input: NextInput) -> Result<NextView, OpError> {
        let filter = ready(cx, &input)?;
        let scope = filter.scope.clone();
        let (rows, total) = cx.workspace.index().tasks(&filter)?;
        let waiting = if input.explain { waiting(cx, scope, &input)? } else { Vec::new() };
        Ok(NextView { schema: SCHEMA, tasks: rows.iter().map(TaskView::from).collect(), total, waiting })
    }
}

/// Pending tasks that nothing stands in the way of, most urgent first.
pub(super) fn ready(cx: &Context<'_>, input: &NextInput) -> Result<TaskFilter, OpError> {
    Ok(TaskFilter {
        scope: if input.all_sessions { Scope::Open } else { cx.scope()? },
        specialist: input.specialist.clone(),
        statuses: vec![TaskStatus::Pending],
        ready: Some(true),
        order: Order::Urgency,
        limit: Some(input.limit.unwrap_or(1)),
        ..TaskFilter::default()
    })
}

fn waiting(cx: &Context<'_>, scope: Scope, input: &NextInput) -> Result<Vec<WaitingView>, OpError> {
    let filter = TaskFilter {
        scope,
        specialist: input.specialist.clone(),
        statuses: TaskStatus::ALL.into_iter().filter(|s| s.is_open()).collect(),
        ready: Some(false),
        order: Order::Urgency,
        limit: Some(50),
        ..TaskFilter::default()
    };
    let index = cx.workspace.index();
    let (rows, _) = index.tasks(&filter)?;
    let mut waiting = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut reasons: Vec<String> = row
            .blocked_by
            .iter()
            .map(|b| {
                let what = super::rows::blocker(b);
                match b.why {
                    crate::index::Why::Open => format!("waits for `{what}`"),
                    crate::index::Why::NoTask => format!("waits for `{what}`, which does not exist"),
                    crate::index::Why::NoSession => {
                        format!("waits for `{what}`, whose session does not exist")
                    }
                    crate::index::Why::Ambiguous => {
                        format!("waits for `{what}`, which several tasks are called")
                    }
                }
            })
            .collect();
        let below = TaskFilter {
            scope: Scope::session(row.directory.clone()),
            parent: Some(row.key.clone()),
            statuses: filter.statuses.clone(),
            limit: Some(1),
            ..TaskFilter::default()
        };
        let (_, open) = index.tasks(&below)?;
        if open > 0 {
            reasons.push(format!("{} open", crate::diagnostic::Count(open, "subtask")));
        }
        if !matches!(row.status.as_str(), "pending" | "in_progress") {
            reasons.push(row.status.replace('_', " "));
        }
        if reasons.is_empty() {
            reasons.push("a task above it cannot be begun".to_owned());
        }
        waiting.push(WaitingView { task: TaskView::from(row), reasons });
    }
    Ok(waiting)
}

/// The error of a command that was asked to fail when nothing is ready.
#[must_use]
pub fn nothing_ready() -> OpError {
    OpError::new(ErrorCode::NothingReady, "no task is ready").hint("run `plandown next --explain`")
}
