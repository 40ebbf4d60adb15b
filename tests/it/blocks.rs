//! S28: generated blocks inside `session.md`, through the real binary.

use crate::common::TestEnv;

/// The lines between the markers of a block.
fn inner(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<!-- plandown:begin {name} ")).unwrap();
    let (_, rest) = rest.split_once("-->").unwrap();
    let end = format!("\n<!-- plandown:end {name} -->\n");
    rest.split_once(&end).unwrap().0.trim_start_matches('\n').to_owned() + "\n"
}

/// The same text with what is inside of blocks, and their hashes, left out.
fn outside(text: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in text.lines() {
        let begins = line.starts_with("<!-- plandown:begin ");
        inside = (inside || begins) && !line.starts_with("<!-- plandown:end ");
        if !inside {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// A hand-typed block of every kind, with the hash of nothing in it, around titles that are no plain words.
fn plan() -> String {
    let mut text = String::from("# Odd\n\n## Overview\n\n");
    for name in ["overview", "progress", "metrics", "board", "next", "changelog"] {
        let around = if name == "metrics" { "### Key Metrics\n\n- **Total Tasks**: 7\n\n" } else { "" };
        text.push_str(&format!(
            "{around}<!-- plandown:begin {name} h=af1349b9 -->\n<!-- plandown:end {name} -->\n\n"
        ));
    }
    text + "## Tasks\n\n### [x] A **Key**: value\n\n\
        - [x] \\[ ] looks like a box [completion:: 2026-01-02] ^t-one1\n\
        - [/] **Status**: Done ^t-two2\n\
        - [ ] <!-- plandown:end board --> ^t-three3\n\
        - [ ] `unclosed and | # [[links]] ^t-four4\n\
        - [ ] Waits [dependsOn:: t-four4] ^t-five5\n"
}

#[test]
fn s28_a_full_session_has_blocks_that_follow_the_tasks() {
    let env = TestEnv::empty();
    env.run(&["init"]).ok();
    env.run(&["session", "create", "Demo", "--template", "full"]).ok();
    assert_eq!(inner(&env.read("demo"), "overview"), "No tasks yet.\n");
    env.run(&["add", "Write words", "--group", "Core"]).ok();
    env.run(&["add", "Read words", "--group", "Core"]).ok();
    env.run(&["done", "Write words"]).ok();
    let text = env.read("demo");
    insta::assert_snapshot!(
        ["overview", "progress", "next"].map(|name| inner(&text, name)).join("--\n"),
        @r"
    Completed 1 of 2 tasks (50%); in progress 0, blocked 0, ready to start 1.
    --
    - All tasks: 50% (1/2 tasks)
    - In Core: 50% (1/2 tasks)
    --
    - Ready: Read words
    "
    );
    assert_eq!(env.run(&["--json", "sync"]).json()["blocks"], serde_json::json!([]));
    assert_eq!(env.read("demo"), text, "a sync with nothing to do writes nothing");
    env.run(&["undo"]).ok();
    assert!(inner(&env.read("demo"), "progress").starts_with("- All tasks: 0% (0/2 tasks)"));
    env.run(&["redo"]).ok();
    assert_eq!(env.read("demo"), text);
    assert_eq!(
        env.run(&["--json", "check", "--code", "R701", "--code", "R707", "--code", "R709"]).json()["total"],
        0
    );
}

#[test]
fn s28_sync_fills_blocks_between_their_markers_only_and_once() {
    let env = TestEnv::with("odd", &plan());
    let dry = env.run(&["--json", "--dry-run", "sync"]).json();
    assert!(dry["diff"].as_str().unwrap().contains("+- All tasks: 20%"), "{dry}");
    assert_eq!(env.read("odd"), plan());
    let view = env.run(&["--json", "sync"]).json();
    assert_eq!(view["blocks"], serde_json::json!(["odd"]), "{view}");
    let text = env.read("odd");
    assert_eq!(outside(&text), outside(&plan()));
    insta::assert_snapshot!(
        ["overview", "progress", "metrics", "board", "next", "changelog"].map(|n| inner(&text, n)).join("--\n"),
        @r"
    Completed 1 of 5 tasks (20%); in progress 1, blocked 0, ready to start 2.
    --
    - All tasks: 20% (1/5 tasks)
    - In [x] A **Key**: value: 20% (1/5 tasks)
    --
    - Tasks: 5
    - Completed: 1 (20%)
    - In progress: 1
    - Blocked: 0
    - Ready to start: 2
    - Estimated work left: 0h
    --
    - In Progress: **Status**: Done
    - Pending: <!-- plandown:end board -->
    - Pending: `unclosed and | # [[links]]
    - Pending: Waits
    --
    - Ready: <!-- plandown:end board -->
    - Ready: `unclosed and | # [[links]]
    --
    - Completed 2026-01-02: \[ ] looks like a box
    "
    );
    assert_eq!(env.run(&["--json", "sync"]).json()["changed"], false);
    assert_eq!(env.read("odd"), text);
    // A hand edit of a task by an editor; a formatter's bullets are no edit of a block.
    let saved = text.replace("- [/] **Status**", "- [x] **Status**").replace("- All tasks", "*   All tasks");
    env.write("odd", &saved);
    assert_eq!(env.run(&["--json", "sync"]).json()["blocks"], serde_json::json!(["odd"]));
    let now = env.read("odd");
    assert!(inner(&now, "progress").starts_with("- All tasks: 40% (2/5 tasks)"), "{now}");
    assert_eq!(outside(&now), outside(&saved));
    // Without a marker there is no block, and a stale field is not what a sync is about.
    let plain = "# P\n\n**Progress**: 0% (0/9 tasks)\n\n- [x] a ^t-a1b2c3\n";
    env.write("plain", plain);
    env.run(&["sync"]).ok();
    assert_eq!(env.read("plain"), plain);
}

#[test]
fn s28_a_block_edited_by_hand_is_kept_and_reported_until_somebody_decides() {
    let env = TestEnv::with("odd", &plan());
    env.run(&["sync"]).ok();
    let edited = env.read("odd").replace("- All tasks", "- My own words\n- All tasks");
    env.write("odd", &edited);
    env.run(&["sync"]).ok();
    env.run(&["start", "t-three3"]).ok();
    assert!(inner(&env.read("odd"), "board").contains("In Progress: <!--"));
    let kept = inner(&env.read("odd"), "progress");
    assert_eq!(kept, inner(&edited, "progress"));
    let found = env.run(&["--json", "check", "--code", "R701"]).stdout;
    assert!(found.contains("R701"), "{found}");

    let dry = env.run(&["--json", "--dry-run", "block", "regen", "progress", "--keep"]).json();
    assert!(dry["diff"].as_str().unwrap().contains("All tasks"), "{dry}");
    assert_eq!(inner(&env.read("odd"), "progress"), kept);
    env.run(&["block", "regen", "progress", "--keep"]).ok();
    let text = env.read("odd");
    assert!(text.contains(&format!("{}\n\n<!-- plandown:begin progress ", kept.trim_end())), "{text}");
    assert!(inner(&text, "progress").starts_with("- All tasks: "), "{text}");
    assert_eq!(env.run(&["--json", "block", "regen", "progress"]).json()["changed"], false);

    env.run(&["block", "adopt", "board"]).ok();
    let markers =
        |l: &&str| *l == "<!-- plandown:end board -->" || l.starts_with("<!-- plandown:begin board ");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.retain(|line| !markers(line));
    assert_eq!(env.read("odd"), lines.join("\n") + "\n");
    env.run(&["undo"]).ok();
    assert_eq!(env.read("odd"), text);
    assert_eq!(env.run(&["--json", "block", "adopt", "nothing"]).code, 4);
}

/// Both sides of a merge regenerated their blocks; one of them has a hand edit in another block.
#[test]
fn s28_a_merge_makes_blocks_again_and_loses_no_hand_edit() {
    let env = TestEnv::with("odd", &plan());
    env.run(&["sync"]).ok();
    let base = env.read("odd");
    let merged = |ours: &str, theirs: &str| {
        for (name, text) in [("base", base.as_str()), ("ours", ours), ("theirs", theirs)] {
            std::fs::write(env.root().join(format!("{name}.md")), text).unwrap();
        }
        let done = env.run(&["git", "merge-driver", "base.md", "ours.md", "theirs.md"]);
        (done.code, std::fs::read_to_string(env.root().join("ours.md")).unwrap())
    };
    env.run(&["done", "t-two2"]).ok();
    let ours = env.read("odd");
    let other = TestEnv::with("odd", &base);
    other.run(&["done", "t-three3"]).ok();
    let theirs = other.read("odd");
    assert!(inner(&ours, "progress").contains("(2/5") && inner(&theirs, "progress").contains("(2/5"));
    let (code, text) = merged(&ours, &theirs);
    assert_eq!(code, 0, "{text}");
    assert!(inner(&text, "progress").starts_with("- All tasks: 60% (3/5 tasks)"), "{text}");
    assert_eq!(outside(&text), outside(&ours).replace("- [ ] <!--", "- [x] <!--"), "{text}");

    let edited = theirs.replace("- All tasks", "- My own words\n- All tasks");
    for (ours, theirs) in [(&ours, &edited), (&edited, &ours)] {
        let (code, text) = merged(ours, theirs);
        assert_eq!(code, 0, "{text}");
        assert_eq!(inner(&text, "progress"), inner(&edited, "progress"), "{text}");
        assert!(inner(&text, "overview").starts_with("Completed 3 of 5"), "{text}");
    }
    let other = ours.replace("- All tasks", "- Other words\n- All tasks");
    let (code, text) = merged(&other, &edited);
    assert!(text.contains("- Other words") && text.contains("- My own words"), "{code} {text}");
}

/// A block of every kind within the lines of a task: those lines are the task's text, and follow all the same.
#[test]
fn s28_blocks_inside_a_task_follow_every_write() {
    let mut text = String::from(
        "# Odd\n\n## Tasks\n\n### G\n\n- [ ] Report [priority:: high] ^t-one1\n\n  Read this:\n",
    );
    for name in ["overview", "progress", "metrics", "board", "next", "changelog"] {
        text.push_str(&format!("\n  <!-- plandown:begin {name} -->\n  <!-- plandown:end {name} -->\n"));
    }
    let text = text + "\n  - [ ] Part [completion:: 2026-01-02] ^t-two2\n- [ ] **Due**: soon ^t-three3\n";
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let env = TestEnv::with("odd", &text);
        // A block without a hash is nobody's until it is generated for the first time.
        for name in ["overview", "progress", "metrics", "board", "next", "changelog"] {
            env.run(&["block", "regen", name]).ok();
        }
        let first = env.read("odd");
        assert!(first.contains("  - All tasks: 0% (0/3 tasks)") && first.contains("  - In G: 0%"), "{first}");
        assert!(!first.contains("\n- All tasks") && first.contains('\r') == text.contains('\r'), "{first}");
        env.run(&["done", "t-two2"]).ok();
        let now = env.read("odd");
        assert!(now.contains("  - All tasks: 33% (1/3 tasks)") && now.contains("  - Tasks: 3"), "{now}");
        assert!(!now.contains("- Pending: Part") && now.contains("  - Completed 2026-01-02: Part"), "{now}");
        assert_eq!(env.run(&["--json", "sync"]).json()["blocks"], serde_json::json!([]));
        let tasks = env.run(&["--json", "task", "list"]).json();
        assert_eq!(tasks["total"], 3, "{tasks}");
        assert_eq!(env.run(&["--json", "check", "--code", "R701"]).json()["total"], 0);
        // A task goes with the block in it.
        env.run(&["task", "delete", "t-one1", "--force"]).ok();
        assert_eq!(env.run(&["--json", "task", "list"]).json()["total"], 1);
    }
}

#[test]
fn s28_what_is_decided_and_what_is_fixed_shows_in_the_blocks() {
    let env = TestEnv::with("odd", &plan());
    env.run(&["sync"]).ok();
    env.run(&["done", "t-two2"]).ok();
    let whole = env.read("odd");
    // A crashed save, and what was done before anybody decided about it.
    env.write("odd", &whole[..whole.find("- [ ] `unclosed").unwrap() + 5]);
    env.run(&["sync"]).error_free(1);
    let open: serde_json::Value = serde_json::from_str(&env.run(&["conflicts", "--json"]).stdout).unwrap();
    let id = open["conflicts"][0]["id"].as_str().unwrap();
    env.run(&["start", "t-three3"]).ok();
    assert!(inner(&env.read("odd"), "progress").starts_with("- All tasks: 50% (2/4"), "{}", env.read("odd"));
    env.run(&["conflicts", "resolve", id, "--take", "ours"]).ok();
    let text = env.read("odd");
    assert!(text.contains("^t-five5"), "{text}");
    assert!(inner(&text, "progress").starts_with("- All tasks: 40% (2/5 tasks)"), "{text}");
    assert!(inner(&text, "board").contains("In Progress: <!--"), "{text}");
    assert_eq!(env.run(&["--json", "sync"]).json()["blocks"], serde_json::json!([]));
}

/// Blocks are made again by what writes anyway, also right after a save of an old buffer; what that save is in conflict
/// with is said by whatever command takes it in.
#[test]
fn s28_a_save_of_an_old_buffer_is_taken_in_first_and_its_conflict_is_named() {
    let commands = [
        (&["block", "regen", "next"] as &[&str], 0),
        (&["group", "create", "More"], 0),
        (&["note", "add", "Seen"], 0),
        // What is refused has taken the save in all the same.
        (&["task", "set", "t-four4", "depends_on=t-four4"], 5),
    ];
    for (args, code) in commands {
        let env = TestEnv::with("odd", &plan());
        env.run(&["sync"]).ok();
        let old = env.read("odd");
        env.run(&["task", "set", "t-five5", "t-four4", "priority=low"]).ok();
        env.write("odd", old.replace(" ^t-five5", " [priority:: urgent] ^t-five5"));
        let ran = env.run(args);
        assert_eq!(ran.code, code, "{args:?}: {}", ran.stderr);
        let open = env.run(&["conflicts", "--json"]);
        let open: serde_json::Value = serde_json::from_str(&open.stdout).unwrap();
        let id = open["conflicts"][0]["id"].as_str().unwrap();
        assert!(ran.stderr.contains("warning: ") && ran.stderr.contains(id), "{args:?}: {}", ran.stderr);
        let text = env.read("odd");
        assert!(text.contains("[priority:: urgent]") && text.contains("[priority:: low]"), "{text}");
    }
}

#[test]
fn s28_a_fix_that_changes_no_task_refreshes_old_blocks_too() {
    let env = TestEnv::with("odd", &plan());
    env.run(&["sync"]).ok();
    // A person ticks a task and mistypes a count; only the count is what a fix mends.
    let edited = env.read("odd").replace("- [ ] Waits", "- [x] Waits");
    let edited = edited.replace("**Total Tasks**: 5", "**Total Tasks**: 9");
    env.write("odd", &edited);
    let fixed = env.run(&["check", "--fix", "--json"]);
    let fixed: serde_json::Value = serde_json::from_str(&fixed.stdout).unwrap();
    assert_eq!(fixed["fixed"].as_array().map(Vec::len), Some(1), "{fixed}");
    let text = env.read("odd");
    assert!(text.contains("**Total Tasks**: 5"), "{text}");
    assert!(inner(&text, "progress").starts_with("- All tasks: 40% (2/5 tasks)"), "{text}");
}
