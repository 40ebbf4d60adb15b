use crate::document::{Block, BlockKind, ItemStart, item_start};
use crate::model::{
    Carrier, Field, FieldEntry, Session, Tail, Task, TaskFacts, TaskId, TaskStatus, field_named,
};
use crate::text::{BLANKS, TextRange};

use super::super::{FieldSpan, IdSpan, SourceMap, TaskSpan};
use super::earlier::Earlier;
use super::fields::Found;
use super::groups::{self, Layout, Stretch};
use super::head::{self, Head};
use super::lines::field_line;
use super::mask::Mask;
use super::{Reader, ids, prose, status, tail, task_checks};

/// What is kept of a task until all tasks are known.
pub(super) struct Draft {
    pub head: Head,
    /// The head's paragraph; only its line where there is none.
    pub paragraph: TextRange,
}

/// Reads all tasks, in order.
pub(super) fn read(
    reader: &mut Reader<'_>,
    layout: &mut Layout,
    earlier: &mut Option<Earlier<'_>>,
    session: &mut Session,
    map: &mut SourceMap,
) {
    let document = reader.document;
    let blocks = document.blocks();
    // Open ancestors: (index one past the last descendant, task).
    let mut open: Vec<(usize, usize)> = Vec::new();
    // Tasks that were not taken over.
    let mut fresh: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        let index = at;
        // Quotes and footnotes hold no tasks.
        at = if matches!(block.kind, BlockKind::Quote | BlockKind::Footnote) { block.end } else { at + 1 };
        let BlockKind::TaskItem { symbol, verified: true, .. } = block.kind else { continue };
        let known = earlier.as_mut().and_then(|e| e.task(index));
        let start = item_start(reader.text, block.range.start).filter(|s| known.is_some() || s.is_checkbox());
        let Some(start) = start else { continue };
        let stretch = layout.at(block.range.start);
        let group = match stretch {
            Stretch::Notes => continue,
            Stretch::Top | Stretch::Ungrouped => None,
            Stretch::Group(group) => Some(group),
            Stretch::Candidate(section) => Some(groups::make_implicit(layout, session, map, section)),
        };
        while open.last().is_some_and(|(end, _)| *end <= index) {
            open.pop();
        }
        let parent = open.last().map(|(_, task)| *task);
        let depth = u32::try_from(open.len()).unwrap_or(u32::MAX);
        open.push((block.end, session.tasks.len()));
        let (task, span) = if let Some((task, span)) = known {
            (Task { group, parent, depth, ..task }, span)
        } else {
            fresh.push(session.tasks.len());
            let (task, span, draft) = one(reader, index, symbol, &start);
            let task = Task { group, parent, depth, ..task };
            task_checks::read(reader, &task, &span, &draft);
            (task, span)
        };
        session.tasks.push(task);
        map.tasks.push(span);
    }
    session.tasks.shrink_to_fit();
    map.tasks.shrink_to_fit();
    descriptions(reader, &fresh, session, map);
    ids_once(session);
    task_checks::ungrouped(reader, layout, session, map);
}

