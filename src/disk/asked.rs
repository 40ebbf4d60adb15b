use super::files::parent;
use super::recover::REMOVED;
use super::view::{BESIDE, PART};
use super::{Disk, Error, FileKind, FileText, Fs, Guard, Kind, RealFs};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Reads the regular file at `path`, which need not be in any workspace; a link is followed, because the user (or
/// Git) named exactly this file.
pub fn read_given(path: &Path) -> Result<FileText, Error> {
    let target = RealFs.canonical(path).map_err(|e| Error::reading("read", path, e))?;
    let (bytes, stat) = RealFs.read(&target).map_err(|e| Error::reading("read", path, e))?;
    Ok(FileText::new(bytes, stat))
}

/// Where a path leads when all links are followed; `None` where there is nothing.
#[must_use]
pub fn real_path(path: &Path) -> Option<PathBuf> {
    RealFs.canonical(path).ok()
}

/// Replaces the text of the file at `path`, which need not be in any workspace: all of it or nothing, keeping its
/// mode. For files that Git hands to a merge driver.
pub fn replace_given(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = RealFs.canonical(path).map_err(|e| Error::writing("write", path, e))?;
    let stat = RealFs.stat(&target).map_err(|e| Error::writing("write", path, e))?;
    if stat.kind != FileKind::File {
        return Err(Error::new(Kind::NotRegular, "write", path));
    }
    let temp = loop {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let temp = parent(&target).join(format!("{BESIDE}{}-{n}{PART}", std::process::id()));
        match RealFs.create(&temp, bytes, stat.mode) {
            Ok(()) => break temp,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => {
                let _ = RealFs.unlink(&temp);
                return Err(Error::writing("write", path, e));
            }
        }
    };
    RealFs.rename(&temp, &target).map_err(|e| {
        let _ = RealFs.unlink(&temp);
        Error::writing("write", path, e)
    })?;
    RealFs.sync_dir(parent(&target)).map_err(|e| Error::writing("sync", path, e))
}

/// An empty directory of our own that is gone when this is dropped, or at the next recovery.
#[derive(Debug)]
pub struct Scratch {
    disk: Disk,
    path: PathBuf,
}

impl Scratch {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now, recovery removes.
        let _ = self.disk.remove_tree(&self.path);
    }
}

impl Disk {
    /// Makes an empty directory for a trial.
    pub fn scratch(&self, guard: &Guard) -> Result<Scratch, Error> {
        self.check_guard(guard)?;
        let path = self.layout.tmp().join(format!("{}{REMOVED}", self.ticket()));
        self.fs.mkdir(&path, 0o700).map_err(|e| Error::writing("create", &path, e))?;
        Ok(Scratch { disk: self.clone(), path })
    }

    /// Removes a file anywhere, because the user asked for exactly that; one that is not there is a success.
    pub fn remove_asked(&self, guard: &Guard, path: &Path) -> Result<(), Error> {
        self.check_guard(guard)?;
        match self.fs.unlink(path) {
            Ok(()) => self.sync_dir(parent(path)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(Error::writing("remove", path, e)),
        }
    }

    /// Writes a program anywhere (a hook), because the user asked for exactly that. Its directory is made where it
    /// is missing.
    pub fn write_program(&self, guard: &Guard, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let dir = parent(path);
        match self.fs.mkdir(dir, 0o755) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::writing("create", dir, e));
            }
            _ => {}
        }
        self.write_asked(guard, path, bytes)?;
        self.fs.set_mode(path, 0o755).map_err(|e| Error::writing("change", path, e))
    }
}
