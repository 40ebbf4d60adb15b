use super::FileStat;
use crate::model::{SessionStatus, TaskStatus};
use crate::text::ContentHash;

/// Everything the index keeps of one session file: plain values, a function of the file's bytes,
/// its directory's name and (in `file`) how it was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SessionRecord {
    /// The key: the name of the session's directory.
    pub directory: String,
    /// The id the file states; the directory's name where it states none.
    pub identity: String,
    /// Display name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The state the file states; a file that states none is open for work (active).
    pub status: Option<SessionStatus>,
    /// The mode's file or name.
    pub mode: Option<String>,
    /// What kind of work it is; `project` where the file does not say.
    pub kind: String,
    /// 1–5, where stated.
    pub priority: Option<u8>,
    /// As written.
    pub created: Option<String>,
    /// As written.
    pub due: Option<String>,
    /// JSON list of words, where there are any.
    pub tags: Option<String>,
    /// The file.
    pub file: FileRecord,
    /// In the order of the text; parents first.
    pub groups: Vec<GroupRecord>,
    /// In the order of the text; parents first.
    pub tasks: Vec<TaskRecord>,
    /// In the order of the text.
    pub notes: Vec<NoteRecord>,
    /// In any order.
    pub diagnostics: Vec<DiagnosticRecord>,
}

/// The file a session was read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRecord {
    /// Relative to the workspace.
    pub path: String,
    /// Taken before the bytes were read.
    pub stat: FileStat,
    /// Of the bytes: the session's revision.
    pub hash: ContentHash,
    /// Of the parser.
    pub parser_version: i64,
    /// When they were read, by the file system's clock.
    pub hashed_at_ns: i64,
}

impl Default for FileRecord {
    fn default() -> Self {
        Self {
            path: String::new(),
            stat: FileStat::default(),
            hash: ContentHash::of(b""),
            parser_version: 0,
            hashed_at_ns: 0,
        }
    }
}

/// One group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupRecord {
    /// The heading's text.
    pub name: String,
    /// Names from the outermost group down, joined by `/`.
    pub path: String,
    /// Index of the enclosing group.
    pub parent: Option<usize>,
    /// Mostly a specialist's name.
    pub focus: Option<String>,
    /// 1–5, where stated.
    pub priority: Option<u8>,
    /// Text below the heading.
    pub description: String,
}

/// Whether a task can be begun.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Ready {
    /// Something in its own session stands in the way.
    #[default]
    No = 0,
    /// Nothing does.
    Yes = 1,
    /// Nothing here, but tasks of other sessions must be completed first.
    IfForeign = 2,
}

/// One task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskRecord {
    /// Unique within the file: its id, or the id it would be adopted under.
    pub row_id: String,
    /// Its id; `None` until adopted.
    pub id: Option<String>,
    /// Index of the task it is a part of.
    pub parent: Option<usize>,
    /// Index of its group.
    pub group: Option<usize>,
    /// 0 for a root task.
    pub depth: u32,
    /// One line.
    pub title: String,
    /// Text below the head.
    pub description: String,
    /// The state.
    pub status: TaskStatus,
    /// Who does it.
    pub specialist: Option<String>,
    /// 1–5, where stated on the task.
    pub priority: Option<u8>,
    /// `YYYY-MM-DD…`.
    pub due: Option<String>,
    /// Minutes.
    pub estimate: Option<u32>,
    /// Minutes.
    pub actual: Option<u32>,
    /// `simple`, `moderate`, …
    pub complexity: Option<String>,
    /// `pending`, `passed`, …
    pub verified: Option<String>,
    /// Per cent done, where stated.
    pub progress: Option<u8>,
    /// As written.
    pub created: Option<String>,
    /// As written.
    pub started: Option<String>,
    /// As written.
    pub completed: Option<String>,
    /// References as written.
    pub depends_on: Vec<String>,
    /// References as written.
    pub blocks: Vec<String>,
    /// References as written.
    pub related: Vec<String>,
    /// Without `#`.
    pub tags: Vec<String>,
    /// Ids it once had.
    pub aliases: Vec<String>,
    /// A JSON object of the user's own fields, where there are any.
    pub extra: Option<String>,
    /// 1-based line of its head.
    pub line: u32,
    /// Byte at which that line starts.
    pub offset: u64,
    /// Whether it can be begun.
    pub ready: Ready,
    /// What it waits for.
    pub dependencies: Vec<DependencyRecord>,
}

/// How a dependency came to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Via {
    /// The task says what it depends on.
    DependsOn,
    /// The other task says what it blocks.
    Blocks,
    /// An ancestor waits for a task of another session.
    Inherited,
}

impl Via {
    /// The word in the index.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DependsOn => "depends_on",
            Self::Blocks => "blocks",
            Self::Inherited => "inherited",
        }
    }
}

/// One thing a task waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DependencyRecord {
    /// Who says so.
    pub via: Via,
    /// The reference as written.
    pub written: String,
    /// What it names.
    pub target: TargetRecord,
}

/// What a reference names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TargetRecord {
    /// A task of the same file, by its index.
    Task(usize),
    /// A task of another session, looked up when asked.
    Foreign {
        /// Directory or id of the session.
        session: String,
        /// The task's id there.
        id: String,
    },
    /// Nothing.
    Unknown,
    /// Several tasks of one title.
    Ambiguous,
}

/// Text that is no task, to be searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteRecord {
    /// What it is.
    pub kind: NoteKind,
    /// The heading.
    pub title: String,
    /// The text.
    pub body: String,
    /// 1-based; 0 where unknown.
    pub line: u32,
}

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum NoteKind {
    /// The session itself: its name and preamble.
    Session,
    /// A group's description.
    Group,
    /// Session Overview.
    Overview,
    /// Session Notes, Next Steps and every section of the user's own.
    Note,
    /// Decisions Made.
    Decision,
    /// Key Learnings.
    Learning,
    /// Change Log.
    ChangeLog,
}

impl NoteKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Session,
        Self::Group,
        Self::Overview,
        Self::Note,
        Self::Decision,
        Self::Learning,
        Self::ChangeLog,
    ];

    /// The word in the index and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Group => "group",
            Self::Overview => "overview",
            Self::Note => "note",
            Self::Decision => "decision",
            Self::Learning => "learning",
            Self::ChangeLog => "change_log",
        }
    }
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiagnosticRecord {
    /// `T103`.
    pub code: String,
    /// 0 hint, 1 info, 2 warning, 3 error.
    pub severity: u8,
    /// One sentence.
    pub message: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in bytes.
    pub column: u32,
    /// First byte.
    pub start: u64,
    /// Bytes.
    pub length: u64,
    /// Whether `check --fix` can mend it.
    pub fixable: bool,
}
