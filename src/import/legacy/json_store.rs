use serde_json::Value;

use super::super::draft::DraftTask;
use super::super::source::{Source, entries, is_a, join};
use super::super::words::{self, Clock};
use super::super::{Fate, Remark, json, safe};
use super::breakdowns::{common, group_of};
use super::collect::{Collector, listed};
use super::sqlite::Row;
use crate::model::Field;

/// The breakdowns that one version kept as JSON files: `tasks/active` and `tasks/archive`.
pub(super) fn import(all: &mut Collector, source: &dyn Source, home: &str) -> usize {
    let mut files = 0;
    for (folder, archived) in [("active", false), ("archive", true)] {
        let dir = join(home, &format!("tasks/{folder}"));
        for entry in entries(source, &dir) {
            let path = join(&dir, &entry.name);
            if entry.is_dir || !is_a("json", &entry.name) {
                continue;
            }
            files += 1;
            match source.read(&path).and_then(|bytes| json::parse(&bytes, &path)) {
                Ok(Value::Object(data)) => breakdown(all, &path, &data.into(), archived),
                Ok(_) => broken(all, source, &path, "it holds no JSON object"),
                Err(error) => broken(all, source, &path, &error.detail),
            }
        }
    }
    files
}

fn broken(all: &mut Collector, source: &dyn Source, path: &str, why: &str) {
    all.report.find(Remark::BrokenFile, path, format!("the file was not understood: {why}"));
    let bytes = source.read(path).unwrap_or_default();
    let raw = Value::from(String::from_utf8_lossy(&bytes).into_owned()).to_string();
    all.keep_aside(path, "task files", path, raw, "the file is broken");
}

fn breakdown(all: &mut Collector, path: &str, data: &Row, archived: bool) {
    let id = data.text("parent_task_id");
    let description = data.text("description");
    let group = if all.is_repeated(path, "task files", &id, &description, &|| data.json()) {
        all.draft.groups.iter().position(|g| g.old_id == id)
    } else {
        let clock = all.local_clock(path, false);
        let created = words::date(&data.text("created_at"), clock).unwrap_or_default();
        let group = group_of(&id, &description, &data.text("complexity"), &data.text("context"), &created);
        all.report.row(path, "task files", &id, Fate::Group);
        Some(all.group(group))
    };
    let Some(Value::Array(subtasks)) = data.get("subtasks") else { return };
    for subtask in subtasks {
        let Value::Object(map) = subtask else {
            all.keep_aside(path, "subtasks", "?", subtask.to_string(), "it is no JSON object");
            continue;
        };
        let row = Row::from(map.clone());
        let id = row.text("task_id");
        let title = row.text("title");
        if all.is_repeated(path, "subtasks", &id, &title, &|| row.json()) {
            continue;
        }
        let place = format!("{path}#{}", safe::shortened(&id, 80));
        let mut task = DraftTask::new(title);
        task.old_id.clone_from(&id);
        task.group = group.or_else(|| Some(all.loose_group()));
        common(all, &mut task, path, &place, &row);
        task.archived |= archived;
        let clock = all.local_clock(path, !row.is_blank("completed_at"));
        if let Some(date) = words::date(&row.text("created_at"), clock) {
            task.set(Field::Created.key(), date);
        }
        let completed = row.text("completed_at");
        words::set_date(&mut task, Field::Completion, &completed, Clock::Utc, &place, &mut all.report);
        all.link_artifacts(path, &mut task, &listed(&row.text("artifacts")));
        all.report.row(path, "subtasks", &id, Fate::Task);
        all.push(task);
    }
}
