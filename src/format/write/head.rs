use super::WriteError;
use super::pen::{Pen, not_editable};
use crate::diagnostic::Code;
use crate::format::{FieldSpan, IdCarrier, TaskSpan};
use crate::model::{
    Carrier, Field, FieldStep, Refusal, Tail, Task, TaskId, TaskStatus, field_named, field_steps,
    priority_emoji, status_form,
};
use crate::text::{TextRange, indent};

pub(super) fn set_status(pen: &mut Pen<'_>, i: usize, to: TaskStatus) -> Result<(), WriteError> {
    let (task, span) = pen.task(i)?;
    let form = status_form(task, to);
    if form.symbol != task.symbol {
        pen.replace(span.symbol, form.symbol.to_string());
    }
    if let Some(tail) = &form.tail {
        put_tail(pen, task, span, tail)?;
    }
    if let Some(value) = &form.field {
        for (entry, place) in task.fields.iter().zip(&span.fields) {
            if entry.field == Some(Field::Status) {
                set_value(pen, place, value);
            }
        }
    }
    Ok(())
}

/// Changes only those parts of the tail that differ.
fn put_tail(pen: &mut Pen<'_>, task: &Task, span: &TaskSpan, new: &Tail) -> Result<(), WriteError> {
    let (Some(old), Some(word)) = (&task.tail, span.word) else {
        if task.title.is_empty() {
            return Err(not_editable(Code::W903, span.head, "a task without a title gets no status word"));
        }
        pen.insert(span.title.end, tail_text(new));
        return Ok(());
    };
    if old.word != new.word {
        pen.replace(word, new.word.clone());
    }
    let mut at = word.end + 1;
    put_part(pen, &mut at, span.specialist, old.specialist.as_deref(), new.specialist.as_deref());
    put_part(pen, &mut at, span.effort, old.effort.as_deref(), new.effort.as_deref());
    Ok(())
}

fn put_part(
    pen: &mut Pen<'_>,
    at: &mut usize,
    place: Option<TextRange>,
    old: Option<&str>,
    new: Option<&str>,
) {
    match (place, new) {
        (Some(range), Some(new)) if old != Some(new) => pen.replace(range, new),
        (Some(range), None) => pen.delete(*at, range.end),
        (None, Some(new)) => pen.insert(*at, format!(" - {new}")),
        _ => {}
    }
    if let Some(range) = place {
        *at = range.end;
    }
}

/// ` (In Progress) - dev - 3h`.
pub(super) fn tail_text(tail: &Tail) -> String {
    let mut text = format!(" ({})", tail.word);
    for part in [&tail.specialist, &tail.effort].into_iter().flatten() {
        text.push_str(" - ");
        text.push_str(part);
    }
    text
}

pub(super) fn set_field(
    pen: &mut Pen<'_>,
    i: usize,
    key: &str,
    value: Option<&str>,
) -> Result<(), WriteError> {
    match field_named(key) {
        Some(Field::Id) => Err(Refusal::Unwritable("an id is assigned or replaced, not set".into()).into()),
        Some(Field::Status) => match value.and_then(TaskStatus::parse) {
            Some(to) => set_status(pen, i, to),
            None => Err(Refusal::Unwritable("a state is one of the known words".into()).into()),
        },
        _ => {
            let (task, span) = pen.task(i)?;
            run_steps(pen, task, span, field_steps(task, key, value)?)
        }
    }
}

fn run_steps(
    pen: &mut Pen<'_>,
    task: &Task,
    span: &TaskSpan,
    steps: Vec<FieldStep>,
) -> Result<(), WriteError> {
    for step in steps {
        match step {
            FieldStep::Tail(tail) => put_tail(pen, task, span, &tail)?,
            FieldStep::Insert(key, value) => {
                let (open, close) = brackets(pen, span, &value);
                let at = fields_end(pen, span);
                let field = format!("{open}{key}:: {value}{close}");
                // Before an id that is all there is, the blank goes behind it.
                let first = at == span.head.start && !span.head.is_empty();
                pen.insert(at, if first { field + " " } else { format!("  {field}") });
            }
            FieldStep::Set(n, value) => {
                let (entry, place) = (&task.fields[n], &span.fields[n]);
                match (entry.carrier, entry.field, priority_emoji(&value)) {
                    (Carrier::Emoji, Some(Field::Priority), Some(emoji)) => pen.replace(place.whole, emoji),
                    _ => set_value(pen, place, &value),
                }
            }
            FieldStep::Remove(n) => remove(pen, span, &span.fields[n]),
        }
    }
    Ok(())
}

fn set_value(pen: &mut Pen<'_>, place: &FieldSpan, value: &str) {
    let gap = if place.value.is_empty() && !pen.text()[..place.value.start].ends_with([' ', '\t']) {
        " "
    } else {
        ""
    };
    pen.replace(place.value, format!("{gap}{value}"));
}

