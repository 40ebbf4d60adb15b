use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Change, Graph, Target};
use crate::workspace::Plan;

use super::context::{WriteView, locate};
use super::lifecycle::{label, task_key};
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Removes tasks, with everything below them, from the file.
pub struct TaskDelete;

/// Which tasks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteInput {
    /// Ids, unique prefixes or titles; all in one session
    pub tasks: Vec<String>,
    /// Go ahead although other tasks wait for them or subtasks go with them
    #[serde(default)]
    pub force: bool,
}

impl Operation for TaskDelete {
    const NAME: &'static str = "task_delete";
    const EFFECT: Effect = Effect::Destroys;
    type Input = DeleteInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: DeleteInput) -> Result<WriteView, OpError> {
        let (directory, rows) = super::tasks_of_one_session::tasks_of_one_session(cx, &input.tasks)?;
        let elsewhere = dependents_elsewhere(cx, &directory, &rows)?;
        let mut removed = Vec::new();
        let view = cx.write_tasks(&directory, "task-delete", |snapshot| {
            let session = &snapshot.lifted.session;
            let mut plan = Plan { changes: Vec::new(), output: Vec::new() };
            let mut gone = vec![false; session.tasks.len()];
            let mut roots = Vec::new();
            for row in &rows {
                let task = locate(session, row)?;
                session.subtree(task).for_each(|t| gone[t] = true);
                roots.push(task);
            }
            // A task inside another one that goes as well is gone with it.
            roots.retain(|&t| {
                let mut above = session.tasks[t].parent;
                while let Some(parent) = above {
                    if roots_contains(&rows, session, parent) {
                        return false;
                    }
                    above = session.tasks[parent].parent;
                }
                true
            });
            if !input.force {
                let graph = Graph::of(session);
                let mut waiting: Vec<String> = graph
                    .edges()
                    .iter()
                    .filter(|e| !gone[e.from] && matches!(e.to, Target::Task(t) if gone[t]))
                    .map(|e| label(session, e.from))
                    .collect();
                waiting.extend(elsewhere.iter().cloned());
                if !waiting.is_empty() {
                    return Err(OpError::new(
                        ErrorCode::Referenced,
                        format!(
                            "other tasks wait for what would be removed: {}",
                            crate::diagnostic::List(&waiting, "and")
                        ),
                    )
                    .hint("remove those dependencies first, or use `--force`")
                    .with("dependents", waiting));
                }
                let below = gone.iter().filter(|g| **g).count() - roots.len();
                if below > 0 {
                    return Err(OpError::new(
                        ErrorCode::NeedsForce,
                        format!("{} would be removed too", crate::diagnostic::Count(below, "subtask")),
                    )
                    .hint("use `--force`, or move the subtasks first"));
                }
            }
            removed = (0..gone.len()).filter(|&t| gone[t]).map(|t| label(session, t)).collect();
            plan.changes = roots.iter().map(|&t| Change::DeleteTask { task: task_key(session, t) }).collect();
            Ok(plan)
        })?;
        Ok(WriteView { removed, ..view })
    }
}

fn roots_contains(rows: &[crate::index::TaskRow], session: &crate::model::Session, task: usize) -> bool {
    rows.iter().any(|row| locate(session, row).is_ok_and(|t| t == task))
}

fn dependents_elsewhere(
    cx: &Context<'_>,
    directory: &str,
    rows: &[crate::index::TaskRow],
) -> Result<Vec<String>, OpError> {
    let index = cx.workspace.index();
    let mut names = Vec::new();
    for row in rows {
        for key in index.dependents_of(&row.key)? {
            let other = index.task_by_key(&key)?.filter(|t| t.directory != directory);
            names.extend(other.map(|t| super::context::name(&t)));
        }
    }
    Ok(names)
}
