use crate::model::Carrier;
use crate::text::TextRange;

/// Where everything in a session stands. Valid only together with its document.
///
/// `sections`, `groups` and `tasks` run parallel to the session's arenas.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceMap {
    /// Top-level front-matter keys, in order.
    pub front_matter: Vec<FrontMatterKey>,
    /// The title.
    pub title: Option<HeadingSpan>,
    /// The header's `**Key**: value` lines, parallel to `session.header`.
    pub header: Vec<LineSpan>,
    /// Derived lines elsewhere, parallel to `session.metrics`.
    pub metrics: Vec<LineSpan>,
    /// Headings but the title.
    pub sections: Vec<SectionSpan>,
    /// Groups.
    pub groups: Vec<GroupSpan>,
    /// Tasks.
    pub tasks: Vec<TaskSpan>,
    /// Generated blocks whose markers are sound.
    pub generated: Vec<GeneratedBlock>,
}

/// How a front-matter value is written, as far as replacing it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScalarStyle {
    /// Bare, or empty.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `[a, b]` on one line.
    FlowList,
    /// `- a` lines below the key.
    BlockList,
    /// Anything that is not edited: block scalars, flow maps, anchors, several lines, duplicates.
    Opaque,
}

/// One top-level key of the front matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrontMatterKey {
    /// The key as written, unquoted.
    pub name: String,
    /// The key's bytes.
    pub key: TextRange,
    /// The value's bytes without blanks and comment; empty where there is none.
    pub value: TextRange,
    /// All lines of this key, line ends included.
    pub lines: TextRange,
    /// How the value is written.
    pub style: ScalarStyle,
}

/// A heading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadingSpan {
    /// Its bytes, from the first `#` (of a split heading too) to the end of the last line's content.
    pub whole: TextRange,
    /// The title's bytes.
    pub content: TextRange,
    /// The part of `content` that is the name: without emoji and `Session:`.
    pub name: TextRange,
    /// Whether it is split over several `#` lines by a formatter.
    pub split: bool,
}

/// A `**Key**: value` line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineSpan {
    /// The line, line end included.
    pub line: TextRange,
    /// The key's bytes between the stars, without colon.
    pub key: TextRange,
    /// The value's bytes, without blanks and hard break.
    pub value: TextRange,
    /// Blanks or backslash behind the value (its hard break).
    pub hard_break: TextRange,
}

/// A heading and what is below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SectionSpan {
    /// The heading.
    pub heading: HeadingSpan,
    /// From behind the heading's line to the next heading of any level, or the end of the body.
    pub own: TextRange,
    /// From the heading's line to the next heading of the same or a higher level, or the end.
    pub whole: TextRange,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupSpan {
    /// Its section, an index into `sections`.
    pub section: usize,
    /// Its `**Key**: value` lines, parallel to `group.header`.
    pub header: Vec<LineSpan>,
    /// The `Tasks in …` heading that new tasks go under, an index into `sections`.
    pub tasks_heading: Option<usize>,
}

/// Which of the four ways an id is written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum IdCarrier {
    /// `^t-4k2m9p`
    Block,
    /// `[id:: t-4k2m9p]` or `🆔 t-4k2m9p`
    Field,
    /// `{#t-4k2m9p}`
    Attribute,
    /// `<!-- id: t-4k2m9p -->`
    Comment,
}

/// An id on a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IdSpan {
    /// All bytes of the carrier: `^t-…`, `[id:: t-…]`.
    pub whole: TextRange,
    /// The id's own bytes.
    pub id: TextRange,
    /// How it is written.
    pub carrier: IdCarrier,
}

/// A field on a task, parallel to `task.fields`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldSpan {
    /// All bytes: brackets, backslashes, emoji; for a bullet, its whole line with line end.
    pub whole: TextRange,
    /// The key's bytes (the emoji's for an emoji).
    pub key: TextRange,
    /// The value's bytes, trimmed.
    pub value: TextRange,
    /// Where it stands.
    pub carrier: Carrier,
    /// Whether a formatter put a backslash before its bracket.
    pub escaped: bool,
}

/// Where one task stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskSpan {
    /// Index of its list item in the document's blocks.
    pub block: usize,
    /// First byte of the list marker.
    pub start: usize,
    /// 0-based first line.
    pub first_line: usize,
    /// 0-based last line of the item with all its subtasks (trailing blank lines excluded).
    pub last_line: usize,
    /// Whole lines `first_line..=last_line`, line ends included.
    pub lines: TextRange,
    /// The list marker's bytes: `-`, `12.`.
    pub marker: TextRange,
    /// The checkbox symbol's byte(s).
    pub symbol: TextRange,
    /// Column (bytes) at which the item's content begins; subtasks are indented to it.
    pub content_column: usize,
    /// The head: from behind the checkbox's blank to the end of the line's content, trailing
    /// blanks and hard-break backslash excluded.
    pub head: TextRange,
    /// From the title's first to its last byte (fields inside the title lie in between).
    pub title: TextRange,
    /// The whole tail with its leading blank: ` (Pending) - dev - 3h`; empty where there is none.
    pub tail: TextRange,
    /// The status word between the brackets.
    pub word: Option<TextRange>,
    /// The specialist.
    pub specialist: Option<TextRange>,
    /// The effort.
    pub effort: Option<TextRange>,
    /// Fields, parallel to `task.fields`.
    pub fields: Vec<FieldSpan>,
    /// The id that counts, and then every other one that is written.
    pub ids: Vec<IdSpan>,
    /// Lines below the head that belong to no subtask; empty ranges never.
    pub description: Vec<TextRange>,
    /// Whether the item stands alone on whole lines in a list of its own, so that it can be moved.
    pub movable: bool,
}

impl TaskSpan {
    /// The same task in another text: its item is `block`, and it stands `by` bytes and `down` lines further down
    /// (wrapping around: it may stand further up).
    #[must_use]
    pub(super) fn moved(&self, block: usize, by: usize, down: usize) -> Self {
        let at = |r: TextRange| TextRange { start: r.start.wrapping_add(by), end: r.end.wrapping_add(by) };
        let field =
            |f: &FieldSpan| FieldSpan { whole: at(f.whole), key: at(f.key), value: at(f.value), ..*f };
        let id = |i: &IdSpan| IdSpan { whole: at(i.whole), id: at(i.id), ..*i };
        Self {
            block,
            start: self.start.wrapping_add(by),
            first_line: self.first_line.wrapping_add(down),
            last_line: self.last_line.wrapping_add(down),
            lines: at(self.lines),
            marker: at(self.marker),
            symbol: at(self.symbol),
            content_column: self.content_column,
            head: at(self.head),
            title: at(self.title),
            tail: at(self.tail),
            word: self.word.map(at),
            specialist: self.specialist.map(at),
            effort: self.effort.map(at),
            fields: self.fields.iter().map(field).collect(),
            ids: self.ids.iter().map(id).collect(),
            description: self.description.iter().copied().map(at).collect(),
            movable: self.movable,
        }
    }
}

/// One of the two comment lines of a generated block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockMarker {
    /// The line, line end included.
    pub line: TextRange,
    /// The 8 hex digits behind `h=` (begin line only; empty where missing).
    pub hash: TextRange,
}

/// A generated block with sound markers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedBlock {
    /// Its name.
    pub name: String,
    /// The begin line.
    pub begin: BlockMarker,
    /// The end line.
    pub end: BlockMarker,
    /// The lines between, line ends included.
    pub inner: TextRange,
    /// Whether its hash says that nobody touched it.
    pub pristine: bool,
}
