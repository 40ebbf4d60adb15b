use serde_json::{Map, Value, json};

use crate::import::{Draft, DraftTask};

/// Everything, in this shape (version 1):
///
/// `{"schema":1, "format":"plandown-export", "sessions":[{id, name, description, status, mode,
/// created, due, priority, type, tags[], groups[{path, header[[key, value]], description}], tasks[…],
/// notes[], decisions[], learnings[], next_steps[], artifacts[{task, named, file, kind, summary}],
/// extra[[key, value]]}]}`; a task is `{id, title, status, group, parent, specialist,
/// estimate_minutes, actual_minutes, fields[[key, value]], depends_on[], formerly[], description}`
/// with `group` and `parent` as indices into the session's lists. Members without a value are
/// left out.
pub(super) fn write(drafts: &[Draft]) -> Vec<u8> {
    let sessions: Vec<Value> = drafts.iter().map(session).collect();
    let all = json!({"schema": 1, "format": "plandown-export", "sessions": sessions});
    let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

struct Members(Map<String, Value>);

impl Members {
    fn add(&mut self, key: &str, value: Value) {
        let is_empty = match &value {
            Value::Null => true,
            Value::String(s) => s.is_empty(),
            Value::Array(a) => a.is_empty(),
            _ => false,
        };
        if !is_empty {
            self.0.insert(key.to_owned(), value);
        }
    }
}

fn pairs(all: &[(String, String)]) -> Value {
    all.iter().map(|(k, v)| json!([k, v])).collect()
}

fn session(draft: &Draft) -> Value {
    let mut out = Members(Map::new());
    out.add("id", json!(draft.id));
    out.add("name", json!(draft.name));
    out.add("description", json!(draft.description));
    out.add("status", json!(draft.status.map(crate::model::SessionStatus::key)));
    out.add("mode", json!(draft.mode));
    out.add("created", json!(draft.created));
    out.add("due", json!(draft.due));
    out.add("priority", json!(draft.priority.map(crate::model::Priority::word)));
    out.add("type", json!(draft.kind));
    out.add("tags", json!(draft.tags));
    let groups = draft.groups.iter().map(|g| {
        let mut out = Members(Map::new());
        out.add("path", json!(g.path));
        out.add("header", pairs(&g.header));
        out.add("description", json!(g.description));
        Value::Object(out.0)
    });
    out.add("groups", groups.collect());
    out.add("tasks", draft.tasks.iter().map(task).collect());
    out.add("notes", json!(draft.notes));
    out.add("decisions", json!(draft.decisions));
    out.add("learnings", json!(draft.learnings));
    out.add("next_steps", json!(draft.next_steps));
    let artifacts = draft.artifacts.iter().map(|a| {
        let mut out = Members(Map::new());
        out.add("task", json!(a.task));
        out.add("named", json!(a.named));
        out.add("file", json!(a.file));
        out.add("kind", json!(a.kind));
        out.add("summary", json!(a.summary));
        Value::Object(out.0)
    });
    out.add("artifacts", artifacts.collect());
    out.add("extra", pairs(&draft.extra));
    Value::Object(out.0)
}

fn task(task: &DraftTask) -> Value {
    let mut out = Members(Map::new());
    out.add("id", json!(super::id_of(task)));
    out.add("title", json!(task.title));
    out.add("status", json!(task.status.key()));
    out.add("group", json!(task.group));
    out.add("parent", json!(task.parent));
    out.add("specialist", json!(task.specialist));
    out.add("estimate_minutes", json!(task.estimate));
    out.add("actual_minutes", json!(task.actual));
    out.add("fields", pairs(&task.fields));
    out.add("depends_on", json!(task.depends_on));
    out.add("formerly", json!(task.aliases));
    out.add("description", json!(task.description));
    Value::Object(out.0)
}
