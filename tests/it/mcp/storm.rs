//! Many servers on one workspace while a person saves: no word is lost, no error but honest ones.

use std::fmt::Write as _;
use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use super::{Server, id_of, rev_of};
use crate::common::TestEnv;

/// Calls of all servers between two saves of the person.
const PAUSE: usize = 16;

/// A plan with a diary of so many days.
fn plan(days: usize) -> String {
    let mut text = "# Session: Plan\n\n**Status**: Active\n\n## Task Groups\n\n### Build\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n\n## Diary\n".to_owned();
    for day in 0..days {
        let _ = write!(text, "\nday-{day}-begins\n");
    }
    text
}

/// Refusals that say the truth: somebody else was there first, or has it all.
const HONEST: &[&str] = &["stale-revision", "conflict", "claimed", "open-work", "nothing-ready", "busy"];

/// What a call said that it has written.
#[derive(Default)]
struct Told {
    words: Vec<String>,
    refused: usize,
}

/// How many calls each server makes.
fn calls() -> usize {
    std::env::var("PLANDOWN_STORM").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

fn work(env: &TestEnv, who: usize, calls: usize, made: &Sender<()>) -> Told {
    let mut server = Server::start(env, &["--session", "plan"]);
    let mut told = Told::default();
    let mut own: Vec<String> = Vec::new();
    let mut seen = "000000000000".to_owned();
    for n in 0..calls {
        let word = format!("word-{who}-{n}-end");
        let last = own.last().cloned().unwrap_or_else(|| "t-one1".to_owned());
        let (tool, arguments) = match n % 8 {
            0 => ("plan_task", json!({ "title": word, "group": "Build" })),
            1 => ("task_update", json!({ "task": last, "append": word })),
            2 => ("task_list", json!({ "show": "all", "limit": 5 })),
            3 => ("task_update", json!({ "task": "t-one1", "append": word, "if_match": seen })),
            4 => ("task_show", json!({ "task": "t-one1" })),
            5 => ("search", json!({ "query": "word" })),
            6 => ("next_task", json!({ "claim": true })),
            _ => ("complete_task", json!({ "tasks": [last], "summary": word })),
        };
        let (text, is_error) = server.call(tool, &arguments);
        made.send(()).unwrap();
        if is_error {
            let error: Value = serde_json::from_str(&text).expect("an error object");
            let code = error["code"].as_str().unwrap_or_default();
            assert!(HONEST.contains(&code), "{tool} {arguments}: {text}");
            told.refused += 1;
            continue;
        }
        if text.contains("rev ") {
            seen = rev_of(&text);
        }
        if tool == "plan_task" {
            own.push(id_of(&text));
        }
        if arguments.to_string().contains(&word) {
            told.words.push(word);
        }
    }
    server.end();
    told
}

/// Saves the whole buffer after every few calls of the servers, as an editor does: it may be old by
/// the time it is written. Every save says something new in a paragraph of its own.
fn edit(env: &TestEnv, calls: &Receiver<()>) -> Vec<String> {
    let mut words = Vec::new();
    while calls.iter().take(PAUSE).count() == PAUSE {
        let (old, new) = (format!("day-{}-begins\n", words.len()), format!("day-{}-ends\n", words.len()));
        let buffer = env.read("plan");
        let saved = buffer.replace(&old, &new);
        assert_ne!(saved, buffer, "{old} is gone");
        let path = env.session_path("plan");
        let beside = path.with_file_name(".session.md.editor");
        fs::write(&beside, saved).unwrap();
        fs::rename(beside, &path).unwrap();
        words.push(new.trim().to_owned());
    }
    words
}

#[test]
fn eight_servers_and_an_editor_lose_nothing() {
    let calls = calls();
    let env = TestEnv::with("plan", &plan(8 * calls / PAUSE + 1));
    env.run(&["sync"]).ok();
    let (made, heard) = channel();
    let (told, diary) = std::thread::scope(|scope| {
        let env = &env;
        let editor = scope.spawn(move || edit(env, &heard));
        let servers: Vec<_> = (0..8)
            .map(|who| {
                let made = made.clone();
                scope.spawn(move || work(env, who, calls, &made))
            })
            .collect();
        drop(made);
        let told: Vec<Told> = servers.into_iter().map(|s| s.join().unwrap()).collect();
        (told, editor.join().unwrap())
    });
    assert_eq!(diary.len(), 8 * calls / PAUSE);
    let _ = env.run(&["sync"]);
    let all = env.everywhere("plan");
    let mut written = 0;
    for word in told.iter().flat_map(|t| &t.words).chain(&diary) {
        assert!(all.contains(word.as_str()), "{word} is gone");
        written += 1;
    }
    let refused: usize = told.iter().map(|t| t.refused).sum();
    assert!(written > 8 * calls / 4 && refused < 8 * calls / 2, "{written} written, {refused} refused");
    env.run(&["reindex", "--check"]).ok();
}
