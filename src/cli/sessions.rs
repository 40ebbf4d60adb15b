use crate::ops::{GroupView, ProgressView, SessionView};

use super::paint::{FAINT, of_status};
use super::table::{Cell, Table};

/// Sessions as aligned lines; the one that is worked on is marked.
pub(super) fn session_table(sessions: &[SessionView], active: Option<&str>, width: Option<usize>) -> String {
    let mut table = Table::new(2, width);
    for session in sessions {
        let mark = if active == Some(session.id.as_str()) { "*" } else { " " };
        table.row(vec![
            Cell::new(format!("{mark} {}", session.id)),
            Cell::styled(&session.status, of_status(&session.status)),
            Cell::new(&session.name),
            Cell::new(progress(session.progress)),
            Cell::styled(session.priority.as_deref().unwrap_or(""), FAINT),
            Cell::styled(session.kind.as_deref().unwrap_or(""), FAINT),
        ]);
    }
    table.render()
}

/// Groups as aligned lines.
pub(super) fn group_table(groups: &[GroupView], width: Option<usize>) -> String {
    let mut table = Table::new(0, width);
    for group in groups {
        let effort = match group.estimate_minutes {
            0 => String::new(),
            minutes => super::tasks::hours(minutes),
        };
        table.row(vec![
            Cell::new(&group.path),
            Cell::new(progress(group.progress)),
            Cell::styled(group.focus.as_deref().unwrap_or(""), FAINT),
            Cell::styled(group.priority.as_deref().unwrap_or(""), FAINT),
            Cell::styled(effort, FAINT),
        ]);
    }
    table.render()
}

/// `████░░░░░░  40% 2/5`
pub(super) fn progress(p: ProgressView) -> String {
    let full = (p.percent / 10).min(10);
    format!("{}{} {:>3}% {}/{}", "█".repeat(full), "░".repeat(10 - full), p.percent, p.completed, p.total)
}
