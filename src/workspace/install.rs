use crate::disk::{Expected, Replaced, SafeName};
use crate::format::Lifted;

use super::{Error, Request, Snapshot, Workspace};

impl Workspace {
    /// Writes text that was made from `snapshot` by something else than changes (fixes) and has
    /// been parsed and checked already. Refused when the file has changed since.
    pub fn install_checked(
        &self,
        directory: &SafeName,
        snapshot: &Snapshot,
        lifted: &Lifted,
        by: &str,
        what: &str,
    ) -> Result<(), Error> {
        let request = Request { directory, what, by, if_match: None, dry_run: false };
        let guard = self.lock()?;
        let cause = self.cause(&request);
        let expected = Expected::Hash(snapshot.revision());
        match self.install(&guard, directory, lifted, expected, &cause)? {
            Replaced::Done(_) => {
                self.index_written(lifted, directory);
                Ok(())
            }
            Replaced::Indeterminate(_) => Err(Error::Indeterminate { path: snapshot.path.clone() }),
            Replaced::Changed(_) => Err(Error::Unsettled { path: snapshot.path.clone() }),
            Replaced::Displaced(displaced) => {
                // Somebody saved in the very moment of the exchange: their text goes back.
                let mut cause = cause;
                cause.also_from = vec![displaced.hash];
                let installed = Expected::Hash(displaced.installed);
                self.disk.replace(&guard, directory, &displaced.bytes, installed, &cause)?;
                self.disk.absorb(&guard, &displaced)?;
                Err(Error::Unsettled { path: snapshot.path.clone() })
            }
        }
    }

    /// A session's file, understood; for a look at its identity.
    pub fn head(&self, directory: &SafeName) -> Result<Lifted, Error> {
        Ok(self.snapshot(directory)?.lifted)
    }

    /// How many conflicts are open: texts that lost and wait beside their session.
    pub fn open_conflicts(&self) -> Result<usize, Error> {
        let mut open = 0;
        for entry in self.disk.sessions()? {
            if let Ok((name, _)) = &entry.state {
                let dir = self.disk.layout().session_dir(name);
                let files = self.disk.files_in(&dir, ".md")?;
                let is_conflict = |p: &std::path::Path| {
                    p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("session.conflict-"))
                };
                open += files.iter().filter(|(path, _)| is_conflict(path)).count();
            }
        }
        Ok(open)
    }
}

impl Workspace {
    /// Replaces the text of `config.yaml`.
    pub fn write_settings(&self, text: &str) -> Result<(), Error> {
        let guard = self.lock()?;
        Ok(self.disk.write_view(&guard, &self.disk.layout().config(), text.as_bytes())?)
    }
}
