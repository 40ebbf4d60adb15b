use std::collections::HashSet;

use super::replay::{at, group_at};
use super::{NewGroup, Refusal, Replay, groups, new_group, planted, sibling_has_tail};
use crate::model::{GroupRef, NewTask, Place, Position, Section, SectionKind, Session, Task, TaskId};

/// A place in the tree as the arena sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// The index the task there will have.
    pub at: usize,
    /// Its parent.
    pub parent: Option<usize>,
    /// Its group.
    pub group: Option<usize>,
    /// The sibling right before it.
    pub previous: Option<usize>,
    /// The sibling right behind it.
    pub next: Option<usize>,
}

/// Finds a localized place.
///
/// Ungrouped, in a file whose headings are groups without a task section, is the last group:
/// there is no other place where a task would be read as one.
///
/// # Errors
/// [`Refusal`] where parent, group or sibling are not there.
pub fn slot(session: &Session, place: &Place) -> Result<Slot, Refusal> {
    let (parent, group, position) = match place {
        Place::Under(parent, position) => {
            let parent = at(parent)?;
            (Some(parent), session.tasks.get(parent).and_then(|t| t.group), position)
        }
        Place::Group(GroupRef::Ungrouped, position) => {
            let loose = session.tasks.iter().any(|t| t.group.is_none());
            let last = session.groups.len().checked_sub(1);
            (None, last.filter(|_| !loose && !session.has_task_section()), position)
        }
        Place::Group(group, position) => (None, Some(group_at(group)?), position),
    };
    let belongs = |t: &Task| t.parent == parent && (parent.is_some() || t.group == group);
    let siblings: Vec<usize> = match parent {
        Some(p) => session.subtree(p).filter(|&i| belongs(&session.tasks[i])).collect(),
        None => (0..session.tasks.len()).filter(|&i| belongs(&session.tasks[i])).collect(),
    };
    let rank = match position {
        Position::First => 0,
        Position::Last => siblings.len(),
        Position::Before(key) | Position::After(key) => {
            let there = siblings.binary_search(&at(key)?).map_err(|_| Refusal::NoTask(key.clone()))?;
            there + usize::from(matches!(position, Position::After(_)))
        }
    };
    let previous = rank.checked_sub(1).map(|r| siblings[r]);
    let next = siblings.get(rank).copied();
    let index = match (previous, next, parent) {
        (Some(p), _, _) => session.subtree(p).end,
        (None, Some(n), _) => n,
        (None, None, Some(p)) => session.subtree(p).end,
        (None, None, None) => {
            session.tasks.iter().position(|t| t.group > group).unwrap_or(session.tasks.len())
        }
    };
    Ok(Slot { at: index, parent, group, previous, next })
}

/// Whether a task at `slot` needs a task section first, because the file has neither one nor tasks,
/// but other sections. A file without any section holds its tasks right under the title.
#[must_use]
pub fn needs_task_section(session: &Session, slot: &Slot) -> bool {
    slot.parent.is_none()
        && slot.group.is_none()
        && slot.previous.is_none()
        && slot.next.is_none()
        && !session.sections.is_empty()
        && !session.has_task_section()
}

/// Where among the sections a new task section belongs: before the notes.
#[must_use]
pub fn task_section_at(session: &Session) -> usize {
    use SectionKind as K;
    let after = |s: &Section| {
        s.level <= 2 && matches!(s.kind, K::Notes | K::Decisions | K::Learnings | K::NextSteps | K::ChangeLog)
    };
    session.sections.iter().position(after).unwrap_or(session.sections.len())
}

/// The heading of a new task section, with a picture where the others have one.
#[must_use]
pub fn task_section_title(session: &Session) -> &'static str {
    if is_pictured(session) { "🎯 Task Groups" } else { "Task Groups" }
}

pub(super) fn add_task_section(session: &mut Session) -> usize {
    let at = task_section_at(session);
    let title = task_section_title(session).to_owned();
    let section = Section { title, level: 2, kind: SectionKind::TaskGroups, body: String::new() };
    session.sections.insert(at, section);
    at
}

/// Whether most headings begin with an emoji.
pub(super) fn is_pictured(session: &Session) -> bool {
    let pictured = |s: &&Section| s.title.starts_with(|c: char| !c.is_alphanumeric() && !c.is_ascii());
    let reserved = session.sections.iter().filter(|s| s.level == 2);
    let (all, with) = (reserved.clone().count(), reserved.filter(pictured).count());
    with * 2 > all
}

