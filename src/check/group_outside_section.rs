use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::document::BlockKind;
use crate::model::{SectionKind, norm};
use crate::text::{Edit, TextRange};

use super::context::{Context, short};

/// Headings that plans use for checklists which are no work to be planned.
const CHECKLISTS: &[&str] = &[
    "acceptance criteria",
    "checklist",
    "definition of done",
    "definition of ready",
    "exit criteria",
    "success criteria",
    "validation",
    "verification",
];

/// A heading of the task section's own level ends it; checkboxes below that heading are orphans.
///
/// Only sections that follow the task section without a reserved one in between, and that are
/// not named like a checklist, count as groups gone astray.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let map = &cx.lifted.map;
    for section in astray(cx) {
        let Some((heading, whole)) = map.sections.get(section).map(|s| (s.heading, s.whole)) else {
            continue;
        };
        let boxes = cx.loose_boxes().iter().filter(|b| whole.contains(b.line.start)).count();
        let noun = if boxes == 1 { "checkbox below it belongs" } else { "checkboxes below it belong" };
        let message = format!(
            "`{}` ends the task section; {boxes} {noun} to no group",
            short(heading.name.of(cx.text()))
        );
        let mut found = Diagnostic::new(Code::G304, heading.whole, message);
        let inner = map.sections.iter().filter(|s| whole.covers(s.heading.whole));
        let starts: Option<Vec<Edit>> =
            inner.map(|s| deeper(cx, s.heading.whole).map(|at| Edit::insert(at, "#"))).collect();
        if let Some(edits) = starts {
            found = found.with_fix(Fix::safe("move the heading one level down", edits));
        }
        out.push(found);
    }
}

/// The sections right behind the task section that look like groups gone astray.
fn astray(cx: &Context<'_>) -> Vec<usize> {
    let sections = &cx.lifted.session.sections;
    let Some(first) = sections.iter().position(|s| s.kind == SectionKind::TaskGroups) else {
        return Vec::new();
    };
    let level = sections[first].level;
    let mut found = Vec::new();
    for (i, section) in sections.iter().enumerate().skip(first + 1) {
        if section.level > level {
            continue;
        }
        let name = norm(&section.title);
        let Some(place) = cx.lifted.map.sections.get(i) else { break };
        let boxes = cx.loose_boxes();
        let at = boxes.partition_point(|b| b.line.start < place.whole.start);
        let filled = boxes.get(at).is_some_and(|b| place.whole.contains(b.line.start));
        if section.level < level
            || section.kind != SectionKind::Other
            || CHECKLISTS.contains(&name.as_str())
            || !filled
        {
            break;
        }
        found.push(i);
    }
    found
}

/// Where a `#` makes a heading one level deeper; `None` for underlined, split and level-6 ones.
fn deeper(cx: &Context<'_>, heading: TextRange) -> Option<usize> {
    let blocks = cx.lifted.document.blocks();
    let at = blocks.binary_search_by_key(&heading.start, |b| b.range.start).ok()?;
    match blocks[at].kind {
        BlockKind::Heading { level: 1..=5, setext: false, .. } if blocks[at].range.covers(heading) => {
            Some(heading.start)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn a_stray_heading_in_the_middle_of_the_groups() {
        let text = "# P\n\n## Tasks\n\n### A\n\n- [ ] a\n\n## B\n\n- [ ] b\n  - [ ] b1\n\n### C\n\n- [x] c\n";
        check(
            Code::G304,
            text,
            &[("## B", "`B` ends the task section; 3 checkboxes below it belong to no group")],
        );
        fixed(
            Code::G304,
            text,
            "# P\n\n## Tasks\n\n### A\n\n- [ ] a\n\n### B\n\n- [ ] b\n  - [ ] b1\n\n#### C\n\n- [x] c\n",
        );
    }

    #[test]
    fn reserved_sections_and_checklists_end_it_rightly() {
        for title in ["Session Notes", "✅ Acceptance criteria", "Change Log"] {
            check(
                Code::G304,
                &format!("# P\n\n## Tasks\n\n### A\n\n- [ ] a\n\n## {title}\n\n- [ ] b\n"),
                &[],
            );
        }
        check(Code::G304, "# P\n\n## One\n\n- [ ] a\n\n## Two\n\n- [ ] b\n", &[]);
        check(Code::G304, "# P\n\n## Tasks\n\n### A\n\n- [ ] a\n\n## B\n\ntext\n\n## C\n\n- [ ] c\n", &[]);
    }

    #[test]
    fn an_underlined_heading_is_for_a_person_to_move() {
        let text = "# P\n\n## Tasks\n\n### A\n\n- [ ] a\n\nB\n---\n\n- [ ] b\n";
        check(
            Code::G304,
            text,
            &[("B\n---", "`B` ends the task section; 1 checkbox below it belongs to no group")],
        );
        fixed(Code::G304, text, text);
    }
}
