use std::sync::Arc;

use super::engine::{self, RenderError};
use super::shipped::shipped_template;
use super::stamp::stamped;
use super::values::Seen;
use super::view_of::SessionView;
use crate::model::slug;

/// A generated view of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum View {
    /// Everything on one page.
    Overview,
    /// Work under way, ready and waiting.
    ActiveTasks,
    /// Finished work.
    CompletedTasks,
    /// One group, by its place among the groups.
    Group(usize),
    /// Who has what to do.
    Assignments,
    /// How the work of each specialist went.
    Performance,
    /// What came out of the work.
    Artifacts,
}

impl View {
    /// Every view of this session, in the order of their files.
    #[must_use]
    pub fn all(session: &SessionView) -> Vec<Self> {
        let groups = (0..session.groups.len()).map(Self::Group);
        let mut views = vec![Self::Overview, Self::ActiveTasks, Self::CompletedTasks];
        views.extend(groups);
        views.extend([Self::Assignments, Self::Performance, Self::Artifacts]);
        views
    }

    /// The word of the setting `views` that asks for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::ActiveTasks | Self::CompletedTasks => "tasks",
            Self::Group(_) => "task_groups",
            Self::Assignments | Self::Performance => "specialists",
            Self::Artifacts => "artifacts",
        }
    }

    /// Its template's path below `templates/`.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Self::Overview => "views/overview.md.j2",
            Self::ActiveTasks => "views/active_tasks.md.j2",
            Self::CompletedTasks => "views/completed_tasks.md.j2",
            Self::Group(_) => "views/task_group.md.j2",
            Self::Assignments => "views/assignments.md.j2",
            Self::Performance => "views/performance.md.j2",
            Self::Artifacts => "views/session_artifacts.md.j2",
        }
    }

    /// Its file, below the session's directory, with `/`. Groups whose names give the same file
    /// name are numbered in order.
    #[must_use]
    pub fn file(self, session: &SessionView) -> String {
        let Self::Group(group) = self else { return self.fixed_file().unwrap_or_default().to_owned() };
        let name = |i: usize| session.groups.get(i).map(|g| group_file(&g.path)).unwrap_or_default();
        let own = name(group);
        let before = (0..group).filter(|&i| name(i) == own).count();
        // A dot belongs to no name made of words, so the number never meets another name.
        let number = if before == 0 { String::new() } else { format!(".{}", before + 1) };
        format!("task_groups/{own}{number}.md")
    }

    /// Views that every session has.
    pub const FIXED: [Self; 6] = [
        Self::Overview,
        Self::ActiveTasks,
        Self::CompletedTasks,
        Self::Assignments,
        Self::Performance,
        Self::Artifacts,
    ];

    /// Its file, where that does not depend on the session.
    #[must_use]
    pub fn fixed_file(self) -> Option<&'static str> {
        Some(match self {
            Self::Overview => "overview.md",
            Self::ActiveTasks => "tasks/active_tasks.md",
            Self::CompletedTasks => "tasks/completed_tasks.md",
            Self::Group(_) => return None,
            Self::Assignments => "specialists/assignments.md",
            Self::Performance => "specialists/performance.md",
            Self::Artifacts => "artifacts/session_artifacts.md",
        })
    }
}

/// A group's file name without ending: never a name that a file system keeps for itself.
fn group_file(path: &str) -> String {
    const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];
    let name = slug(path);
    let is_port = name.len() == 4 && (name.starts_with("com") || name.starts_with("lpt"));
    let is_nothing = name == "session" && crate::model::norm(path) != "session";
    if is_nothing {
        "group".to_owned()
    } else if DEVICES.contains(&name.as_str()) || is_port {
        format!("group-{name}")
    } else {
        name
    }
}

