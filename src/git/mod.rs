//! The `git` program: started, asked, told. The only room that starts it.
//!
//! Knows repositories, revisions, the staging area and Git's settings; never knows what a plan is,
//! never opens a file itself, never changes anything that it was not asked to change. What Git prints
//! is read as bytes.

mod ask;
mod run;
mod trial;

pub use ask::{Entry, Stage};
pub use run::{Answer, Error, Git};
pub use trial::{Trial, trial_merge};
