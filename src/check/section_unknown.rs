use crate::diagnostic::{Code, Diagnostic};
use crate::model::SectionKind;

use super::context::{Context, short};

/// A section whose heading has no meaning here. It is kept and can be searched. Only when asked.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for (section, place) in cx.lifted.session.sections.iter().zip(&cx.lifted.map.sections) {
        if section.kind == SectionKind::Other {
            let message = format!("unknown section `{}` is indexed as notes", short(&section.title));
            out.push(Diagnostic::new(Code::N801, place.heading.whole, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, read};
    use super::*;

    #[test]
    fn only_when_asked() {
        let text = "# P\n\n## Background\n\ntext\n\n## Session Notes\n\na\n";
        check(Code::N801, text, &[("## Background", "unknown section `Background` is indexed as notes")]);
        assert!(super::super::run(&read(text)).iter().all(|d| d.code != Code::N801));
    }
}
