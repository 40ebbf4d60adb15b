use std::borrow::Cow;

/// A text on one line: line ends and runs of blanks become one blank, control characters and
/// bidirectional controls go, and no comment can begin in it.
///
/// Everything else stays as its author wrote it, Markdown included.
pub(super) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !is_bidi(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out.replace("<!--", "&lt;!--")
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}

/// A heading's text: a `#` at its end stays part of it.
pub(super) fn heading(text: &str) -> String {
    let text = line(text);
    let bare = text.trim_end_matches('#');
    // Only hashes behind a blank, or alone, would be taken for the end of the heading.
    if bare.len() < text.len() && (bare.is_empty() || bare.ends_with(' ')) {
        format!("{bare}\\{}", &text[bare.len()..])
    } else {
        text
    }
}

/// A value in a `**Key**: value` line: header lines are one paragraph, so nothing in it may pair
/// with what stands in the next line.
pub(super) fn field(text: &str) -> String {
    let text = line(text);
    let mut out = text.clone();
    if !text.matches('`').count().is_multiple_of(2) {
        out = out.replace('`', "'");
    }
    if out.contains('<') && !out.contains("&lt;!--") {
        out = out.replace('<', "&lt;");
    }
    // A backslash at the end would be a line break or take the blank behind it.
    if out.ends_with('\\') {
        out.push('\\');
    }
    out
}

/// The beginning of a list item or paragraph: what would open another block is text.
pub(super) fn item(text: &str) -> String {
    let text = line(text);
    match opener(&text) {
        Some(at) => format!("{}\\{}", &text[..at], &text[at..]),
        None => text,
    }
}

/// A table's cell.
pub(super) fn cell(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('|', "\\|")
}

/// Where a backslash keeps this line from opening a block: the byte of the sign, or of the dot
/// behind a number.
fn opener(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match first {
        '#' | '>' | '<' | '|' => Some(0),
        '=' | '_' => is_rule(line, first).then_some(0),
        '-' | '+' | '*' => {
            (line[1..].is_empty() || line[1..].starts_with(' ') || is_rule(line, first)).then_some(0)
        }
        '`' | '~' => line.starts_with(&first.to_string().repeat(3)).then_some(0),
        _ if digits > 0 && line[digits..].starts_with(['.', ')']) => Some(digits),
        _ => None,
    }
}

fn is_rule(line: &str, sign: char) -> bool {
    line.chars().all(|c| c == sign || c == ' ')
}

/// Several lines of somebody's Markdown inside a section of ours: lists, emphasis and code stay,
/// while nothing can end the section, begin another one, or swallow what follows.
///
/// Headings and rules become text; fences that are not closed, or not at the margin, do too.
pub(super) fn block(text: &str) -> String {
    let cleaned: Cow<'_, str> = if text.contains(|c: char| (c.is_control() && c != '\n') || is_bidi(c)) {
        let unix =
            text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ");
        unix.chars().filter(|&c| c == '\n' || !(c.is_control() || is_bidi(c))).collect::<String>().into()
    } else {
        text.into()
    };
    let lines: Vec<&str> = cleaned.trim_matches('\n').lines().collect();
    let mut out: Vec<Cow<'_, str>> = Vec::with_capacity(lines.len());
    let mut i = 0;
    // The shortest fences that are known to be closed nowhere below: of backticks, of tildes.
    let mut never = [usize::MAX; 2];
    while i < lines.len() {
        if let Some(end) = fence_end(&lines, i, &mut never) {
            out.extend(lines[i..=end].iter().map(|&l| Cow::Borrowed(l)));
            i = end + 1;
            continue;
        }
        out.push(calm(lines[i]));
        i += 1;
    }
    // Blanks at the margin of the first line would make code of it.
    let joined = out.join("\n");
    joined.trim_end().trim_start_matches('\n').to_owned()
}

/// The closing line of a fence that opens at the margin of line `at`.
fn fence_end(lines: &[&str], at: usize, never: &mut [usize; 2]) -> Option<usize> {
    let open = lines[at];
    let sign = open.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let len = open.len() - open.trim_start_matches(sign).len();
    if len < 3 || (sign == '`' && open[len..].contains('`')) {
        return None;
    }
    let never = &mut never[usize::from(sign == '~')];
    if len >= *never {
        return None;
    }
    let end = (at + 1..lines.len()).find(|&i| {
        let l = lines[i].trim_end();
        l.len() >= len && l.chars().all(|c| c == sign)
    });
    if end.is_none() {
        *never = len;
    }
    end
}

