use std::path::{Path, PathBuf};

use crate::disk::Disk;

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

    /// The configuration file of another program; `None` where there is none.
    pub fn read_config_of_others(&self, path: &Path) -> Result<Option<String>, Error> {
        match self.disk.read_plain(path) {
            Ok(file) => Ok(Some(String::from_utf8_lossy(&file.bytes).into_owned())),
            Err(error) if error.kind == crate::disk::Kind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the configuration file of another program, because a person asked for it.
    pub fn write_config_of_others(&self, path: &Path, text: &str) -> Result<(), Error> {
        let guard = self.lock()?;
        Ok(self.disk.write_loose_deep(&guard, path, text.as_bytes())?)
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
