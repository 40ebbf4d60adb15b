//! Sessions in long-term storage: packed away, found, brought back.

use std::fs;

use crate::common::TestEnv;

const DONE: &str = "# Session: Old shed\n\n**Status**: Completed\n\n- [x] buy planks ^t-aaaaa1\n";

/// S157.
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

    // In another format too, or not at all.
    env.run(&["session", "archive", "old-shed", "--export", "docx", "--json"]).error(2);
    env.run(&["session", "archive", "old-shed", "--export", "docx", "--dry-run", "--json"]).error(2);
    assert_eq!(env.read("old-shed"), DONE);
    let done = env.run(&["session", "archive", "old-shed", "--export", "markdown", "--json"]).json();
    assert!(
        fs::read_to_string(env.root().join(done["exported"][0].as_str().unwrap()))
            .unwrap()
            .contains("buy planks")
    );
    assert!(!env.session_path("old-shed").exists());
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

const ROOF: &str = "# Session: Old roof\n\n**Status**: Completed\n\n- [x] replace the gutter brackets ^t-bbbbb1\n\n## Session Notes\n\n### Decisions Made\n\n- Zinc instead of copper\n";

/// S125, S148, S180, S195: a task in a compressed archive is found with one command, which says where it is and
/// how it comes back.
#[test]
fn archived_sessions_stay_searchable() {
    let env = TestEnv::with("old-roof", ROOF);
    env.write("garden", "# Session: Garden\n\n- [ ] dig the pond ^t-aaaaa1\n");
    env.run(&["session", "archive", "old-roof"]).ok();

    let text = env.run(&["search", "--archived", "gutter"]);
    assert!(text.stderr.contains("plandown session restore old-roof"), "{text:?}");
    let text = text.ok();
    assert!(text.contains("t-bbbbb1") && text.contains("archives/old-roof.tar.zst:5"), "{text}");
    // Asked twice: the second time from the cache.
    for _ in 0..2 {
        let found = env.run(&["search", "--scope", "archived", "zinc", "--in", "decisions", "--json"]).json();
        assert_eq!(found["results"][0]["archived"], "old-roof", "{found}");
        assert_eq!(found["results"][0]["kind"], "decision", "{found}");
    }

    // Whoever does not know that it is archived is told.
    let missed = env.run(&["search", "gutter"]);
    assert!(missed.stdout.is_empty() && missed.stderr.contains("--archived"), "{missed:?}");
    let missed = env.run(&["search", "gutter", "--scope", "all", "--json"]).json();
    assert_eq!((missed["total"].as_u64(), missed["in_archives"].as_u64()), (Some(0), Some(1)), "{missed}");
    let other = env.run(&["search", "--archived", "pond"]);
    assert!(other.stdout.is_empty(), "{other:?}");

    env.run(&["session", "restore", "old-roof"]).ok();
    assert_eq!(env.read("old-roof"), ROOF);
    assert!(env.run(&["search", "--archived", "gutter"]).ok().is_empty());
    env.run(&["reindex", "--check"]).ok();
}

/// S148: the index of the archives is a function of the archives, whatever happens to it or to them.
#[test]
fn the_index_of_the_archives_may_be_lost_damaged_or_too_old() {
    let env = TestEnv::with("old-roof", ROOF);
    env.write("old-shed", DONE);
    for id in ["old-roof", "old-shed"] {
        env.run(&["session", "archive", id]).ok();
    }
    let state = env.root().join(".task_orchestrator/.state");
    let found = |word: &str| {
        let view = env.run(&["search", "--archived", word, "--json"]).json();
        view["results"].as_array().unwrap().len()
    };
    assert_eq!((found("planks"), found("gutter")), (1, 1));
    assert!(state.join("archives.sqlite").is_file());
    fs::write(state.join("archives.sqlite"), "no database").unwrap();
    assert_eq!((found("planks"), found("gutter")), (1, 1));
    env.run(&["reindex", "--from-scratch"]).ok();
    env.run(&["reindex", "--check"]).ok();

    // A damaged archive hides only itself, and says so.
    let archive = env.root().join(".task_orchestrator/archives/old-roof.tar.zst");
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
    assert_eq!((found("planks"), found("gutter")), (1, 0));
    let told = env.run(&["search", "--archived", "planks"]);
    assert!(told.stderr.contains("old-roof.tar.zst"), "{told:?}");
    let list = env.run(&["session", "list", "--archived", "--json"]).json();
    assert_eq!(
        (list["total"].as_u64(), list["broken"].as_array().map(Vec::len)),
        (Some(1), Some(1)),
        "{list}"
    );
    env.run(&["reindex", "--check"]).ok();
    fs::write(&archive, whole).unwrap();
    assert_eq!((found("planks"), found("gutter")), (1, 1));
}
