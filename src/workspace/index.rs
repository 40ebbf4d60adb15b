use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::check;
use crate::disk::{Disk, SafeName, Stat};
use crate::format::Lifted;
use crate::index::{self, FileRecord, FileStat, Index, Layout, OpenError, Opened, SessionRecord};
use crate::text::ContentHash;

use super::{Error, Workspace, session_path};

/// Raised whenever parsing, lifting or checking means something else than before, so that every
/// file is looked at again.
pub(super) const PARSER_VERSION: i64 = 3;

/// An index to work with.
pub(super) struct Attached {
    pub(super) index: Index,
    pub(super) detached: Option<String>,
    /// Whether it stands in for the one on disk, which somebody else holds.
    pub(super) stands_in: bool,
    pub(super) remarks: Vec<String>,
}

/// Opens the index on disk; moves aside what cannot be used; goes on in memory where the disk
/// does not let us.
pub(super) fn attach(disk: &Disk, wait: Duration) -> Result<Attached, Error> {
    if disk.is_full() {
        return in_memory(Some("the index is kept in memory: the disk is full".to_owned()));
    }
    let mut remarks = Vec::new();
    for _ in 0..3 {
        let there = disk.stat(&disk.layout().index()).ok();
        match open(disk, wait) {
            Ok(Some(opened)) => {
                return Ok(Attached { index: opened.index, detached: None, stands_in: false, remarks });
            }
            Ok(None) | Err(Trouble::Index(OpenError::Unusable(index::Error::Busy))) => {
                return Ok(Attached { stands_in: true, ..in_memory(None)? });
            }
            Err(Trouble::Index(OpenError::Newer)) => {
                return in_memory(Some(
                    "the index was made by a newer plandown and is left alone".to_owned(),
                ));
            }
            Err(Trouble::Index(OpenError::Unusable(error))) => {
                return in_memory(Some(format!("the index is kept in memory: {error}")));
            }
            Err(Trouble::Disk(error)) if Workspace::is_read_only(&error) => {
                return in_memory(Some(format!("the index is kept in memory: {error}")));
            }
            Err(Trouble::Disk(error)) => return Err(error.into()),
            Err(Trouble::Index(OpenError::Older)) => super::aside::set_aside(disk, there, wait),
            Err(Trouble::Index(OpenError::Damaged { why })) => {
                remarks.push(format!("the index was damaged ({why}) and is rebuilt"));
                super::aside::set_aside(disk, there, wait);
            }
        }
    }
    in_memory(Some("the damaged index cannot be moved aside; the index is kept in memory".to_owned()))
}

/// Why there is no index to work with.
enum Trouble {
    Disk(crate::disk::Error),
    Index(OpenError),
}

/// Opens the index's file. Whoever finds none waits for his turn to make it, and may find it made
/// then; `None` where the turn does not come.
fn open(disk: &Disk, wait: Duration) -> Result<Option<Opened>, Trouble> {
    let path = disk.layout().index();
    let _turn = if disk.has_index() {
        None
    } else {
        let Some(turn) = disk.lock_index(wait).map_err(Trouble::Disk)? else { return Ok(None) };
        disk.ensure_index_file(&path).map_err(Trouble::Disk)?;
        Some(turn)
    };
    Index::open(&path, wait).map(Some).map_err(Trouble::Index)
}

fn in_memory(why: Option<String>) -> Result<Attached, Error> {
    let index = Index::in_memory().map_err(|e| Error::Index(e.to_string()))?;
    Ok(Attached { index, remarks: why.iter().cloned().collect(), detached: why, stands_in: false })
}

impl From<index::Error> for Error {
    fn from(error: index::Error) -> Self {
        match error {
            index::Error::Busy => Self::IndexBusy,
            index::Error::Damaged { why } => Self::IndexDamaged(why),
            index::Error::Sqlite(error) => Self::Index(error.to_string()),
        }
    }
}

/// The stamps in the index's shape. Numbers beyond 63 bits wrap; they are only compared.
pub(super) fn file_stat(stat: &Stat) -> FileStat {
    FileStat {
        size: stat.size.cast_signed(),
        mtime_ns: stat.mtime_ns,
        ctime_ns: stat.ctime_ns,
        inode: stat.ino.cast_signed(),
        dev: stat.dev.cast_signed(),
    }
}

/// What the index keeps of a session's file. `hashed_at_ns`: see [`index::FileSeen`].
pub(super) fn record(lifted: &Lifted, directory: &str, stat: &Stat, hashed_at_ns: i64) -> SessionRecord {
    let diagnostics = check::run(lifted);
    let tasks: Vec<usize> = lifted.map.tasks.iter().map(|t| t.start).collect();
    let sections: Vec<usize> = lifted.map.sections.iter().map(|s| s.heading.whole.start).collect();
    let layout = Layout { tasks: &tasks, sections: &sections, lines: lifted.document.lines() };
    let file = file_record(lifted, directory, stat, hashed_at_ns);
    SessionRecord::of(&lifted.session, &index::row_ids(&lifted.session), layout, &diagnostics, file)
}

fn file_record(lifted: &Lifted, directory: &str, stat: &Stat, hashed_at_ns: i64) -> FileRecord {
    FileRecord {
        path: session_path(directory),
        stat: file_stat(stat),
        hash: lifted.document.hash(),
        parser_version: PARSER_VERSION,
        hashed_at_ns,
    }
}

impl Workspace {
    /// Goes on with an index of our own, in memory and empty: somebody holds the one on disk. What
    /// is missing there is caught up by whoever comes when it is free.
    pub(super) fn stand_in(&self) -> Result<(), Error> {
        let own = Index::in_memory()?;
        *self.index() = own;
        self.stands_in.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the index says what this text of a session says. Of its file's stamps that tells nothing.
    pub(super) fn is_indexed(&self, directory: &SafeName, hash: ContentHash) -> bool {
        self.index().understood(directory.as_str()).is_ok_and(|seen| seen == Some((hash, PARSER_VERSION)))
    }

    /// Brings the index up to date with a file that was just written. The write has succeeded
    /// already, so trouble here is only told; the next command heals it, and what this one still
    /// asks is answered by an index of its own.
    pub(super) fn index_written(&self, lifted: &Lifted, directory: &SafeName) -> Option<String> {
        let put = || -> Result<(), Error> {
            let stat = self.disk.stat(&self.disk.session_path(directory)?)?;
            // The text was known before the stamps: they may be those of a later save.
            let record = record(lifted, directory.as_str(), &stat, 0);
            let mut index = self.index();
            let mut batch = index.begin()?;
            batch.replace(&record)?;
            batch.commit()?;
            Ok(())
        };
        let error = put().err()?;
        // Where not even that works, the write stands all the same.
        let _ = self.stand_in().and_then(|()| self.refresh());
        Some(format!("the change is written; the index will follow later ({error})"))
    }
}

impl Workspace {
    /// An index in memory that holds one session as it would be after a write; for dry runs.
    pub fn rehearsal(&self, directory: &str, lifted: &Lifted) -> Result<Index, Error> {
        let mut index = Index::in_memory()?;
        let nothing = Stat {
            dev: 0,
            ino: 0,
            size: 0,
            mtime_ns: 0,
            ctime_ns: 0,
            mode: 0,
            nlink: 0,
            kind: crate::disk::FileKind::File,
        };
        let mut batch = index.begin()?;
        batch.replace(&record(lifted, directory, &nothing, 0))?;
        batch.commit()?;
        Ok(index)
    }
}
