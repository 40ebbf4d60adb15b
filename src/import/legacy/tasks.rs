use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

use super::super::draft::{DraftGroup, DraftTask};
use super::super::words::{self, Clock};
use super::super::{Fate, Remark, json, safe};
use super::breakdowns::common;
use super::collect::{Collector, listed, set_complexity};
use super::sqlite::{Database, Row, Table};
use crate::model::{Field, TaskStatus};

/// What differs between the two generations that keep all tasks in one table.
struct Shape {
    table: &'static str,
    id: &'static str,
    kind: &'static str,
    /// (column of the dependent, column of what it waits for) in `task_dependencies`.
    edge: (&'static str, &'static str),
}

const PLAIN: Shape = Shape { table: "tasks", id: "id", kind: "type", edge: ("task_id", "dependency_id") };
const GENERIC: Shape = Shape {
    table: "generic_tasks",
    id: "task_id",
    kind: "task_type",
    edge: ("dependent_task_id", "prerequisite_task_id"),
};

/// The table of tasks with a metadata column, and the table of generic tasks.
fn shapes(db: &Database) -> Vec<(&'static Shape, &Table)> {
    let plain = db.shaped("tasks", &["id", "type", "status", "title", "metadata"]).map(|t| (&PLAIN, t));
    let generic =
        db.shaped("generic_tasks", &["task_id", "title", "task_type", "status"]).map(|t| (&GENERIC, t));
    plain.into_iter().chain(generic).collect()
}

/// Whether the database is of one of these generations.
pub(super) fn fits(db: &Database) -> bool {
    !shapes(db).is_empty()
}

/// One task per row; a root with subtasks also gives its name to a group.
pub(super) fn import(all: &mut Collector, source: &str, db: &Database) {
    for (shape, table) in shapes(db) {
        if table.rows.is_empty() {
            all.report.empty(source, shape.table);
            continue;
        }
        let from = all.draft.tasks.len();
        rows(all, source, shape, table);
        dependencies(all, source, db, shape, from);
        attributes(all, source, db, from);
        artifacts(all, source, db, from);
    }
    for table in ["task_dependencies", "task_artifacts", "task_attributes"] {
        if db.tables.get(table).is_some_and(|t| t.rows.is_empty()) {
            all.report.empty(source, table);
        }
    }
}

fn rows(all: &mut Collector, source: &str, shape: &Shape, table: &Table) {
    let ids: HashSet<String> = table.rows.iter().map(|r| r.text(shape.id)).collect();
    let parents: HashSet<String> = table.rows.iter().map(|r| r.text("parent_task_id")).collect();
    let mut sorted: Vec<&Row> = table.rows.iter().collect();
    sorted.sort_by_key(|r| r.text("created_at"));
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut links: Vec<(usize, String)> = Vec::new();
    for row in sorted {
        let id = row.text(shape.id);
        let words = format!("{} {}", row.text("title"), row.text("description"));
        if all.is_repeated(source, shape.table, &id, &words, &|| row.json()) {
            continue;
        }
        let place = format!("{source}#{}#{}", shape.table, safe::shortened(&id, 80));
        let mut task = task_of(all, source, shape, row, &place);
        let parent = row.text("parent_task_id");
        let has_parent = ids.contains(&parent) && !parent.is_empty();
        if !has_parent && !parent.is_empty() {
            let message = format!("the parent `{}` does not exist", safe::shortened(&parent, 80));
            all.report.find(Remark::ParentMissing, &place, message);
            task.set("legacy-parent", &parent);
        }
        if !has_parent && parents.contains(&id) {
            let path = safe::shortened(&safe::one_line(&task.title), 80);
            let path = if task.title.len() <= 80 { safe::one_line(&task.title) } else { path };
            task.group = Some(all.group(DraftGroup { path, ..DraftGroup::default() }));
        } else {
            task.group = Some(all.loose_group());
        }
        all.report.row(source, shape.table, &id, Fate::Task);
        let at = all.push(task);
        index.insert(id, at);
        if has_parent {
            links.push((at, parent));
        }
    }
    for (at, parent) in links {
        all.draft.tasks[at].parent = index.get(&parent).copied();
    }
}

fn task_of(all: &mut Collector, source: &str, shape: &Shape, row: &Row, place: &str) -> DraftTask {
    let title =
        Some(row.text("title")).filter(|t| !t.trim().is_empty()).unwrap_or_else(|| row.text("description"));
    let mut task = DraftTask::new(title);
    task.old_id = row.text(shape.id);
    common(all, &mut task, source, place, row);
    if let Value::Object(data) = json::unwrapped(&row.text("metadata")) {
        metadata(all, &mut task, &data, place);
    }
    if row.get("deleted_at").is_some() && !row.is_blank("deleted_at") {
        task.archived = true;
        if task.status.is_open() {
            task.status = TaskStatus::Cancelled;
        }
    }
    let kind = row.text(shape.kind);
    if !matches!(kind.as_str(), "" | "standard" | "breakdown" | "subtask") {
        task.set("type", kind);
    }
    for (key, column) in [("legacy-session", "session_id"), ("assigned-to", "assigned_to")] {
        task.set(key, row.text(column));
    }
    task.actual = words::minutes(&row.text("actual_effort"));
    let context = row.text("context");
    if !matches!(context.trim(), "" | "{}" | "null") {
        task.describe(&format!("Context: {}", context.trim()));
    }
    for (field, column) in
        [(Field::Created, "created_at"), (Field::Started, "started_at"), (Field::Due, "due_date")]
    {
        words::set_date(&mut task, field, &row.text(column), Clock::Utc, place, &mut all.report);
    }
    let ended = if task.status == TaskStatus::Cancelled { Field::Cancelled } else { Field::Completion };
    words::set_date(&mut task, ended, &row.text("completed_at"), Clock::Utc, place, &mut all.report);
    all.link_artifacts(source, &mut task, &[]);
    task
}

