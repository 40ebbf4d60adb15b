use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::disk::{self, Cause, Disk, Guard, Merger, SafeName};
use crate::env::Env;
use crate::merge::{self, ConflictKind, Merged, Side};
use crate::text::ContentHash;

use super::conflict::{About, Conflict, Standing};
use super::install::cause;
use super::ledger;

/// What is done where the plan's state and a save of somebody disagree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strategy {
    /// Both are merged; where they contradict each other the file keeps the person's text and the
    /// other one waits in an open conflict.
    #[default]
    Merge,
    /// Like `Merge`, but the person's text has won: the conflict is history at once.
    MdWins,
    /// Like `Merge`, but the tool's text stays; the person's waits in an open conflict.
    DbWins,
    /// The file is left as it was saved; what it lacks waits in an open conflict.
    Ask,
}

impl Strategy {
    /// Reads `merge`, `md-wins`, `db-wins` or `ask`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "merge" => Self::Merge,
            "md-wins" => Self::MdWins,
            "db-wins" => Self::DbWins,
            "ask" => Self::Ask,
            _ => return None,
        })
    }

    /// Whose text stays in the file where the sides disagree.
    pub(super) fn stays(self) -> Side {
        if self == Self::DbWins { Side::Ours } else { Side::Theirs }
    }
}

/// Merges on behalf of the disk, and writes every conflict down before it answers.
pub(super) struct Mediator<'a> {
    pub(super) disk: &'a Disk,
    pub(super) env: &'a dyn Env,
    pub(super) strategy: Strategy,
    /// Ids of the conflicts that were met.
    pub(super) met: RefCell<Vec<String>>,
}

/// What stands against what.
pub(super) struct Case<'a> {
    pub(super) session: &'a SafeName,
    pub(super) kind: &'a str,
    pub(super) base: Option<ContentHash>,
    pub(super) ours: &'a [u8],
    pub(super) theirs: &'a [u8],
    pub(super) kept: Side,
}

/// What is to be said of conflicts that were met.
pub(super) fn told(met: &[String]) -> Option<String> {
    let ids = crate::diagnostic::List(met, "and");
    (!met.is_empty()).then(|| format!("in conflict with an outdated save: {ids}; run `plandown conflicts`"))
}

impl<'a> Mediator<'a> {
    pub(super) fn new(disk: &'a Disk, env: &'a dyn Env, strategy: Strategy) -> Self {
        Self { disk, env, strategy, met: RefCell::default() }
    }

    /// What is to be said of a write that met conflicts on its way.
    pub(super) fn told(&self) -> Option<String> {
        told(&self.met.borrow())
    }

    /// Why somebody else's content is taken in: a person's edit, saved at `saved_ns`.
    pub(super) fn edit(&self, what: &str, saved_ns: i64) -> Cause {
        let at = crate::model::Timestamp::from_unix(saved_ns.div_euclid(1_000_000_000));
        Cause { at: Some(at.to_string()), ..cause(self.env, what, "human") }
    }

    /// Why the tool writes of its own accord.
    pub(super) fn our_cause(&self, what: &str) -> Cause {
        cause(self.env, what, "plandown")
    }

    /// Writes down that a whole file was kept against another one. `settled` names the decision
    /// where it was taken already.
    pub(super) fn whole(
        &self,
        guard: &Guard,
        case: &Case<'_>,
        settled: Option<&str>,
    ) -> Result<(), disk::Error> {
        let ours = self.disk.blob_put(guard, case.ours)?;
        let theirs = self.disk.blob_put(guard, case.theirs)?;
        let (o, t) = (String::from_utf8_lossy(case.ours), String::from_utf8_lossy(case.theirs));
        let conflict = Conflict {
            about: About::Session,
            what: "text".to_owned(),
            kind: case.kind.to_owned(),
            base: None,
            ours: Some(only_in(&t, &o)),
            theirs: Some(only_in(&o, &t)),
            clash: None,
            ..self.blank(case, (case.base, ours, theirs))?
        };
        let losing = if case.kept == Side::Theirs { case.ours } else { case.theirs };
        self.write_down(guard, &conflict, settled, losing)
    }

    fn blank(
        &self,
        case: &Case<'_>,
        versions: (Option<ContentHash>, ContentHash, ContentHash),
    ) -> Result<Conflict, disk::Error> {
        let log = self.disk.log(case.session)?;
        let by = |hash: &ContentHash| {
            let entry = log.live().rev().find(|e| e.hash == *hash);
            entry.and_then(|e| e.facts.get("by")).cloned()
        };
        Ok(Conflict {
            id: self.env.uuid_v7(),
            session: case.session.to_string(),
            about: About::Session,
            what: String::new(),
            kind: case.kind.to_owned(),
            base: None,
            ours: None,
            theirs: None,
            versions,
            clash: None,
            kept: case.kept,
            ours_by: by(&versions.1).unwrap_or_else(|| "plandown".to_owned()),
            theirs_by: by(&versions.2).unwrap_or_else(|| "human".to_owned()),
            at: self.env.now().to_string(),
            standing: Standing::Open,
        })
    }

