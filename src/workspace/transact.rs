use crate::disk::{Cause, Displaced, Done, Expected, Guard, Replaced, SafeName};
use crate::format::{self, Lifted};
use crate::model::Change;
use crate::text::{ContentHash, unified_diff};

use super::{Error, Snapshot, Workspace};

/// How often a write is planned anew because the file keeps changing under it.
const ATTEMPTS: usize = 5;

/// Who asks for a write, and on which condition.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The session's directory.
    pub directory: &'a SafeName,
    /// What for, in kebab-case; goes into the version log.
    pub what: &'a str,
    /// Who; goes into the version log.
    pub by: &'a str,
    /// The revision the caller has seen; the write is refused when the file has another.
    pub if_match: Option<&'a str>,
    /// Whether to stop before anything is written.
    pub dry_run: bool,
}

/// What an operation wants to be different, and what it answers then.
#[derive(Clone, Debug)]
pub struct Plan<T> {
    /// The changes, against the snapshot the plan was made from.
    pub changes: Vec<Change>,
    /// The answer.
    pub output: T,
}

/// A write that is done (or was found to be done already).
#[derive(Clone, Debug)]
pub struct Committed<T> {
    /// The operation's answer.
    pub output: T,
    /// Whether the file is different now.
    pub changed: bool,
    /// The file's revision before.
    pub before: ContentHash,
    /// The session as it stands now.
    pub after: Lifted,
    /// The change as a unified diff; only for a dry run.
    pub diff: Option<String>,
    /// Something that did not keep the write from happening: a busy index.
    pub warning: Option<String>,
}

impl<T> Committed<T> {
    /// The file's revision now.
    #[must_use]
    pub fn revision(&self) -> ContentHash {
        self.after.document.hash()
    }
}

impl Workspace {
    /// Plans changes on the file as it is, turns them into splices, checks them, replaces the
    /// file and brings the index up to date: the one way in which an operation writes.
    ///
    /// `plan` may be called again on a newer text when somebody saves in between, so it must
    /// depend on nothing but its snapshot and values drawn before.
    pub fn transact<T, E: From<Error>>(
        &self,
        request: &Request<'_>,
        mut plan: impl FnMut(&Snapshot) -> Result<Plan<T>, E>,
    ) -> Result<Committed<T>, E> {
        if request.dry_run {
            let snapshot = self.matching(request)?;
            return self.rehearse(&snapshot, plan(&snapshot)?).map_err(E::from);
        }
        let guard = self.lock()?;
        for _ in 0..ATTEMPTS {
            let snapshot = self.matching(request)?;
            let Plan { changes, output } = plan(&snapshot)?;
            if changes.is_empty() {
                return Ok(unchanged(output, snapshot));
            }
            let written = self.write(&snapshot, &changes)?;
            let before = snapshot.revision();
            let cause = self.cause(request);
            match self.install(&guard, request.directory, &written.lifted, Expected::Hash(before), &cause)? {
                Replaced::Done(Done { .. }) => {
                    let warning = self.index_written(&written.lifted, request.directory);
                    return Ok(Committed {
                        output,
                        changed: true,
                        before,
                        after: written.lifted,
                        diff: None,
                        warning,
                    });
                }
                Replaced::Changed(_) => {}
                Replaced::Displaced(displaced) => {
                    let again = |snapshot: &Snapshot| plan(snapshot);
                    return self.replay(&guard, request, displaced, again);
                }
                Replaced::Indeterminate(_) => return Err(Error::Indeterminate { path: snapshot.path }.into()),
            }
        }
        Err(Error::Unsettled { path: super::session_path(request.directory.as_str()) }.into())
    }

