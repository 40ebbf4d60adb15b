use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::disk::{self, Problem, SafeName, SessionEntry, Stat};
use crate::index::{Batch, FileRecord, FileSeen, Index, SessionRecord, is_clean};
use crate::text::ContentHash;

use super::index::{PARSER_VERSION, file_stat, record};
use super::open::wait;
use super::{Error, Workspace, session_path};

/// What bringing the index up to date amounted to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refreshed {
    /// Sessions found.
    pub sessions: usize,
    /// Directories of sessions whose content was new or different.
    pub changed: Vec<String>,
    /// Directories of sessions that are gone.
    pub removed: Vec<String>,
    /// Session directories that cannot be read, and why.
    pub problems: Vec<(String, Problem)>,
}

/// The directories under `sessions/` at one moment, and the texts that the index speaks of.
#[derive(Debug, Default)]
pub struct Swept {
    /// Sorted by name.
    pub entries: Vec<SessionEntry>,
    seen: Option<HashMap<String, FileSeen>>,
}

impl Swept {
    /// The revision of a session that the index has.
    #[must_use]
    pub fn revision(&self, directory: &str) -> Option<ContentHash> {
        self.seen.as_ref()?.get(directory).map(|seen| seen.hash)
    }
}

/// What a worker found in a file.
enum Looked {
    /// The same bytes as before: only its stamps are new.
    Same(FileRecord),
    /// New content.
    New(Box<SessionRecord>),
    /// It went away or cannot be read.
    Failed(Problem),
}

/// A session whose stamps do not prove that it is as it was read: its name, its stamps now and then.
type Stale<'a> = (&'a SafeName, &'a Stat, Option<&'a FileSeen>);

/// What the files' stamps say against what was read of them.
fn differences<'a>(
    entries: &'a [SessionEntry],
    seen: &'a HashMap<String, FileSeen>,
) -> (Vec<Stale<'a>>, Refreshed) {
    let mut refreshed = Refreshed { sessions: entries.len(), ..Refreshed::default() };
    let present: HashSet<&str> =
        entries.iter().filter(|e| e.state.is_ok()).map(|e| e.name.as_str()).collect();
    refreshed.removed = seen.keys().filter(|d| !present.contains(d.as_str())).cloned().collect();
    refreshed.removed.sort_unstable();
    let mut stale = Vec::new();
    for entry in entries {
        match &entry.state {
            Ok((name, stat)) => {
                let before = seen.get(&entry.name);
                let clean =
                    |s: &FileSeen| s.parser_version == PARSER_VERSION && is_clean(s, &file_stat(stat));
                if !before.is_some_and(clean) {
                    stale.push((name, stat, before));
                }
            }
            Err(problem) => refreshed.problems.push((entry.name.clone(), *problem)),
        }
    }
    (stale, refreshed)
}

impl Workspace {
    /// Brings the index up to date with the files: stat first, hash where the stamps do not
    /// prove anything, parse where the hash differs; one transaction for everything. Where somebody
    /// else keeps the index to himself, or the disk has no room for it, it goes on with one of its own:
    /// what was written to a plan by then is no less written.
    pub fn refresh(&self) -> Result<Refreshed, Error> {
        match self.refresh_this() {
            Err(Error::IndexBusy | Error::Index(_)) => {
                self.stand_in()?;
                self.refresh_this()
            }
            done => done,
        }
    }

    /// The same with this index or none.
    pub(super) fn refresh_this(&self) -> Result<Refreshed, Error> {
        let mut index = self.index();
        let version = index.version()?;
        let (mut entries, mut seen) = (self.disk.sessions()?, index.seen()?);
        let (stale, refreshed) = differences(&entries, &seen);
        if stale.is_empty() && refreshed.removed.is_empty() {
            self.keep_swept(entries, Some(seen));
            return Ok(refreshed);
        }
        let batch = if seen.is_empty() { index.load()? } else { index.begin()? };
        // The clock before the files are read: what changes after them has later stamps.
        let now = self.disk.clock_ns().unwrap_or(0);
        // Looked at again now that nobody else writes, where others have written meanwhile or something is missing: what
        // they have read need not be read again, and a session they made since is not taken for gone.
        if batch.version()? != version || !refreshed.removed.is_empty() {
            (entries, seen) = (self.disk.sessions()?, batch.seen()?);
        }
        let (stale, mut refreshed) = differences(&entries, &seen);
        if !stale.is_empty() || !refreshed.removed.is_empty() {
            self.take_in(batch, (&stale, now), &mut refreshed)?;
        } else {
            drop(batch);
        }
        self.keep_swept(entries, None);
        Ok(refreshed)
    }

    fn keep_swept(&self, entries: Vec<SessionEntry>, seen: Option<HashMap<String, FileSeen>>) {
        *self.swept.lock().unwrap_or_else(PoisonError::into_inner) = Swept { entries, seen };
    }

