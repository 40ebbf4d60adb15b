use crate::archive::Entry;
use crate::disk::{FileText, Guard, Kind, SafeName};
use crate::text::ContentHash;

use super::super::mediator::Mediator;
use super::super::{Error, Workspace};
use super::gather::{plan_of, session_of};
use super::journal::Line;
use super::manifest::Manifest;

/// What becomes of a file that is there and differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RestoreStrategy {
    /// It gets the content of the backup.
    #[default]
    Replace,
    /// A plan takes in what only the backup has; any other file stays.
    Merge,
    /// It stays.
    SkipExisting,
}

impl RestoreStrategy {
    /// All words for them.
    pub const WORDS: [&'static str; 3] = ["replace", "merge", "skip-existing"];

    /// Reads one of [`RestoreStrategy::WORDS`]; `skip_existing` is one too.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            "skip-existing" | "skip_existing" => Self::SkipExisting,
            _ => return None,
        })
    }
}

/// What a restore does with one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is not there and is written.
    Create,
    /// It gets the content of the backup.
    Replace,
    /// It gets the tasks that only the backup has; so many, with what is below them.
    Merge(usize),
    /// It is as in the backup already.
    Same,
    /// It was not there when the backup was taken, and goes.
    Remove,
    /// It stays as it is; why.
    Kept(String),
    /// It cannot be written; why.
    Blocked(String),
}

impl Fate {
    /// The word in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Merge(_) => "merge",
            Self::Same => "same",
            Self::Remove => "remove",
            Self::Kept(_) => "keep",
            Self::Blocked(_) => "blocked",
        }
    }

    /// Whether the file is different afterwards.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::Create | Self::Replace | Self::Merge(_) | Self::Remove)
    }
}

/// What a restore does, or would do, with one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    /// Below `.task_orchestrator`, with `/`.
    pub path: String,
    /// What.
    pub fate: Fate,
}

/// The same with what is needed to do it.
pub(super) struct Step {
    pub(super) planned: Planned,
    /// What is there.
    pub(super) was: Option<FileText>,
    /// What is to be there; `None`: nothing.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) mode: u32,
}

impl Step {
    pub(super) fn new_hash(&self) -> Option<ContentHash> {
        self.bytes.as_deref().map(ContentHash::of)
    }

    /// The step as the journal has it.
    pub(super) fn line(&self) -> Line {
        Line { path: self.planned.path.clone(), old: self.old_hash(), new: self.new_hash(), mode: self.mode }
    }

    pub(super) fn old_hash(&self) -> Option<ContentHash> {
        self.was.as_ref().map(|file| file.hash)
    }
}

/// What a plan is made with: the lock and who merges; neither for a dry run.
pub(super) type Hands<'a> = Option<(&'a Guard, &'a Mediator<'a>)>;

impl Workspace {
    /// What bringing these files back amounts to. With hands, every plan is brought to rest first.
    pub(super) fn plan_restore(
        &self,
        (manifest, entries): (&Manifest, Vec<Entry>),
        sessions: &[String],
        strategy: RestoreStrategy,
        hands: Hands<'_>,
    ) -> Result<Vec<Step>, Error> {
        let asked = |path: &str| {
            sessions.is_empty() || session_of(path).is_some_and(|s| sessions.iter().any(|w| w == s))
        };
        let mut steps = Vec::new();
        for entry in entries.into_iter().filter(|e| asked(&e.path)) {
            steps.push(self.plan_file(entry, strategy, hands)?);
        }
        if strategy == RestoreStrategy::Replace {
            for (path, hash) in manifest.absent.iter().filter(|(path, _)| asked(path)) {
                let (was, blocked) = self.present(path)?;
                let fate = match (&was, blocked) {
                    (_, Some(why)) => Fate::Blocked(why),
                    (None, _) => Fate::Same,
                    (Some(file), _) if file.hash == *hash => Fate::Remove,
                    _ => Fate::Kept("it was changed since it was restored".to_owned()),
                };
                let planned = Planned { path: path.clone(), fate };
                steps.push(Step { planned, was, bytes: None, mode: 0 });
            }
        }
        // Plans last: a directory without its plan is no session yet, and one without its files would be a session
        // that lacks them.
        steps.sort_by_key(|s| (plan_of(&s.planned.path).is_some(), s.bytes.is_none()));
        Ok(steps)
    }

    fn plan_file(&self, entry: Entry, strategy: RestoreStrategy, hands: Hands<'_>) -> Result<Step, Error> {
        let name = plan_of(&entry.path);
        if let (Some(name), Some((guard, mediator))) = (&name, hands)
            && self.disk.read(name).is_ok_and(|file| file.hash != ContentHash::of(&entry.bytes))
        {
            self.stand(guard, name, mediator)?;
        }
        let (was, blocked) = self.present(&entry.path)?;
        let stays = self.history_stays(&entry.path, was.is_some())?;
        let mode = entry.mode;
        let step = |fate, was, bytes| {
            let planned = Planned { path: entry.path.clone(), fate };
            Ok(Step { planned, was, bytes: Some(bytes), mode })
        };
        if let Some(why) = blocked {
            return step(Fate::Blocked(why), None, entry.bytes);
        }
        let is_same = was.as_ref().is_some_and(|file| file.bytes == entry.bytes);
        if let Some(why) = stays.filter(|_| !is_same) {
            return step(Fate::Kept(why), was, entry.bytes);
        }
        let Some(file) = was else {
            let looks_the_same = |name: &SafeName| -> Result<bool, Error> {
                let is_there = self.disk.is_there(&self.disk.layout().session_dir(name))?;
                Ok(!is_there && self.disk.name_taken(name)?)
            };
            if name.as_ref().map_or(Ok(false), looks_the_same)? {
                let why = "a session is there whose name differs in case only".to_owned();
                return step(Fate::Blocked(why), None, entry.bytes);
            }
            return step(Fate::Create, None, entry.bytes);
        };
        if file.bytes == entry.bytes {
            return step(Fate::Same, Some(file), entry.bytes);
        }
        match (strategy, name) {
            (RestoreStrategy::Replace, _) => step(Fate::Replace, Some(file), entry.bytes),
            (RestoreStrategy::Merge, Some(name)) => {
                let (fate, bytes) = self.merged_with_backup(&name, &entry.bytes, &file)?;
                step(fate, Some(file), bytes)
            }
            (RestoreStrategy::Merge, None) => {
                let why = "it differs, and no common version of it is known".to_owned();
                step(Fate::Kept(why), Some(file), entry.bytes)
            }
            (RestoreStrategy::SkipExisting, _) => {
                step(Fate::Kept("it is there".to_owned()), Some(file), entry.bytes)
            }
        }
    }

    /// What stands at a path now, or why nothing can be written there.
    fn present(&self, path: &str) -> Result<(Option<FileText>, Option<String>), Error> {
        let read = if let Some(name) = plan_of(path) {
            self.disk.session_path(&name).and_then(|path| self.disk.read_still(&path))
        } else {
            let at = self.in_home(path);
            if !self.disk.is_free_for_a_file(&at)? {
                return Ok((None, Some("something that is no file is in the way".to_owned())));
            }
            self.disk.read_still(&at)
        };
        match read {
            Ok(file) => Ok((Some(file), None)),
            Err(error) if error.kind == Kind::NotFound => Ok((None, None)),
            Err(error) if matches!(error.kind, Kind::NotRegular | Kind::Outside | Kind::Denied) => {
                Ok((None, Some(error.to_string())))
            }
            Err(error) => Err(error.into()),
        }
    }
}