/// The bracket kind of the line's other fields.
fn brackets(pen: &Pen<'_>, span: &TaskSpan, value: &str) -> (char, char) {
    let mut inline = span.fields.iter().filter(|f| f.carrier == Carrier::Inline).peekable();
    let round = inline.peek().is_some() && inline.all(|f| f.whole.of(pen.text()).ends_with(')'));
    if round && !value.contains(['(', ')']) { ('(', ')') } else { ('[', ']') }
}

/// Behind the last thing on the head line that is not an id at its end.
fn fields_end(pen: &Pen<'_>, span: &TaskSpan) -> usize {
    let mut end = span.head.end;
    loop {
        let at_end = |c: IdCarrier| c != IdCarrier::Field;
        let Some(id) = span.ids.iter().find(|s| at_end(s.carrier) && s.whole.end == end) else { return end };
        let before = TextRange::new(span.head.start, id.whole.start).of(pen.text());
        end = span.head.start + before.trim_end().len();
    }
}

/// Removes a field and the blanks before it, or its line.
fn remove(pen: &mut Pen<'_>, span: &TaskSpan, place: &FieldSpan) {
    let text = pen.text();
    let line = pen.line_of(place.whole.start);
    if place.carrier == Carrier::Bullet {
        let range = pen.whole_lines(place.whole.start, place.whole.end);
        return pen.delete(range.start, range.end);
    }
    let content = pen.document().lines().content(text, line);
    let floor = if line == pen.line_of(span.start) { span.head.start } else { content.start };
    let before = TextRange::new(floor, place.whole.start).of(text);
    let after = TextRange::new(place.whole.end, content.end).of(text);
    let alone = before.trim().is_empty() && after.trim().is_empty();
    if alone && floor == span.head.start {
        // Nothing else on the head: the blanks that came with the field go with it.
        let blanks = TextRange::new(span.symbol.end + 1, place.whole.start).len().min(2);
        pen.delete(place.whole.start - blanks, place.whole.end);
    } else if !before.trim().is_empty() {
        pen.delete(floor + before.trim_end_matches([' ', '\t']).len(), place.whole.end);
    } else if !after.trim().is_empty() || floor == span.head.start {
        let blanks = indent(after).len();
        pen.delete(place.whole.start, place.whole.end + blanks);
    } else {
        let full = pen.document().lines().full(line);
        let range = pen.whole_lines(full.start, full.end);
        pen.delete(range.start, range.end);
    }
}

pub(super) fn assign_id(pen: &mut Pen<'_>, i: usize, id: &TaskId) -> Result<(), WriteError> {
    let (task, span) = pen.task(i)?;
    match (span.ids.first(), &task.id) {
        (_, Some(old)) if old == id => {}
        (Some(written), _) => pen.replace(written.id, id.as_str()),
        (None, _) => pen.insert(span.head.end, format!(" ^{id}")),
    }
    Ok(())
}

pub(super) fn replace_id(pen: &mut Pen<'_>, i: usize, id: &TaskId) -> Result<(), WriteError> {
    let (task, span) = pen.task(i)?;
    let Some(old) = task.id.as_ref().filter(|old| *old != id) else { return assign_id(pen, i, id) };
    let mut aliases: Vec<String> = task.aliases().iter().map(ToString::to_string).collect();
    aliases.push(old.to_string());
    let steps = field_steps(task, Field::Formerly.key(), Some(&aliases.join(", ")))?;
    run_steps(pen, task, span, steps)?;
    assign_id(pen, i, id)
}

/// Replaces the title; fields that stand inside it stay.
pub(super) fn rename(pen: &mut Pen<'_>, i: usize, title: &str) -> Result<(), WriteError> {
    let (task, span) = pen.task(i)?;
    let title = title.trim();
    if task.title == title {
        return Ok(());
    }
    let text = pen.text();
    let mut parts: Vec<TextRange> = Vec::new();
    let mut from = span.title.start;
    let mut inside: Vec<TextRange> = span.fields.iter().map(|f| f.whole).collect();
    inside.extend(span.ids.iter().map(|s| s.whole));
    inside.retain(|f| span.title.covers(*f) && !f.is_empty());
    inside.sort_unstable();
    inside.dedup();
    for field in inside {
        parts.push(TextRange::new(from, field.start));
        from = field.end;
    }
    parts.push(TextRange::new(from, span.title.end));
    let mut new = Some(title);
    for part in parts {
        let raw = part.of(text);
        let inner = raw.trim();
        let start = part.start + (raw.len() - raw.trim_start().len());
        if inner.is_empty() && !(new.is_some() && part.end == span.title.end) {
            continue;
        }
        match new.take() {
            Some(title) => pen.replace(TextRange::new(start, start + inner.len()), title),
            None => pen.delete(part.start, start + inner.len()),
        }
    }
    Ok(())
}
