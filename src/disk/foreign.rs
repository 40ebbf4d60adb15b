use super::{Cause, Disk, Displaced, Error, Expected, Guard, Kind, Log, Replaced, SafeName};
use crate::text::ContentHash;

/// How many of the newest contents an editor is thought to have loaded.
const CANDIDATES: usize = 64;
/// How often a merge is tried again because the file changed meanwhile.
const ATTEMPTS: usize = 16;

/// What the disk must be told about texts to bring a displaced save back in.
pub trait Merger {
    /// The text of `session` that holds what `ours` (the plan's state) and `theirs` (somebody's save) each changed in
    /// `base`. A conflict must be kept by the merger itself, before it answers; nothing of either side may be dropped
    /// without a record.
    fn merge(
        &self,
        guard: &Guard,
        session: &SafeName,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Vec<u8>, Error>;

    /// How many lines must be removed or added to make `b` of `a`.
    fn changed_lines(&self, a: &[u8], b: &[u8]) -> usize;

    /// What the version log is to say about a content that is taken in on the way: `edit` or `merge`.
    fn cause(&self, what: &str) -> Cause {
        Cause::new(what)
    }
}

/// How the content at a session's path relates to what its log knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the head.
    Head,
    /// Nothing was ever recorded.
    FirstSight,
    /// Exactly a text that the head has been through: an undo, an old buffer saved unchanged, or another branch.
    Older,
    /// An edit of the head.
    Edit,
    /// An edit of something older than the head: what came after `base` is missing from it. `None`: nothing it could
    /// have come from is kept any more, so nothing may be concluded.
    Stale {
        /// What it was made from.
        base: Option<ContentHash>,
    },
}

/// What became of a foreign content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the head now, or was already.
    Integrated,
    /// The file itself is not the head and must be judged first.
    FileFirst,
    /// Nothing it could have been made from is kept: it can only become a conflict.
    NoBase,
    /// The session is gone; the content is kept as a snapshot.
    NoSession,
}

impl Disk {
    /// Relates a content found at a session's path to the log. Pure reading; nothing is recorded.
    pub fn judge(&self, log: &Log, bytes: &[u8], merger: &dyn Merger) -> Result<Verdict, Error> {
        let hash = ContentHash::of(bytes);
        let Some(head) = log.head() else { return Ok(Verdict::FirstSight) };
        if hash == head {
            return Ok(Verdict::Head);
        }
        if log.integrated(&hash) {
            return Ok(Verdict::Older);
        }
        let base = self.base_of(log, bytes, None, merger)?.and_then(|base| log.known_to_head(&base));
        Ok(if base == Some(head) { Verdict::Edit } else { Verdict::Stale { base } })
    }

