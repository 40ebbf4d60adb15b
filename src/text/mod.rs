//! Text as bytes with places: ranges, lines, edits, hashes, diffs.
//!
//! Knows nothing of Markdown, plans or files. Everything here is pure and total.
//! Invariant: an [`Edits`] value is sorted and disjoint and names the text it fits.

mod blanks;
mod diff;
mod edit;
mod excerpt;
mod hash;
mod lines;
mod range;
mod signs;

pub use blanks::{BLANKS, indent, unindented, width};
pub use diff::unified_diff;
pub use edit::{Edit, Edits, EditsError};
pub use excerpt::Excerpt;
pub use hash::ContentHash;
pub use lines::{Eol, LineCol, LineIndex};
pub use range::TextRange;
pub use signs::Signs;
