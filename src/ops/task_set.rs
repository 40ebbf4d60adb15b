use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::index::TaskRow;
use crate::model::{
    Change, Field, Graph, Session, Task, TaskId, TaskKey, TaskRef, TaskStatus, canonical_key, field_named,
};
use crate::workspace::Plan;

use super::context::{WriteView, locate, row_id};
use super::field_values::{fields, spelled};
use super::lifecycle::{StatusRequest, plan_status, task_key};
use super::task_add::one_line;
use super::task_set_status::status;
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Changes facts of tasks: title, state, fields, description.
pub struct TaskSet;

/// Which tasks, and what is to be different.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SetInput {
    /// Ids, unique prefixes or titles; all in one session
    pub tasks: Vec<String>,
    /// New title (one task only)
    pub title: Option<String>,
    /// New state
    pub status: Option<String>,
    /// Fields by name: `priority`, `due`, `est`, `specialist`, `tags`, `dependsOn`, or your own
    pub set: Map<String, Value>,
    /// Names of fields to remove
    pub unset: Vec<String>,
    /// Replaces the text below the task; empty removes it
    pub description: Option<String>,
    /// Adds to the text below the task
    pub append: Option<String>,
    /// Replaces a passage of the text below the task
    pub replace: Option<TextReplace>,
    /// Complete although subtasks are open or dependencies are not done
    pub force: bool,
}

/// A passage and what takes its place.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextReplace {
    /// Exactly as it stands there; it must be there once
    pub old: String,
    /// Empty removes the passage
    pub new: String,
}

impl Operation for TaskSet {
    const NAME: &'static str = "task_set";
    const EFFECT: Effect = Effect::Writes;
    type Input = SetInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: SetInput) -> Result<WriteView, OpError> {
        let (directory, _) = super::tasks_of_one_session::tasks_of_one_session(cx, &input.tasks)?;
        let planner = Self::planner(cx, input)?;
        cx.write_tasks(&directory, "task-set", |snapshot| {
            let session = &snapshot.lifted.session;
            planner.plan(cx, session, &mut session.clone())
        })
    }
}

/// A request whose words are checked and whose tasks are found; can be planned on any text.
pub(super) struct Planner {
    rows: Vec<TaskRow>,
    title: Option<String>,
    to: Option<TaskStatus>,
    fields: Vec<(String, Option<String>)>,
    description: Option<String>,
    append: Option<String>,
    replace: Option<TextReplace>,
    force: bool,
}

impl TaskSet {
    /// Checks a request.
    pub(super) fn planner(cx: &Context<'_>, mut input: SetInput) -> Result<Planner, OpError> {
        facts_among_fields(&mut input)?;
        if input.title.is_some() && input.tasks.len() > 1 {
            return Err(OpError::new(ErrorCode::InvalidInput, "several tasks cannot get one title")
                .hint("name one task"));
        }
        let mut fields = fields(&input.set)?;
        for name in &input.unset {
            fields.push((spelled(name)?, None));
        }
        if input.description.is_some() && input.replace.is_some() {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                "a new description and a passage to replace were given",
            )
            .hint("give one of them"));
        }
        let SetInput { title, status: to, description, append, .. } = &input;
        if fields.is_empty()
            && input.replace.is_none()
            && [title, to, description, append].into_iter().all(Option::is_none)
        {
            return Err(OpError::new(ErrorCode::InvalidInput, "nothing was named that is to be different")
                .hint("give `key=value`, `--title`, `--status`, `--description` or `--unset`"));
        }
        let (_, rows) = super::tasks_of_one_session::tasks_of_one_session(cx, &input.tasks)?;
        Ok(Planner {
            rows,
            title: input.title.as_deref().map(one_line).transpose()?,
            to: input.status.as_deref().map(status).transpose()?,
            fields,
            description: input.description,
            append: input.append.filter(|t| !t.trim().is_empty()),
            replace: input.replace,
            force: input.force,
        })
    }
}

