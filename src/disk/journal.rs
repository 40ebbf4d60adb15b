use super::intent::Intent;
use super::log::TICKET;
use super::{Disk, Entry, Error, Guard, Log, Mark, SafeName};
use crate::text::ContentHash;
use std::collections::BTreeMap;

/// Why something is written, for the version log: who, when, through which operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// What happened, in kebab-case: `task-complete`, `merge`, `import`.
    pub what: String,
    /// The id the caller chose for its operation; a retry with the same id is recognised by it.
    pub op: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// When, as it is to be shown.
    pub at: Option<String>,
    /// Contents this one was made from, besides the one it replaces.
    pub also_from: Vec<ContentHash>,
    /// Anything else worth keeping.
    pub more: BTreeMap<String, String>,
}

impl Cause {
    /// A cause without anything else known.
    #[must_use]
    pub fn new(what: &str) -> Self {
        Self { what: what.to_owned(), ..Self::default() }
    }

    pub(super) fn entry(&self, mark: Mark, hash: ContentHash, from: Option<ContentHash>) -> Entry {
        let mut entry = Entry::new(mark, hash, &[]);
        entry.parents = from.into_iter().chain(self.also_from.iter().copied()).collect();
        entry.facts.clone_from(&self.more);
        let mut fact = |key: &str, value: Option<&String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                entry.facts.insert(key.to_owned(), value.clone());
            }
        };
        fact("what", Some(&self.what));
        fact("op", self.op.as_ref());
        fact("by", self.by.as_ref());
        fact("at", self.at.as_ref());
        entry
    }
}

impl Disk {
    /// A session's version log; empty if there is none yet.
    pub fn log(&self, session: &SafeName) -> Result<Log, Error> {
        Ok(Log::parse(&self.read_optional(&self.layout.log(session))?.unwrap_or_default()))
    }

    /// Records that a foreign content is now the state of the plan, and keeps it. `from` is what it was made from.
    pub fn accept(
        &self,
        guard: &Guard,
        session: &SafeName,
        bytes: &[u8],
        from: Option<ContentHash>,
        cause: &Cause,
    ) -> Result<ContentHash, Error> {
        let hash = self.blob_put(guard, bytes)?;
        self.record(guard, session, &cause.entry(Mark::Accepted, hash, from))?;
        Ok(hash)
    }

    /// Records that a foreign content was seen whose integration is still to come, and keeps it. `from` is what it
    /// was made from, inferred at this first sight and never again.
    pub fn observe(
        &self,
        guard: &Guard,
        session: &SafeName,
        bytes: &[u8],
        from: Option<ContentHash>,
    ) -> Result<ContentHash, Error> {
        let hash = self.blob_put(guard, bytes)?;
        if !self.log(session)?.seen_foreign(&hash) {
            let parents: Vec<ContentHash> = from.into_iter().collect();
            self.record(guard, session, &Entry::new(Mark::Observed, hash, &parents))?;
        }
        Ok(hash)
    }

    pub(super) fn record(&self, guard: &Guard, session: &SafeName, entry: &Entry) -> Result<(), Error> {
        self.check_guard(guard)?;
        self.append_private(&self.layout.log(session), entry.line().as_bytes())
    }

    /// Takes back the write that `intent` announced.
    pub(super) fn cancel(&self, guard: &Guard, intent: &Intent) -> Result<(), Error> {
        let mut entry = Entry::new(Mark::Cancelled, intent.new, &[]);
        entry.facts.insert(TICKET.to_owned(), intent.ticket.clone());
        self.record(guard, &intent.session, &entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemFs;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_save_without_an_ancestor_is_recorded_once() {
        let root = std::path::Path::new("/w");
        let disk = Disk::with_fs(root, Arc::new(MemFs::new(root))).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let name = SafeName::parse("plan").unwrap();
        for _ in 0..3 {
            disk.observe(&guard, &name, b"whose?\n", None).unwrap();
        }
        assert_eq!(disk.log(&name).unwrap().entries().len(), 1);
    }
}
