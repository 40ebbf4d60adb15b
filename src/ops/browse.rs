use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{Scope, SessionFilter, TaskFilter};

use super::{Context, Effect, GroupView, OpError, Operation, SCHEMA, SessionView, TaskView};

/// Shows the whole tree: sessions, groups, tasks.
pub struct Browse;

/// How much of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BrowseInput {
    /// Levels of tasks below a group; 0 shows none
    pub depth: Option<u32>,
    /// At most so many tasks a session; 200 unless told
    pub limit: Option<usize>,
}

/// The tree.
#[derive(Clone, Debug, Serialize)]
pub struct BrowseView {
    /// Version of this shape.
    pub schema: u32,
    /// Sessions with what is in them.
    pub sessions: Vec<SessionBranch>,
    /// How many sessions.
    pub total: usize,
}

/// A session with its groups and tasks.
#[derive(Clone, Debug, Serialize)]
pub struct SessionBranch {
    /// The session.
    pub session: SessionView,
    /// Its groups, in order.
    pub groups: Vec<GroupView>,
    /// Its tasks, in order.
    pub tasks: Vec<TaskView>,
    /// How many tasks there are.
    pub total_tasks: usize,
}

impl Operation for Browse {
    const NAME: &'static str = "browse";
    const EFFECT: Effect = Effect::Reads;
    type Input = BrowseInput;
    type Output = BrowseView;

    fn run(cx: &Context<'_>, input: BrowseInput) -> Result<BrowseView, OpError> {
        let scope = if cx.session.is_some() { Scope::session(cx.session()?.directory) } else { Scope::All };
        let index = cx.workspace.index();
        let (rows, total) = index.sessions(&SessionFilter { scope, ..SessionFilter::default() })?;
        let depth = i64::from(input.depth.unwrap_or(u32::MAX));
        let mut sessions = Vec::with_capacity(rows.len());
        for row in &rows {
            let filter = TaskFilter {
                scope: Scope::session(row.directory.clone()),
                limit: Some(input.limit.unwrap_or(200)),
                ..TaskFilter::default()
            };
            let (tasks, total_tasks) = if depth == 0 { (Vec::new(), 0) } else { index.tasks(&filter)? };
            let groups = index.groups(&row.directory)?;
            sessions.push(SessionBranch {
                session: SessionView::from(row),
                groups: groups.iter().map(|g| GroupView::of(g, &row.identity)).collect(),
                tasks: tasks.iter().filter(|t| t.depth < depth).map(TaskView::from).collect(),
                total_tasks,
            });
        }
        Ok(BrowseView { schema: SCHEMA, sessions, total })
    }
}
