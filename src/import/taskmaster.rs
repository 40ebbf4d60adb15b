use std::collections::HashSet;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::{Aside, Draft, DraftTask, Error, Fate, Import, Kind, Remark, json, safe, words};
use crate::model::Priority;

/// Reads a `tasks.json` of Task Master: one session per tag, subtasks below their tasks.
pub fn taskmaster(bytes: &[u8], place: &str) -> Result<Import, Error> {
    let Value::Object(root) = json::parse(bytes, place)? else {
        return Err(Error::new(Kind::UnknownShape, place, "the file holds no JSON object"));
    };
    let mut import = Import::default();
    if let Some(Value::Array(_)) = root.get("tasks") {
        one_tag(&mut import, place, "Task Master", &root);
    } else {
        for (tag, value) in &root {
            match value {
                Value::Object(data) if data.get("tasks").is_some_and(Value::is_array) => {
                    one_tag(&mut import, place, tag, data);
                }
                other => {
                    import.report.row(
                        place,
                        "tags",
                        tag,
                        Fate::Aside("it holds no list of tasks".to_owned()),
                    );
                    let json = other.to_string();
                    import.aside.push(Aside { source: place.to_owned(), table: "tags".to_owned(), json });
                }
            }
        }
    }
    if import.drafts.is_empty() {
        return Err(Error::new(Kind::UnknownShape, place, "the file holds no tasks of Task Master"));
    }
    Ok(import)
}

/// A task that is to be read: itself, its parent's old id and place, the ids beside it.
type Waiting<'a> = (&'a Value, String, Option<usize>, Rc<HashSet<String>>);

fn one_tag(import: &mut Import, place: &str, tag: &str, data: &Map<String, Value>) {
    let mut draft = Draft::new(if tag == "master" { "Task Master" } else { tag });
    if let Some(Value::Object(meta)) = data.get("metadata") {
        draft.description = json::get(meta, "description");
        draft.created = words::date(&json::get(meta, "created"), words::Clock::Utc);
    }
    import.report.row(place, "tags", tag, Fate::Session);
    let Some(Value::Array(tasks)) = data.get("tasks") else { return };
    if tasks.is_empty() {
        import.report.empty(place, tag);
    }
    // In document order from the end.
    let none = Rc::new(HashSet::new());
    let mut stack: Vec<Waiting<'_>> =
        tasks.iter().rev().map(|t| (t, String::new(), None, Rc::clone(&none))).collect();
    while let Some((value, parent_id, parent, siblings)) = stack.pop() {
        let Value::Object(map) = value else {
            import.report.row(place, tag, "?", Fate::Aside("it is no JSON object".to_owned()));
            let json = value.to_string();
            import.aside.push(Aside { source: place.to_owned(), table: tag.to_owned(), json });
            continue;
        };
        let id = full_id(&parent_id, map);
        let mut task = task_of(import, place, tag, map, &id);
        task.parent = parent;
        for dep in &mut task.depends_on {
            // In a subtask a plain number is a sibling first.
            let sibling = format!("{parent_id}.{dep}");
            if siblings.contains(&sibling) {
                *dep = sibling;
            }
        }
        import.report.row(place, tag, &id, Fate::Task);
        draft.tasks.push(task);
        if let Some(Value::Array(below)) = map.get("subtasks") {
            let at = draft.tasks.len() - 1;
            let beside: HashSet<String> =
                below.iter().filter_map(Value::as_object).map(|m| full_id(&id, m)).collect();
            let beside = Rc::new(beside);
            stack.extend(below.iter().rev().map(|s| (s, id.clone(), Some(at), Rc::clone(&beside))));
        }
    }
    import.drafts.push(draft);
}

/// `5.1` for subtask 1 of task 5, however the file writes it.
fn full_id(parent: &str, map: &Map<String, Value>) -> String {
    let own = json::get(map, "id");
    if parent.is_empty() || own.starts_with(&format!("{parent}.")) { own } else { format!("{parent}.{own}") }
}

fn task_of(import: &mut Import, place: &str, tag: &str, map: &Map<String, Value>, id: &str) -> DraftTask {
    let place = format!("{place}#{tag}.{}", safe::shortened(id, 60));
    let mut task = DraftTask::new(json::get(map, "title"));
    id.clone_into(&mut task.old_id);
    words::set_status(&mut task, &json::get(map, "status"), &place, &mut import.report);
    task.depends_on = json::list(map, "dependencies");
    task.describe(&json::get(map, "description"));
    for (key, value) in map {
        let text = json::text(value);
        match key.as_str() {
            "id" | "title" | "status" | "dependencies" | "description" | "subtasks" => {}
            _ if matches!(text.trim(), "" | "null" | "[]" | "{}") => {}
            "priority" => match Priority::parse(&text) {
                Some(priority) => task.set("priority", priority.word()),
                None => task.set("source-priority", text),
            },
            "details" => task.describe(&format!("Details: {text}")),
            "testStrategy" => task.describe(&format!("Test strategy: {text}")),
            _ => keep(import, &mut task, &place, key, &text),
        }
    }
    task
}

/// Keeps a member that ours has no place for: short ones as a field, long ones as text.
pub(super) fn keep(import: &mut Import, task: &mut DraftTask, place: &str, key: &str, text: &str) {
    let is_short = text.len() <= 80 && !text.contains(['\n', '[', ']', '{']);
    match safe::key(key).filter(|k| is_short && crate::model::field_named(k).is_none()) {
        Some(key) => task.set(&key, text),
        None => task.describe(&format!("{key}: {text}")),
    }
    import.report.find(
        Remark::FieldKept,
        place,
        format!("`{}` is kept with the task", safe::shortened(key, 60)),
    );
}
