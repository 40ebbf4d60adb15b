use crate::model::{Change, Field, MergePolicy, Task, TaskKey, canonical_key, write_minutes};

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
    for (name, value) in fields(old, new) {
        changes.push(Change::SetField { task: key.clone(), key: name, value });
    }
    if old.description != new.description {
        changes.push(Change::SetDescription { task: key, text: new.description.clone() });
    }
}

/// The fields that differ, and their new values.
pub(super) fn fields(old: &Task, new: &Task) -> Vec<(String, Option<String>)> {
    let mut keys: Vec<(Option<Field>, String)> = Vec::new();
    for entry in old.fields.iter().chain(&new.fields) {
        let silent = matches!(
            entry.field,
            Some(Field::Id | Field::Status | Field::Specialist | Field::Est | Field::Actual)
        );
        let known = keys.iter().any(|(f, k)| match entry.field {
            Some(_) => *f == entry.field,
            None => f.is_none() && canonical_key(k) == canonical_key(&entry.key),
        });
        if !(known || silent) {
            let name = entry.field.map_or_else(|| entry.key.to_string(), |f| f.key().to_owned());
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
