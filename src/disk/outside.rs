use super::files::parent;
use super::{Disk, Error, Fs, Guard, Kind};
use std::io;
use std::path::Path;

impl Disk {
    /// The file system, for readers of what lies outside every plan.
    #[must_use]
    pub fn fs(&self) -> &dyn Fs {
        self.fs.as_ref()
    }

    /// Writes a file that the user asked for (an export), with the directories above it. Kind `Exists` where
    /// something is there already and `overwrite` is not set.
    pub fn write_out(&self, guard: &Guard, path: &Path, bytes: &[u8], overwrite: bool) -> Result<(), Error> {
        self.check_guard(guard)?;
        if !overwrite && self.is_there(path)? {
            return Err(Error::new(Kind::Exists, "write", path));
        }
        let mut missing: Vec<&Path> = Vec::new();
        for dir in parent(path).ancestors().take_while(|d| !d.as_os_str().is_empty()) {
            if self.exists(dir) {
                break;
            }
            missing.push(dir);
        }
        for dir in missing.into_iter().rev() {
            match self.fs.mkdir(dir, 0o755) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(Error::writing("create", dir, e));
                }
                _ => {}
            }
        }
        self.install(path, bytes)
    }

    /// Removes a file that [`Disk::write_out`] has just written; one that is not there is a success.
    pub fn take_out(&self, guard: &Guard, path: &Path) -> Result<(), Error> {
        self.check_guard(guard)?;
        match self.fs.stat(path).map(|stat| stat.kind) {
            Ok(super::FileKind::File) => self.fs.unlink(path).map_err(|e| Error::writing("remove", path, e)),
            _ => Ok(()),
        }
    }

    /// Removes a directory below `.task_orchestrator` that is empty; one that is not, or is not there, is left.
    pub fn remove_empty(&self, guard: &Guard, dir: &Path) -> Result<(), Error> {
        self.check_guard(guard)?;
        if dir.starts_with(self.layout.home()) {
            // Not empty, or gone: both are as they should be.
            let _ = self.fs.rmdir(dir);
        }
        Ok(())
    }

    /// Removes the private state: index, snapshots, histories, the lock itself. Nothing of a plan is in it.
    pub fn remove_state(&self, guard: Guard) -> Result<(), Error> {
        self.check_guard(&guard)?;
        let state = self.layout.state().to_owned();
        if self.fs.stat(&state).is_ok() {
            self.remove_tree(&state)?;
        }
        drop(guard);
        self.sync_dir(self.layout.home())
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn an_export_is_never_overwritten_unasked() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let path = tmp.path().join("out/deep/x.json");
        let guard = disk.lock(Duration::ZERO).unwrap();
        disk.write_out(&guard, &path, b"one", false).unwrap();
        assert_eq!(disk.write_out(&guard, &path, b"two", false).unwrap_err().kind, Kind::Exists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        disk.write_out(&guard, &path, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn nor_where_it_cannot_be_looked_at() {
        let root = Path::new("/w");
        let path = root.join("out.json");
        let mut failed = 0;
        for at in 1.. {
            let fs = crate::disk::mem::MemFs::new(root);
            let disk = Disk::with_fs(root, std::sync::Arc::new(fs.clone())).unwrap();
            let guard = disk.lock(Duration::ZERO).unwrap();
            disk.write_out(&guard, &path, b"one", false).unwrap();
            fs.fail_at(fs.calls() + at, io::ErrorKind::Other, false);
            let kind = disk.write_out(&guard, &path, b"two", false).unwrap_err().kind;
            assert_eq!(fs.peek(&path).unwrap(), b"one", "call {at}");
            if kind == Kind::Exists {
                break;
            }
            failed += 1;
        }
        assert!(failed > 0);
    }

    #[test]
    fn scratch_is_private_and_goes_and_the_state_goes_with_its_lock() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let scratch = disk.scratch(&guard).unwrap();
        let dir = scratch.path().to_owned();
        fs::write(dir.join("copy"), "x").unwrap();
        drop(scratch);
        assert!(!dir.exists());
        disk.remove_state(guard).unwrap();
        assert!(!disk.layout().state().exists() && disk.layout().home().exists());
    }
}
