use std::fmt;

use serde_json::{Map, Value};

/// What an error means for the caller: the exit code, and whether trying again can help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorClass {
    /// Findings, open conflicts, or nothing to do where that was asked to fail.
    Findings,
    /// The request itself is off.
    Usage,
    /// There is no workspace here.
    NoWorkspace,
    /// What it names is not there, or the name is ambiguous.
    NotFound,
    /// This write was refused: stale revision, conflict, lock, transition, read-only.
    Refused,
    /// A bug of ours.
    Internal,
}

impl ErrorClass {
    /// The process exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Findings => 1,
            Self::Usage => 2,
            Self::NoWorkspace => 3,
            Self::NotFound => 4,
            Self::Refused => 5,
            Self::Internal => 70,
        }
    }
}

macro_rules! error_codes {
    ($($name:ident, $code:literal, $class:ident, $doc:literal;)*) => {
        /// Every error code an operation can answer with, declared once.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum ErrorCode {
            $(#[doc = $doc] $name,)*
        }

        impl ErrorCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable kebab-case word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means for the caller.
            #[must_use]
            pub fn class(self) -> ErrorClass {
                match self { $(Self::$name => ErrorClass::$class,)* }
            }

            /// One sentence for `explain`.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }
        }
    };
}

error_codes! {
    NoWorkspace, "no-workspace", NoWorkspace, "no `.task_orchestrator` directory was found from here upwards";
    RootRefused, "root-refused", NoWorkspace, "the home directory and the file system's root are never taken as a workspace by accident";
    NotFound, "not-found", NotFound, "no task, group, section or file has that name";
    SessionNotFound, "session-not-found", NotFound, "no session has that id, directory or name";
    TaskNotFound, "task-not-found", NotFound, "no task has that id, prefix or title";
    GroupNotFound, "group-not-found", NotFound, "no group has that path or name";
    Ambiguous, "ambiguous", NotFound, "the prefix or title names more than one thing";
    NoSession, "no-session", NotFound, "no session is active and none was named";
    InvalidInput, "invalid-input", Usage, "a value does not have the form that is needed";
    EmptyTitle, "empty-title", Usage, "a title or name is empty";
    InvalidTransition, "invalid-transition", Refused, "that state cannot follow the present one";
    OpenWork, "open-work", Refused, "open subtasks, unmet dependencies or open tasks stand in the way";
    WouldCycle, "would-cycle", Refused, "the dependency would close a ring";
    AlreadyExists, "already-exists", Refused, "something of that name is there already";
    ActiveSessionExists, "active-session-exists", Refused, "another session is active";
    Referenced, "referenced", Refused, "other tasks refer to what would be removed";
    NotEmpty, "not-empty", Refused, "the group still has tasks";
    StaleRevision, "stale-revision", Refused, "the file has changed since the revision that was read";
    Conflict, "conflict", Refused, "the change and the file's present text contradict each other";
    BaseUnknown, "base-unknown", Refused, "the revision that was read was never recorded here";
    BasePruned, "base-pruned", Refused, "the revision that was read is not kept any more";
    FileReadOnly, "file-read-only", Refused, "the file has errors that make it read-only for machine edits";
    NotEditable, "not-editable", Refused, "that place of the file cannot be edited safely";
    SpliceMismatch, "splice-mismatch", Refused, "the edited text did not read back as planned; nothing was written";
    Busy, "busy", Refused, "another process holds the workspace's lock";
    ReadOnly, "read-only", Refused, "the directory or file system does not allow writing";
    NoSpace, "no-space", Refused, "the disk is full";
    Outside, "outside-workspace", Refused, "the path leads outside the workspace";
    IndexDamaged, "index-damaged", Refused, "the index contradicts itself; it can be built anew from the files";
    Indeterminate, "indeterminate", Refused, "the write may or may not have happened; look before trying again";
    NeedsForce, "needs-force", Refused, "destructive work that was not confirmed";
    ModeBroken, "mode-broken", Refused, "the mode has errors, so no session can be bound to it";
    TemplateBroken, "template-broken", Refused, "the template has errors, so it cannot be applied";
    Unreadable, "unreadable", Refused, "a file could not be read";
    NotADatabase, "not-a-database", Refused, "the file is no SQLite database";
    Damaged, "damaged", Refused, "the database, archive or backup is damaged";
    TooLarge, "too-large", Refused, "the file is over the limit of its size";
    TooDeep, "too-deep", Refused, "the file is nested deeper than any plan";
    SourceSyntax, "source-syntax", Refused, "what was to be imported ends early or is not written in its format";
    SourceUnknown, "source-unknown", Refused, "what was to be imported holds nothing that this importer knows";
    Interrupted, "interrupted", Refused, "an import was interrupted and must be rolled back first";
    Findings, "findings", Findings, "there are findings of severity warning or error";
    IndexDiffers, "index-differs", Findings, "the index differs from what a rebuild gives";
    Claimed, "claimed", Refused, "somebody else holds the task";
    NotClaimed, "not-claimed", Refused, "nobody holds the task, or the claim has expired";
    GitFailed, "git-failed", Refused, "the program `git` is not there or reported an error";
    NothingToUndo, "nothing-to-undo", Findings, "there is no change left to undo or redo";
    NothingReady, "nothing-ready", Findings, "no task is ready";
    Internal, "internal", Internal, "a bug: please report it";
}

/// The one error type that front ends see: a stable code, one sentence, a next step.
#[derive(Clone, PartialEq, Debug)]
pub struct OpError {
    /// Stable and kebab-case.
    pub code: ErrorCode,
    /// One lower-case sentence, names in backticks.
    pub message: String,
    /// What to do: imperative, with a command where there is one.
    pub hint: Option<String>,
    /// Data for programs: candidates, allowed states, values. Boxed, so that results stay small.
    pub details: Box<Map<String, Value>>,
}

impl OpError {
    /// An error without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, details: Box::default() }
    }

    /// The same with a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with one more datum.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// The same with what is to be said beside it.
    #[must_use]
    pub fn remarked(self, remarks: Vec<String>) -> Self {
        if remarks.is_empty() { self } else { self.with("warnings", remarks) }
    }

    /// The object behind `error` in JSON: `{code, message, hint, …}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("code".into(), self.code.word().into());
        object.insert("message".into(), self.message.clone().into());
        object.insert("hint".into(), self.hint.clone().map_or(Value::Null, Value::from));
        object.extend((*self.details).clone());
        Value::Object(object)
    }
}

impl fmt::Display for OpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.message)
    }
}

impl std::error::Error for OpError {}
