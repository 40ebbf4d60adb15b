use super::files::parent;
use super::intent::{Intent, Kept};
use super::log::TICKET;
use super::{Cause, Disk, Error, FileText, Guard, Kind, Mark, SafeName};
use crate::text::ContentHash;
use std::io;
use std::path::{Path, PathBuf};

/// What must stand at a session's path for a write to go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: the session is created.
    Absent,
    /// This content.
    Hash(ContentHash),
}

impl Expected {
    pub(super) fn hash(self) -> Option<ContentHash> {
        match self {
            Self::Absent => None,
            Self::Hash(hash) => Some(hash),
        }
    }
}

/// What became of a write. An `Err` beside it means: before the exchange, and the file is untouched.
#[derive(Debug)]
pub enum Replaced {
    /// The new content is in place and durable.
    Done(Done),
    /// Something else than expected was there; nothing was written. `None`: no file.
    Changed(Option<FileText>),
    /// The new content is in place, but somebody's save came between the look and the exchange. It is kept, and
    /// still to be merged: install the merge with this content among `also_from`, then call [`Disk::absorb`].
    Displaced(Displaced),
    /// The exchange happened, something after it failed: the new content is there now, but may not survive a
    /// power cut. Try again with the same operation id.
    Indeterminate(Error),
}

/// A write that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The hash of what is in place.
    pub hash: ContentHash,
    /// What was taken out could not be read in time because somebody is writing into it. It is looked at again by
    /// the next recovery.
    pub unsettled: bool,
    /// Without an atomic exchange, a save that came in the last microseconds was replaced unseen.
    pub clobbered: bool,
}

/// Somebody's content that an exchange took out of the way.
#[derive(Debug)]
pub struct Displaced {
    /// The content.
    pub bytes: Vec<u8>,
    /// Its hash.
    pub hash: ContentHash,
    /// What is in place instead.
    pub installed: ContentHash,
    pub(super) temp: PathBuf,
    pub(super) intent: Intent,
}

impl Disk {
    /// Replaces a session's content, or creates the session: the one way in which a `session.md` is ever written.
    ///
    /// Old and new content are kept first, then the intent is logged, then the files are exchanged in one step, and
    /// what came out is compared with what was expected. The file keeps its mode; its time is new.
    pub fn replace(
        &self,
        guard: &Guard,
        session: &SafeName,
        new: &[u8],
        expected: Expected,
        cause: &Cause,
    ) -> Result<Replaced, Error> {
        self.check_guard(guard)?;
        let target = self.session_path(session)?;
        let current = self.current(&target)?;
        if current.as_ref().map(|file| file.hash) != expected.hash() {
            return Ok(Replaced::Changed(current));
        }
        let hash = ContentHash::of(new);
        if expected == Expected::Hash(hash) {
            if !cause.also_from.is_empty() {
                // A merge that changed nothing: what was merged is in there all the same.
                self.accept(guard, session, new, expected.hash(), cause)?;
            }
            return Ok(Replaced::Done(Done { hash, unsettled: false, clobbered: false }));
        }
        let mode = current.as_ref().map_or(0o644, |file| file.stat.mode);
        if let Some(file) = &current {
            if self.log_tail(session)?.is_empty() {
                self.accept(guard, session, &file.bytes, None, &Cause::new("first-sight"))?;
            }
            self.blob_put(guard, &file.bytes)?;
            // After a power cut an unsynced save would lie torn in the quarantine and look like another save.
            self.fs.sync_file(&target).map_err(|e| Error::writing("sync", &target, e))?;
        }
        self.blob_put(guard, new)?;
        self.make_dirs(parent(&target), 0o755)?;
        let intent =
            Intent { ticket: self.ticket(), new: hash, expected: expected.hash(), session: session.clone() };
        let temp = self.write_intent(&self.layout.tmp().join(intent.file_name()), new, mode)?;
        let mut line = cause.entry(Mark::Written, hash, expected.hash());
        line.facts.insert(TICKET.to_owned(), intent.ticket.clone());
        if let Err(error) = self.record(guard, session, &line) {
            // The line may have been written all the same. If it cannot be taken back now, recovery does it,
            // as long as the temp file says so.
            if self.cancel(guard, &intent).is_ok() {
                self.discard(&temp);
            }
            return Err(error);
        }
        let write = Write { guard, target: &target, intent: &intent, new, mode };
        match current {
            Some(file) => self.exchange_in(&write, temp, &file),
            None => self.link_in(&write, &temp),
        }
    }

