//! Words from anywhere: they survive, they never lead out of the workspace, and they cannot speak
//! to the terminal.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;

use crate::common::TestEnv;

const TITLES: &[&str] = &[
    r#"say "hello" and 'bye'"#,
    "100 % of it",
    "%s %d %n",
    "rocket 🚀 and 👩‍🚀",
    "トークンを検証する",
    "لوحة القيادة",
    "a `code` span",
    "*stars* and _lines_ and ~waves~",
    "[link](https://example.org/a_(b))",
    "pipes | and \\ backslashes",
    "<b>html</b> & &amp;",
    "$HOME `id` $(id) ; rm -rf /",
    "ends with (Pending)",
    "looks - like - 3h",
    "a:: b [k:: v]",
    "^caret and #tag",
    "-- dashes",
    "tab\there",
];

#[test]
fn titles_survive() {
    let env = TestEnv::with("plan", "# Plan\n\n## Task Groups\n\n### G\n");
    let long = "ten thousand ".repeat(800);
    let titles = TITLES.iter().copied().chain([long.trim()]);
    let mut wanted = Vec::new();
    for title in titles {
        let ran = env.run(&["add", "--group", "G", "--json", "--", title]);
        let shown = title.replace('\t', " ");
        if ran.code == 0 {
            let added = ran.json();
            assert_eq!(added["tasks"][0]["title"], shown.as_str());
            wanted.push(shown);
        } else {
            // What cannot be written down so that it reads back is refused, never bent.
            let error = ran.error(5);
            eprintln!("refused: {title}: {error}");
        }
    }
    assert!(wanted.len() + 3 >= TITLES.len(), "most titles can be written");
    let _ = env.run(&["sync"]).ok();
    let list = env.run(&["list", "--json"]).json();
    let found: Vec<&str> =
        list["tasks"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap()).collect();
    assert_eq!(found, wanted);
    for title in found {
        // Nobody types ten thousand letters to name a task.
        if title.len() < 1000 {
            let done = env.run(&["done", "--json", "--", title]).json();
            assert_eq!(done["tasks"][0]["status"], "completed", "{title}");
        }
    }
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
}

/// Nothing that a file or an argument holds reaches the terminal as a command for it.
/// Also S194.
#[test]
fn terminals_are_safe() {
    let nasty =
        "esc \u{1b}[31mred\u{1b}]0;owned\u{7} csi \u{9b}2J bidi \u{202e}txt.exe\u{2066}x\u{2069} bell\u{8}";
    let text = format!(
        "---\nid: evil\n---\n# {nasty}\n\n**Mode**: {nasty}\n\n## Task Groups\n\n### g {nasty}\n\n- [ ] t {nasty} [due:: 2026-{nasty}] [x{nasty}:: v] ^t-aaaaa1\n\n  body {nasty}\n\n- [ ] u [dependsOn:: t-zz{nasty}] ^t-aaaaa2\n\n## Notes\n\n{nasty}\n"
    );
    let env = TestEnv::with("evil", &text);
    let harmless = |ran: crate::common::Ran, args: &[&str]| {
        for c in ran.stdout.chars().chain(ran.stderr.chars()) {
            let bad = (c.is_control() && c != '\n')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
            assert!(!bad, "{args:?} printed {c:?}");
        }
    };
    for args in [
        &["status"][..],
        &["list"],
        &["list", "--all-sessions"],
        &["show", "t-aaaaa1"],
        &["next", "--explain", "-n", "9"],
        &["browse"],
        &["deps"],
        &["deps", "--format", "dot"],
        &["deps", "--format", "mermaid"],
        &["search", "esc"],
        &["search", "bidi"],
        &["related", "t-aaaaa1"],
        &["group", "list"],
        &["session", "list"],
        &["session", "show"],
        &["check", "--all"],
        &["check", "--format", "github"],
        &["check", "--format", "sarif"],
        &["check", "--json"],
        &["list", "--json"],
        &["start", "t-aaaaa1", "--dry-run"],
        &["start", "t-aaaaa1", "--dry-run", "--json"],
        &["show", nasty],
        &["show", nasty, "--json"],
        &["list", "--session", nasty],
        &["list", "--group", nasty],
        &["explain", nasty],
        &["config", "get", nasty],
        &["config", "set", nasty, nasty],
        &["status", "--root", nasty],
        &["check", nasty],
        &["add", "--due", nasty, "x"],
        &["sync"],
        &["doctor"],
        &[nasty],
        &["list", nasty],
    ] {
        harmless(env.run(args), args);
    }
    let title = env.run(&["list", "--json"]).json()["tasks"][0]["title"].as_str().unwrap().to_owned();
    assert!(title.contains('\u{202e}'), "data keeps what the file says");
}

