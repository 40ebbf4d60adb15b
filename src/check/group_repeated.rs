use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::norm;

use super::context::{Context, short};

/// Two groups of one name under the same heading: nobody can name the second one.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (session, map) = (&cx.lifted.session, &cx.lifted.map);
    let enclosing = enclosing_sections(cx);
    let mut seen = HashMap::new();
    for (group, place) in session.groups.iter().zip(&map.groups) {
        let Some(heading) = map.sections.get(place.section) else { continue };
        let above = enclosing.get(place.section).copied().flatten();
        let line = cx.lifted.document.lines().line_of(heading.heading.whole.start) + 1;
        let first = *seen.entry((above, norm(&group.name))).or_insert(line);
        if first != line {
            let message = format!("two groups named `{}`; the first is on line {first}", short(&group.name));
            out.push(Diagnostic::new(Code::G301, heading.heading.whole, message));
        }
    }
}

/// For every section, the section it is a subsection of.
fn enclosing_sections(cx: &Context<'_>) -> Vec<Option<usize>> {
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut found = Vec::new();
    for (i, section) in cx.lifted.session.sections.iter().enumerate() {
        while open.last().is_some_and(|(level, _)| *level >= section.level) {
            open.pop();
        }
        found.push(open.last().map(|(_, i)| *i));
        open.push((section.level, i));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn equal_names_under_one_heading() {
        check(
            Code::G301,
            "# P\n\n## Tasks\n\n### API\n\n- [ ] a\n\n### 🔧 api!\n\n- [ ] b\n",
            &[("### 🔧 api!", "two groups named `🔧 api!`; the first is on line 5")],
        );
        check(
            Code::G301,
            "# P\n\n## Phase 1\n\n### Tests\n\n- [ ] a\n\n## Phase 2\n\n### Tests\n\n- [ ] b\n",
            &[],
        );
    }
}
