use crate::disk::{
    Cause, Choice, Expected, FileText, Guard, Kind, Log, Mark, Outcome, Replaced, SafeName, Settled, Verdict,
    Waiting,
};
use crate::merge::Side;
use crate::text::ContentHash;

use super::mediator::{Case, Mediator, Strategy};
use super::{Error, Snapshot, Workspace, session_path};

/// How often a file is looked at anew because it keeps changing.
const ATTEMPTS: usize = 8;

/// A session's file at rest: what is in it is the plan's recorded state.
pub(super) struct Stood {
    pub(super) snapshot: Snapshot,
    /// Whether something was taken in, taken back or merged for it.
    pub(super) settled: bool,
    /// What should be said.
    pub(super) warning: Option<String>,
}

/// The same, not understood yet.
pub(super) struct StoodText {
    pub(super) file: FileText,
    pub(super) settled: bool,
    /// Whether the file was written for it.
    pub(super) repaired: bool,
    pub(super) warning: Option<String>,
}

/// What became of one look at a file.
enum Look {
    /// It is the recorded state now, as it was read.
    Taken,
    /// Somebody changed it meanwhile; look again.
    Again,
    /// We changed it; look again.
    Mended,
}

impl Look {
    /// What a write of ours leaves to do.
    const fn after(replaced: &Replaced) -> Self {
        if matches!(replaced, Replaced::Changed(_)) { Self::Again } else { Self::Mended }
    }
}

impl Workspace {
    /// Brings a session to rest, before anything is planned on it: finishes interrupted writes, waits
    /// for Git and for whoever is saving, takes in what somebody else saved, repairs what an
    /// outdated buffer undid. Afterwards the file is the head of its version log.
    pub(super) fn stand(
        &self,
        guard: &Guard,
        directory: &SafeName,
        mediator: &Mediator<'_>,
    ) -> Result<Stood, Error> {
        let StoodText { file, settled, warning, .. } = self.stand_text(guard, directory, mediator)?;
        let snapshot = Snapshot {
            directory: directory.clone(),
            path: session_path(directory.as_str()),
            lifted: self.understand(&file.bytes, directory.as_str()),
            stat: file.stat,
        };
        Ok(Stood { snapshot, settled, warning })
    }

    /// The same for those who may not need to know what the text says.
    pub(super) fn stand_text(
        &self,
        guard: &Guard,
        directory: &SafeName,
        mediator: &Mediator<'_>,
    ) -> Result<StoodText, Error> {
        let (mut settled, mut repaired) = (false, false);
        let mut warning = None;
        for _ in 0..ATTEMPTS {
            let recovered = self.disk.recover(guard, Some(directory), mediator)?;
            settled |= recovered.merged + recovered.taken_back > 0;
            repaired |= recovered.merged > 0;
            let blocked = self.put_waiting_aside(guard, &recovered.waiting, mediator)?;
            if !self.disk.wait_for_git() {
                warning = Some("a Git command seems to be running (`index.lock`)".to_owned());
            }
            let head = self.disk.log_tail(directory)?.head();
            let head_text = head.map(|h| self.disk.blob_find(&h)).transpose()?.flatten();
            let read = self.disk.read_settled(directory, head_text.as_deref())?;
            if Some(read.file.hash) != head {
                settled = true;
                // Only what is not the head is judged by the whole history.
                let log = self.disk.log(directory)?;
                let look =
                    self.acknowledge(guard, directory, (&log, head_text.as_deref()), &read, mediator)?;
                repaired |= matches!(look, Look::Mended);
                // A displaced save may have waited for the file to be judged first.
                if !matches!(look, Look::Taken) || blocked.contains(directory) {
                    continue;
                }
            }
            return Ok(StoodText { file: read.file, settled, repaired, warning });
        }
        Err(Error::Unsettled { path: session_path(directory.as_str()) })
    }

    /// Brings a session to rest before its directory goes, moves, or loses its history: what waits
    /// to be brought into its file would find no file, or nothing to be compared with. Refused while
    /// somebody is still saving.
    pub(super) fn bring_to_rest(&self, guard: &Guard, directory: &SafeName) -> Result<(), Error> {
        let mediator = Mediator::new(&self.disk, self.env(), self.strategy());
        match self.stand_text(guard, directory, &mediator) {
            Ok(_) => {}
            // There is no plan that anything could wait for.
            Err(Error::Disk(e)) if matches!(e.kind, Kind::NotFound | Kind::NotRegular | Kind::Outside) => {}
            Err(error) => return Err(error),
        }
        if self.disk.waits_for(directory)? {
            return Err(Error::Unsettled { path: session_path(directory.as_str()) });
        }
        Ok(())
    }

