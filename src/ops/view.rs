use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Version of every JSON document that leaves this program.
pub const SCHEMA: u32 = 1;

/// How far a session or group has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ProgressView {
    /// Completed tasks.
    pub completed: usize,
    /// Tasks that are not cancelled, subtasks included.
    pub total: usize,
    /// Per cent, rounded down.
    pub percent: usize,
}

impl From<crate::model::Progress> for ProgressView {
    fn from(p: crate::model::Progress) -> Self {
        Self { completed: p.completed, total: p.total, percent: p.percent() }
    }
}

/// A session as JSON.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct SessionView {
    /// Identity.
    pub id: String,
    /// Title.
    pub name: String,
    /// One of the nine states.
    pub status: String,
    /// The mode's file or name.
    pub mode: Option<String>,
    /// What kind of work it is; absent for a project.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `urgent|high|medium|low|someday`.
    pub priority: Option<String>,
    /// Path of `session.md` below the workspace's root, with `/`.
    pub path: String,
    /// blake3 of the file, 64 hex digits.
    pub revision: String,
    /// Over all tasks.
    pub progress: ProgressView,
}

/// A task as JSON.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct TaskView {
    /// `null` until adopted.
    pub id: Option<String>,
    /// Without tail, fields and id.
    pub title: String,
    /// One of the eight states.
    pub status: String,
    /// The session's id.
    pub session: String,
    /// Path of the group: `Backend/API`.
    pub group: Option<String>,
    /// The parent's id.
    pub parent: Option<String>,
    /// 0 for a root task.
    pub depth: u32,
    /// Who or what role does it.
    pub specialist: Option<String>,
    /// `urgent|high|medium|low|someday`.
    pub priority: Option<String>,
    /// In minutes.
    pub estimate_minutes: Option<u32>,
    /// In minutes.
    pub actual_minutes: Option<u32>,
    /// References as resolved: ids, `session#id`, or the text as written where nothing was found.
    pub depends_on: Vec<String>,
    /// Those of `depends_on` that are not completed, or cannot be found.
    pub blocked_by: Vec<String>,
    /// Whether it can be begun now.
    pub ready: bool,
    /// As written.
    pub due: Option<String>,
    /// 1-based line of `session.md`.
    pub line: u32,
    /// Fields of the user's own.
    pub extra: Map<String, Value>,
}

/// A group as JSON.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct GroupView {
    /// The heading's text.
    pub name: String,
    /// `Backend/API`.
    pub path: String,
    /// The session's id.
    pub session: String,
    /// Path of the enclosing group.
    pub parent: Option<String>,
    /// What it is about.
    pub focus: Option<String>,
    /// The default for its tasks.
    pub priority: Option<String>,
    /// Over its tasks and those of nested groups.
    pub progress: ProgressView,
    /// Sum of its tasks' estimates, in minutes, nested groups included.
    pub estimate_minutes: u32,
}

/// A finding as JSON.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct DiagnosticView {
    /// `T103`
    pub code: String,
    /// `status-contradiction`
    pub name: String,
    /// `error|warning|info|hint`
    pub severity: String,
    /// One sentence.
    pub message: String,
    /// Below the workspace's root, with `/`.
    pub path: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in bytes.
    pub column: usize,
    /// Byte range.
    pub span: (usize, usize),
    /// Whether `check --fix` mends it.
    pub fixable: bool,
}
