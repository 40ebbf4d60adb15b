//! Plans of other tools, brought into a form that becomes sessions of ours.
//!
//! Reads bytes through [`Source`], never writes beside what it reads, never creates a session: it
//! returns [`Import`], the caller writes [`to_markdown`] of each draft and looks after ids that
//! are taken. Databases are read from private copies.
//!
//! Invariants:
//! - every row, file or line of a source is in the [`Report`]: as a task, as a part of something,
//!   as a file to copy, or kept aside whole with the reason;
//! - old ids keep resolving: as the task's id, or as an alias;
//! - no input panics, recurses, or leads a path out of the source.

mod backlog;
mod beads;
mod checklist;
mod draft;
mod error;
mod front;
mod json;
mod lean;
pub mod legacy;
mod own_json;
mod report;
mod safe;
mod settle;
mod source;
mod taskmaster;
mod taskwarrior;
mod todo_txt;
mod verify;
mod words;

pub use backlog::backlog;
pub(crate) use backlog::{file_name as backlog_file_name, is_mark as is_backlog_mark};
pub use beads::beads;
pub use checklist::{markdown, obsidian, openspec, speckit};
pub use draft::{Artifact, Aside, CopyFile, Draft, DraftGroup, DraftTask, Import};
pub use error::{Error, Kind};
pub use lean::{to_markdown, to_markdown_with};
pub use own_json::plandown_json;
pub use report::{Fate, Finding, Mapping, Remark, Report, Row, TableCount};
pub use settle::{Ids, MAX_DEPTH, settle, split_archived};
pub use source::{Entry, Memory, OnDisk, Scratch, ScratchDir, Source};
pub use taskmaster::taskmaster;
pub use taskwarrior::taskwarrior;
pub use todo_txt::todo_txt;
pub use verify::{Difference, verify};

#[cfg(test)]
mod tests;
