use crate::disk::{Cause, Expected, Guard, Replaced, SafeName};
use crate::env::Env;
use crate::format::Lifted;

use super::transact::Draft;
use super::{Error, Request, Snapshot, Workspace, session_path};

/// What the version log says of a write that `by` asks for now.
pub(super) fn cause(env: &dyn Env, what: &str, by: &str) -> Cause {
    Cause {
        op: Some(env.uuid_v7()),
        by: Some(by.to_owned()),
        at: Some(env.now().to_string()),
        ..Cause::new(what)
    }
}

impl Workspace {
    /// Creates a session's file; what is there already is left alone.
    pub(super) fn put_new(
        &self,
        guard: &Guard,
        directory: &SafeName,
        bytes: &[u8],
        cause: &Cause,
    ) -> Result<(), Error> {
        match self.disk.replace(guard, directory, bytes, Expected::Absent, cause)? {
            Replaced::Done(_) => Ok(()),
            Replaced::Indeterminate(_) => {
                Err(Error::Indeterminate { path: session_path(directory.as_str()) })
            }
            Replaced::Changed(_) | Replaced::Displaced(_) => Err(Error::Exists(directory.to_string())),
        }
    }

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
        let made_from = snapshot.revision();
        self.transact_text(&request, |now| {
            if now.revision() != made_from {
                return Err(Error::Unsettled { path: now.path.clone() });
            }
            Ok(Draft { lifted: Some(lifted.clone()), output: (), facts: Vec::new() })
        })
        .map(|_| ())
    }

    /// A session's file, understood; for a look at its identity.
    pub fn head(&self, directory: &SafeName) -> Result<Lifted, Error> {
        Ok(self.snapshot(directory)?.lifted)
    }

    /// Replaces the text of `config.yaml`.
    pub fn write_settings(&self, text: &str) -> Result<(), Error> {
        let guard = self.lock()?;
        Ok(self.disk.write_view(&guard, &self.disk.layout().config(), text.as_bytes())?)
    }
}
