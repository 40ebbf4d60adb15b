use super::files::parent;
use super::{Disk, Error, FileKind, Guard, Kind};
use std::io;
use std::path::Path;

/// Ends of the names of an index's files: the database and its journals.
pub(super) const TAILS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

impl Disk {
    /// Renames an index that cannot be used (with its journal files) to `<index>.<suffix>`. It is never
    /// removed here: another process may hold it open.
    pub fn put_index_aside(&self, index: &Path, suffix: &str) -> Result<(), Error> {
        for tail in TAILS {
            let mut from = index.as_os_str().to_owned();
            from.push(tail);
            let mut to = index.as_os_str().to_owned();
            to.push(format!(".{suffix}{tail}"));
            match self.fs.rename(from.as_ref(), to.as_ref()) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::writing("put aside", from.as_ref(), e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes an index that was put aside by [`Disk::put_index_aside`] and is not needed any more.
    pub fn remove_index_aside(&self, guard: &Guard, index: &Path, suffix: &str) -> Result<(), Error> {
        for tail in TAILS {
            let mut path = index.as_os_str().to_owned();
            path.push(format!(".{suffix}{tail}"));
            self.remove_view(guard, path.as_ref())?;
        }
        Ok(())
    }
}

impl Disk {
    /// Writes a file outside every plan that the user asked for by name (a manual page, an export). Its directory
    /// must exist; no lock is needed because no plan is touched.
    pub fn write_loose(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let failed = |e| Error::writing("write", path, e);
        if self.fs.stat(path).is_ok_and(|stat| stat.kind != FileKind::File) {
            return Err(Error::new(Kind::NotRegular, "write", path));
        }
        // Beside the target: there is no private directory of ours out there.
        let temp = self.write_part(parent(path), bytes, 0o644)?;
        self.fs.rename(&temp, path).map_err(|e| {
            self.discard(&temp);
            failed(e)
        })?;
        self.sync_dir(parent(path))
    }
}
