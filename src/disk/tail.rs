use super::{Disk, Entry, Error, Guard, Log, SafeName};
use crate::text::ContentHash;

/// What is read of a log at first; where it does not say enough, eight times as much.
const BLOCK: u64 = 16 << 10;

/// The newest lines of a version log: as many as it takes to say where the plan is.
///
/// Asks of a log only what its older lines cannot change, so that a write costs the same after ten thousand
/// others. Whatever needs all of it asks [`Disk::log`].
#[derive(Clone, Debug, Default)]
pub struct Tail {
    log: Log,
    whole: bool,
}

impl Tail {
    /// Reads the end of a log; `before` are the bytes that stand before it. `None` if more has to be read: it does
    /// not hold the head, or takes back a write that may stand further up.
    fn parse(bytes: &[u8], before: u64) -> Option<Self> {
        let whole = before == 0;
        // The first line may be cut.
        let start = if whole { 0 } else { bytes.iter().position(|&b| b == b'\n')? + 1 };
        let log = Log::parse(&bytes[start..]);
        (whole || (log.head().is_some() && log.is_closed())).then_some(Self { log, whole })
    }

    /// The content the plan is at: the last live `W` or `A`.
    #[must_use]
    pub fn head(&self) -> Option<ContentHash> {
        self.log.head()
    }

    /// Whether nothing was ever recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Every line that was read, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.log.entries()
    }

    /// Whether there is nothing older.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

