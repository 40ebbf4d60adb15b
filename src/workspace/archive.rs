use std::path::PathBuf;

use crate::archive::{Entry, pack, unpack};
use crate::disk::{FileText, SESSION_FILE, SafeName};

use super::install::cause;
use super::{Error, Workspace};

pub(super) const SUFFIX: &str = ".tar.zst";

impl Workspace {
    /// Packs a session's whole directory into `archives/<directory>.tar.zst`, reads it back, and
    /// only then removes the directory (whose files are kept as snapshots too). An archive that an
    /// interrupted attempt left is taken up where it says the same.
    pub fn archive_session(&self, directory: &SafeName) -> Result<String, Error> {
        let path = self.archive_path(directory);
        self.disk.ensure_private(&self.disk.layout().archives())?;
        let guard = self.lock()?;
        self.bring_to_rest(&guard, directory)?;
        let files = self.disk.all_session_files(directory)?;
        let entries: Vec<Entry> = files
            .into_iter()
            .map(|(path, file)| Entry { path, bytes: file.bytes, mode: file.stat.mode & 0o777 })
            .collect();
        let damaged = |message: String| Error::Archive { path: self.below_root(&path), message };
        let archive = pack(&entries).map_err(|e| damaged(e.to_string()))?;
        if unpack(&archive).map_err(|e| damaged(e.to_string()))? != entries {
            return Err(damaged("it does not read back as it was packed".to_owned()));
        }
        if !self.disk.is_there(&path)? {
            self.disk.write_view(&guard, &path, &archive)?;
        } else if self.unpacked(directory)? != entries {
            return Err(Error::Exists(format!("archives/{directory}{SUFFIX}")));
        }
        self.disk.remove_session(&guard, directory)?;
        if self.disk.active()?.as_ref() == Some(directory) {
            self.disk.set_active(&guard, None)?;
        }
        drop(guard);
        self.refresh()?;
        Ok(self.below_root(&path))
    }

    /// Unpacks an archived session where it was; the archive goes when everything is in place.
    pub fn restore_session(&self, directory: &SafeName, by: &str) -> Result<(), Error> {
        let path = self.archive_path(directory);
        let guard = self.lock()?;
        let entries = self.unpacked(directory)?;
        let there = self.restored(directory, &entries)?;
        let missing = |e: &&Entry| !there.contains(&e.path);
        // The plan comes last: a half restored directory is no session yet.
        for entry in entries.iter().filter(|e| e.path != SESSION_FILE).filter(missing) {
            self.disk.put_back(&guard, directory, &entry.path, &entry.bytes, entry.mode)?;
        }
        if let Some(plan) = entries.iter().find(|e| e.path == SESSION_FILE) {
            if missing(&plan) {
                let cause = cause(self.env(), "session-restore", by);
                self.put_new(&guard, directory, &plan.bytes, &cause)?;
            }
            self.disk.put_mode_back(&guard, directory, plan.mode)?;
        }
        self.disk.remove_view(&guard, &path)?;
        drop(guard);
        self.refresh().map(|_| ())
    }

    /// Whether nothing is in the way of a restore.
    pub fn may_restore(&self, directory: &SafeName) -> Result<(), Error> {
        self.restored(directory, &self.unpacked(directory)?).map(|_| ())
    }

    /// What an interrupted attempt has put back already. An error where something else than the
    /// archive's own files is in the way.
    fn restored(&self, directory: &SafeName, entries: &[Entry]) -> Result<Vec<String>, Error> {
        if !self.disk.name_taken(directory)? {
            return Ok(Vec::new());
        }
        let taken = || Error::Exists(directory.to_string());
        let files = self.disk.all_session_files(directory).map_err(|_| taken())?;
        let same = |(path, file): &(String, FileText)| {
            entries.iter().any(|e| e.path == *path && e.bytes == file.bytes)
        };
        if !files.iter().all(same) {
            return Err(taken());
        }
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }

    pub(super) fn unpacked(&self, directory: &SafeName) -> Result<Vec<Entry>, Error> {
        let path = self.archive_path(directory);
        let file = self.disk.read_plain(&path)?;
        unpack(&file.bytes)
            .map_err(|e| Error::Archive { path: self.below_root(&path), message: e.to_string() })
    }

    pub(super) fn archive_path(&self, directory: &SafeName) -> PathBuf {
        self.disk.layout().archives().join(format!("{directory}{SUFFIX}"))
    }
}
