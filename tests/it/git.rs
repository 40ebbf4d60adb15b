//! Plans under the real `git`: merges with the driver and without, and what they leave behind.

use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::TestEnv;

pub(crate) const PLAN: &str = "\
# Session: Git

## Task Groups

### Work

- [ ] One <!-- id: t-aaaaaa -->
- [ ] Two <!-- id: t-bbbbbb -->
- [ ] Three <!-- id: t-cccccc -->

## Session Notes

A note.
";

/// A repository in a temporary directory with a plan in it.
pub(crate) struct Repo {
    pub env: TestEnv,
    path: String,
}

impl Repo {
    pub(crate) fn new(text: &str) -> Self {
        let env = TestEnv::with("login", text);
        // The program stands where Git looks for it.
        let bin = Path::new(env!("CARGO_BIN_EXE_plandown")).parent().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        let repo = Self { env, path: format!("{}:{path}", bin.display()) };
        repo.git(&["init", "-q", "-b", "main", "."]);
        repo.git(&["config", "user.name", "T"]);
        // Housekeeping in the background would hold locks that the next command wants.
        repo.git(&["config", "gc.autoDetach", "false"]);
        repo.git(&["config", "maintenance.autoDetach", "false"]);
        repo.git(&["config", "user.email", "t@localhost"]);
        repo.commit("base");
        repo
    }

    pub(crate) fn with_driver(text: &str) -> Self {
        let repo = Self::new(text);
        repo.run(&["git", "install"], 0);
        repo.commit("install");
        repo
    }

    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        Command::new("git")
            .args(args)
            .current_dir(self.env.root())
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", "/nonexistent")
            .env("USER", "tester")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_EDITOR", "true")
            .output()
            .unwrap()
    }

    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let out = self.try_git(args);
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        assert!(out.status.success(), "git {args:?}: {}{}", text(&out.stdout), text(&out.stderr));
        text(&out.stdout)
    }

    /// A Git command that is to end with a conflict.
    #[track_caller]
    pub(crate) fn git_conflicts(&self, args: &[&str]) {
        let out = self.try_git(args);
        assert_eq!(out.status.code(), Some(1), "git {args:?}: {out:?}");
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Commits the plan with `from` replaced by `to`.
    #[track_caller]
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = self.text();
        assert!(text.contains(from), "{from:?} is not in\n{text}");
        self.env.write("login", text.replacen(from, to, 1));
        self.commit(to);
    }

    pub(crate) fn text(&self) -> String {
        self.env.read("login")
    }

    #[track_caller]
    pub(crate) fn run(&self, args: &[&str], code: i32) -> String {
        let ran = self.ran(args);
        assert_eq!(ran.code, code, "plandown {args:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    pub(crate) fn ran(&self, args: &[&str]) -> crate::common::Ran {
        self.env.run_with(args, "", &[("PATH", &self.path)])
    }

    pub(crate) fn json(&self, args: &[&str], code: i32) -> serde_json::Value {
        let all: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.run(&all, code)).unwrap()
    }

    /// Two branches from here: `ours` checked out, `theirs` beside it.
    #[track_caller]
    pub(crate) fn fork(&self, ours: (&str, &str), theirs: (&str, &str)) {
        self.git(&["checkout", "-q", "-b", "theirs"]);
        self.edit(theirs.0, theirs.1);
        self.git(&["checkout", "-q", "main"]);
        self.edit(ours.0, ours.1);
    }
}

const TICK_ONE: (&str, &str) = ("- [ ] One", "- [x] One");
const TICK_TWO: (&str, &str) = ("- [ ] Two", "- [x] Two");

#[test]
fn neighbouring_tasks_merge_in_every_way_git_merges() {
    let merged = PLAN.replace(TICK_ONE.0, TICK_ONE.1).replace(TICK_TWO.0, TICK_TWO.1);
    for how in [&["merge", "-q", "theirs"][..], &["rebase", "-q", "theirs"], &["cherry-pick", "theirs"]] {
        let repo = Repo::with_driver(PLAN);
        repo.fork(TICK_ONE, TICK_TWO);
        repo.git(how);
        assert_eq!(repo.text(), merged, "{how:?}");
        repo.run(&["check"], 0);
    }
    let repo = Repo::with_driver(PLAN);
    repo.env.write("login", PLAN.replace(TICK_TWO.0, TICK_TWO.1));
    repo.git(&["stash", "-q"]);
    repo.edit(TICK_ONE.0, TICK_ONE.1);
    repo.git(&["stash", "pop", "-q"]);
    assert_eq!(repo.text(), merged, "stash pop");
}

