use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::compose::Pieces;
use super::pen::{Pen, not_editable};
use super::{WriteError, Written, derived, description, groups, head, header, notes, subtree, tasks, verify};
use crate::diagnostic::Code;
use crate::format::{Lifted, reread};
use crate::model::{Change, GroupRef, HeaderKey, NotesSection, Place, Position, Replay, Session, TaskKey};
use crate::text::{Edit, Edits, TextRange};

/// Joins what adds tasks to one place into one change, so that it is written in one rhythm.
pub(super) fn joined(changes: &[Change]) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        if let (Some(Change::AddTasks { place, tasks }), Change::AddTasks { place: same, tasks: more }) =
            (out.last_mut(), change)
            && place == same
        {
            let (Place::Group(_, position) | Place::Under(_, position)) = &*place;
            match position {
                Position::Last | Position::Before(_) => tasks.extend(more.iter().cloned()),
                Position::First | Position::After(_) => {
                    tasks.splice(0..0, more.iter().cloned());
                }
            }
            continue;
        }
        out.push(change.clone());
    }
    out
}

/// What a change is about; changes about the same thing are made one after the other.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Subject {
    Everything,
    Task(usize),
    Siblings(Option<usize>, Option<usize>),
    Header(HeaderKey),
    Name,
    Notes(NotesSection),
}

/// Makes all changes in as few rounds as possible; each round is one set of splices, one parse
/// and one comparison.
pub(super) fn run(lifted: &Lifted, changes: &[Change]) -> Result<Written, WriteError> {
    let base = lifted.document.text();
    let mut pieces = Pieces::new(base);
    let mut replay = Replay::new(&lifted.session);
    let mut now = Cow::Borrowed(lifted);
    let mut rest: Vec<&Change> = changes.iter().collect();
    // What was made before the round; a long session is not copied for a second try that hardly ever comes.
    let mut made: Vec<&Change> = Vec::new();
    while !rest.is_empty() {
        let (taken, later, edits) = plan(&now, &mut replay, &rest, 0)?;
        for change in &taken {
            replay.apply(change)?;
        }
        let mut outcome = attempt(&now, replay.session(), &taken, edits);
        for apart in 1..=2 {
            // Something ran into what was inserted, or the other way round: set it apart.
            let Err(WriteError::Mismatch { .. }) = &outcome else { break };
            let (again, _, edits) = plan(&now, &mut replayed(lifted, &made)?, &rest, apart)?;
            if again.len() != taken.len() {
                break;
            }
            let better = attempt(&now, replay.session(), &taken, edits);
            if better.is_ok() {
                outcome = better;
            }
        }
        if let Some((next, edits)) = outcome? {
            pieces.apply(&edits);
            now = Cow::Owned(next);
        }
        made.extend(taken);
        rest = later;
    }
    let now = now.into_owned();
    let edits = Edits::new(base, pieces.edits(base.len()));
    let edits = edits.map_err(|e| WriteError::Mismatch { difference: e.to_string() })?;
    Ok(Written { lifted: now, edits })
}

/// The session to which changes were made.
fn replayed(lifted: &Lifted, made: &[&Change]) -> Result<Replay, WriteError> {
    let mut replay = Replay::new(&lifted.session);
    for change in made {
        replay.apply(change)?;
    }
    Ok(replay)
}

/// The text with the splices made, compared with what was expected; `None` where nothing changes.
fn attempt(
    now: &Lifted,
    expected: &Session,
    changes: &[&Change],
    edits: Vec<Edit>,
) -> Result<Option<(Lifted, Edits)>, WriteError> {
    let text = now.document.text();
    let mismatch = |difference: String| WriteError::Mismatch { difference };
    let edits = Edits::new(text, edits).map_err(|e| mismatch(e.to_string()))?;
    if edits.is_empty() && *expected == now.session {
        return Ok(None);
    }
    let new = edits.apply(text).map_err(|e| mismatch(e.to_string()))?;
    let most = now.document.limits().max_bytes;
    if new.len() > most {
        let message = format!("the file would be over the limit of {most} bytes");
        return Err(not_editable(Code::F005, TextRange::empty(text.len()), message));
    }
    let next = reread(&new, now);
    verify::compare(now, &edits, &next, expected, changes).map_err(mismatch)?;
    Ok(Some((next, edits)))
}

type Planned<'c> = (Vec<&'c Change>, Vec<&'c Change>, Vec<Edit>);

