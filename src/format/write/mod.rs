//! Changes turned into splices, in the style that the file is written in.
//!
//! Every kind of change has its planner; all of them only push splices against one text. What
//! comes out is parsed again and compared with the session that the changes lead to on the other
//! route; where the two differ, nothing is written. Never prints Markdown or YAML back, never
//! touches a byte outside its splices.

mod compose;
mod derived;
mod description;
mod groups;
mod head;
mod header;
mod lines;
mod notes;
mod pen;
mod rounds;
mod subtree;
mod tasks;
#[cfg(test)]
mod tests;
mod verify;

use crate::diagnostic::Code;
use crate::document::{Block, BlockKind};
use crate::model::{Change, GroupRef, Place, Refusal, Replay};
use crate::text::{Edits, TextRange};

use self::pen::Pen;
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
        /// The finding that says why: T120, S106, L402, W903, I502…
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
/// Changes that have nothing to do with each other are made in one go, however many they are;
/// only those that touch the same task or place are made one after the other.
///
/// # Errors
/// [`WriteError`]; then nothing has changed anywhere.
pub fn write(lifted: &Lifted, changes: &[Change]) -> Result<Written, WriteError> {
    if !lifted.document.is_writable() {
        return Err(WriteError::ReadOnly);
    }
    match rounds::run(lifted, &rounds::joined(changes)) {
        Err(WriteError::Refused(Refusal::Unwritable(message))) => {
            Err(WriteError::NotEditable { code: Code::W903, span: place_of(lifted, changes), message })
        }
        Err(WriteError::Mismatch { difference }) => Err(explained(lifted, changes, difference)),
        other => other,
    }
}

/// Whether bringing what is derived up to date would change nothing.
#[must_use]
pub fn derived_is_fresh(lifted: &Lifted) -> bool {
    let mut pen = Pen::new(lifted, 0);
    derived::refresh(&mut pen, None);
    lifted.document.is_writable() && pen.edits.is_empty()
}

/// Says in the user's words why the new text is read differently, where that is known.
fn explained(lifted: &Lifted, changes: &[Change], difference: String) -> WriteError {
    let text = lifted.document.text();
    let span = place_of(lifted, changes);
    let refuse = |code, message: &str| WriteError::NotEditable { code, span, message: message.to_owned() };
    if lifted.diagnostics.iter().any(|d| d.code == Code::I502) {
        return refuse(Code::I502, "two tasks of this file share an id; give one of them another id first");
    }
    if text.contains("[x]:") || text.contains("[X]:") {
        return refuse(Code::T106, "`[x]` is a link in this file, because `[x]: …` is defined");
    }
    if changes.iter().any(adds_lines)
        && let Some(fence) = open_fence(lifted)
    {
        let line = lifted.document.lines().line_of(fence.start) + 1;
        let message = format!(
            "the code block that begins in line {line} is never closed, and nothing can be added behind it"
        );
        return WriteError::NotEditable { code: Code::L402, span: fence, message };
    }
    if span.of(text).contains('`') {
        return refuse(Code::W903, "the first line of the task ends inside a code span");
    }
    // What people type may well read as something else; what we write ourselves must not.
    if changes.iter().any(carries_text) {
        return refuse(Code::W903, &format!("the new text would be read as something else: {difference}"));
    }
    WriteError::Mismatch { difference }
}

/// The first line of a code block that runs to the end of the text.
fn open_fence(lifted: &Lifted) -> Option<TextRange> {
    let document = &lifted.document;
    let end = document.text().trim_end().len();
    let open = |b: &&Block| matches!(b.kind, BlockKind::Fenced { closed: false }) && b.range.end >= end;
    let block = document.blocks().iter().rev().find(open)?;
    let line = document.lines().content(document.text(), block.first_line);
    Some(TextRange::new(block.range.start, line.end))
}

fn adds_lines(change: &Change) -> bool {
    matches!(
        change,
        Change::AddTasks { .. }
            | Change::MoveTask { .. }
            | Change::AddGroup { .. }
            | Change::MoveGroup { .. }
            | Change::AppendEntry { .. }
            | Change::AppendDescription { .. }
    )
}

fn carries_text(change: &Change) -> bool {
    if let Change::MoveTask { to: Place::Group(GroupRef::Path(_), _), .. } = change {
        // The name of a group that is made.
        return true;
    }
    !matches!(
        change,
        Change::SetStatus { .. }
            | Change::AssignId { .. }
            | Change::ReplaceId { .. }
            | Change::DeleteTask { .. }
            | Change::MoveTask { .. }
            | Change::DeleteGroup { .. }
            | Change::MoveGroup { .. }
    )
}

fn place_of(lifted: &Lifted, changes: &[Change]) -> TextRange {
    let mut replay = Replay::new(&lifted.session);
    let task = changes.iter().find_map(|c| match replay.localized(c).ok()?.task()? {
        crate::model::TaskKey::Nth(n) => lifted.map.tasks.get(*n).map(|t| t.head),
        crate::model::TaskKey::Id(_) => None,
    });
    task.unwrap_or_default()
}
