use crate::model::Session;
use crate::text::{BLANKS, LineIndex, TextRange, unindented};

use super::super::SourceMap;
use super::Reader;
use super::groups;
use super::headings::Heading;

/// `text` with `\n` as its only line end.
pub(super) fn unix_lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// A title in one line: an underlined one may run over several.
pub(super) fn one_line(raw: &str) -> String {
    if !raw.contains(['\n', '\r']) {
        return raw.to_owned();
    }
    raw.split(['\n', '\r']).map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Prose in the form that is compared: `\n` line ends, runs of blank lines as one, none at the ends.
fn tidy(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut blank = false;
    for line in unix_lines(raw).split('\n') {
        if line.trim().is_empty() {
            blank = !out.is_empty();
            continue;
        }
        if blank {
            out.push('\n');
        }
        blank = false;
        out.push_str(line.trim_end_matches(BLANKS));
        out.push('\n');
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}

/// Collects the lines of a description.
pub(super) struct Lines<'a> {
    text: &'a str,
    index: &'a LineIndex,
    column: usize,
    holes: Vec<TextRange>,
    ranges: Vec<TextRange>,
    out: String,
    fresh: bool,
}

impl<'a> Lines<'a> {
    /// `column` is what lines are indented by, `holes` what is left out of them.
    pub(super) fn new(text: &'a str, index: &'a LineIndex, column: usize, holes: Vec<TextRange>) -> Self {
        Self { text, index, column, holes, ranges: Vec::new(), out: String::new(), fresh: true }
    }

    /// Takes line `line`.
    pub(super) fn push(&mut self, line: usize) {
        let full = self.index.full(line);
        let content = self.index.content(self.text, line);
        if !content.of(self.text).trim_matches(BLANKS).is_empty() {
            match self.ranges.last_mut().filter(|_| !self.fresh) {
                // Blank lines in between are taken in with it.
                Some(last) => last.end = full.end,
                None => self.ranges.push(full),
            }
            self.fresh = false;
        }
        let mut kept = String::with_capacity(content.len());
        let mut at = content.start;
        let first = self.holes.partition_point(|h| h.start < content.start);
        for hole in self.holes[first..].iter().take_while(|h| content.covers(**h)) {
            kept.push_str(TextRange::new(at, hole.start).of(self.text));
            at = hole.end;
        }
        kept.push_str(TextRange::new(at, content.end).of(self.text));
        self.out.push_str(unindented(&kept, self.column));
        self.out.push('\n');
    }

    /// Leaves a line out without a break in the prose.
    pub(super) fn skip(&mut self) {
        self.fresh = true;
    }

    /// Leaves a subtask out: what follows it is a paragraph of its own.
    pub(super) fn gap(&mut self) {
        self.fresh = true;
        self.out.push('\n');
    }

    /// The places (whole lines, none blank at either end) and the prose.
    pub(super) fn finish(self) -> (Vec<TextRange>, String) {
        (self.ranges, tidy(&self.out))
    }
}

/// The prose in `range`, the parts in `holes` (ascending) left out.
fn without(text: &str, range: TextRange, holes: &[TextRange]) -> String {
    let mut out = String::new();
    let mut at = range.start;
    let first = holes.partition_point(|h| h.end <= range.start);
    for hole in holes[first..].iter().take_while(|h| h.start < range.end) {
        out.push_str(TextRange::new(at, hole.start.max(at)).of(text));
        // What stood on both sides of a hole stays apart.
        out.push_str("\n\n");
        at = at.max(hole.end);
    }
    out.push_str(TextRange::new(at, range.end.max(at)).of(text));
    tidy(&out)
}

/// Fills the bodies of sections, the descriptions of groups and the preamble.
pub(super) fn fill(reader: &Reader<'_>, title: Option<&Heading>, session: &mut Session, map: &SourceMap) {
    let text = reader.text;
    let mut holes: Vec<TextRange> = session
        .tasks
        .iter()
        .zip(&map.tasks)
        .filter(|(t, _)| t.parent.is_none())
        .map(|(_, s)| s.lines)
        .chain(map.header.iter().chain(&map.metrics).map(|l| l.line))
        .chain(map.groups.iter().flat_map(|g| &g.header).map(|l| l.line))
        .collect();
    holes.sort_by_key(|h| h.start);
    for (section, span) in session.sections.iter_mut().zip(&map.sections) {
        section.body = without(text, span.own, &holes);
    }
    for (group, span) in session.groups.iter_mut().zip(&map.groups) {
        let Some(section) = map.sections.get(span.section) else { continue };
        let first = map.tasks.partition_point(|t| t.start < section.own.start);
        let range =
            groups::description_range(section, &span.header, map.tasks.get(first).map(|t| t.lines.start));
        group.description = tidy(range.of(text));
    }
    let body = reader.document.body();
    let first_section = map.sections.first().map_or(body.end, |s| s.whole.start);
    let first_heading = title.map_or(first_section, |t| t.line_start.min(first_section));
    let mut parts = vec![without(text, TextRange::new(body.start, first_heading), &holes)];
    parts.extend(title.map(|t| without(text, t.own, &holes)));
    parts.retain(|p| !p.is_empty());
    session.preamble = parts.join("\n\n");
}
