//! Every operation on every task of a text, with the laws that hold for all of them.

use std::collections::BTreeMap;

use super::*;
use crate::diagnostic::{Code, Severity};
use crate::model::{Field, HeaderKey, NotesSection, apply, slot};

/// What came of all operations: by kind, how many were made and how many refused.
#[derive(Default, Debug)]
pub(super) struct Tally {
    pub counts: BTreeMap<&'static str, (usize, usize)>,
    pub moves_not_undone: usize,
    pub wrong: Vec<String>,
}

/// Every kind of change for task `n`.
pub(super) fn operations(lifted: &Lifted, n: usize) -> Vec<(&'static str, Change)> {
    let task = nth(n);
    let session = &lifted.session;
    let flip = match session.tasks[n].status {
        TaskStatus::Completed => TaskStatus::Pending,
        _ => TaskStatus::Completed,
    };
    let mut all = vec![
        ("tick", Change::SetStatus { task: task.clone(), to: flip }),
        ("set field", Change::set_field(task.clone(), Field::Due, Some("2031-02-03".into()))),
        ("set field", field(n, "zz-own", Some("some value, [[x]]"))),
        ("set status", Change::SetStatus { task: task.clone(), to: TaskStatus::Blocked }),
        ("set status", Change::SetStatus { task: task.clone(), to: TaskStatus::Cancelled }),
        ("rename", Change::RenameTask { task: task.clone(), title: "another title".into() }),
        ("describe", Change::SetDescription { task: task.clone(), text: "new text\n\n- point".into() }),
        ("describe", Change::AppendDescription { task: task.clone(), text: "one more line".into() }),
        ("add", add(below(n), "a subtask")),
        ("add", add(Place::Under(task.clone(), Position::First), "a first subtask")),
        ("delete", Change::DeleteTask { task: task.clone() }),
    ];
    for entry in session.tasks[n].fields.iter().filter(|e| e.field != Some(Field::Status)) {
        all.push(("remove field", field(n, &entry.key, None)));
    }
    if session.tasks[n].id.is_none() {
        all.push(("add id", Change::AssignId { task: task.clone(), id: id("t-zzzzz9") }));
    } else {
        all.push(("replace id", Change::ReplaceId { task: task.clone(), id: id("t-zzzzz9") }));
    }
    let place = |position| match (session.tasks[n].parent, session.tasks[n].group) {
        (Some(parent), _) => Place::Under(nth(parent), position),
        (None, Some(group)) => Place::Group(GroupRef::Nth(group), position),
        (None, None) => Place::Group(GroupRef::Ungrouped, position),
    };
    all.push(("add", add(place(Position::After(task.clone())), "a sibling")));
    all.push(("add", add(place(Position::Before(task.clone())), "a sibling")));
    all.push(("move", Change::MoveTask { task: task.clone(), to: place(Position::Last) }));
    all.push(("move", Change::MoveTask { task: task.clone(), to: place(Position::First) }));
    if let Some(other) = session.tasks.iter().rposition(|t| t.parent.is_none()).filter(|&o| o != n) {
        all.push(("move", Change::MoveTask { task: task.clone(), to: below(other) }));
    }
    let to = Place::Group(GroupRef::Path("Zz new".into()), Position::First);
    all.push(("move to new group", Change::MoveTask { task, to }));
    all
}

/// Every kind of change for the text as a whole.
pub(super) fn general(lifted: &Lifted) -> Vec<(&'static str, Change)> {
    let mut all = vec![
        ("header", Change::SetHeader { key: HeaderKey::Status, value: Some("Paused".into()) }),
        ("header", Change::SetHeader { key: HeaderKey::Id, value: Some("other-id".into()) }),
        ("header", Change::SetHeader { key: HeaderKey::Due, value: Some("2031-02-03".into()) }),
        ("session", Change::RenameSession { name: "another name".into() }),
        ("refresh", Change::RefreshBlocks { blocks: vec![("overview".into(), "- fresh".into())] }),
        ("refresh", Change::RefreshDerived { now: None }),
        ("add", add(Place::Group(GroupRef::Ungrouped, Position::Last), "a loose task")),
        (
            "add to new group",
            add(Place::Group(GroupRef::Path("Zz new".into()), Position::Last), "a first task"),
        ),
        ("group", Change::AddGroup { name: "Zz new".into(), header: vec![("Focus".into(), "x".into())] }),
    ];
    for section in
        [NotesSection::Notes, NotesSection::Decisions, NotesSection::NextSteps, NotesSection::ChangeLog]
    {
        all.push(("entry", Change::AppendEntry { section, text: "an entry".into() }));
    }
    // A few groups are enough.
    let groups = lifted.session.groups.len();
    for n in (0..groups).step_by((groups / 3).max(1)) {
        let group = GroupRef::Nth(n);
        all.push(("add", add(last(n), "a new task")));
        all.push(("group", Change::RenameGroup { group: group.clone(), name: "Zz other".into() }));
        all.push((
            "group",
            Change::SetGroupField { group: group.clone(), label: "Focus".into(), value: Some("zz".into()) },
        ));
        all.push(("group", Change::DeleteGroup { group: group.clone() }));
        all.push(("group", Change::MoveGroup { group, before: None }));
    }
    all
}

