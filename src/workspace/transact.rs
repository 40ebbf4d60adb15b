use std::cell::RefCell;

use crate::disk::{Cause, Done, Entry, Expected, Guard, Replaced, SafeName};
use crate::format::{self, Lifted};
use crate::model::Change;
use crate::text::{ContentHash, unified_diff};

use super::install::cause;
use super::mediator::Mediator;
use super::{Error, Snapshot, Strategy, Workspace};

/// How often a write is planned anew because the file keeps changing under it.
const ATTEMPTS: usize = 8;

/// Bytes above which a session's log is cut to its newer half: a little more than the lines a collection allows.
const LONGEST_LOG: u64 = 5 << 18;

/// Who asks for a write, and on which condition.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The session's directory.
    pub directory: &'a SafeName,
    /// What for, in kebab-case; goes into the version log.
    pub what: &'a str,
    /// Who; goes into the version log.
    pub by: &'a str,
    /// The revision the caller has seen; what it touches must not have changed since.
    pub if_match: Option<&'a str>,
    /// Whether to stop before anything is written.
    pub dry_run: bool,
    /// Takes what is to be said where the write is refused: others' saves have been taken in all the same.
    pub told: Option<&'a RefCell<Vec<String>>>,
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

/// A new text for a session's file, and the answer that goes with it.
pub(super) struct Draft<T> {
    /// `None`: nothing is to be changed.
    pub(super) lifted: Option<Lifted>,
    pub(super) output: T,
    /// Further facts for the version log.
    pub(super) facts: Vec<(&'static str, String)>,
}

impl Workspace {
    /// Plans changes on the file as it is, turns them into splices, checks them, replaces the
    /// file and brings the index up to date: the one way in which an operation writes.
    ///
    /// Before that, whatever others did is taken in. `plan` may be called again on a newer text when
    /// somebody saves in between, so it must depend on nothing but its snapshot and values drawn before.
    pub fn transact<T, E: From<Error>>(
        &self,
        request: &Request<'_>,
        mut plan: impl FnMut(&Snapshot) -> Result<Plan<T>, E>,
    ) -> Result<Committed<T>, E> {
        self.transact_text(request, |snapshot| {
            let seen = self.seen(request, snapshot).map_err(E::from)?;
            let Plan { changes, output } = plan(snapshot)?;
            if let Some(seen) = seen {
                super::touch::refuse_stale(&seen, snapshot, &changes).map_err(E::from)?;
            }
            let lifted = if changes.is_empty() { None } else { Some(self.write(snapshot, &changes)?.lifted) };
            Ok(Draft { lifted, output, facts: Vec::new() })
        })
    }

    /// The one write, whatever made the new text.
    pub(super) fn transact_text<T, E: From<Error>>(
        &self,
        request: &Request<'_>,
        mut draft: impl FnMut(&Snapshot) -> Result<Draft<T>, E>,
    ) -> Result<Committed<T>, E> {
        if request.dry_run {
            let snapshot = self.snapshot(request.directory)?;
            let draft = draft(&snapshot)?;
            return Ok(rehearse(&snapshot, draft));
        }
        let mediator = Mediator::new(&self.disk, self.env(), self.strategy());
        let done = self.transact_with(&mediator, request, draft);
        if let (true, Some(told)) = (done.is_err(), request.told) {
            told.borrow_mut().extend(mediator.told());
        }
        done
    }

    fn transact_with<T, E: From<Error>>(
        &self,
        mediator: &Mediator<'_>,
        request: &Request<'_>,
        mut draft: impl FnMut(&Snapshot) -> Result<Draft<T>, E>,
    ) -> Result<Committed<T>, E> {
        let guard = self.lock()?;
        let cause = cause(self.env(), request.what, request.by);
        let mut warning = None;
        for _ in 0..ATTEMPTS {
            let stood = self.stand(&guard, request.directory, mediator)?;
            warning = stood.warning.or(warning);
            let snapshot = stood.snapshot;
            let drafted = match draft(&snapshot) {
                Ok(drafted) => drafted,
                Err(error) => {
                    if stood.settled {
                        self.index_written(&snapshot.lifted, request.directory);
                    }
                    return Err(error);
                }
            };
            let Some(lifted) = drafted.lifted.filter(|l| l.document.text() != snapshot.text()) else {
                if stood.settled {
                    self.index_written(&snapshot.lifted, request.directory);
                }
                return Ok(Committed {
                    warning: joined(warning, mediator.told()),
                    ..unchanged(drafted.output, snapshot)
                });
            };
            let mut cause = cause.clone();
            cause.more.extend(drafted.facts.into_iter().map(|(key, value)| (key.to_owned(), value)));
            let before = snapshot.revision();
            // A long plan is not held twice while it is written and indexed.
            let path = snapshot.path;
            drop(snapshot.lifted);
            let bytes = lifted.document.text().as_bytes();
            let expected = Expected::Hash(before);
            let done = match self
                .disk
                .replace_merging(&guard, request.directory, bytes, expected, &cause, mediator)
                .map_err(Error::from)?
            {
                Replaced::Done(done) => done,
                // Its content waits for the next recovery, right below; ours is in place.
                Replaced::Displaced(displaced) => {
                    Done { hash: displaced.installed, unsettled: true, clobbered: false }
                }
                Replaced::Changed(_) => continue,
                Replaced::Indeterminate(_) => return Err(Error::Indeterminate { path }.into()),
            };
            if done.clobbered {
                warning = Some(
                    "the file system cannot exchange files: a save of somebody else in the same moment was \
                     replaced unseen"
                        .to_owned(),
                );
            }
            let Some(after) = self.confirm(&guard, request, lifted, done, mediator, &cause)? else {
                continue;
            };
            let warning = self.index_written(&after, request.directory).or(warning);
            let warning = joined(warning, mediator.told());
            // The write is done, whatever becomes of older history.
            let _ = self.disk.keep_log_short(&guard, request.directory, LONGEST_LOG);
            return Ok(Committed {
                output: drafted.output,
                changed: true,
                before,
                after,
                diff: None,
                warning,
            });
        }
        Err(Error::Unsettled { path: super::session_path(request.directory.as_str()) }.into())
    }

