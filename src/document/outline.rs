use std::sync::Arc;

use crate::text::{ContentHash, LineIndex, TextRange};

use super::pieces::Piece;
use super::{FrontMatter, Limits};

/// What a block is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    /// A heading. `content` is the title's bytes without `#`s, closing `#`s and blanks; for a
    /// setext heading, without the underline.
    Heading {
        /// 1–6.
        level: u8,
        /// Underlined instead of `#`.
        setext: bool,
        /// The title's bytes.
        content: TextRange,
    },
    /// A list.
    List {
        /// `1.` rather than `-`.
        ordered: bool,
    },
    /// A list item without a checkbox.
    Item,
    /// A list item that begins with a checkbox. `verified` says that the bytes are exactly
    /// marker, blanks, `[`, symbol, `]`, blank or line end; otherwise it must not be written to.
    TaskItem {
        /// The symbol between the brackets.
        symbol: char,
        /// Its bytes (one character); meaningless unless `verified`.
        at: TextRange,
        /// Whether the checkbox may be spliced.
        verified: bool,
    },
    /// A paragraph (its first lines may be link reference definitions).
    Paragraph,
    /// A block quote.
    Quote,
    /// A fenced code block.
    Fenced {
        /// Whether its closing fence is there.
        closed: bool,
    },
    /// An indented code block.
    Indented,
    /// Raw HTML.
    Html,
    /// A table.
    Table,
    /// A thematic break.
    Rule,
    /// A footnote definition.
    Footnote,
}

/// One block of the outline.
///
/// Blocks stand in document order; a block's descendants are `index + 1 .. end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// First byte of the block (its marker, not the line) to the end of its last line's content.
    pub range: TextRange,
    /// 0-based first line.
    pub first_line: usize,
    /// 0-based last line, recomputed: trailing blank lines and the next block's lines excluded.
    pub last_line: usize,
    /// Index of the block it lies in; `None` at top level.
    pub parent: Option<usize>,
    /// Index one past its last descendant.
    pub end: usize,
    /// Number of ancestors.
    pub depth: u16,
}

/// A parsed text together with its places. Immutable: after an edit there is a new document.
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) text: Arc<str>,
    pub(super) hash: ContentHash,
    pub(super) lines: LineIndex,
    pub(super) front_matter: Option<FrontMatter>,
    pub(super) body: TextRange,
    pub(super) blocks: Vec<Block>,
    /// What the parser read by itself; empty where nobody may take a part over.
    pub(super) pieces: Vec<Piece>,
    pub(super) writable: bool,
    pub(super) limits: Limits,
}

impl Document {
    /// The exact text (invalid UTF-8 replaced, then the document is not writable).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hash of the file's bytes.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Where lines start.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// The YAML block at the top.
    #[must_use]
    pub fn front_matter(&self) -> Option<&FrontMatter> {
        self.front_matter.as_ref()
    }

    /// Everything behind byte-order mark and front matter.
    #[must_use]
    pub fn body(&self) -> TextRange {
        self.body
    }

    /// All blocks in document order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// How much of the text was to be taken in.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether machine edits are allowed at all: the text is valid UTF-8, within the limits and
    /// free of conflict markers, and nobody declared it [read-only](Self::into_read_only).
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// The same document, closed to machine edits (a schema that is not understood).
    #[must_use]
    pub fn into_read_only(mut self) -> Self {
        self.writable = false;
        self
    }
}
