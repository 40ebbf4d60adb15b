use std::collections::BTreeMap;

use crate::disk::{Mark, SafeName};
use crate::format::Lifted;
use crate::merge::{self, Side};
use crate::text::ContentHash;

use super::transact::Draft;
use super::{Committed, Error, Request, Snapshot, Workspace, session_path};

/// The fact of a version-log entry that names the entry it undoes.
const UNDO_OF: &str = "undo-of";
/// The fact of a version-log entry that names the undo it takes back.
const REDO_OF: &str = "redo-of";

/// One step in a session's history: from one recorded state to the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Names the step, in this session.
    pub id: String,
    /// The state before; `None` for the first.
    pub before: Option<ContentHash>,
    /// The state after.
    pub after: ContentHash,
    /// Whether somebody else wrote it, and the tool only noticed.
    pub noticed: bool,
    /// What happened, in kebab-case.
    pub what: String,
    /// Who; `human` for an edit that was noticed.
    pub by: String,
    /// When.
    pub at: String,
    /// The step this one undoes.
    pub undo_of: Option<String>,
    /// The undo this one takes back.
    pub redo_of: Option<String>,
    /// Whether it was undone, and not redone.
    pub undone: bool,
}

/// A step that was undone or redone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stepped {
    /// The step.
    pub step: Version,
    /// The file's revision now.
    pub revision: ContentHash,
}

impl Workspace {
    /// A session's history, oldest first. Only a session whose log was cut begins in the middle.
    pub fn history(&self, directory: &SafeName) -> Result<Vec<Version>, Error> {
        let log = self.disk.log(directory)?;
        let mut versions: Vec<Version> = Vec::new();
        let mut seen: BTreeMap<ContentHash, usize> = BTreeMap::new();
        for entry in log.live().filter(|e| matches!(e.mark, Mark::Written | Mark::Accepted)) {
            let before = versions.last().map(|v| v.after);
            if before == Some(entry.hash) {
                continue;
            }
            let nth = seen.entry(entry.hash).or_insert(0);
            *nth += 1;
            let fact = |key: &str| entry.facts.get(key).cloned();
            let noticed = entry.mark == Mark::Accepted;
            let by = fact("by").unwrap_or_else(|| if noticed { "human" } else { "plandown" }.to_owned());
            versions.push(Version {
                id: fact("op").unwrap_or_else(|| format!("{}-{nth}", &entry.hash.hex()[..12])),
                before,
                after: entry.hash,
                noticed,
                what: fact("what").unwrap_or_default(),
                by,
                at: fact("at").unwrap_or_default(),
                undo_of: fact(UNDO_OF),
                redo_of: fact(REDO_OF),
                undone: false,
            });
        }
        let (_, redoable) = stacks(&versions);
        let undone: Vec<String> =
            redoable.iter().filter_map(|at| versions.get(*at)?.undo_of.clone()).collect();
        for version in &mut versions {
            version.undone = undone.contains(&version.id);
        }
        Ok(versions)
    }

    /// Undoes the newest step that is not undone, whoever made it: what it changed is changed back,
    /// what came after it stays.
    pub fn undo(&self, directory: &SafeName, by: &str, dry_run: bool) -> Result<Committed<Stepped>, Error> {
        self.step(directory, by, dry_run, true)
    }

    /// Takes the newest undo back.
    pub fn redo(&self, directory: &SafeName, by: &str, dry_run: bool) -> Result<Committed<Stepped>, Error> {
        self.step(directory, by, dry_run, false)
    }

    fn step(
        &self,
        directory: &SafeName,
        by: &str,
        dry_run: bool,
        back: bool,
    ) -> Result<Committed<Stepped>, Error> {
        let what = if back { "undo" } else { "redo" };
        let request = Request { directory, what, by, if_match: None, dry_run, told: None };
        let mut done = self.transact_text(&request, |snapshot| {
            let versions = self.history(directory)?;
            let (undoable, redoable) = stacks(&versions);
            let at = if back { undoable.last() } else { redoable.last() };
            let found = at.and_then(|at| versions.get(*at));
            let Some((step, before)) = found.and_then(|v| Some((v, v.before?))) else {
                return Err(Error::NothingToDo(format!("nothing to {what} in `{directory}`")));
            };
            let lifted = self.without(snapshot, &before, &step.after, what)?;
            let fact = if back { UNDO_OF } else { REDO_OF };
            let output = Stepped { step: step.clone(), revision: lifted.document.hash() };
            Ok(Draft { lifted: Some(lifted), output, facts: vec![(fact, step.id.clone())] })
        })?;
        done.output.revision = done.revision();
        Ok(done)
    }

    /// The text of `snapshot` with the step from `before` to `after` taken out.
    fn without(
        &self,
        snapshot: &Snapshot,
        before: &ContentHash,
        after: &ContentHash,
        what: &str,
    ) -> Result<Lifted, Error> {
        let directory = &snapshot.directory;
        let text = |hash: &ContentHash| -> Result<Vec<u8>, Error> {
            self.disk.blob_find(hash)?.ok_or_else(|| {
                Error::NothingToDo(format!("the text to {what} in `{directory}` is not kept any more"))
            })
        };
        let (old, new) = (text(before)?, text(after)?);
        let now = self.disk.read(directory)?.bytes;
        self.on_top(directory, &new, &old, &now, what)
    }

    /// Three versions brought together, or an error that holds what does not come together.
    pub(super) fn on_top(
        &self,
        directory: &SafeName,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
        what: &str,
    ) -> Result<Lifted, Error> {
        if base == theirs {
            return Ok(self.understand(ours, directory.as_str()));
        }
        let path = session_path(directory.as_str());
        let [Ok(b), Ok(o), Ok(t)] = [base, ours, theirs].map(std::str::from_utf8) else {
            let message = format!("cannot {what}: `{path}` is not UTF-8 and was changed since");
            return Err(Error::Apart { message, path, sides: Box::default() });
        };
        let merged = merge::texts(b, o, t, directory.as_str(), Side::Theirs);
        match merged.conflicts.into_iter().next() {
            None => Ok(self.understand(merged.text.as_bytes(), directory.as_str())),
            Some(c) => {
                let message = format!("cannot {what}: the same place of `{path}` was changed since");
                Err(Error::Apart { message, path, sides: Box::new([c.base, c.ours, c.theirs]) })
            }
        }
    }
}

/// What can be undone and what can be redone, as indices, the next one last. A new step makes
/// what was undone before it history.
fn stacks(versions: &[Version]) -> (Vec<usize>, Vec<usize>) {
    let (mut undoable, mut redoable): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let position = |stack: &[usize], id: &str| stack.iter().rposition(|at| versions[*at].id == id);
    for (at, version) in versions.iter().enumerate() {
        if let Some(undone) = &version.undo_of {
            if let Some(found) = position(&undoable, undone) {
                undoable.remove(found);
            }
            redoable.push(at);
        } else if let Some(redone) = &version.redo_of {
            let found = position(&redoable, redone).map(|found| redoable.remove(found));
            // What the undo had taken off the stack is on it again, as this step.
            if found.is_some() {
                undoable.push(at);
            }
        } else {
            redoable.clear();
            if version.before.is_some() {
                undoable.push(at);
            }
        }
    }
    (undoable, redoable)
}
