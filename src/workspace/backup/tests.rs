//! Backups and restores, killed or failed at every call, on a file system in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{BackupRequest, BackupScope, Fate, RestoreRequest, RestoreStrategy};
use crate::disk::{Disk, MemFs, SafeName};
use crate::env::FixedEnv;
use crate::model::Timestamp;
use crate::workspace::{Error, Workspace};

const ROOT: &str = "/w";
const FILES: [(&str, &str); 4] = [
    ("sessions/a/session.md", "# A\n\n- [ ] one ^t-one1\n"),
    ("sessions/a/notes/n.md", "note\n"),
    ("sessions/b/session.md", "# B\r\n\r\n- [ ] two ^t-two2\r\n"),
    ("roles/r.yaml", "r: {role_definition: x}\n"),
];
/// What the same files say later; an empty text: the file is gone.
const LATER: [(&str, &str); 4] = [
    ("sessions/a/session.md", "# A\n\n- [x] one ^t-one1\n- [ ] new ^t-new3\n"),
    ("sessions/a/notes/n.md", "another note\n"),
    ("sessions/b/session.md", ""),
    ("roles/r.yaml", "r: {role_definition: y}\n"),
];

fn at(path: &str) -> PathBuf {
    Path::new(ROOT).join(".task_orchestrator").join(path)
}

fn open(fs: &MemFs, seed: u64) -> Result<Workspace, Error> {
    let disk = Disk::with_fs(Path::new(ROOT), Arc::new(fs.clone()))?;
    let start = Timestamp::from_unix(1_760_000_000 + i64::try_from(seed).unwrap() * 1000);
    Workspace::open_with(disk, Arc::new(FixedEnv::new(start, Duration::from_secs(1), seed)))
}

fn put(workspace: &Workspace, path: &str, text: &str) {
    let guard = workspace.lock().unwrap();
    let disk = workspace.disk();
    match super::gather::plan_of(path) {
        Some(name) if text.is_empty() => drop(disk.remove_session(&guard, &name).unwrap()),
        Some(name) => {
            let expected = disk
                .read(&name)
                .map_or(crate::disk::Expected::Absent, |file| crate::disk::Expected::Hash(file.hash));
            let cause = crate::disk::Cause {
                at: Some(workspace.now().to_string()),
                ..crate::disk::Cause::new("test")
            };
            disk.replace(&guard, &name, text.as_bytes(), expected, &cause).unwrap();
        }
        None => disk.write_view(&guard, &at(path), text.as_bytes()).unwrap(),
    }
}

fn texts(fs: &MemFs) -> Vec<Option<String>> {
    FILES.map(|(path, _)| fs.peek(&at(path)).map(|bytes| String::from_utf8(bytes).unwrap())).to_vec()
}

fn old() -> Vec<Option<String>> {
    LATER.map(|(_, text)| Some(text.to_owned()).filter(|t| !t.is_empty())).to_vec()
}

fn new() -> Vec<Option<String>> {
    FILES.map(|(_, text)| Some(text.to_owned())).to_vec()
}

/// A backup of `FILES`, and a workspace that went on to `LATER`.
fn gone_on() -> (MemFs, String) {
    let fs = MemFs::new(Path::new(ROOT));
    Disk::with_fs(Path::new(ROOT), Arc::new(fs.clone())).unwrap().ensure_layout().unwrap();
    let workspace = open(&fs, 1).unwrap();
    FILES.iter().for_each(|(path, text)| put(&workspace, path, text));
    let request = BackupRequest { scope: BackupScope::Everything, name: None, by: "tester", before: None };
    let backup = workspace.backup(&request).unwrap();
    assert_eq!(backup.manifest.unwrap().files.len(), FILES.len());
    LATER.iter().for_each(|(path, text)| put(&workspace, path, text));
    fs.sync_all();
    (fs, backup.id)
}

fn request(id: &str) -> RestoreRequest<'_> {
    RestoreRequest { id, sessions: &[], strategy: RestoreStrategy::Replace, by: "tester", dry_run: false }
}

#[test]
fn a_restore_gives_the_old_bytes_and_its_way_back_the_new_ones() {
    let (fs, id) = gone_on();
    let workspace = open(&fs, 2).unwrap();
    let dry = RestoreRequest { dry_run: true, ..request(&id) };
    let planned = workspace.restore_backup(&dry).unwrap();
    assert_eq!(texts(&fs), old(), "a dry run writes nothing");
    let done = workspace.restore_backup(&request(&id)).unwrap();
    assert_eq!(done.files, planned.files);
    assert_eq!(texts(&fs), new());
    let before = done.before.unwrap();
    assert!(workspace.restore_backup(&request(&id)).unwrap().before.is_none(), "nothing is left to do");
    workspace.restore_backup(&request(&before.id)).unwrap();
    assert_eq!(texts(&fs), old(), "what the restore had created is gone again");
}

