use std::path::Path;

use crate::disk::{Entry, Kind, Log, Mark, SafeName};
use crate::index::{Artifact, Event, FileRecord, What, is_clean};

use super::index::{PARSER_VERSION, file_stat};
use super::{Error, Workspace};

/// What the index is to say of one session beside its plan.
struct Beside {
    session: SafeName,
    /// The version log as it lies there, where it is not the one that was read.
    log: Option<(Option<FileRecord>, Vec<Event>)>,
    artifacts: Vec<Artifact>,
}

impl Workspace {
    /// Brings what the index says beside the plans up to date with its files: who did what and when a session changed
    /// its state (the version logs), the files under `artifacts`, the modes and what they are bound to, and the pointer
    /// to the active session.
    ///
    /// No part of [`Workspace::refresh`]: no command asks the index for it, so only `sync` and `reindex` pay for it.
    pub fn refresh_local(&self) -> Result<(), Error> {
        match self.put_local() {
            // Whoever holds the index, its rows are caught up the next time.
            Err(Error::IndexBusy) => Ok(()),
            done => done,
        }
    }

    fn put_local(&self) -> Result<(), Error> {
        let mut index = self.index();
        let (seen, known) = (index.histories_seen()?, index.directories()?);
        self.refresh_modes(&mut index, &known)?;
        let mut due = Vec::new();
        for directory in &known {
            let Ok(session) = SafeName::parse(directory) else { continue };
            let path = self.below_root(&self.disk.layout().log(&session));
            let stat = self.disk.stat(&self.disk.layout().log(&session)).ok();
            let current = match (&stat, seen.get(&path)) {
                (Some(stat), Some(seen)) => {
                    seen.parser_version == PARSER_VERSION && is_clean(seen, &file_stat(stat))
                }
                (None, None) => true,
                _ => false,
            };
            let log = if current { None } else { Some(self.logged(&session, path)?) };
            let artifacts = self.artifact_rows(&session)?;
            if log.is_some() || index.artifacts_of(directory)? != artifacts {
                due.push(Beside { session, log, artifacts });
            }
        }
        let active = self.disk.active()?.map(|name| name.to_string()).filter(|name| known.contains(name));
        if due.is_empty() && index.active()? == active {
            return Ok(());
        }
        let mut batch = index.begin()?;
        for Beside { session, log, artifacts } in &due {
            if let Some((record, events)) = log {
                batch.forget_events(session.as_str())?;
                batch.events(session.as_str(), events)?;
                batch.forget_history_seen(session.as_str())?;
                if let Some(record) = record {
                    batch.touch(Some(session.as_str()), "history", record)?;
                }
            }
            batch.artifacts(session.as_str(), artifacts)?;
        }
        batch.set_active(active.as_deref(), None)?;
        Ok(batch.commit()?)
    }

    /// A session's version log as events, and how it looked; `None` where there is none.
    fn logged(&self, session: &SafeName, path: String) -> Result<(Option<FileRecord>, Vec<Event>), Error> {
        let at = self.disk.layout().log(session);
        let now = self.disk.clock_ns().unwrap_or(0);
        let read = self.disk.stat(&at).and_then(|stat| Ok((stat, self.disk.read_plain(&at)?)));
        let (stat, file) = match read {
            Ok(read) => read,
            Err(error) if error.kind == Kind::NotFound => return Ok((None, Vec::new())),
            Err(error) => return Err(error.into()),
        };
        let log = Log::parse(&file.bytes);
        let record = FileRecord {
            path,
            stat: file_stat(&stat),
            hash: file.hash,
            parser_version: PARSER_VERSION,
            hashed_at_ns: now,
        };
        let events = log.live().enumerate().flat_map(|(nth, entry)| events(session.as_str(), nth, entry));
        Ok((Some(record), events.collect()))
    }

    fn artifact_rows(&self, session: &SafeName) -> Result<Vec<Artifact>, Error> {
        if !self.disk.exists(&self.disk.layout().artifacts(session)) {
            return Ok(Vec::new());
        }
        let dir = self.disk.layout().session_dir(session);
        let mut rows = Vec::new();
        for view in self.artifacts(session)? {
            let at = view.path.split('/').fold(dir.clone(), |dir, part| dir.join(part));
            rows.push(Artifact {
                id: format!("{session}/{}", view.path),
                hash: hash_of(self, &at),
                path: view.path,
                kind: view.kind,
                title: view.description,
                task: view.task,
                size: i64::try_from(view.size).ok(),
                created: None,
            });
        }
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(rows)
    }
}

/// One that cannot be read has no hash.
fn hash_of(workspace: &Workspace, path: &Path) -> Option<String> {
    workspace.disk.read_plain(path).ok().map(|file| format!("blake3:{}", file.hash.hex()))
}

/// What a line of the log says happened.
fn events(session: &str, nth: usize, entry: &Entry) -> Vec<Event> {
    if entry.mark == Mark::Observed {
        return Vec::new();
    }
    let fact = |key: &str| entry.facts.get(key).cloned();
    let action = fact("what").unwrap_or_default();
    let to = match action.as_str() {
        "session-create" | "session-activate" => Some("active"),
        "session-pause" => Some("paused"),
        "session-complete" => Some("completed"),
        "session-cancel" => Some("cancelled"),
        _ => None,
    };
    let event =
        |what: What| Event { id: format!("{session}:{nth:06}"), at: fact("at"), actor: fact("by"), what };
    let details = serde_json::json!({ "revision": entry.hash.hex(), "op": fact("op") });
    let done = What::Interaction { action, task: fact("task"), details: Some(details.to_string()) };
    let turned = to.map(|to| What::Transition { from: None, to: to.to_owned(), reason: fact("reason") });
    std::iter::once(done).chain(turned).map(event).collect()
}
