use std::path::PathBuf;

use crate::disk;
use crate::format::WriteError;
use crate::text::ContentHash;

/// Why the workspace did not do something. Nothing was changed, except where it says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] disk::Error),
    /// The changes could not be turned into text.
    #[error("`{path}`: {source}")]
    Write {
        /// The session's file, below the root.
        path: String,
        /// Why.
        source: WriteError,
    },
    /// The file is not the one that was read.
    #[error("`{path}` has changed since revision `{expected}`")]
    Stale {
        /// The session's file, below the root.
        path: String,
        /// The revision that was asked for.
        expected: String,
        /// The revision on disk.
        found: ContentHash,
    },
    /// What the write would replace is not what the caller has seen.
    #[error("`{}`: {} of {} has changed since it was read", .0.path, .0.field, .0.subject())]
    Conflict(Box<Clashing>),
    /// The revision the caller has seen was never recorded here.
    #[error("revision `{expected}` of `{path}` is not known here")]
    BaseUnknown {
        /// The session's file, below the root.
        path: String,
        /// The revision that was asked for.
        expected: String,
        /// The revision on disk.
        found: ContentHash,
    },
    /// The revision the caller has seen is not kept any more.
    #[error("revision `{expected}` of `{path}` is not kept any more")]
    BasePruned {
        /// The session's file, below the root.
        path: String,
        /// The revision that was asked for.
        expected: String,
        /// The revision on disk.
        found: ContentHash,
    },
    /// An older text cannot be brought together with what is there now.
    #[error("{message}")]
    Apart {
        /// What does not come together, as a sentence.
        message: String,
        /// The session's file, below the root.
        path: String,
        /// What it was, what is wanted, what is there.
        sides: Box<[Option<String>; 3]>,
    },
    /// There is no such conflict, or none that is open.
    #[error("no open conflict `{0}`")]
    NoConflict(String),
    /// A decision that this conflict does not allow.
    #[error("{0}")]
    Choice(String),
    /// There is nothing left to undo or redo.
    #[error("{0}")]
    NothingToDo(String),
    /// The file kept changing while it was being written, or somebody's save was displaced.
    #[error("`{path}` keeps changing")]
    Unsettled {
        /// The session's file, below the root.
        path: String,
    },
    /// The file was exchanged, but the disk reported an error afterwards.
    #[error("writing `{path}` may or may not have succeeded")]
    Indeterminate {
        /// The session's file, below the root.
        path: String,
    },
    /// There is no such session directory.
    #[error("no session in `{0}`")]
    NoSession(String),
    /// A session of that directory name is there already.
    #[error("session directory `{0}` exists already")]
    Exists(String),
    /// Another import has that id.
    #[error("there is an import `{0}` already")]
    ImportExists(String),
    /// The index's pages contradict each other: it can be put aside and built anew.
    #[error("the index is damaged: {0}")]
    IndexDamaged(String),
    /// Another process works on the index and does not get done.
    #[error("the index is in use by another process")]
    IndexBusy,
    /// The index cannot be used, and neither can one in memory.
    #[error("the index cannot be used: {0}")]
    Index(String),
    /// An archive cannot be made or read.
    #[error("archive `{path}`: {message}")]
    Archive {
        /// The archive, below the root.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// A template or setting is broken.
    #[error("`{}`: {message}", path.display())]
    Template {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line.
        message: String,
    },
}

/// Two wishes for one value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clashing {
    /// The session's file, below the root.
    pub path: String,
    /// The task, where it is a task's value.
    pub task: Option<String>,
    /// Which value.
    pub field: String,
    /// What the caller has seen.
    pub base: Option<String>,
    /// What the caller wants.
    pub yours: Option<String>,
    /// What is there now.
    pub theirs: Option<String>,
    /// The revision on disk.
    pub found: ContentHash,
}

impl Clashing {
    pub(super) fn subject(&self) -> String {
        self.task.as_ref().map_or_else(|| "the session".to_owned(), |task| format!("task `{task}`"))
    }
}
