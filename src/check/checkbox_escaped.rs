use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::document::BlockKind;
use crate::model::TaskStatus;
use crate::text::{Edit, TextRange};

use super::context::Context;

/// Some formatters write `- \[/] task` for `- [/] task`; then it is a task for nobody any more.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (document, text) = (&cx.lifted.document, cx.text());
    for block in document.blocks() {
        if block.kind != BlockKind::Item {
            continue;
        }
        let end = document.lines().content(text, block.first_line).end;
        let line = TextRange::new(block.range.start, end).of(text);
        let Some((symbol, backslashes)) = escaped(line) else { continue };
        let place = |at: usize| TextRange::new(block.range.start + at, block.range.start + at + 1);
        let edits = backslashes.iter().map(|&at| Edit::delete(place(at))).collect();
        let first = backslashes.first().copied().unwrap_or(0);
        out.push(
            Diagnostic::new(
                Code::L404,
                place(first),
                format!("escaped checkbox `\\[{symbol}]`: not a task any more"),
            )
            .with_fix(Fix::safe("drop the backslash", edits)),
        );
    }
}

/// The symbol, and where the backslashes are, in a line that begins with a list marker.
fn escaped(line: &str) -> Option<(char, Vec<usize>)> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(['-', '*', '+', '.', ')'])?;
    let rest = rest.trim_start_matches([' ', '\t']).strip_prefix("\\[")?;
    let open = line.len() - rest.len() - 2;
    let symbol = rest.chars().next()?;
    TaskStatus::of_symbol(symbol)?;
    let close = rest.get(symbol.len_utf8()..)?;
    let mut backslashes = vec![open];
    let after = match close.strip_prefix("\\]") {
        Some(after) => {
            backslashes.push(open + 2 + symbol.len_utf8());
            after
        }
        None => close.strip_prefix(']')?,
    };
    after.starts_with([' ', '\t']).then_some((symbol, backslashes))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn escaped_boxes() {
        let text = "# P\n\n## Tasks\n\n### G\n\n- \\[/] half\n* \\[ \\] both\n1. \\[x] done\n";
        check(
            Code::L404,
            text,
            &[
                ("\\", "escaped checkbox `\\[/]`: not a task any more"),
                ("\\", "escaped checkbox `\\[ ]`: not a task any more"),
                ("\\", "escaped checkbox `\\[x]`: not a task any more"),
            ],
        );
        fixed(Code::L404, text, "# P\n\n## Tasks\n\n### G\n\n- [/] half\n* [ ] both\n1. [x] done\n");
    }

    #[test]
    fn other_brackets_are_text() {
        check(Code::L404, "- \\[link] a\n- \\[z] b\n- \\[x]c\n- [ ] d\n- a \\[x] e\n\n\\[x] f\n", &[]);
    }
}
