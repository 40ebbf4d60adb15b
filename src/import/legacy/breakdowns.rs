use std::collections::HashMap;

use super::super::draft::{DraftGroup, DraftTask, push_paragraph};
use super::super::words::{self, Clock};
use super::super::{Fate, Remark, safe};
use super::collect::{Collector, listed, set_complexity};
use super::sqlite::{Database, Row};
use crate::model::{Field, TaskStatus};

/// Whether the database is of the generations that plan in breakdowns and subtasks.
pub(super) fn fits(db: &Database) -> bool {
    db.shaped("subtasks", &["task_id", "title", "status"]).is_some()
        || db.shaped("task_breakdowns", &["parent_task_id", "description"]).is_some()
}

/// One group per breakdown, one task per subtask.
pub(super) fn import(all: &mut Collector, source: &str, db: &Database) {
    let groups = groups(all, source, db);
    let from = all.draft.tasks.len();
    if let Some(table) = db.shaped("subtasks", &["task_id", "title", "status"]) {
        if table.rows.is_empty() {
            all.report.empty(source, "subtasks");
        }
        let mut rows: Vec<&Row> = table.rows.iter().collect();
        // The order of planning; equal times keep the order of the table.
        rows.sort_by_key(|r| r.text("created_at"));
        for row in rows {
            subtask(all, source, row, &groups);
        }
    }
    prerequisites(all, source, db, &groups);
    decisions(all, source, db);
    archives(all, source, db, from);
}

fn groups(all: &mut Collector, source: &str, db: &Database) -> HashMap<String, usize> {
    let mut groups = HashMap::new();
    let Some(table) = db.shaped("task_breakdowns", &["parent_task_id", "description"]) else { return groups };
    if table.rows.is_empty() {
        all.report.empty(source, "task_breakdowns");
    }
    for row in &table.rows {
        let id = row.text("parent_task_id");
        let description = row.text("description");
        if all.is_repeated(source, "task_breakdowns", &id, &description, &|| row.json()) {
            if let Some(at) = all.draft.groups.iter().position(|g| g.old_id == id) {
                groups.insert(id, at);
            }
            continue;
        }
        let clock = all.local_clock(source, false);
        let created = words::date(&row.text("created_at"), clock).unwrap_or_else(|| row.text("created_at"));
        let group = group_of(&id, &description, &row.text("complexity"), &row.text("context"), &created);
        all.report.row(source, "task_breakdowns", &id, Fate::Group);
        let at = all.group(group);
        groups.insert(id, at);
    }
    groups
}

/// A breakdown as a group: its first line is the name, all of it the description.
pub(super) fn group_of(
    id: &str,
    description: &str,
    complexity: &str,
    context: &str,
    created: &str,
) -> DraftGroup {
    let first = safe::one_line(description.trim().lines().next().unwrap_or(""));
    let name = if first.chars().count() > 80 { safe::shortened(&first, 80) } else { first.clone() };
    let mut header = Vec::new();
    for (key, value) in [("Complexity", complexity), ("Created", created), ("Legacy ID", id)] {
        if !value.trim().is_empty() {
            header.push((key.to_owned(), safe::one_line(value)));
        }
    }
    let mut text = String::new();
    if safe::one_line(description) != name {
        push_paragraph(&mut text, description);
    }
    if !context.trim().is_empty() {
        push_paragraph(&mut text, &format!("Context: {}", context.trim()));
    }
    DraftGroup { old_id: id.to_owned(), path: name, header, description: text }
}

fn subtask(all: &mut Collector, source: &str, row: &Row, groups: &HashMap<String, usize>) {
    let id = row.text("task_id");
    let title = row.text("title");
    if all.is_repeated(source, "subtasks", &id, &title, &|| row.json()) {
        return;
    }
    let place = format!("{source}#subtasks#{}", safe::shortened(&id, 80));
    let mut task = DraftTask::new(title);
    task.old_id.clone_from(&id);
    let parent = row.text("parent_task_id");
    task.group = if let Some(&at) = groups.get(&parent) {
        Some(at)
    } else {
        if !parent.is_empty() {
            let message = format!("the breakdown `{}` does not exist", safe::shortened(&parent, 80));
            all.report.find(Remark::ParentMissing, &place, message);
            task.set("legacy-parent", &parent);
        }
        Some(all.loose_group())
    };
    common(all, &mut task, source, &place, row);
    let clock = all.local_clock(source, !row.is_blank("completed_at"));
    let created = words::date(&row.text("created_at"), clock);
    match created {
        Some(date) => task.set(Field::Created.key(), date),
        None => words::set_date(
            &mut task,
            Field::Created,
            &row.text("created_at"),
            Clock::Utc,
            &place,
            &mut all.report,
        ),
    }
    words::set_date(
        &mut task,
        Field::Completion,
        &row.text("completed_at"),
        Clock::Utc,
        &place,
        &mut all.report,
    );
    let pointers = listed(&row.text("artifacts"));
    all.link_artifacts(source, &mut task, &pointers);
    all.report.row(source, "subtasks", &id, Fate::Task);
    all.push(task);
}

