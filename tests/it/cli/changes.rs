//! Every command that writes: what it changes in the example, to the line; what it shows before.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common::TestEnv;

use super::shapes;

/// Every file of the project but the tool's own state.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with(".state") {
                    todo.push(path);
                }
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Lines of a unified diff that say a change; ids that were drawn are written `t-NEW`.
fn changed(diff: &str) -> Vec<String> {
    let lines = diff.lines().filter(|l| !l.starts_with("---") && !l.starts_with("+++"));
    lines.filter(|l| l.starts_with(['+', '-'])).map(drawn).collect()
}

/// The example's ids are left alone, others are the same on every run.
fn drawn(line: &str) -> String {
    let known = [
        "t-4k2m9p",
        "t-7x1c0d",
        "t-c3v8b2",
        "t-q9w2e4",
        "t-5r6t7y",
        "t-m1n2p3",
        "t-z8x7v6",
        "t-h4j5k6",
        "t-announce",
    ];
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("^t-") {
        let end = rest[at + 1..].find([' ', ']', ',']).map_or(rest.len(), |n| at + 1 + n);
        let id = &rest[at + 1..end];
        out.push_str(&rest[..=at]);
        out.push_str(if known.contains(&id) { id } else { "t-NEW" });
        rest = &rest[end..];
    }
    out + rest
}

/// Runs a writer on the example: a dry run shows exactly `wanted` and writes nothing, the same
/// run with `--json` has the same diff, and the real run changes exactly that.
#[track_caller]
fn check(args: &[&str], stdin: &str, wanted: &[&str]) {
    let env = TestEnv::example();
    let before = files(env.root());
    let with =
        |more: &[&'static str]| -> Vec<&str> { args.iter().copied().chain(more.iter().copied()).collect() };
    let shown = env.run_with(&with(&["--dry-run"]), stdin, &[]).ok();
    assert_eq!(changed(&shown), wanted, "{args:?}");
    let json = env.run_with(&with(&["--dry-run", "--json"]), stdin, &[]).json();
    assert_eq!(changed(json["diff"].as_str().unwrap()), wanted, "{args:?}");
    assert_eq!(json["changed"], true, "{args:?}");
    assert_eq!(files(env.root()), before, "a dry run wrote: {args:?}");

    let json = env.run_with(&with(&["--json"]), stdin, &[]).json();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["changed"], true);
    if json.get("tasks").is_some() {
        shapes::write(&json);
    }
    let after = files(env.root());
    let mut lines = Vec::new();
    for (name, old) in &before {
        let new = after.get(name).unwrap_or_else(|| panic!("{name} is gone after {args:?}"));
        let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
        lines.extend(changed(&plandown::text::unified_diff(name, &old, &new)));
    }
    assert_eq!(lines, wanted, "{args:?}");
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());

    let human = TestEnv::example();
    let said = human.run_with(args, stdin, &[]).ok();
    assert!(said.lines().all(|l| !l.ends_with(' ')), "trailing blanks: {said:?}");
}

#[test]
fn task_states() {
    let rotation = "- [ ] Refresh-token rotation (In Progress) - backend_dev - 3h  [dependsOn:: t-7x1c0d]  [due:: 2026-03-18]  [priority:: high] ^t-c3v8b2";
    let done = "- [x] Refresh-token rotation (Completed) - backend_dev - 3h/?  [dependsOn:: t-7x1c0d]  [due:: 2026-03-18]  [priority:: high] ^t-c3v8b2";
    check(&["done", "t-c3v8b2", "--force"], "", &[&format!("-{rotation}"), &format!("+{done}")]);
    for args in [["start", "t-5r6t7y"], ["task", "start"]] {
        let args: Vec<&str> = args.iter().copied().chain((args[0] == "task").then_some("t-5r6t7y")).collect();
        check(
            &args,
            "",
            &["-  - [ ] Handle clock skew ^t-5r6t7y", "+  - [ ] Handle clock skew (In Progress) ^t-5r6t7y"],
        );
    }
    check(
        &["task", "done", "t-5r6"],
        "",
        &["-  - [ ] Handle clock skew ^t-5r6t7y", "+  - [x] Handle clock skew ^t-5r6t7y"],
    );
    check(
        &["task", "cancel", "Handle clock skew"],
        "",
        &["-  - [ ] Handle clock skew ^t-5r6t7y", "+  - [x] Handle clock skew (Cancelled) ^t-5r6t7y"],
    );
    check(
        &["task", "reopen", "4k2m9p"],
        "",
        &[
            "-- [x] Pick an OAuth library (Completed) - researcher - 2h/3h ^t-4k2m9p",
            "+- [ ] Pick an OAuth library (Pending) - researcher - 2h/3h ^t-4k2m9p",
        ],
    );
}

