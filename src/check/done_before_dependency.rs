use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Target, TaskStatus};

use super::context::{Context, label};

/// A completed task whose dependency is still open.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let tasks = &cx.lifted.session.tasks;
    for (i, place) in cx.lifted.map.tasks.iter().enumerate().take(tasks.len()) {
        if tasks[i].status != TaskStatus::Completed {
            continue;
        }
        let open = cx.graph().dependencies(i).find_map(|edge| match edge.to {
            Target::Task(t) if t != i && tasks[t].status.is_open() => Some(t),
            _ => None,
        });
        if let Some(open) = open {
            let message = format!("done before its dependency `{}`", label(&tasks[open]));
            out.push(Diagnostic::new(Code::D606, place.symbol, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn out_of_order() {
        check(
            Code::D606,
            "# P\n\n## G\n\n- [ ] a ^t-a\n- [x] b  [dependsOn:: t-a]\n- [x] c (Cancelled)  [dependsOn:: t-a]\n- [-] d ^t-d\n- [x] e  [dependsOn:: t-d]\n",
            &[("x", "done before its dependency `t-a`")],
        );
    }
}
