//! Five ways in which simpler protocols lost edits under a chaos test; each must stay closed.

use super::{Lines, Process};
use crate::disk::{Cause, Choice, Expected, Fs, Mark, Replaced};
use crate::text::ContentHash;
use std::time::Duration;

/// Recording a stale save as the head before its repair is in place makes the loss permanent if we die between.
#[test]
fn a_stale_save_is_never_the_head_without_its_repair() {
    let first = Process::first();
    let buffer = first.text();
    first.add("one").unwrap();
    first.fs.save_in_place(&first.file(), format!("{buffer}mine\n").as_bytes());
    for at in 1..150 {
        let fs = first.fs.after_kill();
        let process = Process::on(&fs);
        fs.kill_at(fs.calls() + at);
        let _ = process.sync();
        let next = Process::on(&fs.after_kill());
        next.check(&["one", "mine"], &["one", "mine"], &format!("killed at {at}"));
    }
}

/// A save that was seen, and replaced by the next save before it was merged, is not a base: what it had would look
/// as if the head had deleted it.
#[test]
fn a_save_that_was_seen_but_never_merged_is_no_base_for_the_next_one() {
    let process = Process::first();
    let buffer = process.text();
    process.add("one").unwrap();
    let (first, second) = (format!("{buffer}mine\n"), format!("{buffer}mine\nmore\n"));
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let base = Some(ContentHash::of(buffer.as_bytes()));
    process.disk.observe(&guard, &process.name, first.as_bytes(), base).unwrap();
    drop(guard);
    process.fs.save_in_place(&process.file(), second.as_bytes());
    process.sync().unwrap();
    for line in ["one\n", "mine\n", "more\n"] {
        assert_eq!(process.text().matches(line).count(), 1, "{}", process.text());
    }
}

/// Putting a displaced save away under its own hash before it is merged lets it expire unread.
#[test]
fn a_displaced_save_is_not_put_away_before_it_is_merged() {
    let process = Process::first();
    let old = process.text();
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let exchange = {
        // Find the call by trying it out on a copy.
        let fs = process.fs.after_kill();
        let copy = Process::on(&fs);
        let guard = copy.disk.lock(Duration::ZERO).unwrap();
        let before = fs.calls();
        let expected = Expected::Hash(ContentHash::of(old.as_bytes()));
        copy.disk.replace(&guard, &copy.name, b"new\n", expected, &Cause::new("test")).unwrap();
        let at = fs.trace().iter().position(|call| call.contains(" exchange ")).unwrap() as u64 + 1;
        at - before
    };
    let (file, mine) = (process.file(), format!("{old}mine\n"));
    process.fs.before(process.fs.calls() + exchange, move |fs| fs.save_by_rename(&file, mine.as_bytes()));
    let expected = Expected::Hash(ContentHash::of(old.as_bytes()));
    let new = format!("{old}one\n");
    let done =
        process.disk.replace(&guard, &process.name, new.as_bytes(), expected, &Cause::new("test")).unwrap();
    let Replaced::Displaced(displaced) = done else { panic!("{done:?}") };
    assert!(displaced.bytes.ends_with(b"mine\n"));
    assert!(process.disk.absorb(&guard, &displaced).is_err());
    assert!(
        process
            .fs
            .files(&process.disk.layout().quarantine())
            .iter()
            .all(|path| { !path.to_string_lossy().contains(&displaced.hash.hex()) })
    );
    drop(guard);
    // We die here; the next process brings it in.
    Process::on(&process.fs.after_kill()).check(&["one", "mine"], &["one", "mine"], "next process");
}

/// A content's ancestor, inferred again against newer heads, makes old text look like a deletion.
#[test]
fn the_ancestor_of_a_foreign_content_is_inferred_once() {
    let process = Process::first();
    let buffer = process.text();
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let mine = format!("{buffer}mine\n");
    let base = ContentHash::of(buffer.as_bytes());
    process.disk.observe(&guard, &process.name, mine.as_bytes(), Some(base)).unwrap();
    drop(guard);
    process.add("one").unwrap();
    process.add("mine").unwrap(); // the head is now nearer to the observed text than its true ancestor
    let log = process.disk.log(&process.name).unwrap();
    let found = process.disk.base_of(&log, mine.as_bytes(), None, &Lines).unwrap();
    assert_eq!(found, Some(base));
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    process.disk.observe(&guard, &process.name, mine.as_bytes(), log.head()).unwrap();
    let log = process.disk.log(&process.name).unwrap();
    assert_eq!(
        log.recorded_parent(&ContentHash::of(mine.as_bytes())),
        Some(base),
        "a second sight changes nothing"
    );
}

/// An editor can have loaded a text that was displaced before it was integrated.
#[test]
fn a_displaced_content_is_a_candidate_for_an_ancestor() {
    let process = Process::first();
    let old = process.text();
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let displaced = format!("{old}a\nb\nc\n");
    let base = ContentHash::of(old.as_bytes());
    process.disk.observe(&guard, &process.name, displaced.as_bytes(), Some(base)).unwrap();
    drop(guard);
    process.add("one").unwrap();
    let log = process.disk.log(&process.name).unwrap();
    let found = process.disk.base_of(&log, format!("{displaced}d\n").as_bytes(), None, &Lines).unwrap();
    assert_eq!(found, Some(ContentHash::of(displaced.as_bytes())));
}

