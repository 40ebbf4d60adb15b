//! Templates through the real binary. Every test names the numbers of the systems it is about.

use std::fs;

use serde_json::Value;

use crate::common::{TestEnv, shared};

fn started() -> TestEnv {
    let env = TestEnv::empty();
    let _ = env.run(&["init", "--name", "Demo"]).ok();
    env
}

fn put(env: &TestEnv, path: &str, text: impl AsRef<[u8]>) {
    let path = env.root().join(".task_orchestrator/templates").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const SHIPPED: [&str; 8] =
    ["bug", "data-migration", "feature", "incident", "onboarding", "refactoring", "release", "research"];

/// S169: every template that ships is applied in one write, which one undo takes back.
#[test]
fn s169_shipped_templates_are_applied_in_one_write() {
    for name in SHIPPED {
        let env = started();
        let shown = env.run(&["template", "show", name, "--json"]).json();
        assert_eq!(
            (&shown["kind"], &shown["source"], &shown["state"]),
            (&"task".into(), &"built-in".into(), &"ok".into())
        );
        let mut args =
            vec!["template".to_owned(), "apply".into(), (*name).to_owned(), "--group".into(), "Work".into()];
        for p in shown["asks"].as_array().unwrap().iter().filter(|p| p["required"] == true) {
            args.push(format!("{}=some words", p["name"].as_str().unwrap()));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let before = env.read("demo");
        let log = |env: &TestEnv| env.run(&["log"]).ok().lines().count();
        let versions = log(&env);
        let dry = env.run(&[&args[..], &["--dry-run"]].concat()).ok();
        assert!(dry.contains("+- [ ] "), "{name}: {dry}");
        assert_eq!(env.read("demo"), before, "{name}");
        let done = env.run(&[&args[..], &["--json"]].concat()).json();
        let tasks = done["tasks"].as_array().unwrap();
        assert!(tasks.len() >= 5, "{name}: {done}");
        assert!(tasks.iter().all(|t| t["id"].is_string() && t["group"] == "Work"), "{name}");
        assert!(tasks.iter().any(|t| !t["depends_on"].as_array().unwrap().is_empty()), "{name}");
        assert_eq!(log(&env), versions + 1, "{name}: one write");
        env.run(&["check"]).error_free(0);
        let _ = env.run(&["undo"]).ok();
        assert_eq!(env.read("demo"), before, "{name}");
    }
}

/// S169: parameters have kinds and limits; a refusal names the parameter and writes nothing.
#[test]
fn s169_parameters_are_checked_before_anything_is_written() {
    let env = started();
    put(
        &env,
        "tasks/ship.yaml",
        "name: Ship\nparameters:\n  what: {type: string, min_length: 2, max_length: 40}\n  size: {type: number, default: 3, min: 1, max: 9}\n  fast: {type: boolean, default: false}\n  how: {type: enum, values: [air, sea], default: sea}\n  to: {type: list, default: []}\ntasks:\n  - id: pack\n    title: \"Pack {{what}} ({{size}})\"\n  - id: send\n    title: \"Send by {{how}} to {{item}}\"\n    for_each: to\n    depends_on: [pack]\n  - id: rush\n    title: Hurry\n    when: fast\n",
    );
    let before = env.read("demo");
    for (args, word) in [
        (&[][..], "what"),
        (&["what=x"][..], "at least 2"),
        (&["what=xy", "size=ten"][..], "number"),
        (&["what=xy", "size=10"][..], "at most 9"),
        (&["what=xy", "how=road"][..], "one of `air` or `sea`"),
        (&["what=xy", "wht=zz"][..], "did you mean `what`"),
        (&["what=xy", "fast=maybe"][..], "boolean"),
    ] {
        let error = env.run(&[&["--json", "template", "apply", "ship"][..], args].concat()).error(2);
        assert_eq!((&error["code"], &error["diagnostic"]), (&"invalid-input".into(), &"M008".into()));
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("template show"));
    }
    assert_eq!(env.read("demo"), before);
    let args = [
        "task",
        "from-template",
        "ship",
        "what={{size}} boats\n- [ ] x",
        "to=Ana",
        "to=Bo",
        "fast=yes",
        "--json",
    ];
    let done = env.run(&args).json();
    let titles: Vec<&str> =
        done["tasks"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap()).collect();
    assert_eq!(
        titles,
        ["Pack {{size}} boats - [ ] x (3)", "Send by sea to Ana", "Send by sea to Bo", "Hurry"]
    );
    assert_eq!(done["tasks"][1]["depends_on"], serde_json::json!([done["tasks"][0]["id"]]));
    let sub = env.run(&["template", "apply", "ship", "what=ab", "--parent", "Hurry", "--json"]).json();
    assert_eq!(sub["tasks"][0]["depth"], 1);
}

/// S169: a template may go on from another one; rings, missing bases and broken bases are named.
#[test]
fn s169_templates_inherit_and_rings_are_found() {
    let env = started();
    put(
        &env,
        "tasks/small-bug.yaml",
        "name: Small bug\nextends: bug\ntasks:\n  - id: siblings\n    title: Look around\n  - id: thank\n    title: Thank the reporter\n",
    );
    let shown = env.run(&["template", "show", "small-bug", "--json"]).json();
    assert_eq!(shown["asks"][0]["name"], "symptom", "inherited");
    let done = env.run(&["template", "apply", "small-bug", "symptom=Crash", "--json"]).json();
    let titles: Vec<&str> =
        done["tasks"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap()).collect();
    assert!(
        titles.contains(&"Look around")
            && titles.contains(&"Thank the reporter")
            && titles.contains(&"Reproduce: Crash")
    );
    assert!(!titles.contains(&"Look for the same mistake elsewhere"));

    put(&env, "tasks/a.yaml", "extends: b\nname: A\n");
    put(&env, "tasks/b.yaml", "extends: a\nname: B\n");
    put(&env, "tasks/lost.yaml", "name: Lost\nextends: nowhere\n");
    put(&env, "tasks/half.yaml", "name: Half\nextends: bad\n");
    put(&env, "tasks/bad.yaml", "name: [\n");
    put(
        &env,
        "tasks/feature.yaml",
        "name: Ours\nextends: feature\ntasks:\n  - id: tell\n    title: Tell everybody\n",
    );
    for (name, code) in [("a", "M005"), ("b", "M005"), ("lost", "M009"), ("half", "M009"), ("bad", "M001")] {
        let error = env.run(&["--json", "template", "apply", name]).error(5);
        assert_eq!(
            (&error["code"], &error["diagnostic"]),
            (&"template-broken".into(), &code.into()),
            "{error}"
        );
        assert_eq!(error["path"], format!(".task_orchestrator/templates/tasks/{name}.yaml"));
        assert!(error["line"].as_u64().unwrap() >= 1 && error["column"].as_u64().unwrap() >= 1);
    }
    let ours = env.run(&["template", "show", "feature", "--json"]).json();
    assert_eq!((&ours["source"], &ours["state"]), (&"override".into(), &"ok".into()), "{ours}");
    assert!(ours["makes"].as_array().unwrap().len() > 5, "an override may go on from what it stands before");
}

/// S134, S169: hostile templates each give code, file, line, column and hint, and nothing stops working.
#[test]
fn s169_hostile_templates_are_shown_and_the_session_stays_usable() {
    let env = started();
    let big = format!("name: x\ntasks: [{{id: a, title: {}}}]\n", "x".repeat(10 << 20));
    let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n";
    let many = format!("name: x\ntasks:\n{}", "  - {title: t}\n".repeat(2000));
    let cases: &[(&str, &[u8], &str)] = &[
        ("tasks/t1.yaml", b"name: [\n", "M001"),
        ("tasks/t2.yaml", b"- 1\n", "M009"),
        ("tasks/t3.yaml", b"name: x\ntasks: 3\n", "M009"),
        ("tasks/t4.yaml", b"name: x\ntasks:\n  - title: a\n    depends_on: [zz]\n", "M009"),
        ("tasks/t5.yaml", b"name: x\ntasks:\n  - title: \"{{nobody}}\"\n", "M008"),
        ("tasks/t6.yaml", big.as_bytes(), "M006"),
        ("tasks/t7.yaml", bomb.as_bytes(), "M006"),
        ("tasks/t8.yaml", many.as_bytes(), "M006"),
        ("tasks/t9.yaml", b"name: \xff\n", "M001"),
        ("tasks/t10.json5", b"{name: 'x', tasks: [", "M001"),
        ("session/lean.md.j2", b"# {{ name }}\n{% for x in %}\n", "M001"),
        ("views/overview.md.j2", b"# {{ session.nosuch }}\n", "M009"),
        ("views/task_group.md.j2", b"{% include '/etc/passwd' %}\n", "M001"),
        ("views/assignments.md.j2", b"{{ env('HOME') }}\n", "M001"),
    ];
    for (path, bytes, _) in cases {
        put(&env, path, bytes);
    }
    let ran = env.run(&["template", "validate", "--json"]);
    assert_eq!(ran.code, 1);
    let view: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(view["broken"].as_u64(), Some(cases.len() as u64), "{view}");
    for (path, _, code) in cases {
        let path = format!(".task_orchestrator/templates/{path}");
        let row = view["templates"].as_array().unwrap().iter().find(|t| t["path"] == path.as_str());
        let found = row.unwrap_or_else(|| panic!("{path}"))["diagnostics"].as_array().unwrap();
        let hit = found.iter().find(|d| d["code"] == *code).unwrap_or_else(|| panic!("{path}: {found:?}"));
        assert!(hit["line"].as_u64().unwrap() >= 1 && hit["column"].as_u64().unwrap() >= 1, "{hit}");
        assert!(hit["hint"].as_str().unwrap().len() > 10, "{hit}");
    }
    assert!(env.run(&["template", "validate"]).stdout.contains("t1.yaml:"));
    // The session goes on: tasks, lists, other templates, and sync but for the broken view.
    let _ = env.run(&["add", "still here"]).ok();
    let _ = env.run(&["template", "apply", "bug", "symptom=xy"]).ok();
    let _ = env.run(&["template", "list"]).ok();
    let sync = env.run(&["sync"]);
    assert!(sync.code == 1 && sync.stdout.contains("overview.md.j2"), "{sync:?}");
    let error = env.run(&["session", "create", "Two", "--pause-current", "--json"]).error(5);
    assert_eq!(error["code"], "template-broken");
    assert!(error["hint"].as_str().unwrap().contains("template delete"));
    for name in ["views/overview", "session/lean"] {
        let _ = env.run(&["template", "delete", name]).ok();
    }
    let _ = env.run(&["session", "create", "Two", "--pause-current"]).ok();
    env.run(&["sync"]).error_free(0);
    for name in ["../../etc/passwd", "/etc/passwd", "a/b", "session/../../x", "", "nul", "x\u{202e}y"] {
        for verb in ["show", "apply", "create", "delete", "export"] {
            let error = env.run(&["--json", "template", verb, name]).error(2);
            assert!(error["hint"].is_string(), "{verb} {name}: {error}");
        }
    }
}

/// S169: templates are created, taken from files, given away and removed; what is replaced is kept.
/// Also S28.
#[test]
fn s169_templates_come_and_go() {
    let env = started();
    let made = env.run(&["template", "create", "deploy", "--json"]).json();
    assert_eq!(made["path"], ".task_orchestrator/templates/tasks/deploy.yaml");
    let _ = env.run(&["template", "apply", "deploy", "subject=web"]).ok();
    assert_eq!(env.run(&["--json", "template", "create", "deploy"]).error(5)["code"], "already-exists");
    let out = env.root().join("given.yaml");
    let _ = env.run(&["template", "export", "deploy", "--out", "given.yaml"]).ok();
    let text = fs::read_to_string(&out).unwrap();
    assert_eq!(env.run(&["template", "export", "deploy"]).ok(), text);
    assert_eq!(
        env.run(&["--json", "template", "export", "deploy", "--out", "given.yaml"]).error(5)["code"],
        "already-exists"
    );

    fs::write(&out, text.replace("Finish it", "End it")).unwrap();
    assert_eq!(
        env.run(&["--json", "template", "install", "given.yaml", "--name", "deploy"]).error(5)["code"],
        "already-exists"
    );
    let dry =
        env.run(&["template", "install", "given.yaml", "--name", "deploy", "--force", "--dry-run"]).ok();
    assert!(dry.contains("+    title: End it"), "{dry}");
    let done =
        env.run(&["template", "install", "given.yaml", "--name", "deploy", "--force", "--json"]).json();
    assert_eq!(fs::read_to_string(env.root().join(done["kept"].as_str().unwrap())).unwrap(), text);
    fs::write(&out, "name: [").unwrap();
    assert_eq!(env.run(&["--json", "template", "install", "given.yaml"]).error(5)["code"], "template-broken");
    assert_eq!(env.run(&["--json", "template", "install", "nowhere.yaml"]).error(4)["code"], "not-found");

    let gone = env.run(&["template", "delete", "deploy", "--json"]).json();
    assert!(fs::read_to_string(env.root().join(gone["kept"].as_str().unwrap())).unwrap().contains("End it"));
    assert_eq!(env.run(&["--json", "template", "delete", "deploy"]).error(4)["code"], "not-found");
    assert_eq!(env.run(&["--json", "template", "delete", "bug"]).error(2)["code"], "invalid-input");
    let crossed = env.run(&["--json", "template", "create", "x", "--from", "session/lean"]).error(2);
    assert_eq!(crossed["code"], "invalid-input");

    // An override of a view is used, and the built-in one after it is gone.
    let _ = env.run(&["template", "create", "views/overview"]).ok();
    put(&env, "views/overview.md.j2", "# OURS {{ name }}\n");
    let ran = env.run(&["template", "validate", "--json"]);
    if ran.code == 0 {
        let _ = env.run(&["add", "x"]).ok();
        let _ = env.run(&["sync"]).ok();
        let view = env.root().join(".task_orchestrator/sessions/demo/overview.md");
        assert!(fs::read_to_string(view).unwrap().contains("OURS Demo"));
    } else {
        panic!("{}", ran.stdout);
    }
}

/// S169: the older tool's JSON5 templates are read where they lie.
#[test]
fn s169_older_json5_templates_are_read() {
    let Some(folder) = shared("fixtures/legacy/L5-head-wal/.task_orchestrator/templates/shared") else {
        return;
    };
    let env = started();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        put(&env, &format!("shared/{name}"), fs::read(entry.path()).unwrap());
        names.push(name.trim_end_matches(".json5").to_owned());
    }
    assert!(names.len() >= 3);
    for name in names {
        let shown = env.run(&["template", "show", &name, "--json"]).json();
        assert_ne!(shown["state"], "broken", "{shown}");
        let mut args = vec!["template".to_owned(), "apply".into(), name.clone(), "--json".into()];
        for p in shown["asks"].as_array().unwrap().iter().filter(|p| p["required"] == true) {
            let fits = match p["pattern"].as_str() {
                Some(pattern) if pattern.contains("{4}") => "2025-06-01",
                Some(_) => "a-name",
                None => "777777",
            };
            let value = p["values"].get(0).and_then(Value::as_str).unwrap_or(fits);
            args.push(format!("{}={value}", p["name"].as_str().unwrap()));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert!(!env.run(&args).json()["tasks"].as_array().unwrap().is_empty(), "{name}");
    }
}

/// S169: a parameter's `pattern` is a regular expression, in YAML and in the older JSON5; a broken one is told with its
/// place, and no value makes it run away.
#[test]
fn s169_a_value_must_match_its_pattern() {
    let env = started();
    let tag = "name: Tag\nparameters:\n  tag: {type: string, pattern: '^v[0-9]+$'}\n  \
               parts: {type: list, pattern: '^[a-z]+$', required: false}\ntasks:\n  - title: Tag {{tag}}\n";
    put(&env, "tasks/tag.yaml", tag);
    let older = r#"{ metadata: { name: "Old", version: "1.0.0", description: "d" },
        parameters: { day: { type: "string", description: "d", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" } },
        tasks: { one: { title: "Due {{day}}", description: "d" } } }"#;
    put(&env, "tasks/old.json5", older);
    let before = env.read("demo");
    for (args, pattern) in [
        (&["tag", "tag=1.2"][..], "`^v[0-9]+$`"),
        (&["tag", "tag=v1", "parts=a,B"][..], "`^[a-z]+$`"),
        (&["old", "day=soon"][..], "`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`"),
    ] {
        let error = env.run(&[&["--json", "template", "apply"][..], args].concat()).error(2);
        assert!(error["message"].as_str().unwrap().contains(pattern), "{error}");
    }
    assert_eq!(env.read("demo"), before);
    env.run(&["template", "apply", "tag", "tag=v1", "parts=a,b"]).ok();
    env.run(&["template", "apply", "old", "day=2025-06-01"]).ok();
    assert!(env.read("demo").contains("Due 2025-06-01"));
    assert!(env.run(&["template", "show", "tag"]).ok().contains("^v[0-9]+$"));

    put(&env, "tasks/tag.yaml", &tag.replace("^v[0-9]+$", "^v[0-9+$"));
    let told = env.run(&["template", "validate", "tag"]);
    assert_eq!(told.code, 1, "{told:?}");
    let told = told.stdout + &told.stderr;
    assert!(told.contains("M009") && told.contains("tag.yaml:3:") && told.contains("unclosed"), "{told}");
    env.run(&["template", "apply", "tag", "tag=v1", "--json"]).error(5);
}
