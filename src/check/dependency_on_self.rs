use crate::diagnostic::{Code, Diagnostic, Fix};

use super::context::{Context, label};

/// A task that waits for itself, or for the task it is a part of, can never begin.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let tasks = &cx.lifted.session.tasks;
    for reference in cx.references() {
        let Some((from, to)) = reference.edge() else { continue };
        let message = if from == to {
            format!("`{}` depends on itself", label(&tasks[from]))
        } else if is_part_of(cx, from, to) {
            format!("`{}` depends on `{}`, which it is a part of", label(&tasks[from]), label(&tasks[to]))
        } else {
            continue;
        };
        let fix = Fix::safe("remove the dependency", vec![reference.removal.clone()]);
        out.push(Diagnostic::new(Code::D605, reference.span, message).with_fix(fix));
    }
}

fn is_part_of(cx: &Context<'_>, task: usize, whole: usize) -> bool {
    let tasks = &cx.lifted.session.tasks;
    // A parent stands before its subtasks, so this ends.
    let mut at = tasks[task].parent;
    while let Some(parent) = at.filter(|&p| p >= whole && p < tasks.len()) {
        if parent == whole {
            return true;
        }
        at = tasks[parent].parent.filter(|&p| p < parent);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn waiting_for_oneself() {
        let text = "# P\n\n## G\n\n- [ ] a  [dependsOn:: t-a] ^t-a\n  - [ ] b  [dependsOn:: t-c, t-a, t-b] ^t-b\n- [ ] c  [dependsOn:: t-b] ^t-c\n";
        check(
            Code::D605,
            text,
            &[
                ("t-a", "`t-a` depends on itself"),
                ("t-a", "`t-b` depends on `t-a`, which it is a part of"),
                ("t-b", "`t-b` depends on itself"),
            ],
        );
        fixed(
            Code::D605,
            text,
            "# P\n\n## G\n\n- [ ] a ^t-a\n  - [ ] b  [dependsOn:: t-c] ^t-b\n- [ ] c  [dependsOn:: t-b] ^t-c\n",
        );
    }

    #[test]
    fn a_whole_may_wait_for_its_parts() {
        check(Code::D605, "# P\n\n## G\n\n- [ ] a  [dependsOn:: t-b] ^t-a\n  - [ ] b ^t-b\n", &[]);
    }
}
