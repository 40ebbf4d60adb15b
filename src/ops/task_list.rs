use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{Order, Scope, SessionFilter, TaskFilter};
use crate::model::{DateValue, Priority, TaskStatus, norm};

use super::task_set_status::status;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA, TaskView};

/// Lists tasks.
pub struct TaskList;

/// Which tasks; everything that is left out does not restrict.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListInput {
    /// Task states
    pub status: Vec<String>,
    /// Only tasks that are not completed or cancelled
    pub open: bool,
    /// Only tasks that can be begun now
    pub ready: bool,
    /// Only open tasks that something stands in the way of
    pub blocked: bool,
    /// Group path; groups inside it count too
    pub group: Option<String>,
    /// Who does it
    pub specialist: Option<String>,
    /// `urgent|high|medium|low|someday`; the group's is the default
    pub priority: Option<String>,
    /// Tag
    pub tag: Option<String>,
    /// Due on or before this day
    pub due_before: Option<String>,
    /// Text in title or description
    pub text: Option<String>,
    /// Subtasks of this task only
    pub parent: Option<String>,
    /// Every session instead of the selected one
    pub all_sessions: bool,
    /// `document|urgency|due|title`
    pub order: Option<String>,
    /// At most so many
    pub limit: Option<usize>,
    /// Skip so many
    pub offset: usize,
}

/// Tasks, and how many there are without the limit.
#[derive(Clone, Debug, Serialize)]
pub struct TasksView {
    /// Version of this shape.
    pub schema: u32,
    /// The page that was asked for.
    pub tasks: Vec<TaskView>,
    /// All that fit.
    pub total: usize,
}

impl Operation for TaskList {
    const NAME: &'static str = "task_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = ListInput;
    type Output = TasksView;

    fn run(cx: &Context<'_>, input: ListInput) -> Result<TasksView, OpError> {
        let mut filter = TaskFilter {
            scope: if input.all_sessions { Scope::All } else { cx.scope()? },
            group: input.group.clone(),
            specialist: input.specialist.clone(),
            text: input.text.clone().filter(|t| !t.is_empty()),
            tag: input.tag.clone(),
            limit: input.limit,
            offset: input.offset,
            ..TaskFilter::default()
        };
        if filter.text.as_ref().is_some_and(|t| t.len() > 2000) {
            return Err(OpError::new(ErrorCode::InvalidInput, "the text to look for is too long")
                .hint("look for fewer words"));
        }
        for word in &input.status {
            filter.statuses.push(status(word)?);
        }
        if (input.open || input.blocked) && filter.statuses.is_empty() {
            filter.statuses = TaskStatus::ALL.into_iter().filter(|s| s.is_open()).collect();
        }
        filter.ready = match (input.ready, input.blocked) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        if let Some(word) = &input.priority {
            filter.priorities = vec![priority(word)?.level()];
        }
        if let Some(day) = &input.due_before {
            filter.due_by = Some(date(day)?.to_string());
        }
        if let Some(parent) = &input.parent {
            filter.parent = Some(cx.task(parent)?.key);
        }
        filter.order = match input.order.as_deref() {
            None | Some("document") => Order::Document,
            Some("urgency") => Order::Urgency,
            Some("due") => Order::Due,
            Some("title") => Order::Title,
            Some(other) => {
                return Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is no order"))
                    .hint("use `document`, `urgency`, `due`, or `title`"));
            }
        };
        let (rows, total) = cx.workspace.index().tasks(&filter)?;
        if total == 0
            && let Some(path) = &input.group
        {
            refuse_unknown_group(cx, &filter.scope, path)?;
        }
        Ok(TasksView { schema: SCHEMA, tasks: rows.iter().map(TaskView::from).collect(), total })
    }
}

/// A group that no session in question has is a slip, not an empty list.
fn refuse_unknown_group(cx: &Context<'_>, scope: &Scope, path: &str) -> Result<(), OpError> {
    let index = cx.workspace.index();
    let directories = match scope {
        Scope::Sessions(named) => named.clone(),
        _ => index.sessions(&SessionFilter::default())?.0.into_iter().map(|row| row.directory).collect(),
    };
    let mut known = Vec::new();
    for directory in &directories {
        known.extend(index.groups(directory)?.into_iter().map(|group| group.path));
    }
    let wanted = norm(path);
    if known.iter().any(|path| norm(path) == wanted) {
        return Ok(());
    }
    let near = crate::diagnostic::did_you_mean(path, known.iter().map(String::as_str));
    let near = near.into_iter().map(str::to_owned).collect();
    let error = OpError::new(ErrorCode::GroupNotFound, format!("no group `{path}`"));
    Err(super::context::suggest(error, near, "run `plandown group list`"))
}

/// Reads a priority's word.
pub(super) fn priority(word: &str) -> Result<Priority, OpError> {
    Priority::parse(word).ok_or_else(|| {
        OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no priority"))
            .hint("use `urgent`, `high`, `medium`, `low`, or `someday`")
    })
}

/// Reads a date.
pub(super) fn date(text: &str) -> Result<DateValue, OpError> {
    DateValue::parse(text).ok_or_else(|| {
        OpError::new(ErrorCode::InvalidInput, format!("`{text}` is no date"))
            .hint("write it as 2026-03-18, or 2026-03-18T09:30")
    })
}