/// What rows of tasks have in common in all generations that use columns.
pub(super) fn common(all: &mut Collector, task: &mut DraftTask, source: &str, place: &str, row: &Row) {
    let _ = source;
    let status = row.text("status");
    words::set_status(task, &status, place, &mut all.report);
    task.archived = status.eq_ignore_ascii_case("archived");
    if task.archived && row.is_blank("completed_at") {
        task.status = TaskStatus::Cancelled;
    }
    task.specialist = Some(row.text("specialist_type")).filter(|s| !s.trim().is_empty());
    words::set_estimate(task, &row.text("estimated_effort"), place, &mut all.report);
    set_complexity(task, &row.text("complexity"));
    // `pending` and `standard` are what every row says by default.
    match row.text("verification_status").as_str() {
        "" | "pending" => {}
        word @ ("passed" | "failed" | "skipped") => task.set(Field::Verified.key(), word),
        "verified" => task.set(Field::Verified.key(), "passed"),
        other => task.set("source-verification", other),
    }
    let gate = row.text("quality_gate_level");
    if gate != "standard" {
        task.set("quality-gate", gate);
    }
    task.depends_on = listed(&row.text("dependencies"));
    let description = row.text("description");
    if description.trim() != task.title.trim() {
        task.describe(&description);
    }
    for (label, column) in [("Result", "results"), ("Summary", "summary")] {
        let text = row.text(column);
        if !text.trim().is_empty() {
            task.describe(&format!("{label}: {}", text.trim()));
        }
    }
}

fn prerequisites(all: &mut Collector, source: &str, db: &Database, groups: &HashMap<String, usize>) {
    let Some(table) = db.shaped("task_prerequisites", &["parent_task_id", "description"]) else { return };
    if table.rows.is_empty() {
        all.report.empty(source, "task_prerequisites");
    }
    for row in &table.rows {
        let Some(&at) = groups.get(&row.text("parent_task_id")) else {
            all.keep_aside(
                source,
                "task_prerequisites",
                &row.text("id"),
                row.json(),
                "its breakdown does not exist",
            );
            continue;
        };
        let done = matches!(row.text("is_satisfied").as_str(), "1" | "true");
        let mark = if done { "met" } else { "open" };
        let text = format!("Prerequisite ({mark}): {}", safe::one_line(&row.text("description")));
        push_paragraph(&mut all.draft.groups[at].description, &text);
        all.report.row(source, "task_prerequisites", row.text("id"), Fate::Part("note"));
    }
}

fn decisions(all: &mut Collector, source: &str, db: &Database) {
    let Some(table) = db.shaped("architectural_decisions", &["decision_id", "title", "decision"]) else {
        return;
    };
    if table.rows.is_empty() {
        all.report.empty(source, "architectural_decisions");
    }
    for row in &table.rows {
        let mut text = format!("{} — {}", safe::one_line(&row.text("title")), row.text("decision").trim());
        let facts = ["status", "category", "impact_level", "subtask_id", "timestamp", "decision_id"];
        let facts: Vec<String> =
            facts.iter().map(|c| safe::one_line(&row.text(c))).filter(|t| !t.is_empty()).collect();
        push_paragraph(&mut text, &facts.join(" · "));
        for (column, value) in row.iter() {
            let told = ["title", "decision", "decision_number", "session_id", "created_at", "updated_at"];
            let value = super::super::json::text(value);
            let empty = matches!(value.trim(), "" | "null" | "[]" | "{}");
            let is_fact = ["status", "category", "impact_level", "subtask_id", "timestamp", "decision_id"];
            if empty || told.contains(&column) || is_fact.contains(&column) {
                continue;
            }
            let items = listed(&value);
            let value = if value.trim_start().starts_with('[') { items.join("; ") } else { value };
            push_paragraph(&mut text, &format!("{}: {}", column.replace('_', " "), value.trim()));
        }
        all.draft.decisions.push(text);
        all.report.row(source, "architectural_decisions", row.text("decision_id"), Fate::Part("decision"));
    }
}

/// Archived tasks keep what their archive says of them.
fn archives(all: &mut Collector, source: &str, db: &Database, from: usize) {
    let Some(table) = db.shaped("task_archives", &["original_task_id", "archived_data"]) else { return };
    if table.rows.is_empty() {
        all.report.empty(source, "task_archives");
    }
    for row in &table.rows {
        let id = row.text("original_task_id");
        if let Some(at) = all.task_index(&id, from).filter(|&at| at >= from) {
            all.draft.tasks[at].archived = true;
            all.report.row(source, "task_archives", &id, Fate::Part("archived task"));
            continue;
        }
        let data = match super::super::json::unwrapped(&row.text("archived_data")) {
            serde_json::Value::Object(map) => map.into(),
            _ => Row::default(),
        };
        let title = ["title", "description"].iter().map(|c| data.text(c)).find(|t| !t.trim().is_empty());
        let title = title.unwrap_or_else(|| format!("Archived task {id}"));
        if all.is_repeated(source, "task_archives", &id, &title, &|| row.json()) {
            continue;
        }
        let place = format!("{source}#task_archives#{}", safe::shortened(&id, 80));
        let mut task = DraftTask::new(title);
        task.old_id.clone_from(&id);
        task.group = Some(all.loose_group());
        common(all, &mut task, source, &place, &data);
        if data.is_empty() {
            task.describe(&row.text("archived_data"));
        }
        task.archived = true;
        task.set("archive-reason", row.text("archive_reason"));
        let pointers = listed(&row.text("artifact_references"));
        all.link_artifacts(source, &mut task, &pointers);
        all.report.row(source, "task_archives", &id, Fate::Task);
        all.push(task);
    }
}
