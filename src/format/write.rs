use crate::diagnostic::Code;
use crate::model::{Change, Refusal, Session};
use crate::text::{Edits, TextRange};

use super::Lifted;

/// Text that was made from changes and checked.
#[derive(Clone, Debug)]
pub struct Written {
    /// The new text, understood; its session equals the planned one.
    pub lifted: Lifted,
    /// The splices against the old text, for a diff or an undo.
    pub edits: Edits,
}

/// Why changes were not turned into text. Nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WriteError {
    /// The whole file is read-only: invalid UTF-8, conflict markers, over a limit, unknown schema.
    #[error("the file is read-only for machine edits")]
    ReadOnly,
    /// The task or value at this place is not edited.
    #[error("{message}")]
    NotEditable {
        /// The finding that says why: T199, T120, S106, W903, I502…
        code: Code,
        /// The place.
        span: TextRange,
        /// One sentence.
        message: String,
    },
    /// The change names something that is not there.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The new text did not parse to what was planned (W901): a bug, and nothing was written.
    #[error("edit refused: {difference}")]
    Mismatch {
        /// What differed first.
        difference: String,
    },
}

/// Turns `changes` into new text, parses it again and compares.
///
/// # Errors
/// [`WriteError`]; then nothing has changed anywhere.
pub fn write(lifted: &Lifted, changes: &[Change]) -> Result<Written, WriteError> {
    let _: (&Session, &[Change]) = (&lifted.session, changes);
    Err(WriteError::ReadOnly)
}