    /// Whether what was written is still in the file: a Git command that ran meanwhile may have put
    /// its own version there. `None`: it has to be written again.
    fn confirm(
        &self,
        guard: &Guard,
        request: &Request<'_>,
        written: Lifted,
        done: Done,
        mediator: &Mediator<'_>,
        cause: &Cause,
    ) -> Result<Option<Lifted>, Error> {
        let as_written = done.hash == written.document.hash() && !done.unsettled;
        if as_written && !self.disk.git_is_writing() {
            return Ok(Some(written));
        }
        let stood = self.stand(guard, request.directory, mediator)?;
        let log = self.disk.log(request.directory)?;
        let ours = cause.op.as_deref().and_then(|op| log.find_op(op)).map(|entry| entry.hash);
        let accepted_over = log
            .live()
            .next_back()
            .is_some_and(|e| e.facts.get("what").is_some_and(|what| what == "git" || what == "revert"));
        let kept = ours.is_some_and(|hash| log.integrated(&hash)) && !accepted_over;
        Ok(kept.then_some(stood.snapshot.lifted))
    }

    /// The text the caller has seen, where it is not the one that is there now.
    fn seen(&self, request: &Request<'_>, snapshot: &Snapshot) -> Result<Option<Lifted>, Error> {
        let Some(wanted) = request.if_match else { return Ok(None) };
        if snapshot.revision().matches_prefix(wanted) {
            return Ok(None);
        }
        let (path, found) = (snapshot.path.clone(), snapshot.revision());
        let expected = wanted.to_owned();
        let find =
            |entries: &[Entry]| entries.iter().rev().map(|e| e.hash).find(|hash| hash.matches_prefix(wanted));
        // What a caller has seen is nearly always recent.
        let tail = self.disk.log_tail(request.directory)?;
        let known = match find(tail.entries()) {
            None if !tail.is_whole() => find(self.disk.log(request.directory)?.entries()),
            known => known,
        };
        let Some(hash) = known else { return Err(Error::BaseUnknown { path, expected, found }) };
        match self.disk.blob_find(&hash)? {
            Some(bytes) => Ok(Some(self.understand(&bytes, request.directory.as_str()))),
            None => Err(Error::BasePruned { path, expected, found }),
        }
    }

    /// What is done about stale saves where nobody says otherwise.
    pub(super) fn strategy(&self) -> Strategy {
        Strategy::parse(&self.settings.word(crate::config::Setting::SyncStale)).unwrap_or_default()
    }

    pub(super) fn write(&self, snapshot: &Snapshot, changes: &[Change]) -> Result<format::Written, Error> {
        // Stale counts are no reason to refuse a write.
        format::write(&snapshot.lifted, &self.refreshed(snapshot, changes))
            .or_else(|_| format::write(&snapshot.lifted, changes))
            .map_err(|source| Error::Write { path: snapshot.path.clone(), source })
    }
}

fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

fn rehearse<T>(snapshot: &Snapshot, draft: Draft<T>) -> Committed<T> {
    let Some(lifted) = draft.lifted else { return unchanged(draft.output, snapshot.clone()) };
    let (old, new) = (snapshot.text(), lifted.document.text());
    let diff = Some(unified_diff(&snapshot.path, old, new));
    let (before, changed) = (snapshot.revision(), old != new);
    Committed { output: draft.output, changed, before, after: lifted, diff, warning: None }
}

fn unchanged<T>(output: T, snapshot: Snapshot) -> Committed<T> {
    let before = snapshot.revision();
    Committed { output, changed: false, before, after: snapshot.lifted, diff: None, warning: None }
}
