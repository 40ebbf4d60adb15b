//! No argument leads out of the workspace, whatever it is; text from files is data.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use plandown::env::SystemEnv;
use plandown::mcp::{Client, Door, Profile};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::common::{TestEnv, cases};

const PLAN: &str = "# Session: One\n\n## Task Groups\n\n### G\n\n- [ ] First ^t-one1\n- [ ] Second ^t-two2\n";
const SECRET: &str = "the-secret-outside";

/// A workspace inside a directory with other people's things, and links that lead to them.
fn house() -> (TestEnv, std::path::PathBuf) {
    let env = TestEnv::empty();
    let root = env.root().join("project");
    let sessions = root.join(".task_orchestrator/sessions");
    fs::create_dir_all(sessions.join("one")).unwrap();
    fs::write(sessions.join("one/session.md"), PLAN).unwrap();
    fs::create_dir_all(env.root().join("outside/.task_orchestrator/sessions/theirs")).unwrap();
    fs::write(env.root().join("outside/secret.md"), format!("# Session: {SECRET}\n\n- [ ] {SECRET}\n"))
        .unwrap();
    let theirs = env.root().join("outside/.task_orchestrator/sessions/theirs/session.md");
    fs::write(theirs, format!("# Session: {SECRET}\n\n- [ ] {SECRET}\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(env.root().join("outside"), sessions.join("link")).unwrap();
        fs::create_dir_all(sessions.join("linked")).unwrap();
        symlink(env.root().join("outside/secret.md"), sessions.join("linked/session.md")).unwrap();
    }
    (env, root)
}

/// Every file below a directory with its bytes; links are not followed.
fn files(dir: &Path, found: &mut BTreeMap<std::path::PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&entry.path(), found);
        } else if kind.is_file() {
            found.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
}

fn outside(env: &TestEnv) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(env.root(), &mut found);
    found.retain(|path, _| !path.starts_with(env.root().join("project")));
    found
}

/// Words that try to lead elsewhere, or to be something else than data.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("../../../outside/secret.md".to_owned()),
        Just("..".to_owned()),
        Just("/etc/passwd".to_owned()),
        Just("outside/.task_orchestrator".to_owned()),
        Just("../outside".to_owned()),
        Just("link".to_owned()),
        Just("linked".to_owned()),
        Just("link/../../..".to_owned()),
        Just("..\\..\\outside".to_owned()),
        Just("C:\\Windows\\win.ini".to_owned()),
        Just("\\\\server\\share".to_owned()),
        Just("con".to_owned()),
        Just("one/../../../../outside".to_owned()),
        Just("%2e%2e%2foutside".to_owned()),
        Just("file:///etc/passwd".to_owned()),
        Just("~/.ssh/id_rsa".to_owned()),
        Just("$(touch outside/made)".to_owned()),
        Just("`touch outside/made`; --output=../outside/made".to_owned()),
        Just("a\0b".to_owned()),
        Just("\u{202e}dm.terces".to_owned()),
        Just("\u{1b}]0;title\u{7}".to_owned()),
        Just("---\nid: ../../outside\n---".to_owned()),
        Just("*/../*".to_owned()),
        Just("{{ 7 * 7 }}".to_owned()),
        Just("first".to_owned()),
        Just("one".to_owned()),
        Just("t-one1".to_owned()),
        "[./\\\\a-z~%:\0-]{0,12}",
        "\\PC{0,8}",
    ]
}

/// A value in the form that a schema asks for, hostile inside.
fn value(schema: &Value, words: &[String], at: &mut usize) -> Value {
    let mut word = || {
        *at += 1;
        words[*at % words.len()].clone()
    };
    if let Some(allowed) = schema["enum"].as_array() {
        return allowed[word().len() % allowed.len()].clone();
    }
    match schema["type"].as_str() {
        Some("boolean") => (word().len() % 2 == 0).into(),
        Some("integer") => (word().len() % 7).into(),
        Some("array") => json!([value(&schema["items"], words, at)]),
        Some("object") => match schema["properties"].as_object() {
            Some(members) => {
                members.iter().map(|(name, schema)| (name.clone(), value(schema, words, at))).collect()
            }
            None => json!({ word(): word() }),
        },
        _ => word().into(),
    }
}

fn tools() -> Vec<(String, Value)> {
    let env = TestEnv::empty();
    let line = super::modern(1, "tools/list", json!({}));
    let listed: Value = serde_json::from_str(&env.run_with(&["mcp"], &(line + "\n"), &[]).ok()).unwrap();
    let tools = listed["result"]["tools"].as_array().unwrap().iter();
    tools.map(|t| (t["name"].as_str().unwrap().to_owned(), t["inputSchema"].clone())).collect()
}

/// S191.
#[test]
fn no_argument_leads_out_of_the_workspace() {
    let tools = tools();
    assert!(tools.len() > 30, "{}", tools.len());
    let few = ProptestConfig { cases: cases(6), failure_persistence: None, ..ProptestConfig::default() };
    proptest!(few, |(
        words in proptest::collection::vec(word(), 5..20),
        common in proptest::collection::vec((0..4usize, word()), 0..2),
    )| {
        let (env, root) = house();
        let before = outside(&env);
        let door = Door::new(Arc::new(SystemEnv::read()), Some(root.clone()), None, Some(Profile::Full));
        let client = Client::default();
        let mut at = 0;
        for (name, schema) in &tools {
            let Value::Object(mut given) = value(schema, &words, &mut at) else { unreachable!() };
            for (which, word) in &common {
                let argument = ["session", "working_directory", "if_match", "parent"][*which];
                given.insert(argument.to_owned(), word.as_str().into());
            }
            let shown = format!("{name} {given:?}");
            let reply = door.call(&client, name, given).expect("a tool");
            prop_assert!(!reply.text.contains("\"internal\""), "{shown}\n{}", reply.text);
            prop_assert!(!reply.text.contains(['\u{1b}', '\u{7}', '\0', '\u{202e}']), "{shown}\n{:?}", reply.text);
        }
        prop_assert_eq!(before, outside(&env));
        // Nothing was put into the workspace where the tool has no business either.
        for entry in fs::read_dir(&root).unwrap() {
            let name = entry.unwrap().file_name();
            prop_assert!(name == ".task_orchestrator", "{:?}", name);
        }
    });
}

#[test]
fn what_is_outside_is_not_told() {
    let (env, root) = house();
    let before = outside(&env);
    let door = Door::new(Arc::new(SystemEnv::read()), Some(root), None, Some(Profile::Full));
    let client = Client::default();
    let theirs = env.root().join("outside").to_string_lossy().into_owned();
    for (tool, arguments) in [
        ("get_status", json!({ "working_directory": theirs })),
        ("initialize_session", json!({ "working_directory": theirs })),
        ("session_list", json!({ "working_directory": "../outside" })),
        ("task_show", json!({ "task": "theirs#1" })),
        ("task_list", json!({ "session": "../../../outside/.task_orchestrator/sessions/theirs" })),
        ("task_list", json!({ "session": "link" })),
        ("validate_integrity", json!({ "paths": [theirs, "../outside/secret.md", "/etc/passwd"] })),
        ("search", json!({ "query": SECRET, "scope": "all" })),
    ] {
        let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap();
        let shown = format!("{tool} {arguments:?}");
        let reply = door.call(&client, tool, arguments).expect("a tool");
        // The query itself may be said back.
        let text = reply.text.replacen(SECRET, "", usize::from(tool == "search"));
        assert!(!text.contains(SECRET), "{shown}\n{}", reply.text);
    }
    assert_eq!(before, outside(&env));
}
