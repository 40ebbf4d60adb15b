//! The whole write protocol against a file system that dies, fails, loses power and has an editor in it.

mod crash;
mod faults;
mod holes;
mod real;
mod schedules;

use super::{
    Cause, Choice, Disk, Error, Expected, Fs, Guard, Kind, MemFs, Merger, Recovered, Replaced, SafeName,
    SessionEntry, Verdict,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Merges texts of unique lines: exact, and without conflicts.
struct Lines;

fn lines(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).split_inclusive('\n').map(str::to_owned).collect()
}

impl Merger for Lines {
    fn merge(
        &self,
        _: &Guard,
        _: &SafeName,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs));
        let kept = ours.iter().filter(|line| !base.contains(line) || theirs.contains(line));
        let new = theirs.iter().filter(|line| !base.contains(line) && !ours.contains(line));
        Ok(kept.chain(new).cloned().collect::<String>().into_bytes())
    }

    fn changed_lines(&self, a: &[u8], b: &[u8]) -> usize {
        let set = |text| lines(text).into_iter().collect::<BTreeSet<_>>();
        set(a).symmetric_difference(&set(b)).count()
    }
}

const ROOT: &str = "/w";
const START: &[u8] = b"# Plan\nfirst\nsecond\n";

/// What a writer does, on any file system.
struct Tool {
    disk: Disk,
    name: SafeName,
}

impl Tool {
    fn on(fs: Arc<dyn Fs>, root: &Path) -> Self {
        Self { disk: Disk::with_fs(root, fs).unwrap(), name: SafeName::parse("plan").unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.disk.layout().session_file(&self.name)
    }

    /// Brings whatever is there into the head, as `sync` does.
    fn sync(&self) -> Result<Recovered, Error> {
        let guard = self.disk.lock(Duration::from_secs(30))?;
        let mut report = self.disk.recover(&guard, Some(&self.name), &Lines)?;
        for _ in 0..4 {
            let settled = self.disk.read_settled(&self.name, None)?;
            let cause = Cause::new("edit");
            match self.disk.adopt(&guard, &self.name, &settled.file, Choice::Merge, &cause, &Lines)? {
                Replaced::Done(_) if report.waiting.is_empty() => return Ok(report),
                Replaced::Indeterminate(error) => return Err(error),
                _ => report = self.disk.recover(&guard, Some(&self.name), &Lines)?,
            }
        }
        Ok(report)
    }

    /// One operation of the tool: adds a line, through the whole protocol. `Ok` is the acknowledgement.
    fn add(&self, line: &str) -> Result<(), Error> {
        let guard = self.disk.lock(Duration::from_secs(30))?;
        self.disk.recover(&guard, Some(&self.name), &Lines)?;
        for _ in 0..8 {
            let settled = self.disk.read_settled(&self.name, None)?;
            let cause = Cause::new("edit");
            let adopted =
                self.disk.adopt(&guard, &self.name, &settled.file, Choice::Merge, &cause, &Lines)?;
            match adopted {
                Replaced::Done(done) if done.hash == settled.file.hash => {}
                Replaced::Indeterminate(error) => return Err(error),
                Replaced::Changed(Some(file)) if file == settled.file => {
                    // An old text came back: a person's undo. It stands.
                    self.disk.adopt(&guard, &self.name, &file, Choice::Accept, &cause, &Lines)?;
                }
                _ => continue,
            }
            let mut new = settled.file.bytes.clone();
            new.extend_from_slice(format!("{line}\n").as_bytes());
            let (expected, cause) =
                (Expected::Hash(settled.file.hash), Cause { op: Some(line.to_owned()), ..Cause::new("add") });
            match self.disk.replace_merging(&guard, &self.name, &new, expected, &cause, &Lines)? {
                Replaced::Done(_) => return Ok(()),
                Replaced::Changed(_) => {}
                Replaced::Indeterminate(error) => return Err(error),
                Replaced::Displaced(_) => panic!("every ancestor is kept here"),
            }
        }
        Err(Error::new(Kind::Busy, "add to", &self.file()))
    }
}

/// One process on a file system in memory.
struct Process {
    fs: MemFs,
    tool: Tool,
}

impl std::ops::Deref for Process {
    type Target = Tool;

