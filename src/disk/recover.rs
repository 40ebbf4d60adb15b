use super::intent::{Intent, Kept, name_of};
use super::settle::is_torn_copy;
use super::view::{BESIDE, PART};
use super::{Disk, Error, FileKind, Guard, Kind, Merger, Outcome, SafeName, SessionEntry};
use crate::text::ContentHash;
use std::io;
use std::path::{Path, PathBuf};

/// What a recovery found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Writes that never reached their file, taken back.
    pub taken_back: usize,
    /// Writes that had reached their file, finished.
    pub finished: usize,
    /// Saves of others that had been displaced, merged in.
    pub merged: usize,
    /// Displaced files that must wait.
    pub waiting: Vec<Waiting>,
}

/// A displaced file that could not be dealt with yet. It stays where it is; nothing in it is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Whose it is.
    pub session: SafeName,
    /// Where it is.
    pub path: PathBuf,
    /// Its content when it was looked at; `None` if somebody is writing into it right now.
    pub hash: Option<ContentHash>,
    /// Why.
    pub why: Outcome,
}

/// How old a displaced file is before it is forgotten, in nanoseconds.
const FORGET_AFTER: i64 = 2_000_000_000;
/// The end of the name of a removed session's directory on its way out.
pub(super) const REMOVED: &str = ".removed";