/// Makes a view's text, with the first line that says from what it was made.
///
/// `own` is the text of an override, where there is one.
///
/// # Errors
/// [`RenderError`] where the override is broken; the shipped templates never fail.
pub fn view(view: View, session: &Arc<SessionView>, own: Option<&str>) -> Result<String, RenderError> {
    let shipped = shipped_template(view.template()).map_or("", |t| t.text);
    let group = if let View::Group(group) = view { Some(group) } else { None };
    let items = session.tasks.len() + session.groups.len() + session.log.len() + session.artifacts.len();
    let values = Seen::root(Arc::clone(session), group);
    let body = engine::run(own.unwrap_or(shipped), values, items)?;
    let path = format!("sessions/{}/session.md", session.directory);
    Ok(stamped(&path, &session.revision, &tidy(&body)))
}

/// At most one blank line in a row, and one line end at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 && !(out.is_empty() && blank > 0) {
            // Two blanks at the end are a line break and stay.
            out.push_str(if blank > 0 { "" } else { line });
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, parse};
    use crate::format::{Lifted, lift};
    use crate::model::{Session, Timestamp};
    use crate::render::{ArtifactView, LogView, Stamp, view_of};

    const PLAN: &str = include_str!("../../fixtures/views/session.md");

    fn read(text: &str) -> Lifted {
        let (document, found) = parse(text.as_bytes(), Limits::default());
        lift(document, found, "auth")
    }

    fn seen(session: &Session) -> Arc<SessionView> {
        let mut view = view_of(
            session,
            &"0123456789abcdef".repeat(4),
            Timestamp::parse("2026-02-01T10:00:00Z").unwrap(),
        );
        view.log.push(LogView {
            when: "2026-01-31 09:00".into(),
            who: "ada".into(),
            what: "completed t-1".into(),
        });
        view.artifacts.push(ArtifactView {
            path: "artifacts/work_products/a|b.md".into(),
            kind: Some("design".into()),
            description: None,
            task: Some("t-1".into()),
            size: 2048,
        });
        Arc::new(view)
    }

    fn body(which: View, session: &Arc<SessionView>) -> String {
        let text = view(which, session, None).unwrap();
        let stamp = Stamp::read(&text).unwrap();
        assert_eq!((stamp.revision.as_str(), stamp.is_edited), ("0123456789ab", false));
        text.split_once('\n').unwrap().1.to_owned()
    }

    macro_rules! expected {
        ($file:literal) => {
            ($file, include_str!(concat!("../../fixtures/views/expected/", $file)))
        };
    }

    #[track_caller]
    fn check(which: View, (file, expected): (&str, &str)) {
        let session = seen(&read(PLAN).session);
        assert_eq!(which.file(&session), file);
        assert_eq!(body(which, &session), expected);
    }

    #[test]
    fn every_view_says_what_it_should() {
        check(View::Overview, expected!("overview.md"));
        check(View::ActiveTasks, expected!("tasks/active_tasks.md"));
        check(View::CompletedTasks, expected!("tasks/completed_tasks.md"));
        check(View::Group(0), expected!("task_groups/backend.md"));
        check(View::Group(1), expected!("task_groups/backend-api.md"));
        check(View::Group(2), expected!("task_groups/frontend.md"));
        check(View::Assignments, expected!("specialists/assignments.md"));
        check(View::Performance, expected!("specialists/performance.md"));
        check(View::Artifacts, expected!("artifacts/session_artifacts.md"));
        assert_eq!(View::all(&seen(&read(PLAN).session)).len(), 9, "all views are checked above");
    }

    #[test]
    fn the_overview_reads_as_a_session_itself() {
        let again = read(&body(View::Overview, &seen(&read(PLAN).session))).session;
        assert_eq!((again.tasks.len(), again.groups.len()), (6, 3));
        assert_eq!((again.name.as_str(), again.fact("progress")), ("Auth overhaul", Some("20% (1/5 tasks)")));
    }

    #[test]
    fn an_empty_session_has_views_too() {
        let session = seen(&Session::default());
        for which in View::all(&session) {
            assert!(!body(which, &session).contains("\n\n\n"));
        }
    }

    #[test]
    fn group_files_never_meet_and_lead_nowhere_else() {
        let plan = "# A\n\n## Task Groups\n\n### a/b\n\n- [ ] x\n\n### A B\n\n- [ ] x\n\n### ../../etc\n\n- [ ] x\n\n### CON\n\n- [ ] x\n\n### 🎯\n\n- [ ] x\n\n### a b 2\n\n- [ ] x\n";
        let session = seen(&read(plan).session);
        let files: Vec<String> = View::all(&session).into_iter().map(|v| v.file(&session)).collect();
        let unique: std::collections::HashSet<&String> = files.iter().collect();
        assert_eq!(unique.len(), files.len(), "{files:?}");
        assert!(files.iter().all(|f| !f.contains("..") && !f.ends_with("/con.md")), "{files:?}");
    }

    #[test]
    fn an_override_sees_the_same_values() {
        let session = seen(&read(PLAN).session);
        let own = "{% for t in tasks if t.is_open %}{{ t.id }} {{ t.priority|default('none') }} {{ t.group }}\n{% endfor %}";
        let text = view(View::Overview, &session, Some(own)).unwrap();
        assert!(
            text.ends_with(
                "-->\nt-2 High Backend\nt-3 High Backend\nt-4 none Backend/API\nt-5 none Frontend\n"
            ),
            "{text}"
        );
        let error = view(View::Overview, &session, Some("{{ tasks.first }}")).unwrap_err();
        assert_eq!(error.message, "there is no value `tasks.first`");
        let error = view(View::Overview, &session, Some("{{ group.name }}")).unwrap_err();
        assert_eq!(error.message, "there is no value `group.name`");
    }

    #[test]
    fn large_sessions_have_enough_steps() {
        let tasks: Vec<String> =
            (0..2000).map(|i| format!("- [ ] Task {i} - dev - 1h  [dependsOn:: t-0] ^t-{i}\n")).collect();
        let tasks = tasks.concat();
        let session = seen(&read(&format!("# A\n\n## Task Groups\n\n### G\n\n{tasks}")).session);
        for which in View::all(&session) {
            assert!(view(which, &session, None).is_ok(), "{which:?}");
        }
    }

    fn shape(text: &str) -> (Vec<u8>, usize, Vec<String>) {
        let session = read(text).session;
        let levels = session.sections.iter().map(|s| s.level).collect();
        (levels, session.tasks.len(), session.header.iter().map(|h| h.key.clone()).collect())
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_value_breaks_a_view(
            words in proptest::collection::vec("(# a|```|~~~|---|===|<!-- x|-->|<div>|> |1\\. |- |\\[ \\]|\\[a\\]: b|\\{\\{ x \\}\\}|\\{% x|`|\\||a|b| |\n|\r|\t|\u{1b}|\\*\\*){1,5}", 12),
        ) {
            let plain = read(PLAN).session;
            let mut hostile = plain.clone();
            let mut next = words.iter().cycle();
            let mut word = || format!("a{}", next.next().unwrap());
            hostile.name = word();
            for group in &mut hostile.groups {
                group.name = word();
                group.path = word();
                group.description = word();
            }
            for task in &mut hostile.tasks {
                task.title = word();
                if let Some(tail) = &mut task.tail {
                    tail.specialist = tail.specialist.as_ref().map(|_| word());
                }
            }
            for section in &mut hostile.sections {
                section.body = word();
            }
            // Texts stand where texts stood, or the shapes could differ for that reason alone.
            let mut plain = plain;
            plain.sections.iter_mut().for_each(|s| s.body = "a".into());
            plain.groups.iter_mut().for_each(|g| g.description = "a".into());
            let (good, bad) = (seen(&plain), seen(&hostile));
            for which in [View::Overview, View::Group(0)] {
                let (good, bad) = (body(which, &good), body(which, &bad));
                proptest::prop_assert_eq!(shape(&good), shape(&bad), "{}", bad);
            }
            for which in View::all(&bad) {
                let text = body(which, &bad);
                proptest::prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{}", text);
                proptest::prop_assert!(!text.contains("<!--") || text.contains("\\<!--"), "{}", text);
            }
        }
    }
}