/// Every path below `dir`, without what the tool keeps for itself.
fn paths(dir: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let entry = entry.unwrap();
            found.insert(entry.path().strip_prefix(dir).unwrap().to_string_lossy().into_owned());
            if entry.file_type().unwrap().is_dir() {
                todo.push(entry.path());
            }
        }
    }
    found
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "..",
            "/",
            "../",
            "..\\",
            "\\",
            "x",
            "con",
            "NUL",
            "aux.md",
            ".",
            "~",
            "C:",
            "\u{1}",
            " ",
            "é",
            "e\u{301}",
            "-",
            "--",
            "\u{202e}",
            ".state",
            ".git",
            "$HOME",
            "*",
            "?",
            ":",
            "|",
            "session.md",
            "\n",
            "%2e%2e",
            "日本",
            "\u{2215}",
            "\u{ff0f}",
        ][..],
    );
    prop_oneof![
        4 => prop::collection::vec(piece, 1..6).prop_map(|p| p.concat()),
        1 => Just("x".repeat(300)),
        1 => Just("../".repeat(40) + "tmp/owned"),
        1 => Just("/tmp/owned".to_owned()),
        1 => Just("é".repeat(200)),
    ]
    .prop_filter("an argument holds no NUL", |s| !s.contains('\0'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::common::cases(12), failure_persistence: None, ..ProptestConfig::default() })]

    /// Session ids, groups, modes and paths, from arguments and from files: whatever they say,
    /// nothing outside `.task_orchestrator` is made, changed or removed.
    #[test]
    fn no_name_leads_out(name in hostile()) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("a/b/project");
        let session = root.join(".task_orchestrator/sessions/plan/session.md");
        std::fs::create_dir_all(session.parent().unwrap()).unwrap();
        std::fs::write(outer.path().join("a/witness"), "w").unwrap();
        let text = format!(
            "---\nid: {}\nmode: {}\n---\n# Plan\n\n## Task Groups\n\n### G\n\n- [ ] one ^t-aaaaa1\n",
            serde_json::to_string(&name).unwrap(),
            serde_json::to_string(&name).unwrap()
        );
        std::fs::write(&session, &text).unwrap();
        let env = TestEnv::empty();
        let flag = |f: &str| format!("{f}={name}");
        let runs: Vec<Vec<String>> = [
            vec!["session", "create", "--no-activate", "--", &name],
            vec!["session", "create", "ok", "--no-activate", &flag("--id")],
            vec!["session", "create", "ok too", "--no-activate", &flag("--mode")],
            vec!["session", "create", "ok three", "--no-activate", &flag("--template")],
            vec!["group", "create", "--", &name],
            vec!["add", "x", &flag("--group")],
            vec!["session", "rename-id", "--", "plan", &name],
            vec!["sync"],
            vec!["status"],
            vec!["check", "--", &name],
            vec!["session", "delete", "--force", "--", &name],
            vec!["sync", &flag("--session")],
            vec!["doctor"],
            vec!["session", "activate", "--", &name],
        ]
        .into_iter()
        .map(|args| args.into_iter().map(str::to_owned).collect())
        .collect();
        for args in runs {
            let words: Vec<&str> = args.iter().map(String::as_str).collect();
            let out = env.command(&words).current_dir(&root).output().unwrap();
            let code = out.status.code();
            prop_assert!(matches!(code, Some(0..=5)), "{:?}: {:?} {}", words, code, String::from_utf8_lossy(&out.stderr));
        }
        let outside: Vec<String> =
            paths(outer.path()).into_iter().filter(|p| !p.starts_with("a/b/project/.task_orchestrator")).collect();
        prop_assert_eq!(outside, ["a", "a/b", "a/b/project", "a/witness"]);
        prop_assert_eq!(std::fs::read_to_string(outer.path().join("a/witness")).unwrap(), "w");
    }
}
