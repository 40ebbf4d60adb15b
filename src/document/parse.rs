use std::borrow::Cow;
use std::sync::Arc;

use super::conflict::{self, Hunk};
use super::{Block, BlockKind, Document, Kept, encoding, pieces, split_front_matter};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{ContentHash, LineIndex, TextRange};

/// How much of a text is taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Largest file that is parsed, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of containers that is taken as structure.
    pub max_depth: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_depth: 64 }
    }
}

/// Parses a file's bytes. Total: whatever the bytes are, a document comes out, and the same one
/// on every machine: what a hostile file may cost is counted in work, not in time.
///
/// Reports the findings of family F; the others are the business of `format`.
#[must_use]
pub fn parse(bytes: &[u8], limits: Limits) -> (Document, Vec<Diagnostic>) {
    let (document, found, _) = read(bytes, limits, None, pieces::SHORTEST);
    (document, found)
}

/// What [`parse`] says, faster where much of the text is the same as in `before`, and what was the same.
#[must_use]
pub fn parse_after(
    bytes: &[u8],
    limits: Limits,
    before: &Document,
) -> (Document, Vec<Diagnostic>, Vec<Kept>) {
    read(bytes, limits, Some(before), pieces::SHORTEST)
}

/// The same with pieces so short that small texts have several.
#[cfg(test)]
pub(crate) fn parse_in_pieces(
    bytes: &[u8],
    before: Option<&Document>,
    shortest: usize,
) -> (Document, Vec<Diagnostic>, Vec<Kept>) {
    read(bytes, Limits::default(), before, shortest)
}

fn read(
    bytes: &[u8],
    limits: Limits,
    before: Option<&Document>,
    shortest: usize,
) -> (Document, Vec<Diagnostic>, Vec<Kept>) {
    let mut found = Vec::new();
    let text: Arc<str> = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(e) => {
            let at = e.valid_up_to();
            let message = format!("invalid UTF-8 at byte {at}; the file is read-only");
            found.push(Diagnostic::new(Code::F001, TextRange::empty(at), message));
            String::from_utf8_lossy(bytes).into()
        }
    };
    let lines = LineIndex::new(&text);
    let front_matter = split_front_matter(&text).filter(|f| f.is_mapping(&text));
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = TextRange::new(front_matter.map_or(mark, |f| f.whole.end), text.len());
    let mut document = Document {
        hash: ContentHash::of(bytes),
        writable: found.is_empty(),
        front_matter,
        body,
        limits,
        blocks: Vec::new(),
        pieces: Vec::new(),
        lines,
        text,
    };
    if bytes.is_empty() {
        found.push(Diagnostic::new(Code::F009, TextRange::empty(0), "the file is empty"));
    }
    if bytes.len() > limits.max_bytes {
        document.writable = false;
        let whole = TextRange::new(0, document.text.len());
        let message = format!("{} bytes are over the limit of {}; not parsed", bytes.len(), limits.max_bytes);
        found.push(Diagnostic::new(Code::F005, whole, message));
        return (document, found, Vec::new());
    }
    let mut about_bytes = encoding::findings(&document.text, &document.lines);
    if !document.writable {
        for finding in &mut about_bytes {
            finding.fix = None;
        }
    }
    found.append(&mut about_bytes);
    let kept = read_body(&mut document, (before, shortest), &mut found);
    (document, found, kept)
}

/// Fills the blocks; what was taken over from `before`.
fn read_body(
    document: &mut Document,
    (before, shortest): (Option<&Document>, usize),
    found: &mut Vec<Diagnostic>,
) -> Vec<Kept> {
    let limits = document.limits;
    let (text, lines, body) = (&document.text, &document.lines, document.body);
    let hunks = conflict::scan(text, lines);
    let markdown = if hunks.is_empty() {
        Cow::Borrowed(body.of(text))
    } else {
        Cow::Owned(conflict::blanked(text, body, lines, &hunks))
    };
    // Marker lines that were blanked are in the text that pieces are compared by.
    let before = before.filter(|b| b.limits.max_depth == limits.max_depth && hunks.is_empty());
    let max_depth = limits.max_depth;
    let whole = pieces::Whole { text, markdown: &markdown, body, lines, max_depth, shortest };
    let outline = whole.outline(before);
    let Some(outline) = outline else {
        document.writable = false;
        let message = "the file takes too much work to parse; its body is not read";
        found.push(Diagnostic::new(Code::F007, TextRange::empty(body.start), message));
        return Vec::new();
    };
    if let Some(line) = outline.too_deep {
        let message = format!("nested deeper than {} levels; not read below", limits.max_depth);
        found.push(Diagnostic::new(Code::F007, lines.content(text, line), message));
    }
    let fences: Vec<&Block> =
        outline.blocks.iter().filter(|b| b.kind == (BlockKind::Fenced { closed: true })).collect();
    for hunk in hunks.iter().filter(|h| !is_example(h, &fences)) {
        document.writable = false;
        let span = TextRange::new(lines.start(hunk.first), lines.content(text, hunk.last).end);
        found.push(Diagnostic::new(Code::F006, span, "unresolved merge conflict; the file is read-only"));
    }
    // Marker lines were blanked, and a byte-order mark shifts columns: such a text is read by itself.
    let alone = !hunks.is_empty() || lines.start(lines.line_of(body.start)) != body.start;
    document.pieces = if alone { Vec::new() } else { outline.pieces };
    document.blocks = outline.blocks;
    document.blocks.shrink_to_fit();
    if alone { Vec::new() } else { outline.kept }
}

