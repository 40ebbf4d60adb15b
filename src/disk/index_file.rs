use super::{Disk, Error, Held};
use std::io;
use std::path::Path;
use std::time::Duration;

impl Disk {
    /// Whether the index's file is there and holds something.
    #[must_use]
    pub fn has_index(&self) -> bool {
        self.fs.stat(&self.layout.index()).is_ok_and(|stat| stat.size > 0)
    }

    /// The time by the file system's own clock, which need not be this machine's; `None` where it cannot be had.
    #[must_use]
    pub fn clock_ns(&self) -> Option<i64> {
        let path = self.layout.index_lock();
        match self.fs.touch(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.fs.create(&path, b"", 0o600).ok()?,
            done => done.ok()?,
        }
        self.fs.stat(&path).ok().map(|stat| stat.mtime_ns)
    }

    /// The right to make the index's file or to move it away, which one process at a time has; `None` if another
    /// one keeps it for longer than `timeout`. It is no lock of the workspace: nothing of a plan is behind it.
    pub fn lock_index(&self, timeout: Duration) -> Result<Option<Held>, Error> {
        let path = self.layout.index_lock();
        self.ensure_state()?;
        self.wait_for(timeout, || match self.fs.try_lock(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.ensure_state().map(|()| None),
            taken => taken.map_err(|e| Error::writing("lock", &path, e)),
        })
    }

    /// Makes an index's file, empty and private, where there is none; SQLite would make it readable for everybody.
    /// Its journal files take their mode from it.
    pub fn ensure_index_file(&self, path: &Path) -> Result<(), Error> {
        match self.fs.create(path, b"", 0o600) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(Error::writing("create", path, e)),
            _ => Ok(()),
        }
    }
}
