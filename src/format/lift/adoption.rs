use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::model::{Session, TaskId, adopted_ids};
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

/// The ids that `tasks` would get by [`adoption`] if they had none, beside other texts whose
/// ids are taken too.
#[must_use]
pub fn readoption(lifted: &Lifted, tasks: &[usize], beside: &[&Lifted]) -> Vec<(usize, TaskId)> {
    let session = &lifted.session;
    let mut own: Vec<Option<TaskId>> = session.tasks.iter().map(|t| t.id.clone()).collect();
    let wanted: HashSet<usize> = tasks.iter().copied().collect();
    for (_, id) in own.iter_mut().enumerate().filter(|(i, _)| wanted.contains(i)) {
        *id = None;
    }
    let all = [lifted].into_iter().chain(beside.iter().copied());
    let used = all.flat_map(|l| written(&l.map, l.document.text())).collect();
    let mut drawn = adopted_ids(session, own, used);
    drawn.retain(|(task, _)| wanted.contains(task));
    drawn
}

fn ids_for(session: &Session, map: &SourceMap, text: &str) -> Vec<(usize, TaskId)> {
    if session.tasks.iter().all(|t| t.id.is_some()) {
        return Vec::new();
    }
    let own = session.tasks.iter().map(|t| t.id.clone()).collect();
    adopted_ids(session, own, written(map, text).collect())
}

fn written<'a>(map: &'a SourceMap, text: &'a str) -> impl Iterator<Item = TaskId> + 'a {
    map.tasks.iter().flat_map(|s| &s.ids).filter_map(|i| TaskId::parse(i.id.of(text)))
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
