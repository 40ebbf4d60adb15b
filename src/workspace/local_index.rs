use std::path::Path;

use serde_json::json;

use crate::disk::{Kind, Log, SafeName, Stat};
use crate::index::{Artifact, Event, FileRecord, FileSeen, HistorySeen, Index, Scope, TaskFilter, is_clean};
use crate::model::TaskStatus;

use super::index::{PARSER_VERSION, file_stat};
use super::{Error, Resting, Workspace};

/// A file of local history, by the word for it in the index.
type Read = (&'static str, FileRecord);

/// What the index is to say of one session beside its plan.
struct Aside {
    session: SafeName,
    /// What happened, and how the files that say so looked, where they are not those that were read.
    events: Option<(Vec<Read>, Vec<Event>)>,
    artifacts: Vec<Artifact>,
}

impl Workspace {
    /// Brings what the index says beside the plans up to date with its files: who did what and when a session changed
    /// its state (the version logs), what went wrong (`.state/events`), the files under `artifacts`, the modes and what
    /// they are bound to, the pointer to the active session, and what that session is about.
    ///
    /// No part of [`Workspace::refresh`]: only who asks for it (`sync`, `reindex`, a search in it) pays for it.
    pub fn refresh_local(&self) -> Result<(), Error> {
        self.refresh_local_after(&Resting::default())
    }

    /// The same for who has just looked at the histories.
    pub fn refresh_local_after(&self, looked: &Resting) -> Result<(), Error> {
        match self.put_local(looked) {
            // Whoever holds the index, its rows are caught up the next time.
            Err(Error::IndexBusy) => Ok(()),
            done => done,
        }
    }

    fn put_local(&self, looked: &Resting) -> Result<(), Error> {
        let mut index = self.index();
        let (seen, known) = (index.histories_seen()?, index.directories()?);
        self.refresh_modes(&mut index, &known)?;
        let mut indexed = index.artifacts()?;
        // Most sessions never had a write refused: one look at the directory instead of one for each.
        let refusals = self.disk.listed(&self.disk.layout().events_dir()).ok();
        let (mut due, never) = (Vec::new(), HistorySeen::default());
        for directory in &known {
            let Ok(session) = SafeName::parse(directory) else { continue };
            let is_current = |stat: Option<Stat>, seen: Option<&FileSeen>| match (stat, seen) {
                (Some(stat), Some(seen)) => {
                    seen.parser_version == PARSER_VERSION && is_clean(seen, &file_stat(&stat))
                }
                (None, None) => true,
                _ => false,
            };
            let layout = self.disk.layout();
            let log = looked.stamps(directory).or_else(|| self.disk.stat(&layout.log(&session)).ok());
            let noted = layout.events(&session);
            let is_asked = refusals.as_ref().is_none_or(|names| names.may_have(&noted));
            let noted = if is_asked { self.disk.stat(&noted).ok() } else { None };
            let seen = seen.get(directory).unwrap_or(&never);
            let current = is_current(log, seen.log.as_ref()) && is_current(noted, seen.events.as_ref());
            let events = if current { None } else { Some(self.events_of(&session)?) };
            let artifacts = self.artifact_rows(&session)?;
            if events.is_some() || indexed.remove(directory).unwrap_or_default() != artifacts {
                due.push(Aside { session, events, artifacts });
            }
        }
        let active = self.disk.active()?.map(|name| name.to_string()).filter(|name| known.contains(name));
        let context = active.as_deref().map(|active| context(&index, active)).transpose()?;
        let context: Vec<_> = active.clone().zip(context).into_iter().collect();
        if due.is_empty() && index.active()? == active && index.contexts()? == context {
            return Ok(());
        }
        let mut batch = index.begin()?;
        for Aside { session, events, artifacts } in &due {
            if let Some((files, events)) = events {
                batch.forget_events(session.as_str())?;
                batch.events(session.as_str(), events)?;
                batch.forget_history_seen(session.as_str())?;
                for (kind, file) in files {
                    batch.touch(Some(session.as_str()), kind, file)?;
                }
            }
            batch.artifacts(session.as_str(), artifacts)?;
        }
        batch.set_active(active.as_deref(), None)?;
        batch.contexts(&context)?;
        Ok(batch.commit()?)
    }

    /// What happened to a session, and how the files that say so looked.
    fn events_of(&self, session: &SafeName) -> Result<(Vec<Read>, Vec<Event>), Error> {
        let now = self.disk.clock_ns().unwrap_or(0);
        let (mut files, mut log) = (Vec::new(), Log::default());
        let layout = self.disk.layout();
        for (kind, at) in [("history", layout.log(session)), ("events", layout.events(session))] {
            let read = self.disk.stat(&at).and_then(|stat| Ok((stat, self.disk.read_plain(&at)?)));
            let (stat, file) = match read {
                Ok(read) => read,
                Err(error) if error.kind == Kind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            if kind == "history" {
                log = Log::parse(&file.bytes);
            }
            let record = FileRecord {
                path: self.below_root(&at),
                stat: file_stat(&stat),
                hash: file.hash,
                parser_version: PARSER_VERSION,
                hashed_at_ns: now,
            };
            files.push((kind, record));
        }
        let events = self.happened_in(session, &log);
        Ok((files, events))
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

/// What the active session is about, as keys and JSON values, for those who take up its work.
fn context(index: &Index, directory: &str) -> Result<Vec<(String, String)>, Error> {
    let Some(session) = index.session(directory)? else { return Ok(Vec::new()) };
    let groups: Vec<String> = index.groups(directory)?.into_iter().map(|group| group.path).collect();
    let filter = TaskFilter {
        scope: Scope::session(directory),
        statuses: vec![TaskStatus::InProgress],
        limit: Some(20),
        ..TaskFilter::default()
    };
    let (tasks, _) = index.tasks(&filter)?;
    let tasks: Vec<String> = tasks.into_iter().map(|task| task.id.unwrap_or(task.title)).collect();
    let facts = [
        ("active_tasks", json!(tasks)),
        ("markdown_path", json!(session.path)),
        ("mode_configuration", json!(session.mode)),
        ("session_name", json!(session.name)),
        ("task_groups", json!(groups)),
    ];
    Ok(facts.into_iter().map(|(key, value)| (key.to_owned(), value.to_string())).collect())
}

/// One that cannot be read has no hash.
fn hash_of(workspace: &Workspace, path: &Path) -> Option<String> {
    workspace.disk.read_plain(path).ok().map(|file| format!("blake3:{}", file.hash.hex()))
}
