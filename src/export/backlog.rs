use std::fmt::Write as _;

use super::backlog_ids::{Names, names};
use super::{Exported, around_tasks, counted, id_of};
use crate::import::{Draft, backlog_file_name, is_backlog_mark};
use crate::model::{Field, Priority, TaskStatus, write_minutes};

/// One file per task under `backlog/tasks`, groups as milestones, facts that Backlog.md has no key
/// for in the list `plandown_fields`, which it keeps as long as it does not write the file itself.
/// Tasks have the numbers it asks for; the id of ours is one of those facts.
pub(super) fn write(draft: &Draft) -> Exported {
    let names = names(draft);
    let mut files = Vec::new();
    for (i, group) in draft.groups.iter().enumerate() {
        let text = format!(
            "---\nid: m-{i}\ntitle: {}\n---\n\n## Description\n\n{}\n",
            quoted(&group.path),
            unmarked(&group.description)
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
        files.push((backlog_file_name(&names.ids[i], &task.title), one(draft, &names, i).into_bytes()));
    }
    let config = format!(
        "project_name: {}\ndefault_status: \"To Do\"\nstatuses: [\"To Do\", \"In Progress\", \"Done\"]\nlabels: []\ntask_prefix: {}\n",
        quoted(&draft.name),
        quoted(&names.prefix)
    );
    files.push(("backlog/config.yml".to_owned(), config.into_bytes()));
    let mut lost = around_tasks(draft);
    lost.retain(|(what, _)| *what != "empty groups");
    let texts = draft.tasks.iter().map(|t| &t.description).chain(draft.groups.iter().map(|g| &g.description));
    let marks = texts.flat_map(|t| t.lines()).filter(|l| is_backlog_mark(l)).count();
    lost.push(("marks of Backlog.md in texts", marks));
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

fn one(draft: &Draft, names: &Names, at: usize) -> String {
    let task = &draft.tasks[at];
    let name = |n: usize| names.ids[n].as_str();
    let mut own: Vec<String> = Vec::new();
    let id = id_of(task);
    if id != name(at) {
        own.push(format!("id: {id}"));
    }
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
        format!("---\nid: {}\ntitle: {}\nstatus: {status}\n", quoted(name(at)), quoted(&task.title));
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
    let there = |dep: &String| names.by_id.get(dep).map_or_else(|| dep.clone(), |n| name(*n).to_owned());
    list(&mut out, "dependencies", &task.depends_on.iter().map(there).collect::<Vec<_>>());
    if let Some(group) = task.group.and_then(|g| draft.groups.get(g)) {
        let _ = writeln!(out, "milestone: {}", quoted(&group.path));
    }
    if let Some(parent) = task.parent {
        let _ = writeln!(out, "parent_task_id: {}", quoted(name(parent)));
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
    let text = unmarked(&task.description);
    let (text, sections) = sections(&text);
    out.push_str("---\n\n## Description\n\n");
    marked(&mut out, "SECTION:DESCRIPTION", text);
    for (heading, mark, body) in sections {
        let _ = write!(out, "\n{heading}\n");
        let blanks = body.len() - body.trim_start_matches('\n').len();
        out.push_str(&body[..blanks]);
        marked(&mut out, mark, &body[blanks..]);
    }
    out
}

/// A text without lines that Backlog.md would take for the ends of its own sections.
fn unmarked(text: &str) -> String {
    if text.lines().any(is_backlog_mark) {
        return text.lines().filter(|l| !is_backlog_mark(l)).collect::<Vec<_>>().join("\n");
    }
    text.to_owned()
}

fn marked(out: &mut String, mark: &str, text: &str) {
    let _ = write!(out, "<!-- {mark}:BEGIN -->\n{text}\n<!-- {mark}:END -->\n");
}

/// The sections that Backlog.md has a place of their own for.
const SECTIONS: [(&str, &str); 5] = [
    ("## Acceptance Criteria", "AC"),
    ("## Definition of Done", "DOD"),
    ("## Implementation Plan", "SECTION:PLAN"),
    ("## Implementation Notes", "SECTION:NOTES"),
    ("## Final Summary", "SECTION:FINAL_SUMMARY"),
];

/// Splits off the sections of Backlog.md that end a text, as its import left them; one in the middle of other words,
/// or with other words in it, is a part of the description.
fn sections(text: &str) -> (&str, Vec<(&'static str, &'static str, &str)>) {
    let mut found: Vec<(&str, &str, &str)> = Vec::new();
    let mut rest = text;
    while let Some((before, heading, mark, body)) = last_section(rest) {
        let is_new = !found.iter().any(|(h, ..)| *h == heading);
        let counted = |line: &str| {
            let item = line.strip_prefix("- [ ] #").or_else(|| line.strip_prefix("- [x] #"));
            item.is_some_and(|i| i.split_once(' ').is_some_and(|(n, _)| n.parse::<u32>().is_ok()))
        };
        let fits = if mark.starts_with("SECTION") {
            !body.trim().is_empty() && !body.lines().any(|l| l.starts_with("```") || l.starts_with("## "))
        } else {
            body.trim_start_matches('\n').lines().all(counted) && !body.trim().is_empty()
        };
        if !is_new || !fits {
            break;
        }
        found.insert(0, (heading, mark, body));
        rest = before;
    }
    (rest, found)
}

fn last_section(text: &str) -> Option<(&str, &'static str, &'static str, &str)> {
    let starts = SECTIONS.iter().filter_map(|&(heading, mark)| {
        let at = text.rfind(&format!("{heading}\n"))?;
        (at == 0 || text.get(..at)?.ends_with("\n\n")).then_some((at, heading, mark))
    });
    let (at, heading, mark) = starts.max_by_key(|(at, ..)| *at)?;
    let before = text.get(..at)?;
    Some((before.strip_suffix("\n\n").unwrap_or(before), heading, mark, text.get(at + heading.len() + 1..)?))
}