impl Disk {
    /// The newest lines of a session's version log; nothing if there is none yet.
    pub fn log_tail(&self, session: &SafeName) -> Result<Tail, Error> {
        let path = self.layout.log(session);
        let mut most = BLOCK;
        loop {
            let (bytes, before) = match self.fs.read_end(&path, most) {
                Ok(read) => read,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Tail::default()),
                Err(e) => return Err(Error::reading("read", &path, e)),
            };
            if let Some(tail) = Tail::parse(&bytes, before) {
                return Ok(tail);
            }
            most = most.saturating_mul(8);
        }
    }

    /// Cuts a session's log to its newer half once it is larger than `bytes`.
    pub fn keep_log_short(&self, guard: &Guard, session: &SafeName, bytes: u64) -> Result<(), Error> {
        if self.fs.stat(&self.layout.log(session)).is_ok_and(|stat| stat.size > bytes) {
            let log = self.log(session)?;
            // However long a line is, the newest stays: it says where the plan is.
            self.cut_log(guard, session, &log, log.entries().len().div_ceil(2))?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::disk::{Cause, Expected, Mark, MemFs, Replaced};
    use proptest::prelude::*;
    use std::fmt::Write as _;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    fn h(n: u8) -> ContentHash {
        ContentHash::of(&[n])
    }

    proptest! {
        #[test]
        fn where_the_end_says_enough_it_says_what_all_of_it_says(
            marks in proptest::collection::vec((0..4_usize, 0..5_u8, 0..3_u8, 0..3_u8), 0..16),
            cut in 0..4000_usize,
            torn in 0..40_usize,
        ) {
            let mut text = String::new();
            for &(mark, hash, parent, ticket) in &marks {
                let mark = [Mark::Written, Mark::Cancelled, Mark::Accepted, Mark::Observed][mark];
                let mut entry = Entry::new(mark, h(hash), &[h(parent)]);
                if ticket > 0 {
                    entry.facts.insert("t".to_owned(), ticket.to_string());
                }
                let _ = write!(text, "{}", entry.line());
            }
            text.truncate(text.len().saturating_sub(torn));
            let cut = cut.min(text.len());
            let whole = Log::parse(text.as_bytes());
            if let Some(tail) = Tail::parse(&text.as_bytes()[cut..], cut as u64) {
                prop_assert_eq!(tail.head(), whole.head());
                prop_assert_eq!(tail.is_empty(), whole.is_empty());
                prop_assert!(whole.entries().ends_with(tail.entries()));
            } else {
                prop_assert!(cut > 0);
            }
            prop_assert!(Tail::parse(text.as_bytes(), 0).is_some());
        }
    }

    #[test]
    fn a_write_that_is_taken_back_far_below_is_found() {
        let text = |before_cut: &str, after: &str| (format!("{before_cut}{after}"), before_cut.len());
        let line = |mark, n| Entry::new(mark, h(n), &[]).line();
        // The head is above the cut.
        let (all, cut) = text(&line(Mark::Accepted, 1), &line(Mark::Observed, 2).repeat(2));
        assert!(Tail::parse(&all.as_bytes()[cut..], cut as u64).is_none());
        // What is taken back may be above it, too.
        let below =
            format!("{}{}{}", line(Mark::Observed, 3), line(Mark::Accepted, 1), line(Mark::Cancelled, 2));
        let (all, cut) = text(&line(Mark::Written, 2), &below);
        assert!(Tail::parse(&all.as_bytes()[cut..], cut as u64).is_none());
        assert_eq!(Tail::parse(all.as_bytes(), 0).unwrap().head(), Some(h(1)));
    }

    /// A session with so many writes, and its disk.
    pub(in crate::disk) fn written(n: usize) -> (MemFs, Disk, SafeName) {
        let fs = MemFs::new(Path::new("/w"));
        let disk = Disk::with_fs(Path::new("/w"), Arc::new(fs.clone())).unwrap();
        let name = SafeName::parse("plan").unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let mut expected = Expected::Absent;
        for n in 0..n {
            let text = format!("{n}\n");
            let done = disk.replace(&guard, &name, text.as_bytes(), expected, &Cause::new("test")).unwrap();
            assert!(matches!(done, Replaced::Done(_)));
            expected = Expected::Hash(ContentHash::of(text.as_bytes()));
        }
        drop(guard);
        (fs, disk, name)
    }

    #[test]
    fn the_end_of_a_long_log_is_enough_and_a_torn_line_is_no_part_of_it() {
        let (fs, disk, name) = written(150);
        let head = Some(ContentHash::of(b"149\n"));
        let tail = disk.log_tail(&name).unwrap();
        assert_eq!(tail.head(), head);
        assert!(!tail.is_whole() && tail.entries().len() < 150, "{}", tail.entries().len());
        let torn = Entry::new(Mark::Accepted, h(1), &[]).line();
        let path = disk.layout().log(&name);
        let mut bytes = fs.peek(&path).unwrap();
        bytes.extend_from_slice(&torn.as_bytes()[..30]);
        // A long torn line, as a full disk leaves one, hides nothing either.
        for rest in ["", "x"] {
            bytes.extend(rest.repeat(40_000).bytes());
            disk.fs().unlink(&path).unwrap();
            disk.fs().create(&path, &bytes, 0o600).unwrap();
            assert_eq!(disk.log_tail(&name).unwrap().head(), head);
        }
    }

    #[test]
    fn a_log_that_grew_too_large_is_cut_and_keeps_its_head() {
        let (_, disk, name) = written(12);
        let guard = disk.lock(Duration::ZERO).unwrap();
        let size = disk.stat(&disk.layout().log(&name)).unwrap().size;
        disk.keep_log_short(&guard, &name, size).unwrap();
        assert_eq!(disk.log(&name).unwrap().entries().len(), 12);
        disk.keep_log_short(&guard, &name, size - 1).unwrap();
        let log = disk.log(&name).unwrap();
        assert_eq!((log.entries().len(), log.head()), (6, Some(ContentHash::of(b"11\n"))));
        for left in [3, 2, 1, 1] {
            disk.keep_log_short(&guard, &name, 1).unwrap();
            let log = disk.log(&name).unwrap();
            assert_eq!((log.entries().len(), log.head()), (left, Some(ContentHash::of(b"11\n"))));
        }
    }
}
