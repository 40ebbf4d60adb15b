//! Tests of the writing half: tables by family of changes, then properties.

mod catalogue;
mod groups;
mod header;
mod heads;
mod new_groups;
mod plans;
mod prototype_bugs;
mod random;
mod subtrees;
mod texts;

use super::{WriteError, Written, write};
use crate::document::{Limits, parse};
use crate::format::{Lifted, lift};
use crate::model::{Change, GroupRef, NewTask, Place, Position, TaskId, TaskKey, TaskStatus};

pub(super) fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "demo")
}

pub(super) fn text_of(written: &Written) -> &str {
    written.lifted.document.text()
}

/// The text after `changes`, also reached through the splices.
#[track_caller]
pub(super) fn done(before: &str, changes: &[Change]) -> String {
    let written = match write(&read(before), changes) {
        Ok(written) => written,
        Err(error) => panic!("{error:?}\n{before}"),
    };
    let text = text_of(&written).to_owned();
    assert_eq!(written.edits.apply(before).unwrap(), text);
    text
}

/// `before` with `change` is `after`: with LF, CRLF, behind a byte-order mark.
#[track_caller]
pub(super) fn check(before: &str, change: Change, after: &str) {
    check_all(before, &[change], after);
}

#[track_caller]
pub(super) fn check_all(before: &str, changes: &[Change], after: &str) {
    assert_eq!(done(before, changes), after);
    if !before.contains('\r') && before.contains('\n') {
        let crlf = |s: &str| s.replace('\n', "\r\n");
        assert_eq!(done(&crlf(before), changes), crlf(after));
        assert_eq!(done(&format!("\u{feff}{before}"), changes), format!("\u{feff}{after}"));
    }
}

/// The change is refused; the sentence says why.
#[track_caller]
pub(super) fn refused(before: &str, change: Change) -> WriteError {
    match write(&read(before), &[change]) {
        Ok(written) => panic!("written:\n{}", text_of(&written)),
        Err(error) => error,
    }
}

pub(super) fn nth(n: usize) -> TaskKey {
    TaskKey::Nth(n)
}

pub(super) fn id(text: &str) -> TaskId {
    TaskId::parse(text).unwrap()
}

pub(super) fn status(n: usize, to: TaskStatus) -> Change {
    Change::SetStatus { task: nth(n), to }
}

pub(super) fn field(n: usize, key: &str, value: Option<&str>) -> Change {
    Change::SetField { task: nth(n), key: key.into(), value: value.map(Into::into) }
}

pub(super) fn new(title: &str) -> NewTask {
    NewTask { title: title.into(), ..NewTask::default() }
}

pub(super) fn add(place: Place, title: &str) -> Change {
    Change::AddTasks { place, tasks: vec![new(title)] }
}

pub(super) fn last(group: usize) -> Place {
    Place::Group(GroupRef::Nth(group), Position::Last)
}

pub(super) fn below(task: usize) -> Place {
    Place::Under(nth(task), Position::Last)
}
