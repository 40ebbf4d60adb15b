use crate::text::ContentHash;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What a line of the version log says about a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// `W`: we are about to write it.
    Written,
    /// `X`: the `W` of it that has the same ticket (without one, the last) never arrived at the path.
    Cancelled,
    /// `A`: somebody else wrote it, and it is accepted as the state of the plan.
    Accepted,
    /// `O`: somebody else wrote it, and it is not integrated yet.
    Observed,
}

impl Mark {
    fn letter(self) -> char {
        match self {
            Self::Written => 'W',
            Self::Cancelled => 'X',
            Self::Accepted => 'A',
            Self::Observed => 'O',
        }
    }

    fn of(letter: &str) -> Option<Self> {
        [Self::Written, Self::Cancelled, Self::Accepted, Self::Observed]
            .into_iter()
            .find(|mark| letter.chars().eq([mark.letter()]))
    }
}

/// The fact that tells two writes of one content apart: the beginning of the temp file's name. Without it, a crash
/// before the `W` line would make recovery take back an older write of the same content.
pub(super) const TICKET: &str = "t";

/// One line of the version log: `<mark> <hash> <parent>* <key=value>* .`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is said.
    pub mark: Mark,
    /// Of which content.
    pub hash: ContentHash,
    /// The contents it was made from.
    pub parents: Vec<ContentHash>,
    /// Facts about it: `op` (the operation's id), `by`, `at`, `what` (a cause, kebab-case), and whatever a
    /// caller adds. Information for people and for retries; nothing is decided by their order or time.
    pub facts: BTreeMap<String, String>,
}

impl Entry {
    /// A line without facts.
    #[must_use]
    pub fn new(mark: Mark, hash: ContentHash, parents: &[ContentHash]) -> Self {
        Self { mark, hash, parents: parents.to_vec(), facts: BTreeMap::new() }
    }

    /// The line, with its line feed. Values are percent-encoded, so a line is always one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = format!("{} {}", self.mark.letter(), self.hash);
        for parent in &self.parents {
            let _ = write!(line, " {parent}"); // writing to a String cannot fail
        }
        for (key, value) in &self.facts {
            line.push(' ');
            encode(key, &mut line);
            line.push('=');
            encode(value, &mut line);
        }
        line.push_str(" .\n");
        line
    }

    /// Reads a line without its line feed; `None` if it is torn or nothing we wrote.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix(" .")?.split(' ');
        let mark = Mark::of(words.next()?)?;
        let hash = words.next()?.parse().ok()?;
        let mut entry = Self::new(mark, hash, &[]);
        for word in words {
            if let Some((key, value)) = word.split_once('=') {
                entry.facts.insert(decode(key)?, decode(value)?);
            } else if entry.facts.is_empty() {
                entry.parents.push(word.parse().ok()?);
            } else {
                return None;
            }
        }
        Some(entry)
    }
}

/// Every content that was ever seen at a session's path, in order, and what it came from.
///
/// Order is the position in the log and the parents, never time.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    live: Vec<bool>,
    /// Lines that take back a write which no line before them tells of.
    unmatched: usize,
}