fn ends(text: &str) -> (usize, usize, usize) {
    let crlf = text.matches("\r\n").count();
    (text.matches('\n').count() - crlf, crlf, text.matches('\r').count() - crlf)
}

/// Checks one operation; returns the new text unless it was refused.
#[track_caller]
pub(super) fn hold(before: &Lifted, change: &Change) -> Result<String, WriteError> {
    let old = before.document.text();
    let written = write(before, std::slice::from_ref(change))?;
    let new = text_of(&written);
    assert_eq!(written.edits.apply(old).unwrap(), new);
    if matches!(change, Change::AddTasks { .. } | Change::AddGroup { .. } | Change::AppendEntry { .. }) {
        // What is added replaces nothing, and stands in one place.
        assert!(written.edits.as_slice().len() <= 1, "{change:?}");
        assert!(written.edits.as_slice().iter().all(|e| e.range.is_empty()), "{change:?}");
    }
    // Encoding: byte-order mark, final line end, kinds of line ends.
    assert_eq!(old.starts_with('\u{feff}'), new.starts_with('\u{feff}'), "{change:?}");
    if !old.trim().is_empty() && !new.trim().is_empty() && !matches!(change, Change::DeleteGroup { .. }) {
        assert_eq!(old.ends_with(['\n', '\r']), new.ends_with(['\n', '\r']), "{change:?}\n{old}\n===\n{new}");
    }
    let (was, is) = (ends(old), ends(new));
    let (lf, crlf, cr) = before.document.lines().eol_counts();
    assert!(is.0 <= was.0 || lf >= crlf, "{change:?}");
    assert!(is.1 <= was.1 || crlf > lf, "{change:?}");
    assert!(is.2 <= was.2 || cr > lf, "{change:?}");
    // The plan, compared once more by what matters most.
    let planned = apply(&before.session, change).unwrap();
    let say = |s: &crate::model::Session| {
        s.tasks
            .iter()
            .map(|t| (t.title.clone(), t.status, t.parent, t.group, t.id.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(say(&planned), say(&read(new).session), "{change:?}\n{old}\n===\n{new}");
    Ok(new.to_owned())
}

/// What undoes `change` exactly, where there is such a thing.
fn inverse(lifted: &Lifted, change: &Change) -> Option<Change> {
    let session = &lifted.session;
    match change {
        Change::SetStatus { task: TaskKey::Nth(n), to: TaskStatus::Completed } => {
            let task = &session.tasks[*n];
            let plain = task.symbol == ' ' && task.status == TaskStatus::Pending;
            let effort = task
                .tail
                .as_ref()
                .is_some_and(|t| t.word != "Pending" || t.effort.as_ref().is_some_and(|e| e.contains("/?")));
            let field = task.field(Field::Status).is_some();
            (plain && !effort && !field).then(|| super::status(*n, TaskStatus::Pending))
        }
        Change::SetField { task: TaskKey::Nth(n), key, value: Some(_) } if key == "zz-own" => {
            Some(field(*n, key, None))
        }
        // An empty heading would be left.
        Change::AddTasks { place: Place::Group(GroupRef::Path(_), _), .. } => {
            let planned = apply(session, change).ok()?;
            let group = planned.group_by_path("Zz new")?;
            Some(Change::DeleteGroup { group: GroupRef::Nth(group) })
        }
        // Nor does a task take the task section with it that was made for it.
        Change::AddTasks { .. }
            if apply(session, change).is_ok_and(|s| s.sections.len() > session.sections.len()) =>
        {
            None
        }
        Change::AddTasks { place, .. } => {
            let at = slot(session, place).ok()?.at;
            Some(Change::DeleteTask { task: nth(at) })
        }
        _ => None,
    }
}

pub(super) fn run(text: &str, tally: &mut Tally, every: usize) {
    let before = read(text);
    let mut all = general(&before);
    let tasks = before.session.tasks.len();
    let step = (tasks / every.max(1)).max(1);
    for n in (0..tasks).step_by(step) {
        all.extend(operations(&before, n));
    }
    for (kind, change) in all {
        let count = tally.counts.entry(kind).or_default();
        match hold(&before, &change) {
            Ok(new) => {
                count.0 += 1;
                if let Some(back) = inverse(&before, &change) {
                    match hold(&read(&new), &back) {
                        Ok(undone) if undone == text => {}
                        Ok(undone) => {
                            tally.wrong.push(format!("{change:?} undone:\n{}", differing(text, &undone)));
                        }
                        Err(error) => {
                            tally.wrong.push(format!("{change:?} undone by {back:?}: {error:?}"));
                        }
                    }
                }
                if let Change::MoveTask { task: TaskKey::Nth(n), .. } = change {
                    tally.moves_not_undone += usize::from(!moved_back(&before, &new, n));
                }
            }
            Err(error) => {
                count.1 += 1;
                if matches!(error, WriteError::Mismatch { .. }) || is_owed(&before, kind, &error) {
                    tally.wrong.push(format!("{change:?}: {error:?}"));
                }
            }
        }
    }
}

/// Whether this must not be refused: ticks, ids and fields in a file without errors. Excused are
/// `[x]` where it is defined as a link, and code spans that run over the end of the head.
pub(super) fn is_owed(before: &Lifted, kind: &str, error: &WriteError) -> bool {
    let code = if let WriteError::NotEditable { code, .. } = error { Some(*code) } else { None };
    let excused = code == Some(Code::T106)
        || code == Some(Code::W903) && error.to_string().contains("inside a code span");
    let sound = before.diagnostics.iter().all(|d| d.severity() < Severity::Error);
    matches!(kind, "tick" | "add id" | "set field") && sound && !excused
}

/// The first lines that differ.
fn differing(a: &str, b: &str) -> String {
    let (left, right): (Vec<_>, Vec<_>) = (a.split('\n').collect(), b.split('\n').collect());
    let at = left.iter().zip(&right).position(|(x, y)| x != y).unwrap_or(left.len().min(right.len()));
    let clip = |v: &[&str]| v[at.saturating_sub(2).min(v.len())..(at + 4).min(v.len())].join("\n");
    format!("{:?}\n{:?}", clip(&left), clip(&right))
}

/// Whether moving task `n` back to where it was gives the first text.
fn moved_back(before: &Lifted, new: &str, n: usize) -> bool {
    let Some(id) = &before.session.tasks[n].id else { return true };
    let beside = |i: &usize| {
        let (a, b) = (&before.session.tasks[*i], &before.session.tasks[n]);
        a.parent == b.parent && a.group == b.group
    };
    let position = match (0..n).rev().find(beside).map(|i| before.session.tasks[i].id.clone()) {
        Some(Some(previous)) => Position::After(TaskKey::Id(previous)),
        Some(None) => return true,
        None => Position::First,
    };
    let to = match (before.session.tasks[n].parent, before.session.tasks[n].group) {
        (Some(p), _) => match &before.session.tasks[p].id {
            Some(parent) => Place::Under(TaskKey::Id(parent.clone()), position),
            None => return true,
        },
        (None, Some(g)) => Place::Group(GroupRef::Nth(g), position),
        (None, None) => return true,
    };
    let back = Change::MoveTask { task: TaskKey::Id(id.clone()), to };
    hold(&read(new), &back).is_ok_and(|text| text == before.document.text())
}

#[test]
fn every_operation_on_our_own_examples() {
    let mut tally = Tally::default();
    for text in [
        include_str!("../../../../fixtures/sessions/tiny/session.md"),
        include_str!("../../../../fixtures/sessions/typical/session.md"),
        include_str!("../../../../fixtures/sessions/kitchen-sink/session.md"),
    ] {
        run(text, &mut tally, 100);
        run(&text.replace('\n', "\r\n"), &mut tally, 100);
        run(&format!("\u{feff}{text}"), &mut tally, 100);
        run(text.trim_end(), &mut tally, 100);
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.counts["tick"].0 > 50);
}
