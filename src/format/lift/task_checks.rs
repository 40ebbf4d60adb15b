use std::collections::BTreeMap;

use crate::diagnostic::{Code, Fix};
use crate::document::BlockKind;
use crate::model::{
    Carrier, DateValue, Field, FieldKind, MergePolicy, Session, Task, TaskStatus, parse_minutes,
};
use crate::text::{BLANKS, Edit, TextRange, indent, width};

use super::super::{FieldSpan, IdCarrier, IdSpan, SourceMap, TaskSpan};
use super::groups::Layout;
use super::tail::Tail;
use super::tasks::Draft;
use super::{Reader, status};

/// Deepest level of subtasks that is no finding.
const MAX_LEVELS: u32 = 8;

/// Findings about one task that can be told from itself.
pub(super) fn read(reader: &mut Reader<'_>, task: &Task, span: &TaskSpan, draft: &Draft) {
    head(reader, task, span, draft);
    for (entry, place) in task.fields.iter().zip(&span.fields) {
        let value = entry.value.as_str();
        let key = &entry.key;
        match entry.field.map(|f| f.spec().kind) {
            None => reader.report(Code::T113, place.whole, format!("unknown field `{key}`; kept as it is")),
            Some(FieldKind::Date) if DateValue::parse(value).is_none() => {
                reader.report(Code::T112, place.value, format!("unreadable date `{value}` in `{key}`"));
            }
            Some(FieldKind::Effort) if parse_minutes(value).is_none() => {
                reader.report(Code::T111, place.value, format!("unreadable effort `{value}` in `{key}`"));
            }
            _ => {}
        }
        if place.escaped {
            unescape(reader, place, key);
        }
        if entry.carrier == Carrier::Continuation {
            move_to_head(reader, place, key, value, draft.head.field_at);
        }
    }
    repeated(reader, task, span);
    for open in &draft.head.unclosed {
        reader.report(Code::T115, *open, format!("`{}` is never closed", open.of(reader.text)));
    }
    ids(reader, span);
    place(reader, task, span, draft);
}

fn head(reader: &mut Reader<'_>, task: &Task, span: &TaskSpan, draft: &Draft) {
    if TaskStatus::of_symbol(task.symbol).is_none() {
        let message = format!("unknown checkbox symbol `{}`; read as pending", task.symbol);
        reader.report(Code::T104, span.symbol, message);
    }
    if task.title.is_empty() {
        reader.report(Code::T108, span.head, "the task has no title");
    }
    if let Tail::Near(code, at, message) = &draft.head.tail {
        reader.report(*code, *at, message.clone());
    }
    let in_tail = span.word.map(|at| (at, false));
    let fields = task.fields.iter().zip(&span.fields).filter(|(e, _)| e.field == Some(Field::Status));
    let in_field = fields.min_by_key(|(e, _)| e.carrier).map(|(_, p)| (p.value, true));
    let Some((at, is_field)) = in_tail.or(in_field) else { return };
    let said = TaskStatus::parse(at.of(reader.text));
    let (status, contradicts) = status::resolve(task.symbol, said);
    if contradicts {
        let word = if is_field { status.key() } else { status.word() };
        let message = format!(
            "checkbox `[{}]` contradicts `{}`; the checkbox is used",
            task.symbol,
            at.of(reader.text)
        );
        let fix = Fix::safe(format!("say `{word}`"), vec![Edit::replace(at, word)]);
        reader.report_fix(Code::T103, at, message, fix);
    }
}

fn unescape(reader: &mut Reader<'_>, field: &FieldSpan, key: &str) {
    let slash = TextRange::new(field.whole.start, field.whole.start + 1);
    let mut edits = vec![Edit::delete(slash)];
    let close = TextRange::new(field.whole.end.saturating_sub(2), field.whole.end.saturating_sub(1));
    if close.start >= field.value.end && close.of(reader.text) == "\\" {
        edits.push(Edit::delete(close));
    }
    let message = format!("escaped bracket before `{key}`; still read as a field");
    reader.report_fix(Code::L403, slash, message, Fix::safe("remove the backslash", edits));
}

/// Deletes all of `wholes`, each as [`removal`] does; neighbours go in one piece.
fn removals(reader: &Reader<'_>, wholes: impl Iterator<Item = TextRange>) -> Vec<Edit> {
    let (text, lines) = (reader.text, reader.document.lines());
    let mut wholes: Vec<TextRange> = wholes.collect();
    wholes.sort();
    let mut pieces: Vec<TextRange> = Vec::new();
    for whole in wholes {
        match pieces.last_mut() {
            Some(last) if TextRange::new(last.end, whole.start).of(text).trim_matches(BLANKS).is_empty() => {
                last.end = last.end.max(whole.end);
            }
            _ => pieces.push(whole),
        }
    }
    // Lines that go as a whole: the last one may take the line end before it.
    let alone = |p: TextRange| {
        lines.content(text, lines.line_of(p.start)).of(text).trim_matches(BLANKS) == p.of(text)
    };
    let mut joined: Vec<(TextRange, bool)> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some((last, true))
                if alone(piece) && lines.line_of(piece.start) == lines.line_of(last.end) + 1 =>
            {
                last.end = piece.end;
            }
            _ => joined.push((piece, alone(piece))),
        }
    }
    joined.into_iter().map(|(piece, _)| removal(reader, piece)).collect()
}

