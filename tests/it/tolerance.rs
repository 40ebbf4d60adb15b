//! One bad file of every kind: each is listed with a finding, and all others keep working.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::cli::shapes;
use crate::common::TestEnv;

const GOOD: &str = "# Good\n\n- [ ] something to do ^t-goodd1\n";

/// Kills a run that hangs, long after anything that works is done.
const HANG: Duration = Duration::from_secs(120);

fn finish(mut child: Child) -> (i32, String) {
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = out.read_to_string(&mut text);
        text
    });
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code().unwrap_or(-1), reader.join().unwrap());
        }
        if started.elapsed() > HANG {
            child.kill().unwrap();
            panic!("the program hangs");
        }
        std::thread::yield_now();
    }
}

fn run(env: &TestEnv, args: &[&str]) -> (i32, String) {
    finish(
        env.command(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap(),
    )
}

/// Bad files that are only text, with the code they are reported by.
fn texts() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let laughs: String = (0..30)
        .map(|n| {
            if n == 0 {
                "a0: &a0 [x, x]\n".to_owned()
            } else {
                format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)
            }
        })
        .collect();
    let deep: String = (0..1000).map(|n| format!("{}- [ ] level {n}\n", "  ".repeat(n))).collect();
    vec![
        ("yaml", b"---\nid: [unclosed\nstatus: {\n---\n# Yaml\n\n- [ ] still a task\n".to_vec(), "S102"),
        ("markers", b"# M\n\n<<<<<<< ours\n- [ ] a\n=======\n- [ ] b\n>>>>>>> theirs\n".to_vec(), "F006"),
        ("utf8", b"# U\n\n- [ ] caf\xe9\n".to_vec(), "F001"),
        ("deep", format!("# D\n\n{deep}").into_bytes(), "F007"),
        ("laughs", format!("---\n{laughs}---\n# L\n\n- [ ] still a task\n").into_bytes(), "S104"),
        ("long", format!("# L\n\n- [ ] {}\n", "x".repeat(5 << 20)).into_bytes(), ""),
        ("entangled", format!("# E\n\n{deep}{}", "\n".repeat(100_000)).into_bytes(), "F007"),
        ("empty", Vec::new(), "F009"),
        ("zero", b"# N\n\n- [ ] a\0b\n".to_vec(), "F004"),
        ("quotes", format!("# Q\n\n{}- [ ] x\n", ">".repeat(100_000)).into_bytes(), "F007"),
    ]
}

/// Bad things that are no regular file.
#[cfg(unix)]
fn no_files(env: &TestEnv, outside: &std::path::Path) -> Vec<&'static str> {
    use std::os::unix::fs::symlink;
    let sessions = env.root().join(".task_orchestrator/sessions");
    for name in ["pipe", "directory", "outside", "nowhere", "device"] {
        fs::create_dir_all(sessions.join(name)).unwrap();
    }
    let made = std::process::Command::new("mkfifo").arg(sessions.join("pipe/session.md")).status().unwrap();
    assert!(made.success());
    fs::create_dir(sessions.join("directory/session.md")).unwrap();
    fs::write(outside.join("secret.md"), "# Secret\n\n- [ ] stolen\n").unwrap();
    symlink(outside.join("secret.md"), sessions.join("outside/session.md")).unwrap();
    symlink("gone.md", sessions.join("nowhere/session.md")).unwrap();
    symlink("/dev/zero", sessions.join("device/session.md")).unwrap();
    symlink(outside, sessions.join("linked-out")).unwrap();
    fs::create_dir(sessions.join("con")).unwrap();
    fs::write(sessions.join("con/session.md"), "# Con\n").unwrap();
    vec!["pipe", "directory", "outside", "nowhere", "device", "linked-out", "con"]
}

#[test]
fn every_bad_file_is_named_and_the_others_work() {
    let outside = tempfile::tempdir().unwrap();
    let env = TestEnv::with("good", GOOD);
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    for (name, bytes, code) in &texts() {
        env.write(name, bytes);
        wanted.push((name, code));
    }
    #[cfg(unix)]
    wanted.extend(no_files(&env, outside.path()).into_iter().map(|name| (name, "X009")));

    let (code, text) = run(&env, &["check", "--json"]);
    assert_eq!(code, 1);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    shapes::list(&found, "diagnostics").iter().for_each(shapes::diagnostic);
    for (name, code) in &wanted {
        let path = format!(".task_orchestrator/sessions/{name}/session.md");
        let all = found["diagnostics"].as_array().unwrap().iter().filter(|d| d["path"] == path.as_str());
        let codes: Vec<&str> = all.map(|d| d["code"].as_str().unwrap()).collect();
        assert!(code.is_empty() || codes.contains(code), "{name}: {codes:?}, wanted {code}");
    }

    let (code, text) = run(&env, &["list", "--all-sessions", "--json"]);
    assert_eq!(code, 0);
    let tasks: serde_json::Value = serde_json::from_str(&text).unwrap();
    let titles: Vec<&str> =
        shapes::list(&tasks, "tasks").iter().map(|t| t["title"].as_str().unwrap()).collect();
    for title in ["something to do", "still a task"] {
        assert!(titles.contains(&title), "{title} is missing");
    }
    assert!(!titles.contains(&"stolen"), "a link led outside");

    // Long enough to be a nuisance; the rest of the test need not wait for it.
    fs::remove_dir_all(env.session_path("long").parent().unwrap()).unwrap();
    for args in [
        &["status"][..],
        &["next", "--all-sessions"],
        &["session", "list"],
        &["browse"],
        &["search", "something", "--scope", "all"],
        &["reindex"],
        &["reindex", "--from-scratch"],
        &["done", "--session", "good", "t-goodd1"],
        &["add", "--session", "good", "another"],
    ] {
        let (code, text) = run(&env, args);
        assert_eq!(code, 0, "{args:?}: {text}{}", env.run(&["reindex", "--check", "--json"]).stderr);
    }
    assert_eq!(run(&env, &["reindex", "--check"]).0, 0);
    assert_eq!(env.read("good").matches("[x] something to do").count(), 1);
    let (code, _) = run(&env, &["sync"]);
    assert!(code < 2, "{code}");
    let (code, _) = run(&env, &["check", "--fix"]);
    assert_eq!(code, 1);
    for (name, bytes, _) in texts().iter().filter(|(_, _, code)| ["F001", "F006"].contains(code)) {
        assert!(fs::read(env.session_path(name)).unwrap() == *bytes, "{name} was changed");
    }
}

/// A session that cannot be edited refuses, saying why; it does not hold up others.
#[test]
fn what_cannot_be_edited_is_refused_one_by_one() {
    let env = TestEnv::with("good", GOOD);
    for (name, bytes, _) in texts() {
        env.write(name, bytes);
    }
    for name in ["markers", "utf8"] {
        let before = fs::read(env.session_path(name)).unwrap();
        let error = env.run(&["add", "--session", name, "x", "--json"]).error(5);
        shapes::error(&error);
        assert_eq!(error["code"], "file-read-only", "{name}");
        assert!(fs::read(env.session_path(name)).unwrap() == before, "{name}");
    }
    for name in ["yaml", "laughs", "empty", "zero", "long"] {
        let _ = env.run(&["add", "--session", name, "x"]).ok();
        assert!(
            String::from_utf8_lossy(&fs::read(env.session_path(name)).unwrap()).contains("- [ ] x"),
            "{name}"
        );
    }
}
