//! S49, S182, S183, S188, S192, S196: `cleanup` and `doctor`, through the real binary.

use std::fs;

use crate::common::TestEnv;

const PLAN: &str =
    "# Login\n\n## Backend\n\n- [ ] Tokens ^t-one1\n- [ ] Guide [dependsOn:: t-gone9] ^t-two2\n";

#[test]
fn s182_cleanup_looks_first_and_leaves_what_a_person_wrote() {
    let env = TestEnv::with("login", PLAN);
    env.run(&["config", "set", "views", "all"]).ok();
    env.run(&["sync"]).ok();
    let dir = env.root().join(".task_orchestrator/sessions/login");
    let mine = dir.join("tasks/active_tasks.md");
    fs::write(&mine, fs::read_to_string(&mine).unwrap() + "my words\n").unwrap();
    fs::write(dir.join("tasks/own.md"), "mine\n").unwrap();
    env.run(&["config", "set", "views", "overview"]).ok();
    let dry = env.run(&["--json", "cleanup"]).json();
    let views = dry["views"].as_array().unwrap().clone();
    assert_eq!((dry["applied"].as_bool(), views.len()), (Some(false), 5), "{dry}");
    assert!(dir.join("tasks/completed_tasks.md").exists());
    let done = env.run(&["--json", "cleanup", "--apply"]).json();
    assert_eq!(done["views"].as_array(), Some(&views));
    assert!(done["backup"].is_string(), "{done}");
    assert!(!dir.join("tasks/completed_tasks.md").exists() && !dir.join("task_groups").exists());
    assert!(dir.join("overview.md").exists());
    assert!(fs::read_to_string(&mine).unwrap().ends_with("my words\n") && dir.join("tasks/own.md").exists());
    let again = env.run(&["--json", "cleanup", "--scope", "views"]).json();
    assert_eq!(again["views"], serde_json::json!([]));
    env.run(&["--json", "cleanup", "--scope", "nonsense"]).error(2);
}

#[test]
fn s182_orphaned_files_of_the_tool_go_and_nothing_that_is_in_use() {
    let env = TestEnv::with("login", PLAN);
    env.run(&["list"]).ok();
    let home = env.root().join(".task_orchestrator");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 86_400);
    let put = |name: &str, old_one: bool| {
        let path = home.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        if old_one {
            file.set_modified(old).unwrap();
        }
    };
    let orphans = [
        "exports/.plandown-tmp-1-2.part",
        ".state/archives.sqlite",
        ".state/index.sqlite.bad-20260131",
        ".state/index.sqlite.bad-20260131-wal",
    ];
    let others = [
        "exports/.plandown-tmp-1-3.part",
        "exports/mine.part",
        ".state/index.sqlite.mine",
        ".state/index.sqlite.old_mine",
        ".state/index.sqlite.bad-luck",
    ];
    orphans.iter().for_each(|name| put(name, true));
    put(others[0], false);
    others[1..].iter().for_each(|name| put(name, true));
    let expected: Vec<String> = orphans.iter().map(|name| format!(".task_orchestrator/{name}")).collect();
    let found = |args: &[&str]| -> Vec<String> {
        let view = env.run(&[&["--json", "cleanup", "--scope", "locks"], args].concat()).json();
        let mut paths: Vec<String> = serde_json::from_value(view["locks"].clone()).unwrap();
        paths.sort_by_key(|path| expected.iter().position(|e| e == path));
        paths
    };
    assert_eq!(found(&[]), expected);
    assert!(orphans.iter().all(|name| home.join(name).exists()), "it only looked");
    assert_eq!(found(&["--apply"]), expected);
    assert!(!orphans.iter().any(|name| home.join(name).exists()));
    assert!(others.iter().all(|name| home.join(name).exists()));
    assert!(home.join(".state/index.sqlite").exists() && home.join(".state/index.sqlite-lock").exists());
    assert!(found(&["--apply"]).is_empty());
    // With an archive there, its index is in use.
    put("archives/gone.tar.zst", false);
    put(".state/archives.sqlite", false);
    assert!(found(&[]).is_empty());
}

