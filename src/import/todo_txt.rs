use std::collections::HashMap;

use super::beads::labels;
use super::words::{self, Clock};
use super::{Draft, DraftGroup, DraftTask, Error, Fate, Import, Kind};
use crate::model::{DateValue, Field, Priority, TaskStatus, parse_minutes};

/// Reads `todo.txt`: one task per line; the first project is the group, contexts are tags.
///
/// Of `key:value` words only those are taken out of the title that ours has a place for.
pub fn todo_txt(bytes: &[u8], place: &str) -> Result<Import, Error> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        Error::new(Kind::Syntax, place, format!("the file is not UTF-8 from byte {} on", e.valid_up_to()))
    })?;
    let mut import = Import::default();
    let mut draft = Draft::new("todo.txt");
    let mut parents: Vec<(usize, String)> = Vec::new();
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let task = one(&mut draft, line.trim(), &mut parents);
        import.report.row(place, "lines", (n + 1).to_string(), Fate::Task);
        draft.tasks.push(task);
    }
    let index: HashMap<String, usize> =
        draft.tasks.iter().enumerate().map(|(i, t)| (t.old_id.clone(), i)).collect();
    for (at, parent) in parents {
        match index.get(&parent) {
            Some(&to) => draft.tasks[at].parent = Some(to),
            None => draft.tasks[at].set("source-parent", parent),
        }
    }
    if draft.tasks.is_empty() {
        import.report.empty(place, "lines");
    }
    import.drafts.push(draft);
    Ok(import)
}

fn one(draft: &mut Draft, line: &str, parents: &mut Vec<(usize, String)>) -> DraftTask {
    let mut task = DraftTask::new("");
    let mut rest = line;
    if let Some(behind) = rest.strip_prefix("x ") {
        task.status = TaskStatus::Completed;
        rest = behind.trim_start();
    }
    rest = priority(&mut task, rest);
    let mut dates = Vec::new();
    while let Some((word, behind)) = rest.split_once(' ')
        && DateValue::parse(word).is_some()
        && dates.len() < 2
    {
        dates.push(word);
        rest = behind.trim_start();
    }
    if task.field(Field::Priority).is_none() {
        rest = priority(&mut task, rest);
    }
    let fields: &[Field] = match (task.status, dates.len()) {
        (TaskStatus::Completed, 2) => &[Field::Completion, Field::Created],
        (TaskStatus::Completed, _) => &[Field::Completion],
        _ => &[Field::Created],
    };
    for (field, date) in fields.iter().zip(dates) {
        task.set(field.key(), date);
    }
    let (mut title, mut tags) = (Vec::new(), Vec::new());
    for word in rest.split(' ') {
        if let Some(project) = word.strip_prefix('+').filter(|p| !p.is_empty() && task.group.is_none()) {
            let path = project.replace('_', " ");
            let known = draft.groups.iter().position(|g| g.path == path);
            task.group = Some(known.unwrap_or_else(|| {
                draft.groups.push(DraftGroup { path, ..DraftGroup::default() });
                draft.groups.len() - 1
            }));
        } else if let Some(context) = word.strip_prefix('@').filter(|c| !c.is_empty()) {
            tags.push(context.replace('_', " "));
        } else if !known_pair(&mut task, word, parents, draft.tasks.len()) {
            title.push(word);
        }
    }
    title.join(" ").trim().clone_into(&mut task.title);
    task.set(Field::Tags.key(), labels(&tags));
    task
}

fn priority<'a>(task: &mut DraftTask, rest: &'a str) -> &'a str {
    let bytes = rest.as_bytes();
    let is_priority = bytes.len() > 3
        && bytes[0] == b'('
        && bytes[1].is_ascii_uppercase()
        && bytes.starts_with(b"(")
        && &bytes[2..4] == b") ";
    if !is_priority {
        return rest;
    }
    set_letter(task, rest.get(1..2).unwrap_or(""));
    rest.get(4..).unwrap_or("").trim_start()
}

fn set_letter(task: &mut DraftTask, letter: &str) {
    let at = letter.bytes().next().map_or(99, |b| usize::from(b.wrapping_sub(b'A')));
    match Priority::ALL.get(at) {
        Some(priority) => task.set(Field::Priority.key(), priority.word()),
        None => task.set("source-priority", letter),
    }
}

/// Takes a `key:value` word that ours has a place for.
fn known_pair(task: &mut DraftTask, word: &str, parents: &mut Vec<(usize, String)>, at: usize) -> bool {
    let Some((key, value)) = word.split_once(':').filter(|(_, v)| !v.is_empty()) else { return false };
    let date = |field, task: &mut DraftTask| {
        let is_date = words::date(value, Clock::Local(None)).is_some();
        if is_date {
            task.set(field, value);
        }
        is_date
    };
    match key {
        "due" => date(Field::Due.key(), task),
        "t" | "start" => date(Field::Start.key(), task),
        "scheduled" => date(Field::Scheduled.key(), task),
        "started" => date(Field::Started.key(), task),
        "cancelled" => date(Field::Cancelled.key(), task),
        "id" => {
            value.clone_into(&mut task.old_id);
            true
        }
        "dep" | "depends" => {
            task.depends_on.extend(value.split(',').map(str::to_owned));
            true
        }
        "parent" => {
            parents.push((at, value.to_owned()));
            true
        }
        "formerly" => {
            task.aliases.extend(value.split(',').map(str::to_owned));
            true
        }
        "owner" => {
            task.specialist = Some(value.replace('_', " "));
            true
        }
        "pri" if value.len() == 1 => {
            set_letter(task, value);
            true
        }
        "est" | "act" => match parse_minutes(value) {
            Some(minutes) if key == "est" => {
                task.estimate = Some(minutes);
                true
            }
            Some(minutes) => {
                task.actual = Some(minutes);
                true
            }
            None => false,
        },
        "status" => match TaskStatus::parse(value) {
            Some(status) => {
                task.status = status;
                true
            }
            None => false,
        },
        _ => false,
    }
}
