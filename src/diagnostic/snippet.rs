use super::visible::push_visible;
use super::{Diagnostic, Fix, Repair, Severity, visible};
use crate::text::{LineCol, LineIndex, TextRange};
use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt::Write as _;
use std::ops::Range;
use unicode_width::UnicodeWidthChar as _;

/// How many terminal columns of one source line are shown at most.
const COLUMNS: usize = 200;
/// How many of them may stand before the underlined place.
const COLUMNS_BEFORE: usize = 80;
/// How many characters of a message or a title are shown at most.
const TITLE: usize = 400;

/// Draws `diagnostics` with the source lines they are about, as a compiler does:
/// `warning[T103 status-contradiction]: message`, ` --> path:line:column`, the line with the
/// place underlined, and `help:` with the command that would mend it.
///
/// `source` is the text the diagnostics were made for; a place that does not fit it is moved to
/// the nearest one that does. Of a place over several lines the first is shown, of a very long
/// line about 200 columns around the place. Lines and byte columns count from 1. Control and
/// bidirectional characters of path, source and messages are spelled out; without `color` the
/// result holds no escape sequence at all. Empty for no diagnostics, else it ends in a line end.
#[must_use]
pub fn render(path: &str, source: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let lines = LineIndex::new(source);
    let (renderer, arrow) = if color {
        (Renderer::styled().hyperlink(false), DEFAULT_LINE_NUM_STYLE)
    } else {
        (Renderer::plain(), Style::new())
    };
    // Lines are clipped here; the renderer's own clipping would hide the place of long spans.
    let renderer = renderer.term_width(4 * COLUMNS);
    let path = one_line(path);
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let excerpt = Excerpt::new(source, &lines, diagnostic.span);
        let drawn = draw(&renderer, &excerpt, diagnostic);
        // The renderer would count the column in the clipped line, so the place is told here.
        let (title, rest) = drawn.split_once('\n').unwrap_or((&drawn, ""));
        let LineCol { line, column } = excerpt.place;
        let indent = line.to_string().len();
        out.push_str(title);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n{:indent$}{arrow}-->{arrow:#} {path}:{line}:{column}", "");
        out.push_str(rest);
        out.push('\n');
    }
    out
}

fn draw(renderer: &Renderer, excerpt: &Excerpt, diagnostic: &Diagnostic) -> String {
    let info = diagnostic.code.info();
    let mut mark = AnnotationKind::Primary.span(excerpt.marked.clone());
    if excerpt.last_line > excerpt.place.line {
        mark = mark.label(format!("up to line {}", excerpt.last_line));
    }
    let finding = level(info.severity)
        .primary_title(one_line(&diagnostic.message))
        .id(format!("{} {}", info.code, info.name))
        .element(Snippet::source(excerpt.text.as_str()).line_start(excerpt.place.line).annotation(mark));
    match &diagnostic.fix {
        None => renderer.render(&[finding]),
        Some(fix) => renderer.render(&[finding, Group::with_title(Level::HELP.secondary_title(help(fix)))]),
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        Severity::Hint => Level::NOTE.with_name("hint"),
    }
}

fn help(fix: &Fix) -> String {
    let title = one_line(&fix.title);
    match fix.safety {
        Repair::Safe => format!("{title}: `plandown check --fix`"),
        Repair::Unsafe => format!("{title}: `plandown check --unsafe-fixes`"),
        Repair::Manual => title,
    }
}

/// Visible, without line ends and tabs, of bounded length.
fn one_line(text: &str) -> String {
    let mut chars = text.chars();
    let mut head: String = chars.by_ref().take(TITLE).map(|c| if c == '\t' { ' ' } else { c }).collect();
    if chars.next().is_some() {
        head.push('…');
    }
    visible(&head).replace("\r\n", " ").replace('\n', " ")
}

/// The part of a text that is shown for one place.
struct Excerpt {
    /// One line without its end, visible and clipped.
    text: String,
    /// The place within `text`.
    marked: Range<usize>,
    /// Where the place starts in the whole text.
    place: LineCol,
    /// The 1-based line in which it ends.
    last_line: usize,
}

