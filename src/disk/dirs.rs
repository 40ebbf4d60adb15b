use super::files::parent;
use super::recover::REMOVED;
use super::{Disk, Error, FileKind, Guard, Kind, SafeName};
use crate::text::ContentHash;
use std::io;
use std::path::{Path, PathBuf};

/// A file of a removed session: where it was below the session's directory, and the snapshot of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The path below the session's directory.
    pub path: PathBuf,
    /// Its content.
    pub hash: ContentHash,
    /// Its permission bits.
    pub mode: u32,
}

impl Disk {
    /// Whether `name` could not be told from an existing session on a file system that ignores case.
    pub fn name_taken(&self, name: &SafeName) -> Result<bool, Error> {
        let folded = name.as_str().to_lowercase();
        Ok(self.sessions()?.iter().any(|entry| entry.name.to_lowercase() == folded))
    }

    /// Whether `rename_session` would find the new name free. Kind `Exists` if not; one's own name, and
    /// one that differs only in case, is free.
    pub fn may_rename(&self, from: &SafeName, to: &SafeName) -> Result<(), Error> {
        let only_case = from.as_str().to_lowercase() == to.as_str().to_lowercase();
        if !only_case && self.name_taken(to)? {
            return Err(Error::new(Kind::Exists, "rename to", &self.layout.session_dir(to)));
        }
        Ok(())
    }

    /// Gives a session's directory another name, and its histories with it. Kind `Exists` if the name is taken.
    pub fn rename_session(&self, guard: &Guard, from: &SafeName, to: &SafeName) -> Result<(), Error> {
        self.check_guard(guard)?;
        let (old, new) = (self.layout.session_dir(from), self.layout.session_dir(to));
        if from == to {
            return Err(Error::new(Kind::Exists, "rename to", &new));
        }
        self.may_rename(from, to)?;
        self.blob_put(guard, &self.read(from)?.bytes)?;
        // Both names of a history exist while the directory moves, so it is found under either.
        let histories = [
            (self.layout.log(from), self.layout.log(to)),
            (self.layout.events(from), self.layout.events(to)),
        ];
        for (old, new) in &histories {
            self.second_name(old, new)?;
        }
        self.fs.rename(&old, &new).map_err(|e| Error::writing("rename", &old, e))?;
        self.sync_dir(&self.layout.sessions())?;
        for (old, new) in &histories {
            if self.fs.stat(new).is_ok() {
                let _ = self.fs.unlink(old);
            }
        }
        Ok(())
    }

    fn second_name(&self, old: &Path, new: &Path) -> Result<(), Error> {
        if self.fs.stat(old).is_err() {
            return Ok(());
        }
        if self.fs.stat(new).is_ok() {
            // The history of a session of this name that is gone.
            let aside = new.with_extension(format!("{}.old", self.ticket()));
            self.fs.rename(new, &aside).map_err(|e| Error::writing("move", new, e))?;
        }
        let linked = match self.fs.link(old, new) {
            Err(e) if super::replace::cannot_link(&e) => self.fs.rename(old, new),
            done => done,
        };
        linked.map_err(|e| Error::writing("rename", old, e))?;
        self.sync_dir(parent(new))
    }

