use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{Order, Scope, SessionFilter, TaskFilter};
use crate::model::{SessionStatus, TaskStatus};
use crate::workspace::{BoundBy, BoundMode, Selected};

use super::{Context, Effect, GroupView, OpError, Operation, SCHEMA, SessionView, TaskView};

/// Says where things stand.
pub struct Status;

/// Nothing to say: the session is the call's.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StatusInput {}

/// Where things stand.
#[derive(Clone, Debug, Serialize)]
pub struct StatusView {
    /// Version of this shape.
    pub schema: u32,
    /// The workspace's root directory.
    pub root: String,
    /// The session that is worked on.
    pub active: Option<SessionView>,
    /// Its groups.
    pub groups: Vec<GroupView>,
    /// Work in progress.
    pub in_progress: Vec<TaskView>,
    /// What can be begun now, most urgent first, a few.
    pub next: Vec<TaskView>,
    /// How many tasks can be begun now.
    pub ready: usize,
    /// Other open sessions.
    pub others: Vec<SessionView>,
    /// How many sessions there are.
    pub sessions: usize,
    /// What the files and the tool's state say about each other.
    pub sync: SyncState,
    /// Findings in all files by severity.
    pub diagnostics: DiagnosticCounts,
    /// Why the index is only in memory, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Why the default roles stand in for the session's mode, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode_fallback: Option<String>,
}

/// Whether anything waits to be done by `sync`.
#[derive(Clone, Debug, Serialize)]
pub struct SyncState {
    /// Session files, all read and indexed as they are now.
    pub files: usize,
    /// Tasks typed by hand that have no id yet.
    pub unadopted: usize,
    /// Session directories that cannot be read.
    pub unreadable: usize,
    /// Open conflicts.
    pub conflicts: usize,
    /// Whether the session's file was saved from an outdated buffer and waits for `sync`.
    pub stale: bool,
    /// Whether an interrupted write waits for `sync`.
    pub recovery: bool,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DiagnosticCounts {
    /// Read-only until mended.
    pub error: usize,
    /// Probably not what was meant.
    pub warning: usize,
    /// Facts.
    pub info: usize,
    /// Worth knowing.
    pub hint: usize,
}

impl Operation for Status {
    const NAME: &'static str = "status";
    const EFFECT: Effect = Effect::Reads;
    type Input = StatusInput;
    type Output = StatusView;

    fn run(cx: &Context<'_>, _: StatusInput) -> Result<StatusView, OpError> {
        let active = if cx.session.is_some() {
            Some(cx.session()?)
        } else if let Selected::One(row) = cx.workspace.selected()? {
            Some(*row)
        } else {
            None
        };
        let entries = cx.workspace.swept()?.entries;
        let unreadable = entries
            .iter()
            .filter(|e| e.state.as_ref().is_err_and(|p| *p != crate::disk::Problem::Missing))
            .count();
        let stale = match &active {
            Some(row) => cx.workspace.stale_pending(&cx.workspace.directory(row)?, Some(row.revision))?,
            None => false,
        };
        let bound = active.as_ref().map(|row| cx.workspace.bound_mode(row)).transpose()?;
        // A plan that merely names a mode nobody has is bound to none.
        let matters = |b: &BoundMode| b.broken.is_some() || b.by == BoundBy::Binding;
        let mode_fallback = bound.filter(matters).and_then(|b| b.fallback);
        let index = cx.workspace.index();
        let scope = active.as_ref().map_or(Scope::Open, |row| Scope::session(row.directory.clone()));
        let tasks = |status: TaskStatus, ready: Option<bool>, limit: usize| {
            index.tasks(&TaskFilter {
                scope: scope.clone(),
                statuses: vec![status],
                ready,
                order: Order::Urgency,
                limit: Some(limit),
                ..TaskFilter::default()
            })
        };
        let (next, ready) = tasks(TaskStatus::Pending, Some(true), 5)?;
        let (in_progress, _) = tasks(TaskStatus::InProgress, None, 10)?;
        let groups = match &active {
            Some(row) => {
                index.groups(&row.directory)?.iter().map(|g| GroupView::of(g, &row.identity)).collect()
            }
            None => Vec::new(),
        };
        let open: Vec<SessionStatus> = SessionStatus::ALL.into_iter().filter(|s| s.is_open()).collect();
        let filter = SessionFilter { statuses: open, limit: Some(20), ..SessionFilter::default() };
        let others = index.sessions(&filter)?.0;
        let others = others.iter().filter(|r| active.as_ref().is_none_or(|a| a.directory != r.directory));
        let counts = index.counts()?;
        let [hint, info, warning, error] = counts.diagnostics;
        Ok(StatusView {
            schema: SCHEMA,
            root: cx.workspace.disk().layout().root().display().to_string(),
            groups,
            in_progress: in_progress.iter().map(TaskView::from).collect(),
            next: next.iter().map(TaskView::from).collect(),
            ready,
            others: others.map(SessionView::from).collect(),
            sessions: counts.sessions.values().sum(),
            sync: SyncState {
                files: entries.iter().filter(|e| e.state.is_ok()).count(),
                unadopted: index.unadopted(None)?.into_iter().map(|(_, n)| n).sum(),
                unreadable,
                conflicts: cx.workspace.open_conflicts()?,
                stale,
                recovery: cx.workspace.disk().recovery_pending(),
            },
            diagnostics: DiagnosticCounts { error, warning, info, hint },
            index: cx.workspace.detached().map(str::to_owned),
            mode_fallback,
            active: active.as_ref().map(SessionView::from),
        })
    }
}
