use crate::text::{BLANKS, LineIndex, TextRange, indent, width};

use super::{Block, BlockKind, item_start};

/// What comrak says about the end of a block, before it is checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawEnd {
    /// 0-based line, one up where the reported end column was 0.
    pub line: usize,
}

/// Fills `end`, `last_line` and the ends of `range` of all blocks.
///
/// An end is taken from comrak only as an upper hint: the next block's first line bounds it, an
/// unclosed fence reaches up to there, an item takes in the indented lines that leave no node
/// (link reference definitions), and trailing blank lines go.
pub(super) fn settle(
    blocks: &mut [Block],
    ends: &[RawEnd],
    text: &str,
    lines: &LineIndex,
    line_count: usize,
) {
    let mut unclosed = vec![false; blocks.len()];
    for i in (0..blocks.len()).rev() {
        unclosed[i] |= matches!(blocks[i].kind, BlockKind::Fenced { closed: false });
        if let Some(p) = blocks[i].parent {
            blocks[p].end = blocks[p].end.max(blocks[i].end);
            unclosed[p] |= unclosed[i];
        }
    }
    for i in (0..blocks.len()).rev() {
        let block = blocks[i];
        let next = blocks.get(block.end).map_or(line_count, |b| b.first_line).max(block.first_line + 1);
        let mut last = if unclosed[i] { next - 1 } else { ends[i].line };
        last = last.clamp(block.first_line, next - 1);
        if matches!(block.kind, BlockKind::Item | BlockKind::TaskItem { .. }) {
            last = with_orphans(&block, last, next, text, lines);
        }
        let is_leaf = matches!(
            block.kind,
            BlockKind::Paragraph | BlockKind::Heading { .. } | BlockKind::Html | BlockKind::Indented
        ) || matches!(block.kind, BlockKind::Fenced { closed: true });
        while !is_leaf && last > block.first_line && is_blank(lines.content(text, last).of(text)) {
            last -= 1;
        }
        // Children were settled before: a block reaches at least as far as they do.
        let last = last.max(block.last_line);
        blocks[i].last_line = last;
        blocks[i].range = TextRange::new(block.range.start, lines.content(text, last).end);
        if let Some(p) = block.parent {
            blocks[p].last_line = blocks[p].last_line.max(last);
        }
    }
}

fn is_blank(line: &str) -> bool {
    line.trim_matches([' ', '\t', '>']).is_empty()
}

/// The last line of an item with the lines that belong to it by their indentation.
fn with_orphans(item: &Block, mut last: usize, next: usize, text: &str, lines: &LineIndex) -> usize {
    if last + 1 >= next {
        return last;
    }
    let column = content_width(item, text, lines);
    for line in last + 1..next {
        let content = lines.content(text, line).of(text);
        if content.trim_matches(BLANKS).is_empty() {
            continue;
        }
        if width(indent(content)) < column {
            break;
        }
        last = line;
    }
    last
}

/// The screen column at which the item's content begins.
fn content_width(item: &Block, text: &str, lines: &LineIndex) -> usize {
    let line = lines.content(text, item.first_line);
    let Some(start) = item_start(text, item.range.start) else { return usize::MAX };
    let marker_end = width(TextRange::new(line.start, start.marker.end).of(text));
    if start.content > line.end {
        return marker_end + 1;
    }
    let content = width(TextRange::new(line.start, start.content).of(text));
    if content > marker_end + 4 { marker_end + 1 } else { content }
}
