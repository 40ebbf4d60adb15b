use crate::model::{Session, TaskRef, norm};

/// The way a reference is written into a file: a title or the beginning of an id becomes the id of
/// the one task that is meant; anything else stays as it was given.
pub(super) fn as_written(session: &Session, given: &TaskRef) -> String {
    let meant = match given {
        TaskRef::Id { session: Some(_), .. } => None,
        TaskRef::Id { session: None, id } => session
            .task_by_id(id)
            .or_else(|| only(session, |t| t.id.as_ref().is_some_and(|i| i.as_str().starts_with(id.as_str()))))
            .or_else(|| titled(session, id.as_str())),
        TaskRef::Title(title) => titled(session, title),
    };
    let id = meant.and_then(|task| session.tasks[task].id.as_ref());
    id.map_or_else(|| given.to_string(), ToString::to_string)
}

fn titled(session: &Session, title: &str) -> Option<usize> {
    let wanted = norm(title);
    only(session, |t| norm(&t.title) == wanted)
}

fn only(session: &Session, fits: impl Fn(&crate::model::Task) -> bool) -> Option<usize> {
    let mut found = session.tasks.iter().enumerate().filter(|(_, t)| fits(t));
    let (first, _) = found.next()?;
    found.next().is_none().then_some(first)
}