/// One line outside fences: headings, rules, raw HTML, fences and markers are text.
fn calm(line: &str) -> Cow<'_, str> {
    // Behind quotes and list markers a heading is a heading too.
    let mut at = 0;
    loop {
        let rest = &line[at..];
        let body = rest.trim_start_matches(' ');
        at += rest.len() - body.len();
        let digits = body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let is_rule = !body.is_empty() && body.chars().all(|c| matches!(c, '-' | '*' | '_' | '=' | ' '));
        let marker = match body.chars().next() {
            _ if is_rule => 0,
            Some('>') if !body.starts_with(">>>>>>>") => 1,
            Some('-' | '+' | '*') if body[1..].starts_with(' ') => 1,
            _ if (1..=9).contains(&digits)
                && body[digits..].starts_with(['.', ')'])
                && body[digits + 1..].starts_with(' ') =>
            {
                digits + 1
            }
            _ => 0,
        };
        if marker == 0 {
            let starts = ["#", "<", "```", "~~~", ">>>>>>>", "|||||||", "["];
            // `[x]: y` would define a link and make a link of every checkbox.
            let is_definition = body.starts_with('[') && body.contains("]:");
            let hit = is_rule || starts.iter().any(|s| body.starts_with(s) && (*s != "[" || is_definition));
            let text = &line[at..];
            // A comment in the middle could hide what follows.
            let has_comment = text.get(1..).is_some_and(|t| t.contains("<!--"));
            if !hit && !has_comment {
                return line.into();
            }
            let text = if hit { format!("\\{text}") } else { text.to_owned() };
            let text = text.replace("<!--", "\\<!--").replace("\\\\<!--", "\\<!--");
            return Cow::Owned(format!("{}{text}", &line[..at]));
        }
        at += marker;
    }
}

/// Text that stands among tasks: an item that begins with a checkbox would be taken for one.
pub(super) fn no_boxes(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let body = line.trim_start_matches([' ', '\t', '>', '-', '*', '+', '.', ')']);
        let body =
            body.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' ' | '\t'));
        let at = line.len() - body.len();
        if at > 0 && body.starts_with('[') { format!("{}\\{body}", &line[..at]) } else { line.to_owned() }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_one_line() {
        for (text, expected) in [
            ("a\n# b\u{1b}[0m\r\n  c ", "a # b[0m c"),
            ("x <!-- y", "x &lt;!-- y"),
            ("a\u{202e}b\u{2028}c", "ab c"),
            ("*all* `of` it {{ x }}", "*all* `of` it {{ x }}"),
        ] {
            assert_eq!(line(text), expected);
        }
        assert_eq!(heading("C#"), "C#");
        assert_eq!(heading("C ##"), "C \\##");
        assert_eq!(heading("###"), "\\###");
        assert_eq!(field("a ` b \\"), "a ' b \\\\");
        assert_eq!(field("<b"), "&lt;b");
        assert_eq!(cell("a|b\nc"), "a\\|b c");
    }

    #[test]
    fn items_open_no_other_block() {
        for (text, expected) in [
            ("# x", "\\# x"),
            ("- x", "\\- x"),
            ("-x", "-x"),
            ("1. x", "1\\. x"),
            ("2025 was", "2025 was"),
            ("```", "\\```"),
            ("> x", "\\> x"),
            ("***", "\\***"),
            ("*a* b", "*a* b"),
        ] {
            assert_eq!(item(text), expected, "{text}");
        }
    }

    #[test]
    fn boxes_among_tasks_are_text() {
        assert_eq!(super::no_boxes("a\n1. [ ] b\n- [x] c\n[d](e)\n"), "a\n1. \\[ ] b\n- \\[x] c\n[d](e)\n");
    }

    #[test]
    fn blocks_keep_what_is_harmless() {
        for (text, expected) in [
            ("a\n\n- b\n  1. c\n> d", "a\n\n- b\n  1. c\n> d"),
            ("```sh\n# c\n```\nx", "```sh\n# c\n```\nx"),
            ("```sh\n# c\nx", "\\```sh\n\\# c\nx"),
            ("  ```\nx", "  \\```\nx"),
            ("# a\n- # b\n> 1. ## c", "\\# a\n- \\# b\n> 1. \\## c"),
            ("a\n---\nb\n===\n***", "a\n\\---\nb\n\\===\n\\***"),
            ("<!-- plandown:begin x -->\n<div>", "\\<!-- plandown:begin x -->\n\\<div>"),
            ("<<<<<<< a\n=======\n>>>>>>> b", "\\<<<<<<< a\n\\=======\n\\>>>>>>> b"),
            ("[x]: y\n[a](b)", "\\[x]: y\n[a](b)"),
            ("a\r\nb\rc\u{0}\td\n\n", "a\nb\nc    d"),
        ] {
            assert_eq!(block(text), expected, "{text:?}");
        }
    }
}
