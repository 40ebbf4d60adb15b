use crate::model::TaskId;

/// What a conflict is about.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum Entity {
    /// The file's header, front matter or text before the first heading.
    Session,
    /// The text below a heading, or the heading.
    Section(String),
    /// A task.
    Task {
        /// Its id.
        id: Option<TaskId>,
        /// Its title.
        title: String,
    },
}

/// Why the two sides could not be brought together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ConflictKind {
    /// Two values of one field.
    Field,
    /// Two texts of one place.
    Prose,
    /// One side deleted what the other modified.
    DeleteModify,
    /// An input held conflict markers or could not be understood; it was merged as plain lines.
    Markers,
    /// An input is too long; nothing was merged.
    TooLong,
}

impl ConflictKind {
    /// The word of a conflict record: `delete_modify`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Prose => "prose",
            Self::DeleteModify => "delete_modify",
            Self::Markers => "markers",
            Self::TooLong => "too_long",
        }
    }
}

/// Something that both sides changed, differently. Holds all three versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// What it is about.
    pub entity: Entity,
    /// The field's key, `title`, `status`, or `text` for prose.
    pub what: String,
    /// Why.
    pub kind: ConflictKind,
    /// What it was; `None` where it was not there.
    pub base: Option<String>,
    /// What ours made of it; `None` where ours deleted it.
    pub ours: Option<String>,
    /// What theirs made of it; `None` where theirs deleted it.
    pub theirs: Option<String>,
}

/// Something that was settled and that people should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// Both sides moved a task, each elsewhere; it stands where ours put it.
    MovedTwice(Entity),
    /// One side moved a task, the other deleted it; it was kept.
    MovedAndDeleted(Entity),
    /// Both sides gave the same id to new tasks; the one of theirs got another.
    NewId {
        /// The task.
        task: Entity,
        /// The id both had; it stays as an alias.
        old: TaskId,
        /// Its id now.
        new: TaskId,
    },
    /// The file was merged as plain lines.
    PlainLines {
        /// Why.
        because: &'static str,
    },
}