impl Excerpt {
    fn new(source: &str, lines: &LineIndex, span: TextRange) -> Self {
        let start = floor_char_boundary(source, span.start);
        let end = floor_char_boundary(source, span.end).max(start);
        let line = lines.line_of(start);
        let content = lines.content(source, line);
        let from = start.clamp(content.start, content.end);
        let to = end.clamp(from, content.end);

        let before = TextRange::new(content.start, from).of(source);
        let (shown_before, left) = clip(before.chars().rev(), COLUMNS_BEFORE);
        let before = &before[before.len() - shown_before..];
        let marked = TextRange::new(from, to).of(source);
        let (shown_marked, left) = clip(marked.chars(), COLUMNS - COLUMNS_BEFORE + left);
        let after = TextRange::new(from + shown_marked, content.end).of(source);
        let (shown_after, _) = clip(after.chars(), left);

        let mut text = String::new();
        if from - before.len() > content.start {
            text.push('…');
        }
        push_line(&mut text, before);
        let first = text.len();
        push_line(&mut text, &marked[..shown_marked]);
        let last = text.len();
        push_line(&mut text, &after[..shown_after]);
        if shown_after < after.len() {
            text.push('…');
        }
        Self {
            text,
            marked: first..last,
            place: lines.line_col(start),
            last_line: lines.line_of(end.saturating_sub(1).max(start)) + 1,
        }
    }
}

/// How many bytes of `chars` fit into `columns`, and the columns that are left.
fn clip(chars: impl Iterator<Item = char>, columns: usize) -> (usize, usize) {
    let (mut bytes, mut left) = (0, columns);
    for c in chars {
        // A character without width counts too: a thousand combining marks are one cell.
        let width = if c == '\t' { 4 } else { c.width().unwrap_or(6).max(1) };
        if width > left {
            break;
        }
        left -= width;
        bytes += c.len_utf8();
    }
    (bytes, left)
}

