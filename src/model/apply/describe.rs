use crate::model::{Carrier, FieldEntry, Priority, Task};

/// Gives a task another text below its head.
pub(super) fn describe(task: &mut Task, text: &str) {
    let lost = |e: &FieldEntry| matches!(e.carrier, Carrier::Continuation | Carrier::Bullet);
    // Fields in the text are read from the text; what it says decides.
    let kept = |e: &FieldEntry| !lost(e) || text.contains(&e.value);
    task.fields.retain(kept);
    text.clone_into(&mut task.description);
}

/// The description with another value of a field that stands in it.
pub(super) fn with_field(description: &str, entry: &FieldEntry, value: &str) -> String {
    edit_line(description, entry, |line, at| {
        let (head, tail) = line.split_at(at);
        Some(format!("{head}{value}{}", tail.get(entry.value.len()..).unwrap_or("")))
    })
}

/// The description without a field that stands in it: a bullet's line, or a bracket.
pub(super) fn without_field(description: &str, entry: &FieldEntry) -> String {
    edit_line(description, entry, |line, at| {
        if entry.carrier == Carrier::Bullet {
            return None;
        }
        let open = line.get(..at)?.rfind(['[', '('])?;
        let close = at + entry.value.len() + line.get(at + entry.value.len()..)?.find([']', ')'])?;
        let before = line[..open].trim_end_matches('\\').trim_end();
        Some(format!("{before}{}", &line[close + 1..]))
    })
}

/// Edits the first line that holds the field's key and, behind it, its value.
fn edit_line(
    description: &str,
    entry: &FieldEntry,
    edit: impl FnOnce(&str, usize) -> Option<String>,
) -> String {
    let found = description.lines().enumerate().find_map(|(n, line)| {
        let key = line.find(&entry.key)?;
        let from = key + entry.key.len() + line[key + entry.key.len()..].find(':')?;
        Some((n, from + line[from..].find(&entry.value)?))
    });
    let Some((wanted, at)) = found else { return description.to_owned() };
    let mut edit = Some(edit);
    let lines = description.lines().enumerate().filter_map(|(n, line)| match edit.take_if(|_| n == wanted) {
        Some(edit) => edit(line, at),
        None => Some(line.to_owned()),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The emoji that stands for a priority word; an emoji stays one.
pub fn priority_emoji(value: &str) -> Option<&'static str> {
    Some(match Priority::parse(value)? {
        Priority::Urgent => "🔺",
        Priority::High => "⏫",
        Priority::Medium => "🔼",
        Priority::Low => "🔽",
        Priority::Someday => "⏬",
    })
}
