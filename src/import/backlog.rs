use std::collections::HashMap;

use super::beads::labels;
use super::front::{Front, front};
use super::source::{Source, entries, is_a, join, walk};
use super::words::{self, Clock};
use super::{Draft, DraftGroup, DraftTask, Error, Fate, Import, Kind, Remark, safe};
use crate::model::{Field, Priority, TaskId};

/// Reads a project folder of Backlog.md (or its `backlog` folder): tasks, completed ones, drafts,
/// archive, milestones, decisions. A broken file is imported as far as it can be read.
pub fn backlog(source: &dyn Source) -> Result<Import, Error> {
    let home = home(source)?;
    let mut import = Import::default();
    let mut draft = Draft::new("Backlog");
    let mut found: Vec<(f64, Vec<u64>, DraftTask, String)> = Vec::new();
    for path in walk(source, &home, 200_000) {
        let inside = path.strip_prefix(&home).unwrap_or(&path).trim_start_matches('/').to_owned();
        let bytes = match source.read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                import.report.find(Remark::BrokenFile, &path, error.detail);
                import.report.row(&path, "files", &inside, Fate::Aside("the file cannot be read".to_owned()));
                continue;
            }
        };
        let text = words::text(&bytes, &path, &mut import.report);
        let is_markdown = is_a("md", &inside);
        let (folder, archived) = match inside.strip_prefix("archive/") {
            Some(rest) => (rest.split('/').next().unwrap_or(""), true),
            None => (inside.split('/').next().unwrap_or(""), false),
        };
        match folder {
            "tasks" | "completed" | "drafts" if is_markdown => {
                found.push(task(&mut import, &path, &text, folder, archived));
                import.report.row(&path, folder, &inside, Fate::Task);
            }
            "milestones" if is_markdown => {
                milestone(&mut draft, &path, &text);
                import.report.row(&path, folder, &inside, Fate::Group);
            }
            "decisions" if is_markdown => {
                let doc = front(&text);
                let title = doc.get("title").unwrap_or_else(|| stem(&path));
                draft.decisions.push(format!("{title}\n\n{}", doc.body.trim()));
                import.report.row(&path, folder, &inside, Fate::Part("decision"));
            }
            _ => {
                import.report.row(
                    &path,
                    "files",
                    &inside,
                    Fate::Aside("not a task of Backlog.md".to_owned()),
                );
                let json = serde_json::Value::from(text).to_string();
                import.aside.push(super::Aside { source: path, table: "files".to_owned(), json });
            }
        }
    }
    // Backlog.md gives the number of an archived task again: the one at work has it then.
    found.sort_by(|a, b| {
        a.2.archived.cmp(&b.2.archived).then_with(|| a.0.total_cmp(&b.0)).then_with(|| a.1.cmp(&b.1))
    });
    place(&mut draft, found);
    import.drafts.push(draft);
    Ok(import)
}

/// The folder that holds `tasks`.
fn home(source: &dyn Source) -> Result<String, Error> {
    for home in ["backlog", ".backlog", ""] {
        let entries = entries(source, home);
        let has = |name: &str| entries.iter().any(|e| e.is_dir && e.name == name);
        if has("tasks") || (has("drafts") && has("completed")) {
            return Ok(home.to_owned());
        }
    }
    Err(Error::new(Kind::UnknownShape, "backlog/tasks", "there is no folder of Backlog.md here"))
}

fn stem(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".md").unwrap_or(name).to_owned()
}

/// `task-12 - Fix-it.md` as (`task-12`, `Fix it`).
fn from_name(path: &str) -> (String, String) {
    let stem = stem(path);
    match stem.split_once(" - ") {
        Some((id, title)) => (id.to_owned(), title.replace('-', " ")),
        None => (String::new(), stem.replace('-', " ")),
    }
}

/// The numbers of an id: `BACK-345.08` is 345, 8.
fn numbers(id: &str) -> Vec<u64> {
    let digits = id.rsplit('-').next().unwrap_or(id);
    digits.split('.').filter_map(|n| n.parse().ok()).collect()
}