    /// The content that `bytes` was made from: as recorded when it was first seen, else the kept one with the fewest
    /// changed lines, the newest of equals. `except` names a content it cannot have come from.
    pub fn base_of(
        &self,
        log: &Log,
        bytes: &[u8],
        except: Option<ContentHash>,
        merger: &dyn Merger,
    ) -> Result<Option<ContentHash>, Error> {
        let hash = ContentHash::of(bytes);
        if let Some(parent) = log.recorded_parent(&hash) {
            return Ok(Some(parent));
        }
        let mut best: Option<(usize, ContentHash)> = None;
        for candidate in log.candidates(CANDIDATES) {
            if candidate == hash || Some(candidate) == except {
                continue;
            }
            let Some(text) = self.blob_find(&candidate)? else { continue };
            let distance = merger.changed_lines(&text, bytes);
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        Ok(best.map(|(_, hash)| hash))
    }

    /// Replaces like [`Disk::replace`], and merges back in whatever save came between the look and the exchange.
    /// Answers `Displaced` only where the merger cannot be asked because no ancestor is kept.
    pub fn replace_merging(
        &self,
        guard: &Guard,
        session: &SafeName,
        new: &[u8],
        expected: Expected,
        cause: &Cause,
        merger: &dyn Merger,
    ) -> Result<Replaced, Error> {
        let mut displaced = match self.replace(guard, session, new, expected, cause)? {
            Replaced::Displaced(displaced) => displaced,
            other => return Ok(other),
        };
        match self.bring_in(guard, &mut displaced, merger) {
            Ok(Outcome::Integrated) => {}
            Ok(_) => return Ok(Replaced::Displaced(displaced)),
            Err(error) => return Ok(Replaced::Indeterminate(error)),
        }
        if let Err(error) = self.absorb(guard, &displaced) {
            return Ok(Replaced::Indeterminate(error));
        }
        let hash = self.log_tail(session)?.head().unwrap_or(displaced.installed);
        Ok(Replaced::Done(super::Done { hash, unsettled: false, clobbered: false }))
    }

    fn bring_in(
        &self,
        guard: &Guard,
        displaced: &mut Displaced,
        merger: &dyn Merger,
    ) -> Result<Outcome, Error> {
        let session = displaced.intent.session.clone();
        self.merge_foreign(guard, &session, &displaced.bytes, Some(displaced.installed), merger)
    }

    /// Merges a foreign content into the session's file. Its ancestor is recorded before anything else, so that a
    /// later attempt does not infer another one.
    pub(super) fn merge_foreign(
        &self,
        guard: &Guard,
        session: &SafeName,
        bytes: &[u8],
        except: Option<ContentHash>,
        merger: &dyn Merger,
    ) -> Result<Outcome, Error> {
        let hash = ContentHash::of(bytes);
        let log = self.log(session)?;
        // An empty file out of the way is the first half of a save, or what a power cut left of one.
        if bytes.is_empty() || log.integrated(&hash) {
            return Ok(Outcome::Integrated);
        }
        let base = self.base_of(&log, bytes, except, merger)?;
        self.observe(guard, session, bytes, base)?;
        let Some(base) = base.and_then(|base| log.known_to_head(&base)) else { return Ok(Outcome::NoBase) };
        let Some(base) = self.blob_find(&base)? else { return Ok(Outcome::NoBase) };
        // What a merge displaces in its turn is merged after it.
        let mut work = vec![Foreign { bytes: bytes.to_vec(), base, displaced: None }];
        let mut attempts = 0;
        while let Some(foreign) = work.last() {
            attempts += 1;
            if attempts > ATTEMPTS {
                return Err(Error::new(Kind::Busy, "merge into", &self.layout.session_file(session)));
            }
            let file = match self.read_settled(session, None) {
                Ok(settled) => settled.file,
                Err(error) if error.kind == Kind::NotFound => return Ok(Outcome::NoSession),
                Err(error) => return Err(error),
            };
            let log = self.log(session)?;
            match self.judge(&log, &file.bytes, merger)? {
                Verdict::Head => {}
                Verdict::FirstSight | Verdict::Edit => {
                    self.accept(guard, session, &file.bytes, log.head(), &merger.cause("edit"))?;
                }
                Verdict::Older | Verdict::Stale { .. } => return Ok(Outcome::FileFirst),
            }
            let merged = merger.merge(guard, session, &foreign.base, &file.bytes, &foreign.bytes)?;
            let also_from = vec![ContentHash::of(&foreign.bytes)];
            let cause = Cause { also_from, ..merger.cause("merge") };
            match self.replace(guard, session, &merged, Expected::Hash(file.hash), &cause)? {
                Replaced::Changed(_) => {}
                Replaced::Indeterminate(error) => return Err(error),
                Replaced::Done(_) => self.finish(guard, &mut work)?,
                Replaced::Displaced(displaced) => {
                    self.finish(guard, &mut work)?;
                    let log = self.log(session)?;
                    let base = self.base_of(&log, &displaced.bytes, Some(displaced.installed), merger)?;
                    self.observe(guard, session, &displaced.bytes, base)?;
                    let base = base.and_then(|base| log.known_to_head(&base));
                    let base = base.map(|base| self.blob_find(&base)).transpose()?.flatten();
                    let Some(base) = base else { return Ok(Outcome::NoBase) };
                    work.push(Foreign { bytes: displaced.bytes.clone(), base, displaced: Some(displaced) });
                }
            }
        }
        Ok(Outcome::Integrated)
    }

    fn finish(&self, guard: &Guard, work: &mut Vec<Foreign>) -> Result<(), Error> {
        match work.pop().and_then(|foreign| foreign.displaced) {
            Some(displaced) => self.absorb(guard, &displaced),
            None => Ok(()),
        }
    }
}

/// A content on its way in.
struct Foreign {
    bytes: Vec<u8>,
    base: Vec<u8>,
    displaced: Option<Displaced>,
}
