use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{Order, Scope, TaskFilter, TaskRow};
use crate::model::TaskStatus;

use super::mode_rules::{Rules, TaskRoute};
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
    /// What the session's mode says about those tasks; none where it is bound to no mode.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<TaskRoute>,
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
        let choice = Choice::of(cx, &input)?;
        let scope = choice.filter.scope.clone();
        let (mut rows, mut total) = cx.workspace.index().tasks(&choice.filter)?;
        if choice.sieves() {
            rows.retain(|row| choice.suits(row));
            total = rows.len();
            rows.truncate(input.limit.unwrap_or(1));
        }
        let waiting = if input.explain { waiting(cx, scope, &input)? } else { Vec::new() };
        let routes = choice.rules.iter().flat_map(|rules| rows.iter().map(|row| rules.route(row)));
        let routes = routes.collect();
        let tasks = rows.iter().map(TaskView::from).collect();
        Ok(NextView { schema: SCHEMA, tasks, total, waiting, routes })
    }
}

/// What is looked for, and what the session's mode makes of it.
pub(super) struct Choice {
    /// What the index is asked.
    pub(super) filter: TaskFilter,
    rules: Option<Rules>,
    specialist: Option<String>,
}

impl Choice {
    /// Work of a specialist is also what is nobody's yet and the mode of the session would give them.
    pub(super) fn of(cx: &Context<'_>, input: &NextInput) -> Result<Self, OpError> {
        let mut filter = ready(cx, input)?;
        let rules =
            if input.all_sessions { None } else { cx.session().ok().and_then(|row| Rules::of(cx, &row)) };
        let specialist = input.specialist.clone().filter(|_| rules.is_some());
        if specialist.is_some() {
            filter.specialist = None;
            filter.limit = None;
        }
        Ok(Self { filter, rules, specialist })
    }

    /// Whether rows must be looked at one by one.
    fn sieves(&self) -> bool {
        self.specialist.is_some()
    }

    /// Whether a row of the index is what is looked for.
    pub(super) fn suits(&self, row: &TaskRow) -> bool {
        match (&self.rules, &self.specialist) {
            (Some(rules), Some(name)) => rules.suits(row, name),
            _ => true,
        }
    }
}

/// Pending tasks that nothing stands in the way of, most urgent first.
fn ready(cx: &Context<'_>, input: &NextInput) -> Result<TaskFilter, OpError> {
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
