use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::model::{Session, TaskId, adoption_id, norm};
use crate::text::{Edit, TextRange};

use super::super::SourceMap;
use super::{Lifted, Reader};

/// The ids that tasks without one get: the same wherever the same words stand.
///
/// Parents come before children, in document order; a task that repeats an earlier task's id
/// counts as having none.
#[must_use]
pub fn adoption(lifted: &Lifted) -> Vec<(usize, TaskId)> {
    ids_for(&lifted.session, &lifted.map, lifted.document.text())
}

fn ids_for(session: &Session, map: &SourceMap, text: &str) -> Vec<(usize, TaskId)> {
    if session.tasks.iter().all(|t| t.id.is_some()) {
        return Vec::new();
    }
    let written = map.tasks.iter().flat_map(|s| &s.ids).filter_map(|i| TaskId::parse(i.id.of(text)));
    let mut used: HashSet<TaskId> = written.collect();
    let mut own: Vec<Option<TaskId>> = session.tasks.iter().map(|t| t.id.clone()).collect();
    let mut drawn = Vec::new();
    let mut counters = HashMap::new();
    let groups: Vec<String> = session.groups.iter().map(|g| norm(&g.path)).collect();
    for (i, task) in session.tasks.iter().enumerate() {
        if task.id.is_some() {
            continue;
        }
        let parent = task.parent.and_then(|p| own.get(p)?.as_ref().map(|id| id.as_str().to_owned()));
        let group = task.group.and_then(|g| groups.get(g).cloned());
        let scope = parent.or(group).unwrap_or_default();
        // Equal words start where the last one of them ended: everything below is used.
        let next = counters.entry((scope.clone(), norm(&task.title))).or_insert(0_u32);
        let free = (*next..u32::MAX).find_map(|k| {
            *next = k;
            let id = adoption_id(&session.id, &scope, &task.title, k);
            (!used.contains(&id)).then_some(id)
        });
        let Some(id) = free else { continue };
        used.insert(id.clone());
        own[i] = Some(id.clone());
        drawn.push((i, id));
    }
    drawn
}

/// Reports tasks without an id, each with the id it would get.
pub(super) fn propose(reader: &mut Reader<'_>, session: &Session, map: &SourceMap) {
    for (task, id) in ids_for(session, map, reader.text) {
        let Some(span) = map.tasks.get(task) else { continue };
        let finding = if let Some(taken) = span.ids.first() {
            let edits = vec![Edit::replace(taken.id, id.as_str())];
            let written = taken.id.of(reader.text);
            let message = format!("id `{written}` names an earlier task too; read as a task without id");
            Diagnostic::new(Code::I502, taken.id, message)
                .with_fix(Fix::safe(format!("give it the id `{id}`"), edits))
        } else {
            let end = span.head.end;
            let edits = vec![Edit::insert(end, format!(" ^{id}"))];
            Diagnostic::new(Code::I501, TextRange::empty(end), "task has no id")
                .with_fix(Fix::safe(format!("add the id `{id}`"), edits))
        };
        reader.found.push(finding);
    }
}
