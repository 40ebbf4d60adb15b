//! A long body in pieces that are parsed one by one.
//!
//! The parser's tree takes many times the room of its text, and a plan of which one line was changed
//! need not be parsed whole again. A body is cut where everything that was open is closed, whatever
//! stood before: before a heading or a task at the left margin. Where the cuts are depends on the bytes
//! alone, so that a text has the same outline whether it was read by itself or after another version.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::text::{LineIndex, TextRange};

use super::budget::{Steps, Walks};
use super::walk::{self, Stretch};
use super::{Block, BlockKind, Document};

/// So long are pieces at least: what a call of the parser costs by itself is little beside it.
pub(super) const SHORTEST: usize = 2048;
/// One of so many tasks is where a piece may end: so few that the pieces of two versions soon have the same
/// ends again behind what differs.
const ONE_OF: u32 = 16;
/// How often a piece is made longer because of what it ends with; then it is all the rest.
const LONGER: u32 = 5;

/// A stretch of a body that was parsed by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    start: usize,
    first_line: usize,
    first_block: usize,
    /// Whether it begins inside the list that the piece before it ended with.
    goes_on: bool,
    /// What parsing it cost.
    steps: usize,
    walked: usize,
}

/// A run of blocks that stands in another text, too, with the bytes that it was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Its first block here.
    pub block: usize,
    /// Its first block there.
    pub there: usize,
    /// How many blocks it has.
    pub count: usize,
    /// How many bytes it stands further down than there, wrapping around.
    pub by: usize,
    /// How many lines, wrapping around.
    pub down: usize,
}

/// All that there is to parse.
pub(super) struct Whole<'a> {
    pub text: &'a str,
    /// What stands at `body`, conflict markers blanked.
    pub markdown: &'a str,
    pub body: TextRange,
    pub lines: &'a LineIndex,
    pub max_depth: u16,
    /// No piece but the last is shorter, in bytes.
    pub shortest: usize,
}

/// The blocks of a body, its pieces, and where it went too deep.
#[derive(Default)]
pub(super) struct Joined {
    pub blocks: Vec<Block>,
    pub pieces: Vec<Piece>,
    pub too_deep: Option<usize>,
    /// What was taken over from another version.
    pub kept: Vec<Kept>,
    /// The last block at top level.
    last_top: Option<usize>,
}

