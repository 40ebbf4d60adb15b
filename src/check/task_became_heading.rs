use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::document::BlockKind;
use crate::text::Edit;

use super::context::{Context, short};

/// `---` or `===` at a task's own indent underlines it: the task is a heading now.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (document, text) = (&cx.lifted.document, cx.text());
    let blocks = document.blocks();
    for block in blocks {
        let BlockKind::Heading { setext: true, content, .. } = block.kind else { continue };
        let in_item = block
            .parent
            .and_then(|p| blocks.get(p))
            .is_some_and(|p| matches!(p.kind, BlockKind::Item | BlockKind::TaskItem { .. }));
        let mut title = content.of(text).chars();
        let boxed = title.next() == Some('[') && title.next().is_some() && title.next() == Some(']');
        if !in_item || !boxed {
            continue;
        }
        let name = title.as_str().lines().next().unwrap_or("").trim();
        let eol = document.lines().dominant_eol().as_str();
        let underline = document.lines().start(block.last_line);
        let fix = Fix::safe("put a blank line before the underline", vec![Edit::insert(underline, eol)]);
        let message = format!("the task `{}` became a heading by the line below it", short(name));
        out.push(Diagnostic::new(Code::L406, block.range, message).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn an_underlined_task() {
        let text = "# P\n\n## Tasks\n\n### G\n\n- [ ] one\n  ---\n- [ ] two\n";
        check(
            Code::L406,
            text,
            &[("[ ] one\n  ---", "the task `one` became a heading by the line below it")],
        );
        fixed(Code::L406, text, "# P\n\n## Tasks\n\n### G\n\n- [ ] one\n\n  ---\n- [ ] two\n");
        check(Code::L406, "# P\n\n- [ ] one\n---\n\nTitle\n---\n\n- Item\n  ---\n", &[]);
    }
}
