use crate::disk::Guard;

use super::super::mediator::Mediator;
use super::super::{Error, Strategy, Workspace};
use super::gather::Gathered;
use super::journal::Line;
use super::manifest::Manifest;
use super::plan::{Fate, Planned, RestoreStrategy, Step};
use super::store::Backup;

/// What is to be brought back.
#[derive(Clone, Debug)]
pub struct RestoreRequest<'a> {
    /// The backup.
    pub id: &'a str,
    /// Only these sessions' directories; everything where empty.
    pub sessions: &'a [String],
    /// What becomes of files that are there.
    pub strategy: RestoreStrategy,
    /// Who asks.
    pub by: &'a str,
    /// Whether to stop before anything is written.
    pub dry_run: bool,
}

/// What was, or would be, brought back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The backup.
    pub manifest: Manifest,
    /// What happened to each file.
    pub files: Vec<Planned>,
    /// The way back: a backup of what was there before.
    pub before: Option<Backup>,
}

impl Workspace {
    /// Brings files back from a backup: all of them or, where that fails, none. Nothing is written before the whole
    /// backup is proven and what it replaces is in a backup of its own.
    pub fn restore_backup(&self, request: &RestoreRequest<'_>) -> Result<Restored, Error> {
        let (manifest, entries) = self.unpacked_backup(request.id)?;
        let strategy = request.strategy;
        if request.dry_run {
            let steps = self.plan_restore((&manifest, entries), request.sessions, strategy, None)?;
            let files = steps.into_iter().map(|s| s.planned).collect();
            return Ok(Restored { manifest, files, before: None });
        }
        let guard = self.lock()?;
        let mediator = Mediator::new(&self.disk, self.env(), Strategy::Merge);
        let hands = Some((&guard, &mediator));
        let mut steps = self.plan_restore((&manifest, entries), request.sessions, strategy, hands)?;
        let todo: Vec<&Step> = steps.iter().filter(|s| s.planned.fate.writes()).collect();
        let mut before = None;
        if !todo.is_empty() {
            before = Some(self.way_back(&guard, &manifest.id, request.by, &todo)?);
            self.begin_restore(&guard, &manifest.id, &todo)?;
            let late = self.apply(&guard, &manifest.id, &todo, &mediator)?;
            for step in &mut steps {
                if late.contains(&step.planned.path) {
                    step.planned.fate = Fate::Kept("it was changed in this moment".to_owned());
                }
            }
        }
        drop(guard);
        self.refresh()?;
        let files = steps.into_iter().map(|s| s.planned).collect();
        Ok(Restored { manifest, files, before })
    }

    /// A backup of exactly what is about to change.
    fn way_back(&self, guard: &Guard, id: &str, by: &str, todo: &[&Step]) -> Result<Backup, Error> {
        let mut files: Vec<_> =
            todo.iter().filter_map(|s| Some((s.planned.path.clone(), s.was.clone()?))).collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        let gathered = Gathered { files, skipped: Vec::new() };
        let why = format!("restore of {id}");
        let mut manifest = self.described("files", "before-restore", (None, by, Some(&why)), &gathered);
        let absent = todo.iter().filter(|s| s.was.is_none());
        manifest.absent = absent.filter_map(|s| Some((s.planned.path.clone(), s.new_hash()?))).collect();
        self.store(Some(guard), manifest, &gathered.files)
    }

    /// Writes every file; the paths of those that somebody saved in this very moment, which stay. On an error what was
    /// written is taken back.
    fn apply(
        &self,
        guard: &Guard,
        backup: &str,
        todo: &[&Step],
        mediator: &Mediator<'_>,
    ) -> Result<Vec<String>, Error> {
        let mut late = Vec::new();
        for (nth, step) in todo.iter().enumerate() {
            let line = step.line();
            match self.put(guard, &line, step.bytes.as_deref(), backup, mediator) {
                Ok(true) => {}
                Ok(false) => late.push(line.path),
                Err(error) => {
                    // Where even this fails the journal stays, and the next writer finishes the restore.
                    let written = todo.get(..=nth).unwrap_or_default();
                    if self.take_back(guard, backup, written, mediator).is_ok() {
                        self.end_restore(guard)?;
                    }
                    return Err(error);
                }
            }
        }
        self.end_restore(guard)?;
        Ok(late)
    }

    /// Puts back what these steps replaced, the newest first; the last of them may not have happened at all.
    fn take_back(
        &self,
        guard: &Guard,
        backup: &str,
        steps: &[&Step],
        mediator: &Mediator<'_>,
    ) -> Result<(), Error> {
        self.disk.recover(guard, None, mediator)?;
        for step in steps.iter().rev() {
            let was = step.was.as_ref();
            let line = step.line();
            let back = Line {
                old: line.new,
                new: line.old,
                mode: was.map_or(line.mode, |file| file.stat.mode),
                ..line
            };
            self.put(guard, &back, was.map(|file| file.bytes.as_slice()), backup, mediator)?;
        }
        Ok(())
    }
}
