use serde_json::{Map, Value};

use super::{Artifact, Draft, DraftGroup, DraftTask, Error, Fate, Import, Kind, json};
use crate::model::{Priority, SessionStatus, TaskId, TaskStatus};

/// Reads the JSON that our own export writes.
pub fn plandown_json(bytes: &[u8], place: &str) -> Result<Import, Error> {
    let unknown = |detail: &str| Error::new(Kind::UnknownShape, place, detail);
    let Value::Object(root) = json::parse(bytes, place)? else {
        return Err(unknown("the file holds no JSON object"));
    };
    if json::get(&root, "format") != "plandown-export" {
        return Err(unknown("the file is no export of plandown"));
    }
    if json::get(&root, "schema") != "1" {
        return Err(unknown("the export is of a version that is unknown here"));
    }
    let mut import = Import::default();
    for session in root.get("sessions").and_then(Value::as_array).into_iter().flatten() {
        let Value::Object(map) = session else { return Err(unknown("a session is no JSON object")) };
        let draft = draft(map);
        import.report.row(place, "sessions", &draft.id, Fate::Session);
        for task in &draft.tasks {
            import.report.row(place, "tasks", &task.old_id, Fate::Task);
        }
        import.drafts.push(draft);
    }
    Ok(import)
}

fn optional(map: &Map<String, Value>, key: &str) -> Option<String> {
    Some(json::get(map, key)).filter(|t| !t.is_empty())
}

fn objects<'a>(map: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    map.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn pairs(map: &Map<String, Value>, key: &str) -> Vec<(String, String)> {
    let all = map.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array);
    all.filter_map(|p| Some((json::text(p.first()?), json::text(p.get(1)?)))).collect()
}

fn draft(map: &Map<String, Value>) -> Draft {
    Draft {
        id: json::get(map, "id"),
        name: json::get(map, "name"),
        description: json::get(map, "description"),
        status: SessionStatus::parse(&json::get(map, "status")),
        mode: optional(map, "mode"),
        created: optional(map, "created"),
        due: optional(map, "due"),
        priority: Priority::parse(&json::get(map, "priority")),
        tags: json::list(map, "tags"),
        groups: objects(map, "groups")
            .map(|g| DraftGroup {
                old_id: String::new(),
                path: json::get(g, "path"),
                header: pairs(g, "header"),
                description: json::get(g, "description"),
            })
            .collect(),
        tasks: objects(map, "tasks").map(task).collect(),
        notes: json::list(map, "notes"),
        decisions: json::list(map, "decisions"),
        learnings: json::list(map, "learnings"),
        next_steps: json::list(map, "next_steps"),
        artifacts: objects(map, "artifacts")
            .map(|a| Artifact {
                task: json::get(a, "task"),
                named: json::get(a, "named"),
                file: optional(a, "file"),
                kind: json::get(a, "kind"),
                summary: json::get(a, "summary"),
            })
            .collect(),
        extra: pairs(map, "extra"),
        verbatim: None,
    }
}

fn task(map: &Map<String, Value>) -> DraftTask {
    let number = |key: &str| map.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let minutes = |key: &str| number(key).and_then(|n| u32::try_from(n).ok());
    let mut task = DraftTask::new(json::get(map, "title"));
    task.old_id = json::get(map, "id");
    task.id = TaskId::parse(&task.old_id);
    task.group = number("group");
    task.parent = number("parent");
    task.status = TaskStatus::parse(&json::get(map, "status")).unwrap_or(TaskStatus::Pending);
    task.specialist = optional(map, "specialist");
    task.estimate = minutes("estimate_minutes");
    task.actual = minutes("actual_minutes");
    task.fields = pairs(map, "fields");
    task.depends_on = json::list(map, "depends_on");
    task.aliases = json::list(map, "formerly");
    task.description = json::get(map, "description");
    task
}
