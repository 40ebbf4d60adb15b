//! S40, S129, S176–S179, S195, S205: backups through the real binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{TestEnv, manifest, shared};

const PLAN: &str = "# Login\n\n## Backend\n\n- [ ] Tokens ^t-one1\n- [ ] Sessions ^t-two2\n";

/// Every file below a directory, without what is generated or private.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else {
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn sessions(env: &TestEnv) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&env.root().join(".task_orchestrator/sessions"))
}

fn backup(env: &TestEnv, args: &[&str]) -> String {
    let view = env.run(&[&["--json", "backup", "create"], args].concat()).json();
    assert_eq!((view["schema"].as_i64(), view["changed"].as_bool()), (Some(1), Some(true)));
    view["backup"]["id"].as_str().unwrap().to_owned()
}

fn archive(env: &TestEnv, id: &str) -> PathBuf {
    env.root().join(format!(".task_orchestrator/backups/{id}.tar.zst"))
}

#[test]
fn s176_a_round_trip_gives_every_byte_back() {
    let env = TestEnv::empty();
    env.run(&["init"]).ok();
    let mut plans: Vec<PathBuf> = fs::read_dir(manifest("fixtures/nasty"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    if let Some(dir) = shared("fixtures/plans") {
        let real = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
        plans.extend(real.filter(|p| p.extension().is_some_and(|e| e == "md")));
    }
    assert!(plans.len() > 5);
    for (n, plan) in plans.iter().enumerate() {
        env.write(&format!("s{n}"), fs::read(plan).unwrap());
    }
    let extra = env.root().join(".task_orchestrator/sessions/s0/artifacts/work_products/data.bin");
    fs::create_dir_all(extra.parent().unwrap()).unwrap();
    fs::write(&extra, (0..=255).collect::<Vec<u8>>()).unwrap();
    let home = env.root().join(".task_orchestrator");
    let keep = |files: BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<PathBuf, Vec<u8>> {
        let private = |p: &PathBuf| p.starts_with(".state") || p.starts_with("backups");
        files.into_iter().filter(|(p, _)| !private(p)).collect()
    };
    let before = keep(files(&home));
    let id = backup(&env, &["--name", "all of it"]);
    fs::remove_dir_all(home.join("sessions")).unwrap();
    fs::remove_dir_all(home.join("roles")).unwrap();
    fs::remove_dir_all(home.join(".state")).unwrap();
    let done = env.run(&["--json", "backup", "restore", &id]).json();
    assert_eq!((done["blocked"].as_i64(), done["changed"].as_bool()), (Some(0), Some(true)), "{done}");
    assert_eq!(keep(files(&home)), before);
    let again = env.run(&["--json", "backup", "restore", "all of it"]).json();
    assert_eq!((again["changed"].as_bool(), again["before"].is_null()), (Some(false), true));
}

#[test]
fn s177_restoring_replaces_skips_or_merges_and_can_be_taken_back() {
    let env = TestEnv::with("login", PLAN);
    let id = backup(&env, &["login"]);
    env.run(&["done", "t-one1"]).ok();
    env.run(&["add", "Later work"]).ok();
    let later = env.read("login");
    let dry = env.run(&["--json", "--dry-run", "backup", "restore", &id]).json();
    assert_eq!(
        (dry["changed"].as_bool(), dry["files"][0]["action"].as_str()),
        (Some(false), Some("replace"))
    );
    assert_eq!(env.read("login"), later);
    for (strategy, stays) in [("skip-existing", true), ("merge", true), ("replace", false)] {
        let done = env.run(&["--json", "backup", "restore", &id, "--strategy", strategy]).json();
        assert_eq!(env.read("login") == later, stays, "{strategy}: {done}");
    }
    assert_eq!(env.read("login"), PLAN);
    let list = env.run(&["--json", "backup", "list"]).json();
    assert_eq!(list["backups"][0]["before"], format!("restore of {id}"));
    let way_back = list["backups"][0]["id"].as_str().unwrap();
    env.run(&["backup", "restore", way_back]).ok();
    assert_eq!(env.read("login"), later);
    // It is an ordinary step of the plan's history too.
    env.run(&["undo"]).ok();
    assert_eq!(env.read("login"), PLAN);
}

#[test]
fn s177_a_merge_brings_back_what_was_lost_and_leaves_the_rest() {
    let plan = "# Login\n\n## Backend\n\n- [ ] Tokens ^t-one1\n- [ ] Sessions ^t-two2\n  - [ ] Expiry ^t-three3\n\n## Docs\n\n- [ ] Guide\n";
    let env = TestEnv::with("login", plan);
    let id = backup(&env, &["login"]);
    // Another checkout: the same backup, a plan that went its own way, no common history.
    let other = TestEnv::with(
        "login",
        "# Login\n\nOwn words.\n\n## Backend\n\n- [x] Tokens, renamed ^t-one1\n- [ ] Own ^t-own3\n",
    );
    fs::create_dir_all(other.root().join(".task_orchestrator/backups")).unwrap();
    fs::copy(archive(&env, &id), archive(&other, &id)).unwrap();
    other.run(&["backup", "restore", &id, "--strategy", "merge"]).ok();
    let text = other.read("login");
    for line in [
        "Own words.",
        "- [x] Tokens, renamed ^t-one1",
        "- [ ] Sessions ^t-two2\n  - [ ] Expiry ^t-three3",
        "- [ ] Own ^t-own3",
        "## Docs\n\n- [ ] Guide",
    ] {
        assert_eq!(text.matches(line).count(), 1, "{line}\n{text}");
    }
    assert_eq!(text.matches("- [").count(), 5, "{text}");
    let again = other.run(&["--json", "backup", "restore", &id, "--strategy", "merge"]).json();
    assert_eq!(again["changed"], false, "{again}");
}

#[test]
fn s178_a_flipped_byte_is_named_and_never_restored() {
    let env = TestEnv::with("login", PLAN);
    let (good, bad) = (backup(&env, &["login"]), backup(&env, &["--scope", "sessions"]));
    let path = archive(&env, &bad);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ran = env.run(&["--json", "backup", "verify"]);
    assert_eq!(ran.code, 1);
    let view: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let state = |id: &str| {
        let found = view["backups"].as_array().unwrap().iter().find(|b| b["id"] == id).unwrap();
        found["integrity"].as_str().unwrap().to_owned()
    };
    assert_eq!((state(&good), state(&bad)), ("valid".to_owned(), "damaged".to_owned()));
    env.write("login", "# Other\n");
    let error = env.run(&["--json", "backup", "restore", &bad]).error(5);
    assert_eq!(error["code"], "damaged", "{error}");
    assert_eq!(env.read("login"), "# Other\n");
    env.run(&["backup", "restore", &good]).ok();
    assert_eq!(env.read("login"), PLAN);
}

#[test]
fn s178_hostile_backups_are_refused() {
    let env = TestEnv::with("login", PLAN);
    let id = backup(&env, &[]);
    for name in ["../../etc/passwd", "/etc/passwd", ".", "a/b", "nul"] {
        assert!([2, 4].contains(&env.run(&["--json", "backup", "restore", name]).code), "{name}");
    }
    fs::write(archive(&env, "20200101T000000Z-x"), b"not an archive").unwrap();
    let error = env.run(&["--json", "backup", "restore", "20200101T000000Z-x"]).error(5);
    assert_eq!(error["code"], "damaged");
    assert_eq!(env.run(&["backup", "restore", &id]).code, 0);
    assert_eq!(env.read("login"), PLAN);
}

#[test]
fn s179_retention_goes_by_count_and_age_and_asks_first() {
    let env = TestEnv::with("login", PLAN);
    let ids: Vec<String> = (0..4).map(|_| backup(&env, &["login"])).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4, "backups of one second have names of their own");
    let dry = env.run(&["--json", "backup", "cleanup", "--keep", "2"]).json();
    assert_eq!((dry["applied"].as_bool(), dry["backups"].as_array().unwrap().len()), (Some(false), 2));
    assert!(ids.iter().all(|id| archive(&env, id).exists()));
    let done = env.run(&["--json", "backup", "cleanup", "--keep", "2", "--apply"]).json();
    assert_eq!((done["applied"].as_bool(), done["kept"].as_i64()), (Some(true), Some(2)));
    assert_eq!(env.run(&["--json", "backup", "list"]).json()["total"], 2);
    // Backups nobody asked for go on their own, those that somebody asked for do not.
    env.run(&["config", "set", "retention.backups", "1"]).ok();
    for n in 0..3 {
        env.write(&format!("gone{n}"), PLAN);
        env.run(&["session", "delete", &format!("gone{n}"), "--force"]).ok();
    }
    let left = env.run(&["--json", "backup", "list"]).json();
    let automatic = left["backups"].as_array().unwrap().iter().filter(|b| !b["before"].is_null()).count();
    assert_eq!((automatic, left["total"].as_i64()), (1, Some(3)), "{left}");
}

/// S179, S174: copies of modes go by their age, and never the last one that a mode could be repaired from.
#[test]
fn s179_copies_of_modes_go_by_age_and_the_newest_of_each_stays() {
    let env = TestEnv::empty();
    env.run(&["init"]).ok();
    let home = env.root().join(".task_orchestrator");
    let good = fs::read_to_string(home.join("roles/research.yaml")).unwrap();
    fs::create_dir_all(home.join("backups")).unwrap();
    let copy = |name: &str, text: &str| fs::write(home.join("backups").join(name), text).unwrap();
    copy("mode_backup_20200103_000000_broken.yaml", "mine: [");
    copy("mode_backup_20200102_000000_broken.yaml", &good);
    copy("mode_backup_20200101_000000_broken.yaml", &good);
    copy("mode_backup_20200102_000000_gone.yaml", &good);
    copy("mode_backup_99990101_000000_research.yaml", &good);
    copy("mode_backup_99980101_000000_research.yaml", &good);
    copy("mode_backup_20200101_000000_research.yaml", &good);
    copy("mode_backup_20209999_000000_research.yaml", "no such day");
    copy("mine.yaml", "not a copy of ours");
    let names = |view: &serde_json::Value| -> Vec<String> {
        let rows = view["mode_backups"].as_array().unwrap().iter();
        rows.map(|row| row["backup"].as_str().unwrap().to_owned()).collect()
    };
    env.run(&["config", "set", "retention.mode_backup_days", "30"]).ok();
    let old = ["mode_backup_20200101_000000_broken.yaml", "mode_backup_20200101_000000_research.yaml"];
    let dry = env.run(&["--json", "backup", "cleanup"]).json();
    assert_eq!(names(&dry), old, "{dry}");
    let count = || fs::read_dir(home.join("backups")).unwrap().count();
    assert_eq!(count(), 9);
    let done = env.run(&["--json", "backup", "cleanup", "--apply"]).json();
    assert_eq!((names(&done), count()), (old.map(str::to_owned).to_vec(), 7));
    assert!(old.iter().all(|name| !home.join("backups").join(name).exists()));
    assert!(names(&env.run(&["--json", "backup", "cleanup", "--apply"]).json()).is_empty());
}

#[test]
fn s195_a_deleted_session_comes_back_from_the_backup_it_left() {
    let env = TestEnv::with("login", PLAN);
    fs::create_dir_all(env.root().join(".task_orchestrator/sessions/login/notes")).unwrap();
    fs::write(env.root().join(".task_orchestrator/sessions/login/notes/n.md"), "note\n").unwrap();
    let before = sessions(&env);
    let gone = env.run(&["--json", "session", "delete", "login", "--force"]).json();
    assert!(sessions(&env).is_empty());
    env.run(&["backup", "restore", gone["backup"].as_str().unwrap()]).ok();
    assert_eq!(sessions(&env), before);
    assert_eq!(env.run(&["--json", "list"]).json()["total"], 2, "it is indexed again");
}

/// Files of backups taken while eight processes write are states that each of them really had.
#[test]
fn s176_backups_taken_while_eight_processes_write_are_true() {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 6;
    let env = TestEnv::empty();
    for n in 0..WRITERS {
        env.write(&format!("s{n}"), format!("# S{n}\n\n## G\n\n- [ ] start ^t-start1\n"));
    }
    env.run(&["sync"]).ok();
    let stop = AtomicBool::new(false);
    // Every state that a session's file had, as its only writer saw it.
    let (states, ids) = std::thread::scope(|scope| {
        let (env, stop) = (&env, &stop);
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| {
                scope.spawn(move || {
                    let session = format!("s{n}");
                    let mut states = BTreeSet::from([env.read(&session)]);
                    for round in 0..ROUNDS {
                        if n % 2 == 0 {
                            env.run(&["-s", &session, "add", &format!("task {round}")]).ok();
                        } else {
                            // An editor: truncates and writes in place.
                            let text = format!("{}- [ ] by hand {round}\n", env.read(&session));
                            fs::write(env.session_path(&session), text).unwrap();
                        }
                        states.insert(env.read(&session));
                    }
                    (session, states)
                })
            })
            .collect();
        let taker = scope.spawn(move || {
            let mut ids = Vec::new();
            while !stop.load(Ordering::Relaxed) || ids.len() < 2 {
                ids.push(backup(env, &["--scope", "sessions"]));
            }
            ids
        });
        let states: BTreeMap<String, BTreeSet<String>> =
            writers.into_iter().map(|w| w.join().unwrap()).collect();
        stop.store(true, Ordering::Relaxed);
        (states, taker.join().unwrap())
    });
    let view = env.run(&["--json", "backup", "verify"]).json();
    assert_eq!((view["damaged"].as_i64(), view["total"].as_u64()), (Some(0), Some(ids.len() as u64)));
    let mut seen = 0;
    for id in &ids {
        let fresh = TestEnv::empty();
        fresh.run(&["init"]).ok();
        fs::create_dir_all(fresh.root().join(".task_orchestrator/backups")).unwrap();
        fs::copy(archive(&env, id), archive(&fresh, id)).unwrap();
        fresh.run(&["backup", "restore", id]).ok();
        for (session, states) in &states {
            let text = fresh.read(session);
            assert!(states.contains(&text), "{id}: {session} never said\n{text}");
            seen += 1;
        }
    }
    assert!(seen >= 2 * WRITERS);
}

