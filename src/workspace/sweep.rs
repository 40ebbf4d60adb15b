use crate::config::Setting;
use crate::disk::{Collected, Retention, SafeName, Verdict};

use crate::format::{fresh_blocks, may_have_blocks};
use crate::text::ContentHash;

use super::mediator::Mediator;
use super::rest::Rest;
use super::{Error, Strategy, Workspace};

/// What taking in what others did amounted to, for one session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenIn {
    /// Whether the plan's history went on: an edit was taken in, a write recovered, a save merged.
    pub settled: bool,
    /// Whether the file was written: a stale save was repaired.
    pub repaired: bool,
    /// Whether a generated block says something else than the tasks do.
    pub stale_blocks: bool,
    /// Ids of the conflicts that were opened.
    pub conflicts: Vec<String>,
    /// Something that should be said.
    pub warning: Option<String>,
    /// How it rests now.
    pub rest: Option<Rest>,
}

impl TakenIn {
    /// What is to be said of it beside another answer.
    #[must_use]
    pub fn told(self) -> Option<String> {
        super::mediator::told(&self.conflicts).or(self.warning)
    }
}

impl Workspace {
    /// Brings one session to rest and its index up to date. Writes nothing where everything is at rest.
    pub fn take_in_session(
        &self,
        directory: &SafeName,
        strategy: Option<Strategy>,
    ) -> Result<TakenIn, Error> {
        let guard = self.lock()?;
        let strategy = strategy.unwrap_or_else(|| self.strategy());
        let mediator = Mediator::new(&self.disk, self.env(), strategy);
        let stood = self.stand_text(&guard, directory, &mediator)?;
        let (text, mut warning) = (stood.file, stood.warning);
        // The refresh before has understood this very text already, as a rule.
        let is_indexed = !stood.settled || self.is_indexed(directory, text.hash);
        let has_blocks = may_have_blocks(&text.bytes);
        let mut stale_blocks = false;
        if !is_indexed || has_blocks {
            let lifted = self.understand(&text.bytes, directory.as_str());
            if !is_indexed {
                warning = self.index_written(&lifted, directory).or(warning);
            }
            stale_blocks = !fresh_blocks(&lifted, &lifted.session).is_empty();
        }
        Ok(TakenIn {
            stale_blocks,
            // Under the lock still: nobody has written since.
            rest: self.rest(directory, text.hash)?,
            settled: stood.settled,
            repaired: stood.repaired,
            conflicts: mediator.met.take(),
            warning,
        })
    }

    /// Whether the file lacks what the plan's history has: a save from an outdated buffer, which the
    /// next write or `sync` deals with. Looks only; not even at the file where the history ends in the text that the
    /// last refresh found in it, `indexed`.
    pub fn stale_pending(&self, directory: &SafeName, indexed: Option<ContentHash>) -> Result<bool, Error> {
        if indexed.is_some() && self.disk.log_tail(directory)?.head() == indexed {
            return Ok(false);
        }
        let Ok(file) = self.disk.read(directory) else { return Ok(false) };
        if self.disk.log_tail(directory)?.head() == Some(file.hash) {
            return Ok(false);
        }
        let log = self.disk.log(directory)?;
        let mediator = Mediator::new(&self.disk, self.env(), Strategy::Merge);
        Ok(match self.disk.judge(&log, &file.bytes, &mediator)? {
            Verdict::Stale { .. } => true,
            Verdict::Older => super::stand::loses_our_work(&log, &file.hash),
            Verdict::Head | Verdict::FirstSight | Verdict::Edit => false,
        })
    }

    /// Finishes what earlier processes left half done, in every session.
    pub fn recover_all(&self) -> Result<bool, Error> {
        let guard = self.lock()?;
        let mediator = Mediator::new(&self.disk, self.env(), self.strategy());
        let recovered = self.disk.recover(&guard, None, &mediator)?;
        Ok(recovered.taken_back + recovered.finished + recovered.merged > 0)
    }

    /// Removes snapshots that nothing needs any more, as the settings say; only counts them where
    /// `apply` is false.
    pub fn collect(&self, apply: bool) -> Result<Collected, Error> {
        let guard = self.lock()?;
        let needed = self.needed()?;
        let keep = self.retention();
        Ok(if apply {
            self.disk.collect(&guard, &needed, &keep)?
        } else {
            self.disk.collectable(&guard, &needed, &keep)?
        })
    }

    pub(super) fn retention(&self) -> Retention {
        let number = |setting| self.settings.number(setting);
        let small = |setting| u32::try_from(number(setting)).unwrap_or(u32::MAX);
        Retention {
            entries: usize::try_from(number(Setting::RetentionVersions)).unwrap_or(usize::MAX),
            days: small(Setting::RetentionSnapshotDays),
            foreign_days: small(Setting::RetentionForeignDays),
            bytes: number(Setting::RetentionSnapshotMb).saturating_mul(1 << 20),
            ..Retention::default()
        }
    }
}
