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
