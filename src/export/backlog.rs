use std::fmt::Write as _;

use super::{Exported, around_tasks, counted, id_of};
use crate::import::{Draft, DraftTask, backlog_file_name};
use crate::model::{Field, Priority, TaskStatus, write_minutes};

/// One file per task under `backlog/tasks`, groups as milestones, facts that Backlog.md has no key
/// for in the list `plandown_fields`, which it keeps as long as it does not write the file itself.
pub(super) fn write(draft: &Draft) -> Exported {
    let mut files = Vec::new();
    for (i, group) in draft.groups.iter().enumerate() {
        let text = format!(
            "---\nid: m-{i}\ntitle: {}\n---\n\n## Description\n\n{}\n",
            quoted(&group.path),
            group.description
        );
        files.push((format!("backlog/milestones/m-{i} - {}.md", plain(&group.path)), text.into_bytes()));
    }
    for (i, decision) in draft.decisions.iter().enumerate() {
        let title = decision.lines().next().unwrap_or("");
        let rest = decision.get(title.len()..).unwrap_or("").trim();
        let n = i + 1;
        let text =
            format!("---\nid: decision-{n}\ntitle: {}\nstatus: accepted\n---\n\n{rest}\n", quoted(title));
        files.push((format!("backlog/decisions/decision-{n} - {}.md", plain(title)), text.into_bytes()));
    }
    for (i, task) in draft.tasks.iter().enumerate() {
        files.push((backlog_file_name(&id_of(task), &task.title), one(draft, task, i).into_bytes()));
    }
    let config = format!(
        "project_name: {}\ndefault_status: \"To Do\"\nstatuses: [\"To Do\", \"In Progress\", \"Done\"]\nlabels: []\n",
        quoted(&draft.name)
    );
    files.push(("backlog/config.yml".to_owned(), config.into_bytes()));
    let mut lost = around_tasks(draft);
    lost.retain(|(what, _)| *what != "empty groups");
    Exported { files, lost: counted(&lost) }
}

fn plain(text: &str) -> String {
    let name = backlog_file_name("", text);
    let name = name.rsplit(" - ").next().unwrap_or("").trim_end_matches(".md").to_owned();
    if name.is_empty() { "untitled".to_owned() } else { name }
}

fn quoted(text: &str) -> String {
    // JSON strings are YAML strings.
    serde_json::Value::from(text).to_string()
}

fn list(out: &mut String, key: &str, items: &[String]) {
    if items.is_empty() {
        let _ = writeln!(out, "{key}: []");
        return;
    }
    let _ = writeln!(out, "{key}:");
    for item in items {
        let _ = writeln!(out, "  - {}", quoted(item));
    }
}

fn one(draft: &Draft, task: &DraftTask, at: usize) -> String {
    let mut own: Vec<String> = Vec::new();
    let status = match task.status {
        TaskStatus::Completed => "Done",
        TaskStatus::InProgress => "In Progress",
        TaskStatus::Pending => "To Do",
        other => {
            own.push(format!("status: {}", other.key()));
            if other == TaskStatus::Cancelled { "Done" } else { "To Do" }
        }
    };
    let mut out =
        format!("---\nid: {}\ntitle: {}\nstatus: {status}\n", quoted(&id_of(task)), quoted(&task.title));
    list(&mut out, "assignee", &task.specialist.iter().map(|s| format!("@{s}")).collect::<Vec<_>>());
    let _ = writeln!(out, "ordinal: {}", (at + 1) * 1000);
    let mut labels = Vec::new();
    for (key, value) in &task.fields {
        match key.as_str() {
            "created" if !value.contains(['Z', '+']) => {
                let _ = writeln!(out, "created_date: {}", quoted(&value.replacen('T', " ", 1)));
            }
            "due" if !value.contains(['Z', '+']) => {
                let _ = writeln!(out, "due_date: {}", quoted(&value.replacen('T', " ", 1)));
            }
            "tags" => labels = task.tags().into_iter().map(str::to_owned).collect(),
            "priority" => {
                let word = match Priority::parse(value) {
                    Some(Priority::Urgent | Priority::High) => "high",
                    Some(Priority::Medium) => "medium",
                    _ => "low",
                };
                if word != value {
                    own.push(format!("priority: {value}"));
                }
                let _ = writeln!(out, "priority: {word}");
            }
            "ordinal" => {}
            _ => own.push(format!("{key}: {value}")),
        }
    }
    list(&mut out, "labels", &labels);
    list(&mut out, "dependencies", &task.depends_on);
    if let Some(group) = task.group.and_then(|g| draft.groups.get(g)) {
        let _ = writeln!(out, "milestone: {}", quoted(&group.path));
    }
    if let Some(parent) = task.parent.and_then(|p| draft.tasks.get(p)) {
        let _ = writeln!(out, "parent_task_id: {}", quoted(&id_of(parent)));
    }
    for (key, minutes) in [(Field::Est, task.estimate), (Field::Actual, task.actual)] {
        own.extend(minutes.map(|m| format!("{}: {}", key.key(), write_minutes(m))));
    }
    if !task.aliases.is_empty() {
        own.push(format!("formerly: {}", task.aliases.join(", ")));
    }
    if !own.is_empty() {
        list(&mut out, "plandown_fields", &own);
    }
    let _ = write!(
        out,
        "---\n\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\n{}\n<!-- SECTION:DESCRIPTION:END -->\n",
        task.description
    );
    out
}