#[test]
fn a_dry_run_of_a_backup_writes_nothing() {
    let env = TestEnv::with("shed", "# Session: Shed\n\n- [ ] one ^t-aaaaa1\n");
    env.run(&["done", "t-aaaaa1"]).ok();
    env.write("shed", env.read("shed").replace("one", "another"));
    env.run(&["status"]).ok();
    let state = |env: &TestEnv| {
        let all = walkdir::WalkDir::new(env.root().join(".task_orchestrator")).sort_by_file_name();
        let files = all.into_iter().map(|f| f.unwrap().path().to_owned());
        files.filter(|f| !f.to_string_lossy().contains("index.sqlite")).collect::<Vec<_>>()
    };
    let before = state(&env);
    assert!(before.len() > 5, "{before:?}");
    env.run(&["backup", "create", "--dry-run"]).ok();
    assert_eq!(state(&env), before);
}

/// One directory that cannot be looked into keeps no mode out of the backup.
#[cfg(unix)]
#[test]
fn a_binding_that_cannot_be_looked_at_is_left_out() {
    let env = TestEnv::with("shed", PLAN);
    env.run(&["init"]).ok();
    let sessions = env.root().join(".task_orchestrator/sessions");
    std::os::unix::fs::symlink("loop", sessions.join("loop")).unwrap();
    let taken = env.run(&["--json", "backup", "create", "--scope", "modes"]).json();
    assert_eq!(taken["skipped"][0]["path"], "sessions/loop/mode_binding.yaml", "{taken}");
    assert!(taken["backup"]["files"].as_u64() > Some(1), "{taken}");
}
