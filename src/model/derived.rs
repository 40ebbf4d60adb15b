use super::{DateValue, Progress, Session, TaskStatus, Timestamp, norm};

/// What a derived line counts over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The whole session: header, Key Metrics, footer.
    Session,
    /// One group with the groups inside it: its header.
    Group(usize),
}

/// The shape of a derived value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `33% (2/6 tasks)`
    Progress,
    /// `6` or `2 (33%)`; the state that is counted, `None` for all that counts.
    Count(Option<TaskStatus>),
    /// A date or timestamp, maybe with ` (Auto-sync: word)`.
    Date,
    /// `3h`, `2h 30m`, `01:15:00`.
    Duration,
    /// `` `auth-overhaul` ``, the mirror of the session's id.
    Id,
    /// `` `path/session.md` ``
    Path,
}

/// The shape that goes with a key; `None` for keys that are never generated.
fn shape(key: &str) -> Option<Shape> {
    let count = |status| Some(Shape::Count(Some(status)));
    match norm(key).as_str() {
        "progress" => Some(Shape::Progress),
        "total tasks" => Some(Shape::Count(None)),
        "completed" | "completed tasks" => count(TaskStatus::Completed),
        "in progress" => count(TaskStatus::InProgress),
        "pending" => count(TaskStatus::Pending),
        "blocked" => count(TaskStatus::Blocked),
        "estimated completion" | "last updated" => Some(Shape::Date),
        "total session time" => Some(Shape::Duration),
        "session id" => Some(Shape::Id),
        "markdown file" => Some(Shape::Path),
        _ => None,
    }
}

/// Whether a `**Key**: value` line of this key is generated, as far as its value is understood.
#[must_use]
pub fn is_derived(key: &str) -> bool {
    shape(key).is_some()
}

/// Whether the value of `key` is a number of tasks. Outside Key Metrics people use such words
/// for other facts (`**Completed**: 2025-06-08`), so there other values are no finding.
#[must_use]
pub fn counts_tasks(key: &str) -> bool {
    matches!(shape(key), Some(Shape::Count(_)))
}

/// Whether `value` has the shape in which the value of `key` is generated, or is a template
/// placeholder such as `[count]`. Everything else was written by a person and is left alone.
#[must_use]
pub fn matches_grammar(key: &str, value: &str) -> bool {
    let value = value.trim();
    let Some(shape) = shape(key) else { return false };
    is_placeholder(value)
        || match shape {
            Shape::Progress => is_progress(value),
            Shape::Count(_) => is_count(value),
            Shape::Date => is_date(value),
            Shape::Duration => is_duration(value),
            Shape::Id => code_span(value).is_some(),
            Shape::Path => code_span(value).is_some() || !value.contains(char::is_whitespace),
        }
}

/// What the line of `key` says when it is up to date; `None` for a key that is not derived, or
/// whose value the session alone does not tell (timestamps, paths, time spent).
///
/// Counts over many groups: use [`Totals`].
#[must_use]
pub fn expected(session: &Session, key: &str, scope: Scope) -> Option<String> {
    Totals::of(session).expected(key, scope)
}

/// What a `Last Updated` line says when the session is changed `now`, in the form it has: date or
/// date and time, with its ` (Auto-sync: …)`. `None` for other keys, other forms, and where it
/// says so already.
#[must_use]
pub fn touched(key: &str, value: &str, now: Timestamp) -> Option<String> {
    let value = value.trim();
    if norm(key) != "last updated" || !is_date(value) {
        return None;
    }
    let at = value.find(" (").unwrap_or(value.len());
    let (old, rest) = value.split_at(at);
    let full = now.to_string();
    let (date, time) = (now.date(), full.get(11..19).unwrap_or(""));
    let new = match old.get(10..11) {
        None => date,
        Some(" ") => {
            let clock = old[11..].split(' ').next().unwrap_or("");
            let zone = &old[11 + clock.len()..];
            // `16:40` has five digits and signs, `16:40:00` has eight.
            let length = if clock.len() == 5 { 5 } else { 8 };
            format!("{date} {}{zone}", time.get(..length).unwrap_or(time))
        }
        Some(_) => full,
    };
    (new != old).then(|| new + rest)
}

