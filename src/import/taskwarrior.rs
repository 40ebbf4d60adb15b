use serde_json::{Map, Value};
use std::collections::HashMap;

use super::beads::labels;
use super::taskmaster::keep;
use super::words::{self, Clock};
use super::{Aside, Draft, DraftGroup, DraftTask, Error, Fate, Import, Kind, json, safe};
use crate::model::{Field, Priority, TaskStatus};

/// Reads what `task export` prints: an array, or one object per line; projects are groups.
pub fn taskwarrior(bytes: &[u8], place: &str) -> Result<Import, Error> {
    let mut import = Import::default();
    let rows = rows(bytes, place)?;
    let mut draft = Draft::new("Taskwarrior");
    let mut parents: Vec<(usize, String)> = Vec::new();
    let mut by_uuid: HashMap<String, usize> = HashMap::new();
    for value in rows {
        let Value::Object(map) = &value else {
            import.report.row(place, "tasks", "?", Fate::Aside("it is no JSON object".to_owned()));
            import.aside.push(Aside {
                source: place.to_owned(),
                table: "tasks".to_owned(),
                json: value.to_string(),
            });
            continue;
        };
        let uuid = json::get(map, "uuid");
        let at = format!("{place}#{}", safe::shortened(&uuid, 60));
        let task = one(&mut import, &mut draft, map, &at, &mut parents);
        by_uuid.insert(uuid.clone(), draft.tasks.len());
        import.report.row(place, "tasks", uuid, Fate::Task);
        draft.tasks.push(task);
    }
    for (at, parent) in parents {
        match by_uuid.get(&parent) {
            Some(&to) => draft.tasks[at].parent = Some(to),
            None => draft.tasks[at].set("source-parent", parent),
        }
    }
    // Dependencies name uuids; tasks that came from us have ids of their own.
    let ids: Vec<String> = draft.tasks.iter().map(|t| t.old_id.clone()).collect();
    for dep in draft.tasks.iter_mut().flat_map(|t| &mut t.depends_on) {
        if let Some(&to) = by_uuid.get(dep.as_str()) {
            dep.clone_from(&ids[to]);
        }
    }
    if draft.tasks.is_empty() && !import.aside.is_empty() {
        return Err(Error::new(Kind::UnknownShape, place, "the file holds no tasks of Taskwarrior"));
    }
    if draft.tasks.is_empty() {
        import.report.empty(place, "tasks");
    }
    import.drafts.push(draft);
    Ok(import)
}

fn rows(bytes: &[u8], place: &str) -> Result<Vec<Value>, Error> {
    match json::parse(bytes, place) {
        Ok(Value::Array(all)) => Ok(all),
        Ok(Value::Object(one)) if one.contains_key("description") => Ok(vec![Value::Object(one)]),
        Ok(_) => Err(Error::new(Kind::UnknownShape, place, "the file holds no tasks of Taskwarrior")),
        Err(error) => {
            let lines = bytes.split(|&b| b == b'\n').filter(|l| !l.iter().all(u8::is_ascii_whitespace));
            let all: Result<Vec<Value>, Error> = lines.map(|l| json::parse(l, place)).collect();
            all.ok().filter(|rows| rows.len() > 1).ok_or(error)
        }
    }
}

fn one(
    import: &mut Import,
    draft: &mut Draft,
    map: &Map<String, Value>,
    place: &str,
    parents: &mut Vec<(usize, String)>,
) -> DraftTask {
    let mut task = DraftTask::new(json::get(map, "description"));
    let own = json::get(map, "plandownid");
    task.old_id = if own.is_empty() { json::get(map, "uuid") } else { own };
    let waits = json::get(map, "status") == "waiting";
    task.status = match json::get(map, "status").as_str() {
        "completed" => TaskStatus::Completed,
        "deleted" => TaskStatus::Cancelled,
        "waiting" => TaskStatus::OnHold,
        _ if map.contains_key("start") => TaskStatus::InProgress,
        _ => TaskStatus::Pending,
    };
    for (key, value) in map {
        let text = json::text(value);
        let report = &mut import.report;
        let mut date = |task: &mut DraftTask, field| {
            let day = text.strip_suffix("T000000Z").filter(|d| d.len() == 8 && d.is_ascii());
            let day = day.map(|d| format!("{}-{}-{}", &d[..4], &d[4..6], &d[6..]));
            words::set_date(task, field, day.as_deref().unwrap_or(&text), Clock::Utc, place, report);
        };
        match key.as_str() {
            "uuid" | "description" | "status" | "id" | "urgency" | "modified" | "plandownid" => {}
            _ if matches!(text.trim(), "" | "null" | "[]" | "{}") => {}
            "plandownstatus" => task.status = TaskStatus::parse(&text).unwrap_or(task.status),
            "plandownpriority" => task.set(Field::Priority.key(), text),
            "plandowntext" => task.describe(&text),
            "plandownparent" => parents.push((draft.tasks.len(), text)),
            "plandownformerly" => task.aliases = text.split(',').map(|w| w.trim().to_owned()).collect(),
            "plandownfields" => {
                for pair in value.as_array().into_iter().flatten().filter_map(Value::as_array) {
                    if let [key, value] = &pair[..] {
                        task.set(&json::text(key), json::text(value));
                    }
                }
            }
            "project" => task.group = Some(group(draft, &text)),
            "priority" if map.contains_key("plandownpriority") => {}
            "priority" => {
                let priority = match text.as_str() {
                    "H" => Some(Priority::High),
                    "M" => Some(Priority::Medium),
                    "L" => Some(Priority::Low),
                    _ => None,
                };
                match priority {
                    Some(priority) => task.set(Field::Priority.key(), priority.word()),
                    None => task.set("source-priority", text),
                }
            }
            "entry" => date(&mut task, Field::Created),
            "due" => date(&mut task, Field::Due),
            "scheduled" => date(&mut task, Field::Scheduled),
            "wait" if waits || map.contains_key("plandownid") => date(&mut task, Field::Start),
            "wait" => date(&mut task, Field::Start),
            "start" => date(&mut task, Field::Started),
            "end" if task.status == TaskStatus::Cancelled => date(&mut task, Field::Cancelled),
            "end" => date(&mut task, Field::Completion),
            "tags" => task.set(Field::Tags.key(), labels(&json::list(map, "tags"))),
            "depends" => {
                let all = json::list(map, "depends");
                task.depends_on =
                    all.iter().flat_map(|d| d.split(',')).map(|d| d.trim().to_owned()).collect();
            }
            "owner" => task.specialist = Some(text),
            "estimate" => task.estimate = words::minutes(&text),
            "actual" => task.actual = words::minutes(&text),
            "annotations" => {
                for note in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
                    task.describe(&format!(
                        "{} {}",
                        json::get(note, "entry"),
                        json::get(note, "description")
                    ));
                }
            }
            _ => keep(import, &mut task, place, key, &text),
        }
    }
    task
}

fn group(draft: &mut Draft, path: &str) -> usize {
    draft.groups.iter().position(|g| g.path == path).unwrap_or_else(|| {
        draft.groups.push(DraftGroup { path: path.to_owned(), ..DraftGroup::default() });
        draft.groups.len() - 1
    })
}
