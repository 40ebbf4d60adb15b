//! One change to any text: either it is refused, or what was written is what was planned.
//! Shared by the tests and the fuzzer.

use plandown::document::{Limits, parse};
use plandown::format::{Lifted, lift, write};
use plandown::model::{
    Change, Field, GroupRef, HeaderKey, NewTask, NotesSection, Place, Position, TaskId, TaskKey, TaskStatus,
    apply, slot,
};

/// Reads `text` without looking at a clock.
pub(crate) fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "here")
}

/// The change that `choice` names in a session, where there is one.
pub(crate) fn change(lifted: &Lifted, [kind, which, how]: [u8; 3]) -> Option<Change> {
    let session = &lifted.session;
    let count = session.tasks.len();
    let nth = |n: u8| (count > 0).then(|| TaskKey::Nth(usize::from(n) % count.max(1)));
    let group = |n: u8| match session.groups.len() {
        0 => GroupRef::Ungrouped,
        groups => GroupRef::Nth(usize::from(n) % groups),
    };
    let new = || vec![NewTask { title: "a new task".into(), ..NewTask::default() }];
    let task = nth(which);
    Some(match kind % 16 {
        0 => Change::SetStatus { task: task?, to: TaskStatus::ALL[usize::from(how) % TaskStatus::ALL.len()] },
        1 => Change::SetStatus { task: task?, to: TaskStatus::Completed },
        2 => Change::AssignId { task: task?, id: TaskId::parse("t-zzzzz9")? },
        3 => Change::set_field(task?, Field::Due, (how % 3 > 0).then(|| "2031-02-03".into())),
        4 => Change::SetField { task: task?, key: "zz-own".into(), value: Some("some value, [[x]]".into()) },
        5 => Change::set_field(task?, Field::Est, (how % 3 > 0).then(|| "3h".into())),
        6 => Change::RenameTask { task: task?, title: "another title".into() },
        7 => Change::SetDescription { task: task?, text: "new text\n\n- point".into() },
        8 => Change::AppendDescription { task: task?, text: "one more line".into() },
        9 => Change::AddTasks { place: Place::Under(task?, Position::Last), tasks: new() },
        10 => Change::AddTasks { place: Place::Group(group(which), Position::Last), tasks: new() },
        11 => Change::DeleteTask { task: task? },
        12 => Change::MoveTask { task: task?, to: Place::Group(group(how), Position::First) },
        13 => Change::MoveTask { task: task?, to: Place::Under(nth(how)?, Position::Last) },
        14 => Change::AppendEntry {
            section: [NotesSection::Notes, NotesSection::Decisions][usize::from(how % 2)],
            text: "an entry".into(),
        },
        _ => match how % 5 {
            0 => Change::SetHeader { key: HeaderKey::Status, value: Some("Paused".into()) },
            1 => Change::RenameSession { name: "another name".into() },
            2 => Change::AddGroup { name: "Zz new".into(), header: vec![("Focus".into(), "x".into())] },
            3 => Change::RenameGroup { group: group(which), name: "Zz other".into() },
            _ => Change::MoveGroup { group: group(which), before: None },
        },
    })
}

/// Lines with something on them. (A blank line that a task needed before a heading may stay.)
fn words(text: &str) -> Vec<&str> {
    text.lines().filter(|l| !l.trim().is_empty()).collect()
}

/// Makes one change and checks what came of it.
///
/// # Panics
/// Where a law is broken.
pub(crate) fn hold(text: &str, choice: [u8; 3]) {
    let before = read(text);
    let Some(change) = change(&before, choice) else { return };
    let Ok(written) = write(&before, std::slice::from_ref(&change)) else { return };
    let (old, new) = (before.document.text(), written.lifted.document.text());
    assert_eq!(written.edits.apply(old).as_deref(), Ok(new), "{change:?}");
    assert_eq!(old.starts_with('\u{feff}'), new.starts_with('\u{feff}'), "{change:?}");
    let planned = apply(&before.session, &change).expect("what is written can be planned");
    let say = |lifted: &plandown::model::Session| {
        let facts = |t: &plandown::model::Task| {
            // A description moves with its task to another column: its words count.
            let words: Vec<String> = t.description.split_whitespace().map(str::to_owned).collect();
            (t.title.clone(), t.status, t.parent, t.group, t.id.clone(), words)
        };
        lifted.tasks.iter().map(facts).collect::<Vec<_>>()
    };
    assert_eq!(say(&planned), say(&read(new).session), "{change:?}\n{old}\n===\n{new}");
    // What was added can be taken away again, and then nothing is left of it.
    if let Change::AddTasks { place, .. } = &change
        && let Ok(slot) = slot(&before.session, place)
        && let Ok(back) = write(&read(new), &[Change::DeleteTask { task: TaskKey::Nth(slot.at) }])
    {
        // A section that was made for the task stays.
        if before.session.sections.len() == written.lifted.session.sections.len() {
            assert_eq!(words(back.lifted.document.text()), words(old), "{change:?} undone\n{new}");
        }
    }
    if let Change::SetField { key, value: Some(_), task } = &change
        && key == "zz-own"
        && let Ok(back) =
            write(&read(new), &[Change::SetField { key: key.clone(), task: task.clone(), value: None }])
        && let TaskKey::Nth(n) = task
        && !before.session.tasks[*n].fields.iter().any(|f| f.key == *key)
    {
        assert_eq!(back.lifted.document.text(), old, "{change:?} undone\n{new}");
    }
}
