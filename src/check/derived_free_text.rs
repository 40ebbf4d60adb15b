use crate::diagnostic::{Code, Diagnostic};
use crate::model::{counts_tasks, is_derived, matches_grammar};

use super::context::{Context, short};
use super::derived_stale::lines;

/// A derived line whose value a person wrote: it is never brought up to date.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let session = &cx.lifted.session;
    for line in lines(cx.lifted) {
        let value = line.value.trim();
        let mirror = value == session.id || value == session.directory;
        // Outside Key Metrics, `**Completed**: 2025-06-08` is a fact.
        if value.is_empty() || mirror || (counts_tasks(line.key) && !line.metric) {
            continue;
        }
        if is_derived(line.key) && !matches_grammar(line.key, value) {
            let message = format!("`{}` holds free text (`{}`); it is left alone", line.key, short(value));
            out.push(Diagnostic::new(Code::R706, line.place.value, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn words_of_a_person() {
        check(
            Code::R706,
            "# P\n\n**Progress**: about half  \n**Session ID**: plan  \n**Completed**: 2025-06-08  \n**Status**: Active\n\n## Tasks\n\n### G\n\n**Progress**: 40%\n\n- [ ] a\n",
            &[
                ("about half", "`Progress` holds free text (`about half`); it is left alone"),
                ("40%", "`Progress` holds free text (`40%`); it is left alone"),
            ],
        );
    }
}
