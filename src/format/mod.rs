//! Our file format: a document understood as a session ([`lift`]), and changes turned into
//! splices ([`write()`]).
//!
//! Markdown and YAML are never printed back. Reading never fails; writing is refused rather than
//! guessed, and what it produced is parsed again and compared before anybody sees it.

mod blocks;
mod lift;
mod source_map;
mod write;

pub use blocks::{block_lines, fresh_blocks, refilled};
pub use lift::{Lifted, adoption, foreign_keys, lift, may_have_blocks, readoption, reread};
pub use source_map::{
    BlockMarker, FieldSpan, FrontMatterKey, GeneratedBlock, GroupSpan, HeadingSpan, IdCarrier, IdSpan,
    LineSpan, ScalarStyle, SectionSpan, SourceMap, TaskSpan,
};
pub use write::{WriteError, Written, derived_is_fresh, write};
