use std::collections::BTreeMap;

use crate::model::{
    Graph, Priority, Progress, SectionKind, Session, SessionStatus, Target, TaskStatus, Timestamp, Unready,
    norm,
};

/// A session as views show it: the plan, and what follows from it.
///
/// The caller fills `log`, `artifacts` and `sync_state`, which the session file does not tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionView {
    /// Identity.
    pub id: String,
    /// The directory's name.
    pub directory: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub status: SessionStatus,
    /// Its mode's file or name.
    pub mode: Option<String>,
    /// When it was created, as written.
    pub created: Option<String>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// When it is due, as written.
    pub due: Option<String>,
    /// The revision of the file.
    pub revision: String,
    /// When the view is made.
    pub now: Timestamp,
    /// The text of Session Overview, raw.
    pub overview: String,
    /// The text of Session Notes itself, raw.
    pub notes: String,
    /// The text of Decisions Made, raw.
    pub decisions: String,
    /// The text of Key Learnings, raw.
    pub learnings: String,
    /// The text of Next Steps, raw.
    pub next_steps: String,
    /// The text of Change Log, raw.
    pub changes: String,
    /// Progress of the whole.
    pub progress: Progress,
    /// Groups in order.
    pub groups: Vec<GroupView>,
    /// Tasks in order.
    pub tasks: Vec<TaskView>,
    /// Who has work here, by name.
    pub specialists: Vec<SpecialistView>,
    /// The longest chain of open work, first task first.
    pub critical_path: Vec<usize>,
    /// What happened, newest last; filled by the caller.
    pub log: Vec<LogView>,
    /// What was made; filled by the caller.
    pub artifacts: Vec<ArtifactView>,
    /// One word about the file and the index: `in sync`, `conflict`.
    pub sync_state: String,
}

/// A group as views show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupView {
    /// The heading's text.
    pub name: String,
    /// Names from the outermost group down: `Backend/API`.
    pub path: String,
    /// 0 for a group that stands in no other one.
    pub depth: usize,
    /// Progress of its tasks and of those in groups inside it.
    pub progress: Progress,
    /// What it is about.
    pub focus: Option<String>,
    /// The default for its tasks.
    pub priority: Option<Priority>,
    /// Its text, raw.
    pub description: String,
    /// Its own tasks, in order.
    pub tasks: Vec<usize>,
}

/// A task as views show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskView {
    /// Its id.
    pub id: Option<String>,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: TaskStatus,
    /// Who does it.
    pub specialist: Option<String>,
    /// Minutes it was thought to take.
    pub estimate: Option<u32>,
    /// Minutes it took.
    pub actual: Option<u32>,
    /// Its own priority, else its group's.
    pub priority: Option<Priority>,
    /// When it is due, as written.
    pub due: Option<String>,
    /// 0 for a root task.
    pub depth: u32,
    /// The group it is filed under.
    pub group: Option<usize>,
    /// Whether nothing in this session stands in its way.
    pub is_ready: bool,
    /// Whether it is open and its date has passed.
    pub is_overdue: bool,
    /// What it waits for, in words.
    pub blockers: Vec<String>,
}

/// One specialist's work in a session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpecialistView {
    /// The name as first written.
    pub name: String,
    /// How far the work is.
    pub progress: Progress,
    /// Minutes estimated, of all tasks.
    pub estimate: u32,
    /// Minutes spent, of all tasks.
    pub actual: u32,
    /// Of tasks that tell both: (estimated, spent) minutes.
    pub compared: (u32, u32),
    /// The tasks, in order.
    pub tasks: Vec<usize>,
}

/// A line of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogView {
    /// When, as it will be shown.
    pub when: String,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}

/// A file that came out of the work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArtifactView {
    /// Its path inside the session's directory.
    pub path: String,
    /// What kind of thing, where that was noted.
    pub kind: Option<String>,
    /// One line about it.
    pub description: Option<String>,
    /// The task that made it.
    pub task: Option<String>,
    /// Bytes.
    pub size: u64,
}

/// Everything that views show of `session`, at this revision and time.
#[must_use]
pub fn view_of(session: &Session, revision: &str, now: Timestamp) -> SessionView {
    let graph = Graph::of(session);
    let tasks = tasks(session, &graph, &now.date());
    let text = |kind: SectionKind| {
        let bodies = session.sections.iter().filter(|s| s.kind == kind).map(|s| unmarked(&s.body));
        bodies.filter(|b| !b.is_empty()).collect::<Vec<_>>().join("\n\n")
    };
    SessionView {
        id: session.id.clone(),
        directory: session.directory.clone(),
        name: session.name.clone(),
        status: session.status(),
        mode: session.mode().map(str::to_owned),
        created: session.created().map(str::to_owned),
        priority: session.priority(),
        due: session.due().map(|d| d.to_string()),
        revision: revision.to_owned(),
        now,
        overview: text(SectionKind::Overview),
        notes: text(SectionKind::Notes),
        decisions: text(SectionKind::Decisions),
        learnings: text(SectionKind::Learnings),
        next_steps: text(SectionKind::NextSteps),
        changes: text(SectionKind::ChangeLog),
        progress: session.progress(),
        groups: groups(session),
        specialists: specialists(&tasks),
        tasks,
        critical_path: graph.critical_path(session),
        log: Vec::new(),
        artifacts: Vec::new(),
        sync_state: "in sync".to_owned(),
    }
}

