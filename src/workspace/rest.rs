use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::disk::{self, Collected, Kind, Retention, SafeName, Stat};
use crate::text::ContentHash;

use super::{Error, Workspace};

/// The sessions that were found at rest: their history ended in the very text of their file. And when old snapshots
/// were last looked at.
///
/// Kept in `.state/rest` so that looking again costs a stat of the history instead of reading it. A
/// history only grows, or is written anew when it is pruned, so its size and time tell it from what
/// it was. May be deleted at any time.
#[derive(Debug, Default)]
pub struct Resting {
    before: HashMap<String, Rest>,
    now: BTreeMap<String, (Rest, Option<Stat>)>,
    /// As it was remembered.
    looked: Option<LookedThrough>,
    /// As it is now.
    looking: Option<LookedThrough>,
}

/// A session's revision, and the stamps of the history that ends in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rest {
    revision: ContentHash,
    size: u64,
    changed_ns: i64,
}

impl Rest {
    fn of(revision: ContentHash, log: &Stat) -> Self {
        Self { revision, size: log.size, changed_ns: log.ctime_ns.max(log.mtime_ns) }
    }
}

/// The last collection of old snapshots.
#[derive(Clone, PartialEq, Eq, Debug)]
struct LookedThrough {
    at_ns: i64,
    /// Bytes of snapshots that it left.
    kept: u64,
    /// Bytes that came since.
    grown: u64,
    /// What was to be kept.
    rule: String,
}

/// How long old snapshots may wait to be let go of, where they are few.
const A_DAY_NS: i64 = 86_400_000_000_000;
const COLLECTED: &str = "collected";

impl LookedThrough {
    fn after(done: &Collected, keep: &Retention) -> Self {
        Self { at_ns: done.at_ns, kept: done.kept, grown: 0, rule: rule(keep) }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix(COLLECTED)?.strip_prefix(' ')?.splitn(4, ' ');
        let at_ns = words.next()?.parse().ok()?;
        let (kept, grown) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { at_ns, kept, grown, rule: words.next()?.to_owned() })
    }

    /// Whether it is time to look again: after a day, by another rule, or where much came since and all of it is more
    /// than may be kept.
    fn is_over(&self, now_ns: i64, keep: &Retention) -> bool {
        let age = now_ns.saturating_sub(self.at_ns);
        let too_large = self.kept.saturating_add(self.grown) > keep.bytes && self.grown > keep.slack();
        !(0..A_DAY_NS).contains(&age) || too_large || self.rule != rule(keep)
    }
}

fn rule(keep: &Retention) -> String {
    let Retention { entries, days, foreign_days, bytes, log_lines } = keep;
    format!("{entries}/{days}/{foreign_days}/{bytes}/{log_lines}")
}

impl Resting {
    fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let mut words = line.splitn(4, ' ');
            let revision = words.next()?.parse().ok()?;
            let (size, changed_ns) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some((words.next()?.to_owned(), Rest { revision, size, changed_ns }))
        };
        let looked = text.lines().next().and_then(LookedThrough::parse);
        Self {
            before: text.lines().filter_map(line).collect(),
            now: BTreeMap::new(),
            looking: looked.clone(),
            looked,
        }
    }

    /// Whether any session is not as it was remembered.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.before.len() != self.now.len()
            || self.now.iter().any(|(directory, (rest, _))| self.before.get(directory) != Some(rest))
    }

    /// A session is at rest since it was taken in.
    pub fn settle(&mut self, directory: &SafeName, rest: Option<Rest>) {
        if let Some(rest) = rest {
            self.now.insert(directory.to_string(), (rest, None));
        }
    }

    /// How a session's history looked, where it was at rest.
    pub(super) fn stamps(&self, directory: &str) -> Option<Stat> {
        self.now.get(directory)?.1
    }

    /// Something was written: how the histories looked is not how they look.
    pub fn forget_stamps(&mut self) {
        self.now.values_mut().for_each(|(_, stamps)| *stamps = None);
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if let Some(LookedThrough { at_ns, kept, grown, rule }) = &self.looking {
            let _ = writeln!(text, "{COLLECTED} {at_ns} {kept} {grown} {rule}");
        }
        self.now.iter().fold(text, |mut text, (directory, (rest, _))| {
            let _ = writeln!(text, "{} {} {} {directory}", rest.revision.hex(), rest.size, rest.changed_ns);
            text
        })
    }
}

impl Workspace {
    /// What was at rest when somebody last looked.
    #[must_use]
    pub fn resting(&self) -> Resting {
        let text = self.disk.read_plain(&self.disk.layout().rest()).map(|file| file.bytes);
        text.map(|bytes| Resting::parse(&String::from_utf8_lossy(&bytes))).unwrap_or_default()
    }

