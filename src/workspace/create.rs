use crate::disk::SafeName;
use crate::format::{self, Lifted};
use crate::model::{Change, HeaderKey};
use crate::render::{self, SessionTemplate};

use super::install::cause;
use super::{Error, Workspace, session_path};

/// A session to be made.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What its file says.
    pub file: render::NewSession,
    /// From which template.
    pub template: SessionTemplate,
    /// Facts of its header that templates do not know.
    pub facts: Vec<(HeaderKey, String)>,
}

impl Workspace {
    /// A directory name that no session has: `wanted`, else `wanted-2`, `wanted-3`, …
    pub fn free_directory(&self, wanted: &str) -> Result<SafeName, Error> {
        let mut name = SafeName::parse(wanted)?;
        let mut n = 2;
        while self.disk.name_taken(&name)? {
            name = SafeName::parse(&format!("{wanted}-{n}"))?;
            n += 1;
        }
        Ok(name)
    }

    /// The text a new session would have, understood.
    pub fn compose(&self, directory: &SafeName, new: &NewSession) -> Result<Lifted, Error> {
        let path = self.disk.layout().templates().join(new.template.name());
        let own =
            self.disk.read_plain(&path).ok().map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
        let text = render::session(new.template, &new.file, own.as_deref())
            .map_err(|error| Error::Template { path, message: error.to_string() })?;
        let mut lifted = self.understand(text.as_bytes(), directory.as_str());
        let facts =
            new.facts.iter().map(|(key, value)| Change::SetHeader { key: *key, value: Some(value.clone()) });
        let facts: Vec<Change> = facts.collect();
        if !facts.is_empty() {
            lifted = format::write(&lifted, &facts)
                .map_err(|source| Error::Write { path: session_path(directory.as_str()), source })?
                .lifted;
        }
        // Where a template of the user's is too odd for that, its blocks stay as they are.
        Ok(format::refilled(lifted))
    }

    /// Writes a session file that is not there yet.
    pub fn create_session(
        &self,
        directory: &SafeName,
        lifted: &Lifted,
        by: &str,
        what: &str,
    ) -> Result<(), Error> {
        self.disk.ensure_layout()?;
        let guard = self.lock()?;
        let cause = cause(self.env(), what, by);
        self.put_new(&guard, directory, lifted.document.text().as_bytes(), &cause)?;
        self.index_written(lifted, directory);
        Ok(())
    }

    /// Gives a session's directory another name.
    pub fn rename_directory(&self, from: &SafeName, to: &SafeName) -> Result<(), Error> {
        let guard = self.lock()?;
        self.bring_to_rest(&guard, from)?;
        let was_active = self.disk.active()?.as_ref() == Some(from);
        self.disk.rename_session(&guard, from, to)?;
        if was_active {
            self.disk.set_active(&guard, Some(to))?;
        }
        drop(guard);
        self.refresh().map(|_| ())
    }

    /// Removes a session's directory; every file in it is kept as a snapshot first.
    pub fn delete_session(&self, directory: &SafeName) -> Result<(), Error> {
        let guard = self.lock()?;
        self.bring_to_rest(&guard, directory)?;
        self.disk.remove_session(&guard, directory)?;
        if self.disk.active()?.as_ref() == Some(directory) {
            self.disk.set_active(&guard, None)?;
        }
        drop(guard);
        self.refresh().map(|_| ())
    }

    /// Moves this worktree's pointer to a session, or away from all.
    pub fn point_at(&self, directory: Option<&SafeName>) -> Result<(), Error> {
        let guard = self.lock()?;
        Ok(self.disk.set_active(&guard, directory)?)
    }
}
