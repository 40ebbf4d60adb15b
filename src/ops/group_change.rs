use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Change, GroupRef, Place, Position, norm};
use crate::workspace::Plan;

use super::group_create::{GroupsWritten, no_group, written};
use super::lifecycle::task_key;
use super::task_add::one_line;
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Renames a group.
pub struct GroupRename;

/// Which group, and its new name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRenameInput {
    /// Path or unique name
    pub group: String,
    /// The new name of its last part
    pub name: String,
}

impl Operation for GroupRename {
    const NAME: &'static str = "group_rename";
    const EFFECT: Effect = Effect::Writes;
    type Input = GroupRenameInput;
    type Output = GroupsWritten;

    fn run(cx: &Context<'_>, input: GroupRenameInput) -> Result<GroupsWritten, OpError> {
        let name = one_line(&input.name)?;
        let directory = cx.session()?.directory;
        let committed = cx.write(&directory, "group-rename", |snapshot| {
            let session = &snapshot.lifted.session;
            let group = session.group_by_path(&input.group).ok_or_else(|| no_group(session, &input.group))?;
            let old = session.groups[group].path.clone();
            // A nested group's heading is its whole path; groups below it follow.
            let prefix =
                old.strip_suffix(session.groups[group].name.rsplit('/').next().unwrap_or("")).unwrap_or("");
            let whole = session.groups[group].name.contains('/');
            let new_path = format!("{prefix}{name}");
            let taken = |p: &str| {
                session.groups.iter().enumerate().any(|(i, g)| i != group && norm(&g.path) == norm(p))
            };
            if taken(&new_path) {
                return Err(OpError::new(
                    ErrorCode::AlreadyExists,
                    format!("there is a group `{new_path}` already"),
                )
                .hint("choose another name, or `plandown group move-tasks`"));
            }
            let heading = if whole { new_path.clone() } else { name.clone() };
            let mut changes = Vec::new();
            if session.groups[group].name != heading {
                changes.push(Change::RenameGroup { group: GroupRef::Nth(group), name: heading });
                for (i, below) in session.groups.iter().enumerate() {
                    if let Some(rest) = below.name.strip_prefix(&format!("{old}/")) {
                        let name = format!("{new_path}/{rest}");
                        changes.push(Change::RenameGroup { group: GroupRef::Nth(i), name });
                    }
                }
            }
            Ok(Plan { changes, output: () })
        })?;
        written(cx, &directory, committed)
    }
}

/// Puts groups into another order.
pub struct GroupOrganize;

/// The order.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupOrganizeInput {
    /// Paths or unique names; groups that are not named follow in their present order
    pub order: Vec<String>,
}

impl Operation for GroupOrganize {
    const NAME: &'static str = "group_organize";
    const EFFECT: Effect = Effect::Writes;
    type Input = GroupOrganizeInput;
    type Output = GroupsWritten;

    fn run(cx: &Context<'_>, input: GroupOrganizeInput) -> Result<GroupsWritten, OpError> {
        let directory = cx.session()?.directory;
        let committed = cx.write(&directory, "group-organize", |snapshot| {
            let session = &snapshot.lifted.session;
            let mut wanted = Vec::new();
            for path in &input.order {
                let group = session.group_by_path(path).ok_or_else(|| no_group(session, path))?;
                if !wanted.contains(&group) {
                    wanted.push(group);
                }
            }
            let rest: Vec<usize> = (0..session.groups.len()).filter(|g| !wanted.contains(g)).collect();
            wanted.extend(rest);
            if wanted.is_sorted() {
                return Ok(Plan { changes: Vec::new(), output: () });
            }
            // Each group goes to the end in turn, by name: after that they stand in order.
            let path = |g: usize| GroupRef::Path(session.groups[g].path.clone());
            let changes =
                wanted.iter().map(|&g| Change::MoveGroup { group: path(g), before: None }).collect();
            Ok(Plan { changes, output: () })
        })?;
        written(cx, &directory, committed)
    }
}

/// Moves tasks into a group.
pub struct GroupMoveTasks;

/// Which tasks, which group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMoveTasksInput {
    /// Path or unique name of the group; made where it is not there
    pub group: String,
    /// Ids, unique prefixes or titles
    pub tasks: Vec<String>,
}

impl Operation for GroupMoveTasks {
    const NAME: &'static str = "group_move_tasks";
    const EFFECT: Effect = Effect::Writes;
    type Input = GroupMoveTasksInput;
    type Output = super::WriteView;

    fn run(cx: &Context<'_>, input: GroupMoveTasksInput) -> Result<super::WriteView, OpError> {
        let moved =
            super::MoveInput { tasks: input.tasks, group: Some(input.group), ..super::MoveInput::default() };
        super::TaskMove::run(cx, moved)
    }
}

/// Removes a group.
pub struct GroupDelete;

/// Which group, and what becomes of its tasks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDeleteInput {
    /// Path or unique name
    pub group: String,
    /// Move its tasks to this group first
    #[serde(default)]
    pub move_to: Option<String>,
    /// Remove its tasks with it
    #[serde(default)]
    pub force: bool,
}

impl Operation for GroupDelete {
    const NAME: &'static str = "group_delete";
    const EFFECT: Effect = Effect::Destroys;
    type Input = GroupDeleteInput;
    type Output = GroupsWritten;

    fn run(cx: &Context<'_>, input: GroupDeleteInput) -> Result<GroupsWritten, OpError> {
        let directory = cx.session()?.directory;
        let committed = cx.write(&directory, "group-delete", |snapshot| {
            let session = &snapshot.lifted.session;
            let group = session.group_by_path(&input.group).ok_or_else(|| no_group(session, &input.group))?;
            let target = input
                .move_to
                .as_ref()
                .map(|path| session.group_by_path(path).ok_or_else(|| no_group(session, path)));
            let target = target.transpose()?;
            let roots: Vec<usize> = (0..session.tasks.len())
                .filter(|&t| session.tasks[t].group == Some(group) && session.tasks[t].parent.is_none())
                .collect();
            let mut changes = Vec::new();
            match target {
                Some(target) if target == group => {
                    return Err(OpError::new(
                        ErrorCode::InvalidInput,
                        "the tasks cannot go to the group that is removed",
                    )
                    .hint("name another group; run `plandown group list`"));
                }
                Some(target) => {
                    let place =
                        || Place::Group(GroupRef::Path(session.groups[target].path.clone()), Position::Last);
                    changes.extend(
                        roots.iter().map(|&t| Change::MoveTask { task: task_key(session, t), to: place() }),
                    );
                }
                None if !roots.is_empty() && !input.force => {
                    let count = crate::diagnostic::Count(roots.len(), "task");
                    return Err(OpError::new(
                        ErrorCode::NotEmpty,
                        format!("group `{}` has {count}", input.group),
                    )
                    .hint("name a group for them with `--move-to`, or remove them too with `--force`"));
                }
                None => {}
            }
            changes.push(Change::DeleteGroup { group: GroupRef::Path(session.groups[group].path.clone()) });
            Ok(Plan { changes, output: () })
        })?;
        written(cx, &directory, committed)
    }
}
