use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Map;

use crate::model::{Change, Field, GroupRef, NewTask, Place, Position, Session, field_named, parse_minutes};
use crate::workspace::Plan;

use super::context::{WriteView, locate};
use super::draw_ids::Drawing;
use super::lifecycle::task_key;
use super::mode_rules::Rules;
use super::task_list::{date, priority};
use super::{Context, Effect, ErrorCode, OpError, Operation, task_list_text};

/// Adds tasks.
pub struct TaskAdd;

/// What to add, and where.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddInput {
    /// Title of one task
    pub title: Option<String>,
    /// A whole tree instead: an indented Markdown list, one task a line
    pub list: Option<String>,
    /// Group path; made where it is not there. Default: the last group, or none in a file without groups
    pub group: Option<String>,
    /// Make it a subtask of this task
    pub parent: Option<String>,
    /// Put it right before this task
    pub before: Option<String>,
    /// Put it right after this task
    pub after: Option<String>,
    /// Put it before all others
    pub first: bool,
    /// Who or what role does it
    pub specialist: Option<String>,
    /// Effort: `90m`, `3h`, `2d`
    pub estimate: Option<String>,
    /// `urgent|high|medium|low|someday`
    pub priority: Option<String>,
    /// `2026-03-18`
    pub due: Option<String>,
    /// Tasks that must be done before: ids or titles
    pub depends_on: Vec<String>,
    /// Words to find it by
    pub tags: Vec<String>,
    /// Further fields
    pub fields: Map<String, serde_json::Value>,
    /// Text below the task
    pub description: Option<String>,
}

impl Operation for TaskAdd {
    const NAME: &'static str = "task_add";
    const EFFECT: Effect = Effect::Writes;
    type Input = AddInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: AddInput) -> Result<WriteView, OpError> {
        let tasks = new_tasks(cx, &input)?;
        let anchor = [&input.parent, &input.before, &input.after].into_iter().find_map(Option::as_deref);
        let anchor = anchor.map(|word| cx.task_to_change(word)).transpose()?;
        let directory = match &anchor {
            Some(row) => row.directory.clone(),
            None => cx.session()?.directory,
        };
        let mut tasks = tasks;
        let rules = Rules::of_directory(cx, &directory);
        if let Some(rules) = &rules {
            rules.dress(&mut tasks);
        }
        let mut remark = None;
        let ids = all_ids(&tasks);
        let view = cx.write_tasks(&directory, "task-add", |snapshot| {
            let session = &snapshot.lifted.session;
            let anchor = anchor.as_ref().map(|row| locate(session, row)).transpose()?;
            let place = place(session, &input, anchor);
            check_dependencies(session, &input, anchor)?;
            let mut tasks = tasks.clone();
            local_references(session, &mut tasks);
            remark = rules.as_ref().and_then(|rules| rules.too_deep(session, &place, &tasks));
            Ok(Plan { changes: vec![Change::AddTasks { place, tasks }], output: ids.clone() })
        })?;
        Ok(view.remarked(remark))
    }
}

/// The tasks to be written, with ids drawn.
pub(super) fn new_tasks(cx: &Context<'_>, input: &AddInput) -> Result<Vec<NewTask>, OpError> {
    let mut ids = Drawing::new(cx);
    let mut draw = || ids.draw();
    let mut tasks = match (&input.title, &input.list) {
        (Some(_), Some(_)) => {
            return Err(OpError::new(ErrorCode::InvalidInput, "both a title and a list were given")
                .hint("give one of them"));
        }
        (None, None) => return Err(OpError::new(ErrorCode::EmptyTitle, "there is no title").hint("give one")),
        (None, Some(list)) => task_list_text::parse(list, &mut draw)?,
        (Some(title), None) => {
            vec![NewTask { id: Some(draw()), title: one_line(title)?, ..NewTask::default() }]
        }
    };
    ids.end()?;
    for task in &mut tasks {
        dress(task, input)?;
    }
    Ok(tasks)
}

/// A title: one line, with something to see in it. A tab is a blank.
pub(super) fn one_line(text: &str) -> Result<String, OpError> {
    let text = text.trim().replace('\t', " ");
    if text.chars().all(is_blank) {
        return Err(OpError::new(ErrorCode::EmptyTitle, "the title is empty").hint("give a title"));
    }
    if text.contains(['\n', '\r']) {
        return Err(OpError::new(ErrorCode::InvalidInput, "a title is one line")
            .hint("put the rest into the description (`--description`), or add a list (`task add -`)"));
    }
    Ok(text)
}

/// White space, and characters without width: what looks like nothing.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || unicode_width::UnicodeWidthChar::width(c).is_none_or(|columns| columns == 0)
}

