use crate::disk::{Cause, Expected, Guard, Replaced, SafeName};
use crate::env::Env;
use crate::format::Lifted;

use super::transact::Draft;
use super::{Committed, Error, Request, Snapshot, Workspace, session_path};

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

    /// Writes a text that something else than changes made of the file as it is (fixes, resolved markers) and that
    /// was parsed and checked; `None` changes nothing. As in [`Workspace::transact`], `make` may be called again.
    pub fn rewrite<E: From<Error>>(
        &self,
        request: &Request<'_>,
        mut make: impl FnMut(&Snapshot) -> Result<Option<Lifted>, E>,
    ) -> Result<Committed<()>, E> {
        self.transact_text(request, |snapshot| {
            // Such a text is about the whole file, so anything that changed since matters.
            let found = snapshot.revision();
            if let Some(expected) = request.if_match.filter(|wanted| !found.matches_prefix(wanted)) {
                let path = snapshot.path.clone();
                return Err(Error::Stale { path, expected: expected.to_owned(), found }.into());
            }
            Ok(Draft { lifted: make(snapshot)?, output: (), facts: Vec::new() })
        })
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
