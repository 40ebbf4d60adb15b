use super::WriteError;
use super::groups::new_home;
use super::pen::{Pen, not_editable};
use super::tasks::{Spot, blanks_between, put, spaced, spot};
use crate::diagnostic::Code;
use crate::model::{GroupRef, Place, Refusal, needs_task_section, new_group, slot};
use crate::text::{TextRange, indent};

pub(super) fn delete(pen: &mut Pen<'_>, i: usize) -> Result<(), WriteError> {
    let range = extent(pen, i)?;
    pen.delete(range.start, range.end);
    Ok(())
}

/// The lines of a task and everything below it, with the blank lines that go with it: those
/// before it where a sibling precedes, else those behind it where a sibling follows, else those
/// before it where blank lines would be left on both sides.
fn extent(pen: &Pen<'_>, i: usize) -> Result<TextRange, WriteError> {
    let (task, span) = pen.movable(i)?;
    let tasks = &pen.session().tasks;
    let beside = |k: &usize| tasks[*k].parent == task.parent && tasks[*k].group == task.group;
    let before = (0..i).rev().find(beside).filter(|&k| blanks_between(pen, k, i).is_some());
    let end = pen.session().subtree(i).end;
    let after = (end..tasks.len()).find(beside).filter(|&k| blanks_between(pen, i, k).is_some());
    let spans = &pen.lifted.map.tasks;
    let (start, end) = match (before, after) {
        (Some(before), _) => (spans[before].lines.end, span.lines.end),
        (None, Some(after)) => (span.lines.start, spans[after].lines.start),
        (None, None) => {
            let blank = pen.line_start(pen.blanks_before(span.first_line));
            let open = span.lines.end >= pen.text().len() || !pen.is_text_at(span.lines.end);
            (if open { blank } else { span.lines.start }, span.lines.end)
        }
    };
    Ok(pen.whole_lines(start, end))
}

/// Moves the lines of a task, the same bytes; only where the depth changes are they indented
/// differently.
pub(super) fn relocate(pen: &mut Pen<'_>, i: usize, to: &Place) -> Result<(), WriteError> {
    let (task, _) = pen.movable(i)?;
    if let Place::Group(GroupRef::Path(path), position) = to {
        let (spot, head) = new_home(pen, &new_group(pen.session(), path, position)?);
        return carry(pen, i, &spot, head);
    }
    let slot = slot(pen.session(), to)?;
    let range = pen.session().subtree(i);
    if slot.parent.is_some_and(|p| range.contains(&p)) {
        return Err(Refusal::Unwritable("a task cannot be moved below itself".into()).into());
    }
    let home = slot.parent == task.parent && slot.group == task.group;
    if home && (slot.previous == Some(i) || slot.next == Some(i)) {
        return Ok(());
    }
    if needs_task_section(pen.session(), &slot) {
        return Err(Refusal::Unwritable("there is no task section to move the task into".into()).into());
    }
    let spot = spot(pen, &slot)?;
    carry(pen, i, &spot, String::new())
}

/// Takes the lines of a task to `spot`, behind `head`.
fn carry(pen: &mut Pen<'_>, i: usize, spot: &Spot, head: String) -> Result<(), WriteError> {
    let (_, span) = pen.movable(i)?;
    let gone = extent(pen, i)?;
    let mut block = head;
    block += &reindented(pen, span.lines, &pen.prefix(span), &spot.prefix).ok_or_else(|| {
        not_editable(Code::T120, span.head, "the indentation of this task cannot be changed")
    })?;
    if !block.ends_with(['\n', '\r']) {
        block.push_str(pen.eol());
    }
    if gone.start < spot.at && spot.at < gone.end {
        // The place lies among the blank lines that go: one splice for both.
        let block = spaced(pen, spot, &block);
        let open = gone.end == pen.text().len() && pen.is_open_ended();
        let block = if open { block.strip_suffix(pen.eol()).unwrap_or(&block) } else { &block };
        let kept = TextRange::new(gone.start, spot.at).of(pen.text());
        pen.replace(gone, format!("{kept}{block}"));
    } else {
        put(pen, spot, &block);
        pen.delete(gone.start, gone.end);
    }
    Ok(())
}

/// The lines with another prefix; `None` where a line does not carry the old one.
fn reindented(pen: &Pen<'_>, lines: TextRange, old: &str, new: &str) -> Option<String> {
    let text = lines.of(pen.text());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if old == new {
        return Some(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let all_tabs = old.chars().chain(new.chars()).all(|c| c == '\t');
    for line in text.split_inclusive('\n') {
        let blanks = indent(line);
        if blanks.contains('\t') && !all_tabs {
            // How far a tab reaches depends on what stands before it.
            return None;
        }
        if line.trim().is_empty() {
            out.push_str(line);
        } else {
            out.push_str(new);
            out.push_str(line.strip_prefix(old)?);
        }
    }
    Some(out)
}