/// Deletes `whole`, with its lines if nothing else stands on them.
fn removal(reader: &Reader<'_>, whole: TextRange) -> Edit {
    let (text, lines) = (reader.text, reader.document.lines());
    let (first, last) = (lines.line_of(whole.start), lines.line_of(whole.end));
    let before = TextRange::new(lines.start(first), whole.start).of(text);
    let after = TextRange::new(whole.end, lines.content(text, last).end).of(text);
    let is_first = before.trim_matches(BLANKS).is_empty();
    if is_first && after.trim_matches(BLANKS).is_empty() {
        let end = lines.full(last).end;
        // The last line may have no line end of its own: then the one before goes.
        let own = end > lines.content(text, last).end;
        let start = if own { lines.start(first) } else { lines.content(text, first.saturating_sub(1)).end };
        return Edit::delete(TextRange::new(start, end));
    }
    if is_first {
        let blanks = indent(after).len();
        return Edit::delete(TextRange::new(whole.start, whole.end + blanks));
    }
    let blanks = before.len() - before.trim_end_matches(BLANKS).len();
    Edit::delete(TextRange::new(whole.start - blanks, whole.end))
}

fn move_to_head(reader: &mut Reader<'_>, field: &FieldSpan, key: &str, value: &str, at: usize) {
    let edits = vec![Edit::insert(at, format!("  [{key}:: {value}]")), removal(reader, field.whole)];
    let message = format!("`{key}` is not on the task's first line; other tools will not see it");
    reader.report_fix(Code::T123, field.whole, message, Fix::safe("move it to the first line", edits));
}

fn repeated(reader: &mut Reader<'_>, task: &Task, span: &TaskSpan) {
    if task.fields.len() < 2 {
        return;
    }
    let mut winners: BTreeMap<Field, (Carrier, usize)> = BTreeMap::new();
    for (i, entry) in task.fields.iter().enumerate() {
        let Some(field) = entry.field.filter(|f| f.spec().merge == MergePolicy::Scalar) else { continue };
        let winner = winners.entry(field).or_insert((entry.carrier, i));
        *winner = (*winner).min((entry.carrier, i));
    }
    for (i, entry) in task.fields.iter().enumerate() {
        let Some((field, (_, winner))) = entry.field.and_then(|f| Some((f, *winners.get(&f)?))) else {
            continue;
        };
        if winner != i
            && let (Some(place), Some(used)) = (span.fields.get(i), task.fields.get(winner))
        {
            let message = format!("`{}` is given twice; `{}` is used", field.key(), used.value);
            reader.report(Code::T114, place.whole, message);
        }
    }
}

fn ids(reader: &mut Reader<'_>, span: &TaskSpan) {
    let text = reader.text;
    let Some((first, others)) = span.ids.split_first() else { return };
    let differs = |i: &&IdSpan| !i.id.of(text).eq_ignore_ascii_case(first.id.of(text));
    let wrong: Vec<&IdSpan> = others.iter().filter(differs).collect();
    if let Some(other) = wrong.first() {
        let message =
            format!("two ids on one task; `{}` is used, `{}` is not", first.id.of(text), other.id.of(text));
        let edits = removals(reader, wrong.iter().map(|i| i.whole));
        let fix = Fix::safe(format!("keep `{}`", first.id.of(text)), edits);
        reader.report_fix(Code::I504, other.whole, message, fix);
    }
    if first.carrier == IdCarrier::Block && first.whole.end != span.head.end {
        let insert = Edit::insert(span.head.end, format!(" {}", first.whole.of(text)));
        let edits = vec![insert, removal(reader, first.whole)];
        let message = format!("`{}` is not the last word of the task's first line", first.whole.of(text));
        reader.report_fix(Code::I505, first.whole, message, Fix::safe("move it to the end", edits));
    }
}

fn place(reader: &mut Reader<'_>, task: &Task, span: &TaskSpan, draft: &Draft) {
    let (text, lines) = (reader.text, reader.document.lines());
    if task.depth >= MAX_LEVELS {
        let message = format!("nested deeper than {MAX_LEVELS} levels of tasks");
        reader.report(Code::T119, span.head, message);
    }
    if !span.movable {
        let message = "the task does not stand alone on its line, so it cannot be moved";
        reader.report(Code::T120, TextRange::new(span.start, span.symbol.end), message);
    }
    let first = lines.content(text, span.first_line);
    let prefix = TextRange::new(first.start, first.start + span.content_column).of(text);
    let column = width(prefix);
    let head_line = lines.line_of(span.symbol.start);
    let last_line = lines.line_of(draft.paragraph.end);
    let lazy = (head_line + 1..=last_line).find(|l| width(indent(lines.content(text, *l).of(text))) < column);
    if let Some(line) = lazy
        && span.movable
    {
        let edit = Edit::insert(lines.start(line), reader.eol());
        let fix = Fix::safe("add a blank line before it", vec![edit]);
        reader.report_fix(
            Code::T122,
            lines.content(text, line),
            "this line is read as a part of the task above",
            fix,
        );
    }
}

/// Reports lists of tasks that stand before the first group although there is a task section.
pub(super) fn ungrouped(reader: &mut Reader<'_>, layout: &Layout, session: &Session, map: &SourceMap) {
    if !layout.has_task_section {
        return;
    }
    let blocks = reader.document.blocks();
    let mut reported = None;
    for (_, span) in session.tasks.iter().zip(&map.tasks).filter(|(t, _)| t.group.is_none() && t.depth == 0) {
        let mut list = span.block;
        while let Some(outer) = blocks.get(list).and_then(|b| b.parent) {
            list = outer;
        }
        if reported == Some(list) {
            continue;
        }
        reported = Some(list);
        let at = blocks
            .get(list)
            .filter(|b| matches!(b.kind, BlockKind::List { .. }))
            .map_or(span.head, |b| b.range);
        reader.report(Code::G305, at, "tasks before the first group; they belong to none");
    }
}
