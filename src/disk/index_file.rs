use super::{Disk, Error, Held, Kind};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Bytes below which a disk is full for the index: what one small change of it may take.
const LEAST_ROOM: u64 = 1 << 20;
/// Bytes that are there if the file system says so.
const AMPLE_ROOM: u64 = 64 << 20;

impl Disk {
    /// Whether the index's file is there and holds something.
    #[must_use]
    pub fn has_index(&self) -> bool {
        self.fs.stat(&self.layout.index()).is_ok_and(|stat| stat.size > 0)
    }

    /// Whether the disk is so full that the index must not be touched. Its readers share a mapped file: where a page
    /// of that finds no room, the process gets no error but a signal that ends it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self.fs.room(self.layout.state()) {
            Some(room) if room < LEAST_ROOM => true,
            // File systems that copy on write say there is room when there is none: it has to be tried.
            Some(room) if room < AMPLE_ROOM => {
                let piece = [0; 128 << 10];
                match self.write_part(&self.layout.tmp(), &piece, 0o600) {
                    Ok(part) => {
                        self.discard(&part);
                        false
                    }
                    Err(error) => error.kind == Kind::NoSpace,
                }
            }
            _ => false,
        }
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
