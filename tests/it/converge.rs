//! Whatever happens to the files and to the index: every command still answers, and the index
//! says what a rebuild says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plandown::env::{Env, SystemEnv};
use plandown::ops::{Context, ErrorCode, OpError, REGISTRY};
use plandown::workspace::Workspace;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{TestEnv, cases};

/// What may happen between two looks at a project.
#[derive(Clone, Debug)]
enum Step {
    Insert(usize, usize, &'static str),
    DeleteLine(usize, usize),
    Tick(usize, usize),
    Rewrite(usize, &'static str),
    Crlf(usize),
    Append(usize, Vec<u8>),
    RemoveSession(usize),
    RenameSession(usize, usize),
    CopySession(usize, usize),
    RemoveFile(usize),
    Call(&'static str, usize, &'static str),
    DropIndex,
    DropState,
    CutIndex(usize),
    FlipIndex(usize, u8),
    GarbageIndex,
    EmptyIndex,
    GarbageJournal,
}

const LINES: &[&str] = &[
    "- [ ] new one",
    "  - [x] below ^t-aaaaa1",
    "- [ ] twin ^t-aaaaa1",
    "- [ ] waits [dependsOn:: t-aaaaa1, nowhere, s-1#t-aaaaa1]",
    "## Task Groups",
    "### Group",
    "### Group/Inner",
    "# Title",
    "**Status**: Paused",
    "---",
    "id: other",
    "```",
    "<<<<<<< ours",
    "",
    "text",
    "## Session Notes",
    "- [ ] 🚀 日本 [due:: 2026-01-01] #tag ^t-bbbbb2",
    "<!-- plandown:begin board h=00000000 -->",
];

const TEXTS: &[&str] = &[
    "",
    "# S\n\n## Task Groups\n\n### G\n\n- [ ] a ^t-aaaaa1\n  - [ ] b\n- [x] c ^t-ccccc3\n\n## Session Notes\n\nwords\n",
    "- [ ] one\n- [ ] two\n",
    "---\nid: s-1\nstatus: active\n---\n# S\n\n- [ ] a [dependsOn:: b]\n- [ ] b [dependsOn:: a]\n",
    "---\nid: [\n---\n# broken\n",
    "no plan at all",
];

/// Commands, with `{s}` for a session and `{t}` for words that may or may not name a task.
const CALLS: &[(&str, &str)] = &[
    ("task_add", r#"{"title":"added","group":"G"}"#),
    ("task_add", r#"{"list":"- [ ] x\n  - [ ] y\n"}"#),
    ("task_set_status", r#"{"tasks":["t-aaaaa1"],"status":"completed","force":true}"#),
    ("task_set_status", r#"{"tasks":["one"],"status":"in_progress"}"#),
    ("task_set", r#"{"tasks":["t-aaaaa1"],"set":{"due":"2026-02-03","own":"v"}}"#),
    ("task_move", r#"{"tasks":["t-aaaaa1"],"group":"Elsewhere"}"#),
    ("task_delete", r#"{"tasks":["t-aaaaa1"],"force":true}"#),
    ("task_split", r#"{"task":"t-ccccc3","into":["p","q"]}"#),
    ("note_add", r#"{"text":"a note"}"#),
    ("group_create", r#"{"name":"Made"}"#),
    ("group_rename", r#"{"group":"G","name":"H"}"#),
    ("session_set_state", r#"{"status":"paused"}"#),
    ("session_set_state", r#"{"status":"active"}"#),
    ("session_create", r#"{"name":"Another","pause_current":true}"#),
    ("sync", "{}"),
    ("sync", "{}"),
    ("check", r#"{"fix":true}"#),
    ("doctor", r#"{"fix":true}"#),
];

fn step() -> impl Strategy<Value = Step> {
    let line = prop::sample::select(LINES);
    let text = prop::sample::select(TEXTS);
    let call = prop::sample::select(CALLS);
    prop_oneof![
        4 => (0..3usize, any::<usize>(), line).prop_map(|(s, n, l)| Step::Insert(s, n, l)),
        2 => (0..3usize, any::<usize>()).prop_map(|(s, n)| Step::DeleteLine(s, n)),
        2 => (0..3usize, any::<usize>()).prop_map(|(s, n)| Step::Tick(s, n)),
        2 => (0..3usize, text).prop_map(|(s, t)| Step::Rewrite(s, t)),
        1 => (0..3usize).prop_map(Step::Crlf),
        1 => (0..3usize, prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(s, b)| Step::Append(s, b)),
        1 => (0..3usize).prop_map(Step::RemoveSession),
        1 => (0..3usize, 0..4usize).prop_map(|(a, b)| Step::RenameSession(a, b)),
        1 => (0..3usize, 0..4usize).prop_map(|(a, b)| Step::CopySession(a, b)),
        1 => (0..3usize).prop_map(Step::RemoveFile),
        8 => (call, 0..3usize).prop_map(|((name, input), s)| Step::Call(name, s, input)),
        1 => Just(Step::DropIndex),
        1 => Just(Step::DropState),
        1 => any::<usize>().prop_map(Step::CutIndex),
        2 => (any::<usize>(), 1..=255u8).prop_map(|(at, x)| Step::FlipIndex(at, x)),
        1 => Just(Step::GarbageIndex),
        1 => Just(Step::EmptyIndex),
        1 => Just(Step::GarbageJournal),
    ]
}

/// A project in which things happen.
struct Project {
    env: TestEnv,
    world: Arc<dyn Env>,
    /// Whether a bit of the index was turned over: then its rows may lie until they are compared.
    may_lie: bool,
}

impl Project {
    fn new() -> Self {
        let env = TestEnv::empty();
        for (n, text) in TEXTS.iter().take(3).enumerate() {
            env.write(&name(n), text);
        }
        Self { env, world: Arc::new(SystemEnv::read()), may_lie: false }
    }

    fn home(&self) -> PathBuf {
        self.env.root().join(".task_orchestrator")
    }

    fn index(&self) -> PathBuf {
        self.home().join(".state/index.sqlite")
    }

    fn session(&self, n: usize) -> PathBuf {
        self.home().join("sessions").join(name(n))
    }

    fn open(&self) -> Workspace {
        Workspace::open(self.env.root(), Arc::clone(&self.world)).expect("a workspace can always be opened")
    }

    /// Calls an operation; an index found to be damaged is put aside, as the front ends do.
    fn call(&self, session: Option<usize>, operation: &str, input: &Value) -> Result<Value, OpError> {
        let found = REGISTRY.iter().find(|o| o.name == operation).expect("an operation");
        let mut workspace = self.open();
        for _ in 0..2 {
            let cx = Context {
                workspace: &workspace,
                session: session.map(name),
                by: "tester".to_owned(),
                dry_run: false,
                if_match: None,
                remarks: plandown::ops::Remarks::default(),
            };
            match (found.call)(&cx, input.clone()) {
                Err(error) if error.code == ErrorCode::IndexDamaged => {
                    workspace.heal().expect("an index can be made");
                }
                done => return done,
            }
        }
        panic!("{operation}: the index is damaged again")
    }

    fn edit(&self, n: usize, change: impl FnOnce(Vec<String>) -> Vec<String>) {
        let file = self.session(n).join("session.md");
        let Ok(bytes) = fs::read(&file) else { return };
        let lines = String::from_utf8_lossy(&bytes).split('\n').map(str::to_owned).collect();
        fs::write(&file, change(lines).join("\n")).unwrap();
    }

    fn happen(&mut self, step: &Step) {
        match step {
            Step::Insert(s, n, line) => self.edit(*s, |mut lines| {
                lines.insert(n % (lines.len() + 1), (*line).to_owned());
                lines
            }),
            Step::DeleteLine(s, n) => self.edit(*s, |mut lines| {
                lines.remove(n % lines.len());
                lines
            }),
            Step::Tick(s, n) => self.edit(*s, |mut lines| {
                let at = n % lines.len();
                lines[at] = lines[at].replacen("[ ]", "[x]", 1);
                lines
            }),
            Step::Rewrite(s, text) => self.env.write(&name(*s), text),
            Step::Crlf(s) => self.edit(*s, |lines| {
                lines.into_iter().map(|l| if l.ends_with('\r') { l } else { l + "\r" }).collect()
            }),
            Step::Append(s, bytes) => {
                let file = self.session(*s).join("session.md");
                if let Ok(old) = fs::read(&file) {
                    fs::write(&file, [old, bytes.clone()].concat()).unwrap();
                }
            }
            Step::RemoveSession(s) => drop(fs::remove_dir_all(self.session(*s))),
            Step::RenameSession(a, b) => drop(fs::rename(self.session(*a), self.session(*b))),
            Step::CopySession(a, b) => {
                if let Ok(bytes) = fs::read(self.session(*a).join("session.md")) {
                    self.env.write(&name(*b), bytes);
                }
            }
            Step::RemoveFile(s) => drop(fs::remove_file(self.session(*s).join("session.md"))),
            Step::Call(operation, s, input) => {
                let input: Value = serde_json::from_str(input).unwrap();
                let session = self.session(*s).join("session.md").exists().then_some(*s);
                if let Err(error) = self.call(session, operation, &input) {
                    assert_ne!(error.code, ErrorCode::Internal, "{operation} {input}: {error}");
                }
            }
            Step::DropIndex => {
                for tail in ["", "-wal", "-shm"] {
                    let _ = fs::remove_file(format!("{}{tail}", self.index().display()));
                }
                self.may_lie = false;
            }
            Step::DropState => {
                let _ = fs::remove_dir_all(self.home().join(".state"));
                self.may_lie = false;
            }
            Step::CutIndex(n) => self.damage(|mut bytes| {
                bytes.truncate(n % (bytes.len() + 1));
                bytes
            }),
            Step::FlipIndex(at, with) => {
                self.damage(|mut bytes| {
                    let at = at % bytes.len().max(1);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= with;
                    }
                    bytes
                });
                self.may_lie = true;
            }
            Step::GarbageIndex => self.damage(|_| b"no database \0".repeat(500)),
            Step::EmptyIndex => self.damage(|_| Vec::new()),
            Step::GarbageJournal => {
                if self.index().exists() {
                    fs::write(format!("{}-wal", self.index().display()), b"garbage".repeat(100)).unwrap();
                }
            }
        }
    }

    fn damage(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        if let Ok(bytes) = fs::read(self.index()) {
            fs::write(self.index(), change(bytes)).unwrap();
        }
    }

    /// Every question is answered, and the index says what a rebuild says.
    fn settle(&mut self) {
        for (operation, input) in [
            ("status", json!({})),
            ("task_list", json!({"all_sessions": true})),
            ("task_next", json!({"all_sessions": true, "explain": true})),
            ("session_list", json!({})),
            ("browse", json!({})),
            ("search", json!({"query": "one", "scope": "all"})),
            ("check", json!({})),
        ] {
            if let Err(error) = self.call(None, operation, &input) {
                assert_ne!(error.code.class().exit_code(), 70, "{operation}: {error}");
            }
        }
        let mut workspace = self.open();
        let same = |workspace: &Workspace| match workspace.compare_with_rebuild() {
            Ok((kept, fresh)) if self.may_lie => kept == fresh,
            Ok((kept, fresh)) => {
                assert_eq!(kept, fresh);
                true
            }
            Err(_) => false,
        };
        if !same(&workspace) {
            // Only a turned bit may get here: nothing but the comparison can see it.
            assert!(self.may_lie);
            workspace.rebuild().expect("a rebuild");
            let (kept, fresh) = workspace.compare_with_rebuild().expect("a dump");
            assert_eq!(kept, fresh);
            drop(workspace);
            self.may_lie = false;
        }
    }
}

fn name(n: usize) -> String {
    format!("s-{n}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(20), failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_index_always_says_what_a_rebuild_says(steps in prop::collection::vec(step(), 1..12)) {
        let mut project = Project::new();
        for step in &steps {
            project.happen(step);
            project.settle();
        }
    }

    /// The same without looking in between: changes pile up, as they do while nobody runs a command.
    #[test]
    fn changes_that_pile_up_are_taken_in_at_once(steps in prop::collection::vec(step(), 1..30)) {
        let mut project = Project::new();
        project.settle();
        for step in &steps {
            project.happen(step);
        }
        project.settle();
    }
}

fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let sessions = root.join(".task_orchestrator/sessions");
    let mut found: Vec<_> = fs::read_dir(sessions)
        .unwrap()
        .map(|e| e.unwrap().path().join("session.md"))
        .map(|p| (p.clone(), fs::read(&p).unwrap()))
        .collect();
    found.sort();
    found
}

/// Through the binary: however the index is treated, the next command answers, says so, and the
/// plans are what they were.
/// Also S196.
#[test]
fn a_broken_index_is_no_trouble() {
    let env = TestEnv::example();
    let index = env.root().join(".task_orchestrator/.state/index.sqlite");
    let wanted = env.run(&["list", "--all-sessions", "--json"]).ok();
    let plans = files(env.root());
    let whole = fs::read(&index).unwrap();
    let damages: [(&str, Option<Vec<u8>>); 6] = [
        ("gone", None),
        ("empty", Some(Vec::new())),
        ("garbage", Some(b"garbage".repeat(1000))),
        ("cut", Some(whole[..whole.len() / 2].to_vec())),
        ("no header", Some([&[0xff; 100], &whole[100..]].concat())),
        ("pages scribbled over", Some([&whole[..8192], &vec![0xa5; whole.len() - 8192][..]].concat())),
    ];
    for (what, bytes) in damages {
        for tail in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{tail}", index.display()));
        }
        match bytes {
            Some(bytes) => fs::write(&index, bytes).unwrap(),
            None => fs::remove_file(&index).unwrap(),
        }
        let ran = env.run(&["list", "--all-sessions", "--json"]);
        assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
        assert_eq!(ran.stdout, wanted, "{what}");
        assert_eq!(env.run(&["reindex", "--check"]).code, 0, "{what}");
        assert_eq!(files(env.root()), plans, "{what}");
    }
}

/// Deleting everything the tool keeps for itself loses nothing that a plan says.
#[test]
fn without_its_state_the_tool_knows_as_much() {
    let env = TestEnv::example();
    let _ = env.run(&["sync"]).ok();
    let _ = env.run(&["session", "activate", "garden-shed"]).ok();
    let before = env.run(&["list", "--all-sessions", "--json"]).ok();
    fs::remove_dir_all(env.root().join(".task_orchestrator/.state")).unwrap();
    assert_eq!(env.run(&["list", "--all-sessions", "--json"]).ok(), before);
    assert_eq!(env.run(&["session", "list", "--json"]).json()["active"], "garden-shed");
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
}
