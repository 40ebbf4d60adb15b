use serde_json::{Map, Value};

use crate::index::{Blocker, GroupRow, SessionRow, TaskRow};
use crate::model::{Priority, Session};

use super::{GroupView, ProgressView, SessionView, TaskView};

impl From<&SessionRow> for SessionView {
    fn from(row: &SessionRow) -> Self {
        Self {
            id: row.identity.clone(),
            name: row.name.clone(),
            status: row.status.clone(),
            mode: row.mode.clone(),
            kind: Some(row.kind.clone()).filter(|k| k != Session::USUAL_KIND),
            priority: row.priority.and_then(priority),
            path: row.path.clone(),
            revision: row.revision.hex(),
            progress: ProgressView::from(row.progress),
        }
    }
}

impl From<&TaskRow> for TaskView {
    fn from(row: &TaskRow) -> Self {
        Self {
            id: row.id.clone(),
            title: row.title.clone(),
            status: row.status.clone(),
            session: row.identity.clone(),
            group: row.group.clone(),
            parent: row.parent.clone(),
            depth: u32::try_from(row.depth).unwrap_or(0),
            specialist: row.specialist.clone(),
            priority: row.priority.and_then(priority),
            estimate_minutes: minutes(row.estimate_minutes),
            actual_minutes: minutes(row.actual_minutes),
            depends_on: list(row.depends_on.as_deref()),
            blocked_by: row.blocked_by.iter().map(blocker).collect(),
            ready: row.ready,
            due: row.due.clone(),
            line: u32::try_from(row.line).unwrap_or(0),
            extra: object(row.extra.as_deref()),
        }
    }
}

impl GroupView {
    /// A group of the session with this id.
    pub(super) fn of(row: &GroupRow, session: &str) -> Self {
        Self {
            name: row.name.clone(),
            path: row.path.clone(),
            session: session.to_owned(),
            parent: row.parent.clone(),
            focus: row.focus.clone(),
            priority: row.priority.and_then(priority),
            progress: ProgressView::from(row.progress),
            estimate_minutes: minutes(Some(row.estimate_minutes)).unwrap_or(0),
        }
    }
}

/// What a task waits for, in the words of `depends_on`.
pub(super) fn blocker(blocker: &Blocker) -> String {
    match (&blocker.session, &blocker.id) {
        (Some(session), Some(id)) => format!("{session}#{id}"),
        (None, Some(id)) => id.clone(),
        (_, None) => blocker.written.clone(),
    }
}

fn priority(level: i64) -> Option<String> {
    Priority::ALL.into_iter().find(|p| i64::from(p.level()) == level).map(|p| p.word().to_owned())
}

fn minutes(value: Option<i64>) -> Option<u32> {
    value.and_then(|m| u32::try_from(m).ok())
}

fn list(json: Option<&str>) -> Vec<String> {
    json.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn object(json: Option<&str>) -> Map<String, Value> {
    json.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
