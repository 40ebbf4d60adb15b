use super::files::parent;
use super::{Disk, Error, Guard, SafeName};
use std::io;
use std::path::PathBuf;

/// What `.state` and its neighbours are created with, and checked against.
const PRIVATE_DIR: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

impl Disk {
    /// Creates `.task_orchestrator` with `sessions/` and the private state directories, where missing.
    pub fn ensure_layout(&self) -> Result<(), Error> {
        self.make_dirs(&self.layout.sessions(), 0o755)?;
        self.ensure_state()
    }

    /// Creates the private state directories, where missing.
    pub fn ensure_state(&self) -> Result<(), Error> {
        let layout = &self.layout;
        self.make_dirs(layout.home(), 0o755)?;
        let state = layout.state().to_owned();
        for dir in [
            state.clone(),
            layout.tmp(),
            layout.quarantine(),
            layout.blobs(),
            layout.logs(),
            layout.events_dir(),
        ] {
            self.make_dirs(&dir, PRIVATE_DIR)?;
        }
        let ignore = state.join(".gitignore");
        match self.fs.stat(&ignore).map_err(|e| e.kind()) {
            Err(io::ErrorKind::NotFound) => match self.fs.create(&ignore, b"*\n", PRIVATE_FILE) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                    Err(Error::writing("create", &ignore, e))
                }
                _ => Ok(()), // another process may have been faster
            },
            _ => Ok(()),
        }
    }

    /// Creates a directory that only its owner may enter (archives, backups).
    pub fn ensure_private(&self, dir: &std::path::Path) -> Result<(), Error> {
        self.make_dirs(dir, PRIVATE_DIR)
    }

    /// The private places (`.state`, `backups`, `archives` and what lies directly in them) that others may enter
    /// or read, with their mode. Empty on platforms without modes.
    pub fn loose_permissions(&self) -> Result<Vec<(PathBuf, u32)>, Error> {
        let mut loose = Vec::new();
        for dir in [self.layout.state().to_owned(), self.layout.backups(), self.layout.archives()] {
            let Ok(stat) = self.fs.stat(&dir) else { continue };
            if cfg!(unix) && stat.mode & 0o077 != 0 {
                loose.push((dir.clone(), stat.mode));
            }
            let entries = self.fs.read_dir(&dir).map_err(|e| Error::reading("list", &dir, e))?;
            for path in entries.into_iter().map(|entry| dir.join(entry.name)) {
                let Ok(stat) = self.fs.stat(&path) else { continue };
                if cfg!(unix) && stat.kind != super::FileKind::Link && stat.mode & 0o077 != 0 {
                    loose.push((path, stat.mode));
                }
            }
        }
        loose.sort();
        Ok(loose)
    }

    /// Takes the rights of group and others off everything [`Disk::loose_permissions`] names; says what it was.
    pub fn tighten_permissions(&self, guard: &Guard) -> Result<Vec<(PathBuf, u32)>, Error> {
        self.check_guard(guard)?;
        let loose = self.loose_permissions()?;
        for (path, mode) in &loose {
            self.fs.set_mode(path, mode & 0o700).map_err(|e| Error::writing("protect", path, e))?;
        }
        Ok(loose)
    }

    /// The session this worktree points at, if the pointer is there and is a name.
    pub fn active(&self) -> Result<Option<SafeName>, Error> {
        let bytes = self.read_optional(&self.layout.active())?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.and_then(|text| SafeName::parse(text.trim_end()).ok()))
    }

    /// Points this worktree at a session, or at none.
    pub fn set_active(&self, guard: &Guard, session: Option<&SafeName>) -> Result<(), Error> {
        let path = self.layout.active();
        match session {
            Some(name) => self.write_view(guard, &path, format!("{name}\n").as_bytes()),
            None => self.remove_view(guard, &path),
        }
    }

    /// Appends one line (without a line feed in it) to a local history: `conflicts.jsonl`, or a session's events.
    pub fn append_record(&self, guard: &Guard, path: &std::path::Path, line: &str) -> Result<(), Error> {
        self.check_guard(guard)?;
        let line = line.replace(['\n', '\r'], " ");
        self.append_private(path, format!("{line}\n").as_bytes())
    }

    /// Shows every complete line of a local history, oldest first; a torn last line is left out. Nothing is shown if
    /// there is no such file.
    pub fn each_record(&self, path: &std::path::Path, mut show: impl FnMut(&str)) -> Result<(), Error> {
        let bytes = self.read_optional(path)?.unwrap_or_default();
        let complete = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1);
        for line in bytes[..complete].split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                show(&String::from_utf8_lossy(line));
            }
        }
        Ok(())
    }

    /// Appends to a private file and makes a newly created name durable.
    pub(super) fn append_private(&self, path: &std::path::Path, line: &[u8]) -> Result<(), Error> {
        let new = self.fs.stat(path).is_err();
        self.fs.append_line(path, line, PRIVATE_FILE).map_err(|e| Error::writing("write", path, e))?;
        if new { self.sync_dir(parent(path)) } else { Ok(()) }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    #[test]
    fn the_state_is_private_and_ignored() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        disk.ensure_layout().unwrap();
        disk.ensure_private(&disk.layout().backups()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        assert_eq!(disk.loose_permissions().unwrap(), []);
        assert_eq!(fs::read_to_string(disk.layout().state().join(".gitignore")).unwrap(), "*\n");
        let backups = disk.layout().backups();
        fs::set_permissions(&backups, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(disk.layout().active(), "x\n").unwrap();
        fs::set_permissions(disk.layout().active(), fs::Permissions::from_mode(0o644)).unwrap();
        let loose = vec![(disk.layout().active(), 0o644), (backups, 0o755)];
        assert_eq!(disk.tighten_permissions(&guard).unwrap(), loose);
        assert_eq!(disk.loose_permissions().unwrap(), []);
    }

    #[test]
    fn the_pointer_is_set_moved_and_taken_away() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        assert_eq!(disk.active().unwrap(), None);
        for name in ["a", "b"] {
            let name = SafeName::parse(name).unwrap();
            disk.set_active(&guard, Some(&name)).unwrap();
            assert_eq!(disk.active().unwrap(), Some(name));
        }
        disk.set_active(&guard, None).unwrap();
        disk.set_active(&guard, None).unwrap();
        assert_eq!(disk.active().unwrap(), None);
        fs::write(disk.layout().active(), "../../etc").unwrap();
        assert_eq!(disk.active().unwrap(), None, "what is not a name points nowhere");
    }

    #[test]
    fn a_torn_record_is_left_out_and_does_not_spoil_the_next() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let path = disk.layout().conflicts();
        let records = || {
            let mut lines = Vec::new();
            disk.each_record(&path, |line| lines.push(line.to_owned())).unwrap();
            lines
        };
        assert_eq!(records(), [""; 0]);
        disk.append_record(&guard, &path, r#"{"id":1}"#).unwrap();
        fs::write(&path, "{\"id\":1}\n{\"id\":2").unwrap();
        assert_eq!(records(), [r#"{"id":1}"#]);
        disk.append_record(&guard, &path, "{\"id\":\n3}").unwrap();
        assert_eq!(records(), [r#"{"id":1}"#, r#"{"id":2"#, r#"{"id": 3}"#]);
    }
}
