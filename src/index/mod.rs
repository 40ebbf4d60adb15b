//! The cache: what the files say, as SQLite tables that can be asked quickly.
//!
//! Holds no truth. Deleting it loses nothing; every row is a function of files, and filling it
//! bit by bit gives the same rows as filling it from scratch ([`Index::dump`] shows them in a
//! form that can be compared). Reads no files and knows no Markdown: the caller hands over a
//! [`SessionRecord`]. Never moves or removes its own file: a damaged one is reported, and the
//! caller puts it aside.
//!
//! **How one changed line stays one changed line.** A file may hold 100,000 tasks, and a line put
//! in at the top moves all of them. So no row says where it stands in the file. Tasks are cut
//! into *chunks*, short runs of neighbours; a task knows its chunk and its line within it, a
//! chunk knows how many lines it spans. The line of a task is the sum of the spans before its
//! chunk plus its own; it is computed for the rows that are shown. Where chunks are cut is decided
//! by the tasks themselves (a hash of their name, a new group), not by counting, so that a line
//! put in disturbs one chunk. Chunks are ordered by sparse numbers; a new one takes a number in
//! between. Each chunk carries a digest of its rows: chunks that say the same are not even read.
//!
//! **Ready** is stored per task (0 no, 1 yes, 2 unless tasks of other sessions are open) with
//! partial indexes in the order of the ready list. What other sessions say is looked up when asked,
//! so that a change of one file writes rows of that file only; what is not found is not done.
//!
//! **Search** is FTS5 over the tables themselves (external content): text is stored once, and a
//! changed title rewrites one entry.

mod batch;
mod build;
mod chunk;
mod claims;
mod dump;
mod error;
mod group_rows;
mod hash;
mod mode_stamps;
mod note_rows;
mod open;
mod query;
mod record;
mod replace;
mod search_queue;
mod side;
mod stat;
mod task_rows;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use build::{Layout, row_ids};
pub use claims::{Claim, Claims, ClaimsTx};
pub use error::{Error, Result};
pub use mode_stamps::HistorySeen;
pub use open::{Index, OpenError, Opened, State};
pub use query::{
    Beside, Blocker, Counts, DependencyRow, DiagnosticFilter, DiagnosticRow, GroupRow, Hit, HitKind, Lookup,
    Marked, Order, Scope, SearchFilter, SessionFilter, SessionRow, TaskFilter, TaskRow, Why,
};
pub use record::{
    DependencyRecord, DiagnosticRecord, FileRecord, GroupRecord, NoteKind, NoteRecord, Ready, SessionRecord,
    TargetRecord, TaskRecord, Via,
};
pub use side::{Artifact, Context, Event, Mode, What};
pub use stat::{FileSeen, FileStat, is_clean};
