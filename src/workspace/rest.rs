use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::disk::{self, Kind, SafeName};
use crate::text::ContentHash;

use super::{Error, Workspace};

/// The sessions that were found at rest: their history ended in the very text of their file.
///
/// Kept in `.state/rest` so that looking again costs a stat of the history instead of reading it. A
/// history only grows, or is written anew when it is pruned, so its size and time tell it from what
/// it was. May be deleted at any time.
#[derive(Debug, Default)]
pub struct Resting {
    before: BTreeMap<String, Rest>,
    now: BTreeMap<String, Rest>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Rest {
    revision: ContentHash,
    size: u64,
    changed_ns: i64,
}

impl Resting {
    fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let mut words = line.splitn(4, ' ');
            let revision = words.next()?.parse().ok()?;
            let (size, changed_ns) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some((words.next()?.to_owned(), Rest { revision, size, changed_ns }))
        };
        Self { before: text.lines().filter_map(line).collect(), now: BTreeMap::new() }
    }

    /// Whether any session is not as it was remembered.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.before != self.now
    }

    fn text(&self) -> String {
        self.now.iter().fold(String::new(), |mut text, (directory, rest)| {
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
        let stat = match self.disk.stat(&self.disk.layout().log(directory)) {
            Ok(stat) => stat,
            Err(disk::Error { kind: Kind::NotFound, .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let rest = Rest { revision, size: stat.size, changed_ns: stat.ctime_ns.max(stat.mtime_ns) };
        let at_rest = resting.before.get(directory.as_str()) == Some(&rest)
            || self.disk.log_tail(directory)?.head() == Some(revision);
        if at_rest {
            resting.now.insert(directory.to_string(), rest);
        }
        Ok(at_rest)
    }

    /// Remembers what was found, where it is not what was remembered before.
    pub fn remember(&self, resting: &Resting) -> Result<(), Error> {
        if resting.moved() {
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
            now: BTreeMap::from([("a plan".to_owned(), rest.clone()), ("b".to_owned(), rest)]),
            ..Resting::default()
        };
        assert!(resting.moved());
        let text = resting.text();
        let again = Resting { now: resting.now.clone(), ..Resting::parse(&text) };
        assert!(!again.moved());
        assert_eq!(Resting::parse(&text.replace(" 7 ", " seven ")).before, BTreeMap::new());
        assert_eq!(Resting::parse("\0\nrest").before, BTreeMap::new());
    }
}
