use crate::diagnostic::{Code, Fix};
use crate::document::{Block, BlockKind};
use crate::text::{Edit, TextRange};

use super::super::HeadingSpan;
use super::Reader;

/// A heading at top level, a split one counted once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading {
    pub level: u8,
    pub span: HeadingSpan,
    /// Start of its first line.
    pub line_start: usize,
    /// Start of the line behind it.
    pub below: usize,
    /// From `below` to the next heading, or the end of the body.
    pub own: TextRange,
    /// From `line_start` to the next heading of the same or a higher level, or the end.
    pub whole: TextRange,
}

/// The title (first H1 with a text) and all other headings, in order.
pub(super) fn read(reader: &mut Reader<'_>) -> (Option<Heading>, Vec<Heading>) {
    let mut all = collect(reader);
    extents(&mut all, reader.document.body().end);
    let Some(at) = all.iter().position(|h| h.level == 1 && !h.span.content.is_empty()) else {
        return (None, all);
    };
    let mut title = all.remove(at);
    title.span.name = name_of(reader.text, title.span.content);
    (Some(title), all)
}

fn collect(reader: &mut Reader<'_>) -> Vec<Heading> {
    let (text, document) = (reader.text, reader.document);
    let mut all = Vec::new();
    let mut bare: Vec<Block> = Vec::new();
    let mut at = 0;
    while let Some(&block) = document.blocks().get(at) {
        at = block.end;
        let BlockKind::Heading { level, setext, content } = block.kind else {
            flush(reader, &mut bare, &mut all);
            continue;
        };
        if bare.last().is_some_and(|b| block.first_line - b.last_line > 2 || setext) {
            flush(reader, &mut bare, &mut all);
        }
        if level == 1 && !setext && content.is_empty() && block.range.of(text).trim_end() == "#" {
            bare.push(block);
            continue;
        }
        // A run that would go beyond level 6 keeps its first lines as empty headings.
        let fits = usize::from(6 - level).min(bare.len());
        let mut split = bare.split_off(bare.len() - fits);
        if content.is_empty() {
            bare.append(&mut split);
        }
        flush(reader, &mut bare, &mut all);
        let first = split.first().copied().unwrap_or(block);
        let level = level + u8::try_from(split.len()).unwrap_or(0);
        let whole = TextRange::new(first.range.start, block.range.end);
        if !split.is_empty() {
            let run = TextRange::new(whole.start, content.start);
            let marks = format!("{} ", "#".repeat(level.into()));
            let fix = Fix::safe("join the heading", vec![Edit::replace(run, marks)]);
            let message = format!("heading split into `#` lines; read as level {level}");
            reader.report_fix(Code::L401, run, message, fix);
        }
        all.push(heading(
            reader,
            level,
            whole,
            content,
            first.first_line,
            block.last_line,
            !split.is_empty(),
        ));
    }
    flush(reader, &mut bare, &mut all);
    all
}

fn flush(reader: &Reader<'_>, bare: &mut Vec<Block>, all: &mut Vec<Heading>) {
    for block in bare.drain(..) {
        let content = TextRange::empty(block.range.end);
        all.push(heading(reader, 1, block.range, content, block.first_line, block.last_line, false));
    }
}

fn heading(
    reader: &Reader<'_>,
    level: u8,
    whole: TextRange,
    content: TextRange,
    first_line: usize,
    last_line: usize,
    split: bool,
) -> Heading {
    let lines = reader.document.lines();
    let body = reader.document.body();
    let line_start = lines.start(first_line).max(body.start);
    let below = lines.start(last_line + 1).min(body.end);
    Heading {
        level,
        span: HeadingSpan { whole, content, name: content, split },
        line_start,
        below,
        own: TextRange::empty(below),
        whole: TextRange::empty(line_start),
    }
}

fn extents(all: &mut [Heading], end: usize) {
    // `open` holds the headings whose section still runs.
    let mut open: Vec<usize> = Vec::new();
    for i in 0..all.len() {
        let here = all[i].line_start;
        if let Some(before) = i.checked_sub(1) {
            all[before].own = TextRange::new(all[before].below, here);
        }
        while let Some(&top) = open.last().filter(|&&top| all[top].level >= all[i].level) {
            all[top].whole = TextRange::new(all[top].line_start, here);
            open.pop();
        }
        open.push(i);
    }
    if let Some(last) = all.last_mut() {
        last.own = TextRange::new(last.below, end);
    }
    for top in open {
        all[top].whole = TextRange::new(all[top].line_start, end);
    }
}

/// The part of a title that is the name: without leading emoji and `Session:`.
fn name_of(text: &str, content: TextRange) -> TextRange {
    let is_decoration = |c: char| c.is_whitespace() || (!c.is_alphanumeric() && !c.is_ascii());
    let all = content.of(text);
    let mut rest = all.trim_start_matches(is_decoration);
    if let Some(word) = rest.get(..8).filter(|w| w.eq_ignore_ascii_case("session:")) {
        let behind = rest[word.len()..].trim_start();
        if !behind.is_empty() {
            rest = behind;
        }
    }
    if rest.is_empty() { content } else { TextRange::new(content.end - rest.len(), content.end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, parse};

    #[track_caller]
    fn check(text: &str, expected: &[(u8, &str)], findings: usize) {
        let (document, _) = parse(text.as_bytes(), Limits::default());
        let mut reader = Reader { text, document: &document, found: Vec::new() };
        let all = collect(&mut reader);
        let got: Vec<_> = all.iter().map(|h| (h.level, h.span.content.of(text))).collect();
        assert_eq!(got, expected, "{text:?}");
        assert_eq!(reader.found.len(), findings, "{text:?}");
        for finding in reader.found {
            let mut fixed = text.to_owned();
            for e in finding.fix.unwrap().edits {
                fixed.replace_range(e.range.start..e.range.end, &e.insert);
            }
            let first = all.iter().find(|h| h.span.split).unwrap();
            assert!(fixed.contains(&format!(
                "{} {}",
                "#".repeat(first.level.into()),
                first.span.content.of(text)
            )));
        }
    }

    #[test]
    fn split_headings_are_joined() {
        check("#\n\n#\n\n# T\n", &[(3, "T")], 1);
        check("#\n## T\n", &[(3, "T")], 1);
        check("# A\n\n#\n", &[(1, "A"), (1, "")], 0);
        check("#\n\n\n# T\n", &[(1, ""), (1, "T")], 0);
        check("#\ntext\n# T\n", &[(1, ""), (1, "T")], 0);
        check("#\n###### T\n", &[(1, ""), (6, "T")], 0);
        check("#\n#\n##### T\n", &[(1, ""), (6, "T")], 1);
    }

    #[test]
    fn names() {
        for (raw, name) in [
            ("📋 Session: Auth overhaul", "Auth overhaul"),
            ("Session:", "Session:"),
            ("🎯", "🎯"),
            ("台所", "台所"),
            ("(draft) x", "(draft) x"),
        ] {
            assert_eq!(name_of(raw, TextRange::new(0, raw.len())).of(raw), name);
        }
    }
}