fn push_line(out: &mut String, text: &str) {
    for c in text.chars() {
        push_visible(out, c);
    }
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::text::Edit;
    use proptest::prelude::*;

    #[track_caller]
    fn check(source: &str, diagnostic: Diagnostic, expected: &str) {
        assert_eq!(render("session.md", source, &[diagnostic], false), expected);
    }

    fn at(start: usize, end: usize) -> Diagnostic {
        Diagnostic::new(Code::T103, TextRange { start, end }, "m")
    }

    /// Line number, shown line and underline of the first line that is drawn.
    #[track_caller]
    fn check_place(source: &str, span: (usize, usize), place: &str, line: &str, mark: &str) {
        let drawn = render("p", source, &[at(span.0, span.1)], false);
        let gutter = |l: &str| l.split_once('|').map_or(String::new(), |(_, l)| l.trim_end().to_owned());
        let lines: Vec<_> = drawn.lines().collect();
        assert_eq!(lines[1].trim_start(), format!("--> p:{place}"), "{drawn}");
        assert_eq!((gutter(lines[3]), gutter(lines[4])), (line.to_owned(), mark.to_owned()), "{drawn}");
    }

    #[test]
    fn a_finding_with_its_line_and_its_fix() {
        let fix = Fix::safe("add a space after the checkbox", vec![Edit::insert(13, " ")]);
        check(
            "# Plan\n\n- [x]`ship` it\n",
            Diagnostic::new(Code::T105, TextRange::empty(13), "no space after the checkbox").with_fix(fix),
            "\
warning[T105 checkbox-no-space]: no space after the checkbox
 --> session.md:3:6
  |
3 | - [x]`ship` it
  |      ^
  |
help: add a space after the checkbox: `plandown check --fix`
",
        );
        let fix = Fix::unsafe_("drop the info string", Vec::new());
        check(
            "a\nb\n",
            Diagnostic::new(Code::I506, TextRange::new(2, 3), "changed").with_fix(fix),
            "\
info[I506 id-changed]: changed
 --> session.md:2:1
  |
2 | b
  | ^
  |
help: drop the info string: `plandown check --unsafe-fixes`
",
        );
    }

    #[test]
    fn several_findings_are_set_apart() {
        let found = [
            Diagnostic::new(Code::D604, (0..1).into(), "x"),
            Diagnostic::new(Code::F002, (2..3).into(), "y"),
        ];
        let expected = "\
error[D604 dependency-cycle]: x
 --> s:1:1
  |
1 | a
  | ^

hint[F002 bom]: y
 --> s:2:1
  |
2 | b
  | ^
";
        assert_eq!(render("s", "a\nb", &found, false), expected);
        assert_eq!(render("s", "a\nb", &[], false), "");
    }

    #[test]
    fn places_at_the_edges() {
        check_place("", (0, 0), "1:1", "", " ^");
        check_place("a\n", (2, 2), "2:1", "", " ^");
        check_place("a", (usize::MAX, 0), "1:2", " a", "  ^");
        check_place("é", (1, 1), "1:1", " é", " ^");
        check_place("a\r\nb", (1, 3), "1:2", " a", "  ^");
        check_place("a\rb\rc", (2, 3), "2:1", " b", " ^");
        check_place("a\nb\nc\nd", (2, 7), "2:1", " b", " ^ up to line 4");
        check_place("\t\tx\ty", (2, 3), "1:3", "         x    y", "         ^");
        check_place("日本 x", (7, 8), "1:8", " 日本 x", "      ^");
        check_place("日本 x", (0, 6), "1:1", " 日本 x", " ^^^^");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_spelled_out() {
        check_place("a\u{1b}[31mb", (1, 2), "1:2", " a^[[31mb", "  ^^");
        check_place("\u{feff}# T", (0, 3), "1:1", " \\u{feff}# T", " ^^^^^^^^");
        let evil = Diagnostic::new(Code::T103, (0..1).into(), "a\nb\u{1b}]0;x\u{7}\tc");
        assert_eq!(
            render("a\u{202e}b", "x", &[evil], false).lines().take(2).collect::<Vec<_>>(),
            ["warning[T103 status-contradiction]: a b^[]0;x^G c", " --> a\\u{202e}b:1:1"]
        );
        assert!(render("p", "x", &[at(0, 1)], true).contains("\u{1b}["));
    }

    #[test]
    fn long_lines_are_clipped_around_the_place() {
        let source = format!("# T\n{}x{}\n", "ab ".repeat(800_000), "é".repeat(1_000_000));
        let place = 4 + 2_400_000;
        let line = format!(" …{}x{}…", &"ab ".repeat(100)[300 - COLUMNS_BEFORE..], "é".repeat(119));
        check_place(&source, (place, place + 1), "2:2400001", &line, &format!("{:82}^", ""));
        check_place(
            &source,
            (place, usize::MAX),
            "2:2400001",
            &line,
            &format!("{:82}{}", "", "^".repeat(120)),
        );
        let message = Diagnostic::new(Code::T103, (0..9).into(), "y".repeat(1_000_000));
        assert!(render("p", &source, &[message], false).len() < 2000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn never_panics_never_escapes_stays_small(
            parts in prop::collection::vec(prop_oneof![
                any::<String>(),
                "[ \t\r\n\u{1b}\u{200d}\u{202e}\u{300}日é👩x]{0,40}",
                Just(" ".repeat(150)),
                Just("\u{301}".repeat(300)),
            ], 0..6),
            spans in prop::collection::vec((0_usize..700, 0_usize..700), 1..5),
            message in any::<String>(),
        ) {
            let source = parts.concat();
            let found: Vec<_> = spans
                .iter()
                .map(|&(start, end)| Diagnostic::new(Code::L402, TextRange { start, end }, message.clone()))
                .collect();
            let plain = render(&message, &source, &found, false);
            prop_assert!(!plain.contains('\x1b'), "an escape character");
            prop_assert_eq!(visible(&plain), plain.as_str());
            // Title, place, bar, line, underline, and the line between two findings.
            prop_assert_eq!(plain.lines().count(), found.len() * 6 - 1, "{}", plain);
            prop_assert!(render(&message, &source, &found, true).ends_with('\n'));
        }
    }
}