impl Recovered {
    /// One session that cannot be reached must not keep the others from being written.
    fn skip_unreadable<T>(
        &mut self,
        done: Result<T, Error>,
        path: &Path,
        session: &SafeName,
    ) -> Result<Option<T>, Error> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(error)
                if matches!(error.kind, Kind::Outside | Kind::NotRegular | Kind::Denied | Kind::Busy) =>
            {
                let (session, path) = (session.clone(), path.to_owned());
                self.waiting.push(Waiting { session, path, hash: None, why: Outcome::FileFirst });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Disk {
    /// Whether a write was interrupted, or is under way in this moment. For readers: takes no lock, changes nothing.
    #[must_use]
    pub fn recovery_pending(&self) -> bool {
        self.fs.read_dir(&self.layout.tmp()).is_ok_and(|entries| !entries.is_empty())
    }

    /// Whether recovery has anything to look at: an interrupted write, or a displaced file that is still kept.
    #[must_use]
    pub fn leftovers_pending(&self) -> bool {
        let kept = self.fs.read_dir(&self.layout.quarantine());
        self.recovery_pending() || kept.is_ok_and(|entries| !entries.is_empty())
    }

    /// Whether something of a session's still waits to be brought into its file: a displaced save, or one that came
    /// late into a file that was displaced. Asked after [`Disk::recover`], before the session's place goes.
    pub fn waits_for(&self, session: &SafeName) -> Result<bool, Error> {
        let of_it = |(_, intent): &(PathBuf, Option<Intent>)| {
            intent.as_ref().is_some_and(|intent| intent.session == *session)
        };
        if self.intents(Some(session))?.iter().any(of_it) {
            return Ok(true);
        }
        let dir = self.layout.quarantine();
        for entry in self.fs.read_dir(&dir).map_err(|e| Error::reading("list", &dir, e))? {
            let path = dir.join(&entry.name);
            let Some(kept) = Kept::parse(name_of(&path)).filter(|kept| kept.session == *session) else {
                continue;
            };
            let safe = self.blob_find(&kept.safe)?;
            match self.settled_now(&path, safe.as_deref())? {
                Some(file) if file.hash == kept.safe || is_torn_copy(&file.bytes, safe.as_deref()) => {}
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Finishes or takes back whatever an earlier process left half done, and lets go of displaced files that nobody
    /// writes into any more. Every writer calls it under the lock before anything else; `session` is the one it is
    /// about to write, whose directory is searched too (all of them if `None`).
    ///
    /// Two passes, because a write that never arrived must be taken back before anything is judged by the head.
    pub fn recover(
        &self,
        guard: &Guard,
        session: Option<&SafeName>,
        merger: &dyn Merger,
    ) -> Result<Recovered, Error> {
        self.check_guard(guard)?;
        let mut report = Recovered::default();
        let mut exchanged = Vec::new();
        for (path, intent) in self.intents(session)? {
            match intent {
                // What cannot be removed is in nobody's way.
                None => drop(self.clear(&path)),
                Some(intent) => {
                    let gone = self.take_back_unexchanged(guard, &path, &intent, &mut report);
                    if !report.skip_unreadable(gone, &path, &intent.session)?.unwrap_or(true) {
                        exchanged.push((path, intent));
                    }
                }
            }
        }
        for (path, intent) in exchanged {
            let done = self.finish_exchanged(guard, &path, &intent, merger, &mut report);
            report.skip_unreadable(done, &path, &intent.session)?;
        }
        self.drain_quarantine(guard, merger, &mut report)?;
        Ok(report)
    }

    /// Every temp file, with what it was for; `None` for one that can be thrown away.
    fn intents(&self, session: Option<&SafeName>) -> Result<Vec<(PathBuf, Option<Intent>)>, Error> {
        let mut found = Vec::new();
        let tmp = self.layout.tmp();
        for entry in self.fs.read_dir(&tmp).map_err(|e| Error::reading("list", &tmp, e))? {
            let path = tmp.join(&entry.name);
            let name = name_of(&path);
            if name.ends_with(PART) || name.ends_with(REMOVED) {
                found.push((path, None));
            } else if let Some(intent) = Intent::parse(name) {
                found.push((path, Some(intent)));
            }
        }
        let sessions = match session {
            Some(session) => vec![session.clone()],
            None => self.sessions()?.iter().filter_map(SessionEntry::to_read).collect(),
        };
        for session in sessions {
            let Ok(target) = self.session_path(&session) else { continue };
            let dir = super::files::parent(&target);
            for entry in self.fs.read_dir(dir).unwrap_or_default() {
                let path = dir.join(&entry.name);
                let name = name_of(&path);
                if entry.kind != FileKind::File || !name.starts_with(BESIDE) {
                    continue;
                }
                let intent = Intent::parse_beside(name, &session);
                if intent.is_some() || name.ends_with(PART) {
                    found.push((path, intent));
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Removes a temp file that no write refers to.
    fn clear(&self, path: &Path) -> Result<(), Error> {
        if name_of(path).ends_with(REMOVED) {
            return self.remove_tree(path);
        }
        match self.fs.unlink(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::writing("remove", path, e)),
            _ => Ok(()),
        }
    }

    /// First pass. True if the temp file still held the new content, so the exchange never happened (or a new
    /// session got its second name): then nothing is left of it.
    fn take_back_unexchanged(
        &self,
        guard: &Guard,
        path: &Path,
        intent: &Intent,
        report: &mut Recovered,
    ) -> Result<bool, Error> {
        let temp = self.read_at(path)?;
        let target = self.session_path(&intent.session)?;
        let there = self.current(&target)?;
        let one_file = there.as_ref().is_some_and(|file| {
            file.stat.ino != 0 && (file.stat.dev, file.stat.ino) == (temp.stat.dev, temp.stat.ino)
        });
        if temp.hash != intent.new && !one_file {
            return Ok(false);
        }
        if one_file || there.is_some_and(|file| file.hash == intent.new) {
            report.finished += 1;
        } else {
            self.cancel(guard, intent)?;
            report.taken_back += 1;
        }
        self.clear(path)?;
        if intent.expected.is_none() {
            let _ = self.fs.rmdir(super::files::parent(&target)); // only if the new session never came to be
        }
        Ok(true)
    }

    /// Second pass: what came out of an exchange.
    fn finish_exchanged(
        &self,
        guard: &Guard,
        path: &Path,
        intent: &Intent,
        merger: &dyn Merger,
        report: &mut Recovered,
    ) -> Result<(), Error> {
        let expected = intent.expected.map(|hash| self.blob_find(&hash)).transpose()?.flatten();
        let wait = |hash, why| Waiting { session: intent.session.clone(), path: path.to_owned(), hash, why };
        let Some(file) = self.settled_now(path, expected.as_deref())? else {
            report.waiting.push(wait(None, Outcome::FileFirst));
            return Ok(());
        };
        if Some(file.hash) == intent.expected || is_torn_copy(&file.bytes, expected.as_deref()) {
            report.finished += 1;
            return self.quarantine(path, intent, file.hash);
        }
        match self.merge_foreign(guard, &intent.session, &file.bytes, Some(intent.new), merger)? {
            Outcome::Integrated => report.merged += 1,
            Outcome::NoSession => report.finished += 1,
            why => {
                report.waiting.push(wait(Some(file.hash), why));
                return Ok(());
            }
        }
        self.quarantine(path, intent, file.hash)
    }

    /// Forgets displaced files after two seconds in which nobody wrote into them; a late write is merged in.
    fn drain_quarantine(
        &self,
        guard: &Guard,
        merger: &dyn Merger,
        report: &mut Recovered,
    ) -> Result<(), Error> {
        let dir = self.layout.quarantine();
        for entry in self.fs.read_dir(&dir).map_err(|e| Error::reading("list", &dir, e))? {
            let path = dir.join(&entry.name);
            let Some(kept) = Kept::parse(name_of(&path)) else { continue };
            let Ok(stat) = self.fs.stat(&path) else { continue };
            if self.fs.now_ns().saturating_sub(stat.mtime_ns.max(stat.ctime_ns)) < FORGET_AFTER {
                continue;
            }
            let session = kept.session.clone();
            let done = self.let_go(guard, &path, kept, merger, report);
            report.skip_unreadable(done, &path, &session)?;
        }
        Ok(())
    }

    fn let_go(
        &self,
        guard: &Guard,
        path: &Path,
        kept: Kept,
        merger: &dyn Merger,
        report: &mut Recovered,
    ) -> Result<(), Error> {
        let safe = self.blob_find(&kept.safe)?;
        let Some(file) = self.settled_now(path, safe.as_deref())? else { return Ok(()) };
        if file.hash == kept.safe || is_torn_copy(&file.bytes, safe.as_deref()) {
            return self.clear(path);
        }
        match self.merge_foreign(guard, &kept.session, &file.bytes, None, merger)? {
            outcome @ (Outcome::Integrated | Outcome::NoSession) => {
                let done =
                    if outcome == Outcome::Integrated { &mut report.merged } else { &mut report.finished };
                *done += 1;
                let renamed = Kept { safe: file.hash, ..kept }.path(self);
                self.fs.rename(path, &renamed).map_err(|e| Error::writing("put away", path, e))
            }
            why => {
                let (session, path) = (kept.session, path.to_owned());
                report.waiting.push(Waiting { session, path, hash: Some(file.hash), why });
                Ok(())
            }
        }
    }

    /// Puts a waiting file away after its content was kept otherwise (as an open conflict with its text).
    pub fn set_aside(&self, guard: &Guard, waiting: &Waiting) -> Result<(), Error> {
        self.check_guard(guard)?;
        let Some(hash) = waiting.hash else {
            return Err(Error::new(Kind::Busy, "put away", &waiting.path));
        };
        let ticket = self.ticket();
        let kept = Kept { safe: hash, ticket, session: waiting.session.clone() }.path(self);
        self.fs.rename(&waiting.path, &kept).map_err(|e| Error::writing("put away", &waiting.path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Cause, Expected, Fs, MemFs};
    use std::sync::Arc;
    use std::time::Duration;

    struct Theirs;

    impl Merger for Theirs {
        fn merge(
            &self,
            _: &Guard,
            _: &SafeName,
            _: &[u8],
            _: &[u8],
            theirs: &[u8],
        ) -> Result<Vec<u8>, Error> {
            Ok(theirs.to_vec())
        }

        fn changed_lines(&self, _: &[u8], _: &[u8]) -> usize {
            1
        }
    }

    #[test]
    fn one_session_that_cannot_be_reached_keeps_no_other_from_being_written() {
        let root = Path::new("/w");
        let fs = MemFs::new(root);
        let disk = Disk::with_fs(root, Arc::new(fs.clone())).unwrap();
        disk.ensure_layout().unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let [gone, other] = ["gone", "other"].map(|name| SafeName::parse(name).unwrap());
        for name in [&gone, &other] {
            disk.replace(&guard, name, b"one\n", Expected::Absent, &Cause::new("test")).unwrap();
        }
        let safe = ContentHash::of(b"one\n");
        let kept = Kept { safe, ticket: "1-1".to_owned(), session: gone.clone() }.path(&disk);
        fs.create(&kept, b"late words\n", 0o600).unwrap();
        let file = disk.layout().session_file(&gone);
        fs.unlink(&file).unwrap();
        fs.mkdir(&file, 0o755).unwrap();
        fs.sleep(Duration::from_secs(3));
        let report = disk.recover(&guard, Some(&other), &Theirs).unwrap();
        assert_eq!(report.waiting.len(), 1, "{report:?}");
        assert!(disk.waits_for(&gone).unwrap() && !disk.waits_for(&other).unwrap());
        fs.rmdir(&file).unwrap();
        fs.create(&file, b"one\n", 0o644).unwrap();
        disk.recover(&guard, Some(&other), &Theirs).unwrap();
        assert_eq!(fs.peek(&file).unwrap(), b"late words\n");
    }
}
