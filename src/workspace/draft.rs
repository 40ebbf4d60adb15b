use std::path::{Path, PathBuf};

use crate::disk::{Disk, Kind, read_given, real_path};

use super::{Error, Workspace};

impl Workspace {
    /// Makes a private file for a text that is about to be written in an editor.
    pub fn draft(&self, start: &str) -> Result<PathBuf, Error> {
        self.disk.ensure_state()?;
        let guard = self.lock()?;
        let path = self.disk.layout().state().join(format!("draft-{}.md", self.env.uuid_v7()));
        self.disk.write_view(&guard, &path, start.as_bytes())?;
        Ok(path)
    }

    /// Reads a draft and removes it.
    pub fn take_draft(&self, path: &Path) -> Result<String, Error> {
        let file = self.disk.read_plain(path)?;
        let guard = self.lock()?;
        self.disk.remove_view(&guard, path)?;
        Ok(String::from_utf8_lossy(&file.bytes).into_owned())
    }

    /// The configuration file of another program, where a link leads to; `None` where there is none.
    pub fn read_config_of_others(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        match read_given(path) {
            Ok(file) => Ok(Some(file.bytes)),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the configuration file of another program, because a person asked for it, where it still says `before`.
    /// Answers where the file as it was is kept.
    pub fn write_config_of_others(
        &self,
        path: &Path,
        before: &[u8],
        text: &str,
    ) -> Result<Option<PathBuf>, Error> {
        let guard = self.lock()?;
        let now = self.read_config_of_others(path)?;
        if now.as_deref().unwrap_or_default() != before {
            return Err(Error::Unsettled { path: path.display().to_string() });
        }
        let kept = match now.filter(|old| !old.is_empty()) {
            None => None,
            Some(old) => {
                let copy = self.free_copy(path)?;
                self.disk.write_view(&guard, &copy, &old)?;
                Some(copy)
            }
        };
        let target = real_path(path).unwrap_or_else(|| path.to_owned());
        self.disk.write_out(&guard, &target, text.as_bytes(), true)?;
        Ok(kept)
    }

    /// A name in `backups/` that nothing has yet: the files of several programs have one name, and a second is long.
    fn free_copy(&self, path: &Path) -> Result<PathBuf, Error> {
        let (date, time) = self.stamp();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut nth = 1;
        loop {
            let more = if nth == 1 { String::new() } else { format!("-{nth}") };
            let copy = format!("client_backup_{date}_{time}{more}_{name}");
            let copy = self.disk.layout().backups().join(copy);
            if !self.disk.is_there(&copy)? {
                return Ok(copy);
            }
            nth += 1;
        }
    }
}

/// Writes manual pages into a directory of the user's choice, which must exist.
pub fn write_pages(dir: &Path, pages: &[(String, Vec<u8>)]) -> Result<(), Error> {
    let disk = Disk::open(dir)?;
    for (name, bytes) in pages {
        disk.write_loose(&dir.join(name), bytes)?;
    }
    Ok(())
}
