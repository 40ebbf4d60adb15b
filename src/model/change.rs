use super::{Field, TaskId, TaskStatus, Timestamp};

/// Names a task in the session a change is made against.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum TaskKey {
    /// By id: survives other people's edits.
    Id(TaskId),
    /// By its place in document order in the base text; for tasks that have no id yet.
    Nth(usize),
}

/// Names a group.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum GroupRef {
    /// By path, in its compared form: `Backend/API`.
    Path(String),
    /// By its place in document order in the base text.
    Nth(usize),
    /// Before the first group.
    Ungrouped,
}

/// Where among its new siblings something goes.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Default)]
pub enum Position {
    /// Before all siblings.
    First,
    /// After all siblings.
    #[default]
    Last,
    /// Right before this sibling.
    Before(TaskKey),
    /// Right after this sibling and everything below it.
    After(TaskKey),
}

/// A place in the tree.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum Place {
    /// A root task of a group. One named by a path where there is none is made, in the same step.
    Group(GroupRef, Position),
    /// A subtask of a task.
    Under(TaskKey, Position),
}

/// A task to be written, with its subtasks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewTask {
    /// Its id, drawn before.
    pub id: Option<TaskId>,
    /// One line.
    pub title: String,
    /// `None` is pending.
    pub status: Option<TaskStatus>,
    /// Goes into the tail.
    pub specialist: Option<String>,
    /// Goes into the tail, in minutes.
    pub estimate: Option<u32>,
    /// Goes into inline fields, in this order: (key as written, value).
    pub fields: Vec<(String, String)>,
    /// Lines below the head; empty for none.
    pub description: String,
    /// Subtasks, in order.
    pub children: Vec<NewTask>,
}

/// A fact of the session's header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum HeaderKey {
    /// Its state.
    Status,
    /// Its mode.
    Mode,
    /// When it was created.
    Created,
    /// How urgent.
    Priority,
    /// When it is due.
    Due,
    /// What kind of work it is: research, maintenance, any word.
    Type,
    /// Front matter only: identity.
    Id,
    /// Front matter only: words to find it by.
    Tags,
}

impl HeaderKey {
    /// The label in the body: `**Status**`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Mode => "Mode",
            Self::Created => "Created",
            Self::Priority => "Priority",
            Self::Due => "Due",
            Self::Type => "Type",
            Self::Id => "Session ID",
            Self::Tags => "Tags",
        }
    }

    /// The key in the front matter, also its compared form.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Mode => "mode",
            Self::Created => "created",
            Self::Priority => "priority",
            Self::Due => "due",
            Self::Type => "type",
            Self::Id => "id",
            Self::Tags => "tags",
        }
    }
}

/// A section that entries can be appended to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum NotesSection {
    /// Session Notes itself.
    Notes,
    /// Decisions Made.
    Decisions,
    /// Key Learnings.
    Learnings,
    /// Next Steps.
    NextSteps,
    /// Change Log.
    ChangeLog,
}