#[test]
fn task_facts() {
    let skew = "-  - [ ] Handle clock skew ^t-5r6t7y";
    check(
        &["task", "set", "t-5r6t7y", "priority=high", "due=2026-04-01"],
        "",
        &[skew, "+  - [ ] Handle clock skew  [priority:: high]  [due:: 2026-04-01] ^t-5r6t7y"],
    );
    check(
        &["task", "set", "t-5r6t7y", "--title", "Tolerate skew"],
        "",
        &[skew, "+  - [ ] Tolerate skew ^t-5r6t7y"],
    );
    check(
        &["task", "set", "t-5r6t7y", "title=Tolerate skew"],
        "",
        &[skew, "+  - [ ] Tolerate skew ^t-5r6t7y"],
    );
    check(
        &["task", "set", "t-m1n2p3", "--unset", "dependsOn"],
        "",
        &[
            "-- [ ] Tell ops about the new redirect addresses  [dependsOn:: t-c3v8b2] ^t-m1n2p3",
            "+- [ ] Tell ops about the new redirect addresses ^t-m1n2p3",
        ],
    );
    check(
        &["task", "depend", "t-5r6t7y", "t-q9w2e4"],
        "",
        &[skew, "+  - [ ] Handle clock skew  [dependsOn:: t-q9w2e4] ^t-5r6t7y"],
    );
    check(&["task", "note", "t-h4j5k6", "See the old page."], "", &["+  See the old page."]);
    check(&["task", "note", "t-h4j5k6", "-"], "Two\nlines\n", &["+  Two", "+  lines"]);
}

#[test]
fn tasks_come_and_go() {
    check(&["add", "Logout", "--group", "Frontend"], "", &["+- [ ] Logout (Pending) ^t-NEW"]);
    check(&["task", "add", "Logout", "--group", "Frontend"], "", &["+- [ ] Logout (Pending) ^t-NEW"]);
    check(&["add", "Drift", "--parent", "t-5r6t7y"], "", &["+    - [ ] Drift ^t-NEW"]);
    check(
        &["task", "split", "t-h4j5k6", "Text", "Picture"],
        "",
        &["+  - [ ] Text ^t-NEW", "+  - [ ] Picture ^t-NEW"],
    );
    check(
        &["task", "delete", "t-h4j5k6"],
        "",
        &["-- [ ] Error page for expired links (Pending) - ui_dev - 2h ^t-h4j5k6"],
    );
    check(
        &["task", "move", "t-5r6t7y", "--top"],
        "",
        &["-  - [ ] Handle clock skew ^t-5r6t7y", "+- [ ] Handle clock skew ^t-5r6t7y"],
    );
    check(
        &["task", "move", "t-h4j5k6", "--before", "t-z8x7v6"],
        "",
        &[
            "+- [ ] Error page for expired links (Pending) - ui_dev - 2h ^t-h4j5k6",
            "-- [ ] Error page for expired links (Pending) - ui_dev - 2h ^t-h4j5k6",
        ],
    );
    check(
        &["task", "batch"],
        "{\"task\":\"t-q9w2e4\",\"status\":\"done\"}\n\n{\"task\":\"t-5r6t7y\",\"set\":{\"due\":\"2026-05-01\"}}\n",
        &[
            "-  - [ ] Write the property test (Pending) - tester - 90m ^t-q9w2e4",
            "-  - [ ] Handle clock skew ^t-5r6t7y",
            "+  - [x] Write the property test (Completed) - tester - 90m/? ^t-q9w2e4",
            "+  - [ ] Handle clock skew  [due:: 2026-05-01] ^t-5r6t7y",
        ],
    );
}

#[test]
fn groups() {
    check(
        &["group", "create", "Docs", "--priority", "low"],
        "",
        &["+### Docs", "+", "+**Priority**: Low", "+"],
    );
    check(&["group", "rename", "Frontend", "Web"], "", &["-### Frontend", "+### Web"]);
    check(
        &["group", "move-tasks", "Backend/Operations", "t-h4j5k6"],
        "",
        &[
            "+- [ ] Error page for expired links (Pending) - ui_dev - 2h ^t-h4j5k6",
            "-- [ ] Error page for expired links (Pending) - ui_dev - 2h ^t-h4j5k6",
        ],
    );
    check(
        &["group", "delete", "Backend/Operations", "--force"],
        "",
        &[
            "-### Backend/Operations",
            "-",
            "-- [ ] Tell ops about the new redirect addresses  [dependsOn:: t-c3v8b2] ^t-m1n2p3",
            "-",
        ],
    );
}

#[test]
fn notes_and_sessions() {
    check(&["note", "add", "Ask legal."], "", &["+- Ask legal.", "+"]);
    check(&["decision", "add", "No implicit flow."], "", &["+- No implicit flow."]);
    check(
        &["session", "rename", "auth-overhaul", "Auth"],
        "",
        &["-# 📋 Session: Auth overhaul", "+# 📋 Session: Auth"],
    );
    check(
        &["session", "set", "type=Research", "priority=low"],
        "",
        &["-**Priority**: High", "+**Priority**: Low  ", "+**Type**: Research"],
    );
    check(&["session", "pause"], "", &["-**Status**: Active  ", "+**Status**: Paused  "]);
    check(
        &["session", "activate", "website-relaunch"],
        "",
        &["-**Status**: Active  ", "+**Status**: Paused  ", "-**Status**: Paused", "+**Status**: Active"],
    );
}

#[test]
fn an_id_under_its_older_key_is_renamed_too() {
    let env = TestEnv::with("plan", "---\nsession_id: plan\n---\n# P\n\n- [ ] a ^t-aaaaa1\n");
    env.run(&["session", "rename-id", "plan", "other"]).ok();
    assert!(env.read("other").starts_with("---\nsession_id: other\n---\n"), "{}", env.read("other"));
}