    /// Displaced saves without a known ancestor become conflicts. Answers with the sessions whose
    /// file must be judged before another save of theirs can be brought in.
    fn put_waiting_aside(
        &self,
        guard: &Guard,
        waiting: &[Waiting],
        mediator: &Mediator<'_>,
    ) -> Result<Vec<SafeName>, Error> {
        let mut blocked = Vec::new();
        for one in waiting {
            match (one.why, one.hash) {
                (Outcome::NoBase, Some(hash)) => {
                    let saved = self.disk.blob_find(&hash)?;
                    if let (Some(saved), Ok(file)) = (saved, self.disk.read(&one.session)) {
                        let case = Case {
                            session: &one.session,
                            kind: "no_base",
                            base: None,
                            ours: &file.bytes,
                            theirs: &saved,
                            kept: Side::Ours,
                        };
                        mediator.whole(guard, &case, None)?;
                        self.disk.set_aside(guard, one)?;
                    }
                }
                (Outcome::FileFirst, Some(_)) => blocked.push(one.session.clone()),
                _ => {}
            }
        }
        Ok(blocked)
    }

    /// Makes a content that is not the head part of the plan's history, one way or another.
    fn acknowledge(
        &self,
        guard: &Guard,
        directory: &SafeName,
        (log, head_text): (&Log, Option<&[u8]>),
        read: &Settled,
        mediator: &Mediator<'_>,
    ) -> Result<Look, Error> {
        let file = &read.file;
        let accept = |what: &str| -> Result<Look, Error> {
            let cause = mediator.edit(what, file.stat.mtime_ns);
            self.disk.accept(guard, directory, &file.bytes, log.head(), &cause)?;
            Ok(Look::Taken)
        };
        let against_head = |kind: &str, base: Option<ContentHash>, settled| -> Result<(), Error> {
            let Some(ours) = head_text else { return Ok(()) };
            let kept = Side::Theirs;
            let case = Case { session: directory, kind, base, ours, theirs: &file.bytes, kept };
            Ok(mediator.whole(guard, &case, settled)?)
        };
        if read.suspect_truncation && self.tasks_vanished(directory, head_text, &file.bytes) {
            against_head("truncation", log.head(), None)?;
            return accept("edit");
        }
        match self.disk.judge(log, &file.bytes, mediator)? {
            Verdict::Head => Ok(Look::Taken),
            Verdict::FirstSight => accept("first-sight"),
            Verdict::Edit => accept("edit"),
            Verdict::Older => {
                if !loses_our_work(log, &file.hash) {
                    return accept("edit");
                }
                if self.git_put_it_there(directory, &file.bytes) {
                    return accept("git");
                }
                match (mediator.strategy, head_text) {
                    (Strategy::DbWins, Some(head)) => {
                        let cause = mediator.our_cause("restore");
                        self.put_back(guard, directory, head, file, &cause, mediator)
                    }
                    (strategy, _) => {
                        let settled = (strategy == Strategy::MdWins).then_some("theirs");
                        against_head("revert", Some(file.hash), settled)?;
                        accept("revert")
                    }
                }
            }
            Verdict::Stale { base } => {
                let lifted = self.understand(&file.bytes, directory.as_str());
                if self.git_put_it_there(directory, &file.bytes) {
                    against_head("git", base, Some("theirs"))?;
                    return accept("git");
                }
                if base.is_none() || !lifted.document.is_writable() || mediator.strategy == Strategy::Ask {
                    let kind = if base.is_none() { "no_base" } else { "stale" };
                    against_head(kind, base, None)?;
                    return accept("edit");
                }
                let cause = mediator.our_cause("merge");
                match self.disk.adopt(guard, directory, file, Choice::Merge, &cause, mediator)? {
                    Replaced::Changed(Some(same)) if same.hash == file.hash => {
                        against_head("no_base", base, None)?;
                        accept("edit")
                    }
                    Replaced::Indeterminate(_) => {
                        Err(Error::Indeterminate { path: session_path(directory.as_str()) })
                    }
                    replaced => Ok(Look::after(&replaced)),
                }
            }
        }
    }

    fn put_back(
        &self,
        guard: &Guard,
        directory: &SafeName,
        head: &[u8],
        file: &FileText,
        cause: &Cause,
        mediator: &Mediator<'_>,
    ) -> Result<Look, Error> {
        let expected = Expected::Hash(file.hash);
        match self.disk.replace_merging(guard, directory, head, expected, cause, mediator)? {
            Replaced::Indeterminate(_) => {
                Err(Error::Indeterminate { path: session_path(directory.as_str()) })
            }
            replaced => Ok(Look::after(&replaced)),
        }
    }

    /// Whether tasks of the recorded state are not in a content that looks cut off.
    fn tasks_vanished(&self, directory: &SafeName, head: Option<&[u8]>, bytes: &[u8]) -> bool {
        head.is_some_and(|head| {
            let tasks = |bytes: &[u8]| self.understand(bytes, directory.as_str()).session.tasks.len();
            tasks(bytes) < tasks(head)
        })
    }
}

/// Whether something the tool wrote came after this text, so that going back to it undoes that.
pub(super) fn loses_our_work(log: &Log, hash: &ContentHash) -> bool {
    log.live().rev().take_while(|entry| entry.hash != *hash).any(|entry| entry.mark == Mark::Written)
}
