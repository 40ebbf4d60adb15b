use super::{Disk, Error, Guard, Log, Mark, SafeName};
use crate::text::ContentHash;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What is kept, beyond what must be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The newest log entries of each session whose contents always stay.
    pub entries: usize,
    /// Days for which every content stays.
    pub days: u32,
    /// Days for which a content stays that somebody else wrote.
    pub foreign_days: u32,
    /// Bytes of snapshots, as stored, above which older ones go even before their time.
    pub bytes: u64,
    /// Lines above which a log is cut to its newer half.
    pub log_lines: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self { entries: 64, days: 7, foreign_days: 30, bytes: 256 << 20, log_lines: 4096 }
    }
}

impl Retention {
    /// What must have been kept since the last collection before another one is due, where the snapshots are too
    /// large: those that must stay may be larger by themselves, and not every write is to look at all of them.
    #[must_use]
    pub const fn slack(&self) -> u64 {
        self.bytes / 16
    }
}

/// What a collection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// When it looked, in nanoseconds since 1970.
    pub at_ns: i64,
    /// Bytes of the snapshots that stay.
    pub kept: u64,
    /// Snapshots removed.
    pub blobs: usize,
    /// Bytes freed.
    pub bytes: u64,
    /// Logs cut.
    pub logs: usize,
}

const DAY_NS: i64 = 86_400_000_000_000;

struct Blob {
    path: PathBuf,
    size: u64,
    changed_ns: i64,
    must_stay: bool,
    foreign: bool,
}

impl Disk {
    /// Removes snapshots that nothing needs any more, and cuts long logs. `needed` are the contents of open conflicts:
    /// they stay, whatever their age or size.
    pub fn collect(
        &self,
        guard: &Guard,
        needed: &BTreeSet<ContentHash>,
        keep: &Retention,
    ) -> Result<Collected, Error> {
        self.collecting(guard, needed, keep, true)
    }

    /// What [`Disk::collect`] would do now; nothing is changed.
    pub fn collectable(
        &self,
        guard: &Guard,
        needed: &BTreeSet<ContentHash>,
        keep: &Retention,
    ) -> Result<Collected, Error> {
        self.collecting(guard, needed, keep, false)
    }

    fn collecting(
        &self,
        guard: &Guard,
        needed: &BTreeSet<ContentHash>,
        keep: &Retention,
        apply: bool,
    ) -> Result<Collected, Error> {
        self.check_guard(guard)?;
        let now = self.fs.now_ns();
        let mut done = Collected { at_ns: now, ..Collected::default() };
        let mut must_stay = needed.clone();
        let mut foreign = BTreeSet::new();
        for (session, log) in self.logs()? {
            must_stay.extend(log.candidates(keep.entries));
            must_stay.extend(log.head());
            let others = log.live().filter(|entry| matches!(entry.mark, Mark::Accepted | Mark::Observed));
            foreign.extend(others.map(|entry| entry.hash));
            if log.entries().len() > keep.log_lines {
                if apply {
                    self.cut_log(guard, &session, &log, keep.log_lines / 2)?;
                }
                done.logs += 1;
            }
        }
        let old = |blob: &Blob, days: u32| now.saturating_sub(blob.changed_ns) > i64::from(days) * DAY_NS;
        let mut blobs = self.blobs(&must_stay, &foreign)?;
        let mut total: u64 = blobs.values().map(|blob| blob.size).sum();
        let mut by_age: Vec<Blob> = std::mem::take(&mut blobs).into_values().collect();
        by_age.sort_by(|a, b| (a.changed_ns, &a.path).cmp(&(b.changed_ns, &b.path)));
        for blob in by_age.into_iter().filter(|blob| !blob.must_stay) {
            let expired = old(&blob, if blob.foreign { keep.foreign_days.max(keep.days) } else { keep.days });
            if expired || total > keep.bytes {
                if apply {
                    self.fs.unlink(&blob.path).map_err(|e| Error::writing("remove", &blob.path, e))?;
                }
                total -= blob.size;
                done.blobs += 1;
                done.bytes += blob.size;
            }
        }
        done.kept = total;
        Ok(done)
    }

    /// The time by this machine's clock, as a collection tells it.
    #[must_use]
    pub fn now_ns(&self) -> i64 {
        self.fs.now_ns()
    }

    /// Bytes of the snapshots that a session's log names since it had the size `from`. Those it had named before are
    /// counted again: it is never less than what was added by what the log tells of. `None` if the log was cut.
    pub fn kept_since(&self, session: &SafeName, from: u64, to: u64) -> Result<Option<u64>, Error> {
        let Some(most) = to.checked_sub(from) else { return Ok(None) };
        let path = self.layout.log(session);
        let (bytes, _) = self.fs.read_end(&path, most).map_err(|e| Error::reading("read", &path, e))?;
        let named: BTreeSet<ContentHash> = Log::parse(&bytes).entries().iter().map(|e| e.hash).collect();
        let size = |hash: &ContentHash| self.fs.stat(&self.layout.blob(hash)).map_or(0, |stat| stat.size);
        Ok(Some(named.iter().map(size).sum()))
    }

    /// Every version log there is, also those of sessions that are gone.
    fn logs(&self) -> Result<Vec<(SafeName, Log)>, Error> {
        let mut logs = Vec::new();
        for (path, _) in self.files_in(&self.layout.logs(), ".log")? {
            let name = path.file_stem().and_then(|name| name.to_str()).map(SafeName::parse);
            if let Some(Ok(name)) = name {
                let log = self.log(&name)?;
                logs.push((name, log));
            }
        }
        Ok(logs)
    }