    /// Removes a session's directory. Every regular file in it is kept as a snapshot first; what is returned is
    /// enough to bring all of them back. Links in it are removed, never followed.
    pub fn remove_session(&self, guard: &Guard, session: &SafeName) -> Result<Vec<Removed>, Error> {
        self.check_guard(guard)?;
        let dir = self.layout.session_dir(session);
        let found = self.fs.stat(&dir).map_err(|e| Error::writing("remove", &dir, e))?;
        if found.kind == FileKind::Link {
            self.fs.unlink(&dir).map_err(|e| Error::writing("remove", &dir, e))?;
            self.sync_dir(&self.layout.sessions())?;
            return Ok(Vec::new());
        }
        let mut removed = Vec::new();
        for (path, kind) in self.tree(&dir)? {
            if kind == FileKind::File {
                let file = self.read_at(&path)?;
                let hash = self.blob_put(guard, &file.bytes)?;
                let path = path.strip_prefix(&dir).unwrap_or(&path).to_owned();
                removed.push(Removed { path, hash, mode: file.stat.mode });
            }
        }
        let out = self.layout.tmp().join(format!("{}{REMOVED}", self.ticket()));
        match self.fs.rename(&dir, &out) {
            Ok(()) => {
                self.sync_dir(&self.layout.sessions())?;
                self.remove_tree(&out)?;
            }
            Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
                self.remove_tree(&dir)?;
                self.sync_dir(&self.layout.sessions())?;
            }
            Err(e) => return Err(Error::writing("remove", &dir, e)),
        }
        Ok(removed)
    }

    /// Everything below `dir`, directories before what is in them, not following links.
    pub(super) fn tree(&self, dir: &Path) -> Result<Vec<(PathBuf, FileKind)>, Error> {
        let mut found = Vec::new();
        let mut todo = vec![dir.to_owned()];
        while let Some(dir) = todo.pop() {
            for entry in self.fs.read_dir(&dir).map_err(|e| Error::reading("list", &dir, e))? {
                let path = dir.join(&entry.name);
                if entry.kind == FileKind::Dir {
                    todo.push(path.clone());
                }
                found.push((path, entry.kind));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    pub(super) fn remove_tree(&self, dir: &Path) -> Result<(), Error> {
        for (path, kind) in self.tree(dir)?.into_iter().rev() {
            let gone = if kind == FileKind::Dir { self.fs.rmdir(&path) } else { self.fs.unlink(&path) };
            gone.map_err(|e| Error::writing("remove", &path, e))?;
        }
        self.fs.rmdir(dir).map_err(|e| Error::writing("remove", dir, e))
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Cause, Expected};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    #[test]
    fn a_renamed_session_takes_its_history_along() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let name = |name: &str| SafeName::parse(name).unwrap();
        for session in ["a", "b"] {
            disk.replace(&guard, &name(session), b"text\n", Expected::Absent, &Cause::new("test")).unwrap();
        }
        let head = disk.log(&name("a")).unwrap().head();
        for taken in ["b", "B", "a"] {
            let error = disk.rename_session(&guard, &name("a"), &name(taken)).unwrap_err();
            assert_eq!(error.kind, Kind::Exists, "{taken}");
        }
        disk.rename_session(&guard, &name("a"), &name("c")).unwrap();
        assert_eq!(disk.read(&name("c")).unwrap().bytes, b"text\n");
        assert_eq!(disk.log(&name("c")).unwrap().head(), head);
        assert!(disk.log(&name("a")).unwrap().is_empty() && head.is_some());
        disk.rename_session(&guard, &name("c"), &name("C")).unwrap();
        assert_eq!(disk.log(&name("C")).unwrap().head(), head);
    }

    #[test]
    fn a_removed_session_is_kept_file_by_file_and_links_are_not_followed() {
        let tmp = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("precious"), "x").unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let name = SafeName::parse("a").unwrap();
        disk.replace(&guard, &name, b"text\n", Expected::Absent, &Cause::new("test")).unwrap();
        let dir = disk.layout().session_dir(&name);
        fs::create_dir_all(dir.join("notes/deep")).unwrap();
        fs::write(dir.join("notes/deep/n.md"), "note").unwrap();
        symlink(outside.path(), dir.join("link")).unwrap();
        let removed = disk.remove_session(&guard, &name).unwrap();
        let names: Vec<_> = removed.iter().map(|file| file.path.to_str().unwrap()).collect();
        assert_eq!(names, ["notes/deep/n.md", "session.md"]);
        assert_eq!(disk.blob_get(&removed[0].hash).unwrap(), b"note");
        assert!(!dir.exists() && outside.path().join("precious").exists());
        assert!(!disk.recovery_pending());
    }
}
