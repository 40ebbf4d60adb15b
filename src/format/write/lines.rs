//! `**Key**: value` lines, of the session's header and of groups.

use super::pen::Pen;
use crate::format::LineSpan;

/// Puts another value into a line.
pub(super) fn set(pen: &mut Pen<'_>, line: &LineSpan, value: &str) {
    let before = &pen.text()[..line.value.start];
    let gap = if line.value.is_empty() && !before.ends_with([' ', '\t']) { " " } else { "" };
    pen.replace(line.value, format!("{gap}{value}"));
}

/// Adds a line behind the last one, in its style.
pub(super) fn push(pen: &mut Pen<'_>, block: &[LineSpan], label: &str, value: &str) {
    let Some(last) = block.last() else { return };
    let text = pen.text();
    let start = text.get(last.line.start..last.key.start).unwrap_or("").trim_end_matches("**");
    let bullets = !start.trim().is_empty();
    let inside = text.get(last.key.start..last.value.start).unwrap_or("").contains(":**");
    if !bullets && last.hard_break.is_empty() {
        let style = hard_break(pen, block);
        pen.insert(last.value.end.max(last.hard_break.end), style);
    }
    let key = if inside { format!("**{label}:**") } else { format!("**{label}**:") };
    let eol = pen.eol();
    // The last line keeps its place as the one without a hard break.
    let line = format!("{start}{key} {value}{eol}");
    pen.insert_lines(last.line.end, &line);
}

/// The hard break between lines of this block: what its other lines have.
fn hard_break(pen: &Pen<'_>, block: &[LineSpan]) -> String {
    let found = block.iter().find(|l| !l.hard_break.is_empty()).map(|l| l.hard_break.of(pen.text()));
    match found {
        Some(found) => found.to_owned(),
        // Several lines and no break among them: that is the style.
        None if block.len() > 1 => String::new(),
        None => "  ".to_owned(),
    }
}

/// Removes a line; a hard break that would end its block goes too.
pub(super) fn remove(pen: &mut Pen<'_>, block: &[LineSpan], i: usize) {
    let line = &block[i];
    let first = pen.line_of(line.line.start);
    let alone = block.len() == 1;
    let bare_after = line.line.end >= pen.text().len() || !pen.is_text_at(line.line.end);
    let start = if alone && bare_after { pen.line_start(pen.blanks_before(first)) } else { line.line.start };
    let range = pen.whole_lines(start, line.line.end);
    pen.delete(range.start, range.end);
    if i > 0 && i + 1 == block.len() && line.hard_break.is_empty() {
        let previous = block[i - 1].hard_break;
        if !previous.is_empty() {
            pen.delete(previous.start, previous.end);
        }
    }
}
