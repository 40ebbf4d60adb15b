//! What a session must say after a change, reached without any text.
//!
//! The other route to the same place is `format::write`; both must meet. What a change means for
//! a single task (which symbol, which word, which carrier) is decided by the small rules in
//! [`status_form`], [`field_steps`] and [`task_of`], which both routes ask.
//! Never sees bytes; wherever exact blanks matter, only the text decides.

mod derived;
mod emoji;
mod fields;
mod groups;
mod header;
mod new_group;
mod new_task;
mod notes;
mod replay;
mod status;
mod tree;

pub use derived::fresh_value;
pub use emoji::priority_emoji;
pub use fields::{FieldStep, field_steps};
pub use groups::{groups_beside, new_group_level, tasks_heading_wanted};
pub use header::{HeaderPlace, header_places, requoted};
pub use new_group::{NewGroup, new_group};
pub use new_task::{Planted, planted, sibling_has_tail};
pub use notes::{EntryHome, entry_home};
pub use replay::Replay;
pub use status::{StatusForm, status_form};
pub use tree::{Slot, needs_task_section, slot, task_section_at, task_section_title};

use super::{Change, GroupRef, Session, TaskKey};

/// Why a change cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The task it names is not there.
    #[error("no such task")]
    NoTask(TaskKey),
    /// The group it names is not there.
    #[error("no such group")]
    NoGroup(GroupRef),
    /// The new text would be read as something else.
    #[error("{0}")]
    Unwritable(String),
}

impl Refusal {
    pub(super) fn unwritable(message: impl Into<String>) -> Self {
        Self::Unwritable(message.into())
    }
}

/// What the session must say after `change`, reached without any text.
///
/// # Errors
/// [`Refusal`] where the change names something that is not there, or cannot be written down.
pub fn apply(session: &Session, change: &Change) -> Result<Session, Refusal> {
    apply_all(session, std::slice::from_ref(change))
}

/// What the session must say after all `changes`, one after the other. Keys by place
/// ([`TaskKey::Nth`], [`GroupRef::Nth`]) name places in `session`, whatever the changes before did.
///
/// # Errors
/// [`Refusal`] of the first change that cannot be made.
pub fn apply_all(session: &Session, changes: &[Change]) -> Result<Session, Refusal> {
    let mut replay = Replay::new(session);
    for change in changes {
        replay.apply(change)?;
    }
    Ok(replay.into_session())
}