    fn deref(&self) -> &Tool {
        &self.tool
    }
}

impl Process {
    /// The first process of a workspace with one session, written and synced by a person.
    fn first() -> Self {
        let fs = MemFs::new(Path::new(ROOT));
        let process = Self::on(&fs);
        process.disk.ensure_layout().unwrap();
        fs.save_by_rename(&process.file(), START);
        process.add("zero").unwrap();
        process
    }

    fn on(fs: &MemFs) -> Self {
        Self { fs: fs.clone(), tool: Tool::on(Arc::new(fs.clone()), Path::new(ROOT)) }
    }

    fn text(&self) -> String {
        String::from_utf8(self.fs.peek(&self.file()).unwrap_or_default()).unwrap()
    }

    #[track_caller]
    fn check(&self, needed: &[&str], known: &[&str], context: &str) {
        if let Some(problem) = self.problem(needed, known) {
            panic!("{context}: {problem}");
        }
    }

    /// What must hold after everything has calmed down: the text is made of whole known lines, each once, the
    /// needed ones among them; nothing is left lying about; the log is at the text, and all it names is kept.
    fn problem(&self, needed: &[&str], known: &[&str]) -> Option<String> {
        for _ in 0..3 {
            if let Err(error) = self.sync() {
                return Some(format!("{error}: {:?}", error.source));
            }
            self.fs.sleep(Duration::from_secs(5));
        }
        let text = String::from_utf8_lossy(&self.fs.peek(&self.file()).unwrap_or_default()).into_owned();
        let there: Vec<&str> = text.lines().collect();
        let always = ["# Plan", "first", "second", "zero"];
        for line in &there {
            if !always.contains(line) && !known.contains(line) {
                return Some(format!("torn line {line:?} in {text:?}"));
            }
            if there.iter().filter(|other| *other == line).count() > 1 {
                return Some(format!("{line:?} twice in {text:?}"));
            }
        }
        if let Some(lost) = always.iter().chain(needed).find(|line| !there.contains(line)) {
            return Some(format!("lost {lost:?} in {text:?}"));
        }
        let left = [self.disk.layout().tmp(), self.disk.layout().quarantine()].map(|dir| self.fs.files(&dir));
        if left.iter().any(|files| !files.is_empty()) {
            return Some(format!("left over: {left:?}"));
        }
        let log = self.disk.log(&self.name).unwrap_or_default();
        if log.head() != Some(crate::text::ContentHash::of(text.as_bytes())) {
            return Some(format!("the head is not {text:?}"));
        }
        let missing = log.live().find(|entry| self.disk.blob_get(&entry.hash).is_err());
        missing.map(|entry| format!("not kept: {entry:?}"))
    }
}

#[test]
fn the_quiet_case_works_and_leaves_nothing_behind() {
    let process = Process::first();
    process.add("one").unwrap();
    process.fs.save_in_place(&process.file(), format!("{}mine\n", process.text()).as_bytes());
    process.add("two").unwrap();
    process.check(&["one", "mine", "two"], &["one", "mine", "two"], "quiet");
    let _: Vec<SessionEntry> = process.disk.sessions().unwrap();
}

#[test]
fn a_stale_buffer_is_repaired_and_an_old_text_is_left_to_the_caller() {
    let process = Process::first();
    let buffer = process.text();
    process.add("one").unwrap();
    process.fs.save_in_place(&process.file(), format!("{buffer}mine\n").as_bytes());
    let judged = |process: &Process| {
        let log = process.disk.log(&process.name).unwrap();
        process.disk.judge(&log, process.text().as_bytes(), &Lines).unwrap()
    };
    assert!(matches!(judged(&process), Verdict::Stale { base: Some(_) }));
    process.sync().unwrap();
    assert!(process.text().contains("one\n") && process.text().contains("mine\n"));
    process.fs.save_in_place(&process.file(), buffer.as_bytes());
    assert_eq!(judged(&process), Verdict::Older);
    process.sync().unwrap();
    assert_eq!(process.text(), buffer, "an exact old text is never overwritten by guess");
}
