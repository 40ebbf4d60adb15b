use std::path::PathBuf;

use crate::disk::Kind;
use crate::render::Stamp;

use super::init::IGNORED;
use super::{Error, Workspace};

/// What this program put into a project besides plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongings {
    /// Generated views that nobody edited, below the root.
    pub views: Vec<String>,
    /// Views that a person edited: they stay.
    pub edited: Vec<String>,
    /// The ignore file with what stays of it; `None` where all of it is ours.
    pub ignore: Option<(String, Option<String>)>,
    /// Whether there is private state.
    pub state: bool,
}

impl Workspace {
    /// Looks for everything that can go without a word of a plan going with it.
    pub fn belongings(&self) -> Result<Belongings, Error> {
        let layout = self.disk.layout();
        let mut found = Belongings { state: self.disk.exists(layout.state()), ..Belongings::default() };
        for entry in self.disk.sessions()? {
            let Ok((name, _)) = &entry.state else { continue };
            for (path, file) in self.disk.session_files(name)? {
                let text = String::from_utf8_lossy(&file.bytes);
                let Some(stamp) = Stamp::read(&text) else { continue };
                let at = self.below_root(&layout.session_dir(name).join(path));
                if stamp.is_edited { found.edited.push(at) } else { found.views.push(at) }
            }
        }
        match self.disk.read_plain(&layout.gitignore()) {
            Ok(file) => {
                let text = String::from_utf8_lossy(&file.bytes);
                let ours: Vec<&str> = IGNORED.lines().collect();
                let left: Vec<&str> = text.lines().filter(|l| !ours.contains(&l.trim_end())).collect();
                if left.len() < text.lines().count() {
                    let rest = left.iter().any(|l| !l.trim().is_empty()).then(|| left.join("\n") + "\n");
                    found.ignore = Some((self.below_root(&layout.gitignore()), rest));
                }
            }
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        Ok(found)
    }

    /// Removes what [`Workspace::belongings`] found; the state goes last, and the index with it.
    pub fn leave(&mut self, found: &Belongings) -> Result<(), Error> {
        let guard = self.lock()?;
        for entry in self.disk.sessions()? {
            if let Some(name) = entry.to_read() {
                self.bring_to_rest(&guard, &name)?;
            }
        }
        let root = self.disk.layout().root().to_owned();
        let at = |path: &str| -> PathBuf { path.split('/').fold(root.clone(), |dir, part| dir.join(part)) };
        for view in &found.views {
            self.disk.remove_view(&guard, &at(view))?;
            if let Some(dir) =
                at(view).parent().filter(|d| d.parent() != Some(&self.disk.layout().sessions()))
            {
                self.disk.remove_empty(&guard, dir)?;
            }
        }
        match &found.ignore {
            Some((path, Some(rest))) => self.disk.write_view(&guard, &at(path), rest.as_bytes())?,
            Some((path, None)) => self.disk.remove_view(&guard, &at(path))?,
            None => {}
        }
        // No platform lets an open file be removed everywhere.
        self.index = std::sync::Mutex::new(crate::index::Index::in_memory()?);
        Ok(self.disk.remove_state(guard)?)
    }

    /// Writes exports, all of them or none; nothing is overwritten unless asked for.
    pub fn write_exports(&self, files: &[(PathBuf, Vec<u8>)], overwrite: bool) -> Result<(), Error> {
        for (path, _) in files {
            if !overwrite && self.disk.is_there(path)? {
                return Err(Error::Exists(path.display().to_string()));
            }
        }
        let guard = self.lock()?;
        let mut done: Vec<(&PathBuf, Option<Vec<u8>>)> = Vec::new();
        for (path, bytes) in files {
            let was = self.disk.read_plain(path).ok().map(|file| file.bytes);
            if let Err(error) = self.disk.write_out(&guard, path, bytes, overwrite) {
                for (path, was) in done.iter().rev() {
                    match was {
                        // Half an export helps nobody; what cannot be put back is named by the error.
                        Some(was) => _ = self.disk.write_out(&guard, path, was, true),
                        None => _ = self.disk.take_out(&guard, path),
                    }
                }
                return Err(error.into());
            }
            done.push((path, was));
        }
        Ok(())
    }
}