/// Plans as many of `changes` as have nothing to do with each other; the others wait.
fn plan<'c>(
    now: &Lifted,
    replay: &mut Replay,
    changes: &[&'c Change],
    apart: u8,
) -> Result<Planned<'c>, WriteError> {
    let (mut taken, mut later, mut edits) = (Vec::new(), Vec::new(), Vec::new());
    let mut locked: HashSet<Subject> = HashSet::new();
    let mut covered: BTreeMap<usize, usize> = BTreeMap::new();
    // Once a change waits, keys by place mean what they mean before it; they are found anew.
    for &change in changes {
        if locked.contains(&Subject::Everything) {
            later.push(change);
            continue;
        }
        let local = match replay.localized(change) {
            Ok(local) => local,
            // What it names may be made by a change before it.
            Err(_) if !taken.is_empty() || !later.is_empty() => {
                locked.insert(Subject::Everything);
                later.push(change);
                continue;
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let subjects = subjects(&now.session, &local)?;
        let alone = subjects.contains(&Subject::Everything);
        let waits =
            alone && !(taken.is_empty() && later.is_empty()) || subjects.iter().any(|s| locked.contains(s));
        if !waits {
            let mut pen = Pen::new(now, apart);
            let planned = one(&mut pen, &local);
            match planned {
                Ok(()) if !touches(&covered, &pen.edits) => {
                    for e in &pen.edits {
                        let end = covered.entry(e.range.start).or_insert(e.range.end);
                        *end = (*end).max(e.range.end);
                    }
                    edits.append(&mut pen.edits);
                    taken.push(change);
                    locked.extend(subjects);
                    continue;
                }
                Ok(()) => {}
                // It may be possible once those before it are made.
                Err(_) if !taken.is_empty() => {
                    locked.insert(Subject::Everything);
                    later.push(change);
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        locked.extend(subjects);
        later.push(change);
    }
    Ok((taken, later, edits))
}

/// Whether splices of another change overlap with these, or stand right beside them.
fn touches(covered: &BTreeMap<usize, usize>, edits: &[Edit]) -> bool {
    edits.iter().any(|e| {
        let TextRange { start, end } = e.range;
        covered.range(..=end).next_back().is_some_and(|(_, stop)| *stop >= start)
    })
}

fn subjects(session: &Session, change: &Change) -> Result<Vec<Subject>, WriteError> {
    let family = |i: usize| {
        let task = session.tasks.get(i);
        Subject::Siblings(task.and_then(|t| t.parent), task.and_then(|t| t.group))
    };
    let whole = |i: usize| session.subtree(i).map(Subject::Task).collect::<Vec<_>>();
    let place = |place: &Place| -> Result<Vec<Subject>, WriteError> {
        if matches!(place, Place::Group(GroupRef::Path(_), _)) {
            // A group is made: places of groups mean something else afterwards.
            return Ok(vec![Subject::Everything]);
        }
        let slot = crate::model::slot(session, place)?;
        let mut subjects = vec![Subject::Siblings(slot.parent, slot.group)];
        subjects
            .extend(slot.parent.map(|p| Subject::Siblings(session.tasks[p].parent, session.tasks[p].group)));
        subjects.extend(slot.parent.map(Subject::Task));
        Ok(subjects)
    };
    let nth = |key: &TaskKey| match key {
        TaskKey::Nth(n) => *n,
        TaskKey::Id(_) => usize::MAX,
    };
    Ok(match change {
        Change::SetStatus { task, .. }
        | Change::SetField { task, .. }
        | Change::AssignId { task, .. }
        | Change::ReplaceId { task, .. }
        | Change::RenameTask { task, .. }
        | Change::SetDescription { task, .. }
        | Change::AppendDescription { task, .. } => vec![Subject::Task(nth(task))],
        Change::DeleteTask { task } => {
            let mut subjects = whole(nth(task));
            subjects.extend([family(nth(task)), Subject::Siblings(Some(nth(task)), None)]);
            subjects
        }
        Change::AddTasks { place: to, .. } => place(to)?,
        Change::MoveTask { task, to } => {
            let mut subjects = whole(nth(task));
            subjects.push(family(nth(task)));
            subjects.extend(place(to)?);
            subjects
        }
        Change::SetHeader { key, .. } => vec![Subject::Header(*key), Subject::Name],
        Change::RenameSession { .. } => vec![Subject::Name],
        Change::AppendEntry { section, .. } => vec![Subject::Notes(*section)],
        Change::AddGroup { .. }
        | Change::RenameGroup { .. }
        | Change::SetGroupField { .. }
        | Change::DeleteGroup { .. }
        | Change::MoveGroup { .. }
        | Change::RefreshBlocks { .. }
        | Change::RefreshDerived { .. } => vec![Subject::Everything],
    })
}

/// Plans one localized change.
fn one(pen: &mut Pen<'_>, change: &Change) -> Result<(), WriteError> {
    let at = |key: &TaskKey| match key {
        TaskKey::Nth(n) => Ok(*n),
        TaskKey::Id(_) => Err(WriteError::Refused(crate::model::Refusal::NoTask(key.clone()))),
    };
    match change {
        Change::SetStatus { task, to } => head::set_status(pen, at(task)?, *to),
        Change::SetField { task, key, value } => head::set_field(pen, at(task)?, key, value.as_deref()),
        Change::AssignId { task, id } => head::assign_id(pen, at(task)?, id),
        Change::ReplaceId { task, id } => head::replace_id(pen, at(task)?, id),
        Change::RenameTask { task, title } => head::rename(pen, at(task)?, title),
        Change::SetDescription { task, text } => description::set(pen, at(task)?, text),
        Change::AppendDescription { task, text } => description::append(pen, at(task)?, text),
        Change::AddTasks { place, tasks } => tasks::add(pen, place, tasks),
        Change::DeleteTask { task } => subtree::delete(pen, at(task)?),
        Change::MoveTask { task, to } => subtree::relocate(pen, at(task)?, to),
        Change::AddGroup { name, header } => groups::add(pen, name, header),
        Change::RenameGroup { group, name } => {
            groups::rename(pen, groups::index(group)?, name);
            Ok(())
        }
        Change::SetGroupField { group, label, value } => {
            groups::set_field(pen, groups::index(group)?, label, value.as_deref());
            Ok(())
        }
        Change::DeleteGroup { group } => {
            groups::delete(pen, groups::index(group)?);
            Ok(())
        }
        Change::MoveGroup { group, before } => {
            let before = before.as_ref().map(groups::index).transpose()?;
            groups::relocate(pen, groups::index(group)?, before);
            Ok(())
        }
        Change::SetHeader { key, value } => header::set(pen, *key, value.as_deref()),
        Change::RenameSession { name } => header::rename(pen, name),
        Change::AppendEntry { section, text } => {
            notes::append(pen, *section, text);
            Ok(())
        }
        Change::RefreshBlocks { blocks } => {
            derived::refill(pen, blocks);
            Ok(())
        }
        Change::RefreshDerived { now } => {
            derived::refresh(pen, *now);
            Ok(())
        }
    }
}
