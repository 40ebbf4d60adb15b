use crate::diagnostic::{Code, Diagnostic};
use crate::model::SectionKind;

use super::context::{Context, short};

/// A reserved section that appears twice. Both are read; new entries go to the first.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(SectionKind, usize)> = Vec::new();
    for (section, place) in cx.lifted.session.sections.iter().zip(&cx.lifted.map.sections) {
        if matches!(section.kind, SectionKind::Group | SectionKind::GroupPart | SectionKind::Other) {
            continue;
        }
        let line = cx.lifted.document.lines().line_of(place.heading.whole.start) + 1;
        match seen.iter().find(|(kind, _)| *kind == section.kind) {
            Some((_, first)) => out.push(Diagnostic::new(
                Code::N802,
                place.heading.whole,
                format!(
                    "section `{}` is there already, on line {first}; both are read",
                    short(&section.title)
                ),
            )),
            None => seen.push((section.kind, line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn reserved_twice() {
        check(
            Code::N802,
            "# P\n\n## Session Notes\n\na\n\n## Other\n\n## Other\n\n## Notes\n\nb\n",
            &[("## Notes", "section `Notes` is there already, on line 3; both are read")],
        );
    }
}
