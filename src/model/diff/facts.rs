use crate::model::{Carrier, Change, Field, MergePolicy, Task, TaskKey, canonical_key, write_minutes};

/// What changed on one task, place excepted.
pub(super) fn task(key: &TaskKey, old: &Task, new: &Task, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    // From here on the task may have another id.
    let mut key = key.clone();
    match (&old.id, &new.id) {
        (None, Some(id)) => {
            changes.push(Change::AssignId { task: key.clone(), id: id.clone() });
            key = TaskKey::Id(id.clone());
        }
        (Some(was), Some(id)) if was != id => {
            changes.push(Change::ReplaceId { task: key.clone(), id: id.clone() });
            key = TaskKey::Id(id.clone());
        }
        _ => {}
    }
    if old.title != new.title {
        changes.push(Change::RenameTask { task: key.clone(), title: new.title.clone() });
    }
    if old.status != new.status {
        changes.push(Change::SetStatus { task: key.clone(), to: new.status });
    }
    let rewritten = blanked(old) != blanked(new);
    for (name, value) in fields(old, new, rewritten) {
        changes.push(Change::SetField { task: key.clone(), key: name, value });
    }
    if rewritten {
        changes.push(Change::SetDescription { task: key, text: new.description.clone() });
    }
}

/// The fields that differ, and their new values.
pub(super) fn fields(old: &Task, new: &Task, below_is_rewritten: bool) -> Vec<(String, Option<String>)> {
    let mut keys: Vec<(Option<Field>, String)> = Vec::new();
    for entry in old.fields.iter().chain(&new.fields) {
        let below = matches!(entry.carrier, Carrier::Bullet | Carrier::Continuation);
        let silent = matches!(
            entry.field,
            Some(Field::Id | Field::Status | Field::Specialist | Field::Est | Field::Actual)
        );
        let known = keys.iter().any(|(f, k)| match entry.field {
            Some(_) => *f == entry.field,
            None => f.is_none() && canonical_key(k) == canonical_key(&entry.key),
        });
        if !(known || silent || below && below_is_rewritten) {
            let name = entry.field.map_or_else(|| entry.key.clone(), |f| f.key().to_owned());
            keys.push((entry.field, name));
        }
    }
    let mut out = Vec::new();
    for (field, name) in keys {
        let (was, is) = (value(old, field, &name), value(new, field, &name));
        if was != is {
            out.push((name, is));
        }
    }
    let mut plain = |field: Field, was: Option<String>, is: Option<String>| {
        if was != is {
            out.push((field.key().to_owned(), is));
        }
    };
    plain(Field::Specialist, old.specialist().map(str::to_owned), new.specialist().map(str::to_owned));
    let (was, is) = (old.effort(), new.effort());
    plain(Field::Est, was.estimate.map(write_minutes), is.estimate.map(write_minutes));
    plain(Field::Actual, was.actual.map(write_minutes), is.actual.map(write_minutes));
    out
}

fn value(task: &Task, field: Option<Field>, name: &str) -> Option<String> {
    match field {
        Some(f) if f.spec().merge == MergePolicy::Set => {
            let all: Vec<&str> =
                task.fields.iter().filter(|e| e.field == Some(f)).map(|e| e.value.as_str()).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        Some(f) => task.field(f).map(str::to_owned),
        None => {
            let same = |k: &str| canonical_key(k) == canonical_key(name);
            task.extra().find(|(k, _)| same(k)).map(|(_, v)| v.to_owned())
        }
    }
}

/// The description without the values of the fields in it, so that only other words count.
pub(super) fn blanked(task: &Task) -> String {
    let below = |c: Carrier| matches!(c, Carrier::Bullet | Carrier::Continuation);
    let entries: Vec<_> = task.fields.iter().filter(|e| below(e.carrier)).collect();
    let mut out = String::new();
    for line in task.description.lines() {
        let entry = entries.iter().find(|e| line.contains(&e.key) && line.contains(&e.value));
        match entry {
            Some(e) if e.carrier == Carrier::Bullet => continue,
            Some(e) => {
                let open = line.find(&e.key).and_then(|at| line.get(..at)?.rfind(['[', '(']));
                let (from, to) = (open.unwrap_or(0), line.rfind([']', ')']).map_or(line.len(), |at| at + 1));
                out.push_str(line.get(..from).unwrap_or(line).trim_end());
                out.push_str(line.get(to..).unwrap_or(""));
            }
            None => out.push_str(line.trim_end()),
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}
