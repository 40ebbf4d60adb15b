use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::format::TaskSpan;
use crate::model::{Field, Task, TaskStatus};
use crate::text::Edit;

use super::context::{Context, label};

/// All subtasks are closed and at least one is done, but the task itself is open.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let tasks = &cx.lifted.session.tasks;
    let mut below: Vec<(bool, bool)> = vec![(false, false); tasks.len()];
    for task in tasks {
        if let Some((open, done)) = task.parent.and_then(|p| below.get_mut(p)) {
            *open |= task.status.is_open();
            *done |= task.status == TaskStatus::Completed;
        }
    }
    for ((task, place), (open, done)) in tasks.iter().zip(&cx.lifted.map.tasks).zip(below) {
        if open || !done || !task.status.is_open() {
            continue;
        }
        let message = format!("all subtasks are done, but `{}` is open", label(task));
        let fix = Fix::safe("tick the task", ticked(task, place));
        out.push(Diagnostic::new(Code::T117, place.symbol, message).with_fix(fix));
    }
}

/// The splices that complete a task: checkbox, word, status field, and an effort that was an
/// estimate stays one.
fn ticked(task: &Task, place: &TaskSpan) -> Vec<Edit> {
    let mut edits = vec![Edit::replace(place.symbol, "x")];
    if let Some(word) = place.word {
        edits.push(Edit::replace(word, TaskStatus::Completed.word()));
    }
    let effort = task.tail.as_ref().and_then(|t| t.effort.as_deref());
    if let (Some(at), Some(effort)) = (place.effort, effort)
        && !effort.contains('/')
    {
        edits.push(Edit::insert(at.end, "/?"));
    }
    for (entry, span) in task.fields.iter().zip(&place.fields) {
        if entry.field == Some(Field::Status) {
            edits.push(Edit::replace(span.value, TaskStatus::Completed.key()));
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn a_parent_that_could_be_ticked() {
        let text = "# P\n\n## G\n\n- [ ] a (In Progress) - dev - 3h\n  - [ ] b\n    - [x] c\n  - [-] d\n- [ ] e\n  - [-] f\n";
        check(Code::T117, text, &[(" ", "all subtasks are done, but `b` is open")]);
        // Ticking one may make the next one ripe.
        fixed(
            Code::T117,
            text,
            "# P\n\n## G\n\n- [x] a (Completed) - dev - 3h/?\n  - [x] b\n    - [x] c\n  - [-] d\n- [ ] e\n  - [-] f\n",
        );
    }

    #[test]
    fn a_status_field_goes_along() {
        fixed(
            Code::T117,
            "# P\n\n## G\n\n- [ ] a  [status:: in progress]\n  - [x] b\n",
            "# P\n\n## G\n\n- [x] a  [status:: completed]\n  - [x] b\n",
        );
    }
}
