use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Fix};

use super::context::{Context, label};

/// One edge stated twice, in one list or as `dependsOn` here and `blocks` there.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let tasks = &cx.lifted.session.tasks;
    let mut seen = HashSet::new();
    for reference in cx.references() {
        let Some((from, to)) = reference.edge() else { continue };
        if from == to || seen.insert((from, to)) {
            continue;
        }
        let message =
            format!("that `{}` waits for `{}` is stated already", label(&tasks[from]), label(&tasks[to]));
        let fix = Fix::safe("remove the second statement", vec![reference.removal.clone()]);
        out.push(Diagnostic::new(Code::D608, reference.span, message).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn once_is_enough() {
        let text = "# P\n\n## G\n\n- [ ] a  [blocks:: t-b, t-c] ^t-a\n- [ ] b  [dependsOn:: t-a] ^t-b\n- [ ] c ^t-c\n- [ ] d  [dependsOn:: t-a, t-c, ^T-A] ^t-d\n";
        check(
            Code::D608,
            text,
            &[
                ("t-a", "that `t-b` waits for `t-a` is stated already"),
                ("^T-A", "that `t-d` waits for `t-a` is stated already"),
            ],
        );
        fixed(
            Code::D608,
            text,
            "# P\n\n## G\n\n- [ ] a  [blocks:: t-b, t-c] ^t-a\n- [ ] b ^t-b\n- [ ] c ^t-c\n- [ ] d  [dependsOn:: t-a, t-c] ^t-d\n",
        );
    }
}
