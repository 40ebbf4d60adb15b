//! Rules over several sessions, or over a session and what was known of it before.
//!
//! Pure: whoever calls gathers the facts. Each rule gives findings for the session it names.

mod identity;
mod memory;
mod sessions;

pub use identity::{Identity, identities};
pub use memory::{KnownGroup, KnownTask, changed_ids, renamed_groups};
pub use sessions::{ActiveSession, SessionIds, foreign_sessions, several_active, shared_ids};

use crate::diagnostic::Diagnostic;

/// A finding in one session's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The session's directory.
    pub directory: String,
    /// What was found.
    pub diagnostic: Diagnostic,
}