/// In one pass, a merge that was announced but never installed makes the save it contains look integrated.
#[test]
fn an_uninstalled_merge_does_not_make_a_save_look_integrated() {
    let process = Process::first();
    let old = process.text();
    let (new, mine) = (format!("{old}one\n"), format!("{old}mine\n"));
    let merged = format!("{old}one\nmine\n");
    let hash = |text: &str| ContentHash::of(text.as_bytes());
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let disk = &process.disk;
    disk.replace(&guard, &process.name, new.as_bytes(), Expected::Hash(hash(&old)), &Cause::new("one"))
        .unwrap();
    disk.observe(&guard, &process.name, mine.as_bytes(), Some(hash(&old))).unwrap();
    disk.blob_put(&guard, merged.as_bytes()).unwrap();
    // The displaced save comes first in the directory, the announced merge second.
    let tmp = disk.layout().tmp();
    let name = |ticket: &str, new: &str, expected: &str| {
        tmp.join(format!("{ticket}.{}.{}.{}", hash(new), hash(expected), process.name))
    };
    process.fs.save_by_rename(&name("1-1", &new, &old), mine.as_bytes());
    process.fs.save_by_rename(&name("1-2", &merged, &new), merged.as_bytes());
    let cause = Cause { also_from: vec![hash(&mine)], ..Cause::new("merge") };
    let mut line = cause.entry(Mark::Written, hash(&merged), Some(hash(&new)));
    line.facts.insert("t".to_owned(), "1-2".to_owned());
    disk.record(&guard, &process.name, &line).unwrap();
    assert!(disk.log(&process.name).unwrap().integrated(&hash(&mine)), "the trap is set");
    drop(guard);
    process.fs.sleep(Duration::from_secs(3));
    process.check(&["one", "mine"], &["one", "mine"], "recovered");
}

/// A displaced file that somebody is still writing is not judged by the half that is there.
#[test]
fn a_half_written_displaced_file_waits() {
    let process = Process::first();
    let old = process.text();
    let open = process.fs.open(&process.file()).unwrap();
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let expected = Expected::Hash(ContentHash::of(old.as_bytes()));
    let new = format!("{old}one\n");
    let done =
        process.disk.replace(&guard, &process.name, new.as_bytes(), expected, &Cause::new("test")).unwrap();
    assert!(matches!(done, Replaced::Done(done) if done.unsettled), "{done:?}");
    process.fs.write_open(open, format!("{old}mi").as_bytes());
    let report = process.disk.recover(&guard, None, &Lines).unwrap();
    assert_eq!((report.waiting.len(), report.waiting[0].hash), (1, None));
    process.fs.write_open(open, format!("{old}mine\n").as_bytes());
    process.fs.close(open);
    drop(guard);
    process.fs.sleep(Duration::from_secs(3));
    process.check(&["one", "mine"], &["one", "mine"], "closed");
}

/// An editor that opened the file before the exchange may write into the displaced file long after it.
#[test]
fn a_late_write_into_a_displaced_file_comes_back() {
    let process = Process::first();
    let old = process.text();
    let open = process.fs.open(&process.file()).unwrap();
    process.fs.close(open); // it holds no lease breaker, yet it can still write
    process.add("one").unwrap();
    process.fs.write_open(open, format!("{old}mine\n").as_bytes());
    process.fs.sleep(Duration::from_secs(3));
    process.check(&["one", "mine"], &["one", "mine"], "late");
}

/// A retry that writes a content for the second time and dies before its log line must not take back the first.
#[test]
fn taking_back_a_write_leaves_an_older_write_of_the_same_content_alone() {
    let process = Process::first();
    let old = process.text();
    process.add("one").unwrap();
    let new = process.text();
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let hash = |text: &str| ContentHash::of(text.as_bytes());
    let back = process
        .disk
        .replace(&guard, &process.name, old.as_bytes(), Expected::Hash(hash(&new)), &Cause::new("undo"))
        .unwrap();
    assert!(matches!(back, Replaced::Done(_)));
    let temp =
        process.disk.layout().tmp().join(format!("1-1.{}.{}.{}", hash(&new), hash(&old), process.name));
    process.fs.save_by_rename(&temp, new.as_bytes());
    process.disk.recover(&guard, None, &Lines).unwrap();
    let log = process.disk.log(&process.name).unwrap();
    assert!(log.integrated(&hash(&new)) && log.head() == Some(hash(&old)));
    let file = process.disk.read(&process.name).unwrap();
    let adopted =
        process.disk.adopt(&guard, &process.name, &file, Choice::Merge, &Cause::new("edit"), &Lines);
    assert!(matches!(adopted, Ok(Replaced::Done(_))));
}