fn one(reader: &Reader<'_>, index: usize, symbol: char, start: &ItemStart) -> (Task, TaskSpan, Draft) {
    let (text, lines) = (reader.text, reader.document.lines());
    let block = reader.document.blocks()[index];
    let (_, symbol_at) = start.symbol.unwrap_or((symbol, TextRange::empty(start.content)));
    let line = lines.line_of(symbol_at.start);
    let content = lines.content(text, line);
    let after = TextRange::new(symbol_at.end + 1, content.end);
    let head_start = content.end - after.of(text).trim_start_matches(BLANKS).len();
    let child = reader.document.blocks().get(index + 1);
    let paragraph = child
        .filter(|c| c.parent == Some(index) && c.kind == BlockKind::Paragraph && c.first_line == line)
        .map_or(TextRange::new(head_start, content.end), |c| {
            TextRange::new(head_start, c.range.end.max(content.end))
        });
    let breaks = paragraph.end > content.end;
    let head_range = TextRange::new(head_start, head_end(text, head_start, content.end, breaks));

    let mask = Mask::of(text, paragraph);
    let head = head::read(text, head_range, &mask);
    let later = if breaks { continuation(reader, line, paragraph, &mask) } else { (Vec::new(), Vec::new()) };
    let bullets = bullets(reader, index);

    let tail_span = if let tail::Tail::Some(t) = &head.tail { Some(*t) } else { None };
    let owned = |r: TextRange| r.of(text).to_owned();
    let tail = tail_span.map(|t| Tail {
        word: owned(t.word),
        specialist: t.specialist.map(owned),
        effort: t.effort.map(owned),
    });
    let count = head.fields.len() + later.0.len() + bullets.len();
    let (mut fields, mut field_spans) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let inline = head.fields.iter().map(|f| (f, if f.emoji { Carrier::Emoji } else { Carrier::Inline }));
    let further = later.0.iter().map(|f| (f, Carrier::Continuation));
    for (found, carrier) in inline.chain(further).chain(bullets.iter().map(|f| (f, Carrier::Bullet))) {
        let key = if found.emoji { found.field.map_or("", Field::key) } else { found.key.of(text) };
        fields.push(FieldEntry {
            field: found.field,
            key: FieldEntry::key_of(found.field, key),
            value: owned(found.value),
            carrier,
        });
        field_spans.push(FieldSpan {
            whole: found.whole,
            key: found.key,
            value: found.value,
            carrier,
            escaped: found.escaped,
        });
    }
    let mut ids: Vec<IdSpan> = head.ids.iter().chain(&later.1).copied().collect();
    // Of several `^id`, the one at the line's end is the one that others see.
    ids.sort_by_key(|i| (i.carrier, i.whole.end != head_range.end, i.whole.start));
    let word = tail.as_ref().map(|t| t.word.as_str());
    let field = fields.iter().filter(|f| f.field == Some(Field::Status)).min_by_key(|f| f.carrier);
    let said = word.or(field.map(|f| f.value.as_str())).and_then(TaskStatus::parse);
    let task = TaskFacts {
        id: ids.first().and_then(|i| TaskId::parse(i.id.of(text))),
        title: head.title_text.clone(),
        symbol,
        status: status::resolve(symbol, said).0,
        tail,
        fields,
        description: String::new(),
    }
    .alone();
    let span = TaskSpan {
        block: index,
        start: block.range.start,
        first_line: block.first_line,
        last_line: block.last_line,
        lines: TextRange::new(
            lines.start(block.first_line).max(reader.document.body().start),
            lines.start(block.last_line + 1),
        ),
        marker: start.marker,
        symbol: symbol_at,
        content_column: content_column(reader, &block, start),
        head: head_range,
        title: head.title,
        tail: tail_span.map_or(TextRange::empty(head.title.end), |t| t.whole),
        word: tail_span.map(|t| t.word),
        specialist: tail_span.and_then(|t| t.specialist),
        effort: tail_span.and_then(|t| t.effort),
        fields: field_spans,
        ids,
        description: Vec::new(),
        movable: is_movable(reader, &block),
    };
    (task, span, Draft { head, paragraph })
}

/// The end of a head without trailing blanks and, where the paragraph goes on, the backslash of
/// its hard break.
fn head_end(text: &str, start: usize, end: usize, breaks: bool) -> usize {
    let slice = TextRange::new(start, end).of(text);
    let without = slice.trim_end_matches(BLANKS);
    let backslashes = without.len() - without.trim_end_matches('\\').len();
    if breaks && without.len() == slice.len() && backslashes % 2 == 1 {
        return start + without[..without.len() - 1].trim_end_matches(BLANKS).len();
    }
    start + without.len()
}

/// Known fields and ids on the further lines of the head's paragraph.
fn continuation(
    reader: &Reader<'_>,
    line: usize,
    paragraph: TextRange,
    mask: &Mask,
) -> (Vec<Found>, Vec<IdSpan>) {
    let (text, lines) = (reader.text, reader.document.lines());
    let (mut fields, mut found_ids) = (Vec::new(), Vec::new());
    for line in line + 1..=lines.line_of(paragraph.end.saturating_sub(1)) {
        let content = lines.content(text, line);
        let (known, mut ids, _) = head::part_ids(text, super::fields::scan(text, content, mask));
        fields.extend(known.into_iter().filter(|f| f.field.is_some() && !f.emoji));
        ids.extend(ids::scan(text, content, mask).into_iter().filter(|i| ids::is_tool_shaped(i.id.of(text))));
        found_ids.append(&mut ids);
    }
    (fields, found_ids)
}

