use crate::diagnostic::{Code, Diagnostic, List, did_you_mean};
use crate::model::{Target, TaskId};

use super::context::Context;

/// How many pairs of words are compared for suggestions in one file, at most.
const COMPARISONS: usize = 200_000;

/// A dependency that names no task of this session.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut ids: Option<Vec<&str>> = None;
    let mut left = COMPARISONS;
    for reference in cx.references().iter().filter(|r| r.target == Target::Unknown) {
        let written = reference.span.of(cx.text());
        let wanted = written.trim_start_matches('^');
        let mut message = format!("unknown task `{wanted}`");
        let ids = ids.get_or_insert_with(|| {
            cx.lifted.session.tasks.iter().filter_map(|t| t.id.as_ref()).map(TaskId::as_str).collect()
        });
        if left >= ids.len() {
            left -= ids.len();
            let near = did_you_mean(wanted, ids.iter().copied().filter(|id| could_be(wanted, id)));
            if !near.is_empty() {
                message = format!("{message}; did you mean {}?", List(&near, "or"));
            }
        }
        out.push(Diagnostic::new(Code::D601, reference.span, message));
    }
}

/// Whether `id` is near enough in length and letters to be compared closely.
fn could_be(word: &str, id: &str) -> bool {
    let rest: usize = word.bytes().filter(|b| id.as_bytes().contains(&b.to_ascii_lowercase())).count();
    id.starts_with(word) || (word.len().abs_diff(id.len()) <= 2 && rest + 2 >= word.len())
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn nobody_of_that_name() {
        check(
            Code::D601,
            "# P\n\n## G\n\n- [ ] a ^t-4k2m9p\n- [ ] b  [dependsOn:: t-4k2m9q, t-4k2m9p, \"No such\", other#t-1]\n- [ ] c  [blocks:: t-zzzzzz]\n",
            &[
                ("t-4k2m9q", "unknown task `t-4k2m9q`; did you mean `t-4k2m9p`?"),
                ("\"No such\"", "unknown task `\"No such\"`"),
                ("t-zzzzzz", "unknown task `t-zzzzzz`"),
            ],
        );
    }
}
