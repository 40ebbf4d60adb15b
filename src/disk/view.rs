use super::files::parent;
use super::{Disk, Error, FileKind, FileText, Guard, Kind, SESSION_FILE, SafeName};
use std::io;
use std::path::{Path, PathBuf};

impl Disk {
    /// Writes a generated view, a setting or a file of the state: all of it or nothing, keeping the mode of what it
    /// replaces. `path` must lie in `.task_orchestrator`; a `session.md` is refused, it has [`Disk::replace`].
    pub fn write_view(&self, guard: &Guard, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        self.check_guard(guard)?;
        let target = self.view_path(path)?;
        self.make_dirs(parent(&target), self.dir_mode(&target))?;
        self.install(&target, bytes)
    }

    /// Reads a generated view: `below` its session's directory, with `/`. `None` only where nothing is there; what a
    /// link leads to is somebody else's and no view.
    pub fn read_generated(&self, session: &SafeName, below: &str) -> Result<Option<FileText>, Error> {
        match self.read_at(&self.generated_path(session, below)?) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a generated view, all of it or nothing; never through a link.
    pub fn write_generated(
        &self,
        guard: &Guard,
        session: &SafeName,
        below: &str,
        bytes: &[u8],
    ) -> Result<(), Error> {
        self.check_guard(guard)?;
        let target = self.generated_path(session, below)?;
        if target.file_name().is_none_or(|n| n == SESSION_FILE) {
            return Err(Error::new(Kind::Outside, "write", &target));
        }
        self.make_dirs(parent(&target), 0o755)?;
        self.install(&target, bytes)
    }

    /// Where a view lies. The session's directory may be a link, as for the plan itself; from there on, none is
    /// followed.
    fn generated_path(&self, session: &SafeName, below: &str) -> Result<PathBuf, Error> {
        let mut path = self.layout.session_dir(session);
        if self.fs.stat(&path).is_ok_and(|stat| stat.kind == FileKind::Link) {
            path = self.follow(&path)?;
        }
        self.without_links(path, below)
    }

    /// `below` written with `/`, under `dir`; nothing on the way there is a link.
    pub(super) fn without_links(&self, dir: PathBuf, below: &str) -> Result<PathBuf, Error> {
        let mut path = dir;
        for part in below.split('/') {
            if matches!(part, "" | "." | "..") || part.contains('\\') {
                return Err(Error::new(Kind::Name, "write", Path::new(below)));
            }
            path.push(part);
            if self.fs.stat(&path).is_ok_and(|stat| stat.kind == FileKind::Link) {
                return Err(Error::new(Kind::NotRegular, "write", &path));
            }
        }
        Ok(path)
    }

    /// Writes a file anywhere, because the user asked for exactly that file (`.gitattributes`, a client's
    /// settings). Its directory must exist.
    pub fn write_asked(&self, guard: &Guard, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        self.check_guard(guard)?;
        let target = match self.fs.stat(path) {
            Ok(stat) if stat.kind == FileKind::Link => {
                self.fs.canonical(path).map_err(|e| Error::reading("follow", path, e))?
            }
            _ => path.to_owned(),
        };
        self.install(&target, bytes)
    }

    /// Removes a generated view or a file of the state; one that is not there is a success.
    pub fn remove_view(&self, guard: &Guard, path: &Path) -> Result<(), Error> {
        self.check_guard(guard)?;
        let target = self.view_path(path)?;
        match self.fs.unlink(&target) {
            Ok(()) => self.sync_dir(parent(&target)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(Error::writing("remove", &target, e)),
        }
    }

    /// Temp file, sync, rename over, sync. The temp file lies beside the target only where it has to.
    pub(super) fn install(&self, target: &Path, bytes: &[u8]) -> Result<(), Error> {
        let mode = match self.fs.stat(target) {
            Ok(stat) if stat.kind == FileKind::File => stat.mode,
            Ok(_) => return Err(Error::new(Kind::NotRegular, "write", target)),
            Err(_) if self.is_private(target) => 0o600,
            Err(_) => 0o644,
        };
        self.install_as(target, bytes, mode)
    }

    /// The same with the mode that is wanted.
    pub(super) fn install_as(&self, target: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
        let temp = self.write_part(&self.layout.tmp(), bytes, mode)?;
        match self.fs.rename(&temp, target) {
            Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
                self.discard(&temp);
                let beside = self.write_part(parent(target), bytes, mode)?;
                self.fs.rename(&beside, target).map_err(|e| {
                    self.discard(&beside);
                    Error::writing("write", target, e)
                })?;
            }
            Err(e) => {
                self.discard(&temp);
                return Err(Error::writing("write", target, e));
            }
            Ok(()) => {}
        }
        self.sync_dir(parent(target))
    }

    /// Writes and syncs a new temp file whose name says that it may be thrown away.
    pub(super) fn write_part(&self, dir: &Path, bytes: &[u8], mode: u32) -> Result<PathBuf, Error> {
        let prefix = if dir == self.layout.tmp() { "" } else { BESIDE };
        loop {
            let path = dir.join(format!("{prefix}{}{PART}", self.ticket()));
            match self.fs.create(&path, bytes, mode) {
                Ok(()) => return Ok(path),
                // Left by an earlier process that had our number.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => {
                    self.discard(&path);
                    return Err(Error::writing("write", &path, e));
                }
            }
        }
    }

