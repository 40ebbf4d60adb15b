//! One project's plans: opened, kept indexed, changed one transaction at a time.
//!
//! The only room that writes plans, and the only one that knows files and index together.
//! Invariants: the index is brought up to date from the files and never the other way round;
//! whatever is written was planned against the text on disk, read back and compared first;
//! once the file is exchanged the operation has succeeded, whatever the index says.

mod aside;
mod create;
mod discover;
mod draft;
mod error;
mod index;
mod init;
mod install;
mod open;
mod refresh;
mod select;
mod settled;
mod snapshot;
mod transact;
mod views;

pub use create::NewSession;
pub use discover::{Found, NotFound, PROJECT_MARKERS, Via, discover, discover_for_init};
pub use draft::write_pages;
pub use error::Error;
pub use init::Initialized;
pub use open::Workspace;
pub use refresh::Refreshed;
pub use select::{Named, Selected};
pub use snapshot::{Snapshot, session_path};
pub use transact::{Committed, Plan, Request};
pub use views::Views;