/// Gives a root task what the options say, where the list does not say it already.
pub(super) fn dress(task: &mut NewTask, input: &AddInput) -> Result<(), OpError> {
    let has = |task: &NewTask, field: Field| task.fields.iter().any(|(k, _)| field_named(k) == Some(field));
    if task.specialist.is_none() {
        task.specialist = input.specialist.as_deref().map(one_line).transpose()?;
    }
    if let (None, Some(text)) = (task.estimate, &input.estimate) {
        task.estimate = Some(minutes(text)?);
    }
    let put = |field: Field, value: String, task: &mut NewTask| {
        if !has(task, field) {
            task.fields.push((field.key().to_owned(), value));
        }
    };
    if !input.depends_on.is_empty() {
        put(Field::DependsOn, input.depends_on.join(", "), task);
    }
    if let Some(word) = &input.priority {
        put(Field::Priority, priority(word)?.word().to_owned(), task);
    }
    if let Some(text) = &input.due {
        put(Field::Due, date(text)?.to_string(), task);
    }
    if !input.tags.is_empty() {
        put(Field::Tags, input.tags.join(", "), task);
    }
    for (key, value) in super::field_values::fields(&input.fields)? {
        let Some(value) = value else { continue };
        match field_named(&key) {
            Some(Field::Est) if task.estimate.is_none() => task.estimate = Some(minutes(&value)?),
            Some(Field::Specialist) if task.specialist.is_none() => task.specialist = Some(one_line(&value)?),
            Some(field) => put(field, value, task),
            None => task.fields.push((key, value)),
        }
    }
    if let Some(text) = &input.description
        && task.description.is_empty()
    {
        task.description = text.trim_end().to_owned();
    }
    Ok(())
}

/// Reads an effort.
pub(super) fn minutes(text: &str) -> Result<u32, OpError> {
    parse_minutes(text).ok_or_else(|| {
        OpError::new(ErrorCode::InvalidInput, format!("`{text}` is no effort"))
            .hint("write it as `90m`, `3h`, or `2d`")
    })
}

pub(super) fn all_ids(tasks: &[NewTask]) -> Vec<String> {
    let mut ids = Vec::new();
    let mut todo: Vec<&NewTask> = tasks.iter().rev().collect();
    while let Some(task) = todo.pop() {
        ids.extend(task.id.as_ref().map(ToString::to_string));
        todo.extend(task.children.iter().rev());
    }
    ids
}

/// Where the tasks go; a group that is not there is made with them.
pub(super) fn place(session: &Session, input: &AddInput, anchor: Option<usize>) -> Place {
    let key = anchor.map(|task| task_key(session, task));
    let edge = if input.first { Position::First } else { Position::Last };
    if let (Some(task), Some(key)) = (anchor, key) {
        let position = match (&input.before, &input.after) {
            (Some(_), _) => Position::Before(key),
            (None, Some(_)) => Position::After(key),
            (None, None) => return Place::Under(key, edge),
        };
        return match session.tasks[task].parent {
            Some(parent) => Place::Under(task_key(session, parent), position),
            None => {
                Place::Group(session.tasks[task].group.map_or(GroupRef::Ungrouped, GroupRef::Nth), position)
            }
        };
    }
    let group = match &input.group {
        Some(path) => match session.group_by_path(path) {
            Some(group) => GroupRef::Nth(group),
            None => GroupRef::Path(path.trim().to_owned()),
        },
        None => default_group(session),
    };
    Place::Group(group, edge)
}

/// The group of the last task, else the last group, else none.
fn default_group(session: &Session) -> GroupRef {
    match session.tasks.last() {
        Some(task) => task.group.map_or(GroupRef::Ungrouped, GroupRef::Nth),
        None => session.groups.len().checked_sub(1).map_or(GroupRef::Ungrouped, GroupRef::Nth),
    }
}

/// A subtask that depends on its own ancestor could never be begun.
pub(super) fn check_dependencies(
    session: &Session,
    input: &AddInput,
    anchor: Option<usize>,
) -> Result<(), OpError> {
    let (Some(_), Some(anchor)) = (&input.parent, anchor) else { return Ok(()) };
    let mut at = Some(anchor);
    while let Some(task) = at {
        let id = session.tasks[task].id.as_ref().map(ToString::to_string);
        if id.is_some_and(|id| input.depends_on.iter().any(|d| d.trim_start_matches('^') == id)) {
            return Err(OpError::new(
                ErrorCode::WouldCycle,
                format!("a subtask of `{}` cannot wait for it", session.tasks[task].title),
            )
            .hint("a task is done after its subtasks; run `plandown deps` to see what waits for what"));
        }
        at = session.tasks[task].parent;
    }
    Ok(())
}

/// Dependencies given by title or prefix are written by id where exactly one task is meant.
pub(super) fn local_references(session: &Session, tasks: &mut [NewTask]) {
    for task in tasks {
        for (key, value) in &mut task.fields {
            if field_named(key) == Some(Field::DependsOn) {
                let refs: Vec<String> = crate::model::TaskRef::parse_list(value)
                    .into_iter()
                    .map(|r| super::task_reference::as_written(session, &r))
                    .collect();
                *value = refs.join(", ");
            }
        }
    }
}