/// `- **Due**: 2025-06-18` directly below a task, known keys only.
fn bullets(reader: &Reader<'_>, task: usize) -> Vec<Found> {
    let (text, lines, blocks) = (reader.text, reader.document.lines(), reader.document.blocks());
    let mut found = Vec::new();
    let end = blocks[task].end;
    let mut at = task + 1;
    while at < end {
        let block = &blocks[at];
        let is_list = matches!(block.kind, BlockKind::List { .. }) && block.parent == Some(task);
        let is_item = block.kind == BlockKind::Item
            && block.parent.and_then(|p| blocks.get(p)).is_some_and(|p| p.parent == Some(task));
        if is_item {
            found.extend(field_bullet(text, lines, blocks, at));
        }
        at = if is_list { at + 1 } else { block.end };
    }
    found
}

fn field_bullet(text: &str, lines: &crate::text::LineIndex, blocks: &[Block], item: usize) -> Option<Found> {
    let block = blocks[item];
    let is_short = block.first_line == block.last_line && block.end == item + 2;
    let line = lines.full(block.first_line);
    let prefix = TextRange::new(line.start, block.range.start).of(text);
    if !is_short || !prefix.trim_matches(BLANKS).is_empty() {
        return None;
    }
    let start = item_start(text, block.range.start)?;
    let content = TextRange::new(start.content, lines.content(text, block.first_line).end);
    let found = field_line(text, content, line)?;
    let field = field_named(found.key.of(text)).filter(|f| *f != Field::Id)?;
    Some(Found {
        field: Some(field),
        whole: line,
        key: found.key,
        value: found.value,
        escaped: false,
        emoji: false,
    })
}

/// Bytes from the line's start to where the item's content begins.
fn content_column(reader: &Reader<'_>, block: &Block, start: &ItemStart) -> usize {
    let line = reader.document.lines().content(reader.text, block.first_line);
    // A byte-order mark takes no column.
    let begin = line.start.max(reader.document.body().start.min(start.marker.start));
    if start.content > line.end { start.marker.end + 1 - begin } else { start.content - begin }
}

/// Alone on its lines: nothing but blanks before the marker.
fn is_movable(reader: &Reader<'_>, block: &Block) -> bool {
    let line = reader.document.lines().start(block.first_line).max(reader.document.body().start);
    TextRange::new(line, block.range.start).of(reader.text).trim_matches(BLANKS).is_empty()
}

/// Fills descriptions: the lines of each task that belong to no subtask and are no field bullet.
fn descriptions(reader: &Reader<'_>, of: &[usize], session: &mut Session, map: &mut SourceMap) {
    let (text, lines) = (reader.text, reader.document.lines());
    for &i in of {
        let span = &map.tasks[i];
        let head_line = lines.line_of(span.symbol.start);
        if head_line == span.last_line {
            continue;
        }
        let mut bullets: Vec<usize> = span
            .fields
            .iter()
            .filter(|f| f.carrier == Carrier::Bullet)
            .map(|f| lines.line_of(f.whole.start))
            .collect();
        bullets.sort_unstable();
        let mut holes: Vec<TextRange> =
            span.fields.iter().filter(|f| f.carrier == Carrier::Continuation).map(|f| f.whole).collect();
        holes.extend(span.ids.iter().map(|i| i.whole));
        holes.sort_by_key(|h| h.start);
        let mut own = prose::Lines::new(text, lines, span.content_column, holes);
        let mut line = head_line + 1;
        let within = session.tasks[i + 1..].iter().zip(&map.tasks[i + 1..]);
        let within = within.take_while(|(t, _)| t.depth > session.tasks[i].depth);
        let children = within.filter(|(t, _)| t.parent == Some(i));
        let mut below = children.map(|(_, s)| (s.first_line, s.last_line)).peekable();
        while line <= span.last_line {
            if let Some((_, last)) = below.next_if(|(first, _)| *first <= line) {
                own.gap();
                line = line.max(last + 1);
                continue;
            }
            if bullets.binary_search(&line).is_ok() {
                own.skip();
            } else {
                own.push(line);
            }
            line += 1;
        }
        let (ranges, description) = own.finish();
        map.tasks[i].description = ranges;
        session.tasks[i].description = description;
    }
}

/// An id counts where it stands first; later tasks with the same one are read as having none.
fn ids_once(session: &mut Session) {
    let mut seen = std::collections::HashSet::new();
    for task in &mut session.tasks {
        if let Some(id) = &task.id
            && !seen.insert(id.clone())
        {
            task.id = None;
        }
    }
}
