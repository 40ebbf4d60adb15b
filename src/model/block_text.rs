use std::fmt::Write;

use super::{Field, Graph, Progress, Readiness, Session, Task, TaskStatus, Totals, write_minutes};

/// Names of the blocks that this version knows how to fill.
pub const BLOCK_NAMES: [&str; 6] = ["overview", "progress", "metrics", "board", "next", "changelog"];

/// Lines that a list in a block has at most; what is left out is counted.
const LONGEST: usize = 20;
/// The same of what can be started now.
const NEXT: usize = 5;

/// What a generated block of this name says about the plan; `None` for a name that is not known.
///
/// It follows from groups and tasks alone, so it is the same on every machine and at every time. No line is a
/// task, a `**Key**: value` line or a heading, whatever titles there are: each begins with a word of ours.
#[must_use]
pub fn block_text(session: &Session, name: &str) -> Option<String> {
    Some(match name {
        "overview" => overview(session),
        "progress" => progress(session),
        "metrics" => metrics(session),
        "board" => board(session),
        "next" => next(session),
        "changelog" => changelog(session),
        _ => return None,
    })
}

/// How many tasks can be started now, and which.
fn ready(session: &Session) -> Vec<usize> {
    let is_ready = |(task, readiness): (&Task, &Readiness)| {
        matches!(task.status, TaskStatus::Pending) && readiness.is_ready_here()
    };
    let readiness = Graph::of(session).readiness(session);
    let pairs = session.tasks.iter().zip(&readiness).enumerate();
    pairs.filter(|(_, pair)| is_ready(*pair)).map(|(i, _)| i).collect()
}

fn of(session: &Session, status: TaskStatus) -> usize {
    session.tasks.iter().filter(|t| t.status == status).count()
}

fn overview(session: &Session) -> String {
    let Progress { completed, total, in_progress } = session.progress();
    if total == 0 {
        return "No tasks yet.\n".to_owned();
    }
    let percent = session.progress().percent();
    let (blocked, ready) = (of(session, TaskStatus::Blocked), ready(session).len());
    format!(
        "Completed {completed} of {total} tasks ({percent}%); in progress {in_progress}, blocked {blocked}, \
         ready to start {ready}.\n"
    )
}

fn progress(session: &Session) -> String {
    let totals = Totals::of(session);
    let mut out = format!("- All tasks: {}\n", session.progress().phrase());
    for (i, group) in session.groups.iter().enumerate() {
        let progress = totals.progress(i);
        if progress.total > 0 {
            let _ = writeln!(out, "- In {}: {}", group.path, progress.phrase());
        }
    }
    out
}

fn metrics(session: &Session) -> String {
    let Progress { completed, total, in_progress } = session.progress();
    let mut out = String::new();
    let _ = writeln!(out, "- Tasks: {total}");
    let _ = writeln!(out, "- Completed: {completed} ({}%)", session.progress().percent());
    let _ = writeln!(out, "- In progress: {in_progress}");
    let _ = writeln!(out, "- Blocked: {}", of(session, TaskStatus::Blocked));
    let _ = writeln!(out, "- Ready to start: {}", ready(session).len());
    let open = session.tasks.iter().filter(|t| t.status.is_open());
    let left = open.filter_map(|t| t.effort().estimate).fold(0, u32::saturating_add);
    let _ = writeln!(out, "- Estimated work left: {}", write_minutes(left));
    out
}

fn board(session: &Session) -> String {
    let columns = [
        TaskStatus::InProgress,
        TaskStatus::InReview,
        TaskStatus::Blocked,
        TaskStatus::Failed,
        TaskStatus::OnHold,
        TaskStatus::Pending,
    ];
    let in_column = |status| session.tasks.iter().filter(move |t| t.status == status);
    let lines =
        columns.into_iter().flat_map(|s| in_column(s).map(move |t| format!("{}: {}", s.word(), who(t))));
    list(lines.collect(), LONGEST, "Nothing is open.")
}

fn next(session: &Session) -> String {
    let ready = ready(session).into_iter().map(|i| format!("Ready: {}", who(&session.tasks[i])));
    list(ready.collect(), NEXT, "Nothing is ready to start.")
}

fn changelog(session: &Session) -> String {
    let done = session.tasks.iter().filter(|t| t.status == TaskStatus::Completed);
    let day = |t: &Task| t.field(Field::Completion).and_then(|v| v.trim().get(..10)).map(str::to_owned);
    let mut dated: Vec<(String, &Task)> = done.filter_map(|t| Some((day(t)?, t))).collect();
    dated.sort_by(|a, b| b.0.cmp(&a.0));
    let lines = dated.into_iter().map(|(day, task)| format!("Completed {day}: {}", who(task)));
    list(lines.collect(), LONGEST, "Nothing is completed with a date.")
}

/// A task's title, and who does it.
fn who(task: &Task) -> String {
    match task.specialist().map(str::trim).filter(|s| !s.is_empty()) {
        Some(specialist) => format!("{} ({specialist})", task.title),
        None => task.title.clone(),
    }
}

fn list(lines: Vec<String>, most: usize, none: &str) -> String {
    if lines.is_empty() {
        return format!("{none}\n");
    }
    let (shown, all) = (lines.len().min(most), lines.len());
    let mut out = String::new();
    for line in lines.into_iter().take(shown) {
        // A title may go on in the next line; a list item of ours is one.
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "- {words}");
    }
    if all > shown {
        let _ = writeln!(out, "- And {} more", all - shown);
    }
    out
}
