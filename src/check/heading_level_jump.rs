use crate::diagnostic::{Code, Diagnostic};

use super::context::Context;

/// A heading more than one level below the one before it.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (session, map) = (&cx.lifted.session, &cx.lifted.map);
    let title = map.title.map(|t| (t.whole, 1));
    let sections = session.sections.iter().zip(&map.sections).map(|(s, p)| (p.heading.whole, s.level));
    let mut headings: Vec<_> = title.into_iter().chain(sections).collect();
    headings.sort_by_key(|(whole, _)| whole.start);
    for pair in headings.windows(2) {
        let [(_, above), (span, level)] = pair else { continue };
        if *level > above + 1 {
            out.push(Diagnostic::new(
                Code::L405,
                *span,
                format!("heading level jumps from {above} to {level}"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn only_downward_jumps_count() {
        check(
            Code::L405,
            "# P\n\n### A\n\n## B\n\n#### C\n\n# D\n\n## E\n",
            &[("### A", "heading level jumps from 1 to 3"), ("#### C", "heading level jumps from 2 to 4")],
        );
        check(Code::L405, "### First may be anything\n\n#### A\n\n## B\n", &[]);
    }
}
