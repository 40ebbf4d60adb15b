use crate::model::SectionKind as S;
use crate::model::{Field, FieldEntry, Priority, Session, SessionStatus, Task, TaskId, TaskStatus};

use super::Report;

/// One session to be created, free of any file format.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Draft {
    /// The directory name it would like; the caller makes it unique.
    pub id: String,
    /// Its title.
    pub name: String,
    /// What it is about, Markdown.
    pub description: String,
    /// Its state; `None` leaves the line out.
    pub status: Option<SessionStatus>,
    /// Its mode's file.
    pub mode: Option<String>,
    /// When it was created, as a date.
    pub created: Option<String>,
    /// When it is due.
    pub due: Option<String>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// What kind of work it is, as written.
    pub kind: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Groups in order.
    pub groups: Vec<DraftGroup>,
    /// Tasks; after [`super::settle`] in document order, parents before their subtasks.
    pub tasks: Vec<DraftTask>,
    /// Entries of Session Notes.
    pub notes: Vec<String>,
    /// Entries of Decisions Made.
    pub decisions: Vec<String>,
    /// Entries of Key Learnings.
    pub learnings: Vec<String>,
    /// Entries of Next Steps.
    pub next_steps: Vec<String>,
    /// Files that belong to its tasks.
    pub artifacts: Vec<Artifact>,
    /// Front-matter keys of the user's own, raw values on one line.
    pub extra: Vec<(String, String)>,
    /// The file's own bytes, where it is one of ours already but for the ids: they are kept as
    /// they are and only adopted; everything above but `id` and `name` is then empty.
    pub verbatim: Option<Vec<u8>>,
}

/// A group to be created.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DraftGroup {
    /// The id it had in the source; empty for none.
    pub old_id: String,
    /// The heading's text; `Backend/API` nests under `Backend`.
    pub path: String,
    /// `**Key**: value` lines.
    pub header: Vec<(String, String)>,
    /// Text below them, Markdown.
    pub description: String,
}

/// A task to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftTask {
    /// The id it had in the source, as written there; empty for none.
    pub old_id: String,
    /// Its id here; given by [`super::settle`].
    pub id: Option<TaskId>,
    /// The group, an index into the draft's; subtasks follow their root.
    pub group: Option<usize>,
    /// The task it is a part of, an index into the draft's.
    pub parent: Option<usize>,
    /// The title as in the source, whatever it holds.
    pub title: String,
    /// The state.
    pub status: TaskStatus,
    /// Who does it.
    pub specialist: Option<String>,
    /// Estimated effort in minutes.
    pub estimate: Option<u32>,
    /// Real effort in minutes.
    pub actual: Option<u32>,
    /// All other facts: (key, value), keys of [`Field`] in their canonical spelling.
    pub fields: Vec<(String, String)>,
    /// What must be done before: as the source names it, after [`super::settle`] as a file of ours
    /// names it.
    pub depends_on: Vec<String>,
    /// Ids it once had; they keep resolving.
    pub aliases: Vec<String>,
    /// Text below the title, Markdown.
    pub description: String,
    /// Whether the source had put it into its archive.
    pub archived: bool,
}

/// A file that belongs to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The task, by its id in the source.
    pub task: String,
    /// What the source called it: a path, or an id.
    pub named: String,
    /// Where it really is, relative to the source; `None` where it could not be found.
    pub file: Option<String>,
    /// What kind of artifact the source says it is.
    pub kind: String,
    /// One line about it.
    pub summary: String,
}

/// A file of the source that is worth copying as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFile {
    /// Where it is, relative to the source.
    pub from: String,
    /// Where it belongs below `.task_orchestrator`: `roles/x.yaml`, `templates/user/y.json5`.
    pub to: String,
}

/// A row of the source that is not in the plan, whole, as a line of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The file.
    pub source: String,
    /// The table, or the kind of thing.
    pub table: String,
    /// The row.
    pub json: String,
}

/// All that one import brings.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Import {
    /// Sessions to be created.
    pub drafts: Vec<Draft>,
    /// Files to be copied.
    pub copies: Vec<CopyFile>,
    /// What is kept aside, so that nothing is lost.
    pub aside: Vec<Aside>,
    /// What became of everything.
    pub report: Report,
}

impl DraftTask {
    /// A pending task without anything but a title.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            old_id: String::new(),
            id: None,
            group: None,
            parent: None,
            title: title.into(),
            status: TaskStatus::Pending,
            specialist: None,
            estimate: None,
            actual: None,
            fields: Vec::new(),
            depends_on: Vec::new(),
            aliases: Vec::new(),
            description: String::new(),
            archived: false,
        }
    }

    /// The value of a field in `fields`.
    #[must_use]
    pub fn field(&self, field: Field) -> Option<&str> {
        self.extra(field.key())
    }

    /// The value of the field spelled `key`.
    #[must_use]
    pub fn extra(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Adds a field unless its value is blank.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.trim().is_empty() {
            self.fields.push((key.to_owned(), value));
        }
    }

    /// Adds a paragraph to the description.
    pub fn describe(&mut self, text: &str) {
        push_paragraph(&mut self.description, text);
    }

    /// The words of its tags.
    #[must_use]
    pub fn tags(&self) -> Vec<&str> {
        self.field(Field::Tags)
            .map(|v| v.split(',').map(str::trim).filter(|w| !w.is_empty()).collect())
            .unwrap_or_default()
    }
}

