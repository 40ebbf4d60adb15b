use super::index_aside::TAILS;
use super::view::{BESIDE, PART};
use super::{Disk, Error, FileKind};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How old a temp file must be: an export is written without the lock of the workspace.
const OLD_NS: i64 = 86_400_000_000_000;

impl Disk {
    /// Files that nobody needs any more, sorted: indexes that were put aside, the index of archives where there are
    /// none, and temp files of a day ago or more that lie outside the sessions (those inside are recovery's). `now_ns`
    /// is the file system's time.
    ///
    /// Lock files are not among them: whoever removes one makes a second lock of it.
    pub fn strays(&self, now_ns: i64) -> Result<Vec<PathBuf>, Error> {
        let mut found = Vec::new();
        let archives = self.layout.archive_index();
        let has_archives = !self.files_in(&self.layout.archives(), ".tar.zst")?.is_empty();
        for (name, path) in self.names_in(self.layout.state())? {
            let aside = [self.layout.index(), archives.clone()].iter().any(|index| {
                rest_of(&name, index).and_then(|rest| rest.strip_prefix('.')).is_some_and(is_aside)
            });
            let unneeded =
                !has_archives && rest_of(&name, &archives).is_some_and(|rest| TAILS.contains(&rest));
            if aside || unneeded {
                found.push(path);
            }
        }
        let home = self.layout.home();
        let dirs = [
            home.to_owned(),
            self.layout.roles(),
            self.layout.custom_modes(),
            self.layout.modes(),
            self.layout.templates(),
            self.layout.archives(),
            self.layout.exports(),
            self.layout.backups(),
            self.layout.state().to_owned(),
        ];
        for dir in dirs {
            for (name, path) in self.names_in(&dir)? {
                let is_temp = name.starts_with(BESIDE) && name.ends_with(PART);
                let is_old = || self.fs.stat(&path).is_ok_and(|stat| stat.mtime_ns < now_ns - OLD_NS);
                if is_temp && is_old() {
                    found.push(path);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes what [`Disk::strays`] finds, under the lock of every writer and the one of whoever makes an index, and
    /// answers what went; what cannot be removed, because somebody has it open, stays for another time.
    pub fn remove_strays(&self, guard: &super::Guard, now_ns: i64) -> Result<Vec<PathBuf>, Error> {
        self.check_guard(guard)?;
        let Some(turn) = self.lock_index(Duration::ZERO)? else { return Ok(Vec::new()) };
        let mut found = self.strays(now_ns)?;
        found.retain(|path| self.remove_view(guard, path).is_ok());
        drop(turn);
        Ok(found)
    }

    fn names_in(&self, dir: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
        let entries = match self.fs.read_dir(dir) {
            Ok(entries) => entries,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            Err(e) => return Err(Error::reading("list", dir, e)),
        };
        let files = entries.into_iter().filter(|entry| entry.kind == FileKind::File);
        Ok(files.map(|e| (e.name.to_string_lossy().into_owned(), dir.join(&e.name))).collect())
    }
}

/// Whether a name goes on as [`Disk::put_index_aside`] has it for a damaged index or one that is made anew; a copy that
/// a person made goes on otherwise.
fn is_aside(rest: &str) -> bool {
    TAILS.iter().filter_map(|tail| rest.strip_suffix(tail)).any(|word| {
        let moment = word.strip_prefix("bad-").unwrap_or_default();
        word == "old" || (!moment.is_empty() && moment.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn rest_of<'a>(name: &'a str, index: &Path) -> Option<&'a str> {
    name.strip_prefix(index.file_name()?.to_str()?)
}
