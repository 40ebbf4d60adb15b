use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mode_rules::{Rules, TaskRoute};
use super::{Context, Effect, OpError, Operation, SCHEMA, TaskView};
use crate::index::{Scope, TaskFilter};

/// Shows one task with everything around it.
pub struct TaskShow;

/// Which task.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowInput {
    /// Id, unique prefix or title
    pub task: String,
}

/// A task, its text and its neighbours.
#[derive(Clone, Debug, Serialize)]
pub struct TaskDetail {
    /// Version of this shape.
    pub schema: u32,
    /// The task.
    pub task: TaskView,
    /// The text below its head, as in the file.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Titles of the tasks it is a part of, outermost first.
    pub ancestors: Vec<String>,
    /// Its direct subtasks.
    pub subtasks: Vec<TaskView>,
    /// Ids of the tasks that wait for it.
    pub blocks: Vec<String>,
    /// Path of the file below the root.
    pub path: String,
    /// The file's revision.
    pub revision: String,
    /// What the session's mode says about it; absent where the session is bound to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<TaskRoute>,
}

impl Operation for TaskShow {
    const NAME: &'static str = "task_show";
    const EFFECT: Effect = Effect::Reads;
    type Input = ShowInput;
    type Output = TaskDetail;

    fn run(cx: &Context<'_>, input: ShowInput) -> Result<TaskDetail, OpError> {
        let row = cx.task(&input.task)?;
        let route = Rules::of_directory(cx, &row.directory).map(|rules| rules.route(&row));
        let index = cx.workspace.index();
        let below = TaskFilter {
            scope: Scope::session(row.directory.clone()),
            parent: Some(row.key.clone()),
            ..TaskFilter::default()
        };
        let (children, _) = index.tasks(&below)?;
        let mut ancestors = Vec::new();
        let mut above = row.parent_key.clone();
        while let Some(parent) = above.map(|key| index.task_by_key(&key)).transpose()?.flatten() {
            ancestors.insert(0, parent.title);
            above = parent.parent_key;
        }
        let mut blocks = Vec::new();
        for key in index.dependents_of(&row.key)? {
            blocks.extend(index.task_by_key(&key)?.map(|dependent| {
                if dependent.directory == row.directory {
                    dependent.id.unwrap_or(dependent.title)
                } else {
                    super::context::name(&dependent)
                }
            }));
        }
        let session = index.session(&row.directory)?;
        let tags = row.tags.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        Ok(TaskDetail {
            schema: SCHEMA,
            task: TaskView::from(&row),
            description: row.description.clone(),
            tags,
            ancestors,
            subtasks: children.iter().map(TaskView::from).collect(),
            blocks,
            path: session.as_ref().map(|s| s.path.clone()).unwrap_or_default(),
            revision: session.map(|s| s.revision.hex()).unwrap_or_default(),
            route,
        })
    }
}