pub(super) fn add(replay: &mut Replay, place: &Place, tasks: &[NewTask]) -> Result<(), Refusal> {
    if tasks.is_empty() {
        return Ok(());
    }
    let session = &replay.session;
    let group = group_to_make(session, place)?;
    let new = match &group {
        Some(_) => planted(tasks, false)?,
        None => planted(tasks, sibling_has_tail(session, &slot(session, place)?))?,
    };
    let mut taken: HashSet<&TaskId> = session.tasks.iter().filter_map(|t| t.id.as_ref()).collect();
    for id in new.iter().filter_map(|t| t.id.as_ref()) {
        if !taken.insert(id) {
            return Err(Refusal::unwritable(format!("the id `{id}` names another task")));
        }
    }
    let slot = prepared(replay, place, group)?;
    insert(replay, &slot, new, None);
    Ok(())
}

/// The group that a localized place names and that is not there yet.
fn group_to_make(session: &Session, place: &Place) -> Result<Option<NewGroup>, Refusal> {
    match place {
        Place::Group(GroupRef::Path(path), position) => new_group(session, path, position).map(Some),
        _ => Ok(None),
    }
}

/// The slot of a place, after its group or the task section was made where it is missing.
fn prepared(replay: &mut Replay, place: &Place, group: Option<NewGroup>) -> Result<Slot, Refusal> {
    if let Some(group) = group {
        let group = groups::insert(replay, group, &[]);
        return slot(&replay.session, &Place::Group(GroupRef::Nth(group), Position::Last));
    }
    let slot = slot(&replay.session, place)?;
    if needs_task_section(&replay.session, &slot) {
        add_task_section(&mut replay.session);
    }
    Ok(slot)
}

/// Puts a contiguous list of tasks (parents counted inside it, roots at depth 0) at `slot`.
fn insert(replay: &mut Replay, slot: &Slot, mut new: Vec<Task>, origins: Option<Vec<Option<usize>>>) {
    let session = &mut replay.session;
    let (count, at) = (new.len(), slot.at);
    let depth = slot.parent.map_or(0, |p| session.tasks[p].depth + 1);
    for task in &mut new {
        task.parent = task.parent.map_or(slot.parent, |p| Some(p + at));
        task.depth += depth;
        task.group = slot.group;
    }
    for task in session.tasks.iter_mut().skip(at) {
        task.parent = task.parent.map(|p| if p >= at { p + count } else { p });
    }
    session.tasks.splice(at..at, new);
    replay.tasks.splice(at..at, origins.unwrap_or_else(|| vec![None; count]));
    replay.moved();
}

/// Takes a subtree out, its parents counted inside it, its root at depth 0.
fn take(replay: &mut Replay, task: usize) -> (Vec<Task>, Vec<Option<usize>>) {
    let session = &mut replay.session;
    let range = session.subtree(task);
    let count = range.len();
    let mut taken: Vec<Task> = session.tasks.drain(range.clone()).collect();
    let depth = taken.first().map_or(0, |t| t.depth);
    for t in &mut taken {
        t.parent = t.parent.and_then(|p| p.checked_sub(range.start));
        t.depth -= depth;
    }
    for t in session.tasks.iter_mut().skip(range.start) {
        t.parent = t.parent.map(|p| if p >= range.end { p - count } else { p });
    }
    let origins = replay.tasks.drain(range).collect();
    replay.moved();
    (taken, origins)
}

pub(super) fn delete(replay: &mut Replay, task: usize) {
    take(replay, task);
    groups::prune(replay);
}

pub(super) fn relocate(replay: &mut Replay, task: usize, to: &Place) -> Result<(), Refusal> {
    let group = group_to_make(&replay.session, to)?;
    let mut slot = match group {
        Some(_) => prepared(replay, to, group)?,
        None => slot(&replay.session, to)?,
    };
    let range = replay.session.subtree(task);
    let inside = |i: Option<usize>| i.is_some_and(|i| range.contains(&i));
    if inside(slot.parent) {
        return Err(Refusal::unwritable("a task cannot be moved below itself"));
    }
    if slot.at > range.start && slot.at < range.end || slot.previous == Some(task) || slot.next == Some(task)
    {
        // Beside itself: it stays where it is.
        if slot.parent == replay.session.tasks[task].parent && slot.group == replay.session.tasks[task].group
        {
            return Ok(());
        }
    }
    if needs_task_section(&replay.session, &slot) {
        add_task_section(&mut replay.session);
    }
    let (taken, origins) = take(replay, task);
    for index in std::iter::once(&mut slot.at).chain(&mut slot.parent) {
        if *index >= range.end {
            *index -= range.len();
        }
    }
    insert(replay, &slot, taken, Some(origins));
    groups::prune(replay);
    Ok(())
}
