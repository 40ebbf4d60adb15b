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
        match self {
            Self::Overview => "overview.md".to_owned(),
            Self::ActiveTasks => "tasks/active_tasks.md".to_owned(),
            Self::CompletedTasks => "tasks/completed_tasks.md".to_owned(),
            Self::Group(group) => {
                let name = |i: usize| session.groups.get(i).map(|g| group_file(&g.path)).unwrap_or_default();
                let own = name(group);
                let before = (0..group).filter(|&i| name(i) == own).count();
                // A dot belongs to no name made of words, so the number never meets another name.
                let number = if before == 0 { String::new() } else { format!(".{}", before + 1) };
                format!("task_groups/{own}{number}.md")
            }
            Self::Assignments => "specialists/assignments.md".to_owned(),
            Self::Performance => "specialists/performance.md".to_owned(),
            Self::Artifacts => "artifacts/session_artifacts.md".to_owned(),
        }
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