#[test]
fn killed_at_any_call_a_restore_leaves_the_old_or_the_new_state() {
    let (first, id) = gone_on();
    let (mut olds, mut news) = (0, 0);
    for after in 1..3000 {
        let fs = first.after_kill();
        let workspace = open(&fs, 2).unwrap();
        fs.kill_at(fs.calls() + after);
        let done = workspace.restore_backup(&request(&id)).is_ok();
        let dead = fs.is_dead();
        let next = fs.after_kill();
        let workspace = open(&next, 3).unwrap();
        workspace.recover_all().unwrap();
        let now = texts(&next);
        assert!(now == old() || now == new(), "killed at {after}: {now:#?}");
        assert!(!done || now == new(), "killed at {after}: the answer was false");
        assert!(!workspace.disk().recovery_pending(), "killed at {after}: it does not come to rest");
        if now == new() {
            news += 1;
        } else {
            olds += 1;
        }
        if !dead {
            break;
        }
    }
    assert!(olds > 50 && news > 20, "{olds} {news}");
}

#[test]
fn failing_at_any_call_a_restore_is_done_or_taken_back() {
    let (first, id) = gone_on();
    for after in (1..900).step_by(3) {
        let fs = first.after_kill();
        let workspace = open(&fs, 2).unwrap();
        fs.fail_at(fs.calls() + after, std::io::ErrorKind::StorageFull, false);
        let done = workspace.restore_backup(&request(&id)).is_ok();
        fs.heal();
        workspace.recover_all().unwrap();
        let now = texts(&fs);
        assert!(now == old() || now == new(), "failed at {after}: {now:#?}");
        assert!(!done || now == new(), "failed at {after}: the answer was false");
    }
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is_and_nothing_is_restored() {
    let (fs, id) = gone_on();
    let workspace = open(&fs, 2).unwrap();
    let file = at(&format!("backups/{id}.tar.zst"));
    let whole = fs.peek(&file).unwrap();
    for place in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        fs.save_in_place(&file, &bytes);
        let listed = workspace.backups().unwrap();
        assert!(matches!(listed[0].health, super::Health::Damaged(_)), "byte {place}");
        let verified = workspace.verify_backup(&listed[0]).unwrap();
        assert!(matches!(verified.health, super::Health::Damaged(_)), "byte {place}");
        assert!(workspace.restore_backup(&request(&id)).is_err(), "byte {place}");
        assert_eq!(texts(&fs), old(), "byte {place}");
    }
    fs.save_in_place(&file, &whole);
    assert_eq!(
        workspace.verify_backup(&workspace.backups().unwrap()[0]).unwrap().health,
        super::Health::Proven
    );
}

#[track_caller]
fn merged(workspace: &Workspace, id: &str) -> (Fate, String) {
    let strategy = RestoreStrategy::Merge;
    let done = workspace.restore_backup(&RestoreRequest { strategy, ..request(id) }).unwrap();
    let fate = done.files.iter().find(|f| f.path == FILES[0].0).unwrap().fate.clone();
    let name = SafeName::parse("a").unwrap();
    let text = String::from_utf8(workspace.disk().read(&name).unwrap().bytes).unwrap();
    (fate, text)
}

#[test]
fn merging_brings_lost_tasks_back_and_changes_no_other() {
    let (fs, id) = gone_on();
    let workspace = open(&fs, 2).unwrap();
    let (fate, text) = merged(&workspace, &id);
    assert!(matches!(fate, Fate::Kept(_)), "{fate:?}: every task is still there");
    assert_eq!(text, LATER[0].1);
    assert_eq!(texts(&fs)[2], new()[2], "what is missing comes back all the same");
    put(&workspace, FILES[0].0, "# A\n\n- [ ] fresh ^t-new9\n");
    let (fate, text) = merged(&workspace, &id);
    assert_eq!(fate, Fate::Merge(1));
    assert!(text.contains("- [ ] one ^t-one1\n") && text.contains("- [ ] fresh ^t-new9\n"), "{text}");
    assert_eq!(text.lines().count(), 4, "{text}");
}
