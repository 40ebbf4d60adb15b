use crate::diagnostic::{Count, List};
use crate::model::{Change, Field, Graph, Session, TaskId, TaskKey, TaskStatus, Unready};

use super::{ErrorCode, OpError};

/// How a status change is asked for.
#[derive(Clone, Copy)]
pub(super) struct StatusRequest<'a> {
    /// The new state.
    pub to: TaskStatus,
    /// Whether open subtasks and unmet dependencies are no obstacle.
    pub force: bool,
    /// Today's date, where the settings want ticks dated.
    pub date: Option<&'a str>,
    /// Whether a task of another session is completed.
    pub foreign_done: &'a dyn Fn(&str, &TaskId) -> bool,
}

/// Plans a task's way into another state: nothing where it is there already.
///
/// Completing asks that no subtask is open and every dependency is completed or cancelled;
/// what cannot be found is not done.
pub(super) fn plan_status(
    session: &Session,
    task: usize,
    request: StatusRequest<'_>,
) -> Result<Vec<Change>, OpError> {
    let Some(found) = session.tasks.get(task) else { return Ok(Vec::new()) };
    let (from, to) = (found.status, request.to);
    if from == to {
        return Ok(Vec::new());
    }
    if !from.may_become(to) {
        let allowed: Vec<&str> = from.successors().into_iter().map(TaskStatus::key).collect();
        return Err(OpError::new(
            ErrorCode::InvalidTransition,
            format!("`{}` is {from} and cannot become {to}", found.title),
        )
        .hint(format!("allowed from {from}: {}", List(&allowed, "or")))
        .with("from", from.key())
        .with("to", to.key())
        .with("allowed", allowed));
    }
    if to == TaskStatus::Completed && !request.force {
        refuse_open_work(session, task, request.foreign_done)?;
    }
    let key = task_key(session, task);
    let mut changes = vec![Change::SetStatus { task: key.clone(), to }];
    if let Some(date) = request.date {
        let field = match to {
            TaskStatus::Completed => Some(Field::Completion),
            TaskStatus::InProgress => Some(Field::Started),
            TaskStatus::Cancelled => Some(Field::Cancelled),
            _ => None,
        };
        changes.extend(field.map(|f| Change::set_field(key, f, Some(date.to_owned()))));
    }
    Ok(changes)
}

fn refuse_open_work(
    session: &Session,
    task: usize,
    foreign_done: &dyn Fn(&str, &TaskId) -> bool,
) -> Result<(), OpError> {
    let open: Vec<String> = session
        .subtree(task)
        .skip(1)
        .filter(|&t| session.tasks[t].status.is_open())
        .map(|t| label(session, t))
        .collect();
    let readiness = Graph::of(session).readiness(session);
    let waits: Vec<String> = readiness
        .get(task)
        .into_iter()
        .flat_map(|r| &r.reasons)
        .filter_map(|reason| match reason {
            Unready::Waits(t) => Some(label(session, *t)),
            Unready::Foreign { session, id } if !foreign_done(session, id) => Some(format!("{session}#{id}")),
            Unready::Unknown(written) => Some(format!("{written} (not found)")),
            _ => None,
        })
        .collect();
    if open.is_empty() && waits.is_empty() {
        return Ok(());
    }
    let mut reasons = Vec::new();
    if !open.is_empty() {
        reasons.push(format!("{} open: {}", Count(open.len(), "subtask"), some(&open)));
    }
    if !waits.is_empty() {
        reasons.push(format!("it waits for {}", some(&waits)));
    }
    let title = &session.tasks[task].title;
    Err(OpError::new(ErrorCode::OpenWork, format!("`{title}` cannot be completed: {}", reasons.join("; ")))
        .hint("complete those first, or use `--force`")
        .with("open_subtasks", open)
        .with("blocked_by", waits))
}

/// The first few names; long lists are data, not a sentence.
fn some(names: &[String]) -> String {
    let shown = &names[..names.len().min(5)];
    let more = names.len() - shown.len();
    let list = List(shown, "and").to_string();
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// What a person calls a task: its id, else its title.
pub(super) fn label(session: &Session, task: usize) -> String {
    let task = &session.tasks[task];
    task.id.as_ref().map_or_else(|| task.title.clone(), ToString::to_string)
}

/// The key a change names a task by: its id where it is the first of that id, else its place.
pub(super) fn task_key(session: &Session, task: usize) -> TaskKey {
    match session.tasks.get(task).and_then(|t| t.id.clone()) {
        Some(id) if session.task_by_id(&id) == Some(task) => TaskKey::Id(id),
        _ => TaskKey::Nth(task),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Carrier, FieldEntry, Task, TaskFacts};

    fn task(id: &str, status: TaskStatus, parent: Option<usize>, depends: &str) -> Task {
        let entry = FieldEntry {
            field: Some(Field::DependsOn),
            key: "dependsOn".into(),
            value: depends.into(),
            carrier: Carrier::Inline,
        };
        Task {
            group: None,
            parent,
            depth: u32::from(parent.is_some()),
            ..TaskFacts {
                id: TaskId::parse(id),
                title: id.to_uppercase(),
                symbol: ' ',
                status,
                tail: None,
                fields: if depends.is_empty() { vec![] } else { vec![entry] },
                description: String::new(),
            }
            .alone()
        }
    }

    #[track_caller]
    fn check(tasks: Vec<Task>, to: TaskStatus, expected: Result<usize, ErrorCode>) {
        let session = Session { tasks, ..Session::default() };
        let request = StatusRequest { to, force: false, date: None, foreign_done: &|s, _| s == "done" };
        let got = plan_status(&session, 0, request).map(|c| c.len()).map_err(|e| e.code);
        assert_eq!(got, expected);
    }

    #[test]
    fn completing_fails_closed() {
        use TaskStatus as S;
        let a = |status, depends| task("a", status, None, depends);
        check(vec![a(S::Pending, "")], S::Completed, Ok(1));
        check(vec![a(S::Completed, "")], S::Completed, Ok(0));
        check(vec![a(S::Completed, "")], S::Blocked, Err(ErrorCode::InvalidTransition));
        check(
            vec![a(S::Pending, ""), task("b", S::Pending, Some(0), "")],
            S::Completed,
            Err(ErrorCode::OpenWork),
        );
        check(vec![a(S::Pending, ""), task("b", S::Cancelled, Some(0), "")], S::Completed, Ok(1));
        check(
            vec![a(S::Pending, "b"), task("b", S::Pending, None, "")],
            S::Completed,
            Err(ErrorCode::OpenWork),
        );
        check(vec![a(S::Pending, "b"), task("b", S::Completed, None, "")], S::Completed, Ok(1));
        check(vec![a(S::Pending, "t-gone")], S::Completed, Err(ErrorCode::OpenWork));
        check(vec![a(S::Pending, "done#x")], S::Completed, Ok(1));
        check(vec![a(S::Pending, "open#x")], S::Completed, Err(ErrorCode::OpenWork));
        check(vec![a(S::Pending, "t-gone")], S::Blocked, Ok(1));
    }
}