    pub(super) fn current(&self, target: &Path) -> Result<Option<FileText>, Error> {
        match self.read_at(target) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write_intent(&self, path: &Path, new: &[u8], mode: u32) -> Result<PathBuf, Error> {
        let part = self.write_part(parent(path), new, mode)?;
        match self.fs.rename(&part, path) {
            // Synced before the log says so: a line without its temp file could not be taken back.
            Ok(()) => match self.sync_dir(parent(path)) {
                Ok(()) => Ok(path.to_owned()),
                Err(error) => {
                    self.discard(path);
                    Err(error)
                }
            },
            Err(e) => {
                self.discard(&part);
                Err(Error::writing("write", path, e))
            }
        }
    }

    /// Creates a session: the new name must not exist, which a link makes sure of in one step.
    fn link_in(&self, write: &Write, temp: &Path) -> Result<Replaced, Error> {
        let linked = match self.fs.link(temp, write.target) {
            // A file system without links: the lock keeps our own processes apart, and nothing was there.
            Err(e) if cannot_link(&e) && self.fs.stat(write.target).is_err() => {
                self.fs.rename(temp, write.target)
            }
            done => done,
        };
        match linked {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                self.take_back(write, temp)?;
                return Ok(Replaced::Changed(self.current(write.target)?));
            }
            Err(e) => {
                self.take_back(write, temp)?;
                return Err(Error::writing("create", write.target, e));
            }
        }
        if let Err(error) = self.sync_dir(parent(write.target)) {
            return Ok(Replaced::Indeterminate(error));
        }
        self.discard(temp);
        Ok(Replaced::Done(Done { hash: write.intent.new, unsettled: false, clobbered: false }))
    }

    fn exchange_in(&self, write: &Write, temp: PathBuf, old: &FileText) -> Result<Replaced, Error> {
        let mut temp = temp;
        let mut swapped = self.fs.exchange(&temp, write.target);
        if swapped.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::CrossesDevices) {
            let beside = parent(write.target).join(write.intent.beside_name());
            match self.write_intent(&beside, write.new, write.mode) {
                Ok(path) => {
                    self.discard(&temp);
                    temp = path;
                    swapped = self.fs.exchange(&temp, write.target);
                }
                Err(error) => {
                    self.take_back(write, &temp)?;
                    return Err(error);
                }
            }
        }
        match swapped {
            Ok(()) => Ok(self.verify(write, &temp, &old.bytes)),
            Err(e) if e.kind() == io::ErrorKind::Unsupported => self.replace_by_rename(write, &temp, old),
            Err(e) => {
                self.take_back(write, &temp)?;
                if e.kind() == io::ErrorKind::NotFound {
                    return Ok(Replaced::Changed(None)); // an editor is between its rename and its create
                }
                Err(Error::writing("write", write.target, e))
            }
        }
    }

    /// After the exchange: makes it durable, then looks at what came out. Any failure from here on leaves the
    /// temp file where recovery finds it.
    fn verify(&self, write: &Write, temp: &Path, old: &[u8]) -> Replaced {
        let hash = write.intent.new;
        if let Err(error) = self.sync_dir(parent(write.target)).and_then(|()| self.sync_dir(parent(temp))) {
            return Replaced::Indeterminate(error);
        }
        let done = |unsettled| Replaced::Done(Done { hash, unsettled, clobbered: false });
        let out = match self.settle(temp, Some(old)) {
            Ok(settled) => settled.file,
            Err(error) if error.kind == Kind::Busy => return done(true),
            Err(error) => return Replaced::Indeterminate(error),
        };
        if Some(out.hash) == write.intent.expected {
            return match self.quarantine(temp, write.intent, out.hash) {
                Ok(()) => done(false),
                Err(_) => done(true), // the write itself is complete; recovery puts it away
            };
        }
        if let Err(error) = self.blob_put(write.guard, &out.bytes) {
            return Replaced::Indeterminate(error);
        }
        Replaced::Displaced(Displaced {
            bytes: out.bytes,
            hash: out.hash,
            installed: hash,
            temp: temp.to_owned(),
            intent: write.intent.clone(),
        })
    }

    /// Undoes a write that never reached the path.
    pub(super) fn take_back(&self, write: &Write, temp: &Path) -> Result<(), Error> {
        self.cancel(write.guard, write.intent)?;
        self.discard(temp);
        Ok(())
    }

    /// Puts a displaced file away under the hash that is safe to forget.
    pub(super) fn quarantine(&self, temp: &Path, intent: &Intent, safe: ContentHash) -> Result<(), Error> {
        let kept = Kept { safe, ticket: intent.ticket.clone(), session: intent.session.clone() }.path(self);
        match self.fs.rename(temp, &kept) {
            Ok(()) => Ok(()),
            // Another file system: its content is kept as a snapshot, the file itself cannot be.
            Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
                self.fs.unlink(temp).map_err(|e| Error::writing("remove", temp, e))
            }
            Err(e) => Err(Error::writing("put away", temp, e)),
        }
    }

    /// Puts a displaced file away after its content was merged. Refused with kind `Busy` while the log does not say
    /// that the head contains it: until then it must stay where recovery finds it.
    pub fn absorb(&self, guard: &Guard, displaced: &Displaced) -> Result<(), Error> {
        self.check_guard(guard)?;
        let unmerged = || Ok::<_, Error>(!self.log(&displaced.intent.session)?.integrated(&displaced.hash));
        if !displaced.bytes.is_empty() && unmerged()? {
            return Err(Error::new(Kind::Busy, "put away unmerged", &displaced.temp));
        }
        self.quarantine(&displaced.temp, &displaced.intent, displaced.hash)
    }
}

