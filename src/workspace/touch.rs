use crate::format::Lifted;
use crate::index::row_ids;
use crate::model::{Change, GroupRef, Session, TaskKey, field_named, norm};

use super::{Error, Snapshot};

/// Refuses changes to what is different now from what the caller has seen. What is as it was, and
/// what only adds, may go on top of anything.
pub(super) fn refuse_stale(seen: &Lifted, now: &Snapshot, changes: &[Change]) -> Result<(), Error> {
    let (then, present) = (&seen.session, &now.lifted.session);
    for change in changes {
        let Some(touched) = Touched::of(change, then, present) else { continue };
        if touched.then != touched.now && touched.now != touched.wanted {
            return Err(Error::Conflict(Box::new(super::error::Clashing {
                path: now.path.clone(),
                task: touched.task,
                field: touched.field,
                base: touched.then,
                yours: touched.wanted,
                theirs: touched.now,
                found: now.revision(),
            })));
        }
    }
    Ok(())
}

/// One value that a change replaces.
struct Touched {
    task: Option<String>,
    field: String,
    then: Option<String>,
    now: Option<String>,
    wanted: Option<String>,
}

impl Touched {
    fn of(change: &Change, then: &Session, now: &Session) -> Option<Self> {
        if let Some(key) = change.task() {
            return Self::of_task(change, key, then, now);
        }
        let value = |field: &str, then: Option<&str>, now: Option<&str>, wanted: Option<&str>| Self {
            task: None,
            field: field.to_owned(),
            then: then.map(str::to_owned),
            now: now.map(str::to_owned),
            wanted: wanted.map(str::to_owned),
        };
        match change {
            Change::SetHeader { key, value: wanted } => {
                let name = norm(key.label());
                let fact = |s: &'_ Session| s.fact(key.key()).or_else(|| s.fact(&name)).map(str::to_owned);
                let (then, now) = (fact(then), fact(now));
                Some(value(key.key(), then.as_deref(), now.as_deref(), wanted.as_deref()))
            }
            Change::RenameSession { name } => {
                Some(value("name", Some(&then.name), Some(&now.name), Some(name)))
            }
            Change::RenameGroup { group, name } => {
                Some(value("group", group_name(then, group), group_name(now, group), Some(name)))
            }
            Change::DeleteGroup { group } => {
                let texts = [then, now].map(|s| group_text(s, group));
                Some(value("group", texts[0].as_deref(), texts[1].as_deref(), None))
            }
            Change::SetGroupField { group, label, value: wanted } => {
                let field = |s: &Session| {
                    let group = s.groups.get(index_of(s, group)?)?;
                    group.header.iter().find(|(k, _)| norm(k) == norm(label)).map(|(_, v)| v.clone())
                };
                let (then, now) = (field(then), field(now));
                Some(value(label, then.as_deref(), now.as_deref(), wanted.as_deref()))
            }
            _ => None,
        }
    }

    fn of_task(change: &Change, key: &TaskKey, then: &Session, now: &Session) -> Option<Self> {
        let at = match key {
            TaskKey::Id(id) => now.task_by_id(id)?,
            TaskKey::Nth(n) => *n,
        };
        let ids = row_ids(now);
        let id = ids.get(at)?;
        let before = row_ids(then).iter().position(|i| i == id);
        let value =
            |field: &str, wanted: Option<String>, of: &dyn Fn(&Session, usize) -> Option<String>| Self {
                task: Some(id.to_string()),
                field: field.to_owned(),
                then: before.and_then(|at| of(then, at)),
                now: of(now, at),
                wanted,
            };
        Some(match change {
            Change::SetStatus { to, .. } => value("status", Some(to.key().to_owned()), &|s, at| {
                s.tasks.get(at).map(|t| t.status.key().to_owned())
            }),
            Change::SetField { key, value: wanted, .. } => {
                value(key, wanted.clone(), &|s, at| field(s, at, key))
            }
            Change::RenameTask { title, .. } => {
                value("title", Some(title.clone()), &|s, at| s.tasks.get(at).map(|t| t.title.clone()))
            }
            Change::SetDescription { text, .. } => value("description", Some(text.clone()), &|s, at| {
                s.tasks.get(at).map(|t| t.description.clone())
            }),
            Change::MoveTask { .. } => value("place", None, &|s, at| {
                let task = s.tasks.get(at)?;
                let group = task.group.and_then(|g| s.groups.get(g)).map_or("", |g| g.path.as_str());
                let parent = task.parent.and_then(|p| row_ids(s).get(p).map(ToString::to_string));
                Some(format!("{group}/{}", parent.unwrap_or_default()))
            }),
            Change::DeleteTask { .. } => value("task", None, &|s, at| {
                let tasks = s.tasks.get(s.subtree(at))?;
                let plain = |t: &crate::model::Task| {
                    let fields: Vec<_> = t.fields.iter().map(|f| (&*f.key, f.value.as_str())).collect();
                    format!("{} {} {:?} {}", t.status.key(), t.title, fields, t.description)
                };
                Some(tasks.iter().map(plain).collect::<Vec<_>>().join("\n"))
            }),
            _ => return None,
        })
    }
}

fn field(session: &Session, at: usize, key: &str) -> Option<String> {
    let task = session.tasks.get(at)?;
    match field_named(key) {
        Some(crate::model::Field::Specialist) => task.specialist().map(str::to_owned),
        Some(crate::model::Field::Est) => {
            let raw = task.field(crate::model::Field::Est).map(str::to_owned);
            raw.or_else(|| task.effort().estimate.map(crate::model::write_minutes))
        }
        Some(known) => task.field(known).map(str::to_owned),
        None => task.extra().find(|(k, _)| norm(k) == norm(key)).map(|(_, v)| v.to_owned()),
    }
}

fn index_of(session: &Session, group: &GroupRef) -> Option<usize> {
    match group {
        GroupRef::Path(path) => session.group_by_path(path),
        GroupRef::Nth(n) => Some(*n),
        GroupRef::Ungrouped => None,
    }
}

fn group_name<'s>(session: &'s Session, group: &GroupRef) -> Option<&'s str> {
    Some(session.groups.get(index_of(session, group)?)?.name.as_str())
}

fn group_text(session: &Session, group: &GroupRef) -> Option<String> {
    let at = index_of(session, group)?;
    let titles = session.tasks.iter().filter(|t| t.group == Some(at)).map(|t| t.title.as_str());
    Some(titles.collect::<Vec<_>>().join("\n"))
}
