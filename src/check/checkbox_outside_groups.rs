use crate::diagnostic::{Code, Diagnostic};

use super::context::Context;

/// A checkbox outside the groups is a note. Said once for a checkbox and all below it.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for found in cx.loose_boxes().iter().filter(|b| !b.nested) {
        out.push(Diagnostic::new(
            Code::T110,
            found.line,
            "checkbox outside the task groups is a note, not a task",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn notes_with_boxes() {
        let note = "checkbox outside the task groups is a note, not a task";
        check(
            Code::T110,
            "# P\n\n## Tasks\n\n### A\n\n- [ ] a\n\n## Session Notes\n\n- [ ] b\n  - [ ] c\n- [x] d\n\n> - [ ] quoted\n",
            &[("- [ ] b", note), ("- [x] d", note)],
        );
        check(Code::T110, "# P\n\n## Frontend\n\n- [ ] a\n  - [ ] b\n", &[]);
    }
}