/// The numbers behind all derived lines of a session, counted once.
#[derive(Clone, Debug)]
pub struct Totals<'a> {
    session: &'a Session,
    all: Counts,
    groups: Vec<Counts>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    progress: Progress,
    pending: usize,
    blocked: usize,
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            progress: self.progress.plus(other.progress),
            pending: self.pending + other.pending,
            blocked: self.blocked + other.blocked,
        }
    }
}

impl<'a> Totals<'a> {
    /// Counts the tasks of `session`. A group counts the groups inside it too.
    #[must_use]
    pub fn of(session: &'a Session) -> Self {
        let mut groups = vec![Counts::default(); session.groups.len()];
        let mut all = Counts::default();
        for task in &session.tasks {
            let one = Counts {
                progress: std::iter::once(task.status).collect(),
                pending: usize::from(task.status == TaskStatus::Pending),
                blocked: usize::from(task.status == TaskStatus::Blocked),
            };
            all = all.plus(one);
            if let Some(group) = task.group.and_then(|g| groups.get_mut(g)) {
                *group = group.plus(one);
            }
        }
        // A parent stands before its children, so backwards every child is complete.
        for (i, group) in session.groups.iter().enumerate().rev() {
            let own = groups[i];
            if let Some(parent) = group.parent.filter(|&p| p < i).and_then(|p| groups.get_mut(p)) {
                *parent = parent.plus(own);
            }
        }
        Self { session, all, groups }
    }

    fn counts(&self, scope: Scope) -> Counts {
        match scope {
            Scope::Session => self.all,
            Scope::Group(g) => self.groups.get(g).copied().unwrap_or_default(),
        }
    }

    /// How far a group is, with the groups inside it.
    #[must_use]
    pub fn progress(&self, group: usize) -> Progress {
        self.counts(Scope::Group(group)).progress
    }

    /// As [`expected`].
    #[must_use]
    pub fn expected(&self, key: &str, scope: Scope) -> Option<String> {
        let counts = self.counts(scope);
        match shape(key)? {
            Shape::Progress => Some(counts.progress.phrase()),
            Shape::Count(Some(TaskStatus::Completed)) => {
                Some(format!("{} ({}%)", counts.progress.completed, counts.progress.percent()))
            }
            Shape::Count(Some(TaskStatus::InProgress)) => Some(counts.progress.in_progress.to_string()),
            Shape::Count(Some(TaskStatus::Pending)) => Some(counts.pending.to_string()),
            Shape::Count(Some(TaskStatus::Blocked)) => Some(counts.blocked.to_string()),
            Shape::Count(_) => Some(counts.progress.total.to_string()),
            Shape::Id => Some(format!("`{}`", self.session.id)),
            Shape::Date | Shape::Duration | Shape::Path => None,
        }
    }

    /// The value that should replace `value`, in the form it has (a count without per cent stays
    /// without); `None` where nothing is to be done: up to date, written by a person, or not
    /// told by the session.
    #[must_use]
    pub fn refreshed(&self, key: &str, value: &str, scope: Scope) -> Option<String> {
        let value = value.trim();
        if !matches_grammar(key, value) {
            return None;
        }
        let mut new = self.expected(key, scope)?;
        if let Some(Shape::Count(status)) = shape(key)
            && !is_placeholder(value)
        {
            let bare = new.split(' ').next().unwrap_or("").to_owned();
            new = match (value.contains('('), new.contains('('), status) {
                (false, true, _) => bare,
                (true, false, _) => {
                    let total = self.counts(scope).progress.total;
                    let n: usize = bare.parse().unwrap_or(0);
                    format!("{bare} ({}%)", (n * 100).checked_div(total).unwrap_or(0))
                }
                _ => new,
            };
        }
        if matches!(shape(key), Some(Shape::Progress)) && phrases_agree(value, &new) {
            return None;
        }
        (new != value).then_some(new)
    }
}

/// `100% (1/1 tasks)` says the same as `100% (1/1 task)`.
fn phrases_agree(a: &str, b: &str) -> bool {
    let cut = |s: &str| s.trim_end_matches(')').trim_end_matches('s').to_owned();
    cut(a) == cut(b)
}

