use std::collections::HashSet;

use crate::diagnostic::{Code, Fix};
use crate::document::{Block, BlockKind, ItemStart, item_start};
use crate::text::{BLANKS, Edit, TextRange};

use super::Reader;

/// Findings about list items that look like tasks and are none.
pub(super) fn read(reader: &mut Reader<'_>) {
    let defined = definitions(reader);
    let blocks = reader.document.blocks();
    // End of the quote or footnote that is being read, as a block index.
    let mut container = 0;
    for (i, block) in blocks.iter().enumerate() {
        match block.kind {
            BlockKind::Quote | BlockKind::Footnote => container = container.max(block.end),
            BlockKind::TaskItem { .. } if i < container => {
                let message = "a checkbox in a quote or footnote is no task";
                reader.report(Code::T118, first_line(reader, block), message);
            }
            BlockKind::TaskItem { verified: false, .. } => unverified(reader, block),
            // A checkbox that became a heading is reported as that.
            BlockKind::Item
                if i >= container
                    && !matches!(blocks.get(i + 1), Some(Block { kind: BlockKind::Heading { .. }, parent, .. }) if *parent == Some(i)) =>
            {
                item(reader, block, &defined);
            }
            BlockKind::Paragraph if i >= container => paragraph(reader, block),
            BlockKind::Table if has_checkbox_cell(block.range.of(reader.text)) => {
                reader.report(Code::T118, block.range, "a checkbox in a table is no task");
            }
            _ => {}
        }
    }
}

fn first_line(reader: &Reader<'_>, block: &Block) -> TextRange {
    let line = reader.document.lines().content(reader.text, block.first_line);
    TextRange::new(block.range.start, line.end)
}

fn has_checkbox_cell(table: &str) -> bool {
    table.split(['\n', '\r']).flat_map(|line| line.split('|')).any(|cell| {
        let cell = cell.trim_start();
        ["[ ]", "[x]", "[X]"].iter().any(|c| cell.starts_with(c))
    })
}

/// The parser saw a checkbox that the bytes do not show.
fn unverified(reader: &mut Reader<'_>, block: &Block) {
    let start = item_start(reader.text, block.range.start).filter(|s| !s.spaced);
    // Behind a link reference definition the parser sees the next line's checkbox.
    let is_definition = |end: usize| reader.text[end + 1..].starts_with([':', '(']);
    if let Some((_, symbol)) = start.and_then(|s| s.symbol).filter(|(_, at)| !is_definition(at.end)) {
        let at = TextRange::empty(symbol.end + 1);
        let fix = Fix::safe("add a blank after the checkbox", vec![Edit::insert(at.start, " ")]);
        reader.report_fix(Code::T105, at, "no blank after the checkbox; not a task on GitHub", fix);
    } else {
        let message = "the checkbox is not written in plain characters; the item is not read as a task";
        reader.report(Code::T199, first_line(reader, block), message);
    }
}

/// A plain item whose text begins almost like a checkbox.
fn item(reader: &mut Reader<'_>, block: &Block, defined: &HashSet<String>) {
    let text = reader.text;
    let Some(start) = item_start(text, block.range.start) else { return };
    let end = reader.document.lines().content(text, reader.document.lines().line_of(start.content)).end;
    let rest = TextRange::new(start.content, end).of(text);
    if start.is_checkbox() {
        is_link(reader, block, &start, defined);
        return;
    }
    if !rest.starts_with('[') {
        return;
    }
    let Some(close) = rest.find(']') else { return };
    let (inner, behind) = (&rest[1..close], &rest[close + 1..]);
    let is_link = behind.starts_with(['(', '[', ':']) && !behind.starts_with("[[");
    let wanted = match inner.trim() {
        "" => "[ ]",
        "x" | "X" => "[x]",
        _ => return,
    };
    let has_extra = inner.len() != 1;
    // Nothing behind `[]` or `[x]` but a blank is needed to mean a checkbox by it.
    if is_link || (has_extra && !(behind.is_empty() || behind.starts_with([' ', '\t', '\u{a0}']))) {
        return;
    }
    let mut end = start.content + close + 1;
    let mut insert = if has_extra { wanted.to_owned() } else { format!("[{inner}]") };
    if !behind.is_empty() && !behind.starts_with(BLANKS) {
        insert.push(' ');
        end += behind.chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8);
    }
    let at = TextRange::new(start.content, end);
    let fix = Fix::safe("write it as a checkbox", vec![Edit::replace(at, insert)]);
    reader.report_fix(Code::T101, first_line(reader, block), "almost a checkbox; not read as a task", fix);
}

