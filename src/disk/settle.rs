use super::{Disk, Error, FileText, Kind, Lease, SafeName};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long a writer is waited for before the file counts as busy.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a file may be absent while an editor replaces it.
const ABSENCE: Duration = Duration::from_millis(100);
/// How old a content must be where leases are not to be had.
const RIPE: Duration = Duration::from_millis(150);
/// How long a content that looks cut off must stay as it is, with and without a lease.
const HELD_LEASED: Duration = Duration::from_millis(500);
const HELD: Duration = PATIENCE;
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A content that nobody is in the middle of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The file.
    pub file: FileText,
    /// It looks cut off (empty, ends inside a line or a character) but stayed that way: what is missing from it
    /// was perhaps not deleted by anybody.
    pub suspect_truncation: bool,
}

impl Disk {
    /// Reads a session's file when nobody is in the middle of writing it. `head` is the last known content, if any.
    /// Kind `Busy` if a writer does not finish within two seconds, `NotFound` if the file stays away.
    pub fn read_settled(&self, session: &SafeName, head: Option<&[u8]>) -> Result<Settled, Error> {
        self.settle(&self.session_path(session)?, head)
    }

    pub(super) fn settle(&self, path: &Path, head: Option<&[u8]>) -> Result<Settled, Error> {
        let mut pause = Duration::from_millis(1);
        let (mut waited, mut absent, mut same) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        let mut last: Option<FileText> = None;
        loop {
            match self.fs.read_leased(path) {
                Ok((bytes, stat, lease)) => {
                    absent = Duration::ZERO;
                    let file = FileText::new(bytes, stat);
                    let unchanged = |last: &FileText| last.hash == file.hash && last.stat == file.stat;
                    if !last.as_ref().is_some_and(unchanged) {
                        same = Duration::ZERO;
                    }
                    let look = Look::at(&file.bytes, head);
                    if self.is_settled(path, &file, lease, look, same) {
                        return Ok(Settled { file, suspect_truncation: look == Look::CutOff });
                    }
                    last = Some(file);
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound && absent < ABSENCE => absent += pause,
                Err(e) => return Err(Error::reading("read", path, e)),
            }
            // A content that is held is waited for until its time is up, then once more.
            if waited > PATIENCE {
                return Err(Error::new(Kind::Busy, "read", path));
            }
            self.fs.sleep(pause);
            waited += pause;
            same += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads a file that was taken out of the way, if nobody is in the middle of writing it right now; never waits.
    pub(super) fn settled_now(&self, path: &Path, head: Option<&[u8]>) -> Result<Option<FileText>, Error> {
        let (bytes, stat, lease) = self.fs.read_leased(path).map_err(|e| Error::reading("read", path, e))?;
        let file = FileText::new(bytes, stat);
        let age = self.fs.now_ns().saturating_sub(stat.mtime_ns.max(stat.ctime_ns));
        let same = Duration::from_nanos(u64::try_from(age).unwrap_or(0));
        let look = Look::at(&file.bytes, head);
        let settled = match lease {
            Lease::Writer => false,
            _ if look != Look::Whole => same >= HELD,
            Lease::Granted => true,
            Lease::Unsupported => same >= RIPE,
        };
        Ok(settled.then_some(file))
    }

    fn is_settled(&self, path: &Path, file: &FileText, lease: Lease, look: Look, same: Duration) -> bool {
        match (lease, look) {
            (Lease::Writer, _) => false,
            (Lease::Granted, Look::Whole) => true,
            (Lease::Granted, _) => same >= HELD_LEASED,
            (Lease::Unsupported, Look::Whole) => {
                let age = self.fs.now_ns().saturating_sub(file.stat.mtime_ns);
                let ripe = i128::from(age) >= RIPE.as_nanos().cast_signed() || same >= RIPE;
                let there = self.fs.stat(path);
                ripe && there.is_ok_and(|there| (there.dev, there.ino) == (file.stat.dev, file.stat.ino))
            }
            (Lease::Unsupported, _) => same >= HELD,
        }
    }
}

/// Whether a displaced content is only a torn beginning of one that is kept: it says nothing new.
pub(super) fn is_torn_copy(bytes: &[u8], of: Option<&[u8]>) -> bool {
    of.is_some_and(|of| of.starts_with(bytes)) && Look::at(bytes, of) == Look::CutOff
}

/// Whether a content looks like the result of a save or like the middle of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Whole,
    /// The beginning of the known content, up to a line's end: perhaps somebody deleted the rest.
    Prefix,
    CutOff,
}

impl Look {
    fn at(bytes: &[u8], head: Option<&[u8]>) -> Self {
        let ends_line = |text: &[u8]| text.last() == Some(&b'\n');
        let cut_character = std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none());
        let Some(head) = head else {
            return if bytes.is_empty() || cut_character { Self::CutOff } else { Self::Whole };
        };
        if bytes == head {
            return Self::Whole;
        }
        let prefix = head.starts_with(bytes);
        let lost_newline = ends_line(head) && !ends_line(bytes) && bytes.len() < head.len();
        if bytes.is_empty() || cut_character || (prefix && !ends_line(bytes)) || lost_newline {
            Self::CutOff
        } else if prefix {
            Self::Prefix
        } else {
            Self::Whole
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], head: Option<&[u8]>, look: Look) {
        assert_eq!(Look::at(bytes, head), look, "{bytes:?} after {head:?}");
    }

    #[test]
    fn the_middle_of_a_save_is_told_from_its_end() {
        check(b"a\n", None, Look::Whole);
        check(b"", None, Look::CutOff);
        check(b"", Some(b""), Look::Whole);
        check(b"", Some(b"a\n"), Look::CutOff);
        check(b"a", Some(b"ab\n"), Look::CutOff);
        check(b"x\ny", Some(b"a\nbc\n"), Look::CutOff);
        check(b"a\n", Some(b"a\nb\n"), Look::Prefix);
        check(b"b\n", Some(b"a\nb\n"), Look::Whole);
        check(b"a\nb\nc", Some(b"a\nb\n"), Look::Whole);
        check("a\nü".as_bytes().split_last().unwrap().1, None, Look::CutOff);
        check(b"\xff is not UTF-8 anyway\n", None, Look::Whole);
    }
}
