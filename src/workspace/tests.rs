//! A whole write, killed, failed or power-cut at every call, on a file system in memory.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Error, Plan, Request, Workspace};
use crate::disk::{Disk, Fs as _, MemFs, SafeName};
use crate::env::FixedEnv;
use crate::model::{Change, NewTask, Place, Position, TaskId, TaskKey, TaskStatus, Timestamp};

const ROOT: &str = "/w";
const PLAN: &str = "# Plan\n\n## G\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n- [ ] three ^t-three3\n";

struct Bench {
    fs: MemFs,
    workspace: Workspace,
    name: SafeName,
}

impl Bench {
    fn on(fs: &MemFs, seed: u64) -> Result<Self, Error> {
        let disk = Disk::with_fs(Path::new(ROOT), Arc::new(fs.clone()))?;
        let env = FixedEnv::new(Timestamp::from_unix(1_760_000_000), Duration::from_secs(1), seed);
        let workspace = Workspace::open_with(disk, Arc::new(env))?;
        Ok(Self { fs: fs.clone(), workspace, name: SafeName::parse("plan").unwrap() })
    }

    /// A plan that the tool has changed once, and an editor that saved the buffer from before.
    fn with_a_stale_save() -> Self {
        let fs = MemFs::new(Path::new(ROOT));
        let disk = Disk::with_fs(Path::new(ROOT), Arc::new(fs.clone())).unwrap();
        disk.ensure_layout().unwrap();
        let name = SafeName::parse("plan").unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let cause = crate::disk::Cause::new("test");
        disk.replace(&guard, &name, PLAN.as_bytes(), crate::disk::Expected::Absent, &cause).unwrap();
        drop(guard);
        let this = Self::on(&fs, 1).unwrap();
        this.complete("t-one1").unwrap();
        let file = this.workspace.disk().layout().session_file(&name);
        fs.save_in_place(&file, PLAN.replace("three ^", "three, by hand ^").as_bytes());
        fs.sync_all();
        this
    }

    fn text(&self) -> String {
        let file = self.workspace.disk().layout().session_file(&self.name);
        String::from_utf8(self.fs.peek(&file).unwrap_or_default()).unwrap()
    }

    fn request(&self) -> Request<'_> {
        Request {
            directory: &self.name,
            what: "test",
            by: "tester",
            if_match: None,
            dry_run: false,
            told: None,
        }
    }

    fn complete(&self, id: &str) -> Result<(), Error> {
        let task = TaskKey::Id(TaskId::parse(id).unwrap());
        let changes = vec![Change::SetStatus { task, to: TaskStatus::Completed }];
        self.workspace
            .transact(&self.request(), |_| Ok(Plan { changes: changes.clone(), output: () }))
            .map(|_| ())
    }

    fn add(&self, title: &str) -> Result<(), Error> {
        self.workspace
            .transact(&self.request(), |snapshot| {
                let there = snapshot.lifted.session.tasks.iter().any(|t| t.title == title);
                let task = NewTask { title: title.to_owned(), ..NewTask::default() };
                let place = Place::Group(crate::model::GroupRef::Nth(0), Position::Last);
                let changes = vec![Change::AddTasks { place, tasks: vec![task] }];
                Ok::<_, Error>(Plan { changes: if there { Vec::new() } else { changes }, output: () })
            })
            .map(|_| ())
    }

    /// What must hold whatever happened: the next process finds everything.
    #[track_caller]
    fn check_all(fs: &MemFs, acknowledged: bool, when: &str) {
        let next = Self::on(fs, 99).unwrap();
        for _ in 0..3 {
            next.workspace.recover_all().unwrap();
            next.workspace.take_in_session(&next.name, None).unwrap();
        }
        let text = next.text();
        assert!(text.contains("- [x] one ^t-one1"), "{when}: the tool's change is gone\n{text}");
        assert!(text.contains("three, by hand"), "{when}: the person's change is gone\n{text}");
        assert!(
            !acknowledged || text.matches("new task").count() == 1,
            "{when}: an answer was false\n{text}"
        );
        assert!(
            text.matches("new task").count() <= 1 && text.matches("^t-two2").count() == 1,
            "{when}\n{text}"
        );
        let taken = next.workspace.take_in_session(&next.name, None).unwrap();
        assert!(!taken.settled && !taken.repaired, "{when}: it does not come to rest");
        assert_eq!(next.workspace.open_conflicts().unwrap(), 0, "{when}");
    }
}

#[test]
fn killed_at_any_call_a_write_over_a_stale_save_loses_nothing() {
    let first = Bench::with_a_stale_save();
    let mut finished = false;
    for at in 1..400 {
        let fs = first.fs.after_kill();
        let process = Bench::on(&fs, at).unwrap();
        fs.kill_at(fs.calls() + at);
        let acknowledged = process.add("new task").is_ok() && !fs.is_dead();
        Bench::check_all(&fs.after_kill(), acknowledged, &format!("killed at {at}"));
        if !fs.is_dead() {
            finished = true;
            break;
        }
    }
    assert!(finished, "the write has more calls than were tried");
}