/// One thing that somebody wants to be different. A change sees no text and writes nothing;
/// it can be replayed on a newer text as long as what it names is still there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Sets a task's state: checkbox, word and (on completion) the effort's form.
    SetStatus {
        /// Which task.
        task: TaskKey,
        /// The new state.
        to: TaskStatus,
    },
    /// Sets or removes a field. A known field goes to the carrier it is in, a new one is inline;
    /// specialist and estimate live in the tail where there is one.
    SetField {
        /// Which task.
        task: TaskKey,
        /// The key: a known field's canonical key, or one of the user's own.
        key: String,
        /// The new value; `None` removes the field.
        value: Option<String>,
    },
    /// Gives an id to a task that has none.
    AssignId {
        /// Which task.
        task: TaskKey,
        /// Its id.
        id: TaskId,
    },
    /// Replaces a task's id that names another task too; the old one stays as an alias.
    ReplaceId {
        /// Which task.
        task: TaskKey,
        /// Its new id.
        id: TaskId,
    },
    /// Changes a title.
    RenameTask {
        /// Which task.
        task: TaskKey,
        /// One line.
        title: String,
    },
    /// Replaces the text below a task's head (subtasks excluded); empty removes it.
    SetDescription {
        /// Which task.
        task: TaskKey,
        /// Lines, unindented.
        text: String,
    },
    /// Adds lines to the text below a task's head.
    AppendDescription {
        /// Which task.
        task: TaskKey,
        /// Lines, unindented.
        text: String,
    },
    /// Adds tasks, with their subtasks, in order.
    AddTasks {
        /// Where.
        place: Place,
        /// Which.
        tasks: Vec<NewTask>,
    },
    /// Removes a task and everything below it.
    DeleteTask {
        /// Which task.
        task: TaskKey,
    },
    /// Moves a task and everything below it, bytes and all.
    MoveTask {
        /// Which task.
        task: TaskKey,
        /// Where to.
        to: Place,
    },
    /// Adds an empty group at the end of the task section (which is made where there is none).
    /// Where headings are groups only while they hold tasks it is refused: there a group is made
    /// with its first task.
    AddGroup {
        /// The heading's text; `Backend/API` nests under `Backend`.
        name: String,
        /// `**Focus**`, `**Priority**`…: (label, value).
        header: Vec<(String, String)>,
    },
    /// Changes a group's heading text.
    RenameGroup {
        /// Which group.
        group: GroupRef,
        /// The new text.
        name: String,
    },
    /// Sets a `**Key**: value` line of a group.
    SetGroupField {
        /// Which group.
        group: GroupRef,
        /// The label: `Focus`, `Priority`.
        label: String,
        /// The value; `None` removes the line.
        value: Option<String>,
    },
    /// Removes a group: its heading and everything up to the next group.
    DeleteGroup {
        /// Which group.
        group: GroupRef,
    },
    /// Moves a whole group, bytes and all, before another one, or to the end.
    MoveGroup {
        /// Which group.
        group: GroupRef,
        /// The group it will stand before; `None` is the end.
        before: Option<GroupRef>,
    },
    /// Sets or removes a fact of the header, where it stands.
    SetHeader {
        /// Which fact.
        key: HeaderKey,
        /// The value; `None` removes it.
        value: Option<String>,
    },
    /// Changes the title's text.
    RenameSession {
        /// One line.
        name: String,
    },
    /// Appends one list item to a notes section (which is made where there is none).
    AppendEntry {
        /// Which section.
        section: NotesSection,
        /// One entry; further lines are indented below it.
        text: String,
    },
    /// Gives generated blocks that nobody edited a new text.
    RefreshBlocks {
        /// New inner text by block name; blocks not named are left alone.
        blocks: Vec<(String, String)>,
    },
    /// Brings derived fields (Progress, counts) up to date where they stand and are understood.
    RefreshDerived {
        /// The moment of the change, where `Last Updated` is to say it; `None` leaves that alone.
        now: Option<Timestamp>,
    },
}

impl Change {
    /// The task it names, where it names one.
    #[must_use]
    pub fn task(&self) -> Option<&TaskKey> {
        match self {
            Self::SetStatus { task, .. }
            | Self::SetField { task, .. }
            | Self::AssignId { task, .. }
            | Self::ReplaceId { task, .. }
            | Self::RenameTask { task, .. }
            | Self::SetDescription { task, .. }
            | Self::AppendDescription { task, .. }
            | Self::DeleteTask { task }
            | Self::MoveTask { task, .. } => Some(task),
            Self::AddTasks { .. }
            | Self::AddGroup { .. }
            | Self::RenameGroup { .. }
            | Self::SetGroupField { .. }
            | Self::DeleteGroup { .. }
            | Self::MoveGroup { .. }
            | Self::SetHeader { .. }
            | Self::RenameSession { .. }
            | Self::AppendEntry { .. }
            | Self::RefreshBlocks { .. }
            | Self::RefreshDerived { .. } => None,
        }
    }

    /// Sets a known field.
    #[must_use]
    pub fn set_field(task: TaskKey, field: Field, value: Option<String>) -> Self {
        Self::SetField { task, key: field.key().to_owned(), value }
    }
}
