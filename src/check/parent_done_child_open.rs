use crate::diagnostic::{Code, Count, Diagnostic};
use crate::model::TaskStatus;

use super::context::{Context, label};

/// A completed task with open subtasks: one of them is not true.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let tasks = &cx.lifted.session.tasks;
    let mut open: Vec<(usize, usize)> = vec![(0, 0); tasks.len()];
    for (i, task) in tasks.iter().enumerate().rev() {
        if let (true, Some(parent)) = (task.status.is_open(), task.parent.and_then(|p| open.get_mut(p))) {
            *parent = (parent.0 + 1, i);
        }
    }
    for (i, place) in cx.lifted.map.tasks.iter().enumerate().take(tasks.len()) {
        let (count, first) = open[i];
        if count == 0 || tasks[i].status != TaskStatus::Completed {
            continue;
        }
        let more = match count {
            1 => String::new(),
            n => format!(" (and {})", Count(n - 1, "other")),
        };
        let message = format!("done, but its subtask `{}`{more} is open", label(&tasks[first]));
        out.push(Diagnostic::new(Code::T116, place.symbol, message));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn done_too_early() {
        check(
            Code::T116,
            "# P\n\n## G\n\n- [x] a\n  - [ ] b ^t-b\n  - [x] c\n  - [ ] d\n- [x] e (Cancelled)\n  - [ ] f\n- [x] g\n  - [-] h\n",
            &[("x", "done, but its subtask `t-b` (and 1 other) is open")],
        );
    }
}
