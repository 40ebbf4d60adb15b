use crate::document::{Block, BlockKind, item_start};
use crate::model::{HeaderField, SectionKind, Session};
use crate::text::TextRange;

use super::super::{LineSpan, SourceMap};
use super::headings::Heading;
use super::lines::field_line;
use super::{Reader, prose};

/// Whether a value is a template's `[timestamp]` that nobody filled in.
pub(super) fn is_placeholder(value: &str) -> bool {
    let inner = value.trim().strip_prefix('[').and_then(|v| v.strip_suffix(']'));
    inner.is_some_and(|v| {
        v.starts_with(char::is_alphabetic) && !v.contains(['[', ']', '(', ',']) && !v.contains("::")
    })
}

/// Fills name, header, Key Metrics and footer.
pub(super) fn read(
    reader: &mut Reader<'_>,
    title: Option<&Heading>,
    headings: &[Heading],
    session: &mut Session,
    map: &mut SourceMap,
) {
    let text = reader.text;
    map.title = title.map(|t| t.span);
    let written = title.map(|t| prose::one_line(t.span.name.of(text)));
    let written = written.filter(|n| !n.is_empty() && !is_placeholder(n));
    session.name =
        written.unwrap_or_else(|| session.front_matter_value("title").unwrap_or(&session.id).to_owned());

    let area = title.map_or_else(
        || {
            TextRange::new(
                reader.document.body().start,
                headings.first().map_or(text.len(), |h| h.line_start),
            )
        },
        |t| t.own,
    );
    map.header = first_field_block(reader, area);
    for (section, span) in session.sections.iter().zip(&map.sections) {
        if section.kind == SectionKind::KeyMetrics {
            map.metrics.extend(metrics(reader, span.own));
        }
    }
    map.metrics.extend(footer(reader).into_iter().filter(|l| !map.header.iter().any(|h| h.line == l.line)));
    map.metrics.sort_by_key(|l| l.line.start);
    map.metrics.dedup_by_key(|l| l.line.start);
    let fields = |lines: &[LineSpan]| {
        let field =
            |l: &LineSpan| HeaderField { key: l.key.of(text).to_owned(), value: l.value.of(text).to_owned() };
        lines.iter().map(field).collect()
    };
    session.header = fields(&map.header);
    session.metrics = fields(&map.metrics);
}

/// The lines of a paragraph, if every one of them is `**Key**: value`.
pub(super) fn field_lines(reader: &Reader<'_>, block: &Block) -> Option<Vec<LineSpan>> {
    let (text, lines) = (reader.text, reader.document.lines());
    let body = reader.document.body().start;
    (block.first_line..=block.last_line)
        .map(|line| {
            let content = lines.content(text, line);
            let full = lines.full(line);
            let start = |r: TextRange| TextRange::new(r.start.max(body), r.end);
            field_line(text, start(content), start(full))
        })
        .collect()
}

/// The items of a bullet list, each a `**Key**: value` line or `None`.
fn list_lines(reader: &Reader<'_>, list: usize) -> Vec<Option<LineSpan>> {
    let (text, lines, blocks) = (reader.text, reader.document.lines(), reader.document.blocks());
    let mut found = Vec::new();
    let mut at = list + 1;
    while let Some(item) = blocks.get(at).filter(|_| at < blocks[list].end) {
        let is_short =
            item.kind == BlockKind::Item && item.first_line == item.last_line && item.end == at + 2;
        let line = is_short.then(|| item_start(text, item.range.start)).flatten().and_then(|start| {
            let content = TextRange::new(start.content, lines.content(text, item.first_line).end);
            field_line(text, content, lines.full(item.first_line))
        });
        found.push(line);
        at = item.end;
    }
    found
}

fn top_blocks<'a>(reader: &'a Reader<'_>, area: TextRange) -> impl Iterator<Item = (usize, &'a Block)> {
    let blocks = reader.document.blocks();
    let first = blocks.partition_point(|b| b.range.start < area.start);
    let tail = blocks.get(first..).unwrap_or_default().iter().enumerate();
    tail.map(move |(i, b)| (first + i, b))
        .take_while(move |(_, b)| b.range.start < area.end)
        .filter(|(_, b)| b.parent.is_none())
}

fn first_field_block(reader: &Reader<'_>, area: TextRange) -> Vec<LineSpan> {
    match top_blocks(reader, area).next() {
        Some((_, b)) if b.kind == BlockKind::Paragraph => field_lines(reader, b).unwrap_or_default(),
        Some((i, b)) if matches!(b.kind, BlockKind::List { .. }) => {
            list_lines(reader, i).into_iter().collect::<Option<Vec<_>>>().unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn metrics(reader: &Reader<'_>, area: TextRange) -> Vec<LineSpan> {
    let mut found = Vec::new();
    for (i, block) in top_blocks(reader, area) {
        match block.kind {
            BlockKind::Paragraph => found.extend(field_lines(reader, block).unwrap_or_default()),
            BlockKind::List { .. } => found.extend(list_lines(reader, i).into_iter().flatten()),
            _ => {}
        }
    }
    found
}

/// A rule and a paragraph of `**Key**: value` lines as the last two blocks.
fn footer(reader: &Reader<'_>) -> Vec<LineSpan> {
    let mut top = reader.document.blocks().iter().rev().filter(|b| b.parent.is_none());
    match (top.next(), top.next()) {
        (Some(last), Some(rule)) if rule.kind == BlockKind::Rule && last.kind == BlockKind::Paragraph => {
            field_lines(reader, last).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// A value without surrounding backticks.
pub(super) fn bare(text: &str, value: TextRange) -> &str {
    value.trimmed(text).of(text).trim_matches('`')
}
