use super::fields::is_tail_specialist;
use super::{FieldStep, Refusal, Slot, field_steps, replay::one_line};
use crate::model::{
    Carrier, Field, FieldEntry, NewTask, Session, Tail, Task, TaskFacts, TaskStatus, field_named,
    write_minutes,
};

/// New tasks as they will read, parents before children; `parent` counts inside this list.
pub type Planted = Vec<Task>;

/// How new tasks are written: a tail only where it says something, unless `with_word`; what does
/// not fit the tail goes into inline fields.
///
/// # Errors
/// [`Refusal::Unwritable`] where a title or value cannot be written down.
pub fn planted(tasks: &[NewTask], with_word: bool) -> Result<Planted, Refusal> {
    let mut out: Planted = Vec::new();
    let mut stack: Vec<(&NewTask, Option<usize>)> = tasks.iter().rev().map(|t| (t, None)).collect();
    while let Some((new, parent)) = stack.pop() {
        let mut task = one(new, with_word)?;
        task.parent = parent;
        task.depth = parent.map_or(0, |p| out[p].depth + 1);
        let here = out.len();
        out.push(task);
        stack.extend(new.children.iter().rev().map(|c| (c, Some(here))));
    }
    Ok(out)
}

fn one(new: &NewTask, with_word: bool) -> Result<Task, Refusal> {
    let status = new.status.unwrap_or(TaskStatus::Pending);
    let done = status == TaskStatus::Completed;
    let specialist = new.specialist.as_deref().map(str::trim).filter(|s| !s.is_empty());
    let in_tail = specialist.filter(|s| is_tail_specialist(s));
    let effort = new.estimate.map(write_minutes).map(|e| if done { e + "/?" } else { e });
    let plain = matches!(status, TaskStatus::Pending | TaskStatus::Completed);
    let tail = (with_word || !plain || in_tail.is_some() || effort.is_some()).then(|| Tail {
        word: status.word().to_owned(),
        specialist: in_tail.map(str::to_owned),
        effort,
    });
    let closed = matches!(status, TaskStatus::Completed | TaskStatus::Cancelled);
    let mut task = TaskFacts {
        id: new.id.clone(),
        title: one_line(&new.title, "title")?,
        symbol: if closed { 'x' } else { ' ' },
        status,
        tail,
        fields: Vec::new(),
        description: new.description.clone(),
    }
    .alone();
    let outside = specialist.filter(|_| in_tail.is_none()).map(|s| (Field::Specialist.key(), s));
    let given = new.fields.iter().map(|(k, v)| (k.trim(), v.trim()));
    for (key, value) in outside.into_iter().chain(given).filter(|(_, v)| !v.is_empty()) {
        let field = field_named(key);
        if matches!(field, Some(Field::Id | Field::Status)) {
            return Err(Refusal::unwritable(format!("`{key}` is not given as a field of a new task")));
        }
        // Asked of a bare task, so that the answer is an inline field or a refusal.
        let mut bare = task.clone();
        (bare.tail, bare.fields) = (None, Vec::new());
        if let Some(FieldStep::Insert(..)) = field_steps(&bare, key, Some(value))?.first() {
            let entry = FieldEntry {
                field,
                key: FieldEntry::key_of(field, key),
                value: value.into(),
                carrier: Carrier::Inline,
            };
            task.fields.push(entry);
        }
    }
    Ok(task)
}

/// Whether the tasks beside `slot` all have a tail, so that a new one gets its word too.
#[must_use]
pub fn sibling_has_tail(session: &Session, slot: &Slot) -> bool {
    let mut beside = session
        .tasks
        .iter()
        .filter(|t| t.parent == slot.parent && (t.group == slot.group || t.parent.is_some()))
        .peekable();
    beside.peek().is_some() && beside.all(|t| t.tail.is_some())
}
