use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Change;
use crate::workspace::{Committed, Plan};

use super::task_add::one_line;
use super::task_list::priority;
use super::{Context, Effect, ErrorCode, GroupView, OpError, Operation, SCHEMA};

/// Makes a task group.
pub struct GroupCreate;

/// The new group.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupCreateInput {
    /// Its name
    pub name: String,
    /// Path of the group it goes into
    pub parent: Option<String>,
    /// What it is about, mostly a specialist
    pub focus: Option<String>,
    /// Default for its tasks: `urgent|high|medium|low|someday`
    pub priority: Option<String>,
}

/// The answer of every write that is about groups.
#[derive(Clone, Debug, Serialize)]
pub struct GroupsWritten {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The session's id.
    pub session: String,
    /// The file's revision now.
    pub revision: String,
    /// The session's groups as they are now.
    pub groups: Vec<GroupView>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for GroupCreate {
    const NAME: &'static str = "group_create";
    const EFFECT: Effect = Effect::Writes;
    type Input = GroupCreateInput;
    type Output = GroupsWritten;

    fn run(cx: &Context<'_>, input: GroupCreateInput) -> Result<GroupsWritten, OpError> {
        let name = one_line(&input.name)?;
        let directory = cx.session()?.directory;
        let mut header = Vec::new();
        if let Some(focus) = &input.focus {
            header.push(("Focus".to_owned(), one_line(focus)?));
        }
        if let Some(word) = &input.priority {
            let word = priority(word)?.word();
            header.push(("Priority".to_owned(), word[..1].to_uppercase() + &word[1..]));
        }
        let committed = cx.write(&directory, "group-create", |snapshot| {
            let session = &snapshot.lifted.session;
            let path = match &input.parent {
                Some(parent) => {
                    let parent = session.group_by_path(parent).ok_or_else(|| no_group(session, parent))?;
                    format!("{}/{name}", session.groups[parent].path)
                }
                None => name.clone(),
            };
            let wanted = crate::model::norm(&path);
            if session.groups.iter().any(|g| crate::model::norm(&g.path) == wanted) {
                return Err(OpError::new(
                    ErrorCode::AlreadyExists,
                    format!("there is a group `{path}` already"),
                )
                .hint("choose another name"));
            }
            if !session.groups.is_empty() && !session.has_task_section() {
                return Err(OpError::new(
                    ErrorCode::NotEditable,
                    "the headings of this file are groups only while they hold tasks, so there is no empty group",
                )
                .hint(format!("add its first task with `plandown add TITLE --group \"{path}\"`")));
            }
            Ok(Plan { changes: vec![Change::AddGroup { name: path, header: header.clone() }], output: () })
        })?;
        written(cx, &directory, committed)
    }
}

/// The answer after a write to groups.
pub(super) fn written<T>(
    cx: &Context<'_>,
    directory: &str,
    committed: Committed<T>,
) -> Result<GroupsWritten, OpError> {
    let index = if committed.diff.is_some() {
        Some(cx.workspace.rehearsal(directory, &committed.after)?)
    } else {
        None
    };
    let rows = match &index {
        Some(index) => index.groups(directory)?,
        None => cx.workspace.index().groups(directory)?,
    };
    let session = committed.after.session.id.clone();
    Ok(GroupsWritten {
        schema: SCHEMA,
        changed: committed.changed,
        revision: committed.revision().hex(),
        groups: rows.iter().map(|row| GroupView::of(row, &session)).collect(),
        session,
        diff: committed.diff,
    })
}

/// The error for a group that is not there, with what was probably meant.
pub(super) fn no_group(session: &crate::model::Session, path: &str) -> OpError {
    let near = crate::diagnostic::did_you_mean(path, session.groups.iter().map(|g| g.path.as_str()));
    let near = near.into_iter().map(str::to_owned).collect();
    let error = OpError::new(ErrorCode::GroupNotFound, format!("no group `{path}`"));
    super::context::suggest(error, near, "run `plandown group list`")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::disk::SafeName;
    use crate::env::FixedEnv;
    use crate::model::Timestamp;
    use crate::ops::task_add::{AddInput, TaskAdd};
    use crate::ops::task_move::{MoveInput, TaskMove};
    use crate::workspace::{Initialized, Workspace};

    /// Runs `run` on a project with one session; what its file says then.
    fn after<T>(
        text: &str,
        run: impl FnOnce(&Context<'_>) -> Result<T, OpError>,
    ) -> (Result<T, OpError>, String) {
        let dir = tempfile::tempdir().unwrap();
        Initialized::at(dir.path(), false).unwrap();
        let env = FixedEnv::new(Timestamp::from_unix(0), Duration::from_secs(1), 1);
        let workspace = Workspace::open(dir.path(), Arc::new(env)).unwrap();
        let name = SafeName::parse("demo").unwrap();
        let lifted = workspace.understand(text.as_bytes(), "demo");
        workspace.create_session(&name, &lifted, "me", "test").unwrap();
        let cx = Context {
            workspace: &workspace,
            session: Some("demo".into()),
            by: "me".into(),
            dry_run: false,
            if_match: None,
            remarks: crate::ops::Remarks::default(),
        };
        let result = run(&cx);
        let text = workspace.snapshot(&name).unwrap().lifted.document.text().to_owned();
        (result, text)
    }

    fn create(cx: &Context<'_>) -> Result<GroupsWritten, OpError> {
        GroupCreate::run(cx, GroupCreateInput { name: "New".into(), ..GroupCreateInput::default() })
    }

    fn add(cx: &Context<'_>) -> Result<crate::ops::WriteView, OpError> {
        let input = AddInput { title: Some("x".into()), group: Some("New".into()), ..AddInput::default() };
        TaskAdd::run(cx, input)
    }

    const PLAN: &str = "# P\n\n## A\n\n- [ ] a\n- [ ] b\n\n## Notes\n";

    #[test]
    fn a_group_of_headings_is_made_with_its_first_task() {
        let (refused, text) = after(PLAN, create);
        let refused = refused.unwrap_err();
        assert_eq!((refused.code, text.as_str()), (ErrorCode::NotEditable, PLAN));
        assert!(refused.hint.unwrap().contains("plandown add TITLE --group \"New\""));
        let (added, text) = after(PLAN, add);
        assert_eq!(added.unwrap().tasks[0].title, "x");
        let (head, rest) = text.split_once("## New\n\n- [ ] x ^t-").unwrap();
        assert_eq!(head, "# P\n\n## A\n\n- [ ] a\n- [ ] b\n\n");
        assert!(rest.ends_with("\n\n## Notes\n"), "{text}");
        let moving = |cx: &Context<'_>| {
            let tasks = vec!["a".to_owned(), "b".to_owned()];
            TaskMove::run(cx, MoveInput { tasks, group: Some("New".into()), ..MoveInput::default() })
        };
        let (moved, text) = after(PLAN, moving);
        moved.unwrap();
        assert_eq!(text, "# P\n\n## A\n\n## New\n\n- [ ] a\n- [ ] b\n\n## Notes\n");
    }

    #[test]
    fn in_a_task_section_a_group_may_be_empty() {
        let text = "# P\n\n## Tasks\n\n### A\n\n- [ ] a\n";
        let (created, made) = after(text, create);
        created.unwrap();
        assert_eq!(made, format!("{text}\n### New\n"));
        let (added, made) = after(text, add);
        added.unwrap();
        assert!(made.starts_with(&format!("{text}\n### New\n\n- [ ] x ^t-")), "{made}");
    }

    #[test]
    fn a_code_block_that_never_ends_is_named() {
        let text = "# P\n\n## A\n\n- [ ] a\n\n```sh\nls\n";
        let (refused, same) = after(text, add);
        let refused = refused.unwrap_err();
        assert_eq!((refused.details["diagnostic"].as_str(), same.as_str()), (Some("L402"), text));
        assert!(refused.hint.unwrap().contains("plandown check --unsafe-fixes"));
    }
}
