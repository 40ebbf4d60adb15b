use crate::diagnostic::{Code, Diagnostic};

use super::context::{Context, short};

/// A group without any task, its inner groups' included.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (session, map) = (&cx.lifted.session, &cx.lifted.map);
    let mut filled = vec![false; session.groups.len()];
    for group in session.tasks.iter().filter_map(|t| t.group) {
        if let Some(f) = filled.get_mut(group) {
            *f = true;
        }
    }
    for (i, group) in session.groups.iter().enumerate().rev() {
        if let Some(parent) = group.parent.filter(|&p| p < i && filled[i]) {
            filled[parent] = true;
        }
    }
    for ((group, place), filled) in session.groups.iter().zip(&map.groups).zip(filled) {
        if let (false, Some(section)) = (filled, map.sections.get(place.section)) {
            let message = format!("group `{}` has no tasks", short(&group.name));
            out.push(Diagnostic::new(Code::G303, section.heading.whole, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn groups_without_tasks() {
        check(
            Code::G303,
            "# P\n\n## Tasks\n\n### Full\n\n- [ ] a\n\n### Empty\n\nnothing yet\n",
            &[("### Empty", "group `Empty` has no tasks")],
        );
    }
}