/// Whether a value consists of template placeholders and punctuation only: `[count]`,
/// `[count] ([percentage]%)`, `` `[session_id]` ``, `[timestamp] (Auto-sync: [status])`.
fn is_placeholder(value: &str) -> bool {
    let value = code_span(value).unwrap_or(value).trim();
    if !value.starts_with('[') || value.contains("::") {
        return false;
    }
    let (mut inside, mut words) = (false, 0_usize);
    let mut outside = String::new();
    for c in value.chars() {
        match c {
            '[' if inside => return false,
            '[' => inside = true,
            ']' if !inside => return false,
            ']' => (inside, words) = (false, words + 1),
            c if !inside => outside.push(c),
            _ => {}
        }
    }
    let rest = outside.replace("Auto-sync:", "").replace("tasks", "").replace("task", "");
    !inside && words > 0 && rest.chars().all(|c| matches!(c, ' ' | '(' | ')' | '%' | '/'))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_percent(text: &str) -> bool {
    text.strip_suffix('%').is_some_and(is_number)
}

/// `33% (2/6 tasks)`
fn is_progress(value: &str) -> bool {
    let Some((percent, rest)) = value.split_once(" (") else { return false };
    let counts = rest.strip_suffix(" tasks)").or_else(|| rest.strip_suffix(" task)"));
    is_percent(percent)
        && counts.and_then(|c| c.split_once('/')).is_some_and(|(a, b)| is_number(a) && is_number(b))
}

/// `6`, `2 (33%)`
fn is_count(value: &str) -> bool {
    match value.split_once(" (") {
        Some((n, percent)) => is_number(n) && percent.strip_suffix(')').is_some_and(is_percent),
        None => is_number(value),
    }
}

/// A date, or a date and a time of day with or without offset, and then maybe
/// ` (Auto-sync: word)`.
fn is_date(value: &str) -> bool {
    let value = match value.split_once(" (Auto-sync: ") {
        Some((date, word)) if word.ends_with(')') => date,
        Some(_) => return false,
        None => value,
    };
    if DateValue::parse(value).is_some() {
        return true;
    }
    let Some((date, time)) = value.split_once(' ') else { return false };
    let time = time.strip_suffix(" UTC").unwrap_or(time);
    date.len() == 10 && DateValue::parse(&format!("{date}T{time}")).is_some()
}

/// `3h`, `2h 30m`, `1d 2h`, `1:15`, `01:15:00`.
fn is_duration(value: &str) -> bool {
    let clock: Vec<&str> = value.split(':').collect();
    if (2..=3).contains(&clock.len()) && clock.iter().all(|p| is_number(p)) {
        return true;
    }
    !value.is_empty()
        && value.split(' ').all(|part| {
            let unit = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            part.starts_with(|c: char| c.is_ascii_digit())
                && matches!(unit, "s" | "m" | "min" | "h" | "d" | "w")
        })
}

/// The inside of `` `…` ``.
fn code_span(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('`')?.strip_suffix('`')?;
    (!inner.is_empty() && !inner.contains('`')).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Group, Task, TaskFacts};

    #[test]
    fn only_generated_shapes_are_replaced() {
        for (key, yes, no) in [
            (
                "Progress",
                &["33% (2/6 tasks)", "100% (1/1 task)", "[percentage]% ([completed]/[total] tasks)"][..],
                &["40%", "about half", "33 % (2/6 tasks)", "33% (2/6 tasks) or so", "% (2/6 tasks)"][..],
            ),
            ("Total Tasks", &["6", "[count]"], &["six", "6 or 7", "-1"]),
            (
                "✅ Completed",
                &["2 (33%)", "2", "[count] ([percentage]%)"],
                &["2025-06-08", "2 (33%", "2 33%"],
            ),
            (
                "Last Updated",
                &["2025-06-09", "2025-06-09 16:40", "2025-06-09T16:40:00Z (Auto-sync: ok)", "[timestamp]"],
                &["yesterday", "2025-06-09 by Ann", "2025-13-09"],
            ),
            ("Total Session Time", &["3h", "2h 30m", "01:15:00"], &["long", "3", "h"]),
            ("Session ID", &["`auth`", "`[session_id]`"], &["auth", "``"]),
            ("Focus", &[], &["backend", "[x]"]),
        ] {
            for value in yes {
                assert!(matches_grammar(key, value), "{key}: {value}");
            }
            for value in no {
                assert!(!matches_grammar(key, value), "{key}: {value}");
            }
        }
    }

    fn session(statuses: &[(TaskStatus, Option<usize>)]) -> Session {
        let group = |name: &str, parent| Group {
            name: name.into(),
            path: name.into(),
            parent,
            level: 3,
            header: Vec::new(),
            description: String::new(),
        };
        let task = |&(status, group)| Task {
            group,
            parent: None,
            depth: 0,
            ..TaskFacts {
                id: None,
                title: String::new(),
                symbol: ' ',
                status,
                tail: None,
                fields: Vec::new(),
                description: String::new(),
            }
            .alone()
        };
        Session {
            id: "auth".into(),
            groups: vec![group("Outer", None), group("Inner", Some(0))],
            tasks: statuses.iter().map(task).collect(),
            ..Session::default()
        }
    }

    #[test]
    fn values_are_counted_and_keep_their_form() {
        use TaskStatus as S;
        let s = session(&[
            (S::Completed, Some(0)),
            (S::InProgress, Some(1)),
            (S::Blocked, Some(1)),
            (S::Cancelled, None),
        ]);
        for (key, scope, old, new) in [
            ("Progress", Scope::Session, "0% (0/1 tasks)", Some("33% (1/3 tasks)")),
            ("Progress", Scope::Session, "33% (1/3 tasks)", None),
            ("Progress", Scope::Group(0), "1% (1/3 tasks)", Some("33% (1/3 tasks)")),
            (
                "Progress",
                Scope::Group(1),
                "[percentage]% ([completed]/[total] tasks)",
                Some("0% (0/2 tasks)"),
            ),
            ("Progress", Scope::Session, "about half", None),
            ("Total Tasks", Scope::Session, "4", Some("3")),
            ("Completed", Scope::Session, "7", Some("1")),
            ("Completed", Scope::Session, "7 (1%)", Some("1 (33%)")),
            ("Completed", Scope::Session, "[count] ([percentage]%)", Some("1 (33%)")),
            ("In Progress", Scope::Session, "0 (0%)", Some("1 (33%)")),
            ("Blocked", Scope::Group(1), "0", Some("1")),
            ("Session ID", Scope::Session, "`other`", Some("`auth`")),
            ("Last Updated", Scope::Session, "2025-06-09", None),
            ("Focus", Scope::Session, "3", None),
        ] {
            assert_eq!(Totals::of(&s).refreshed(key, old, scope).as_deref(), new, "{key}: {old}");
        }
        assert_eq!(expected(&s, "Completed", Scope::Session).as_deref(), Some("1 (33%)"));
    }

    #[test]
    fn the_moment_of_the_last_change_keeps_its_form() {
        let now = Timestamp::parse("2026-01-31T12:30:45Z").unwrap();
        for (key, old, new) in [
            ("Last Updated", "2025-06-09", Some("2026-01-31")),
            ("Last Updated", "2026-01-31", None),
            ("last updated", "2025-06-09 16:40", Some("2026-01-31 12:30")),
            ("Last Updated", "2025-06-09 16:40:01 UTC", Some("2026-01-31 12:30:45 UTC")),
            ("Last Updated", "2025-06-09T16:40:00+02:00", Some("2026-01-31T12:30:45Z")),
            (
                "Last Updated",
                "2025-06-09T16:40Z (Auto-sync: ok)",
                Some("2026-01-31T12:30:45Z (Auto-sync: ok)"),
            ),
            ("Last Updated", "[timestamp]", None),
            ("Last Updated", "yesterday", None),
            ("Last Updated", "", None),
            ("Estimated Completion", "2025-06-09", None),
        ] {
            assert_eq!(touched(key, old, now).as_deref(), new, "{key}: {old}");
        }
    }

    #[test]
    fn the_plural_of_one_is_no_difference() {
        let s = session(&[(TaskStatus::Completed, Some(0))]);
        assert_eq!(Totals::of(&s).refreshed("Progress", "100% (1/1 tasks)", Scope::Session), None);
    }

    #[test]
    fn what_is_refreshed_is_up_to_date() {
        let s = session(&[(TaskStatus::Completed, Some(0)), (TaskStatus::Pending, None)]);
        let totals = Totals::of(&s);
        for (key, old) in [("Progress", "0% (0/0 tasks)"), ("Completed", "0 (0%)"), ("Pending", "9 (1%)")] {
            let new = totals.refreshed(key, old, Scope::Session).unwrap();
            assert!(matches_grammar(key, &new), "{new}");
            assert_eq!(totals.refreshed(key, &new, Scope::Session), None);
        }
    }
}