impl Log {
    /// Reads a log. Lines that are torn or not understood are left out.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let complete = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1);
        let mut log = Self::default();
        for line in bytes[..complete].split(|&b| b == b'\n') {
            if let Some(entry) = std::str::from_utf8(line).ok().and_then(Entry::parse) {
                log.push(entry);
            }
        }
        log
    }

    /// Adds what was appended to the file.
    pub fn push(&mut self, entry: Entry) {
        if entry.mark == Mark::Cancelled {
            let ticket = entry.facts.get(TICKET);
            let written = |at: &usize| {
                let candidate = &self.entries[*at];
                self.live[*at]
                    && candidate.mark == Mark::Written
                    && candidate.hash == entry.hash
                    && (ticket.is_none() || candidate.facts.get(TICKET) == ticket)
            };
            match (0..self.entries.len()).rev().find(written) {
                Some(at) => self.live[at] = false,
                None => self.unmatched += 1,
            }
        }
        self.live.push(entry.mark != Mark::Cancelled);
        self.entries.push(entry);
    }

    /// Every line that still holds, oldest first: not `X`, and not a `W` that an `X` took back.
    #[must_use]
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().zip(&self.live).filter_map(|(entry, live)| live.then_some(entry))
    }

    /// Every line, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether nothing was ever recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether every write that is taken back in it is told of in it: what stood before it changes nothing in it.
    pub(super) fn is_closed(&self) -> bool {
        self.unmatched == 0
    }

    /// The content the plan is at: the last live `W` or `A`.
    #[must_use]
    pub fn head(&self) -> Option<ContentHash> {
        self.states().next_back().map(|entry| entry.hash)
    }

    /// Whether the head was made with this content in it: the head itself, or an ancestor of it.
    #[must_use]
    pub fn integrated(&self, hash: &ContentHash) -> bool {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<ContentHash> = self.head().into_iter().collect();
        while let Some(at) = todo.pop() {
            if at == *hash {
                return true;
            }
            if seen.insert(at) {
                let made = self.states().filter(|entry| entry.hash == at);
                todo.extend(made.flat_map(|entry| entry.parents.iter().copied()));
            }
        }
        false
    }

    /// The nearest content that the head was made with, from `hash` back through first parents; `hash` itself where
    /// the head knows it. A save that was seen but replaced by the next one before it was merged is no base for a
    /// merge with the head: what it had would look as if the head had deleted it.
    #[must_use]
    pub fn known_to_head(&self, hash: &ContentHash) -> Option<ContentHash> {
        let mut at = *hash;
        for _ in 0..=self.entries.len() {
            if self.integrated(&at) {
                return Some(at);
            }
            at = self.live().find(|entry| entry.hash == at)?.parents.first().copied()?;
        }
        None
    }

    /// The parent that was inferred when a foreign content was first seen. Never inferred a second time: against
    /// newer states old text looks like a deletion.
    #[must_use]
    pub fn recorded_parent(&self, hash: &ContentHash) -> Option<ContentHash> {
        self.foreign(hash).and_then(|entry| entry.parents.first().copied())
    }

    /// Whether a content of somebody else's was recorded, with or without a parent.
    #[must_use]
    pub fn seen_foreign(&self, hash: &ContentHash) -> bool {
        self.foreign(hash).is_some()
    }

    fn foreign(&self, hash: &ContentHash) -> Option<&Entry> {
        self.live().find(|entry| entry.hash == *hash && entry.mark != Mark::Written)
    }

    /// The contents an editor may have loaded, newest first, at most `most`: also those that were displaced before
    /// they were integrated.
    #[must_use]
    pub fn candidates(&self, most: usize) -> Vec<ContentHash> {
        let mut seen = BTreeSet::new();
        self.live().rev().map(|entry| entry.hash).filter(|hash| seen.insert(*hash)).take(most).collect()
    }

    /// The live line of an operation, found by the id its caller chose.
    #[must_use]
    pub fn find_op(&self, op: &str) -> Option<&Entry> {
        self.live().rev().find(|entry| entry.facts.get("op").is_some_and(|id| id == op))
    }

    fn states(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.live().filter(|entry| matches!(entry.mark, Mark::Written | Mark::Accepted))
    }
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' && byte != b'=' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}"); // writing to a String cannot fail
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn h(n: u8) -> ContentHash {
        ContentHash::of(&[n])
    }

    fn log(lines: &[(Mark, u8, &[u8])]) -> Log {
        let line = |(mark, hash, parents): &(Mark, u8, &[u8])| {
            let parents: Vec<ContentHash> = parents.iter().map(|&n| h(n)).collect();
            Entry::new(*mark, h(*hash), &parents).line()
        };
        Log::parse(lines.iter().map(line).collect::<String>().as_bytes())
    }

    use Mark::{Accepted as A, Cancelled as X, Observed as O, Written as W};

    #[test]
    fn head_is_the_last_state_that_was_not_taken_back() {
        let check =
            |lines: &[(Mark, u8, &[u8])], head: Option<u8>| assert_eq!(log(lines).head(), head.map(h));
        check(&[], None);
        check(&[(A, 1, &[])], Some(1));
        check(&[(A, 1, &[]), (W, 2, &[1])], Some(2));
        check(&[(A, 1, &[]), (W, 2, &[1]), (X, 2, &[])], Some(1));
        check(&[(A, 1, &[]), (W, 2, &[1]), (X, 2, &[]), (W, 2, &[1])], Some(2));
        check(&[(A, 1, &[]), (W, 2, &[1]), (O, 3, &[1])], Some(2));
        check(&[(X, 2, &[]), (W, 2, &[])], Some(2));
    }

    #[test]
    fn integrated_is_what_the_head_was_made_from() {
        let log = log(&[
            (A, 1, &[]),
            (W, 2, &[1]),
            (O, 3, &[1]),
            (W, 4, &[2, 3]),
            (O, 5, &[4]),
            (W, 6, &[4]),
            (X, 6, &[]),
        ]);
        let integrated: Vec<u8> = (1..=6).filter(|&n| log.integrated(&h(n))).collect();
        assert_eq!(integrated, [1, 2, 3, 4]);
        assert_eq!(log.recorded_parent(&h(3)), Some(h(1)));
        assert_eq!(log.recorded_parent(&h(4)), None);
        assert_eq!(
            log.candidates(3),
            [h(5), h(4), h(3)],
            "observed contents are candidates, cancelled ones are not"
        );
    }

    #[test]
    fn a_write_that_is_taken_back_is_that_very_write() {
        let write = |ticket: &str, from: u8| {
            let mut entry = Entry::new(W, h(1), &[h(from)]);
            entry.facts.insert(TICKET.to_owned(), ticket.to_owned());
            entry
        };
        let cancel = |ticket: &str| Entry { mark: X, parents: Vec::new(), ..write(ticket, 0) };
        let check = |entries: &[Entry], head: Option<u8>| {
            let text: String = entries.iter().map(Entry::line).collect();
            assert_eq!(Log::parse(text.as_bytes()).head(), head.map(h), "{text}");
        };
        // A crash before the line of the second write: only its taking back is there.
        check(&[write("7-1", 2), cancel("7-2")], Some(1));
        check(&[write("7-1", 2), Entry::new(W, h(3), &[h(1)]), write("7-2", 3), cancel("7-2")], Some(3));
        // Recovery was killed after its line, and says it again.
        check(&[write("7-1", 2), write("7-2", 1), cancel("7-2"), cancel("7-2")], Some(1));
        check(&[write("7-1", 2), cancel("7-1")], None);
        // A line from before there were tickets.
        check(&[write("7-1", 2), Entry::new(X, h(1), &[])], None);
    }

    #[test]
    fn what_the_head_does_not_know_is_traced_back_to_what_it_knows() {
        let log = log(&[(A, 1, &[]), (W, 2, &[1]), (O, 3, &[1]), (O, 4, &[3]), (O, 5, &[5]), (O, 6, &[])]);
        let check = |hash: u8, known: Option<u8>| assert_eq!(log.known_to_head(&h(hash)), known.map(h));
        check(2, Some(2));
        check(1, Some(1));
        check(3, Some(1));
        check(4, Some(1));
        check(5, None);
        check(6, None);
        check(7, None);
    }

    #[test]
    fn a_cycle_of_contents_ends() {
        let log = log(&[(A, 1, &[]), (W, 2, &[1]), (W, 1, &[2])]);
        assert!(log.integrated(&h(2)) && !log.integrated(&h(3)));
    }

    #[test]
    fn facts_survive_whatever_they_contain() {
        let mut entry = Entry::new(W, h(1), &[h(2)]);
        entry.facts.insert("op".to_owned(), "0199".to_owned());
        entry.facts.insert("by".to_owned(), "Ann O. \n=% ü .".to_owned());
        let line = entry.line();
        assert!(line.ends_with(" by=Ann%20O.%20%0a%3d%25%20%c3%bc%20. op=0199 .\n"), "{line}");
        let log = Log::parse(line.as_bytes());
        assert_eq!(log.entries(), [entry.clone()]);
        assert_eq!(log.find_op("0199"), Some(&entry));
        assert_eq!(log.find_op("01"), None);
    }

    proptest! {
        #[test]
        fn cut_anywhere_it_says_what_its_complete_lines_say(
            marks in proptest::collection::vec((0..4_usize, 0..5_u8, 0..5_u8), 0..12),
            cut in 0..2000_usize,
        ) {
            let lines: Vec<String> = marks.iter().map(|&(mark, hash, parent)| {
                Entry::new([W, X, A, O][mark], h(hash), &[h(parent)]).line()
            }).collect();
            let whole = lines.concat();
            let cut = cut.min(whole.len());
            let mut complete = 0;
            let mut end = 0;
            for line in &lines {
                end += line.len();
                if end <= cut { complete += 1; }
            }
            let expected = Log::parse(lines[..complete].concat().as_bytes());
            let torn = Log::parse(&whole.as_bytes()[..cut]);
            prop_assert_eq!(torn.entries(), expected.entries());
            // The next line starts on its own, as the appender makes sure of.
            let next = Entry::new(A, h(9), &[]);
            let repaired = [&whole[..cut], if whole[..cut].ends_with('\n') || cut == 0 { "" } else { "\n" }, &next.line()].concat();
            prop_assert_eq!(Log::parse(repaired.as_bytes()).head(), Some(h(9)));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Log::parse(&bytes);
        }
    }
}
