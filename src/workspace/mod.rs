//! One project's plans: opened, kept indexed, changed one transaction at a time.
//!
//! The only room that writes plans, and the only one that knows files and index together.
//! Invariants: the index is brought up to date from the files and never the other way round;
//! whatever is written was planned against the text on disk, read back and compared first;
//! once the file is exchanged the operation has succeeded, whatever the index says.

mod archive;
mod archive_index;
mod artifacts;
mod aside;
mod backup;
mod bring;
mod bring_journal;
mod conflict;
mod cores;
mod create;
mod derived;
mod discover;
mod draft;
mod error;
mod events;
mod evidence;
mod history;
mod index;
mod init;
mod install;
mod leave;
mod ledger;
mod local_index;
mod mediator;
mod mode_backups;
mod mode_binding;
mod mode_index;
mod modes;
mod open;
mod orphans;
mod own_files;
mod program;
mod refresh;
mod resolve;
mod rest;
mod select;
mod settled;
mod snapshot;
mod stand;
mod sweep;
mod templates;
#[cfg(test)]
mod tests;
mod touch;
mod transact;
mod views;

pub use archive_index::Archives;
pub use backup::{
    Backup, BackupRequest, BackupScope, Fate, Health, Kept, Manifest, Outdated, Planned, RestoreRequest,
    RestoreStrategy, Restored,
};
pub use bring::{Arrival, Shipment, Trace};
pub use bring_journal::TakenBack;
pub use conflict::{About, Conflict, Standing};
pub use cores::on_every_core;
pub use create::NewSession;
pub use discover::{Found, NotFound, PROJECT_MARKERS, Via, discover, discover_for_init};
pub use draft::write_pages;
pub use error::{Clashing, Error};
pub use history::{Stepped, Version};
pub use init::Initialized;
pub use leave::Belongings;
pub use mediator::Strategy;
pub use mode_backups::ModeBackup;
pub use mode_binding::{BoundBy, BoundMode, StatedMode};
pub use modes::{ModeFile, ModePlace, ReadMode};
pub use open::Workspace;
pub use orphans::Orphans;
pub use own_files::{OwnText, OwnWrite, Was};
pub use program::start_command;
pub use refresh::{Refreshed, Swept};
pub use resolve::Take;
pub use rest::Resting;
pub use select::{Named, Selected, meant};
pub use snapshot::{Snapshot, session_path};
pub use sweep::TakenIn;
pub use templates::{ReadTemplate, TemplateFile, TemplateKind, shipped_template};
pub use transact::{Committed, Plan, Request};
pub use views::Views;