fn task(
    import: &mut Import,
    path: &str,
    text: &str,
    folder: &str,
    archived: bool,
) -> (f64, Vec<u64>, DraftTask, String) {
    let (name_id, name_title) = from_name(path);
    let doc = front(text);
    if doc.is_broken || doc.get("title").is_none() || doc.get("id").is_none() {
        let message = "the front matter is broken or incomplete; the file's name and text were used";
        import.report.find(Remark::BrokenFile, path, message);
    }
    let mut task = DraftTask::new(doc.get("title").unwrap_or(name_title));
    task.old_id = doc.get("id").unwrap_or(name_id);
    task.archived = archived;
    let report = &mut import.report;
    words::set_status(&mut task, &doc.get("status").unwrap_or_default(), path, report);
    let mut parent = String::new();
    let mut ordinal = f64::MAX;
    let mut milestone = String::new();
    for (key, values) in &doc.keys {
        let joined = values.join(", ");
        match key.as_str() {
            "id" | "title" | "status" => {}
            _ if joined.trim().is_empty() => {}
            "assignee" => {
                task.specialist = values.first().map(|a| a.trim_start_matches('@').to_owned());
                if values.len() > 1 {
                    task.set("assignees", labels(values));
                }
            }
            "labels" => task.set(Field::Tags.key(), labels(values)),
            "dependencies" => task.depends_on.clone_from(values),
            "parent_task_id" => parent.clone_from(&joined),
            "milestone" => milestone.clone_from(&joined),
            "created_date" => {
                words::set_date(&mut task, Field::Created, &joined, Clock::Local(None), path, report);
            }
            "due_date" => words::set_date(&mut task, Field::Due, &joined, Clock::Local(None), path, report),
            "priority" => match Priority::parse(&joined) {
                Some(priority) => task.set(Field::Priority.key(), priority.word()),
                None => task.set("source-priority", joined),
            },
            // Derived: the order of the files and the children say the same.
            "ordinal" => {
                ordinal = joined.parse().unwrap_or(f64::MAX);
                task.set("ordinal", joined);
            }
            "subtasks" | "parent_task" => {}
            "plandown_fields" => {
                for pair in values {
                    if let Some((key, value)) = pair.split_once(": ") {
                        own_field(&mut task, key, value);
                    }
                }
            }
            _ if joined.len() <= 80 => {
                if let Some(key) = safe::key(key) {
                    task.set(&key, joined);
                }
            }
            _ => task.describe(&format!("{key}: {joined}")),
        }
    }
    task.describe(&body(&doc));
    // Where it will be filed, until groups are known.
    let group = match (milestone.is_empty(), folder) {
        (false, _) => milestone,
        (true, "drafts") => "Drafts".to_owned(),
        (true, _) => "Tasks".to_owned(),
    };
    if parent.is_empty() && numbers(&task.old_id).len() > 1 {
        parent = task.old_id.rsplit_once('.').map(|(p, _)| p.to_owned()).unwrap_or_default();
    }
    let order = numbers(&task.old_id);
    (ordinal, order, task, format!("{group}\0{parent}"))
}

/// Facts of ours that Backlog.md has no place for, as our export writes them.
fn own_field(task: &mut DraftTask, key: &str, value: &str) {
    match key {
        // The number is Backlog.md's own.
        "id" => task.id = TaskId::parse(value),
        "est" => task.estimate = crate::model::parse_minutes(value),
        "actual" => task.actual = crate::model::parse_minutes(value),
        "formerly" => task.aliases = value.split(", ").map(str::to_owned).collect(),
        "status" => task.status = words::status(value).unwrap_or(task.status),
        "specialist" => task.specialist = Some(value.to_owned()),
        "priority" => {
            task.fields.retain(|(k, _)| k != "priority");
            task.set(key, value);
        }
        _ => task.set(key, value),
    }
}

/// The text without the marks that only Backlog.md needs.
fn body(doc: &Front) -> String {
    let lines: Vec<&str> = doc.body.lines().filter(|line| !is_mark(line)).collect();
    let text = lines.join("\n");
    let text = after_blanks(&text);
    let text = text.strip_prefix("## Description").map_or(text, after_blanks);
    text.trim_end().to_owned()
}

/// Whether a line says where Backlog.md's own sections begin or end.
pub(crate) fn is_mark(line: &str) -> bool {
    let mark = line.trim();
    mark.starts_with("<!--") && (mark.ends_with(":BEGIN -->") || mark.ends_with(":END -->"))
}

/// A text from its first line that says something.
fn after_blanks(text: &str) -> &str {
    let words = text.len() - text.trim_start().len();
    let line = text.get(..words).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at + 1);
    text.get(line..).unwrap_or(text)
}

fn milestone(draft: &mut Draft, path: &str, text: &str) {
    let doc = front(text);
    let name = doc.get("title").unwrap_or_else(|| from_name(path).1);
    draft.groups.push(DraftGroup {
        old_id: doc.get("id").unwrap_or_default(),
        path: name,
        header: Vec::new(),
        description: body(&doc),
    });
}

fn place(draft: &mut Draft, found: Vec<(f64, Vec<u64>, DraftTask, String)>) {
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut by_number: HashMap<Vec<u64>, Option<usize>> = HashMap::new();
    for (i, (_, number, task, _)) in found.iter().enumerate() {
        by_id.entry(task.old_id.to_lowercase()).or_insert(i);
        by_number.entry(number.clone()).and_modify(|one| *one = None).or_insert(Some(i));
    }
    // Projects change their prefix: `task-7` then means `BACK-7`, if only one task is number 7.
    let find = |id: &str| {
        let same_number =
            || by_number.get(&numbers(id)).copied().flatten().filter(|_| !numbers(id).is_empty());
        by_id.get(&id.trim().to_lowercase()).copied().or_else(same_number)
    };
    let ids: Vec<String> = found.iter().map(|(_, _, t, _)| t.old_id.clone()).collect();
    for (i, (_, _, mut task, filed)) in found.into_iter().enumerate() {
        let (group, parent) = filed.split_once('\0').unwrap_or((&filed, ""));
        let known =
            draft.groups.iter().position(|g| g.path == group || (!g.old_id.is_empty() && g.old_id == group));
        task.group = Some(known.unwrap_or_else(|| {
            draft.groups.push(DraftGroup { path: group.to_owned(), ..DraftGroup::default() });
            draft.groups.len() - 1
        }));
        task.parent = find(parent).filter(|&p| p != i && !parent.is_empty());
        for dep in &mut task.depends_on {
            if let Some(to) = find(dep) {
                dep.clone_from(&ids[to]);
            }
        }
        draft.tasks.push(task);
    }
}

/// The path a task of ours is exported to.
pub(crate) fn file_name(id: &str, title: &str) -> String {
    let words: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let words = words.split('-').filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-");
    let short: String = words.chars().take(60).collect();
    join("backlog/tasks", &format!("{id} - {short}.md"))
}
