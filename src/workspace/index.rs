use crate::check;
use crate::disk::{Disk, SafeName, Stat};
use crate::format::Lifted;
use crate::index::{self, FileRecord, FileStat, Index, Layout, OpenError, SessionRecord};

use super::{Error, Workspace, session_path};

/// Raised whenever parsing, lifting or checking means something else than before, so that every
/// file is looked at again.
pub(super) const PARSER_VERSION: i64 = 2;

/// An index to work with.
pub(super) struct Attached {
    pub(super) index: Index,
    pub(super) detached: Option<String>,
    pub(super) remarks: Vec<String>,
}

/// Opens the index on disk; moves aside what cannot be used; goes on in memory where the disk
/// does not let us.
pub(super) fn attach(disk: &Disk) -> Result<Attached, Error> {
    let mut remarks = Vec::new();
    if let Err(error) = disk.ensure_state().and_then(|()| disk.ensure_index_file()) {
        if !Workspace::is_read_only(&error) {
            return Err(error.into());
        }
        return in_memory(format!("the index is kept in memory: {error}"));
    }
    let path = disk.layout().index();
    for _ in 0..2 {
        match Index::open(&path) {
            Ok(opened) => return Ok(Attached { index: opened.index, detached: None, remarks }),
            Err(OpenError::Newer) => {
                return in_memory("the index was made by a newer plandown and is left alone".to_owned());
            }
            Err(OpenError::Unusable(error)) => {
                return in_memory(format!("the index is kept in memory: {error}"));
            }
            Err(OpenError::Older) => super::aside::set_aside(disk),
            Err(OpenError::Damaged { why }) => {
                remarks.push(format!("the index was damaged ({why}) and is rebuilt"));
                super::aside::set_aside(disk);
            }
        }
    }
    in_memory("the damaged index cannot be moved aside; the index is kept in memory".to_owned())
}

fn in_memory(why: String) -> Result<Attached, Error> {
    let index = Index::in_memory().map_err(|e| Error::Index(e.to_string()))?;
    Ok(Attached { index, remarks: vec![why.clone()], detached: Some(why) })
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

/// What the index keeps of a session's file.
pub(super) fn record(lifted: &Lifted, directory: &str, stat: &Stat, now_ns: i64) -> SessionRecord {
    let diagnostics = check::run(lifted);
    let tasks: Vec<usize> = lifted.map.tasks.iter().map(|t| t.start).collect();
    let sections: Vec<usize> = lifted.map.sections.iter().map(|s| s.heading.whole.start).collect();
    let layout = Layout { tasks: &tasks, sections: &sections, lines: lifted.document.lines() };
    let file = file_record(lifted, directory, stat, now_ns);
    SessionRecord::of(&lifted.session, &index::row_ids(&lifted.session), layout, &diagnostics, file)
}

fn file_record(lifted: &Lifted, directory: &str, stat: &Stat, now_ns: i64) -> FileRecord {
    FileRecord {
        path: session_path(directory),
        stat: file_stat(stat),
        hash: lifted.document.hash(),
        parser_version: PARSER_VERSION,
        hashed_at_ns: now_ns,
    }
}

impl Workspace {
    pub(super) fn now_ns(&self) -> i64 {
        self.env.now_ms().saturating_mul(1_000_000)
    }

    /// Brings the index up to date with a file that was just written. The write has succeeded
    /// already, so trouble here is only told; the next command heals it.
    pub(super) fn index_written(&self, lifted: &Lifted, directory: &SafeName) -> Option<String> {
        let put = || -> Result<(), Error> {
            let stat = self.disk.stat(&self.disk.session_path(directory)?)?;
            let record = record(lifted, directory.as_str(), &stat, self.now_ns());
            let mut index = self.index();
            let mut batch = index.begin()?;
            batch.replace(&record)?;
            batch.commit()?;
            Ok(())
        };
        put().err().map(|error| format!("the change is written; the index will follow later ({error})"))
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