/// Whether all of a hunk stands inside one closed code block.
fn is_example(hunk: &Hunk, fences: &[&Block]) -> bool {
    let before = fences.partition_point(|b| b.first_line < hunk.first);
    before.checked_sub(1).and_then(|i| fences.get(i)).is_some_and(|b| hunk.last < b.last_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> String {
        let (document, _) = parse(text.as_bytes(), Limits::default());
        let mut out = String::new();
        for b in document.blocks() {
            let kind = match b.kind {
                BlockKind::Heading { level, content, .. } => format!("h{level}({})", content.of(text)),
                BlockKind::TaskItem { symbol, verified, .. } => {
                    format!("[{symbol}]{}", if verified { "" } else { "?" })
                }
                other => format!("{other:?}").split(' ').next().unwrap_or_default().to_lowercase(),
            };
            out += &format!("{}{kind} {}-{}; ", ">".repeat(b.depth.into()), b.first_line, b.last_line);
        }
        out.trim_end().to_owned()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(outline(text), expected, "{text:?}");
    }

    #[test]
    fn extents_do_not_trust_the_parser() {
        check("- [ ] a\n\n## H\n", "list 0-0; >[ ] 0-0; >>paragraph 0-0; h2(H) 2-2;");
        check(
            "- [ ] a\n\n\n- [ ] b\n  c\n",
            "list 0-4; >[ ] 0-0; >>paragraph 0-0; >[ ] 3-4; >>paragraph 3-4;",
        );
        check("- ~~~\n  code\n  more\n\n", "list 0-2; >item 0-2; >>fenced 0-2;");
        check("***\n\n", "rule 0-0;");
        check("> - [ ] a\n>\ntext", "quote 0-0; >list 0-0; >>[ ] 0-0; >>>paragraph 0-0; paragraph 2-2;");
        check("- [ ] a\n\n  [r]: /u\n\nb\n", "list 0-2; >[ ] 0-2; >>paragraph 0-0; paragraph 4-4;");
    }

    #[test]
    fn checkboxes_are_verified_by_their_bytes() {
        check("- &#91; ] z", "list 0-0; >[ ]? 0-0; >>paragraph 0-0;");
        check("- [&#120;] w", "list 0-0; >[x]? 0-0; >>paragraph 0-0;");
        check("- [ ]<div>", "list 0-0; >[ ]? 0-0; >>paragraph 0-0;");
        check("- [a]: /u\n[ ] foo", "list 0-1; >[ ]? 0-1; >>paragraph 0-1;");
        check("-\n  [x] a", "list 0-1; >[x] 0-1; >>paragraph 1-1;");
    }

    #[test]
    fn titles() {
        check("## A b ##  \n", "h2(A b) 0-0;");
        check("#\n", "h1() 0-0;");
        check("# #\n", "h1() 0-0;");
        check("# a#\n", "h1(a#) 0-0;");
        check("[a]: /u\nfoo\n===\n", "h1(foo) 0-2;");
        check("\u{feff}# a\n", "h1(a) 0-0;");
        check("---\na: 1\n---\n# a\n", "h1(a) 3-3;");
    }

    #[track_caller]
    fn codes(bytes: &[u8], limits: Limits, expected: &[Code], writable: bool) -> Document {
        let (document, found) = parse(bytes, limits);
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), expected);
        assert_eq!(document.is_writable(), writable);
        document
    }

    #[test]
    fn what_is_wrong_with_a_file() {
        let all = Limits::default();
        codes(b"", all, &[Code::F009], true);
        codes(b"- [ ] a\xff\n", all, &[Code::F001], false);
        codes(b"- [ ] a", Limits { max_bytes: 3, ..all }, &[Code::F005], false);
        let deep = ">".repeat(100_000);
        codes(deep.as_bytes(), all, &[Code::F007], true);
        let hunk = "# a\n<<<<<<< x\n- [ ] a\n=======\n- [ ] b\n>>>>>>> y\n";
        let document = codes(hunk.as_bytes(), all, &[Code::F006], false);
        let tasks = document.blocks().iter().filter(|b| matches!(b.kind, BlockKind::TaskItem { .. })).count();
        let headings =
            document.blocks().iter().filter(|b| matches!(b.kind, BlockKind::Heading { .. })).count();
        assert_eq!((tasks, headings), (2, 1));
        codes(format!("```\n{hunk}```\n").as_bytes(), all, &[], true);
    }

    /// Behind the marker that ends it, a conflict changes what stands before, in pieces that are the same.
    #[test]
    fn a_hunk_that_becomes_whole_is_read_anew() {
        let tasks =
            |of: &str| (0..100).map(|n| format!("- [ ] {of} {n} of many tasks\n")).collect::<String>();
        let (above, below) = (tasks("above"), tasks("below"));
        let head = format!("# a\n\n{above}\n# b\n\n<<<<<<< a\ntext\n=======\n\n# c\n\n{below}");
        for (old, new) in [
            ("", ">>>>>>> b\n"),
            (">>>>>>> b\n", ""),
            (">>>>>>> b\n", ">>>>>>> c\n"),
            ("\n# d\n", ">>>>>>> b\n"),
        ] {
            let (old, new) = (format!("{head}{old}"), format!("{head}{new}"));
            let before = parse(old.as_bytes(), Limits::default()).0;
            let (after, found, _) = parse_after(new.as_bytes(), Limits::default(), &before);
            let (alone, expected) = parse(new.as_bytes(), Limits::default());
            assert_eq!((after.blocks, after.pieces), (alone.blocks, alone.pieces));
            assert_eq!(found, expected);
        }
    }

    #[track_caller]
    fn is_read(text: &str, expected: bool) {
        let (document, found) = parse(text.as_bytes(), Limits::default());
        let given_up = found.iter().any(|d| d.code == Code::F007 && d.span.is_empty());
        assert_eq!((!given_up, !document.blocks().is_empty()), (expected, expected), "{text:.40}");
        assert!(expected || !document.is_writable());
    }

    /// Lists nested `depth` levels deep.
    fn deep(depth: usize) -> String {
        (0..depth).map(|n| format!("{}- a\n", "  ".repeat(n))).collect()
    }

    #[test]
    fn what_costs_the_product_of_its_parts_is_not_read() {
        is_read(&(deep(1000) + &"\n".repeat(400_000)), false);
        is_read(&(deep(1000) + &"\r".repeat(100_000)), false);
        is_read(&(deep(1000) + &"lazy\n".repeat(100_000)), false);
        is_read(&(deep(200).replace("- a", "- > a") + &"lazy\n".repeat(500_000)), false);
        let quoted: String = deep(1000).lines().map(|l| format!("> {l}\n")).collect();
        is_read(&(quoted + &">\n".repeat(400_000)), false);
        is_read(
            &("- ".repeat(90) + "a\n" + &format!("{}{}a\n", " ".repeat(180), "- ".repeat(90)).repeat(20_000)),
            false,
        );
    }

    #[test]
    fn deep_and_long_alone_is_read() {
        is_read(&deep(1000), true);
        is_read(&(deep(12) + &"\n".repeat(1 << 18)), true);
        is_read(&(deep(64) + &deep(1).repeat(100_000)), true);
        is_read(&">".repeat(100_000), true);
        is_read(&(">".repeat(10_000) + "a\n" + &"\n".repeat(100_000)), true);
        is_read(&format!("{}- a\n", "    code\n".repeat(100_000)), true);
    }

    /// Far more work for a byte than in any plan is still little.
    #[test]
    fn work_that_grows_with_the_bytes_is_done() {
        for piece in [
            "- [ ] task\n",
            "> quote\n",
            "- a\n  - b\n",
            "[x]: /u\n",
            "| a |\n",
            "|a|\n|-|\n",
            "`",
            "* _",
            "<a ",
            "\n",
            "[",
            "![",
            "*a_ ",
            "*a **a ",
            "[^1]",
            "[a](",
            "&",
            "\\",
            "- ",
            "1. ",
            "[^a]: ",
            "]",
            "a\n",
            "***a ",
            "<!--",
            "~~~\n",
            "[a][b]",
        ] {
            is_read(&format!("a\n\n{}", piece.repeat((1 << 18) / piece.len())), true);
        }
    }
}
