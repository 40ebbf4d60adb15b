use crate::ops::TaskView;

use super::paint::{FAINT, WARN, checkbox, of_status};
use super::table::{Cell, Table};

/// Tasks as aligned lines: id, checkbox and title, what there is to know, what stands in the way.
pub(super) fn task_table(tasks: &[TaskView], width: Option<usize>) -> String {
    let several = tasks.iter().any(|t| Some(&t.session) != tasks.first().map(|f| &f.session));
    let mut table = Table::new(1, width);
    for task in tasks {
        let indent = "  ".repeat(usize::try_from(task.depth).unwrap_or(0).min(8));
        let title = format!("{indent}{} {}", checkbox(&task.status), task.title);
        let mut cells = vec![
            Cell::styled(task.id.as_deref().unwrap_or("-"), FAINT),
            Cell::styled(title, of_status(&task.status)),
        ];
        if several {
            cells.push(Cell::styled(&task.session, FAINT));
        }
        cells.push(Cell::new(facts(task)));
        if !task.blocked_by.is_empty() {
            cells.push(Cell::styled(format!("waits for {}", task.blocked_by.join(", ")), WARN));
        }
        table.row(cells);
    }
    table.render()
}

/// Specialist, priority, effort and date in one short phrase.
fn facts(task: &TaskView) -> String {
    let mut facts: Vec<String> = Vec::new();
    let plain = matches!(task.status.as_str(), "pending" | "completed");
    if !plain {
        facts.push(task.status.replace('_', " "));
    }
    facts.extend(task.specialist.clone());
    facts.extend(task.priority.clone());
    facts.extend(task.estimate_minutes.map(hours));
    facts.extend(task.due.as_ref().map(|d| format!("due {d}")));
    facts.join(" · ")
}

/// Minutes as people write them.
pub(super) fn hours(minutes: u32) -> String {
    crate::ops::write_minutes(minutes)
}

/// One task on a line, for remarks and acknowledgements.
pub(super) fn one_line(task: &TaskView) -> String {
    let id = task.id.as_deref().unwrap_or("-");
    format!("{id}  {} {}", checkbox(&task.status), super::shown(&task.title))
}