/// One write under way.
pub(super) struct Write<'a> {
    pub(super) guard: &'a Guard,
    pub(super) target: &'a Path,
    pub(super) intent: &'a Intent,
    pub(super) new: &'a [u8],
    pub(super) mode: u32,
}

/// Whether the file system has no hard links at all, or not between these places.
pub(super) fn cannot_link(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), Unsupported | PermissionDenied | CrossesDevices | TooManyLinks)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::Duration;

    struct Place {
        tmp: tempfile::TempDir,
        disk: Disk,
        name: SafeName,
    }

    impl Place {
        fn new() -> Self {
            let tmp = tempfile::tempdir().unwrap();
            let disk = Disk::open(tmp.path()).unwrap();
            disk.ensure_layout().unwrap();
            Self { disk, name: SafeName::parse("login").unwrap(), tmp }
        }

        fn guard(&self) -> Guard {
            self.disk.lock(Duration::ZERO).unwrap()
        }

        fn file(&self) -> PathBuf {
            self.disk.layout().session_file(&self.name)
        }

        /// Puts `bytes` there as a person would, past the protocol.
        fn hand(&self, bytes: &[u8]) -> Expected {
            fs::create_dir_all(parent(&self.file())).unwrap();
            fs::write(self.file(), bytes).unwrap();
            Expected::Hash(ContentHash::of(bytes))
        }

        fn replace(&self, new: &[u8], expected: Expected) -> Replaced {
            self.disk.replace(&self.guard(), &self.name, new, expected, &Cause::new("test")).unwrap()
        }

        fn names(dir: PathBuf) -> Vec<String> {
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    #[test]
    fn a_session_is_created_once() {
        let place = Place::new();
        assert!(matches!(place.replace(b"one\n", Expected::Absent), Replaced::Done(_)));
        assert_eq!(fs::read(place.file()).unwrap(), b"one\n");
        let Replaced::Changed(Some(file)) = place.replace(b"two\n", Expected::Absent) else {
            panic!("created twice")
        };
        assert_eq!(file.bytes, b"one\n");
        assert_eq!(fs::read(place.file()).unwrap(), b"one\n");
        assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o7777, 0o644);
        assert_eq!(Place::names(place.disk.layout().tmp()), [""; 0]);
    }

    #[test]
    fn both_contents_and_the_reason_are_on_record_after_a_write() {
        let place = Place::new();
        let expected = place.hand(b"one\n");
        fs::set_permissions(place.file(), fs::Permissions::from_mode(0o640)).unwrap();
        let cause = Cause {
            op: Some("id-1".to_owned()),
            by: Some("Ann O".to_owned()),
            ..Cause::new("task-complete")
        };
        let done = place.disk.replace(&place.guard(), &place.name, b"two\n", expected, &cause).unwrap();
        assert!(matches!(done, Replaced::Done(Done { unsettled: false, clobbered: false, .. })), "{done:?}");
        assert_eq!(fs::read(place.file()).unwrap(), b"two\n");
        assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o7777, 0o640);

        let (one, two) = (ContentHash::of(b"one\n"), ContentHash::of(b"two\n"));
        assert_eq!(place.disk.blob_get(&one).unwrap(), b"one\n");
        assert_eq!(place.disk.blob_get(&two).unwrap(), b"two\n");
        let log = place.disk.log(&place.name).unwrap();
        assert_eq!(log.head(), Some(two));
        assert!(log.integrated(&one));
        let entry = log.find_op("id-1").unwrap();
        assert_eq!((entry.parents.as_slice(), entry.facts["by"].as_str()), ([one].as_slice(), "Ann O"));
        assert_eq!(Place::names(place.disk.layout().tmp()), [""; 0]);
        let kept = Place::names(place.disk.layout().quarantine());
        assert!(kept.len() == 1 && kept[0].starts_with(&one.hex()), "{kept:?}");
    }

    #[test]
    fn a_file_that_is_not_as_expected_is_left_alone() {
        let place = Place::new();
        let stale = place.hand(b"one\n");
        place.hand(b"somebody's\n");
        let Replaced::Changed(Some(file)) = place.replace(b"two\n", stale) else { panic!("overwritten") };
        assert_eq!(file.bytes, b"somebody's\n");
        fs::remove_file(place.file()).unwrap();
        assert!(matches!(place.replace(b"two\n", stale), Replaced::Changed(None)));
        assert!(!place.file().exists());
        assert_eq!(place.disk.log(&place.name).unwrap().head(), None);
    }

    #[test]
    fn writing_what_is_there_already_touches_nothing() {
        let place = Place::new();
        let expected = place.hand(b"one\n");
        let before = place.disk.stat(&place.file()).unwrap();
        assert!(matches!(place.replace(b"one\n", expected), Replaced::Done(_)));
        assert_eq!(place.disk.stat(&place.file()).unwrap(), before);
    }

    #[test]
    fn a_link_inside_the_workspace_survives_and_one_outside_is_refused() {
        let place = Place::new();
        let plan = place.tmp.path().join("PLAN.md");
        fs::write(&plan, "one\n").unwrap();
        fs::create_dir_all(parent(&place.file())).unwrap();
        symlink("../../../PLAN.md", place.file()).unwrap();
        let expected = Expected::Hash(ContentHash::of(b"one\n"));
        assert!(matches!(place.replace(b"two\n", expected), Replaced::Done(_)));
        assert!(fs::symlink_metadata(place.file()).unwrap().is_symlink());
        assert_eq!(fs::read(&plan).unwrap(), b"two\n");

        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("x"), "one\n").unwrap();
        fs::remove_file(place.file()).unwrap();
        symlink(outside.path().join("x"), place.file()).unwrap();
        let refused =
            place.disk.replace(&place.guard(), &place.name, b"two\n", expected, &Cause::new("test"));
        assert_eq!(refused.unwrap_err().kind, Kind::Outside);
        assert_eq!(fs::read(outside.path().join("x")).unwrap(), b"one\n");
    }

    #[test]
    fn a_read_only_directory_is_an_error_before_anything_changes() {
        let place = Place::new();
        let expected = place.hand(b"one\n");
        let dir = parent(&place.file()).to_owned();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o555)).unwrap();
        let refused =
            place.disk.replace(&place.guard(), &place.name, b"two\n", expected, &Cause::new("test"));
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        match refused {
            Err(error) => {
                assert_eq!(error.kind, Kind::ReadOnly);
                assert_eq!(fs::read(place.file()).unwrap(), b"one\n");
                assert_eq!(place.disk.log(&place.name).unwrap().head(), Some(ContentHash::of(b"one\n")));
                assert_eq!(Place::names(place.disk.layout().tmp()), [""; 0]);
            }
            // The superuser is not stopped by modes.
            Ok(done) => assert!(matches!(done, Replaced::Done(_))),
        }
    }
}