/// Adds `text` as a paragraph of its own; blank text adds nothing.
pub(crate) fn push_paragraph(to: &mut String, text: &str) {
    let text = text.trim_end();
    if text.trim().is_empty() {
        return;
    }
    if !to.trim().is_empty() {
        to.push_str("\n\n");
    }
    to.push_str(text);
}

impl Draft {
    /// An empty session of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { id: crate::model::slug(name), name: name.to_owned(), ..Self::default() }
    }

    /// What a session of ours says, for leaving again.
    #[must_use]
    pub fn from_session(session: &Session) -> Self {
        let text = |kind| {
            let bodies = session.sections.iter().filter(move |s| s.kind == kind).map(|s| s.body.as_str());
            bodies.collect::<Vec<_>>().join("\n")
        };
        Self {
            id: session.id.clone(),
            name: session.name.clone(),
            description: super::safe::unquoted(text(S::Overview).trim()),
            status: session.written_status(),
            mode: session.mode().map(str::to_owned),
            created: session.created().map(str::to_owned),
            due: session.due().map(|d| d.as_str().to_owned()),
            priority: session.priority(),
            kind: session.fact("type").map(str::to_owned),
            tags: tags_of(session),
            groups: session
                .groups
                .iter()
                .map(|g| DraftGroup {
                    old_id: String::new(),
                    path: super::safe::heading_back(&g.path),
                    header: g.header.clone(),
                    description: super::safe::unquoted(g.description.trim()),
                })
                .collect(),
            tasks: session.tasks.iter().map(DraftTask::from_task).collect(),
            notes: entries(&text(S::Notes)),
            decisions: entries(&text(S::Decisions)),
            learnings: entries(&text(S::Learnings)),
            next_steps: entries(&text(S::NextSteps)),
            artifacts: Vec::new(),
            extra: session
                .front_matter
                .iter()
                .filter(|(k, v)| !matches!(k.as_str(), "schema" | "id" | "tags") && !v.contains('\n'))
                .cloned()
                .collect(),
            verbatim: None,
        }
    }

    /// Children of `parent`, or the root tasks, in order.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        self.tasks.iter().enumerate().filter(move |(_, t)| t.parent == parent).map(|(i, _)| i)
    }
}

fn tags_of(session: &Session) -> Vec<String> {
    let raw = session.front_matter_keys("tags").next().map_or("", |i| session.front_matter[i].1.as_str());
    let raw = raw.trim().trim_start_matches('[').trim_end_matches(']');
    raw.split([',', '\n'])
        .map(|w| w.trim().trim_start_matches("- ").trim_matches(['"', '\'']).to_owned())
        .filter(|w| !w.is_empty())
        .collect()
}

/// The list items of a notes section; text that is no item is an entry of its own.
fn entries(body: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in body.lines() {
        if let Some(first) = line.strip_prefix("- ") {
            all.push(first.to_owned());
        } else if let Some(last) = all.last_mut() {
            last.push('\n');
            last.push_str(line.strip_prefix("  ").unwrap_or(line));
        } else if !line.trim().is_empty() {
            all.push(line.to_owned());
        }
    }
    all.iter().map(|e| super::safe::body_back(e.trim_end())).filter(|e| !e.is_empty()).collect()
}

impl DraftTask {
    pub(super) fn from_task(task: &Task) -> Self {
        let effort = task.effort();
        let own = |e: &&FieldEntry| {
            let carried_elsewhere = [
                Field::Id,
                Field::DependsOn,
                Field::Formerly,
                Field::Specialist,
                Field::Est,
                Field::Actual,
                Field::Status,
            ];
            e.field.is_none_or(|f| !carried_elsewhere.contains(&f))
        };
        let key = |e: &FieldEntry| e.field.map_or_else(|| e.key.to_string(), |f| f.key().to_owned());
        let formerly = task.fields.iter().filter(|e| e.field == Some(Field::Formerly));
        Self {
            old_id: task.id.as_ref().map(ToString::to_string).unwrap_or_default(),
            id: task.id.clone(),
            group: task.group,
            parent: task.parent,
            title: super::safe::title_back(&task.title),
            status: task.status,
            specialist: task.specialist().map(str::to_owned),
            estimate: effort.estimate,
            actual: effort.actual,
            fields: task.fields.iter().filter(own).map(|e| (key(e), e.value.clone())).collect(),
            depends_on: task.depends_on().iter().map(ToString::to_string).collect(),
            aliases: formerly
                .flat_map(|e| e.value.split(','))
                .map(|w| w.trim().to_owned())
                .filter(|w| !w.is_empty())
                .collect(),
            description: super::safe::body_back(&super::safe::dedented(&task.description)),
            archived: false,
        }
    }
}
