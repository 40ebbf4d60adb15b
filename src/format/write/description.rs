use super::WriteError;
use super::pen::{Pen, not_editable};
use crate::diagnostic::Code;
use crate::format::TaskSpan;
use crate::model::Carrier;
use crate::text::{TextRange, indent};

/// Replaces the text below a head; where there was some, the new one stands where it began.
pub(super) fn set(pen: &mut Pen<'_>, i: usize, text: &str) -> Result<(), WriteError> {
    let (_, span) = pen.task(i)?;
    let ranges: Vec<TextRange> = span.description.iter().filter_map(|r| trimmed(pen, *r)).collect();
    if span.fields.iter().any(|f| f.carrier == Carrier::Continuation) {
        let message = "a field stands in the text below this task; move it to the first line before";
        return Err(not_editable(Code::T123, span.head, message));
    }
    let empty = text.trim().is_empty();
    let Some((first, others)) = ranges.split_first() else {
        if !empty {
            insert_below_head(pen, span, text);
        }
        return Ok(());
    };
    if empty {
        delete_with_blanks(pen, *first);
    } else {
        let indent = indent_of(pen, span);
        let block = pen.indented(text, &indent);
        let open = first.end == pen.text().len() && pen.is_open_ended();
        let block = if open { block.strip_suffix(pen.eol()).unwrap_or(&block) } else { &block };
        pen.replace(*first, block);
    }
    for range in others {
        delete_with_blanks(pen, *range);
    }
    Ok(())
}

/// Adds lines behind the last text of a task, or below its head.
pub(super) fn append(pen: &mut Pen<'_>, i: usize, text: &str) -> Result<(), WriteError> {
    let (_, span) = pen.task(i)?;
    if text.trim().is_empty() {
        return Ok(());
    }
    let Some(last) = span.description.iter().rev().find_map(|r| trimmed(pen, *r)) else {
        insert_below_head(pen, span, text);
        return Ok(());
    };
    let mut block = pen.indented(text, &indent_of(pen, span));
    let head_next = pen.line_start(span.first_line + 1);
    let airy =
        span.description.first().is_some_and(|r| trimmed(pen, *r).is_some_and(|t| t.start > head_next));
    if airy != (pen.apart > 0) {
        block.insert_str(0, pen.eol());
    }
    pen.insert_lines(last.end, &block);
    Ok(())
}

fn insert_below_head(pen: &mut Pen<'_>, span: &TaskSpan, text: &str) {
    let mut block = pen.indented(text, &indent_of(pen, span));
    let at = pen.line_start(span.first_line + 1);
    if pen.apart > 0 {
        block.insert_str(0, pen.eol());
        if pen.is_text_at(at) {
            block.push_str(pen.eol());
        }
    }
    pen.insert_lines(at, &block);
}

/// `range` in whole lines without the blank lines at its ends.
fn trimmed(pen: &Pen<'_>, range: TextRange) -> Option<TextRange> {
    let (mut first, mut last) = (pen.line_of(range.start), pen.line_of(range.end.max(1) - 1));
    while first <= last && pen.is_blank(first) {
        first += 1;
    }
    while last > first && pen.is_blank(last) {
        last -= 1;
    }
    (first <= last).then(|| TextRange::new(pen.line_start(first), pen.line_start(last + 1)))
}

fn delete_with_blanks(pen: &mut Pen<'_>, range: TextRange) {
    let line = pen.line_of(range.start);
    let start = pen.line_start(pen.blanks_before(line));
    let range = pen.whole_lines(start, range.end);
    pen.delete(range.start, range.end);
}

/// What the task's other lines begin with, else its content column.
fn indent_of(pen: &Pen<'_>, span: &TaskSpan) -> String {
    let below = pen.below(span);
    let own = span.description.iter().flat_map(|r| r.of(pen.text()).lines()).filter(|l| !l.trim().is_empty());
    let blanks = own.map(indent);
    match blanks.min_by_key(|b| b.len()) {
        Some(found) if found.contains('\t') || found.len() >= below.len() => found.to_owned(),
        _ => below,
    }
}
