use comrak::nodes::{ListType, NodeValue};
use comrak::{Arena, Options, try_parse_document};

use crate::text::{LineIndex, TextRange};

use super::extent::{self, RawEnd};
use super::{Block, BlockKind, budget, item_start};

/// The blocks of a stretch of a body, and where it went too deep.
pub(super) struct Outline {
    /// `parent` and `end` count from the stretch's first block.
    pub blocks: Vec<Block>,
    /// First line of the first block that lies too deep to be taken as structure.
    pub too_deep: Option<usize>,
}

/// Whole lines of a text that the parser reads by themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub range: TextRange,
    pub first_line: usize,
    /// One past the last line.
    pub end_line: usize,
}

/// Only what GitHub and Obsidian agree on: every further extension changes the block structure.
fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.tasklist = true;
    options.extension.table = true;
    options.extension.footnotes = true;
    options.parse.relaxed_tasklist_matching = true;
    // Otherwise definitions move to the end of the tree and unused ones vanish.
    options.parse.leave_footnote_definitions = true;
    options
}

/// Parses `markdown`, which stands at `stretch` in `text` (same length, conflict markers blanked).
/// `None` where that takes more work than it may.
pub(super) fn outline(
    text: &str,
    markdown: &str,
    stretch: Stretch,
    lines: &LineIndex,
    max_depth: u16,
    steps: &budget::Steps,
) -> Option<Outline> {
    let arena = Arena::new();
    let root = try_parse_document(&arena, markdown, &options(), &|| steps.are_over()).ok()?;
    let first_body_line = stretch.first_line;
    let place = |line: usize, column: usize| {
        let line = line.saturating_sub(1);
        let start = if line == 0 { stretch.range.start } else { lines.start(first_body_line + line) };
        (first_body_line + line, floor_boundary(text, start + column.saturating_sub(1)))
    };
    let mut out = Outline { blocks: Vec::new(), too_deep: None };
    let mut ends = Vec::new();
    let mut stack: Vec<_> = root.first_child().map(|n| (n, None, 0_u16, 0_u16)).into_iter().collect();
    while let Some((node, parent, depth, levels)) = stack.pop() {
        if let Some(next) = node.next_sibling() {
            stack.push((next, parent, depth, levels));
        }
        let data = node.data();
        let (first_line, start) = place(data.sourcepos.start.line, data.sourcepos.start.column);
        let Some(kind) = kind_of(&data.value, text, start) else { continue };
        let is_level = matches!(
            kind,
            BlockKind::Item | BlockKind::TaskItem { .. } | BlockKind::Quote | BlockKind::Footnote
        );
        let levels = levels + u16::from(is_level);
        if levels > max_depth {
            out.too_deep.get_or_insert(first_line);
            continue;
        }
        let end = data.sourcepos.end;
        let line =
            (first_body_line + end.line.saturating_sub(1)).saturating_sub(usize::from(end.column == 0));
        ends.push(RawEnd { line });
        let index = out.blocks.len();
        out.blocks.push(Block {
            kind,
            range: TextRange::empty(start),
            first_line,
            last_line: first_line,
            parent,
            end: index + 1,
            depth,
        });
        let is_container = is_level || matches!(kind, BlockKind::List { .. });
        if let Some(child) = node.first_child().filter(|_| is_container) {
            stack.push((child, Some(index), depth.saturating_add(1), levels));
        }
    }
    extent::settle(&mut out.blocks, &ends, text, lines, stretch.end_line);
    for block in &mut out.blocks {
        if let BlockKind::Heading { setext, content, .. } = &mut block.kind {
            let whole = TextRange::new(block.range.start, block.range.end);
            *content = if *setext {
                setext_title(text, lines, block.first_line, block.last_line, whole)
            } else {
                atx_title(text, whole)
            };
        }
    }
    Some(out)
}

/// comrak's starts were right in every measurement; a wrong one must still not split a character.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn kind_of(value: &NodeValue, text: &str, start: usize) -> Option<BlockKind> {
    Some(match value {
        NodeValue::BlockQuote => BlockKind::Quote,
        NodeValue::List(list) => BlockKind::List { ordered: list.list_type == ListType::Ordered },
        NodeValue::Item(_) => BlockKind::Item,
        NodeValue::TaskItem(item) => {
            let found = item_start(text, start).filter(super::ItemStart::is_checkbox).and_then(|s| s.symbol);
            let (symbol, at) = found.unwrap_or((item.symbol.unwrap_or(' '), TextRange::empty(start)));
            BlockKind::TaskItem { symbol, at, verified: found.is_some() }
        }
        NodeValue::CodeBlock(code) if code.fenced => BlockKind::Fenced { closed: code.closed },
        NodeValue::CodeBlock(_) => BlockKind::Indented,
        NodeValue::HtmlBlock(_) => BlockKind::Html,
        NodeValue::Paragraph => BlockKind::Paragraph,
        NodeValue::Heading(heading) => BlockKind::Heading {
            level: heading.level,
            setext: heading.setext,
            content: TextRange::empty(start),
        },
        NodeValue::ThematicBreak => BlockKind::Rule,
        NodeValue::FootnoteDefinition(_) => BlockKind::Footnote,
        NodeValue::Table(_) => BlockKind::Table,
        _ => return None,
    })
}

fn trimmed(text: &str, range: TextRange) -> TextRange {
    range.trimmed_of(text, |c| matches!(c, ' ' | '\t' | '\n' | '\r'))
}

/// The title of `## Title ##`.
fn atx_title(text: &str, whole: TextRange) -> TextRange {
    let slice = whole.of(text);
    let hashes = slice.len() - slice.trim_start_matches('#').len();
    let inner = trimmed(text, TextRange::new(whole.start + hashes, whole.end));
    let without = inner.of(text).trim_end_matches('#');
    if without.is_empty() {
        return TextRange::empty(inner.start);
    }
    if without.ends_with([' ', '\t']) {
        return trimmed(text, TextRange::new(inner.start, inner.start + without.len()));
    }
    inner
}

/// The lines above the underline, link reference definitions before the title left out.
fn setext_title(text: &str, lines: &LineIndex, first: usize, last: usize, whole: TextRange) -> TextRange {
    let mut start = whole.start;
    let mut line = first;
    while line + 1 < last {
        let content = TextRange::new(start, lines.content(text, line).end).of(text).trim_start();
        let label = content.strip_prefix('[').and_then(|c| c.split_once(']'));
        if !label.is_some_and(|(name, behind)| !name.trim().is_empty() && behind.starts_with(':')) {
            break;
        }
        line += 1;
        start = lines.start(line);
    }
    trimmed(text, TextRange::new(start, lines.content(text, last.saturating_sub(1)).end))
}