    /// Keeps the newest lines; what is older is no longer an ancestor of anything.
    pub(super) fn cut_log(
        &self,
        guard: &Guard,
        session: &SafeName,
        log: &Log,
        lines: usize,
    ) -> Result<(), Error> {
        let first = log.entries().len().saturating_sub(lines);
        let text: String = log.entries()[first..].iter().map(super::Entry::line).collect();
        self.write_view(guard, &self.layout.log(session), text.as_bytes())
    }

    fn blobs(
        &self,
        must_stay: &BTreeSet<ContentHash>,
        foreign: &BTreeSet<ContentHash>,
    ) -> Result<BTreeMap<ContentHash, Blob>, Error> {
        let mut blobs = BTreeMap::new();
        for (path, _) in self.tree(&self.layout.blobs())? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Ok(hash) = name.parse::<ContentHash>() else { continue };
            if path != self.layout.blob(&hash) {
                continue; // not ours: nobody would find it there
            }
            let stat = self.fs.stat(&path).map_err(|e| Error::reading("read", &path, e))?;
            let (must_stay, foreign) = (must_stay.contains(&hash), foreign.contains(&hash));
            let (size, changed_ns) = (stat.size, stat.mtime_ns);
            blobs.insert(hash, Blob { path, size, changed_ns, must_stay, foreign });
        }
        Ok(blobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::tail::tests::written;
    use crate::disk::{Fs, MemFs};
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(86_400);

    struct Place {
        fs: MemFs,
        disk: Disk,
        name: SafeName,
    }

    impl Place {
        /// A session that was written `n` times: `0`, `1`, ….
        fn with_versions(n: usize) -> Self {
            let (fs, disk, name) = written(n);
            Self { fs, disk, name }
        }

        fn collect(&self, needed: &[usize], keep: &Retention) -> Collected {
            let guard = self.disk.lock(Duration::ZERO).unwrap();
            let needed = needed.iter().map(|n| hash(*n)).collect();
            self.disk.collect(&guard, &needed, keep).unwrap()
        }

        fn kept(&self, n: usize) -> Vec<usize> {
            (0..n).filter(|n| self.disk.blob_get(&hash(*n)).is_ok()).collect()
        }
    }

    fn hash(n: usize) -> ContentHash {
        ContentHash::of(format!("{n}\n").as_bytes())
    }

    fn few() -> Retention {
        Retention { entries: 2, ..Retention::default() }
    }

    #[test]
    fn the_newest_the_needed_and_the_young_stay() {
        let place = Place::with_versions(6);
        let young = place.collect(&[], &few());
        assert_eq!((young.blobs, young.bytes, young.logs), (0, 0, 0), "all are young");
        place.fs.sleep(DAY * 8);
        assert_eq!(place.collect(&[1], &few()).blobs, 3);
        assert_eq!(place.kept(6), [1, 4, 5]);
        assert_eq!(place.disk.log(&place.name).unwrap().head(), Some(hash(5)));
    }

    #[test]
    fn what_somebody_else_wrote_stays_longer() {
        let place = Place::with_versions(6);
        let guard = place.disk.lock(Duration::ZERO).unwrap();
        place.disk.observe(&guard, &place.name, b"mine\n", Some(hash(0))).unwrap();
        place.disk.observe(&guard, &place.name, b"mine too\n", Some(hash(0))).unwrap();
        place.disk.observe(&guard, &place.name, b"and mine\n", Some(hash(0))).unwrap();
        drop(guard);
        let mine = ContentHash::of(b"mine\n");
        place.fs.sleep(DAY * 8);
        place.collect(&[], &few());
        assert!(place.disk.blob_get(&mine).is_ok());
        place.fs.sleep(DAY * 23);
        place.collect(&[], &few());
        assert!(place.disk.blob_get(&mine).is_err());
    }

    #[test]
    fn above_the_limit_the_oldest_go_first_but_never_what_must_stay() {
        let place = Place::with_versions(6);
        let size = place.disk.stat(&place.disk.layout().blob(&hash(0))).unwrap().size;
        place.collect(&[0], &Retention { bytes: size * 4, ..few() });
        assert_eq!(place.kept(6), [0, 3, 4, 5]);
        place.collect(&[0], &Retention { bytes: 0, ..few() });
        assert_eq!(place.kept(6), [0, 4, 5]);
    }

    #[test]
    fn what_was_kept_since_is_counted_by_what_the_log_tells_of() {
        let place = Place::with_versions(6);
        let log = place.disk.stat(&place.disk.layout().log(&place.name)).unwrap().size;
        let all: u64 =
            (0..6).map(|n| place.disk.stat(&place.disk.layout().blob(&hash(n))).unwrap().size).sum();
        let since = |from, to| place.disk.kept_since(&place.name, from, to).unwrap();
        assert_eq!(since(0, log), Some(all));
        assert_eq!(place.collect(&[], &Retention::default()).kept, all);
        let lines = place.disk.log(&place.name).unwrap();
        let last = lines.entries().last().unwrap().line().len() as u64;
        assert_eq!(since(log - last, log), Some(all / 6), "all are of the same size");
        assert_eq!(since(log, log), Some(0));
        assert_eq!(since(log + 1, log), None, "it was cut");
    }

    #[test]
    fn a_long_log_is_cut_and_keeps_its_head() {
        let place = Place::with_versions(9);
        let keep = Retention { log_lines: 8, ..few() };
        assert_eq!(place.collect(&[], &keep).logs, 1);
        let log = place.disk.log(&place.name).unwrap();
        assert_eq!((log.entries().len(), log.head()), (4, Some(hash(8))));
        assert!(log.integrated(&hash(5)));
        assert_eq!(place.collect(&[], &keep).logs, 0);
    }
}