impl Whole<'_> {
    /// Parses the body piece by piece; those that `before` has, too, are taken from there.
    /// `None` where it takes more work than it may.
    pub(super) fn outline(&self, before: Option<&Document>) -> Option<Joined> {
        let (steps, mut walks) = (Steps::of(self.markdown), Walks::of(self.markdown));
        let known = before.map(Known::of).filter(|k| !k.by_first_line.is_empty());
        // A link's definition may stand anywhere and says what `[x]` is.
        let divisible = !self.markdown.contains("]:");
        let mut out = Joined::default();
        let mut at = (self.body.start, self.lines.line_of(self.body.start));
        loop {
            let taken = known.as_ref().filter(|_| divisible).and_then(|k| k.at(self, at, &out));
            let (next, goes_on, spent) = match taken {
                Some(taken) => {
                    let piece = taken.piece;
                    let left = steps.left().checked_sub(piece.steps)?;
                    steps.set_left(left);
                    if !walks.spend(piece.walked) {
                        return None;
                    }
                    out.take(&taken, at);
                    (taken.next, piece.goes_on, (piece.steps, piece.walked))
                }
                None => self.parse_one(at, divisible, &steps, &mut walks, &mut out)?,
            };
            if let Some(piece) = out.pieces.last_mut() {
                (piece.goes_on, piece.steps, piece.walked) = (goes_on, spent.0, spent.1);
            }
            if next.0 >= self.body.end {
                break;
            }
            at = next;
        }
        if out.too_deep.is_some() {
            out.pieces.clear();
            out.kept.clear();
        }
        Some(out)
    }

    /// Parses the piece that begins at `at`; where the next one does, whether this one goes on with a list, and
    /// what it cost.
    fn parse_one(
        &self,
        at: (usize, usize),
        divisible: bool,
        steps: &Steps,
        walks: &mut Walks,
        out: &mut Joined,
    ) -> Option<((usize, usize), bool, (usize, usize))> {
        let rest = (self.body.end, self.lines.count());
        let mut end = if divisible { self.cut_behind(at.0, at) } else { rest };
        let mut tries = 0;
        loop {
            let stretch = Stretch { range: TextRange::new(at.0, end.0), first_line: at.1, end_line: end.1 };
            let markdown = self.markdown.get(at.0 - self.body.start..end.0 - self.body.start)?;
            let left = steps.left();
            let offset = self.body.start;
            let line = |n: usize| {
                let (start, end) = (self.lines.start(n).max(offset), self.lines.start(n + 1));
                self.markdown.get(start - offset..end.saturating_sub(offset)).unwrap_or("")
            };
            // Behind a final line end there is no line that the next version would not have, too.
            let here = (at.1..end.1).take_while(|n| self.lines.start(*n) < end.0);
            let walked = walks.through(here.map(line))?;
            let markdown = if divisible { without_links(markdown) } else { Cow::Borrowed(markdown) };
            let piece = walk::outline(self.text, &markdown, stretch, self.lines, self.max_depth, steps)?;
            let ends_closed =
                piece.too_deep.is_none() && piece.blocks.last().is_some_and(is_closed_by_a_line);
            if end == rest || ends_closed {
                walks.spend(walked);
                let goes_on = out.goes_on(self.text, at.0);
                out.push(&piece.blocks, goes_on, at);
                out.too_deep = out.too_deep.or(piece.too_deep);
                return Some((end, goes_on, (left - steps.left(), walked)));
            }
            steps.set_left(left);
            tries += 1;
            if tries > LONGER {
                end = rest;
            }
            for _ in 0..1_usize << tries.min(LONGER) {
                if end != rest {
                    end = self.cut_behind(at.0, end);
                }
            }
        }
    }

    /// The first place behind the line at `from` where a piece that begins at `start` may end.
    fn cut_behind(&self, start: usize, from: (usize, usize)) -> (usize, usize) {
        let mut line = from.1 + 1;
        while line < self.lines.count() {
            let at = self.lines.start(line);
            if at >= start + self.shortest && at < self.body.end && self.may_begin(at, line) {
                return (at, line);
            }
            line += 1;
        }
        (self.body.end, self.lines.count())
    }

    /// Whether this line ends whatever is open before it but the list that it may go on with.
    fn may_begin(&self, at: usize, line: usize) -> bool {
        let bytes = &self.markdown.as_bytes()[at - self.body.start..];
        match bytes {
            [b'-' | b'*' | b'+', b' ', b'[', ..] => {
                let end = self.lines.start(line + 1).saturating_sub(at);
                let hash = bytes
                    .iter()
                    .take(end)
                    .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
                (hash >> 16).is_multiple_of(ONE_OF)
            }
            [b'#', ..] => {
                let level = bytes.iter().take_while(|b| **b == b'#').count();
                level <= 6 && matches!(bytes.get(level), Some(b' ' | b'\t'))
            }
            _ => false,
        }
    }
}

/// A text without definitions of links, with brackets taken from it that make no difference to its blocks:
/// the parser looks each pair up among the definitions.
///
/// Two of each kind stay on every line: they may be those of a checkbox or begin a block of HTML, and so do
/// those that may end one. What stands for the others is as long and as little a blank, and no sign of HTML.
/// All stay where what a line begins with may be a checkbox or not, depending on what comes behind it.
fn without_links(markdown: &str) -> Cow<'_, str> {
    const STAY: usize = 2;
    let mut out: Vec<u8> = Vec::new();
    let bytes = markdown.as_bytes();
    let mut all_stay = false;
    let mut start = 0;
    for line in markdown.split_inclusive(['\n', '\r']) {
        all_stay = (all_stay && !ends_paragraph(line)) || begins_unsettled(line);
        let (mut opened, mut closed) = (0, 0);
        for at in (start..start + line.len()).take_while(|_| !all_stay) {
            let goes = match bytes[at] {
                b'[' => {
                    opened += 1;
                    opened > STAY
                }
                b']' => {
                    closed += 1;
                    closed > STAY && !matches!(bytes.get(at + 1), Some(b']' | b'>'))
                }
                _ => false,
            };
            if goes {
                if out.is_empty() {
                    out = bytes.to_vec();
                }
                out[at] = b',';
            }
        }
        start += line.len();
    }
    // Only signs of one byte were put in the place of others.
    if out.is_empty() { markdown.into() } else { String::from_utf8(out).map_or(markdown.into(), Cow::Owned) }
}

