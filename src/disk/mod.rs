//! Every byte that comes from or goes to the file system.
//!
//! Reads and lists sessions, takes the workspace's lock, keeps snapshots and version logs, and replaces a
//! session's text so that neither a crash nor an editor that knows nothing of us loses a word. Never knows what a
//! text means, never decides how to merge, never keeps the time.
//!
//! Invariants:
//! - a path inside the workspace is built by [`Layout`] from [`SafeName`]s, nowhere else;
//! - whatever changes something takes a [`Guard`] as proof of the lock;
//! - a `session.md` is written by [`Disk::replace`] alone, and both contents are kept before;
//! - everything is driven through [`Fs`], so a test can stop, fail or interleave at any step.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests here look at the files themselves"))]

mod adopt;
mod asked;
mod blob;
mod by_rename;
mod dirs;
mod error;
mod files;
mod foreign;
mod fs;
mod git;
mod index_aside;
mod index_file;
mod intent;
mod journal;
mod layout;
mod lock;
mod log;
mod mem;
mod name;
mod outside;
#[cfg(test)]
mod protocol;
mod real;
mod recover;
mod replace;
mod retention;
mod session_files;
mod sessions;
mod settle;
mod state;
mod still;
mod stray;
mod tail;
mod view;

pub use adopt::Choice;
pub use asked::{Scratch, read_given, real_path, replace_given};
pub use dirs::Removed;
pub use error::{Error, Kind};
pub use files::{Disk, FileText};
pub use foreign::{Merger, Outcome, Verdict};
pub use fs::{DirEntry, FileKind, Fs, Held, Lease, Stat};
pub use journal::Cause;
pub use layout::{HOME, Layout, SESSION_FILE};
pub use lock::Guard;
pub use log::{Entry, Log, Mark};
pub use mem::{Loss, MemFs, Open};
pub use name::SafeName;
pub use real::RealFs;
pub use recover::{Recovered, Waiting};
pub use replace::{Displaced, Done, Expected, Replaced};
pub use retention::{Collected, Retention};
pub use sessions::{Names, Problem, SessionEntry};
pub use settle::Settled;
pub use tail::Tail;
