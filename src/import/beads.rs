use serde_json::{Map, Value};
use std::collections::HashMap;

use super::taskmaster::keep;
use super::words::{self, Clock};
use super::{Aside, Draft, DraftGroup, DraftTask, Error, Fate, Import, Kind, Remark, json, safe};
use crate::model::{Field, Priority};

/// Reads a JSONL export of beads: one issue per line; epics hold their children.
pub fn beads(bytes: &[u8], place: &str) -> Result<Import, Error> {
    let mut import = Import::default();
    let mut draft = Draft::new("Beads");
    draft.groups.push(DraftGroup { path: "Issues".to_owned(), ..DraftGroup::default() });
    let mut parents: Vec<(usize, String)> = Vec::new();
    let mut first: Option<Error> = None;
    for (n, line) in bytes.split(|&b| b == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let at = format!("{place}:{}", n + 1);
        match json::parse(line, &at) {
            Ok(Value::Object(map)) if map.contains_key("title") => {
                let task = issue(&mut import, &at, &map, &mut parents, draft.tasks.len());
                import.report.row(place, "issues", &task.old_id, Fate::Task);
                draft.tasks.push(task);
            }
            other => {
                let why = match other {
                    Ok(_) => "the line is no issue".to_owned(),
                    Err(error) => {
                        let why = error.detail.clone();
                        first.get_or_insert(error);
                        why
                    }
                };
                import.report.find(Remark::BrokenFile, &at, format!("the line was not understood: {why}"));
                import.report.row(place, "issues", at, Fate::Aside("the line is no issue".to_owned()));
                let json = Value::from(String::from_utf8_lossy(line).into_owned()).to_string();
                import.aside.push(Aside { source: place.to_owned(), table: "issues".to_owned(), json });
            }
        }
    }
    if draft.tasks.is_empty() {
        let unknown = || Error::new(Kind::UnknownShape, place, "the file holds no issues of beads");
        return Err(first.unwrap_or_else(unknown));
    }
    let index: HashMap<String, usize> =
        draft.tasks.iter().enumerate().map(|(i, t)| (t.old_id.clone(), i)).rev().collect();
    for (at, parent) in parents {
        if let Some(&to) = index.get(&parent) {
            draft.tasks[at].parent = Some(to);
        } else {
            let message = format!("the parent `{}` is not in the export", safe::shortened(&parent, 60));
            import.report.find(Remark::ParentMissing, place, message);
            draft.tasks[at].set("source-parent", parent);
        }
    }
    import.drafts.push(draft);
    Ok(import)
}

fn issue(
    import: &mut Import,
    place: &str,
    map: &Map<String, Value>,
    parents: &mut Vec<(usize, String)>,
    at: usize,
) -> DraftTask {
    let mut task = DraftTask::new(json::get(map, "title"));
    task.group = Some(0);
    task.old_id = json::get(map, "id");
    let status = json::get(map, "status");
    words::set_status(&mut task, &status, place, &mut import.report);
    task.archived = status == "tombstone";
    task.describe(&json::get(map, "description"));
    for (key, value) in map {
        let text = json::text(value);
        match key.as_str() {
            "id" | "title" | "status" | "description" => {}
            _ if matches!(text.trim(), "" | "null" | "[]" | "{}") => {}
            "priority" => match text.parse::<usize>().ok().and_then(|n| Priority::ALL.get(n)) {
                Some(priority) => task.set(Field::Priority.key(), priority.word()),
                None => task.set("source-priority", text),
            },
            "assignee" => task.specialist = Some(text),
            "estimated_minutes" => task.estimate = text.parse().ok(),
            "labels" => task.set(Field::Tags.key(), labels(&json::list(map, "labels"))),
            "created_at" => {
                words::set_date(&mut task, Field::Created, &text, Clock::Utc, place, &mut import.report);
            }
            "closed_at" => {
                let field =
                    if task.status.is_open() || task.archived { None } else { Some(Field::Completion) };
                match field {
                    Some(field) => {
                        words::set_date(&mut task, field, &text, Clock::Utc, place, &mut import.report);
                    }
                    None => task.set("closed-at", text),
                }
            }
            "due_at" => words::set_date(&mut task, Field::Due, &text, Clock::Utc, place, &mut import.report),
            "dependencies" => links(&mut task, value, parents, at),
            "comments" => comments(&mut task, value),
            "acceptance_criteria" => task.describe(&format!("Acceptance criteria:\n\n{text}")),
            "design" => task.describe(&format!("Design:\n\n{text}")),
            "notes" => task.describe(&format!("Notes:\n\n{text}")),
            "close_reason" => task.describe(&format!("Closed: {text}")),
            _ => keep(import, &mut task, place, key, &text),
        }
    }
    task
}

/// Words as a comma list.
pub(super) fn labels(words: &[String]) -> String {
    words.iter().map(|w| safe::list_word(w)).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ")
}

fn links(task: &mut DraftTask, value: &Value, parents: &mut Vec<(usize, String)>, at: usize) {
    let mut related = Vec::new();
    for link in value.as_array().into_iter().flatten() {
        let (to, kind) = match link {
            Value::Object(map) => (json::get(map, "depends_on_id"), json::get(map, "type")),
            other => (json::text(other), "blocks".to_owned()),
        };
        match kind.as_str() {
            "parent-child" => parents.push((at, to)),
            "blocks" | "" | "conditional-blocks" | "waits-for" => task.depends_on.push(to),
            other => related.push(format!("{other}: {to}")),
        }
    }
    for link in related {
        task.describe(&format!("Link: {link}"));
    }
}

fn comments(task: &mut DraftTask, value: &Value) {
    for comment in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
        let head = format!("{} {}", json::get(comment, "created_at"), json::get(comment, "author"));
        task.describe(&format!("Comment {}: {}", head.trim(), json::get(comment, "text")));
    }
}
