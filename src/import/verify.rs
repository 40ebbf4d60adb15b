use std::collections::HashMap;

use super::{Draft, DraftTask};
use crate::model::{Field, Session, Task, TaskId};

/// One thing that a session does not say as its source did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The task's id, or `session`, or a group's path.
    pub place: String,
    /// Which fact: `missing`, `title`, `status`.
    pub what: &'static str,
    /// What the source says.
    pub source: String,
    /// What the session says.
    pub session: String,
}

/// Compares a settled draft, task by task, with the session that was made from it (and perhaps
/// worked on since). Tasks that were added later are no difference.
#[must_use]
pub fn verify(draft: &Draft, session: &Session) -> Vec<Difference> {
    let mut found = Vec::new();
    if draft.verbatim.is_some() {
        return found;
    }
    let mut differ = |place: &str, what, source: &str, session: &str| {
        if source.trim() != session.trim() {
            let (source, session) = (source.to_owned(), session.to_owned());
            found.push(Difference { place: place.to_owned(), what, source, session });
        }
    };
    differ(
        "session",
        "name",
        &super::safe::heading_back(&super::safe::heading(&draft.name, &draft.id)),
        &session.name,
    );
    let paths: Vec<String> = session.groups.iter().map(|g| super::safe::heading_back(&g.path)).collect();
    for group in &draft.groups {
        let is_there = paths.contains(&group.path);
        differ(&group.path, "group", &group.path, if is_there { &group.path } else { "" });
    }
    let by_id: HashMap<&TaskId, &Task> =
        session.tasks.iter().filter_map(|t| Some((t.id.as_ref()?, t))).collect();
    for task in &draft.tasks {
        let Some(id) = &task.id else { continue };
        let place = id.to_string();
        // One by one: a session of a hundred thousand tasks is not held as drafts a second time.
        let Some(now) = by_id.get(id).map(|t| DraftTask::from_task(t)) else {
            differ(&place, "missing", &task.title, "");
            continue;
        };
        let title = super::safe::title(&task.title, &task.old_id);
        differ(&place, "title", &super::safe::title_back(&title.text), &now.title);
        differ(&place, "status", task.status.key(), now.status.key());
        let group = task.group.and_then(|g| draft.groups.get(g)).map_or("", |g| g.path.as_str());
        differ(&place, "group", group, now.group.and_then(|g| paths.get(g)).map_or("", String::as_str));
        let name = |id: Option<&TaskId>| id.map(ToString::to_string).unwrap_or_default();
        let parent = task.parent.and_then(|p| draft.tasks.get(p)).and_then(|t| t.id.as_ref());
        let now_parent = now.parent.and_then(|p| session.tasks.get(p)).and_then(|t| t.id.as_ref());
        differ(&place, "parent", &name(parent), &name(now_parent));
        differ(&place, Field::DependsOn.key(), &task.depends_on.join(", "), &now.depends_on.join(", "));
        let text = super::safe::body_back(&super::safe::body(&task.description));
        // A title that moved stands before the text.
        if !title.moved || !now.description.contains(&text) {
            differ(&place, "description", &text, &now.description);
        }
        for (key, value) in &task.fields {
            let value = super::safe::value(value);
            if let Some(key) = super::safe::key(key).filter(|_| !value.is_empty()) {
                differ(
                    &place,
                    "field",
                    &format!("{key}: {value}"),
                    &format!("{key}: {}", now.extra(&key).unwrap_or("")),
                );
            }
        }
    }
    found
}