    /// Somebody saved in the very moment of the exchange. Their text is the truth: the plan is
    /// made again on top of it, and if that cannot be done, their text goes back as it was.
    fn replay<T, E: From<Error>>(
        &self,
        guard: &Guard,
        request: &Request<'_>,
        mut displaced: Displaced,
        mut plan: impl FnMut(&Snapshot) -> Result<Plan<T>, E>,
    ) -> Result<Committed<T>, E> {
        for _ in 0..ATTEMPTS {
            let lifted = self.understand(&displaced.bytes, request.directory.as_str());
            let path = super::session_path(request.directory.as_str());
            let stat =
                self.disk.stat(&self.disk.layout().session_file(request.directory)).map_err(Error::from)?;
            let snapshot = Snapshot { directory: request.directory.clone(), path, lifted, stat };
            let planned = plan(&snapshot).and_then(|p| Ok((self.write(&snapshot, &p.changes)?, p.output)));
            let mut cause = self.cause(request);
            cause.also_from = vec![displaced.hash];
            let bytes = match &planned {
                Ok((written, _)) => written.lifted.document.text().as_bytes(),
                Err(_) => displaced.bytes.as_slice(),
            };
            let expected = Expected::Hash(displaced.installed);
            let installed =
                self.disk.replace(guard, request.directory, bytes, expected, &cause).map_err(Error::from)?;
            match installed {
                Replaced::Done(_) => {
                    self.disk.absorb(guard, &displaced).map_err(Error::from)?;
                    let (written, output) = planned?;
                    let warning = self.index_written(&written.lifted, request.directory);
                    let before = displaced.hash;
                    return Ok(Committed {
                        output,
                        changed: true,
                        before,
                        after: written.lifted,
                        diff: None,
                        warning,
                    });
                }
                Replaced::Displaced(next) => displaced = next,
                Replaced::Changed(_) => break,
                Replaced::Indeterminate(_) => return Err(Error::Indeterminate { path: snapshot.path }.into()),
            }
        }
        Err(Error::Unsettled { path: super::session_path(request.directory.as_str()) }.into())
    }

    fn matching(&self, request: &Request<'_>) -> Result<Snapshot, Error> {
        let snapshot = self.snapshot(request.directory)?;
        match request.if_match {
            Some(wanted) if !snapshot.revision().matches_prefix(wanted) => Err(Error::Stale {
                path: snapshot.path.clone(),
                expected: wanted.to_owned(),
                found: snapshot.revision(),
            }),
            _ => Ok(snapshot),
        }
    }

    fn rehearse<T>(&self, snapshot: &Snapshot, plan: Plan<T>) -> Result<Committed<T>, Error> {
        let before = snapshot.revision();
        if plan.changes.is_empty() {
            return Ok(unchanged(plan.output, snapshot.clone()));
        }
        let written = self.write(snapshot, &plan.changes)?;
        let (old, new) = (snapshot.lifted.document.text(), written.lifted.document.text());
        let diff = unified_diff(&snapshot.path, old, new);
        let changed = old != new;
        Ok(Committed {
            output: plan.output,
            changed,
            before,
            after: written.lifted,
            diff: Some(diff),
            warning: None,
        })
    }

    /// Turns changes into text. Derived values that stand in the file follow the changes, where the
    /// settings want that; a value that cannot be refreshed is no reason to refuse what was asked for.
    pub(super) fn write(&self, snapshot: &Snapshot, changes: &[Change]) -> Result<format::Written, Error> {
        if self.settings.is(crate::config::Setting::AutoRefresh) {
            let refresh = Change::RefreshDerived { blocks: Vec::new() };
            let all: Vec<Change> = changes.iter().cloned().chain([refresh]).collect();
            if let Ok(written) = format::write(&snapshot.lifted, &all) {
                return Ok(written);
            }
        }
        format::write(&snapshot.lifted, changes)
            .map_err(|source| Error::Write { path: snapshot.path.clone(), source })
    }

    /// Hands new text to the disk's one write.
    pub(super) fn install(
        &self,
        guard: &Guard,
        directory: &SafeName,
        lifted: &Lifted,
        expected: Expected,
        cause: &Cause,
    ) -> Result<Replaced, Error> {
        Ok(self.disk.replace(guard, directory, lifted.document.text().as_bytes(), expected, cause)?)
    }

    pub(super) fn cause(&self, request: &Request<'_>) -> Cause {
        Cause {
            op: Some(self.env.uuid_v7()),
            by: Some(request.by.to_owned()),
            at: Some(self.now().to_string()),
            ..Cause::new(request.what)
        }
    }
}

fn unchanged<T>(output: T, snapshot: Snapshot) -> Committed<T> {
    let before = snapshot.revision();
    Committed { output, changed: false, before, after: snapshot.lifted, diff: None, warning: None }
}
