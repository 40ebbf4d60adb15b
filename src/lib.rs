#![doc = include_str!("../ARCHITECTURE.md")]
// A plan is input, and input never panics: outside tests there is nothing to unwrap.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable, clippy::todo)
)]

// ground: pure, total, deterministic
pub mod diagnostic;
pub mod document;
pub mod model;
pub mod text;

// first: pure, joining two rooms
pub mod check;
pub mod format;
pub mod merge;

// second: hands, each on exactly one outside thing
pub mod archive;
pub mod config;
pub mod disk;
pub mod env;
pub mod export;
pub mod git;
pub mod import;
pub mod index;
pub mod render;
pub mod watch;

// third: the transaction
pub mod workspace;

// fourth: what a user can ask
pub mod ops;

// roof: decode, call, encode
pub mod cli;
pub mod mcp;
