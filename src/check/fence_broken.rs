use crate::diagnostic::{Code, Count, Diagnostic, Fix};
use crate::document::BlockKind;
use crate::text::{Edit, TextRange};

use super::context::Context;

/// A closing fence may carry no info string; with one it is code, and so is everything below it.
///
/// A line inside a fenced block that looks like such a closing fence is reported where it repeats
/// the opening line, or where the block is never closed, and only if headings or checkboxes are
/// hidden behind it. The text is never read differently from what a renderer shows.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (document, text) = (&cx.lifted.document, cx.text());
    let lines = document.lines();
    for block in document.blocks() {
        let BlockKind::Fenced { closed } = block.kind else { continue };
        let indent = block.range.start.saturating_sub(lines.start(block.first_line));
        let first = TextRange::new(block.range.start, lines.content(text, block.first_line).end);
        let Some(opening) = Fence::at(first.of(text)) else { continue };
        // The block as it was meant: fences open and close in turn.
        let mut inside = Some(opening);
        let mut broken: Option<Broken> = None;
        for line in block.first_line + 1..=block.last_line {
            let place = lines.content(text, line);
            let content = place.of(text);
            let blanks = content.len() - content.trim_start().len();
            let fence = Fence::at(content.trim_start()).filter(|_| blanks <= indent + 3);
            match (inside, fence) {
                (Some(open), Some(f)) if f.closes(open) => {
                    inside = None;
                    if !f.info.is_empty() && (!closed || f.info == open.info) {
                        let info = TextRange::new(place.start + blanks + f.len, place.end);
                        broken = Some(Broken { line: place, info, headings: 0, boxes: 0 });
                    } else if !f.info.is_empty() {
                        inside = Some(open);
                    }
                }
                (None, Some(f)) => {
                    inside = Some(f);
                    report(broken.take(), line, out);
                }
                (None, None) => {
                    if let Some(b) = &mut broken {
                        b.headings += usize::from(is_heading(content));
                        b.boxes += usize::from(is_checkbox(content));
                    }
                }
                (Some(_), _) => {}
            }
        }
        report(broken, block.last_line + 1, out);
    }
}

/// A suspicious line and what stands between it and the next fence.
struct Broken {
    line: TextRange,
    info: TextRange,
    headings: usize,
    boxes: usize,
}

fn report(broken: Option<Broken>, to_line: usize, out: &mut Vec<Diagnostic>) {
    let Some(b) = broken.filter(|b| b.headings + b.boxes > 0) else { return };
    let headings = (b.headings > 0).then(|| Count(b.headings, "heading").to_string());
    let boxes = (b.boxes > 0).then(|| match b.boxes {
        1 => "1 checkbox".to_owned(),
        n => format!("{n} checkboxes"),
    });
    let hidden: Vec<String> = headings.into_iter().chain(boxes).collect();
    let message = format!(
        "closing fence has an info string: the code block runs on, at least to line {to_line}, and hides {}",
        hidden.join(", ")
    );
    let fix = Fix::unsafe_("drop the info string of the closing fence", vec![Edit::delete(b.info)]);
    out.push(Diagnostic::new(Code::L402, b.line, message).with_fix(fix));
}

#[derive(Clone, Copy)]
struct Fence<'a> {
    mark: char,
    len: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn at(line: &'a str) -> Option<Self> {
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let rest = line.trim_start_matches(mark);
        let len = line.len() - rest.len();
        let info = rest.trim();
        (len >= 3 && !(mark == '`' && info.contains('`'))).then_some(Self { mark, len, info })
    }

    fn closes(self, open: Self) -> bool {
        self.mark == open.mark && self.len >= open.len
    }
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start().trim_start_matches('#');
    let level = line.trim_start().len() - rest.len();
    (1..=6).contains(&level) && rest.starts_with([' ', '\t'])
}

fn is_checkbox(line: &str) -> bool {
    let line = line.trim_start();
    let mut rest = line.strip_prefix(['-', '*', '+']).unwrap_or("").trim_start().chars();
    rest.next() == Some('[') && rest.next().is_some() && rest.next() == Some(']')
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn what_a_closing_fence_with_an_info_string_hides() {
        let message = |to: usize, what: &str| {
            format!(
                "closing fence has an info string: the code block runs on, at least to line {to}, and hides {what}"
            )
        };
        check(
            Code::L402,
            "# P\n\n```text\ncode\n```text\n\n## Tasks\n\n- [ ] one\n- [x] two\n",
            &[("```text", &message(10, "1 heading, 2 checkboxes"))],
        );
        // Two pairs: each hides what is between it and the next fence.
        let twice = "# P\n\n```text\na\n```text\n\n## A\n\n```text\nb\n```text\n\n- [ ] B\n";
        check(
            Code::L402,
            twice,
            &[("```text", &message(8, "1 heading")), ("```text", &message(13, "1 checkbox"))],
        );
        fixed(Code::L402, twice, "# P\n\n```text\na\n```\n\n## A\n\n```text\nb\n```\n\n- [ ] B\n");
    }

    #[test]
    fn healthy_code_is_left_alone() {
        check(Code::L402, "````md\n```text\n# a\n```text\n# b\n````\n", &[]);
        check(Code::L402, "```md\n```js\n# a\n```\n", &[]);
        check(Code::L402, "```sh\n# comment\n```\n\n# P\n", &[]);
        check(Code::L402, "```text\na\n```text\nno heading\n", &[]);
    }
}
