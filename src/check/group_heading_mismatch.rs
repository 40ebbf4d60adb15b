use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::model::{SectionKind, norm};
use crate::text::{Edit, TextRange};

use super::context::{Context, short};

const PHRASE: &str = "tasks in ";

/// `#### Tasks in X` below a group that is named otherwise, mostly after a rename.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (session, map, text) = (&cx.lifted.session, &cx.lifted.map, cx.text());
    let mut group = None;
    let mut next = map.groups.iter().enumerate().peekable();
    for (i, (section, place)) in session.sections.iter().zip(&map.sections).enumerate() {
        while let Some((g, _)) = next.next_if(|(_, g)| g.section <= i) {
            group = Some(g);
        }
        let Some(named) = group.and_then(|g| session.groups.get(g)) else { continue };
        let content = place.heading.content;
        if section.kind != SectionKind::GroupPart || !norm(&section.title).starts_with(PHRASE) {
            continue;
        }
        // Lower-casing ASCII keeps the places.
        let Some(at) = content.of(text).to_ascii_lowercase().find(PHRASE) else { continue };
        let said = TextRange::new(content.start + at + PHRASE.len(), content.end);
        if norm(said.of(text)) == norm(&named.name) {
            continue;
        }
        let message =
            format!("heading says `{}`, but the group is `{}`", short(said.of(text)), short(&named.name));
        let mut found = Diagnostic::new(Code::G306, place.heading.whole, message);
        if !named.name.is_empty() && !place.heading.split {
            let fix = Fix::safe("name the group", vec![Edit::replace(said, named.name.as_str())]);
            found = found.with_fix(fix);
        }
        out.push(found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn the_heading_names_its_group() {
        let text = "# P\n\n## Tasks\n\n### API\n\n#### Tasks in Backend\n\n- [ ] a\n\n### UI\n\n#### tasks in ui\n\n- [ ] b\n";
        check(
            Code::G306,
            text,
            &[("#### Tasks in Backend", "heading says `Backend`, but the group is `API`")],
        );
        fixed(Code::G306, text, &text.replace("in Backend", "in API"));
    }
}
