//! A workspace in a temporary directory, and the real binary run in it with a cleared environment.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// What a run of the program printed.
#[must_use]
#[derive(Debug)]
pub(crate) struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Ran {
    /// Asserts success and returns standard output.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Asserts success and returns standard output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).expect("one JSON document")
    }

    /// Asserts the exit code of a run that answered, without an error.
    #[track_caller]
    pub(crate) fn error_free(self, code: i32) {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("error["), "{}", self.stderr);
    }

    /// Asserts the exit code and returns the error object of standard error.
    #[track_caller]
    pub(crate) fn error(self, code: i32) -> serde_json::Value {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        let line = self.stderr.lines().last().unwrap_or_default();
        let document: serde_json::Value = serde_json::from_str(line).expect("one JSON line on stderr");
        assert_eq!(document["schema"], 1);
        document["error"].clone()
    }

    /// Exit code, standard output and standard error as one text, for a transcript.
    pub(crate) fn transcript(self) -> String {
        let mut out = self.stdout;
        if !self.stderr.is_empty() {
            let _ = write!(out, "-- stderr --\n{}", self.stderr);
        }
        if self.code != 0 {
            let _ = writeln!(out, "-- exit {} --", self.code);
        }
        out
    }
}

/// A temporary project.
pub(crate) struct TestEnv {
    dir: tempfile::TempDir,
}

impl TestEnv {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A directory with one session file.
    pub(crate) fn with(session: &str, text: &str) -> Self {
        let env = Self::empty();
        env.write(session, text);
        env
    }

    /// A copy of `fixtures/example`.
    pub(crate) fn example() -> Self {
        let env = Self::empty();
        copy(&manifest("fixtures/example"), env.root());
        env
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Path of a session's file.
    pub(crate) fn session_path(&self, session: &str) -> PathBuf {
        self.root().join(".task_orchestrator/sessions").join(session).join("session.md")
    }

    /// Writes a session's file, as a person would.
    pub(crate) fn write(&self, session: &str, text: impl AsRef<[u8]>) {
        let path = self.session_path(session);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A session's file as text.
    pub(crate) fn read(&self, session: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.session_path(session)).unwrap()).into_owned()
    }

    /// Everything that is in the plan, in a conflict, or beside the session.
    pub(crate) fn everywhere(&self, session: &str) -> String {
        let mut all = self.read(session);
        all.push_str(&self.run(&["conflicts", "list", "--all", "--json"]).stdout);
        for entry in fs::read_dir(self.session_path(session).parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("session.conflict-") {
                all.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
            }
        }
        all
    }

    /// Runs the program in the project.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "", &[])
    }

    /// Runs it with standard input and further environment variables.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &str, vars: &[(&str, &str)]) -> Ran {
        let mut child = self
            .command(args)
            .envs(vars.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let out = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| self.redact(&String::from_utf8_lossy(bytes));
        Ran { stdout: text(&out.stdout), stderr: text(&out.stderr), code: out.status.code().unwrap_or(-1) }
    }

    /// The program, ready to be spawned.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plandown"));
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .env("HOME", "/nonexistent")
            .env("USER", "tester");
        command
    }

    /// Replaces the temporary path by `$ROOT`.
    pub(crate) fn redact(&self, text: &str) -> String {
        let real = self.root().canonicalize().unwrap();
        text.replace(&*real.to_string_lossy(), "$ROOT").replace(&*self.root().to_string_lossy(), "$ROOT")
    }
}

/// A path below the package.
pub(crate) fn manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folder of shared real data beside the checkout; says where it is missing, once and past
/// the capture of the tests' output.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let found = manifest("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    if SAID.lock().unwrap().insert(path.to_owned()) {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no ../shared/{path} beside the checkout");
    }
    None
}

/// Plans that people wrote, with their places: the repository's own, and those that lie beside it.
pub(crate) fn plans() -> Vec<PathBuf> {
    let here = ["fixtures/sessions", "fixtures/example/.task_orchestrator/sessions"];
    let mut found: Vec<PathBuf> = here
        .into_iter()
        .flat_map(|dir| files(&manifest(dir)))
        .map(|dir| dir.join("session.md"))
        .filter(|p| p.exists())
        .collect();
    assert!(found.len() >= 5, "the repository's own plans are gone: {found:?}");
    for dir in ["fixtures/plans", "seeds"].into_iter().filter_map(shared) {
        let there =
            files(&dir).into_iter().filter(|p| p.extension().is_some_and(|e| e == "md" || e == "txt"));
        let before = found.len();
        found.extend(there);
        assert!(found.len() > before, "{} holds no plan", dir.display());
    }
    found
}

/// What stands in a directory, sorted.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut found: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// How many cases a property is tried on: few in the suite, more where `PLANDOWN_CASES` says so.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("PLANDOWN_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}
