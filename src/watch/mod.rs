//! Tells when it is worth looking at files again.
//!
//! Events of the file system are hints, never facts: whatever is reported (or missed, which is reported
//! too), the answer is only "look". What changed is for the caller to find out, by comparing contents.
//! Never reads a file, never knows what a plan is. Invariant: after any change there is a [`Wake::Look`]
//! at the latest after the backstop, whether the platform said anything or not.

mod pace;
mod source;

pub use pace::Pace;
pub use source::{Stopper, Wake, Watch};