/// A text without the marker lines of generated blocks: what is between them is part of the plan's text.
fn unmarked(body: &str) -> String {
    let is_marker = |line: &&str| {
        let line = line.trim();
        line.ends_with("-->")
            && ["begin ", "end "]
                .iter()
                .any(|verb| line.strip_prefix("<!-- plandown:").is_some_and(|rest| rest.starts_with(verb)))
    };
    body.lines().filter(|line| !is_marker(line)).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn groups(session: &Session) -> Vec<GroupView> {
    let mut groups: Vec<GroupView> = Vec::with_capacity(session.groups.len());
    for group in &session.groups {
        let depth = group.parent.and_then(|p| groups.get(p)).map_or(0, |p| p.depth + 1);
        groups.push(GroupView {
            name: group.name.clone(),
            path: group.path.clone(),
            depth,
            progress: Progress::default(),
            focus: group.focus().map(str::to_owned),
            priority: group.priority(),
            description: group.description.clone(),
            tasks: Vec::new(),
        });
    }
    for (i, task) in session.tasks.iter().enumerate() {
        if let Some(group) = task.group.and_then(|g| groups.get_mut(g)) {
            group.tasks.push(i);
            group.progress = group.progress.plus([task.status].into_iter().collect());
        }
    }
    // A parent stands before its children: from the end, everything inside is already counted.
    for i in (0..groups.len()).rev() {
        let inner = groups[i].progress;
        if let Some(parent) = session.groups[i].parent.filter(|&p| p < i).and_then(|p| groups.get_mut(p)) {
            parent.progress = parent.progress.plus(inner);
        }
    }
    groups
}

fn tasks(session: &Session, graph: &Graph, today: &str) -> Vec<TaskView> {
    let readiness = graph.readiness(session);
    let name = |i: usize| session.tasks[i].title.clone();
    let mut views = Vec::with_capacity(session.tasks.len());
    for (i, (task, ready)) in session.tasks.iter().zip(&readiness).enumerate() {
        let effort = task.effort();
        let due = task.due().map(|d| d.to_string());
        let is_open = task.status.is_open();
        let blocker = |reason: &Unready| match reason {
            Unready::Waits(t) => Some(name(*t)),
            Unready::Foreign { session, id } => Some(format!("{session}#{id}")),
            Unready::Unknown(_) => None,
            Unready::Ancestor(t) => Some(format!("what {} waits for", name(*t))),
            Unready::Status(_) | Unready::OpenSubtask(_) => None,
        };
        let mut blockers: Vec<String> = ready.reasons.iter().filter_map(blocker).collect();
        if is_open {
            let lost =
                graph.dependencies(i).filter(|e| matches!(e.to, Target::Unknown | Target::Ambiguous(_)));
            blockers.extend(lost.map(|_| "a task that cannot be found".to_owned()));
        }
        let group = task.group.and_then(|g| session.groups.get(g));
        views.push(TaskView {
            id: task.id.as_ref().map(ToString::to_string),
            title: task.title.clone(),
            status: task.status,
            specialist: task.specialist().map(str::to_owned).filter(|s| !s.trim().is_empty()),
            estimate: effort.estimate,
            actual: effort.actual,
            priority: task.priority().or_else(|| group?.priority()),
            is_overdue: is_open && due.as_deref().is_some_and(|d| d.get(..10).is_some_and(|d| d < today)),
            due,
            depth: task.depth,
            group: task.group,
            is_ready: ready.is_ready_here() && is_open,
            blockers: if is_open { blockers } else { Vec::new() },
        });
    }
    views
}

fn specialists(tasks: &[TaskView]) -> Vec<SpecialistView> {
    let mut by_name: BTreeMap<String, SpecialistView> = BTreeMap::new();
    for (i, task) in tasks.iter().enumerate() {
        let Some(name) = &task.specialist else { continue };
        let entry = by_name.entry(norm(name)).or_default();
        if entry.name.is_empty() {
            entry.name.clone_from(name);
        }
        entry.progress = entry.progress.plus([task.status].into_iter().collect());
        entry.estimate = entry.estimate.saturating_add(task.estimate.unwrap_or(0));
        entry.actual = entry.actual.saturating_add(task.actual.unwrap_or(0));
        if let (Some(estimate), Some(actual)) = (task.estimate, task.actual) {
            entry.compared.0 = entry.compared.0.saturating_add(estimate);
            entry.compared.1 = entry.compared.1.saturating_add(actual);
        }
        entry.tasks.push(i);
    }
    by_name.into_values().collect()
}