#[test]
fn a_real_conflict_leaves_markers_and_resolve_says_what_remains() {
    let repo = Repo::with_driver(PLAN);
    repo.fork(("One", "Uno"), ("One", "Eins"));
    repo.git_conflicts(&["merge", "-q", "theirs"]);
    let text = repo.text();
    for line in
        ["<<<<<<< HEAD", "- [ ] Uno", "|||||||", "- [ ] One", "=======", "- [ ] Eins", ">>>>>>> theirs"]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(repo.run(&["check"], 1).contains("F006"));
    let view = repo.json(&["git", "resolve"], 1);
    assert_eq!((&view["open"], &view["files"][0]["state"]), (&1.into(), &"conflict".into()));
    assert_eq!(repo.text(), text, "resolving twice changes nothing");
    // A person decides; then the rest is Git's.
    repo.env.write("login", PLAN.replace("One", "Eins"));
    assert_eq!(repo.json(&["git", "resolve"], 0)["files"][0]["state"], "by hand");
    repo.git(&["commit", "-q", "--no-edit"]);
}

#[test]
fn without_the_driver_the_leftovers_are_diagnosed_and_resolved() {
    let merged = PLAN.replace(TICK_ONE.0, TICK_ONE.1).replace(TICK_TWO.0, TICK_TWO.1);
    for style in ["merge", "diff3", "zdiff3"] {
        let repo = Repo::new(PLAN);
        repo.git(&["config", "merge.conflictStyle", style]);
        repo.fork(TICK_ONE, TICK_TWO);
        repo.git_conflicts(&["merge", "-q", "theirs"]);
        assert!(repo.text().contains("<<<<<<<"));
        assert!(repo.run(&["check"], 1).contains("F006"), "{style}");
        let before = repo.text();
        assert!(repo.run(&["git", "resolve", "--dry-run"], 0).contains("- [x] Two"));
        assert_eq!(repo.text(), before);
        repo.run(&["git", "resolve"], 0);
        assert_eq!(repo.text(), merged, "{style}");
        repo.git(&["commit", "-q", "--no-edit"]);
        assert_eq!(repo.json(&["git", "resolve"], 0)["files"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn markers_that_were_committed_are_resolved_from_what_they_show() {
    let repo = Repo::new(PLAN);
    repo.git(&["config", "merge.conflictStyle", "diff3"]);
    repo.fork(TICK_ONE, TICK_TWO);
    repo.git_conflicts(&["merge", "-q", "theirs"]);
    repo.commit("oops");
    repo.run(&["git", "resolve"], 0);
    assert_eq!(repo.text(), PLAN.replace(TICK_ONE.0, TICK_ONE.1).replace(TICK_TWO.0, TICK_TWO.1));
}

#[test]
fn what_a_person_did_between_the_markers_stays() {
    let repo = Repo::new(PLAN);
    repo.fork(TICK_ONE, TICK_TWO);
    repo.git_conflicts(&["merge", "-q", "theirs"]);
    let text = repo.text().replace("A note.", "A better note.");
    repo.env.write("login", text);
    repo.run(&["git", "resolve"], 0);
    assert!(repo.text().contains("A better note."));
    assert!(repo.text().contains(TICK_ONE.1) && repo.text().contains(TICK_TWO.1));
}

#[test]
fn a_driver_that_is_missing_loses_nothing() {
    let repo = Repo::with_driver(PLAN);
    repo.fork(TICK_ONE, TICK_TWO);
    repo.git(&["config", "merge.plandown.driver", "no-such-program-anywhere %O %A %B"]);
    repo.git_conflicts(&["merge", "-q", "theirs"]);
    assert!(!repo.text().contains(TICK_TWO.1), "Git leaves ours without a marker");
    let broken = repo.json(&["doctor"], 1);
    let row = broken["checks"].as_array().unwrap().iter().find(|r| r["what"] == "git").unwrap();
    assert_eq!(row["state"], "error");
    repo.run(&["git", "resolve"], 0);
    assert!(repo.text().contains(TICK_ONE.1) && repo.text().contains(TICK_TWO.1));
    repo.git(&["commit", "-q", "--no-edit"]);
}

#[test]
fn doctor_notices_what_is_declared_and_not_set_up() {
    let state = |repo: &Repo, code: i32| {
        let view = repo.json(&["doctor"], code);
        let rows = view["checks"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|r| r["what"] == "git").unwrap();
        (row["state"].as_str().unwrap().to_owned(), row["message"].as_str().unwrap().to_owned())
    };
    let repo = Repo::new(PLAN);
    assert_eq!(state(&repo, 0).0, "ok");
    repo.run(&["git", "install"], 0);
    let (word, message) = state(&repo, 0);
    assert!(word == "ok" && message.contains("trial"), "{message}");
    repo.git(&["config", "--unset", "merge.plandown.driver"]);
    let (word, message) = state(&repo, 1);
    assert!(word == "warning" && message.contains("X008"), "{message}");
}

#[test]
fn installing_and_uninstalling_leaves_no_trace() {
    for before in [None, Some("*.png binary\n"), Some("*.png binary")] {
        let repo = Repo::new(PLAN);
        let attributes = repo.env.root().join(".gitattributes");
        let hook = repo.env.root().join(".git/hooks/pre-commit");
        let config = repo.env.root().join(".git/config");
        if let Some(text) = before {
            fs::write(&attributes, text).unwrap();
        }
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, "#!/bin/sh\ntrue\n").unwrap();
        let settings = fs::read_to_string(&config).unwrap();
        assert_eq!(repo.json(&["git", "install", "--hooks"], 0)["changed"], true);
        assert!(fs::read_to_string(&hook).unwrap().starts_with("#!/bin/sh\ntrue\n"));
        assert_eq!(repo.json(&["git", "install", "--hooks"], 0)["changed"], false, "once is enough");
        repo.run(&["git", "uninstall"], 0);
        assert_eq!(fs::read_to_string(&attributes).ok().as_deref(), before);
        assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\ntrue\n");
        assert_eq!(fs::read_to_string(&config).unwrap(), settings);
    }
}

#[test]
fn added_by_both_and_deleted_by_one() {
    // Both sides add the same new session: equal tasks are one, the others are kept.
    let repo = Repo::with_driver(PLAN);
    repo.git(&["checkout", "-q", "-b", "theirs"]);
    repo.env.write("new", PLAN.replace("Three <!-- id: t-cccccc -->", "Third <!-- id: t-dddddd -->"));
    repo.commit("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.env.write("new", PLAN);
    repo.commit("ours");
    let merged = repo.try_git(&["merge", "-q", "theirs"]);
    let text = repo.env.read("new");
    assert!(merged.status.code().is_some_and(|c| c <= 1));
    assert!(text.contains("Three") && text.contains("Third"), "{text}");
    assert_eq!(text.matches("t-aaaaaa").count(), 1, "{text}");

    let repo = Repo::with_driver(PLAN);
    repo.git(&["checkout", "-q", "-b", "theirs"]);
    repo.git(&["rm", "-q", ".task_orchestrator/sessions/login/session.md"]);
    repo.commit("gone");
    repo.git(&["checkout", "-q", "main"]);
    repo.edit(TICK_ONE.0, TICK_ONE.1);
    repo.git_conflicts(&["merge", "-q", "theirs"]);
    assert!(repo.text().contains(TICK_ONE.1));
    let view = repo.json(&["git", "resolve"], 1);
    assert!(view["files"][0]["conflicts"][0].as_str().unwrap().contains("deleted"), "{view}");
}

#[test]
fn the_driver_works_on_plain_files_anywhere_and_twice_is_once() {
    let env = TestEnv::empty();
    let write = |name: &str, text: &[u8]| fs::write(env.root().join(name), text).unwrap();
    let read = |name: &str| fs::read(env.root().join(name)).unwrap();
    write("o", PLAN.as_bytes());
    write("a", PLAN.replace("One", "Uno").as_bytes());
    write("b", PLAN.replace("One", "Eins").as_bytes());
    let args = ["git", "merge-driver", "o", "a", "b", "9", "x/login/session.md", "B", "O", "T"];
    assert_eq!(env.run(&args).code, 1);
    let first = read("a");
    let text = String::from_utf8(first.clone()).unwrap();
    assert!(text.contains("<<<<<<<<< O\n") && text.contains(">>>>>>>>> T\n"), "{text}");
    write("a", PLAN.replace("One", "Uno").as_bytes());
    assert_eq!(env.run(&args).code, 1);
    assert_eq!(read("a"), first);
    // Bytes that are no text, and an older Git that does not fill in everything.
    write("o", b"a\n\xff\nb\n");
    write("a", b"a2\n\xff\nb\n");
    write("b", b"a\n\xff\nb2\n");
    let path = std::env::var("PATH").unwrap();
    let ran = env.run_with(&["git", "merge-driver", "o", "a", "b", "%L", "%P"], "", &[("PATH", &path)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(read("a"), b"a2\n\xff\nb2\n");
    write("o", b"");
    write("a", b"\xffours\n");
    write("b", b"theirs\n");
    let nothing = env.run_with(&["git", "merge-driver", "o", "a", "b"], "", &[("PATH", "/nonexistent")]);
    assert_eq!(nothing.code, 1, "{nothing:?}");
    let both = read("a");
    assert!(both.windows(5).any(|w| w == b"\xffours") && both.windows(6).any(|w| w == b"theirs"));
    assert!(env.root().read_dir().unwrap().count() == 3, "no temp file is left");
}

#[test]
fn a_plan_is_shown_task_by_task_in_git_diff() {
    let repo = Repo::with_driver(PLAN);
    repo.env.write("login", PLAN.replace(TICK_ONE.0, TICK_ONE.1));
    let diff = repo.git(&["diff"]);
    assert!(diff.contains("+- [x] One · completed · t-aaaaaa"), "{diff}");
    assert!(diff.contains("-- [ ] One · pending · t-aaaaaa"), "{diff}");
}

#[test]
fn differences_are_told_by_task() {
    let repo = Repo::new(PLAN);
    assert_eq!(repo.json(&["diff"], 0)["total"], 0);
    repo.env.write("login", PLAN.replace(TICK_ONE.0, TICK_ONE.1));
    let view = repo.json(&["diff"], 0);
    let change = &view["sessions"][0]["changes"][0];
    assert_eq!((&view["from"], &view["to"]), (&"HEAD".into(), &"files".into()));
    assert_eq!((&change["kind"], &change["task"]["id"]), (&"status".into(), &"t-aaaaaa".into()));
    assert_eq!((&change["from"], &change["to"]), (&"pending".into(), &"completed".into()));
    assert_eq!(repo.json(&["diff", "--staged"], 0)["total"], 0);
    repo.git(&["add", "-A"]);
    assert_eq!(repo.json(&["diff", "--staged"], 0)["total"], 1);
    repo.commit("tick");
    repo.edit("Three", "Drei");
    assert_eq!(repo.json(&["diff", "HEAD~2..HEAD~1"], 0)["sessions"][0]["changes"][0]["kind"], "status");
    let text = repo.run(&["diff", "HEAD~2"], 0);
    assert!(text.contains("~ t-aaaaaa One: pending → completed"), "{text}");
    assert!(text.contains("~ t-cccccc Drei: was called Three"), "{text}");
    repo.git(&["mv", ".task_orchestrator/sessions/login", ".task_orchestrator/sessions/sign-in"]);
    repo.env.write("other", PLAN);
    let states: Vec<_> = repo.json(&["diff"], 0)["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["path"].as_str().unwrap().to_owned(), s["state"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(states.len(), 3, "{states:?}");
    let nowhere = repo.env.run_with(&["diff", "no-such", "--json"], "", &[("PATH", &repo.path)]).error(4);
    assert_eq!(nowhere["code"], "not-found");
    let outside = TestEnv::with("a", PLAN).run(&["diff", "--json"]);
    assert!(outside.code == 4 || outside.code == 5, "{outside:?}");
}

/// What only shows between files stands on the line that is staged, wherever the working tree has it now.
#[test]
fn what_two_staged_plans_have_in_common_is_found_on_its_line() {
    let repo = Repo::new(PLAN);
    repo.env.write("other", "# Other\n\n- [ ] One ^t-same01\n");
    repo.env.write("third", "# Third\n\n- [ ] Same ^t-same01\n");
    repo.git(&["add", "-A"]);
    repo.env.write("third", "# T\n\nnow\n\nsomewhere\n\nelse\n");
    let found = repo.json(&["check", "--staged", "--all"], 0);
    let found = &found["diagnostics"];
    assert_eq!((&found[0]["code"], &found[0]["line"], &found[1]), (&json!("I503"), &json!(3), &json!(null)));
    let shown = repo.run(&["check", "--staged", "--all"], 0);
    assert!(shown.contains("3 | - [ ] Same ^t-same01"), "{shown}");
}

#[test]
fn a_commit_is_checked_as_it_is_staged() {
    let repo = Repo::new(PLAN);
    repo.run(&["git", "install", "--hooks"], 0);
    repo.commit("install");
    let broken = PLAN.replace("[ ] One", "[ ] One [depends_on:: t-zzzzzz]");
    // Broken on disk, sound in the staging area.
    repo.env.write("login", PLAN.replace(TICK_ONE.0, TICK_ONE.1));
    repo.git(&["add", "-A"]);
    repo.env.write("login", &broken);
    repo.run(&["check"], 1);
    repo.run(&["check", "--staged"], 0);
    repo.git(&["commit", "-q", "-m", "sound"]);
    // The other way round.
    repo.git(&["add", "-A"]);
    repo.env.write("login", PLAN);
    repo.run(&["check"], 0);
    assert!(repo.run(&["check", "--staged"], 1).contains("t-zzzzzz"));
    assert!(!repo.try_git(&["commit", "-q", "-m", "broken"]).status.success());
    // A partial commit has a staging area of its own.
    repo.git(&["commit", "-q", "-m", "part", "--", ".task_orchestrator"]);
    // What a commit does not touch is no reason to stop it.
    repo.env.write("login", &broken);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--no-verify", "-m", "broken"]);
    fs::write(repo.env.root().join("other"), "x").unwrap();
    repo.commit("other");
}