    fn write_down(
        &self,
        guard: &Guard,
        conflict: &Conflict,
        settled: Option<&str>,
        losing: &[u8],
    ) -> Result<(), disk::Error> {
        ledger::open(self.disk, guard, conflict, Some(losing).filter(|_| settled.is_none()))?;
        match settled {
            Some(take) => {
                let at = self.env.now().to_string();
                ledger::close(self.disk, guard, conflict, (take, "strategy", &at), None)?;
            }
            None => self.met.borrow_mut().push(conflict.id.clone()),
        }
        Ok(())
    }

    fn record_merge(&self, guard: &Guard, case: &Case<'_>, merged: &Merged) -> Result<(), disk::Error> {
        let base = case.base;
        let ours = self.disk.blob_put(guard, case.ours)?;
        let theirs = self.disk.blob_put(guard, case.theirs)?;
        let settled = (self.strategy == Strategy::MdWins).then_some("theirs");
        let mut taken = BTreeMap::new();
        for found in &merged.conflicts {
            if matches!(found.kind, ConflictKind::Markers | ConflictKind::TooLong) {
                let kind = found.kind.key();
                self.whole(guard, &Case { kind, ..*case }, settled)?;
                continue;
            }
            let conflict = Conflict {
                about: About::from(&found.entity),
                what: found.what.clone(),
                kind: found.kind.key().to_owned(),
                base: found.base.clone(),
                ours: found.ours.clone(),
                theirs: found.theirs.clone(),
                clash: clash_of(merged, found, &mut taken),
                ..self.blank(case, (base, ours, theirs))?
            };
            let losing = conflict.losing().unwrap_or_default().to_owned();
            self.write_down(guard, &conflict, settled, losing.as_bytes())?;
        }
        Ok(())
    }
}

impl Merger for Mediator<'_> {
    fn merge(
        &self,
        guard: &Guard,
        session: &SafeName,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Vec<u8>, disk::Error> {
        let kept = self.strategy.stays();
        let base_hash = Some(self.disk.blob_put(guard, base)?);
        let case = Case { session, kind: "no_base", base: base_hash, ours, theirs, kept };
        let texts = [base, ours, theirs].map(std::str::from_utf8);
        let [Ok(b), Ok(o), Ok(t)] = texts else {
            // Not text: one side stays as it is, byte for byte, and the other one waits.
            if ours != theirs && base != ours && base != theirs {
                self.whole(guard, &case, None)?;
            }
            let kept = if base == theirs || (kept == Side::Ours && base != ours) { ours } else { theirs };
            return Ok(kept.to_vec());
        };
        let merged = merge::texts(b, o, t, session.as_str(), kept);
        if !merged.is_clean() {
            self.record_merge(guard, &case, &merged)?;
        }
        Ok(merged.text.into_bytes())
    }

    fn changed_lines(&self, a: &[u8], b: &[u8]) -> usize {
        let text = |bytes| -> Cow<'_, str> { String::from_utf8_lossy(bytes) };
        merge::changed_lines(&text(a), &text(b))
    }

    fn cause(&self, what: &str) -> Cause {
        cause(self.env, what, if what == "edit" { "human" } else { "plandown" })
    }
}

/// The clash a conflict is: told by its texts, indent aside, each clash once.
fn clash_of(merged: &Merged, found: &merge::Conflict, taken: &mut BTreeMap<usize, ()>) -> Option<usize> {
    let plain = |text: &str| -> String { text.split_whitespace().collect::<Vec<_>>().join(" ") };
    let wanted = |text: &Option<String>| plain(text.as_deref().unwrap_or_default());
    let (ours, theirs) = (wanted(&found.ours), wanted(&found.theirs));
    let is_field = found.kind == ConflictKind::Field;
    let fits = |c: &merge::Clash| {
        let (o, t) = (plain(&c.ours), plain(&c.theirs));
        if is_field { o.contains(&ours) && t.contains(&theirs) } else { o == ours && t == theirs }
    };
    let (nth, _) =
        merged.clashes().enumerate().find(|(n, c)| fits(c) && (is_field || !taken.contains_key(n)))?;
    taken.insert(nth, ());
    Some(nth)
}

/// The lines that only `b` has, for a look.
fn only_in(a: &str, b: &str) -> String {
    const MOST: usize = 40;
    let diff = crate::text::unified_diff("", a, b);
    let added = diff.lines().filter(|l| l.starts_with('+') && !l.starts_with("+++")).map(|l| &l[1..]);
    added.take(MOST).collect::<Vec<_>>().join("\n")
}