/// Whether no paragraph goes on from before this line to behind it.
fn ends_paragraph(line: &str) -> bool {
    matches!(line.as_bytes(), [b'-' | b'*' | b'+', b' ', b'[', ..])
        || line.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether a paragraph that begins on this line may begin with the text of a checkbox, and that is not settled
/// by its first bytes: its brackets, or emphasis within it, may pair with what comes later.
fn begins_unsettled(line: &str) -> bool {
    let is_of_containers = |c: char| c.is_ascii_digit() || " \t\x0b\x0c>-*+.)".contains(c);
    let rest = line.trim_start_matches(is_of_containers);
    let Some(behind) = rest.strip_prefix('[') else { return rest.starts_with(['\\', '&']) };
    let mut behind = behind.chars();
    let is_plain = behind.next().is_some_and(|c| !"[]*_\\`<&^!\r\n".contains(c));
    let is_settled = is_plain
        && behind.next() == Some(']')
        && matches!(behind.next(), None | Some(' ' | '\t' | '\r' | '\n'));
    !is_settled
}

/// Whether a heading or an item at the left margin ends the block, and its own end is where it is
/// with whatever follows.
fn is_closed_by_a_line(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading { .. } | BlockKind::Rule)
}

impl Joined {
    /// Whether the item at `start` is one of the list that the blocks end with.
    fn goes_on(&self, text: &str, start: usize) -> bool {
        let bytes = text.as_bytes();
        self.last_top.and_then(|top| self.blocks.get(top)).is_some_and(|list| {
            list.kind == BlockKind::List { ordered: false }
                && bytes.get(list.range.start).is_some_and(|b| matches!(b, b'-' | b'*' | b'+'))
                && bytes.get(list.range.start) == bytes.get(start)
        })
    }

    /// Puts the blocks of a piece behind the others.
    fn push(&mut self, blocks: &[Block], goes_on: bool, (start, first_line): (usize, usize)) {
        let list = self.last_top.filter(|_| goes_on);
        // The piece's own list is the one that goes on.
        let blocks = if list.is_some() { blocks.get(1..).unwrap_or_default() } else { blocks };
        let skipped = usize::from(list.is_some());
        let base = self.blocks.len();
        self.begin(start, first_line);
        for block in blocks {
            let parent = block.parent.map(|p| match (list, p) {
                (Some(list), 0) => list,
                _ => base + p - skipped,
            });
            self.blocks.push(Block { parent, end: base + block.end - skipped, ..*block });
        }
        self.settle(base, list);
    }

    /// Puts a piece of another text behind the others.
    fn take(&mut self, taken: &Taken<'_>, (start, first_line): (usize, usize)) {
        let old = taken.piece;
        let list = self.last_top.filter(|_| old.goes_on);
        let base = self.blocks.len();
        self.begin(start, first_line);
        let by = start.wrapping_sub(old.start);
        let down = first_line.wrapping_sub(old.first_line);
        let on = base.wrapping_sub(old.first_block);
        self.kept.push(Kept { block: base, there: old.first_block, count: taken.blocks.len(), by, down });
        let moved = |r: TextRange| TextRange { start: r.start.wrapping_add(by), end: r.end.wrapping_add(by) };
        for block in taken.blocks {
            let kind = match block.kind {
                BlockKind::Heading { level, setext, content } => {
                    BlockKind::Heading { level, setext, content: moved(content) }
                }
                BlockKind::TaskItem { symbol, at, verified } => {
                    BlockKind::TaskItem { symbol, at: moved(at), verified }
                }
                other => other,
            };
            let parent =
                block.parent.and_then(|p| if p < old.first_block { list } else { Some(p.wrapping_add(on)) });
            self.blocks.push(Block {
                kind,
                range: moved(block.range),
                first_line: block.first_line.wrapping_add(down),
                last_line: block.last_line.wrapping_add(down),
                parent,
                end: block.end.wrapping_add(on),
                depth: block.depth,
            });
        }
        self.settle(base, list);
    }