    /// Whether nothing waits to be done for a session whose file has this revision: its history ends
    /// in that very text. Reads the history only, never the plan; not even that where it is as remembered.
    pub fn is_at_rest(
        &self,
        resting: &mut Resting,
        directory: &SafeName,
        revision: ContentHash,
    ) -> Result<bool, Error> {
        let Some(stat) = self.log_stamps(directory)? else { return Ok(false) };
        let rest = Rest::of(revision, &stat);
        let at_rest = resting.before.get(directory.as_str()) == Some(&rest)
            || self.disk.log_tail(directory)?.head() == Some(revision);
        if at_rest {
            resting.now.insert(directory.to_string(), (rest, Some(stat)));
        }
        Ok(at_rest)
    }

    /// How a session rests now whose file has this revision; `None` where its history does not end in that.
    pub(super) fn rest(&self, directory: &SafeName, revision: ContentHash) -> Result<Option<Rest>, Error> {
        if self.disk.log_tail(directory)?.head() != Some(revision) {
            return Ok(None);
        }
        Ok(self.log_stamps(directory)?.map(|stat| Rest::of(revision, &stat)))
    }

    fn log_stamps(&self, directory: &SafeName) -> Result<Option<Stat>, Error> {
        match self.disk.stat(&self.disk.layout().log(directory)) {
            Ok(stat) => Ok(Some(stat)),
            Err(disk::Error { kind: Kind::NotFound, .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets go of old snapshots where it is time to: that looks at every history and every snapshot, so it is
    /// done once a day at most, sooner only where what came since is too much or the settings are others.
    pub fn collect_when_due(&self, resting: &mut Resting) -> Result<(), Error> {
        let keep = self.retention();
        let mut looked = resting.looked.clone();
        for (directory, (rest, _)) in &resting.now {
            let before = resting.before.get(directory);
            if before == Some(rest) {
                continue;
            }
            let Some(sofar) = looked else { break };
            let from = before.map_or(0, |before| before.size);
            let name = SafeName::parse(directory).ok();
            // Of a history that was cut, or is gone by now, it is not known.
            let grown = name.and_then(|name| self.disk.kept_since(&name, from, rest.size).ok()?);
            looked = grown.map(|grown| LookedThrough { grown: sofar.grown.saturating_add(grown), ..sofar });
        }
        resting.looking = match looked {
            Some(looked) if !looked.is_over(self.disk.now_ns(), &keep) => Some(looked),
            _ => Some(LookedThrough::after(&self.collect(true)?, &keep)),
        };
        Ok(())
    }

    /// Remembers what was found, where it is not what was remembered before.
    pub fn remember(&self, resting: &Resting) -> Result<(), Error> {
        if resting.moved() || resting.looking != resting.looked {
            let guard = self.lock()?;
            self.disk.write_view(&guard, &self.disk.layout().rest(), resting.text().as_bytes())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_back_and_what_is_not_understood_is_forgotten() {
        let rest = Rest { revision: ContentHash::of(b"x"), size: 7, changed_ns: -3 };
        let resting = Resting {
            now: BTreeMap::from([
                ("a plan".to_owned(), (rest.clone(), None)),
                ("b".to_owned(), (rest, None)),
            ]),
            ..Resting::default()
        };
        assert!(resting.moved());
        let text = resting.text();
        let again = Resting { now: resting.now.clone(), ..Resting::parse(&text) };
        assert!(!again.moved());
        assert_eq!(Resting::parse(&text.replace(" 7 ", " seven ")).before, HashMap::new());
        assert_eq!(Resting::parse("\0\nrest").before, HashMap::new());
    }

    #[test]
    fn old_snapshots_are_looked_at_after_a_day_by_another_rule_and_when_they_are_too_many() {
        let keep = Retention { bytes: 1600, ..Retention::default() };
        let done = Collected { at_ns: 7, kept: 1500, ..Collected::default() };
        let looked = LookedThrough::after(&done, &keep);
        let resting = Resting { looking: Some(looked.clone()), ..Resting::default() };
        assert_eq!(Resting::parse(&resting.text()).looked.as_ref(), Some(&looked));
        assert!(!looked.is_over(7, &keep) && !looked.is_over(6 + A_DAY_NS, &keep));
        assert!(looked.is_over(7 + A_DAY_NS, &keep));
        assert!(looked.is_over(6, &keep), "the clock was set back");
        assert!(looked.is_over(7, &Retention { days: 0, ..keep.clone() }));
        let grown = |kept, grown| LookedThrough { kept, grown, ..looked.clone() }.is_over(7, &keep);
        assert!(!grown(1499, 101) && grown(1500, 101), "more than is to be kept");
        assert!(!grown(9000, 100) && grown(9000, 101), "what must stay is too much by itself");
    }
}
