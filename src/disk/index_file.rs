use super::{Disk, Error};
use std::io;

impl Disk {
    /// Makes the index's file, empty and private, where there is none; SQLite would make it readable for everybody.
    /// Its journal files take their mode from it.
    pub fn ensure_index_file(&self) -> Result<(), Error> {
        let path = self.layout.index();
        match self.fs.create(&path, b"", 0o600) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(Error::writing("create", &path, e)),
            _ => Ok(()),
        }
    }
}
