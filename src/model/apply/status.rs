use crate::model::{Field, Tail, Task, TaskStatus, parse_minutes};

/// How a state is written on one task, in the dialect the task is written in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusForm {
    /// The checkbox symbol.
    pub symbol: char,
    /// The tail, where there is one afterwards.
    pub tail: Option<Tail>,
    /// The value of its status fields, where it has any that must change.
    pub field: Option<String>,
}

/// What a change of state does to symbol, tail word, effort and status field.
///
/// The checkbox follows the class of the state. Other symbols than blank and `x` are kept in use
/// on a line that has one, and never introduced. A word is replaced where there is one; without
/// one, only states that a plain checkbox cannot express get one. Completing turns a single
/// effort `3h` into `3h/?` (it was the estimate), reopening turns that back.
#[must_use]
pub fn status_form(task: &Task, to: TaskStatus) -> StatusForm {
    let mut form = StatusForm { symbol: task.symbol, tail: task.tail.clone(), field: None };
    let field = task.field(Field::Status);
    let agrees = |text: &str| TaskStatus::parse(text) == Some(to);
    let word_agrees = task.tail.as_ref().is_none_or(|t| agrees(&t.word));
    if task.status == to && word_agrees && field.is_none_or(agrees) {
        return form;
    }
    form.symbol = symbol_for(task.symbol, to);
    if field.is_some_and(|f| !agrees(f)) {
        form.field = Some(to.key().to_owned());
    }
    let by_symbol = TaskStatus::of_symbol(form.symbol) == Some(to);
    match &mut form.tail {
        Some(tail) => {
            let was_done = agrees_with(&tail.word, TaskStatus::Completed);
            let done = to == TaskStatus::Completed;
            if let Some(effort) = &mut tail.effort {
                *effort = effort_form(effort, was_done, done);
            }
            if !agrees(&tail.word) {
                to.word().clone_into(&mut tail.word);
            }
        }
        None if by_symbol || to == TaskStatus::Pending || field.is_some() => {}
        None => form.tail = Some(Tail { word: to.word().to_owned(), ..Tail::default() }),
    }
    form
}

fn agrees_with(word: &str, status: TaskStatus) -> bool {
    TaskStatus::parse(word) == Some(status)
}

fn effort_form(effort: &str, was_done: bool, done: bool) -> String {
    match effort.strip_suffix("/?") {
        Some(estimate) if was_done && !done => estimate.to_owned(),
        None if done && !was_done && parse_minutes(effort).is_some() => format!("{effort}/?"),
        _ => effort.to_owned(),
    }
}

fn symbol_for(symbol: char, to: TaskStatus) -> char {
    let dialect = matches!(symbol, '/' | '@' | '?' | '>' | '-' | '~');
    let says = TaskStatus::of_symbol(symbol);
    match to {
        _ if says == Some(to) => symbol,
        TaskStatus::Cancelled if dialect => '-',
        TaskStatus::Cancelled if says == Some(TaskStatus::Completed) => symbol,
        TaskStatus::Completed | TaskStatus::Cancelled => 'x',
        TaskStatus::InProgress if dialect => '/',
        TaskStatus::InReview if dialect => '?',
        TaskStatus::OnHold if dialect => '>',
        // A blank of any kind stays as it is, and so does a symbol nobody knows.
        _ if says == Some(TaskStatus::Pending) || says.is_none() => symbol,
        _ => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskFacts;
    use TaskStatus as S;

    fn task(symbol: char, status: S, tail: Option<(&str, Option<&str>)>) -> Task {
        let tail = tail.map(|(word, effort)| Tail {
            word: word.into(),
            specialist: None,
            effort: effort.map(Into::into),
        });
        TaskFacts {
            id: None,
            title: "t".into(),
            symbol,
            status,
            tail,
            fields: Vec::new(),
            description: String::new(),
        }
        .alone()
    }

    #[track_caller]
    fn check(before: &Task, to: S, symbol: char, tail: Option<(&str, Option<&str>)>) {
        let form = status_form(before, to);
        let got = form.tail.as_ref().map(|t| (t.word.as_str(), t.effort.as_deref()));
        assert_eq!((form.symbol, got), (symbol, tail));
    }

    #[test]
    fn symbol_word_and_effort_follow_the_state() {
        check(&task(' ', S::Pending, None), S::Completed, 'x', None);
        check(&task('x', S::Completed, None), S::Pending, ' ', None);
        check(&task('X', S::Completed, None), S::Completed, 'X', None);
        check(&task(' ', S::Pending, None), S::Blocked, ' ', Some(("Blocked", None)));
        check(&task(' ', S::Pending, None), S::Cancelled, 'x', Some(("Cancelled", None)));
        check(&task(' ', S::Blocked, Some(("Blocked", None))), S::Pending, ' ', Some(("Pending", None)));
        check(&task('/', S::InProgress, None), S::Cancelled, '-', None);
        check(&task('/', S::InProgress, None), S::Blocked, ' ', Some(("Blocked", None)));
        check(&task('-', S::Cancelled, None), S::Pending, ' ', None);
        check(&task('!', S::Pending, None), S::Completed, 'x', None);
        check(
            &task(' ', S::Pending, Some(("todo", Some("3h")))),
            S::Completed,
            'x',
            Some(("Completed", Some("3h/?"))),
        );
        check(
            &task('x', S::Completed, Some(("Completed", Some("3h/?")))),
            S::Pending,
            ' ',
            Some(("Pending", Some("3h"))),
        );
        check(
            &task('x', S::Completed, Some(("Pending", Some("3h")))),
            S::Completed,
            'x',
            Some(("Completed", Some("3h/?"))),
        );
        check(&task(' ', S::Pending, Some(("todo", None))), S::Pending, ' ', Some(("todo", None)));
    }
}
