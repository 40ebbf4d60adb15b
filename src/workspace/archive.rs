use std::path::PathBuf;

use crate::archive::{Entry, pack, unpack};
use crate::disk::SafeName;
use crate::format::Lifted;

use super::install::cause;
use super::{Error, Workspace};

const SUFFIX: &str = ".tar.zst";

impl Workspace {
    /// Packs a session's whole directory into `archives/<directory>.tar.zst`, reads it back, and
    /// only then removes the directory (whose files are kept as snapshots too).
    pub fn archive_session(&self, directory: &SafeName) -> Result<String, Error> {
        let path = self.archive_path(directory);
        if self.disk.exists(&path) {
            return Err(Error::Exists(format!("archives/{directory}{SUFFIX}")));
        }
        self.disk.ensure_private(&self.disk.layout().archives())?;
        let guard = self.lock()?;
        let files = self.disk.session_files(directory)?;
        let entries: Vec<Entry> = files
            .into_iter()
            .map(|(path, file)| Entry { path, bytes: file.bytes, mode: file.stat.mode })
            .collect();
        let damaged = |message: String| Error::Archive { path: self.below_root(&path), message };
        let archive = pack(&entries).map_err(|e| damaged(e.to_string()))?;
        let back = unpack(&archive).map_err(|e| damaged(e.to_string()))?;
        if !back.iter().map(|e| (&e.path, &e.bytes)).eq(entries.iter().map(|e| (&e.path, &e.bytes))) {
            return Err(damaged("it does not read back as it was packed".to_owned()));
        }
        self.disk.write_view(&guard, &path, &archive)?;
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
        if self.disk.name_taken(directory)? {
            return Err(Error::Exists(directory.to_string()));
        }
        let path = self.archive_path(directory);
        let entries = self.unpacked(directory)?;
        let guard = self.lock()?;
        let dir = self.disk.layout().session_dir(directory);
        // The plan comes last: a half restored directory is no session yet.
        for entry in entries.iter().filter(|e| e.path != "session.md") {
            self.disk.write_view(&guard, &dir.join(&entry.path), &entry.bytes)?;
        }
        if let Some(plan) = entries.iter().find(|e| e.path == "session.md") {
            let cause = cause(self.env(), "session-restore", by);
            self.put_new(&guard, directory, &plan.bytes, &cause)?;
        }
        self.disk.remove_view(&guard, &path)?;
        drop(guard);
        self.refresh().map(|_| ())
    }

    /// The sessions in the archive, understood.
    pub fn archived(&self) -> Result<Vec<(SafeName, Lifted)>, Error> {
        let mut found = Vec::new();
        for (path, _) in self.disk.files_in(&self.disk.layout().archives(), SUFFIX)? {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let Ok(directory) = SafeName::parse(name.trim_end_matches(SUFFIX)) else { continue };
            let entries = self.unpacked(&directory)?;
            if let Some(plan) = entries.iter().find(|e| e.path == "session.md") {
                let lifted = self.understand(&plan.bytes, directory.as_str());
                found.push((directory, lifted));
            }
        }
        Ok(found)
    }

    fn unpacked(&self, directory: &SafeName) -> Result<Vec<Entry>, Error> {
        let path = self.archive_path(directory);
        let file = self.disk.read_plain(&path)?;
        unpack(&file.bytes)
            .map_err(|e| Error::Archive { path: self.below_root(&path), message: e.to_string() })
    }

    fn archive_path(&self, directory: &SafeName) -> PathBuf {
        self.disk.layout().archives().join(format!("{directory}{SUFFIX}"))
    }
}