#[test]
fn s182_the_history_of_a_session_long_gone_comes_back_from_the_backup() {
    let env = TestEnv::with("login", PLAN);
    env.write("gone", PLAN.replace("Login", "Gone"));
    env.run(&["sync"]).ok();
    env.run(&["done", "t-one1", "-s", "gone"]).ok();
    let finished = env.read("gone");
    let refused = env.run(&["done", "t-nothing", "-s", "gone"]);
    assert_ne!(refused.code, 0);
    let deleted = env.run(&["--json", "session", "delete", "gone", "--force"]).json();
    let state = env.root().join(".task_orchestrator/.state");
    let log = state.join("log/gone.log");
    let whole = fs::read(&log).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(400 * 86_400);
    let age = |path: &std::path::Path| {
        fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    };
    age(&log);
    for name in ["retention.versions", "retention.snapshot_days", "retention.foreign_days"] {
        env.run(&["config", "set", name, "1"]).ok();
    }
    for dir in fs::read_dir(state.join("base")).unwrap() {
        fs::read_dir(dir.unwrap().path()).unwrap().for_each(|blob| age(&blob.unwrap().path()));
    }
    let done = env.run(&["--json", "cleanup", "--apply"]).json();
    assert!(done["histories"].to_string().contains("log/gone.log") && !log.exists(), "{done}");
    assert!(done["snapshots"].as_u64().unwrap() > 0, "{done}");

    // The history first, the plan as it was deleted then: both go on where they ended.
    let backup = done["backup"].as_str().unwrap();
    assert_eq!(env.run(&["backup", "verify", backup]).code, 0);
    env.run(&["backup", "restore", backup]).ok();
    assert_eq!(fs::read(&log).unwrap(), whole);
    env.run(&["backup", "restore", deleted["backup"].as_str().unwrap()]).ok();
    assert_eq!(env.read("gone"), finished);
    env.run(&["undo", "-s", "gone"]).ok();
    assert!(env.read("gone").contains("- [ ] Tokens"), "{}", env.read("gone"));

    // Beside a plan that goes on, no older history is put.
    let now = fs::read(&log).unwrap();
    env.run(&["backup", "restore", backup]).ok();
    assert_eq!(fs::read(&log).unwrap(), now);
}

#[test]
fn s188_expired_claims_are_counted_and_go() {
    let env = TestEnv::with("login", PLAN);
    env.run(&["claim", "t-one1"]).ok();
    assert_eq!(env.run(&["--json", "cleanup", "--scope", "claims"]).json()["claims"], 0, "it is in force");
    env.run(&["release", "t-one1"]).ok();
}

#[test]
fn s183_doctor_names_broken_dependencies_damaged_backups_and_views_nobody_asks_for() {
    let env = TestEnv::with("login", PLAN);
    env.run(&["sync"]).ok();
    env.run(&["backup", "create"]).ok();
    env.run(&["config", "set", "views", "none"]).ok();
    let rows = |env: &TestEnv| -> serde_json::Value {
        serde_json::from_str(&env.run(&["--json", "doctor"]).stdout).unwrap()
    };
    let state = |view: &serde_json::Value, what: &str| {
        let found = view["checks"].as_array().unwrap().iter().find(|r| r["what"] == what).unwrap();
        (found["state"].as_str().unwrap().to_owned(), found["message"].as_str().unwrap().to_owned())
    };
    let view = rows(&env);
    let (word, message) = state(&view, "dependencies");
    assert_eq!(word, "warning");
    assert!(message.contains("D601 .task_orchestrator/sessions/login/session.md:6"), "{message}");
    assert_eq!(state(&view, "backups").0, "ok");
    assert!(state(&view, "orphans").1.starts_with("1 view "), "{view}");
    assert!(state(&view, "index").1.contains("1 session, 2 tasks"), "{view}");
    let backups = env.root().join(".task_orchestrator/backups");
    let file = fs::read_dir(backups).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    bytes[40] ^= 4;
    fs::write(&file, bytes).unwrap();
    let view = rows(&env);
    assert_eq!((state(&view, "backups").0.as_str(), view["healthy"].as_bool()), ("error", Some(false)));
    let text = env.run(&["doctor"]);
    assert!(text.code == 1 && text.stdout.contains("plandown backup verify"), "{text:?}");
}

/// S121.
#[cfg(unix)]
#[test]
fn s192_private_places_are_private_and_made_so_again() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::with("login", PLAN);
    env.run(&["backup", "create"]).ok();
    let backups = env.root().join(".task_orchestrator/backups");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = fs::read_dir(&backups).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(&backups), mode(&file)), (0o700, 0o600));
    fs::set_permissions(&backups, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(env.run(&["doctor"]).stdout.contains("others can enter"));
    let _ = env.run(&["doctor", "--fix"]);
    assert_eq!(mode(&backups), 0o700);
}