    fn begin(&mut self, start: usize, first_line: usize) {
        let first_block = self.blocks.len();
        self.pieces.push(Piece { start, first_line, first_block, goes_on: false, steps: 0, walked: 0 });
    }

    /// Ends the list that went on from the piece before (its blocks begin at `base`), and the one that
    /// may go on in the next.
    fn settle(&mut self, base: usize, list: Option<usize>) {
        let tops = (base..self.blocks.len()).filter(|i| self.blocks[*i].parent.is_none());
        let (first, last) = tops.fold((None, None), |(first, _), i| (first.or(Some(i)), Some(i)));
        if let Some(list) = list {
            self.end_list(list, first.unwrap_or(self.blocks.len()));
        }
        if let Some(last) = last {
            self.last_top = Some(last);
            self.end_list(last, self.blocks.len());
        }
    }

    /// A list ends with its last item.
    fn end_list(&mut self, list: usize, end: usize) {
        if !matches!(self.blocks[list].kind, BlockKind::List { .. }) {
            return;
        }
        let item = (list + 1..end).rev().map(|i| self.blocks[i]).find(|b| b.parent == Some(list));
        let list = &mut self.blocks[list];
        list.end = end;
        if let Some(item) = item {
            list.last_line = item.last_line;
            list.range.end = item.range.end;
        }
    }
}

/// The pieces of a text that was read before, by their first lines.
struct Known<'d> {
    document: &'d Document,
    by_first_line: HashMap<&'d str, Vec<usize>>,
}

/// A piece that stands in another text, too.
struct Taken<'d> {
    piece: Piece,
    blocks: &'d [Block],
    /// Where the next one begins.
    next: (usize, usize),
}

impl<'d> Known<'d> {
    fn of(document: &'d Document) -> Self {
        let mut by_first_line: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, piece) in document.pieces.iter().enumerate() {
            let line = document.lines.full(piece.first_line).of(&document.text);
            by_first_line.entry(line).or_default().push(n);
        }
        Self { document, by_first_line }
    }

    /// The piece that would be parsed at `at`, where this text has it: the same bytes, ended by the same.
    fn at(&self, whole: &Whole<'_>, at: (usize, usize), before: &Joined) -> Option<Taken<'d>> {
        // A first line that stands above many pieces would be compared with all of them.
        let same = self.by_first_line.get(whole.lines.full(at.1).of(whole.text)).filter(|s| s.len() < 9)?;
        same.iter().find_map(|n| self.take(*n, whole, at, before))
    }

    fn take(&self, n: usize, whole: &Whole<'_>, at: (usize, usize), before: &Joined) -> Option<Taken<'d>> {
        let document = self.document;
        let piece = *document.pieces.get(n)?;
        let next = document.pieces.get(n + 1);
        let end = next.map_or(document.body.end, |p| p.start);
        let bytes = document.text.as_bytes().get(piece.start..end)?;
        let here = whole.text.as_bytes().get(at.0..)?;
        if !here.starts_with(bytes) || piece.goes_on != before.goes_on(whole.text, at.0) {
            return None;
        }
        let behind = at.0 + bytes.len();
        let next_line = next.map_or(document.lines.count(), |p| p.first_line) - piece.first_line + at.1;
        let is_last = behind >= whole.body.end;
        let ends_alike = match next {
            _ if is_last => true,
            // Never longer than up to the next place that may begin one.
            Some(_) => whole.lines.start(next_line) == behind && whole.may_begin(behind, next_line),
            None => false,
        };
        let blocks =
            document.blocks.get(piece.first_block..next.map_or(document.blocks.len(), |p| p.first_block))?;
        let next = if is_last { (behind, whole.lines.count()) } else { (behind, next_line) };
        ends_alike.then_some(Taken { piece, blocks, next })
    }
}

#[cfg(test)]
mod tests;
