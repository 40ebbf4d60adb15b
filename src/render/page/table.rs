use std::fmt::Write as _;

use super::super::view_of::{SessionView, TaskView};
use super::escaped;
use crate::model::{Priority, write_minutes};

/// What can be known of a task beside its state and title; a column nobody needs is not there.
const COLUMNS: [&str; 5] = ["Who", "Priority", "Effort", "Due", "Waits for"];

/// All tasks, by group, in the order of the file.
pub(super) fn table(out: &mut String, session: &SessionView) {
    if session.tasks.is_empty() {
        out.push_str("<p class=\"dim\">There are no tasks yet.</p>\n");
        return;
    }
    let mut used = [false; COLUMNS.len()];
    for task in &session.tasks {
        for (used, cell) in used.iter_mut().zip(cells(task)) {
            *used |= !cell.is_empty();
        }
    }
    out.push_str("<table>\n<thead><tr><th>State</th><th>Task</th>");
    for (name, _) in COLUMNS.iter().zip(used).filter(|(_, used)| *used) {
        let _ = write!(out, "<th>{name}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let width = 2 + used.iter().filter(|used| **used).count();
    let mut group = None;
    for task in &session.tasks {
        if task.group != group {
            group = task.group;
            let name = group.and_then(|g| session.groups.get(g)).map_or("–", |g| g.path.as_str());
            let _ = writeln!(out, "<tr class=\"group\"><td colspan=\"{width}\">{}</td></tr>", escaped(name));
        }
        row(out, task, used);
    }
    out.push_str("</tbody>\n</table>\n");
}

fn cells(task: &TaskView) -> [String; COLUMNS.len()] {
    let effort = match (task.estimate, task.actual) {
        (Some(e), Some(a)) => format!("{} / {}", write_minutes(e), write_minutes(a)),
        (Some(m), None) => write_minutes(m),
        (None, Some(m)) => format!("– / {}", write_minutes(m)),
        (None, None) => String::new(),
    };
    let due = task.due.as_deref().map(escaped).unwrap_or_default();
    [
        task.specialist.as_deref().map(escaped).unwrap_or_default(),
        task.priority.map(Priority::word).unwrap_or_default().to_owned(),
        escaped(&effort),
        if task.is_overdue { format!("<span class=\"late\">{due}</span>") } else { due },
        escaped(&task.blockers.join(", ")),
    ]
}

fn row(out: &mut String, task: &TaskView, used: [bool; COLUMNS.len()]) {
    let key = task.status.key();
    let indent = usize::try_from(task.depth.min(10)).unwrap_or(0) * 2;
    let id = task.id.as_deref().map(|id| format!(" <code class=\"id\">{}</code>", escaped(id)));
    let (state, pill) = if task.is_ready { ("Ready", "ready") } else { (task.status.word(), key) };
    let _ = write!(
        out,
        "<tr class=\"{key}\"><td><span class=\"pill {pill}\">{}</span></td><td class=\"title\" style=\"padding-left:{indent}ch\">{}{}</td>",
        escaped(state),
        with_code(&task.title),
        id.unwrap_or_default(),
    );
    for ((name, cell), _) in COLUMNS.iter().zip(cells(task)).zip(used).filter(|(_, used)| *used) {
        let _ = write!(out, "<td data-l=\"{name}\">{cell}</td>");
    }
    out.push_str("</tr>\n");
}

/// A title, with what stands between backticks as code.
fn with_code(title: &str) -> String {
    let parts: Vec<&str> = title.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|part| part.trim().is_empty()) {
        return escaped(title);
    }
    let mut out = String::new();
    for (nth, part) in parts.iter().enumerate() {
        if nth % 2 == 1 {
            let _ = write!(out, "<code>{}</code>", escaped(part));
        } else {
            out.push_str(&escaped(part));
        }
    }
    out
}

/// The files that came out of the work.
pub(super) fn artifacts(out: &mut String, session: &SessionView) {
    if session.artifacts.is_empty() {
        return;
    }
    out.push_str("<h2>Artifacts</h2>\n<div class=\"card\"><table>\n<thead><tr><th>File</th><th>Kind</th><th>Task</th><th>Bytes</th><th>About</th></tr></thead>\n<tbody>\n");
    for a in &session.artifacts {
        let cell = |text: &Option<String>| text.as_deref().map(escaped).unwrap_or_default();
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&a.path),
            cell(&a.kind),
            cell(&a.task),
            a.size,
            cell(&a.description)
        );
    }
    out.push_str("</tbody>\n</table></div>\n");
}
