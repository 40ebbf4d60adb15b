//! The whole program from outside, and the rules of the house.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests lay out files and stop at the first surprise"
)]

mod claims;
mod common;
mod git;
mod git_histories;
mod merge;
mod merge_plans;
mod page_examples;
mod pages;
mod reading;
mod real_plans;
mod tidy;
mod watch;
