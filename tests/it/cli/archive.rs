//! Sessions in long-term storage: packed away, found, brought back.

use std::fs;

use crate::common::TestEnv;

const DONE: &str = "# Session: Old shed\n\n**Status**: Completed\n\n- [x] buy planks ^t-aaaaa1\n";

#[test]
fn a_session_comes_back_byte_for_byte_under_any_of_its_names() {
    let env = TestEnv::with("old-shed", DONE);
    env.write("older-shed", DONE.replace("Old", "Older"));
    for id in ["old-shed", "older-shed"] {
        env.run(&["session", "archive", id]).ok();
    }
    assert!(!env.session_path("old-shed").exists());
    let page = env.run(&["session", "list", "--archived", "--limit", "1", "--json"]).json();
    assert_eq!((page["total"].as_u64(), page["sessions"].as_array().map(Vec::len)), (Some(2), Some(1)));

    let error = env.run(&["session", "restore", "old", "--json"]).error(4);
    assert_eq!(error["candidates"], serde_json::json!(["old-shed", "older-shed"]), "{error}");
    env.run(&["session", "restore", "nothing", "--json"]).error(4);

    let would = env.run(&["session", "restore", "older", "--dry-run"]).ok();
    assert!(would.contains(".task_orchestrator/sessions/older-shed/session.md"), "{would}");
    assert!(!env.session_path("older-shed").exists());

    env.run(&["session", "restore", "Old shed"]).ok();
    assert_eq!(env.read("old-shed"), DONE);
    let left = env.run(&["session", "list", "--archived", "--json"]).json();
    assert_eq!(left["sessions"][0]["id"], "older-shed", "{left}");
}

#[test]
fn sessions_are_listed_in_the_order_that_is_asked_for_and_end_with_a_note() {
    let env = TestEnv::with("b", "# Session: Alder\n\n- [ ] one\n");
    env.write("a", "# Session: Birch\n\n- [x] one\n");
    let names = |args: &[&str]| -> Vec<String> {
        let view = env.run(&[&["session", "list", "--json"], args].concat()).json();
        view["sessions"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[]), ["a", "b"]);
    assert_eq!(names(&["--sort", "name"]), ["b", "a"]);
    assert_eq!(names(&["--sort", "progress", "--reverse"]), ["a", "b"]);
    env.run(&["session", "complete", "a", "--note", "It stands."]).ok();
    let text = env.read("a");
    assert!(text.contains("Completed") && text.contains("It stands."), "{text}");
}

fn dir(env: &TestEnv) -> std::path::PathBuf {
    env.session_path("old-shed").parent().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn whatever_lies_beside_a_plan_comes_back_with_it() {
    use std::os::unix::fs::PermissionsExt;
    let mode =
        |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let env = TestEnv::with("old-shed", DONE);
    let files =
        [("notes/session.md", 0o644), (".hidden", 0o600), ("tools/my build.sh", 0o755), ("deep/er/x", 0o640)];
    for (name, bits) in files {
        let path = dir(&env).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, name).unwrap();
        mode(&path, bits);
    }
    mode(&env.session_path("old-shed"), 0o664);
    env.run(&["session", "archive", "old-shed"]).ok();
    assert!(!dir(&env).exists());
    env.run(&["session", "restore", "old-shed"]).ok();
    assert_eq!(env.read("old-shed"), DONE);
    for (name, bits) in files.into_iter().chain([("session.md", 0o664)]) {
        let path = dir(&env).join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, bits, "{name}");
        assert!(name == "session.md" || fs::read_to_string(path).unwrap() == name);
    }
    assert_eq!(fs::read_dir(env.root().join(".task_orchestrator/archives")).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn what_an_archive_cannot_hold_is_not_removed() {
    use std::os::unix::fs::symlink;
    for name in ["session.md", "notes.md"] {
        let env = TestEnv::with("old-shed", DONE);
        let mine = env.root().join("mine.md");
        fs::write(&mine, DONE).unwrap();
        let link = dir(&env).join(name);
        let _ = fs::remove_file(&link);
        symlink(&mine, &link).unwrap();
        let error = env.run(&["session", "archive", "old-shed", "--json"]).error(5);
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(env.read("old-shed"), DONE);
    }
}

#[test]
fn what_was_interrupted_is_taken_up_again() {
    let env = TestEnv::with("old-shed", DONE);
    fs::write(dir(&env).join("a.md"), "a").unwrap();
    fs::write(dir(&env).join("b.md"), "b").unwrap();
    env.run(&["session", "archive", "old-shed"]).ok();
    // A restore that died half way: one file is there.
    fs::create_dir_all(dir(&env)).unwrap();
    fs::write(dir(&env).join("a.md"), "a").unwrap();
    env.run(&["session", "restore", "old-shed"]).ok();
    assert_eq!(
        (env.read("old-shed").as_str(), fs::read(dir(&env).join("b.md")).unwrap()),
        (DONE, b"b".to_vec())
    );
    // One that died before the archive went.
    let archive = env.root().join(".task_orchestrator/archives/old-shed.tar.zst");
    env.run(&["session", "archive", "old-shed"]).ok();
    let packed = fs::read(&archive).unwrap();
    env.run(&["session", "restore", "old-shed"]).ok();
    fs::write(&archive, &packed).unwrap();
    env.run(&["session", "restore", "old-shed"]).ok();
    assert!(!archive.exists());
    // An archive that was written before its session went.
    fs::write(&archive, &packed).unwrap();
    env.run(&["session", "archive", "old-shed"]).ok();
    assert!(!dir(&env).exists() && archive.exists());
    // Somebody's own files in the way are not.
    fs::create_dir_all(dir(&env)).unwrap();
    fs::write(dir(&env).join("a.md"), "mine").unwrap();
    env.run(&["session", "restore", "old-shed", "--json"]).error(5);
    assert_eq!(fs::read(dir(&env).join("a.md")).unwrap(), b"mine");
    assert!(archive.exists());
}