/// The one-letter labels of link reference definitions, lower-cased.
fn definitions(reader: &Reader<'_>) -> HashSet<String> {
    let body = reader.document.body().of(reader.text);
    if !body.contains("]:") {
        return HashSet::new();
    }
    let label = |line: &str| {
        let inner = line.trim_start_matches([' ', '\t', '>']).strip_prefix('[')?;
        let (name, _) = inner.split_once("]:")?;
        (name.chars().count() == 1).then(|| name.to_lowercase())
    };
    body.split(['\n', '\r']).filter_map(label).collect()
}

/// `- [x] done` where `[x]: …` is defined somewhere.
fn is_link(reader: &mut Reader<'_>, block: &Block, start: &ItemStart, defined: &HashSet<String>) {
    let Some((symbol, at)) = start.symbol else { return };
    let bracket = TextRange::new(at.start - 1, at.end + 1);
    if defined.contains(&symbol.to_lowercase().to_string()) {
        let message = format!("`[{symbol}]` is a link here because `[{symbol}]:` is defined; not a task");
        reader.report(Code::T106, bracket, message);
    } else {
        reader.report(Code::T199, first_line(reader, block), "the checkbox is not read as one");
    }
}

/// Lines of a paragraph that were meant as list items: `-[ ] a`, or a list indented too far.
fn paragraph(reader: &mut Reader<'_>, block: &Block) {
    let (text, lines) = (reader.text, reader.document.lines());
    if !block.range.of(text).contains('[') {
        return;
    }
    for line in block.first_line..=block.last_line {
        let content = lines.content(text, line);
        let start = if line == block.first_line { block.range.start } else { content.start };
        let slice = TextRange::new(start, content.end).of(text);
        let item = slice.trim_start_matches(BLANKS);
        let at = TextRange::new(content.end - item.len(), content.end);
        let Some(rest) = item.strip_prefix(['-', '*', '+']) else { continue };
        let is_box = |s: &str| {
            ["[ ]", "[x]", "[X]"]
                .iter()
                .any(|c| s.strip_prefix(c).is_some_and(|r| r.is_empty() || r.starts_with(BLANKS)))
        };
        if is_box(rest) {
            let fix = Fix::safe("add a blank after the bullet", vec![Edit::insert(at.start + 1, " ")]);
            reader.report_fix(Code::T101, at, "no blank between bullet and checkbox; not a task", fix);
        } else if line != block.first_line && is_box(rest.trim_start_matches(BLANKS)) {
            reader.report(Code::T101, at, "indented so far that it continues the text above; not a task");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, parse};
    use crate::text::Edits;

    #[track_caller]
    fn check(text: &str, code: Option<Code>, fixed: Option<&str>) {
        let (document, _) = parse(text.as_bytes(), Limits::default());
        let mut reader = Reader { text, document: &document, found: Vec::new() };
        read(&mut reader);
        let first = reader.found.first();
        assert_eq!(first.map(|d| d.code), code, "{text:?}");
        let fix = first.and_then(|d| d.fix.as_ref());
        let got = fix.map(|f| Edits::new(text, f.edits.clone()).unwrap().apply(text).unwrap());
        assert_eq!(got.as_deref(), fixed, "{text:?}");
    }

    #[test]
    fn almost_checkboxes() {
        check("- [] a", Some(Code::T101), Some("- [ ] a"));
        check("- [x]a", Some(Code::T101), Some("- [x] a"));
        check("- [ x] a", Some(Code::T101), Some("- [x] a"));
        check("- [  ] a", Some(Code::T101), Some("- [ ] a"));
        check("- [ ]\u{a0}a", Some(Code::T101), Some("- [ ] a"));
        check("-[ ] a", Some(Code::T101), Some("- [ ] a"));
        check("text\n      - [ ] a", Some(Code::T101), None);
        check("- [ ]<div>", Some(Code::T105), Some("- [ ] <div>"));
        check("- &#91; ] a", Some(Code::T199), None);
        check("- [x] a\n\n[x]: /u\n", Some(Code::T106), None);
        check("> - [ ] a", Some(Code::T118), None);
        check("| a |\n|---|\n| [ ] b |\n", Some(Code::T118), None);
    }

    #[test]
    fn nothing_to_say() {
        for text in
            ["- [ ] a", "- [x](u) a", "- [a] b", "- a [] b", "- [1]: x", "text [ ] a", "- [ ]", "- [x][y] a"]
        {
            check(text, None, None);
        }
    }
}