fn metadata(all: &mut Collector, task: &mut DraftTask, data: &Map<String, Value>, place: &str) {
    for (key, value) in data {
        let text = json::text(value);
        if matches!(text.trim(), "" | "null" | "[]" | "{}") {
            continue;
        }
        match key.as_str() {
            "complexity" => set_complexity(task, &text),
            "specialist_type" => task.specialist = Some(text),
            "estimated_effort" => words::set_estimate(task, &text, place, &mut all.report),
            "due_date" => words::set_date(task, Field::Due, &text, Clock::Utc, place, &mut all.report),
            "dependencies" => task.depends_on.extend(match value {
                Value::Array(many) => many.iter().map(json::text).collect(),
                _ => listed(&text),
            }),
            "context" => task.describe(&format!("Context: {text}")),
            "summary" | "results" => task.describe(&format!("Result: {text}")),
            _ if text.len() <= 120 => task.set(key, text),
            _ => task.describe(&format!("{key}: {text}")),
        }
    }
}

fn dependencies(all: &mut Collector, source: &str, db: &Database, shape: &Shape, from: usize) {
    let (dependent, wanted) = shape.edge;
    let Some(table) = db.shaped("task_dependencies", &[dependent, wanted]) else { return };
    let index = index(all, from);
    for row in &table.rows {
        let (task, on) = (row.text(dependent), row.text(wanted));
        let key = format!("{task} on {on}");
        match index.get(&task) {
            Some(&at) => {
                let list = &mut all.draft.tasks[at].depends_on;
                if !list.contains(&on) {
                    list.push(on);
                }
                all.report.row(source, "task_dependencies", key, Fate::Part("dependency"));
            }
            None => {
                all.keep_aside(source, "task_dependencies", &key, row.json(), "its task was not imported");
            }
        }
    }
}

fn index(all: &Collector, from: usize) -> HashMap<String, usize> {
    let tasks = all.draft.tasks.iter().enumerate().skip(from);
    tasks.map(|(i, t)| (t.old_id.clone(), i)).collect()
}

fn attributes(all: &mut Collector, source: &str, db: &Database, from: usize) {
    let Some(table) = db.shaped("task_attributes", &["task_id", "attribute_name", "attribute_value"]) else {
        return;
    };
    let index = index(all, from);
    for row in &table.rows {
        let name = row.text("attribute_name");
        let key = format!("{}.{name}", row.text("task_id"));
        match index.get(&row.text("task_id")) {
            Some(&at) => {
                let task = &mut all.draft.tasks[at];
                let value = row.text("attribute_value");
                match safe::key(&name)
                    .filter(|k| crate::model::field_named(k).is_none() && value.len() <= 120)
                {
                    Some(key) => task.set(&key, value),
                    None => task.describe(&format!("{name}: {value}")),
                }
                all.report.row(source, "task_attributes", key, Fate::Part("field"));
            }
            None => all.keep_aside(source, "task_attributes", &key, row.json(), "its task was not imported"),
        }
    }
}

fn artifacts(all: &mut Collector, source: &str, db: &Database, from: usize) {
    let Some(table) = db.shaped("task_artifacts", &["task_id"]) else { return };
    let index = index(all, from);
    for row in &table.rows {
        let name = [row.text("name"), row.text("artifact_name")].concat();
        let key = format!("{}.{name}", row.text("task_id"));
        let Some(&at) = index.get(&row.text("task_id")) else {
            all.keep_aside(source, "task_artifacts", &key, row.json(), "its task was not imported");
            continue;
        };
        let mut task = std::mem::replace(&mut all.draft.tasks[at], DraftTask::new(""));
        let content = row.text("content");
        if !content.trim().is_empty() {
            let label = if name.is_empty() {
                "Artifact".to_owned()
            } else {
                format!("Artifact {}", safe::one_line(&name))
            };
            task.describe(&format!("{label}:\n\n{}", content.trim_end()));
        }
        let pointer = row.text("file_reference");
        if !pointer.trim().is_empty() {
            all.link_artifacts(source, &mut task, &[pointer]);
        }
        all.draft.tasks[at] = task;
        all.report.row(source, "task_artifacts", key, Fate::Part("artifact"));
    }
}
