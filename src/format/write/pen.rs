use super::WriteError;
use crate::diagnostic::Code;
use crate::document::{BlockKind, Document};
use crate::format::{Lifted, TaskSpan};
use crate::model::{Session, Task};
use crate::text::{Edit, TextRange};

/// Collects the splices of one change against one text.
pub(super) struct Pen<'a> {
    pub lifted: &'a Lifted,
    pub edits: Vec<Edit>,
    /// Further tries: with a blank line behind what is inserted (1) and before it (2), so that
    /// nothing runs into it and it runs into nothing.
    pub apart: u8,
}

impl<'a> Pen<'a> {
    pub(super) fn new(lifted: &'a Lifted, apart: u8) -> Self {
        Self { lifted, edits: Vec::new(), apart }
    }

    pub(super) fn text(&self) -> &'a str {
        self.lifted.document.text()
    }

    pub(super) fn document(&self) -> &'a Document {
        &self.lifted.document
    }

    pub(super) fn session(&self) -> &'a Session {
        &self.lifted.session
    }

    /// The line end of inserted lines.
    pub(super) fn eol(&self) -> &'static str {
        self.document().lines().dominant_eol().as_str()
    }

    pub(super) fn replace(&mut self, range: TextRange, text: impl Into<String>) {
        self.edits.push(Edit::replace(range, text));
    }

    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.edits.push(Edit::insert(at, text));
    }

    pub(super) fn delete(&mut self, start: usize, end: usize) {
        self.edits.push(Edit::delete(TextRange::new(start, end)));
    }

    /// A task and its place. A task whose checkbox cannot be verified is none: it is a note (T199).
    pub(super) fn task(&self, i: usize) -> Result<(&'a Task, &'a TaskSpan), WriteError> {
        let (Some(task), Some(span)) = (self.session().tasks.get(i), self.lifted.map.tasks.get(i)) else {
            return Err(WriteError::Mismatch { difference: "a task has no place in the text".into() });
        };
        Ok((task, span))
    }

    /// A task that stands on lines of its own.
    pub(super) fn movable(&self, i: usize) -> Result<(&'a Task, &'a TaskSpan), WriteError> {
        let (task, span) = self.task(i)?;
        if span.movable {
            Ok((task, span))
        } else {
            Err(not_editable(Code::T120, span.head, "this task does not stand on lines of its own"))
        }
    }

    /// The blanks (or an outer item's marker) before a task's marker.
    pub(super) fn prefix(&self, span: &TaskSpan) -> String {
        let start = self.document().lines().start(span.first_line);
        // The byte-order mark is no indentation.
        let before = TextRange::new(start, span.start).of(self.text()).trim_start_matches('\u{feff}');
        before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
    }

    /// The blanks between a task's marker and its checkbox.
    pub(super) fn gap(&self, span: &TaskSpan) -> &'a str {
        let gap = TextRange::new(span.marker.end, span.symbol.start.saturating_sub(1)).of(self.text());
        if gap.is_empty() || gap.contains(['\n', '\r']) { " " } else { gap }
    }

    /// What lines below a task's head begin with.
    pub(super) fn below(&self, span: &TaskSpan) -> String {
        let mut below = self.prefix(span);
        below.push_str(&self.step(span));
        below
    }

    /// By how much lines below a head are indented more than the head.
    fn step(&self, span: &TaskSpan) -> String {
        let gap = self.gap(span);
        if gap.contains('\t') || self.prefix(span).contains('\t') {
            return "\t".to_owned();
        }
        " ".repeat(span.marker.len() + if gap.len() > 4 { 1 } else { gap.len() })
    }

    pub(super) fn is_blank(&self, line: usize) -> bool {
        let lines = self.document().lines();
        line < lines.count() && lines.content(self.text(), line).of(self.text()).trim().is_empty()
    }

    /// The first of the blank lines right before `line`, or `line`.
    pub(super) fn blanks_before(&self, line: usize) -> usize {
        let mut first = line;
        while first > 0 && self.is_blank(first - 1) && self.line_start(first - 1) >= self.body_start() {
            first -= 1;
        }
        first
    }

    /// Where a line begins, behind a byte-order mark.
    pub(super) fn line_start(&self, line: usize) -> usize {
        let mark = if self.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        self.document().lines().start(line).max(mark)
    }

    pub(super) fn line_of(&self, at: usize) -> usize {
        self.document().lines().line_of(at)
    }

    fn body_start(&self) -> usize {
        self.document().body().start
    }

    /// Whether the text's last line has no line end.
    pub(super) fn is_open_ended(&self) -> bool {
        let text = self.text();
        !text.is_empty() && !text.ends_with(['\n', '\r'])
    }

    /// Inserts whole lines (`block` ends in a line end) at a line's start or at the text's end.
    pub(super) fn insert_lines(&mut self, at: usize, block: &str) {
        let block = self.fitted(at, block);
        self.insert(at, block);
    }

    /// `block` as it must be spliced in at `at`: a missing final line end stays missing.
    pub(super) fn fitted(&self, at: usize, block: &str) -> String {
        if at == self.text().len() && self.is_open_ended() {
            let eol = self.eol();
            format!("{eol}{}", block.strip_suffix(eol).unwrap_or(block))
        } else {
            block.to_owned()
        }
    }

    /// The range to delete for whole lines; a missing final line end stays missing.
    pub(super) fn whole_lines(&self, start: usize, end: usize) -> TextRange {
        let text = self.text();
        if end < text.len() || !self.is_open_ended() || start == 0 {
            return TextRange::new(start, end);
        }
        let head = text.get(..start).unwrap_or("");
        let shorter = head.strip_suffix("\r\n").or_else(|| head.strip_suffix(['\n', '\r'])).unwrap_or(head);
        TextRange::new(shorter.len(), end)
    }

    /// Where the footer begins (a rule and `**Key**: value` lines at the very end), else the
    /// text's end.
    pub(super) fn footer(&self) -> usize {
        let blocks = self.document().blocks();
        let mut top = blocks.iter().rev().filter(|b| b.parent.is_none());
        let (Some(last), Some(rule)) = (top.next(), top.next()) else { return self.text().len() };
        let is_read = self.lifted.map.metrics.iter().any(|l| last.range.contains(l.key.start));
        if last.kind == BlockKind::Paragraph && is_read && rule.kind == BlockKind::Rule {
            self.line_start(rule.first_line)
        } else {
            self.text().len()
        }
    }

    /// One past the last line (line end included) of `range` that is not blank, the footer left
    /// out; at least the end of the line at `range.start`.
    pub(super) fn content_end(&self, range: TextRange) -> usize {
        let first = self.line_of(range.start);
        let end = range.end.min(self.footer().max(range.start));
        let mut line = self.line_of(end.saturating_sub(1).max(range.start));
        while line > first && self.is_blank(line) {
            line -= 1;
        }
        self.line_start(line + 1)
    }

    /// Whether the line that begins at `at` is there and not blank.
    pub(super) fn is_text_at(&self, at: usize) -> bool {
        at < self.text().len() && !self.is_blank(self.line_of(at))
    }

    /// `text` as lines with the file's line ends, blank ones empty, others behind `indent`.
    pub(super) fn indented(&self, text: &str, indent: &str) -> String {
        let mut out = String::new();
        for line in text.trim_matches(['\n', '\r']).lines() {
            if !line.trim().is_empty() {
                out.push_str(indent);
                out.push_str(line);
            }
            out.push_str(self.eol());
        }
        out
    }
}

pub(super) fn not_editable(code: Code, span: TextRange, message: impl Into<String>) -> WriteError {
    WriteError::NotEditable { code, span, message: message.into() }
}