    /// Removes a temp file of ours; recovery removes what cannot be removed now.
    pub(super) fn discard(&self, path: &Path) {
        let _ = self.fs.unlink(path);
    }

    fn is_private(&self, path: &Path) -> bool {
        let private = [self.layout.state().to_owned(), self.layout.backups(), self.layout.archives()];
        private.iter().any(|dir| path.starts_with(dir))
    }

    fn dir_mode(&self, path: &Path) -> u32 {
        if self.is_private(path) { 0o700 } else { 0o755 }
    }

    /// Where a view may be written: inside `.task_orchestrator`, also after following links, and not a session's
    /// source of truth.
    fn view_path(&self, path: &Path) -> Result<PathBuf, Error> {
        let outside = || Error::new(Kind::Outside, "write", path);
        let plain = path.components().all(|part| !matches!(part, std::path::Component::ParentDir));
        if !plain
            || !path.starts_with(self.layout.home())
            || path.file_name().is_none_or(|n| n == SESSION_FILE)
        {
            return Err(outside());
        }
        if self.fs.stat(path).is_ok_and(|stat| stat.kind == FileKind::Link) {
            let target = self.follow(path)?;
            return if target.file_name().is_some_and(|n| n == SESSION_FILE) {
                Err(outside())
            } else {
                Ok(target)
            };
        }
        // The nearest existing directory decides whether a link on the way leads out.
        let real = parent(path).ancestors().find_map(|dir| self.fs.canonical(dir).ok());
        match real {
            Some(real) if real.starts_with(self.layout.root()) => Ok(path.to_owned()),
            _ => Err(outside()),
        }
    }
}

/// The end of a temp file's name that no write refers to yet.
pub(super) const PART: &str = ".part";
/// What a temp file's name begins with when it has to lie beside its target.
pub(super) const BESIDE: &str = ".plandown-tmp-";

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::Duration;

    #[test]
    fn a_view_is_replaced_whole_and_keeps_its_mode() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let path = disk.layout().sessions().join("a/overview.md");
        disk.write_view(&guard, &path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        disk.write_view(&guard, &path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        let backup = disk.layout().backups().join("b.tar.zst");
        disk.write_view(&guard, &backup, b"x").unwrap();
        assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(disk.layout().tmp()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_not_a_view_is_refused() {
        let tmp = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let home = disk.layout().home().to_owned();
        fs::create_dir_all(home.join("sessions/a")).unwrap();
        symlink(outside.path(), home.join("exports")).unwrap();
        symlink(outside.path().join("x"), home.join("config.yaml")).unwrap();
        let refused = |path: PathBuf| {
            let kind = disk.write_view(&guard, &path, b"x").unwrap_err().kind;
            assert_eq!(kind, Kind::Outside, "{}", path.display());
        };
        refused(home.join("sessions/a/session.md"));
        refused(home.join("../x"));
        refused(tmp.path().join("x"));
        refused(home.join("exports/x.md"));
        refused(home.join("exports/deep/x.md"));
        refused(home.join("config.yaml"));
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