impl Planner {
    /// Plans on `session`; states are judged in `after`, which already has what was planned before.
    pub(super) fn plan(
        &self,
        cx: &Context<'_>,
        session: &Session,
        after: &mut Session,
    ) -> Result<Plan<Vec<String>>, OpError> {
        let foreign_done = |session: &str, id: &TaskId| cx.is_done_elsewhere(session, id);
        let date = cx.recorded_date();
        let mut plan = Plan { changes: Vec::new(), output: Vec::new() };
        for row in &self.rows {
            let task = locate(session, row)?;
            let key = task_key(session, task);
            if let Some(to) = self.to {
                let request = StatusRequest {
                    to,
                    force: self.force,
                    date: date.as_deref(),
                    foreign_done: &foreign_done,
                };
                plan.changes.extend(plan_status(after, task, request)?);
                after.tasks[task].status = to;
            }
            if let Some(title) = self.title.as_ref().filter(|t| **t != session.tasks[task].title) {
                plan.changes.push(Change::RenameTask { task: key.clone(), title: title.clone() });
            }
            for (name, value) in &self.fields {
                plan.changes.extend(field_change(session, task, &key, name, value.as_deref())?);
            }
            if let Some(text) = &self.description {
                plan.changes
                    .push(Change::SetDescription { task: key.clone(), text: text.trim_end().to_owned() });
            }
            if let Some(replace) = &self.replace {
                let text = replaced(&session.tasks[task], replace)?;
                plan.changes.push(Change::SetDescription { task: key.clone(), text });
            }
            if let Some(text) = &self.append {
                plan.changes.push(Change::AppendDescription { task: key, text: text.trim_end().to_owned() });
            }
            plan.output.push(row_id(session, task));
        }
        Ok(plan)
    }
}

/// A task's text with one passage exchanged.
fn replaced(task: &Task, replace: &TextReplace) -> Result<String, OpError> {
    let text = super::task_list_text::dedent(&task.description);
    let name = task.id.as_ref().map_or_else(|| task.title.clone(), ToString::to_string);
    match text.matches(replace.old.as_str()).count() {
        1 if !replace.old.is_empty() => {
            Ok(text.replacen(&replace.old, &replace.new, 1).trim_end().to_owned())
        }
        0 => {
            Err(OpError::new(ErrorCode::NotFound, format!("the text of `{name}` does not hold that passage"))
                .hint("read the task again and give the passage exactly as it stands there"))
        }
        count => Err(OpError::new(
            ErrorCode::Ambiguous,
            format!("the text of `{name}` holds that passage {count} times"),
        )
        .hint("give a longer passage")),
    }
}

/// `title=…`, `status=…` and `description=…` mean the fact of that name, never a field beside it.
fn facts_among_fields(input: &mut SetInput) -> Result<(), OpError> {
    let SetInput { set, title, status, description, .. } = input;
    for (name, fact) in [("title", title), ("status", status), ("description", description)] {
        let Some(value) = set.shift_remove(name) else { continue };
        let Value::String(text) = value else {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("the value of `{name}` is no text"))
                .hint("give it as a string"));
        };
        if fact.replace(text).is_some() {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{name}` is given twice"))
                .hint(format!("leave out `{name}=…` or `--{name}`")));
        }
    }
    Ok(())
}

fn field_change(
    session: &Session,
    task: usize,
    key: &TaskKey,
    name: &str,
    value: Option<&str>,
) -> Result<Option<Change>, OpError> {
    let mut value = value.map(str::to_owned);
    if field_named(name) == Some(Field::DependsOn)
        && let Some(text) = &value
    {
        let refs = TaskRef::parse_list(text);
        refuse_ring(session, task, &refs)?;
        let refs: Vec<String> = refs.iter().map(|r| super::task_reference::as_written(session, r)).collect();
        value = Some(refs.join(", "));
    }
    let found = &session.tasks[task];
    let present = match field_named(name) {
        Some(field) => {
            found.field(field).or_else(|| (field == Field::Specialist).then(|| found.specialist()).flatten())
        }
        None => found.extra().find(|(k, _)| canonical_key(k) == canonical_key(name)).map(|(_, v)| v),
    };
    if present == value.as_deref() && field_named(name) != Some(Field::Est) {
        return Ok(None);
    }
    Ok(Some(Change::SetField { task: key.clone(), key: name.to_owned(), value }))
}

/// A dependency that would close a ring is refused, naming the ring.
pub(super) fn refuse_ring(session: &Session, task: usize, refs: &[TaskRef]) -> Result<(), OpError> {
    let graph = Graph::of(session);
    for reference in refs {
        let written = super::task_reference::as_written(session, reference);
        let Some(TaskRef::Id { session: None, id }) = TaskRef::parse(&written) else { continue };
        let Some(target) = session.task_by_id(&id) else { continue };
        let own = session.subtree(target).contains(&task);
        if target == task || own || graph.would_cycle(task, target) {
            let (from, to) = (&session.tasks[task].title, &session.tasks[target].title);
            return Err(OpError::new(
                ErrorCode::WouldCycle,
                format!("`{from}` cannot wait for `{to}`: they would wait for each other"),
            )
            .hint("run `plandown deps` to see what waits for what")
            .with("task", super::lifecycle::label(session, task))
            .with("depends_on", super::lifecycle::label(session, target)));
        }
    }
    Ok(())
}
