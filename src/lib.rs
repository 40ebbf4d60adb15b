//! plandown: a project plan in Markdown that behaves like a database.
//!
//! Rooms, floor by floor; a room uses only rooms below it.

// ground: pure, total, deterministic
pub mod diagnostic;
pub mod document;
pub mod model;
pub mod text;

// first: pure, joining two rooms
pub mod format;
pub mod merge;
