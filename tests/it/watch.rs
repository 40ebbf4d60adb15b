//! The watcher beside everything that saves files: its index follows, and nothing half written gets in.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::common::TestEnv;

/// Nothing takes this long unless it hangs.
const HANG: Duration = Duration::from_secs(60);

/// A running `plandown watch --json`.
struct Watcher {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl Watcher {
    fn start(env: &TestEnv, args: &[&str]) -> Self {
        let args: Vec<&str> = ["watch", "--until-eof", "--json"].iter().chain(args).copied().collect();
        let mut child = env
            .command(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines() {
                let Ok(line) = line else { return };
                if send.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        let watcher = Self { child, stdin, lines };
        assert_eq!(watcher.next()["event"], "watching");
        watcher
    }

    #[track_caller]
    fn next(&self) -> Value {
        self.lines.recv_timeout(HANG).expect("an event")
    }

    /// The next event of a plan, views left out.
    #[track_caller]
    fn plan(&self) -> Value {
        loop {
            let event = self.next();
            if event["event"] != "views" {
                return event;
            }
        }
    }

    /// Ends it by closing its standard input and returns what it still said.
    fn stop(mut self) -> Vec<Value> {
        drop(self.stdin.take());
        let mut rest = Vec::new();
        loop {
            let event = self.next();
            let last = event["event"] == "stopped";
            rest.push(event);
            if last {
                break;
            }
        }
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

fn plan(word: &str) -> String {
    format!(
        "# Session: W\n\n## Task Groups\n\n### Work\n\n- [ ] {word} <!-- id: t-aaaaaa -->\n- [ ] End <!-- id: t-bbbbbb -->\n"
    )
}

/// The titles that the index has, without looking at any file.
fn indexed(env: &TestEnv) -> Vec<String> {
    let path = env.root().join(".task_orchestrator/.state/index.sqlite");
    let db = rusqlite::Connection::open(path).unwrap();
    let mut rows = db.prepare("SELECT title FROM tasks ORDER BY task_id").unwrap();
    let titles = rows.query_map([], |r| r.get(0)).unwrap();
    titles.collect::<Result<_, _>>().unwrap()
}

/// How often each way of saving is tried.
fn rounds() -> usize {
    std::env::var("PLANDOWN_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

#[test]
fn every_way_of_saving_reaches_the_index() {
    let env = TestEnv::with("w", &plan("start"));
    let path = env.session_path("w");
    let watcher = Watcher::start(&env, &[]);
    type Save = fn(&Path, &str);
    let ways: [(&str, Save); 5] = [
        ("truncate and write", |path, text| fs::write(path, text).unwrap()),
        ("in two pieces", |path, text| {
            let mut file = File::create(path).unwrap();
            let (a, b) = text.as_bytes().split_at(text.len() / 2);
            file.write_all(a).unwrap();
            file.sync_all().unwrap();
            file.write_all(b).unwrap();
        }),
        ("rename over", |path, text| {
            let temp = path.with_file_name("session.md.tmp");
            fs::write(&temp, text).unwrap();
            fs::rename(temp, path).unwrap();
        }),
        ("rename away and create", |path, text| {
            fs::rename(path, path.with_file_name("session.md~")).unwrap();
            fs::write(path, text).unwrap();
            fs::remove_file(path.with_file_name("session.md~")).unwrap();
        }),
        ("sed -i", |path, text| {
            let title = text.lines().find_map(|l| l.strip_prefix("- [ ] ")?.split_once(" <!--")).unwrap().0;
            let command = format!("s/\\] .* <!-- id: t-aaaaaa/] {title} <!-- id: t-aaaaaa/");
            assert!(Command::new("sed").args(["-i", &command]).arg(path).status().unwrap().success());
        }),
    ];
    for round in 0..rounds() {
        for (name, save) in &ways {
            let word = format!("{name} {round}");
            save(&path, &plan(&word));
            let event = watcher.plan();
            assert_eq!(event["event"], "changed", "{name}: {event}");
            assert_eq!(event["changes"].as_array().unwrap().len(), 1, "{name}: {event}");
            assert_eq!(event["changes"][0]["to"], word, "half of it was taken in");
            assert_eq!(indexed(&env), [word.as_str(), "End"]);
        }
    }
    // A file that only got new stamps is no news.
    fs::write(&path, env.read("w")).unwrap();
    assert!(watcher.stop().iter().all(|e| e["event"] == "stopped" || e["event"] == "views"));
    env.run(&["reindex", "--check"]).ok();
}

#[test]
fn directories_come_move_and_go() {
    let env = TestEnv::with("w", &plan("start"));
    let watcher = Watcher::start(&env, &[]);
    let sessions = env.root().join(".task_orchestrator/sessions");
    for n in 0..10 {
        let name = format!("new-{n}");
        env.write(&name, plan("x"));
        let event = watcher.plan();
        assert_eq!((&event["event"], &event["session"]), (&"added".into(), &name.into()));
    }
    fs::rename(sessions.join("new-0"), sessions.join("moved")).unwrap();
    let mut both = [watcher.plan(), watcher.plan()].map(|e| e["event"].as_str().unwrap().to_owned());
    both.sort();
    assert_eq!(both, ["added", "removed"]);
    env.write("moved", plan("after the move"));
    assert_eq!(watcher.plan()["changes"][0]["to"], "after the move");
    fs::remove_dir_all(sessions.join("moved")).unwrap();
    assert_eq!(watcher.plan()["event"], "removed");
    watcher.stop();
    env.run(&["reindex", "--check"]).ok();
}

#[test]
fn a_save_that_takes_its_time_is_waited_for() {
    let env = TestEnv::with("w", &plan("start"));
    let watcher = Watcher::start(&env, &[]);
    let text = plan("slow");
    let mut file = File::create(env.session_path("w")).unwrap();
    file.write_all(&text.as_bytes()[..60]).unwrap();
    // Other sessions are not held up by it.
    env.write("other", plan("quick"));
    assert_eq!(watcher.plan()["session"], "other");
    assert_eq!(indexed(&env).iter().filter(|t| *t == "start").count(), 1, "half of it was taken in");
    file.write_all(&text.as_bytes()[60..]).unwrap();
    drop(file);
    assert_eq!(watcher.plan()["changes"][0]["to"], "slow");
    watcher.stop();
}

#[test]
fn own_writes_and_polling_and_views() {
    let env = TestEnv::with("w", &plan("start"));
    env.run(&["config", "set", "watch.view_quiet_ms", "0"]).ok();
    let watcher = Watcher::start(&env, &["--poll"]);
    env.run(&["done", "t-aaaaaa"]).ok();
    let event = watcher.next();
    assert_eq!((&event["event"], &event["changes"][0]["kind"]), (&"changed".into(), &"status".into()));
    let views = watcher.next();
    assert_eq!(views["event"], "views", "{views}");
    assert!(views["views"][0].as_str().unwrap().ends_with("overview.md"));
    let rest = watcher.stop();
    assert_eq!(rest.len(), 1, "a written view is no news: {rest:?}");
}

#[test]
fn a_save_of_an_old_buffer_is_told_and_then_repaired() {
    let env = TestEnv::with("w", &plan("start"));
    env.run(&["sync"]).ok();
    let buffer = env.read("w");
    let watcher = Watcher::start(&env, &[]);
    env.run(&["done", "t-bbbbbb"]).ok();
    assert_eq!(watcher.plan()["changes"][0]["kind"], "status");
    env.write("w", buffer.replace("] start", "] by hand"));
    let (mut repaired, mut seen) = (false, false);
    while !(repaired && seen) {
        let event = watcher.plan();
        repaired |= event["event"] == "repaired";
        seen |= event["changes"].as_array().is_some_and(|all| all.iter().any(|c| c["to"] == "by hand"));
    }
    let text = env.read("w");
    assert!(text.contains("] by hand") && text.contains("[x] End"), "{text}");
    watcher.stop();
}

/// S185.
#[test]
fn closed_sessions_are_quiet_unless_asked_for() {
    let closed = plan("x").replace("# Session: W\n", "# Session: W\n\n**Status**: Completed\n");
    let env = TestEnv::with("done", &closed);
    env.write("w", plan("start"));
    let watcher = Watcher::start(&env, &[]);
    env.write("done", closed.replace("] x", "] y"));
    env.write("w", plan("open"));
    assert_eq!(watcher.plan()["session"], "w");
    watcher.stop();
    let watcher = Watcher::start(&env, &["--all"]);
    env.write("done", closed.replace("] x", "] z"));
    assert_eq!(watcher.plan()["session"], "done");
    watcher.stop();
}

#[cfg(unix)]
#[test]
fn signals_end_it_cleanly() {
    let env = TestEnv::with("w", &plan("start"));
    for signal in ["-INT", "-TERM"] {
        let mut watcher = Watcher::start(&env, &[]);
        let pid = watcher.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(watcher.next()["event"], "stopped", "{signal}");
        assert_eq!(watcher.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

/// Runs an editor to its end; keys are typed once it shows what they do, for what is typed before meets a
/// terminal that is not the editor's yet.
fn typed_into(editor: &mut Command, keys: Option<&str>) -> Result<(), String> {
    let io = || if keys.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = editor.stdin(io()).stdout(io()).stderr(Stdio::null()).spawn().unwrap();
    let mut screen = Vec::new();
    if let (Some(keys), Some(mut input), Some(mut output)) = (keys, child.stdin.take(), child.stdout.take()) {
        let mut some = [0; 4096];
        while !String::from_utf8_lossy(&screen).contains("Exit") {
            match output.read(&mut some) {
                Ok(n @ 1..) => screen.extend_from_slice(&some[..n]),
                end => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("{end:?}: {}", String::from_utf8_lossy(&screen)));
                }
            }
        }
        input.write_all(keys.as_bytes()).unwrap();
        let _ = output.read_to_end(&mut screen);
    }
    let ended = child.wait().unwrap();
    if ended.success() { Ok(()) } else { Err(format!("{ended}: {}", String::from_utf8_lossy(&screen))) }
}

/// Editors change their way of saving in the temporary directory, so each is told to save as it does
/// elsewhere.
#[test]
fn real_editors_are_followed() {
    let env = TestEnv::with("w", &plan("start"));
    let path = env.session_path("w").display().to_string();
    let watcher = Watcher::start(&env, &[]);
    let drive = |name: &str, command: &dyn Fn(&str) -> (Command, Option<String>)| {
        let there = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !there.is_ok_and(|s| s.success()) {
            eprintln!("SKIPPED: no {name} on this machine");
            return;
        }
        for round in 0..rounds() {
            let word = format!("{name}{round}");
            let (mut editor, keys) = command(&word);
            let said = typed_into(&mut editor, keys.as_deref());
            assert!(said.is_ok(), "{name}: {said:?}");
            let event = watcher.plan();
            assert_eq!(event["changes"][0]["to"], word, "{name}: {event}");
            assert_eq!(indexed(&env), [word.as_str(), "End"], "{name}");
        }
    };
    for backup in ["no", "yes"] {
        drive("vim", &|word| {
            let mut vim = Command::new("vim");
            vim.args(["-u", "NONE", "-N", "-es", "-c", "set bsk= writebackup backup"])
                .args(["-c", &format!("set backupcopy={backup}")])
                .args(["-c", &format!("%s/] .* <!-- id: t-aaaaaa/] {word} <!-- id: t-aaaaaa/")])
                .args(["-c", "wq"])
                .arg(&path);
            (vim, None)
        });
    }
    drive("emacs", &|word| {
        let lisp = format!(
            "(progn (setq backup-enable-predicate (lambda (_) t)) (find-file \"{path}\") \
             (re-search-forward \"] .* <!-- id: t-aaaaaa\") \
             (replace-match \"] {word} <!-- id: t-aaaaaa\") (save-buffer))"
        );
        let mut emacs = Command::new("emacs");
        emacs.args(["-Q", "--batch", "--eval", &lisp]);
        (emacs, None)
    });
    let has =
        |tool| Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    if !(has("script") && has("timeout")) {
        eprintln!("SKIPPED: nano has no terminal without `script` and `timeout`");
        watcher.stop();
        return;
    }
    drive("nano", &|word| {
        // `script` gives it the terminal it wants; the minute is for a nano that waits for other keys.
        let text = env.read("w");
        let line = text.lines().position(|l| l.contains("t-aaaaaa")).unwrap() + 1;
        let mut nano = Command::new("timeout");
        nano.args(["60", "script", "-qec", &format!("nano -I +{line} {path}"), "/dev/null"]);
        nano.env("TERM", "xterm");
        (nano, Some(format!("\u{b}- [ ] {word} <!-- id: t-aaaaaa -->\r\u{18}y\r")))
    });
    watcher.stop();
}
