//! Commands change the lines they are about and no others, in plans that people wrote, whatever
//! their line ends; reading changes nothing at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use plandown::diagnostic::Severity;
use plandown::env::{Env, SystemEnv};
use plandown::format::write;
use plandown::model::{Change, Field, TaskStatus};
use plandown::ops::{Context, OpError, REGISTRY};
use plandown::workspace::Workspace;
use serde_json::{Value, json};

use crate::common::{TestEnv, cases, manifest, shared};
use crate::edits::read;

/// The plans: our examples, the example project, what lies beside the checkout.
fn plans() -> Vec<(String, String)> {
    let mut dirs = vec![manifest("fixtures/nasty")];
    dirs.extend(["fixtures/plans", "seeds"].into_iter().filter_map(shared));
    for holder in ["fixtures/sessions", "fixtures/example/.task_orchestrator/sessions"] {
        dirs.extend(fs::read_dir(manifest(holder)).unwrap().map(|e| e.unwrap().path()));
    }
    let mut found = Vec::new();
    for dir in dirs {
        let paths = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
        for path in paths.filter(|p| p.extension().is_some_and(|e| e == "md" || e == "txt")) {
            if let Ok(text) = fs::read_to_string(&path) {
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// A text with its line ends and byte-order mark turned into another encoding.
fn encodings(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    if !text.contains('\r') {
        all.push(text.replace('\n', "\r\n"));
    }
    if !text.starts_with('\u{feff}') {
        all.push(format!("\u{feff}{text}"));
    }
    all
}

/// Brings derived values up to date, so that undoing a change undoes them too.
fn settled(text: &str) -> String {
    match write(&read(text), &[Change::RefreshDerived { now: None }]) {
        Ok(written) => written.lifted.document.text().to_owned(),
        Err(_) => text.to_owned(),
    }
}

/// One session in a workspace that stays open.
struct Desk {
    env: TestEnv,
    workspace: Workspace,
    text: String,
    name: String,
    owed: bool,
}

impl Desk {
    fn new(world: &Arc<dyn Env>, name: &str, text: &str) -> Self {
        let env = TestEnv::with("plan", text);
        let workspace = Workspace::open(env.root(), Arc::clone(world)).unwrap();
        let lifted = read(text);
        let owed = lifted.diagnostics.iter().all(|d| d.severity() < Severity::Error);
        Self { env, workspace, text: text.to_owned(), name: name.to_owned(), owed }
    }

    fn call(&self, operation: &str, input: Value) -> Result<Value, OpError> {
        let found = REGISTRY.iter().find(|o| o.name == operation).unwrap();
        let cx = Context {
            workspace: &self.workspace,
            session: Some("plan".to_owned()),
            by: "tester".to_owned(),
            dry_run: false,
            if_match: None,
            remarks: plandown::ops::Remarks::default(),
        };
        (found.call)(&cx, input)
    }

    fn now(&self) -> String {
        self.env.read("plan")
    }

    /// Puts the first text back, as a person would.
    fn reset(&self) {
        self.env.write("plan", &self.text);
        self.workspace.refresh().unwrap();
    }

    /// Calls; where it is refused, nothing has changed and it was not owed.
    fn make(&self, operation: &str, input: Value, owed: bool) -> Option<Value> {
        let before = self.now();
        match self.call(operation, input.clone()) {
            Ok(answer) => Some(answer),
            Err(error) => {
                assert_eq!(self.now(), before, "{}: a refused {operation} changed the file", self.name);
                let excused = error.message.contains("code span") || error.message.contains("link");
                assert!(!(owed && self.owed) || excused, "{}: {operation} {input}: {error}", self.name);
                None
            }
        }
    }

    /// Lines that differ between the first text and the present one, which has as many lines.
    fn replaced(&self) -> Vec<(String, String)> {
        let now = self.now();
        let (old, new): (Vec<_>, Vec<_>) = (self.text.split('\n').collect(), now.split('\n').collect());
        assert_eq!(old.len(), new.len(), "{}: lines came or went", self.name);
        let pairs = old.into_iter().zip(new).filter(|(a, b)| a != b);
        pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).filter(|(a, _)| !is_derived(a)).collect()
    }

    /// Lines that came, without those that are blank.
    fn inserted(&self) -> Vec<String> {
        let now = self.now();
        // A last line without line end gets one before something follows it.
        let lines =
            |text: &str| text.split('\n').map(|l| l.trim_end_matches('\r').to_owned()).collect::<Vec<_>>();
        let (old, new) = (lines(&self.text), lines(&now));
        let diff = similar::TextDiff::from_slices(&refs(&old), &refs(&new));
        let mut came = Vec::new();
        for change in diff.iter_all_changes() {
            let line = change.value();
            if is_derived(line) || line.trim_matches([' ', '>']).is_empty() {
                continue;
            }
            match change.tag() {
                similar::ChangeTag::Equal => {}
                similar::ChangeTag::Insert => came.push(line.trim().to_owned()),
                similar::ChangeTag::Delete => panic!("{}: `{line}` went away\n{now}", self.name),
            }
        }
        came
    }
}

fn refs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// A line that says what can be counted.
fn is_derived(line: &str) -> bool {
    let line = line.trim_start_matches(['-', '*', '+', ' ']);
    let keys = ["Progress", "Total Tasks", "Completed", "In Progress", "Session ID"];
    keys.iter().any(|k| line.trim_start_matches('*').starts_with(k)) && line.contains(':')
}

#[test]
fn commands_change_only_their_lines() {
    let world: Arc<dyn Env> = Arc::new(SystemEnv::read());
    let sample = usize::try_from(cases(1)).unwrap();
    for (path, text) in plans() {
        for (n, text) in encodings(&settled(&text)).into_iter().enumerate() {
            let lifted = read(&text);
            let tasks = lifted.session.tasks.len();
            // Lines are told apart by line feeds below.
            let lone_cr = text.replace("\r\n", "").contains('\r');
            if tasks == 0 || lone_cr {
                continue;
            }
            let desk = Desk::new(&world, &format!("{path} #{n}"), &text);
            let step = if n == 0 { tasks.div_ceil(sample) } else { tasks };
            for at in (tasks / 2 % step..tasks).step_by(step) {
                one_task(&desk, &lifted, at);
            }
        }
    }
}

/// Everything that is done to one task, each time on the first text.
fn one_task(desk: &Desk, lifted: &plandown::format::Lifted, at: usize) {
    let task = &lifted.session.tasks[at];
    let word = {
        // The id that a task without one goes by depends on the session it stands in.
        let here = desk.workspace.understand(desk.text.as_bytes(), "plan");
        plandown::index::row_ids(&here.session)[at].to_string()
    };
    let list = desk.call("task_list", json!({})).unwrap();
    let line = list["tasks"][at]["line"].as_u64().unwrap();
    let head = desk.text.split('\n').nth(usize::try_from(line).unwrap() - 1).unwrap().to_owned();
    let only_head = |what: &str| {
        let changed = desk.replaced();
        assert!(changed.len() <= 1, "{}: {what} changed {changed:?}", desk.name);
        assert!(changed.iter().all(|(old, _)| *old == head), "{}: {what} changed {changed:?}", desk.name);
    };
    let status = |to: &str| json!({"tasks": [word], "status": to, "force": true});

    if task.status == TaskStatus::Pending && desk.make("task_set_status", status("completed"), true).is_some()
    {
        only_head("tick");
        let plain = task.symbol == ' '
            && task
                .tail
                .as_ref()
                .is_none_or(|t| t.word == "Pending" && t.effort.as_ref().is_none_or(|e| !e.contains("/?")))
            && task.field(Field::Status).is_none();
        if desk.make("task_set_status", status("pending"), true).is_some() && plain {
            assert_eq!(desk.now(), desk.text, "{}: untick after tick", desk.name);
        }
        desk.reset();
    }
    if desk.make("task_set", json!({"tasks": [word], "set": {"zz-own": "a value"}}), true).is_some() {
        only_head("set");
        let _ = desk.make("task_set", json!({"tasks": [word], "unset": ["zz-own"]}), true);
        assert_eq!(desk.now(), desk.text, "{}: unset after set", desk.name);
        desk.reset();
    }
    if desk.make("task_set", json!({"tasks": [word], "title": "zz another"}), false).is_some() {
        let changed = desk.replaced();
        assert_eq!(changed.len(), 1, "{}: rename changed {changed:?}", desk.name);
        desk.reset();
    }
    if let Some(answer) = desk.make("task_add", json!({"title": "zz new", "after": word}), false) {
        let lines = desk.inserted();
        assert!(lines.len() == 1 && lines[0].contains("zz new"), "{}: add: {lines:?}", desk.name);
        let new = answer["tasks"][0]["id"].as_str().unwrap();
        if desk.make("task_delete", json!({"tasks": [new], "force": true}), false).is_some() {
            assert_eq!(desk.now(), desk.text, "{}: delete after add", desk.name);
        }
        desk.reset();
    }
    if desk.make("note_add", json!({"text": "zz a note"}), false).is_some() {
        let lines = desk.inserted();
        let fresh = |l: &String| l.contains("zz a note") || l.starts_with('#');
        assert!(!lines.is_empty() && lines.iter().all(fresh), "{}: note: {lines:?}", desk.name);
        desk.reset();
    }
    let place = if task.parent.is_some() {
        json!({"tasks": [word], "root": true})
    } else {
        json!({"tasks": [word], "group": "Zz elsewhere"})
    };
    if desk.make("task_move", place, false).is_some() {
        // Whatever stood there stands there still, though elsewhere and at another depth.
        let words = |text: &str| {
            let mut lines: Vec<String> = text
                .lines()
                .map(|l| l.trim().to_owned())
                .filter(|l| {
                    !l.is_empty() && !is_derived(l) && !l.contains("Zz elsewhere") && !l.starts_with('#')
                })
                .map(|l| l.trim_start_matches(|c: char| "-*+>0123456789.) \u{feff}".contains(c)).to_owned())
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(words(&desk.now()), words(&desk.text), "{}: move of {}", desk.name, task.title);
        desk.reset();
    }
}

/// Every plan as a session of one project.
fn project() -> TestEnv {
    let env = TestEnv::empty();
    for (n, (_, text)) in plans().into_iter().enumerate() {
        for (m, text) in encodings(&text).into_iter().enumerate() {
            env.write(&format!("p{n:03}-{m}"), text);
        }
    }
    env
}

fn stamps(root: &Path) -> BTreeMap<PathBuf, (SystemTime, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut todo = vec![root.join(".task_orchestrator")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with(".state") {
                    todo.push(path);
                }
            } else {
                found.insert(
                    path.clone(),
                    (fs::metadata(&path).unwrap().modified().unwrap(), fs::read(&path).unwrap()),
                );
            }
        }
    }
    found
}

#[test]
fn reading_never_touches_a_plan() {
    let env = project();
    let before = stamps(env.root());
    for args in [
        &["list", "--all-sessions"][..],
        &["status"],
        &["check"],
        &["check", "--json"],
        &["search", "the", "--scope", "all"],
        &["next", "--all-sessions", "--explain"],
        &["browse"],
        &["session", "list"],
        &["doctor"],
        &["reindex"],
        &["reindex", "--check"],
        &["reindex", "--from-scratch"],
        &["sync", "--dry-run"],
        &["check", "--fix", "--dry-run"],
    ] {
        let ran = env.run(args);
        assert!(ran.code < 2, "{args:?}: {}", ran.stderr);
        assert!(stamps(env.root()) == before, "{args:?} wrote");
    }
}

#[test]
fn syncing_twice_is_syncing_once() {
    let env = project();
    let before = stamps(env.root());
    assert!(env.run(&["sync"]).code < 2);
    let once = stamps(env.root());
    for (path, (_, old)) in &before {
        let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(&once[path].1).into_owned());
        let (old, new): (Vec<_>, Vec<_>) = (old.split('\n').collect(), new.split('\n').collect());
        assert_eq!(old.len(), new.len(), "{}: sync added lines", path.display());
        for (a, b) in old.into_iter().zip(new) {
            let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
            let rest: String = a.chars().skip(same).collect();
            // The second of two tasks with one id is new.
            let id = rest.trim_end_matches('\r');
            let reid = a.to_lowercase().contains("^t-") && id.len() < 12 && !id.contains(' ');
            assert!(reid || b.ends_with(&rest), "{}: sync did more than insert: {a:?} {b:?}", path.display());
        }
    }
    assert!(env.run(&["sync"]).code < 2);
    assert!(stamps(env.root()) == once, "the second sync wrote");
    assert_eq!(env.run(&["reindex", "--check"]).code, 0);
}
