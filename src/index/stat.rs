use rusqlite::Row;

use crate::text::ContentHash;

/// What the file system says about a file; times in nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FileStat {
    /// Bytes.
    pub size: i64,
    /// Last change of the content.
    pub mtime_ns: i64,
    /// Last change of content, name or mode; 0 where there is no such thing.
    pub ctime_ns: i64,
    /// The file's number on its device.
    pub inode: i64,
    /// The device.
    pub dev: i64,
}

/// How a file looked when it was last read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileSeen {
    /// Taken before the bytes were read.
    pub stat: FileStat,
    /// Of the bytes that were read.
    pub hash: ContentHash,
    /// Of the parser that understood them; another version must look again.
    pub parser_version: i64,
    /// When they were about to be read, by the file system's clock; 0 where that is not known, or where the stamps
    /// may be those of a later content. Such a file is always read again.
    pub hashed_at_ns: i64,
}

/// The columns of `files` that say how one looked, as [`seen`] reads them.
pub(super) const SEEN: &str = "size, mtime_ns, ctime_ns, inode, dev, hash, parser_version, hashed_at_ns";

/// How a file looked, from the first columns of a row.
pub(super) fn seen(row: &Row<'_>) -> rusqlite::Result<FileSeen> {
    Ok(FileSeen {
        stat: FileStat {
            size: row.get(0)?,
            mtime_ns: row.get(1)?,
            ctime_ns: row.get(2)?,
            inode: row.get(3)?,
            dev: row.get(4)?,
        },
        hash: ContentHash::from_bytes(row.get(5)?),
        parser_version: row.get(6)?,
        hashed_at_ns: row.get(7)?,
    })
}

/// Two seconds: the coarsest clock among common file systems (FAT).
const GRANULARITY_NS: i64 = 2_000_000_000;

/// Whether a file need not be read again.
///
/// Equal stat is not enough: a file changed within one tick of the clock after it was read looks
/// the same. So its last change, also that of its name (an older file moved here keeps its own time),
/// must lie further back from the read than the clock is coarse. A time in the future is therefore
/// never clean.
#[must_use]
pub fn is_clean(seen: &FileSeen, stat: &FileStat) -> bool {
    let changed = stat.mtime_ns.max(stat.ctime_ns);
    seen.stat == *stat && changed.saturating_add(GRANULARITY_NS) < seen.hashed_at_ns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(change: impl Fn(&mut FileSeen, &mut FileStat), expected: bool) {
        let mut stat =
            FileStat { size: 10, mtime_ns: 5_000_000_000, ctime_ns: 5_000_000_000, inode: 7, dev: 1 };
        let mut seen =
            FileSeen { stat, hash: ContentHash::of(b""), parser_version: 1, hashed_at_ns: 8_000_000_000 };
        change(&mut seen, &mut stat);
        assert_eq!(is_clean(&seen, &stat), expected);
    }

    #[test]
    fn only_old_and_equal_is_clean() {
        check(|_, _| (), true);
        check(|_, s| s.size = 11, false);
        check(|_, s| s.mtime_ns += 1, false);
        check(|_, s| s.ctime_ns += 1, false);
        check(|_, s| s.inode = 8, false);
        check(|_, s| s.dev = 2, false);
        // Read within the same two seconds.
        check(|seen, _| seen.hashed_at_ns = 7_000_000_000, false);
        // An old file that was moved here a moment before.
        check(|seen, s| (seen.stat.ctime_ns, s.ctime_ns) = (7_000_000_000, 7_000_000_000), false);
        // Nobody knows when it was read.
        check(|seen, _| seen.hashed_at_ns = 0, false);
        // A clock that runs ahead, to the end of time.
        check(|seen, s| (seen.stat.mtime_ns, s.mtime_ns) = (i64::MAX, i64::MAX), false);
    }
}
