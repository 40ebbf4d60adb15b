use super::Refusal;
use crate::model::{
    Carrier, DateValue, Effort, Field, FieldEntry, FieldKind, MergePolicy, Priority, Tail, Task, TaskStatus,
    canonical_key, field_named, parse_minutes,
};

/// One step towards a field's new value. Indices are those of `task.fields` before all steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldStep {
    /// An entry gets another value, in its own carrier.
    Set(usize, String),
    /// An entry goes.
    Remove(usize),
    /// A new inline field behind the last one on the head line: (key, value).
    Insert(String, String),
    /// The tail becomes this.
    Tail(Tail),
}

/// How a field's value is written on one task: in the carrier it is in; specialist and effort in
/// the tail where there is one; else as a new inline field. `None` removes it from every carrier.
///
/// # Errors
/// [`Refusal::Unwritable`] where key or value cannot be written down.
pub fn field_steps(task: &Task, key: &str, value: Option<&str>) -> Result<Vec<FieldStep>, Refusal> {
    check_key(key)?;
    let value = value.map(str::trim).filter(|v| !v.is_empty());
    if let Some(value) = value {
        check_value(value)?;
    }
    let field = field_named(key);
    let mut here: Vec<usize> =
        (0..task.fields.len()).filter(|&i| same(&task.fields[i], field, key)).collect();
    here.sort_by_key(|&i| task.fields[i].carrier);
    let Some(value) = value else {
        let mut steps: Vec<_> = here.into_iter().map(FieldStep::Remove).collect();
        steps.extend(tail_with(task, field, None)?.map(FieldStep::Tail));
        return Ok(steps);
    };
    let mut steps = Vec::new();
    if let Some(&first) = here.first() {
        let entry = &task.fields[first];
        if fits(entry, value) {
            if entry.value != value {
                steps.push(FieldStep::Set(first, value.to_owned()));
            }
        } else {
            steps.push(FieldStep::Remove(first));
            steps.push(FieldStep::Insert(written_key(field, key), value.to_owned()));
        }
        // Sets are read from all their carriers together, so the others must go.
        if field.is_some_and(|f| f.spec().merge == MergePolicy::Set) {
            steps.extend(here.iter().skip(1).map(|&i| FieldStep::Remove(i)));
        }
        return Ok(steps);
    }
    if let Some(tail) = tail_with(task, field, Some(value))? {
        let said = field == Some(Field::Specialist) && tail.specialist.as_deref() == Some(value)
            || effort_says(&tail, field, value);
        if task.tail.as_ref() != Some(&tail) {
            steps.push(FieldStep::Tail(tail));
        }
        if said {
            return Ok(steps);
        }
    }
    steps.push(FieldStep::Insert(written_key(field, key), value.to_owned()));
    Ok(steps)
}

fn same(entry: &FieldEntry, field: Option<Field>, key: &str) -> bool {
    match field {
        Some(_) => entry.field == field,
        None => entry.field.is_none() && canonical_key(&entry.key) == canonical_key(key),
    }
}

fn written_key(field: Option<Field>, key: &str) -> String {
    field.map_or_else(|| key.trim().to_owned(), |f| f.key().to_owned())
}

fn check_key(key: &str) -> Result<(), Refusal> {
    let key = key.trim();
    let shape = key.starts_with(char::is_alphabetic)
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
    if shape { Ok(()) } else { Err(Refusal::unwritable(format!("`{key}` cannot be the name of a field"))) }
}

fn check_value(value: &str) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::unwritable(format!("the value `{value}` {why}")));
    if value.chars().any(char::is_control) {
        return refuse("spans lines or holds control characters");
    }
    if value.ends_with('\\') {
        return refuse("ends in a backslash");
    }
    if value.matches('`').count() % 2 == 1 {
        return refuse("opens a code span and does not close it");
    }
    let mut depth = 0_i32;
    for c in value.chars() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        if depth < 0 {
            break;
        }
    }
    if depth == 0 { Ok(()) } else { refuse("has unbalanced brackets") }
}

/// Whether `value` can stand in the entry's carrier.
fn fits(entry: &FieldEntry, value: &str) -> bool {
    match (entry.carrier, entry.field.map(|f| f.spec().kind)) {
        (Carrier::Emoji, Some(FieldKind::Date)) => value.len() == 10 && DateValue::parse(value).is_some(),
        (Carrier::Emoji, Some(FieldKind::Priority)) => Priority::parse(value).is_some(),
        (Carrier::Emoji, _) => value.split(',').all(|w| {
            let w = w.trim();
            !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        }),
        _ => true,
    }
}

/// Whether `text` can be the specialist of a tail.
pub(super) fn is_tail_specialist(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        && parse_minutes(text).is_none()
        && !text.starts_with('-')
}

fn is_done(tail: &Tail) -> bool {
    TaskStatus::parse(&tail.word) == Some(TaskStatus::Completed)
}

fn effort_says(tail: &Tail, field: Option<Field>, value: &str) -> bool {
    let Some(effort) = tail.effort.as_deref().and_then(|e| Effort::parse_tail(e, is_done(tail))) else {
        return false;
    };
    let wanted = parse_minutes(value);
    wanted.is_some()
        && match field {
            Some(Field::Est) => effort.estimate == wanted,
            Some(Field::Actual) => effort.actual == wanted,
            _ => false,
        }
}

/// The tail with another specialist or effort; `None` where the tail has nothing to say about it.
fn tail_with(task: &Task, field: Option<Field>, value: Option<&str>) -> Result<Option<Tail>, Refusal> {
    let Some(mut tail) = task.tail.clone() else { return Ok(None) };
    match field {
        Some(Field::Specialist) => {
            tail.specialist = value.filter(|v| is_tail_specialist(v)).map(str::to_owned);
        }
        Some(f @ (Field::Est | Field::Actual)) => {
            let value = value.map(|v| v.replace(' ', "")).filter(|v| parse_minutes(v).is_some());
            tail.effort = effort_with(&tail, f, value.as_deref())?;
        }
        _ => return Ok(None),
    }
    Ok((task.tail.as_ref() != Some(&tail) || value.is_some()).then_some(tail))
}

fn effort_with(tail: &Tail, field: Field, value: Option<&str>) -> Result<Option<String>, Refusal> {
    let done = is_done(tail);
    let (est, act) = match tail.effort.as_deref() {
        None => (None, None),
        Some(text) => match text.split_once('/') {
            Some((est, "?")) => (Some(est), None),
            Some((est, act)) => (Some(est), Some(act)),
            None if done => (None, Some(text)),
            None => (Some(text), None),
        },
    };
    let (est, act) = if field == Field::Est { (value, act) } else { (est, value) };
    Ok(match (est, act) {
        (None, None) => None,
        (Some(est), Some(act)) => Some(format!("{est}/{act}")),
        (Some(est), None) if done => Some(format!("{est}/?")),
        (Some(est), None) => Some(est.to_owned()),
        (None, Some(act)) if done => Some(act.to_owned()),
        // An open task's single amount would be read as the estimate.
        (None, Some(_)) if tail.effort.is_none() => None,
        (None, Some(_)) => {
            return Err(Refusal::unwritable("an open task's tail cannot hold an actual effort alone"));
        }
    })
}
