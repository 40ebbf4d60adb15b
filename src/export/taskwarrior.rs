use serde_json::{Map, Value, json};
use std::collections::HashMap;

use super::{Exported, around_tasks, counted, id_of};
use crate::import::{Draft, DraftTask};
use crate::model::{Field, Priority, TaskStatus};
use crate::text::ContentHash;

/// Dates that Taskwarrior has a name for.
const DATES: &[(Field, &str)] = &[
    (Field::Created, "entry"),
    (Field::Due, "due"),
    (Field::Scheduled, "scheduled"),
    (Field::Start, "wait"),
    (Field::Started, "start"),
];

pub(super) fn write(draft: &Draft) -> Exported {
    let uuids: HashMap<String, String> =
        draft.tasks.iter().map(|t| (id_of(t), uuid(&draft.id, &id_of(t)))).collect();
    let rows: Vec<Value> = draft.tasks.iter().map(|t| one(draft, t, &uuids)).collect();
    let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    text.push('\n');
    let mut lost = around_tasks(draft);
    lost.push(("decisions", draft.decisions.len()));
    lost.push((
        "group descriptions",
        draft.groups.iter().filter(|g| !g.description.trim().is_empty()).count(),
    ));
    lost.push((
        "dependencies by title or in other sessions",
        draft.tasks.iter().flat_map(|t| &t.depends_on).filter(|d| !uuids.contains_key(d.as_str())).count(),
    ));
    Exported { files: vec![("taskwarrior.json".to_owned(), text.into_bytes())], lost: counted(&lost) }
}

/// The same task gets the same name every time.
fn uuid(session: &str, id: &str) -> String {
    let hash = ContentHash::of(format!("plandown-taskwarrior-1\0{session}\0{id}").as_bytes());
    let hex = hash.to_string();
    let part = |r: std::ops::Range<usize>| hex.get(r).unwrap_or("0");
    format!("{}-{}-4{}-8{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

/// `20250618T093000Z`; `None` for dates with another offset or without a zone.
fn compact(date: &str) -> Option<String> {
    if date.len() == 10 {
        return Some(format!("{}T000000Z", date.replace('-', "")));
    }
    let digits: String = date.chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
    let is_midnight = digits.ends_with("T000000");
    (date.ends_with('Z') && digits.len() == 15 && !is_midnight).then(|| format!("{digits}Z"))
}

fn one(draft: &Draft, task: &DraftTask, uuids: &HashMap<String, String>) -> Value {
    let mut out = Map::new();
    let id = id_of(task);
    let status = match task.status {
        TaskStatus::Completed => "completed",
        TaskStatus::Cancelled => "deleted",
        _ => "pending",
    };
    out.insert("uuid".to_owned(), json!(uuids.get(&id)));
    out.insert("description".to_owned(), json!(task.title));
    out.insert("status".to_owned(), json!(status));
    out.insert("plandownid".to_owned(), json!(id));
    out.insert("plandownstatus".to_owned(), json!(task.status.key()));
    if let Some(group) = task.group.and_then(|g| draft.groups.get(g)) {
        out.insert("project".to_owned(), json!(group.path));
    }
    let ended = if task.status == TaskStatus::Cancelled { Field::Cancelled } else { Field::Completion };
    let mut own: Vec<Value> = Vec::new();
    for (key, value) in &task.fields {
        let name = DATES.iter().find(|(f, _)| f.key() == key).map(|(_, n)| *n);
        let name = name.or_else(|| (ended.key() == key && !task.status.is_open()).then_some("end"));
        match (name, compact(value)) {
            (Some(name), Some(date)) if !out.contains_key(name) => {
                out.insert(name.to_owned(), json!(date));
            }
            _ if key == Field::Priority.key() => {
                let letter = match Priority::parse(value) {
                    Some(Priority::Urgent | Priority::High) => "H",
                    Some(Priority::Medium) => "M",
                    _ => "L",
                };
                out.insert("priority".to_owned(), json!(letter));
                out.insert("plandownpriority".to_owned(), json!(value));
            }
            _ if key == Field::Tags.key() && task.tags().iter().all(|t| !t.contains(' ')) => {
                out.insert("tags".to_owned(), json!(task.tags()));
            }
            _ => own.push(json!([key, value])),
        }
    }
    if !own.is_empty() {
        out.insert("plandownfields".to_owned(), Value::Array(own));
    }
    let depends: Vec<&String> = task.depends_on.iter().filter_map(|d| uuids.get(d)).collect();
    if !depends.is_empty() {
        out.insert("depends".to_owned(), json!(depends));
    }
    if let Some(parent) = task.parent.and_then(|p| draft.tasks.get(p)) {
        out.insert("plandownparent".to_owned(), json!(uuids.get(&id_of(parent))));
    }
    let minutes = |m: u32| json!(crate::model::write_minutes(m));
    for (key, value) in [
        ("owner", task.specialist.as_ref().map(|s| json!(s))),
        ("estimate", task.estimate.map(minutes)),
        ("actual", task.actual.map(minutes)),
        ("plandowntext", Some(&task.description).filter(|d| !d.is_empty()).map(|d| json!(d))),
        ("plandownformerly", Some(&task.aliases).filter(|a| !a.is_empty()).map(|a| json!(a.join(",")))),
    ] {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    }
    Value::Object(out)
}
