//! Any Markdown text as an immutable, lossless outline with validated places.
//!
//! Wraps comrak, whose block starts are right and whose ends and inline places are not: every
//! extent here is recomputed from line starts, and nothing below a block is located by comrak.
//! Knows nothing of sessions or tasks beyond "this list item begins with a checkbox".
//! Never fails, never recurses on input depth, never prints Markdown back.

mod budget;
mod checkbox;
mod conflict;
mod encoding;
mod extent;
mod front_matter;
mod outline;
mod parse;
mod pieces;
mod walk;

pub use checkbox::{ItemStart, item_start};
pub use front_matter::{FrontMatter, split_front_matter};
pub use outline::{Block, BlockKind, Document};
#[cfg(test)]
pub(crate) use parse::parse_in_pieces;
pub use parse::{Limits, parse, parse_after};
pub use pieces::Kept;
