use std::collections::HashSet;
use std::time::Duration;

use crate::disk::{Disk, SESSION_FILE, SafeName, Stat};
use crate::index::{FileRecord, FileSeen, Index, OpenError, SessionRecord, is_clean};

use super::archive::SUFFIX;
use super::index::{PARSER_VERSION, file_stat, record};
use super::{Error, Workspace};

/// The sessions in long-term storage, ready to be asked.
#[derive(Debug)]
pub struct Archives {
    /// What their plans say: an index of its own, so that nobody takes them for sessions to work on.
    pub index: Index,
    /// Archives that cannot be read: path below the root, and why.
    pub broken: Vec<(String, String)>,
}

impl Workspace {
    /// The sessions in long-term storage. Kept in `.state/archives.sqlite`, which is as derived as the index
    /// is: an archive is unpacked when its stamps say that it may be another one than was read.
    pub fn archives(&self) -> Result<Archives, Error> {
        if self.detached.is_none() && !self.archive_names()?.is_empty() {
            let kept =
                kept(&self.disk, super::open::wait(&self.settings)).map(|index| self.archives_in(index));
            match kept {
                Some(Err(Error::Index(_) | Error::IndexBusy | Error::IndexDamaged(_))) | None => {}
                Some(done) => return done,
            }
        }
        self.archives_in(Index::in_memory()?)
    }

    /// The same in this index, brought up to date.
    pub(super) fn archives_in(&self, mut index: Index) -> Result<Archives, Error> {
        let mut broken = Vec::new();
        let seen = index.seen()?;
        // The clock before the stamps: what changes after them has later ones.
        let now = self.disk.clock_ns().unwrap_or(0);
        let names = self.archive_names()?;
        let present: HashSet<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        let gone: Vec<&String> = seen.keys().filter(|name| !present.contains(name.as_str())).collect();
        let clean = |name: &SafeName, stat: &Stat| {
            let before = seen.get(name.as_str());
            before.is_some_and(|s: &FileSeen| {
                s.parser_version == PARSER_VERSION && is_clean(s, &file_stat(stat))
            })
        };
        let stale: Vec<_> = names.iter().filter(|(name, stat)| !clean(name, stat)).collect();
        if gone.is_empty() && stale.is_empty() {
            return Ok(Archives { index, broken });
        }
        let mut batch = index.begin()?;
        for name in gone {
            batch.remove(name)?;
        }
        for (name, stat) in stale {
            match self.archived_plan(name, stat, now) {
                Ok(record) => batch.replace(&record)?,
                Err(error) => {
                    batch.remove(name.as_str())?;
                    let why = match error {
                        Error::Archive { message, .. } => message,
                        error => error.to_string(),
                    };
                    broken.push((self.below_root(&self.archive_path(name)), why));
                }
            }
        }
        batch.commit()?;
        Ok(Archives { index, broken })
    }

    /// How many archives there are.
    pub fn archive_count(&self) -> Result<usize, Error> {
        Ok(self.archive_names()?.len())
    }

    fn archived_plan(&self, name: &SafeName, stat: &Stat, now: i64) -> Result<SessionRecord, Error> {
        let path = self.below_root(&self.archive_path(name));
        let entries = self.unpacked(name)?;
        let Some(plan) = entries.iter().find(|e| e.path == SESSION_FILE) else {
            return Err(Error::Archive { path, message: format!("it holds no `{SESSION_FILE}`") });
        };
        let lifted = self.understand(&plan.bytes, name.as_str());
        let record = record(&lifted, name.as_str(), stat, now);
        Ok(SessionRecord { file: FileRecord { path, ..record.file }, ..record })
    }

    fn archive_names(&self) -> Result<Vec<(SafeName, Stat)>, Error> {
        let files = self.disk.files_in(&self.disk.layout().archives(), SUFFIX)?;
        let name = |path: &std::path::Path| {
            let name = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
            SafeName::parse(name).ok()
        };
        Ok(files.into_iter().filter_map(|(path, stat)| Some((name(&path)?, stat))).collect())
    }
}

/// The index on disk; `None` where it cannot be used. One that is damaged or of another version is moved away
/// and made anew.
fn kept(disk: &Disk, wait: Duration) -> Option<Index> {
    let path = disk.layout().archive_index();
    for _ in 0..2 {
        // Only one process at a time makes it or moves it away.
        let _turn = disk.lock_index(wait).ok()??;
        disk.ensure_index_file(&path).ok()?;
        match Index::open(&path, wait) {
            Ok(opened) => return Some(opened.index),
            Err(OpenError::Older | OpenError::Damaged { .. }) => {
                let stamp = disk.stat(&path).map_or(0, |stat| stat.mtime_ns);
                disk.put_index_aside(&path, &format!("bad-{stamp}")).ok()?;
            }
            Err(_) => return None,
        }
    }
    None
}