#[test]
fn failing_at_any_call_a_write_says_so_or_is_done() {
    let first = Bench::with_a_stale_save();
    for (kind, step) in [(std::io::ErrorKind::StorageFull, 2), (std::io::ErrorKind::Other, 5)] {
        for at in (1..160).step_by(step) {
            let fs = first.fs.after_kill();
            let process = Bench::on(&fs, at).unwrap();
            fs.fail_at(fs.calls() + at, kind, false);
            let acknowledged = process.add("new task").is_ok();
            fs.heal();
            Bench::check_all(&fs.after_kill(), acknowledged, &format!("{kind:?} at {at}"));
        }
    }
}

#[test]
fn a_save_in_the_middle_of_a_write_is_merged_whenever_it_comes() {
    for at in 1..120 {
        let first = Bench::with_a_stale_save();
        let (fs, file) = (first.fs.clone(), first.workspace.disk().layout().session_file(&first.name));
        let saved = PLAN.replace("three ^", "three, by hand ^").replace("two ^", "two, in between ^");
        fs.before(fs.calls() + at, move |fs| fs.save_by_rename(&file, saved.as_bytes()));
        first.add("new task").unwrap();
        for _ in 0..3 {
            first.workspace.recover_all().unwrap();
            first.workspace.take_in_session(&first.name, None).unwrap();
        }
        let text = first.text();
        for word in ["- [x] one", "two, in between", "three, by hand", "new task"] {
            assert_eq!(text.matches(word).count(), 1, "saved before call {at}: {word}\n{text}");
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the clock of a real file system is asked for")]
fn when_a_file_was_read_is_told_by_the_clock_that_stamps_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(".task_orchestrator/sessions/plan/session.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, PLAN).unwrap();
    let ahead = FixedEnv::new(Timestamp::from_unix(4_000_000_000), Duration::ZERO, 1);
    let workspace = Workspace::open(dir.path(), Arc::new(ahead)).unwrap();
    let read = workspace.index().seen().unwrap()["plan"].hashed_at_ns;
    let now = crate::disk::RealFs.now_ns();
    assert!(0 < read && read <= now, "{read} {now}");
}

/// As `sync` does it: the plan is brought to rest, and old snapshots go where it is time. Answers which are left.
fn swept(bench: &Bench) -> Vec<std::path::PathBuf> {
    let (workspace, disk) = (&bench.workspace, bench.workspace.disk());
    let mut resting = workspace.resting();
    let revision = disk.read(&bench.name).unwrap().hash;
    if !workspace.is_at_rest(&mut resting, &bench.name, revision).unwrap() {
        let taken = workspace.take_in_session(&bench.name, None).unwrap();
        resting.settle(&bench.name, taken.rest);
    }
    assert!(resting.moved(), "every caller has written something");
    workspace.collect_when_due(&mut resting).unwrap();
    workspace.remember(&resting).unwrap();
    let mut again = workspace.resting();
    let revision = disk.read(&bench.name).unwrap().hash;
    assert!(workspace.is_at_rest(&mut again, &bench.name, revision).unwrap() && !again.moved());
    disk.files_below(&disk.layout().blobs()).unwrap()
}

#[test]
fn old_snapshots_are_looked_through_once_a_day_and_what_the_log_needs_stays() {
    const DAY: Duration = Duration::from_secs(86_400);
    let first = Bench::with_a_stale_save();
    let layout = first.workspace.disk().layout().clone();
    let few = b"retention:\n  versions: 1\n  snapshot_days: 0\n  foreign_days: 0\n";
    first.fs.create(&layout.config(), few, 0o600).unwrap();
    let bench = Bench::on(&first.fs, 2).unwrap();
    let head = |bench: &Bench| layout.blob(&bench.workspace.disk().read(&bench.name).unwrap().hash);
    bench.fs.sleep(DAY);
    bench.add("first").unwrap();
    // Nobody knows when they were looked through: all goes but what is as old as this moment, and the head.
    let left = swept(&bench);
    assert!(left.contains(&head(&bench)));
    bench.fs.sleep(DAY / 2);
    bench.add("second").unwrap();
    let more = swept(&bench);
    assert!(more.len() > left.len() && left.iter().all(|blob| more.contains(blob)), "half a day is no day");
    bench.fs.sleep(DAY / 2 + Duration::from_secs(1));
    let before = head(&bench);
    bench.add("third").unwrap();
    let last = swept(&bench);
    assert!(last.contains(&head(&bench)));
    assert!(last.len() < more.len() && !last.contains(&left[0]), "{last:?}");
    // A save of somebody else is taken in, and its text stays, though what was remembered is gone.
    first.fs.unlink(&layout.rest()).unwrap();
    bench.fs.sleep(DAY);
    let file = layout.session_file(&bench.name);
    bench.fs.save_by_rename(&file, bench.text().replace("two ^", "two, by hand ^").as_bytes());
    let kept = swept(&bench);
    assert!(kept.contains(&head(&bench)) && !kept.contains(&before), "{kept:?}");
    assert!(bench.text().contains("two, by hand"));
}

#[test]
fn a_history_that_goes_while_snapshots_are_counted_is_no_failure() {
    let bench = Bench::with_a_stale_save();
    let workspace = &bench.workspace;
    swept(&bench);
    bench.add("first").unwrap();
    let mut resting = workspace.resting();
    let taken = workspace.take_in_session(&bench.name, None).unwrap();
    resting.settle(&bench.name, taken.rest);
    assert!(resting.moved());
    bench.fs.unlink(&workspace.disk().layout().log(&bench.name)).unwrap();
    workspace.collect_when_due(&mut resting).unwrap();
}
