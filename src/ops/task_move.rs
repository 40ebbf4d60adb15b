use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Change, GroupRef, Place, Position};
use crate::workspace::Plan;

use super::context::{WriteView, locate, row_id};
use super::lifecycle::task_key;
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Moves tasks, with everything below them, inside their session.
pub struct TaskMove;

/// Which tasks, and where to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MoveInput {
    /// Ids, unique prefixes or titles; all in one session
    pub tasks: Vec<String>,
    /// To this group (made where it is not there)
    pub group: Option<String>,
    /// Under this task
    pub under: Option<String>,
    /// Out of its parent, into the group the parent is in
    pub root: bool,
    /// Right before this task
    pub before: Option<String>,
    /// Right after this task
    pub after: Option<String>,
    /// Before all others there
    pub first: bool,
}

impl Operation for TaskMove {
    const NAME: &'static str = "task_move";
    const EFFECT: Effect = Effect::Writes;
    type Input = MoveInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: MoveInput) -> Result<WriteView, OpError> {
        let targets = [
            input.group.is_some(),
            input.under.is_some(),
            input.root,
            input.before.is_some(),
            input.after.is_some(),
        ];
        if targets.iter().filter(|t| **t).count() != 1 {
            return Err(OpError::new(ErrorCode::InvalidInput, "one place to move to is needed")
                .hint("use one of `--group`, `--under`, `--top`, `--before`, `--after`"));
        }
        let (directory, rows) = super::tasks_of_one_session::tasks_of_one_session(cx, &input.tasks)?;
        let anchor = [&input.under, &input.before, &input.after].into_iter().find_map(Option::as_deref);
        let anchor = anchor.map(|word| cx.task_to_change(word)).transpose()?;
        if let Some(other) = anchor.as_ref().filter(|a| a.directory != directory) {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("`{}` is in another session", other.title),
            )
            .hint("move inside one session; a task does not change sessions"));
        }
        cx.write_tasks(&directory, "task-move", |snapshot| {
            let session = &snapshot.lifted.session;
            let anchor = anchor.as_ref().map(|row| locate(session, row)).transpose()?;
            let mut plan = Plan { changes: Vec::new(), output: Vec::new() };
            let mut after_previous = None;
            for row in &rows {
                let task = locate(session, row)?;
                if anchor.is_some_and(|a| session.subtree(task).contains(&a)) {
                    return Err(OpError::new(
                        ErrorCode::InvalidInput,
                        format!("`{}` cannot be moved into itself", row.title),
                    )
                    .hint("name a place outside of it"));
                }
                let group =
                    |task: usize| session.tasks[task].group.map_or(GroupRef::Ungrouped, GroupRef::Nth);
                let edge = if input.first { Position::First } else { Position::Last };
                // Several tasks keep their order: each follows the one before it.
                let edge = match (&after_previous, input.first) {
                    (Some(previous), true) => Position::After(crate::model::TaskKey::clone(previous)),
                    _ => edge,
                };
                let to = if let Some(path) = &input.group {
                    match session.group_by_path(path) {
                        Some(group) => Place::Group(GroupRef::Nth(group), edge),
                        None => Place::Group(GroupRef::Path(path.trim().to_owned()), edge),
                    }
                } else if input.root {
                    Place::Group(group(task), edge)
                } else {
                    let Some(anchor) = anchor else { continue };
                    let key = task_key(session, anchor);
                    let position = match (&after_previous, input.before.is_some()) {
                        (_, true) => Position::Before(key.clone()),
                        (Some(previous), false) => Position::After(crate::model::TaskKey::clone(previous)),
                        (None, false) => Position::After(key.clone()),
                    };
                    match (input.under.is_some(), session.tasks[anchor].parent) {
                        (true, _) => Place::Under(key, edge),
                        (false, Some(parent)) => Place::Under(task_key(session, parent), position),
                        (false, None) => Place::Group(group(anchor), position),
                    }
                };
                let key = task_key(session, task);
                after_previous = Some(key.clone());
                plan.changes.push(Change::MoveTask { task: key, to });
                plan.output.push(row_id(session, task));
            }
            Ok(plan)
        })
    }
}
