use std::fmt::Write as _;

use super::super::view_of::{SessionView, TaskView};
use super::escaped;
use crate::model::{Priority, write_minutes};

const HEAD: &str = "<table>\n<thead><tr><th>State</th><th>Task</th><th>Who</th><th>Priority</th><th>Effort</th><th>Due</th><th>Waits for</th></tr></thead>\n<tbody>\n";

/// All tasks, by group, in the order of the file.
pub(super) fn table(out: &mut String, session: &SessionView) {
    if session.tasks.is_empty() {
        out.push_str("<p class=\"dim\">There are no tasks yet.</p>\n");
        return;
    }
    out.push_str(HEAD);
    let mut group = None;
    for task in &session.tasks {
        if task.group != group {
            group = task.group;
            let name = group.and_then(|g| session.groups.get(g)).map_or("–", |g| g.path.as_str());
            let _ = writeln!(out, "<tr class=\"group\"><td colspan=\"7\">{}</td></tr>", escaped(name));
        }
        row(out, task);
    }
    out.push_str("</tbody>\n</table>\n");
}

fn row(out: &mut String, task: &TaskView) {
    let key = task.status.key();
    let indent = usize::try_from(task.depth.min(10)).unwrap_or(0) * 2;
    let id = task.id.as_deref().map(|id| format!(" <code>{}</code>", escaped(id))).unwrap_or_default();
    let effort = match (task.estimate, task.actual) {
        (Some(e), Some(a)) => format!("{} / {}", write_minutes(e), write_minutes(a)),
        (Some(m), None) => write_minutes(m),
        (None, Some(m)) => format!("– / {}", write_minutes(m)),
        (None, None) => String::new(),
    };
    let due = task.due.as_deref().map(escaped).unwrap_or_default();
    let due = if task.is_overdue { format!("<span class=\"late\">{due}</span>") } else { due };
    let state = if task.is_ready { "Ready" } else { task.status.word() };
    let _ = writeln!(
        out,
        "<tr class=\"{key}\"><td><span class=\"pill {key}\">{}</span></td><td class=\"title\" style=\"padding-left:{indent}ch\">{}{id}</td><td>{}</td><td>{}</td><td>{}</td><td>{due}</td><td>{}</td></tr>",
        escaped(state),
        escaped(&task.title),
        task.specialist.as_deref().map(escaped).unwrap_or_default(),
        task.priority.map(Priority::word).unwrap_or_default(),
        escaped(&effort),
        escaped(&task.blockers.join(", ")),
    );
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
