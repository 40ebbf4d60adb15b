//! Brings two versions of a text together that were made from one base: base, ours and theirs
//! become a merged text, or conflicts as values.
//!
//! Never reads a file or a clock, never decides by time, never drops a line that somebody wrote:
//! what cannot be brought together is a conflict that holds all three versions.
//! Invariants: `merge(b, b, x) = x`, `merge(b, x, x) = x`; a clean result holds every line that
//! one side added; the two sides may be exchanged without changing the verdict.

mod base;
mod checks;
mod conflict;
mod head;
mod keys;
pub mod lines;
mod list;
mod piece;
mod place;
mod sessions;
mod sweep;
#[cfg(test)]
mod tests;
mod tree;
mod weave;
mod words;

pub use base::changed_lines;
pub use conflict::{Conflict, ConflictKind, Entity, Note};
pub use piece::{Clash, Markers, Side};
pub use sessions::{Merged, sessions, texts};
pub use sweep::{Origin, Region};
