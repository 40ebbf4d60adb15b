//! The whole program from outside, and the rules of the house.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests lay out files and stop at the first surprise"
)]

mod backup;
mod blocks;
mod claims;
mod cli;
mod common;
mod concurrency;
mod converge;
#[cfg(target_os = "linux")]
mod crash;
mod edits;
mod export;
mod fuzz_findings;
mod git;
mod git_histories;
mod import;
mod import_hostile;
mod index_busy;
mod index_local;
mod journeys;
mod locality;
mod mcp;
mod merge;
mod merge_plans;
mod modes;
mod page_examples;
mod pages;
mod properties;
mod reading;
mod real_plans;
mod templates;
mod tidy;
mod tolerance;
mod upkeep;
mod views;
mod watch;
