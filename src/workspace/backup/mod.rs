//! Backups: what is in one, how it is taken, proved and brought back.
//!
//! A backup is one sealed archive in `backups/`, with a manifest of hashes as its first file. Files
//! are read under the workspace's lock and while nobody writes into them. Nothing of a backup whose
//! seal or hashes do not hold is ever used. A restore is written down before it begins and finished
//! by the next writer where it was interrupted.

mod gather;
mod histories;
mod journal;
mod manifest;
mod merged;
mod plan;
mod restore;
mod store;
#[cfg(test)]
mod tests;

pub use gather::BackupScope;
pub use manifest::{Kept, Manifest};
pub use plan::{Fate, Planned, RestoreStrategy};
pub use restore::{RestoreRequest, Restored};
pub use store::{Backup, BackupRequest, Health, Outdated};
