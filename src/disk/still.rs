use super::{Disk, Error, FileKind, FileText, Guard, Kind, Lease, SESSION_FILE};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long somebody who is writing is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

impl Disk {
    /// Every regular file below a directory of the workspace, sorted; links are left out. A directory that is not
    /// there has none.
    pub fn files_below(&self, dir: &Path) -> Result<Vec<PathBuf>, Error> {
        match self.tree(dir) {
            Ok(found) => Ok(found
                .into_iter()
                .filter(|(_, kind)| *kind == FileKind::File)
                .map(|(path, _)| path)
                .collect()),
            Err(error) if error.kind == Kind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Reads a file as it is while nobody is writing into it: all of one version. Kind `Busy` if a writer does not
    /// finish in time.
    pub fn read_still(&self, path: &Path) -> Result<FileText, Error> {
        let (mut pause, mut waited) = (Duration::from_millis(1), Duration::ZERO);
        loop {
            let (bytes, stat, lease) =
                self.fs.read_leased(path).map_err(|e| Error::reading("read", path, e))?;
            let unchanged = self.fs.stat(path).is_ok_and(|now| now == stat);
            if lease != Lease::Writer && unchanged {
                return Ok(FileText::new(bytes, stat));
            }
            if waited > PATIENCE {
                return Err(Error::new(Kind::Busy, "read", path));
            }
            self.fs.sleep(pause);
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether a file could be written at `path` below `.task_orchestrator`: no directory, link out of the workspace
    /// or device is in the way. Looks only.
    pub fn is_free_for_a_file(&self, path: &Path) -> Result<bool, Error> {
        let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
        if climbs || !path.starts_with(self.layout.home()) {
            return Ok(false);
        }
        let above = path.ancestors().skip(1).take_while(|dir| dir.starts_with(self.layout.home()));
        let dirs = above.map(|dir| (dir, FileKind::Dir));
        for (path, wanted) in std::iter::once((path, FileKind::File)).chain(dirs) {
            let fits = match self.fs.stat(path).map(|stat| stat.kind) {
                Ok(FileKind::Link) => self
                    .follow(path)
                    .is_ok_and(|target| self.fs.stat(&target).is_ok_and(|stat| stat.kind == wanted)),
                Ok(found) => found == wanted,
                Err(e) if e.kind() == io::ErrorKind::NotFound => true,
                Err(e) if e.kind() == io::ErrorKind::NotADirectory => false,
                Err(e) => return Err(Error::reading("read", path, e)),
            };
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives a file that was just written the permission bits it had elsewhere; a plan keeps the ones it has.
    pub fn give_mode(&self, guard: &Guard, path: &Path, mode: u32) -> Result<(), Error> {
        self.check_guard(guard)?;
        if !path.starts_with(self.layout.home()) || path.file_name().is_none_or(|name| name == SESSION_FILE) {
            return Err(Error::new(Kind::Outside, "protect", path));
        }
        match self.fs.stat(path) {
            Ok(stat) if stat.kind == FileKind::File && stat.mode & 0o777 != mode & 0o777 => {
                self.fs.set_mode(path, mode & 0o777).map_err(|e| Error::writing("protect", path, e))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_are_listed_without_links_and_told_from_what_is_in_the_way() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let home = disk.layout().home().to_owned();
        fs::create_dir_all(home.join("roles/deep")).unwrap();
        fs::write(home.join("roles/deep/a.yaml"), "a").unwrap();
        fs::write(home.join("roles/b.yaml"), "b").unwrap();
        symlink("/etc", home.join("roles/out")).unwrap();
        let found = disk.files_below(&home.join("roles")).unwrap();
        assert_eq!(found, [home.join("roles/b.yaml"), home.join("roles/deep/a.yaml")]);
        assert!(disk.files_below(&home.join("none")).unwrap().is_empty());
        assert_eq!(disk.read_still(&home.join("roles/b.yaml")).unwrap().bytes, b"b");
        for (path, free) in [
            ("roles/b.yaml", true),
            ("roles/new.yaml", true),
            ("new/deep/x.yaml", true),
            ("roles/deep", false),
            ("roles/b.yaml/x", false),
            ("roles/out/x", false),
            ("../x", false),
        ] {
            assert_eq!(disk.is_free_for_a_file(&home.join(path)).unwrap(), free, "{path}");
        }
    }
}