    /// Reads stale files on every core and writes what they say, in one transaction.
    fn take_in(
        &self,
        mut batch: Batch<'_>,
        (stale, now): (&[Stale<'_>], i64),
        refreshed: &mut Refreshed,
    ) -> Result<(), Error> {
        for directory in &refreshed.removed {
            batch.remove(directory)?;
        }
        let mut put = |directory: &str, looked: Looked| -> Result<(), Error> {
            match looked {
                Looked::Same(file) => batch.touch(Some(directory), "session", &file)?,
                Looked::New(record) => {
                    batch.replace(&record)?;
                    refreshed.changed.push(directory.to_owned());
                }
                Looked::Failed(problem) => {
                    batch.remove(directory)?;
                    refreshed.problems.push((directory.to_owned(), problem));
                }
            }
            Ok(())
        };
        let cores = super::cores::cores(stale.len());
        let helpers = if cores > 1 { cores } else { 0 };
        let next = AtomicUsize::new(0);
        let next = || stale.get(next.fetch_add(1, Ordering::Relaxed));
        thread::scope(|scope| {
            // Bounded, so that parsed files do not pile up before the one writer.
            let (send, receive) = sync_channel(4);
            for _ in 0..helpers {
                let send = send.clone();
                let work = move || {
                    while let Some((name, stat, before)) = next() {
                        if send.send((*name, self.look(name, stat, *before, now))).is_err() {
                            return;
                        }
                    }
                };
                // A machine that is out of threads does it with those it has.
                if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            drop(send);
            // Dropping the receiver, on an error, stops the workers.
            for (name, looked) in receive {
                put(name.as_str(), looked)?;
            }
            while let Some((name, stat, before)) = next() {
                put(name.as_str(), self.look(name, stat, *before, now))?;
            }
            Ok::<_, Error>(())
        })?;
        batch.commit()?;
        refreshed.changed.sort_unstable();
        Ok(())
    }

    fn look(&self, name: &SafeName, stat: &Stat, before: Option<&FileSeen>, now: i64) -> Looked {
        let file = match self.disk.read(name) {
            Ok(file) => file,
            Err(error) => return Looked::Failed(problem(&error)),
        };
        let same = |b: &&FileSeen| b.hash == file.hash && b.parser_version == PARSER_VERSION;
        if before.as_ref().is_some_and(same) {
            return Looked::Same(FileRecord {
                path: session_path(name.as_str()),
                stat: file_stat(stat),
                hash: file.hash,
                parser_version: PARSER_VERSION,
                hashed_at_ns: now,
            });
        }
        let lifted = self.understand(&file.bytes, name.as_str());
        // The stamps taken before the read: a save in between makes them stale, never too fresh.
        Looked::New(Box::new(record(&lifted, name.as_str(), stat, now)))
    }

    /// Rebuilds the index from nothing but the files, in a new file; other processes that still
    /// hold the old one finish on it.
    pub fn rebuild(&mut self) -> Result<Refreshed, Error> {
        if self.detached.is_some() {
            self.index = Mutex::new(Index::in_memory()?);
            return self.refresh();
        }
        let guard = self.lock()?;
        // The connection is closed first: no platform lets an open file be renamed everywhere.
        self.index = Mutex::new(Index::in_memory()?);
        // Whoever makes an index at this moment may finish; who finds none afterwards waits.
        let turn = self.disk.lock_index(wait(&self.settings))?;
        let indexes = [self.disk.layout().index(), self.disk.layout().archive_index()];
        for index in &indexes {
            self.disk.put_index_aside(index, "old")?;
        }
        drop(turn);
        self.reattach()?;
        let refreshed = self.refresh_this()?;
        for index in &indexes {
            self.disk.remove_index_aside(&guard, index, "old")?;
        }
        Ok(refreshed)
    }

    /// A dump of what the index says and of what a rebuild says; equal unless one of them lies.
    pub fn compare_with_rebuild(&self) -> Result<(String, String), Error> {
        let fresh = Self {
            env: std::sync::Arc::clone(&self.env),
            disk: self.disk.clone(),
            index: Mutex::new(Index::in_memory()?),
            detached: None,
            stands_in: AtomicBool::new(false),
            remarks: Vec::new(),
            settings: self.settings.clone(),
            settings_findings: Vec::new(),
            settings_text: String::new(),
            swept: Mutex::default(),
        };
        self.refresh_local()?;
        fresh.refresh()?;
        fresh.refresh_local()?;
        let (mut kept, mut rebuilt) = (self.index().dump()?, fresh.index().dump()?);
        kept.push_str(&self.archives()?.index.dump()?);
        rebuilt.push_str(&self.archives_in(Index::in_memory()?)?.index.dump()?);
        Ok((kept, rebuilt))
    }

    /// What the last refresh found, so that who comes right after it need not look at every session again.
    pub fn swept(&self) -> Result<Swept, Error> {
        let swept = std::mem::take(&mut *self.swept.lock().unwrap_or_else(PoisonError::into_inner));
        match swept {
            Swept { entries, .. } if entries.is_empty() => self.sweep(),
            Swept { entries, seen: None } => Ok(Swept { entries, seen: Some(self.index().seen()?) }),
            swept => Ok(swept),
        }
    }

    /// The same looked at anew.
    pub fn sweep(&self) -> Result<Swept, Error> {
        Ok(Swept { entries: self.entries()?, seen: Some(self.index().seen()?) })
    }

    /// The directories under `sessions/` as they are now.
    pub fn entries(&self) -> Result<Vec<SessionEntry>, Error> {
        Ok(self.disk.sessions()?)
    }
}

fn problem(error: &disk::Error) -> Problem {
    match error.kind {
        disk::Kind::NotFound => Problem::Missing,
        disk::Kind::NotRegular => Problem::NotRegular,
        disk::Kind::Outside => Problem::Outside,
        disk::Kind::Name => Problem::Name,
        _ => Problem::Unreadable,
    }
}
