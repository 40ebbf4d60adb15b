//! Modes and roles through the real binary. Every test names the numbers of the systems it is about.

use std::fs;

use serde_json::Value;

use crate::common::{TestEnv, shared};

fn started() -> TestEnv {
    let env = TestEnv::empty();
    let _ = env.run(&["init", "--name", "Demo"]).ok();
    env
}

fn role_file(env: &TestEnv, name: &str) -> std::path::PathBuf {
    env.root().join(".task_orchestrator/roles").join(name)
}

fn home_file(env: &TestEnv, name: &str) -> String {
    fs::read_to_string(env.root().join(".task_orchestrator").join(name)).unwrap()
}

/// The copies of modes, oldest first.
fn backups(env: &TestEnv) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(env.root().join(".task_orchestrator/backups"))
        .map(|dir| dir.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

const SMALL: &str = "task_orchestrator:\n  role_definition: plans\n  specialist_roles:\n    architect: a\n    implementer: b\n    documenter: c\narchitect: {role_definition: d}\nimplementer: {role_definition: d}\ndocumenter: {role_definition: d}\n";

/// S20, S21, S122, S123, S133: the shipped modes are copied into a new workspace, never over a user's file.
/// Also S105, S106.
#[test]
fn s20_s21_s123_s133_modes_ship_and_are_never_written_over() {
    let env = TestEnv::empty();
    fs::create_dir_all(env.root().join(".task_orchestrator/roles")).unwrap();
    fs::write(role_file(&env, "default_roles.yaml"), SMALL).unwrap();
    let _ = env.run(&["init"]).ok();
    let _ = env.run(&["init"]).ok();
    assert_eq!(fs::read_to_string(role_file(&env, "default_roles.yaml")).unwrap(), SMALL);

    let env = started();
    insta::assert_snapshot!(env.run(&["mode", "list"]).ok(), @r"
       data_work.yaml             ok  6 specialists  roles: Data from its source to a decision, with quality and privacy looked after on the way.
    *  default_roles.yaml         ok  7 specialists  roles: A balanced team for plans of any kind; used wherever no other mode is chosen.
       research.yaml              ok  6 specialists  roles: From an open question to an answer that can be checked, with sources and honest doubt.
       software_development.yaml  ok  8 specialists  roles: Design, build, check, ship and run software with a small team of specialists.
       writing.yaml               ok  6 specialists  roles: Plan, draft, edit and finish texts, with each kind of reading done by somebody of its own.
    ");
    let list = env.run(&["mode", "list", "--json"]).json();
    assert_eq!((list["total"].as_u64(), list["current"].as_str()), (Some(5), Some("default_roles.yaml")));
    assert!(env.run(&["mode", "validate"]).ok().is_empty());

    // A plan in a workspace that nobody made with `init` is given them with its first session.
    let env = TestEnv::with("shed", "# Shed\n- [ ] buy planks\n");
    let _ = env.run(&["session", "create", "Second", "--no-activate"]).ok();
    assert!(role_file(&env, "research.yaml").exists());
    assert_eq!(env.read("shed"), "# Shed\n- [ ] buy planks\n");
}

/// S22, S45, S128, S170: binding a session writes files of record, and only what is asked for in the plan.
#[test]
fn s22_s45_s128_s170_a_mode_is_bound_to_a_session() {
    let env = started();
    let before = env.read("demo");
    let dry = env.run(&["mode", "select", "research", "--dry-run"]).ok();
    assert!(dry.contains("+**Mode**: research.yaml") && dry.contains("mode_binding.yaml"), "{dry}");
    assert_eq!(env.read("demo"), before, "a dry run writes nothing");
    assert!(backups(&env).is_empty());

    let done = env.run(&["mode", "select", "research", "--json"]).json();
    assert_eq!(done["changed"], true);
    assert_eq!((&done["mode"], &done["previous"]), (&"research.yaml".into(), &"default_roles.yaml".into()));
    assert_eq!(env.read("demo"), before.replace("default_roles.yaml", "research.yaml"));
    let binding = home_file(&env, "sessions/demo/mode_binding.yaml");
    assert!(
        binding.contains("mode_file: research.yaml") && binding.contains("session_id: demo"),
        "{binding}"
    );
    let history = home_file(&env, "modes/mode_history.yaml");
    assert_eq!(history.matches("session_initialization").count(), 1);
    assert!(history.contains("from_mode: default_roles.yaml\n  to_mode: research.yaml"), "{history}");
    assert_eq!(backups(&env).len(), 2, "the modes before and after are kept");

    let again = env.run(&["mode", "select", "research.yaml", "--json"]).json();
    assert_eq!((&again["changed"], home_file(&env, "modes/mode_history.yaml")), (&false.into(), history));
    let shown = env.run(&["mode", "show", "--json"]).json();
    assert_eq!((&shown["mode"], shown["history"].as_array().unwrap().len()), (&"research.yaml".into(), 2));
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());

    // A name that nobody has, and one that is a path.
    let error = env.run(&["mode", "select", "reserch", "--json"]).error(4);
    assert_eq!((&error["code"], &error["suggestions"][0]), (&"not-found".into(), &"research.yaml".into()));
    for path in ["../../etc/passwd", "/etc/passwd", "..\\x.yaml", "a\u{202e}b/../c", ".yaml", ""] {
        assert_eq!(env.run(&["mode", "select", path, "--json"]).error(2)["code"], "invalid-input", "{path}");
    }
}

/// S22: whoever edits the plan's header or the binding by hand is understood.
#[test]
fn s22_a_hand_edit_of_header_or_binding_counts() {
    let current = |env: &TestEnv| env.run(&["mode", "list", "--json"]).json()["current"].clone();
    let env = started();
    env.write("demo", env.read("demo").replace("default_roles.yaml", "Long texts (writing.yaml)"));
    assert_eq!(current(&env), "writing.yaml");
    let env = started();
    let path = env.root().join(".task_orchestrator/sessions/demo/mode_binding.yaml");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("default_roles.yaml", "data_work.yaml"))
        .unwrap();
    assert_eq!(current(&env), "data_work.yaml");
    // A plan that merely names a mode that is nowhere stays a plan.
    let env = TestEnv::with("p", "# P\n\n**Mode**: Backend (backend_roles.yaml)\n\n- [ ] a\n");
    let _ = env.run(&["add", "Write tests"]).ok();
    assert!(!env.read("p").contains("tester"), "{}", env.read("p"));
    assert!(!env.run(&["check"]).stdout.contains("M007"));
}

/// S5, S229: the mode changes the specialist of a new task, what is next, and what a role is told.
#[test]
fn s5_s229_a_mode_changes_what_a_user_sees() {
    let env = started();
    let routed = |mode: &str, title: &str| {
        let _ = env.run(&["mode", "select", mode]).ok();
        env.run(&["add", title, "--json"]).json()["tasks"][0]["specialist"].clone()
    };
    assert_eq!(routed("default_roles", "Write tests for login"), "tester");
    assert_eq!(routed("data_work", "Write tests for the import"), "quality_analyst");
    assert_eq!(routed("data_work", "Paint the door"), Value::Null);

    let _ = env.run(&["mode", "select", "default_roles"]).ok();
    let _ = env.run(&["add", "Security of uploads"]).ok();
    let text = env.read("demo");
    let line = text.lines().find(|l| l.contains("Security of uploads")).unwrap();
    assert!(line.contains("architect") && line.contains("complexity:: complex"), "boosted by one: {line}");
    assert!(line.contains("review:: reviewer"), "secondary review: {line}");
    let _ = env.run(&["add", "Security of downloads", "--specialist", "ana"]).ok();
    let text = env.read("demo");
    let line = text.lines().find(|l| l.contains("Security of downloads")).unwrap();
    assert!(line.contains("ana") && !line.contains("complex"), "who is named by a person stays: {line}");

    // What is nobody's is offered to whom the rules would give it.
    let env = TestEnv::empty();
    let _ = env.run(&["init", "--name", "Demo"]).ok();
    let hand = env.read("demo").replace(
        "## 🎯 Task Groups\n",
        "## 🎯 Task Groups\n\n### G\n\n- [ ] paint\n- [ ] write the manual\n",
    );
    env.write("demo", hand);
    let next = env.run(&["next", "--specialist", "documenter", "--json"]).json();
    assert_eq!((&next["tasks"][0]["title"], &next["total"]), (&"write the manual".into(), &1.into()));
    assert_eq!(next["routes"][0]["class"], "documentation_tasks");
    assert_eq!(next["routes"][0]["complexity"], "moderate", "the mode's default");
    env.run(&["next", "--specialist", "debugger"]).transcript();
    assert_eq!(env.run(&["next", "--specialist", "debugger", "--json"]).error(1)["code"], "nothing-ready");
    let claimed = env.run(&["next", "--claim", "--specialist", "documenter", "--json"]).json();
    assert_eq!(claimed["tasks"][0]["title"], "write the manual");
    let shown = env.run(&["show", "write the manual"]).ok();
    assert!(shown.contains("documenter (by default_roles.yaml)"), "{shown}");

    let prompt = env.run(&["mode", "show", "--role", "Tester"]).ok();
    assert!(prompt.starts_with("You find out what is true") && prompt.contains("Expertise:\n- "), "{prompt}");
    let other = env.run(&["mode", "show", "research", "--role", "critic"]).ok();
    assert_ne!(prompt, other);
    assert_eq!(env.run(&["mode", "show", "--role", "testr", "--json"]).error(4)["suggestions"][0], "tester");
}

/// S187: deeper than the mode plans with is said, and done all the same.
#[test]
fn s187_the_depth_of_subtasks_is_the_modes() {
    let env = started();
    let _ = env.run(&["mode", "create", "Flat", "--depth", "1"]).ok();
    let _ = env.run(&["mode", "select", "flat"]).ok();
    let list = "- [ ] a\n  - [ ] b\n    - [ ] c\n";
    let done: Value = serde_json::from_str(&env.run_with(&["add", "-", "--json"], list, &[]).ok()).unwrap();
    assert!(done["warning"].as_str().unwrap().contains("2 levels deep"), "{done}");
    let fine: Value = serde_json::from_str(&env.run(&["add", "d", "--parent", "a", "--json"]).ok()).unwrap();
    assert_eq!(fine.get("warning"), None);
}

/// S173: a mode is made out of another one, whose comments and rules stay.
#[test]
fn s173_a_mode_is_created_from_another() {
    let env = started();
    let args =
        ["mode", "create", "My Team", "--from", "research", "--role", "fact_checker_two=You check: facts."];
    let dry = env.run(&[&args[..], &["--dry-run"]].concat()).ok();
    assert!(dry.contains("+fact_checker_two:"), "{dry}");
    assert!(!role_file(&env, "my_team.yaml").exists());
    let made = env.run(&[&args[..], &["--complexity", "complex", "--json"]].concat()).json();
    assert_eq!(
        (&made["mode"], &made["state"], &made["title"]),
        (&"my_team.yaml".into(), &"ok".into(), &"My Team".into())
    );
    let text = fs::read_to_string(role_file(&env, "my_team.yaml")).unwrap();
    let base = fs::read_to_string(role_file(&env, "research.yaml")).unwrap();
    let kept = base.lines().filter(|l| text.lines().any(|t| t == *l)).count();
    assert!(kept + 2 >= base.lines().count(), "{text}");
    assert_eq!(
        env.run(&["mode", "show", "my_team", "--role", "fact_checker_two"]).ok(),
        "You check: facts.\n"
    );
    assert_eq!(env.run(&[&args[..], &["--json"]].concat()).error(5)["code"], "already-exists");
    for name in ["../x", "a/b", "nul.yaml", "x".repeat(300).as_str(), " ", "-rf"] {
        let error = env.run(&["--json", "mode", "create", "--", name]).error(2);
        assert!(error["hint"].is_string(), "{name}: {error}");
    }
    let twice = ["--json", "mode", "create", "T", "--role", "architect=x"];
    assert_eq!(env.run(&twice).error(5)["code"], "already-exists");
    let wrong = ["--json", "mode", "create", "T", "--complexity", "hard"];
    assert!(env.run(&wrong).error(2)["hint"].as_str().unwrap().contains("very_complex"));
}

/// S23, S198: a broken mode is shown with code and place, the default stands in, the session stays usable, and
/// the newest good copy brings it back.
#[test]
fn s23_s198_a_broken_mode_falls_back_and_is_repaired() {
    let env = started();
    let _ = env.run(&["mode", "select", "research"]).ok();
    let good = fs::read_to_string(role_file(&env, "research.yaml")).unwrap();
    let broken = format!("{good}oops: [\n");
    fs::write(role_file(&env, "research.yaml"), &broken).unwrap();

    let check = env.run(&["check", "--json"]);
    assert_eq!(check.code, 1);
    let found: Value = serde_json::from_str(&check.stdout).unwrap();
    let codes: Vec<&str> =
        found["diagnostics"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"M007") && codes.contains(&"M001"), "{found}");
    assert!(env.run(&["status"]).ok().contains("the mode `research.yaml` is broken"));
    let added = env.run(&["add", "Write tests", "--json"]).json();
    assert_eq!(added["tasks"][0]["specialist"], "tester", "the default roles stand in");
    let _ = env.run(&["done", "Write tests"]).ok();
    let error = env.run(&["mode", "select", "research", "--json"]).error(5);
    assert_eq!((&error["code"], &error["diagnostic"]), (&"mode-broken".into(), &"M001".into()));
    assert_eq!(error["line"].as_u64(), Some(broken.lines().count() as u64 + 1), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("--repair"));

    assert_eq!(env.run(&["mode", "validate"]).code, 1);
    let dry = env.run(&["mode", "validate", "--repair", "--dry-run"]);
    assert!(dry.stdout.contains("-oops: ["), "{}", dry.stdout);
    assert_eq!(fs::read_to_string(role_file(&env, "research.yaml")).unwrap(), broken);
    let repaired = env.run(&["mode", "validate", "research", "--repair", "--json"]).json();
    let row = &repaired["modes"][0];
    assert!(row["repaired"].as_str().unwrap().starts_with("mode_backup_"), "{row}");
    assert_eq!(fs::read_to_string(role_file(&env, "research.yaml")).unwrap(), good);
    let kept = row["kept"].as_str().unwrap();
    assert_eq!(fs::read_to_string(env.root().join(kept)).unwrap(), broken, "what was there is kept");
    env.run(&["check"]).error_free(0);

    // Without a copy the shipped text is taken; a mode of one's own without a copy stays as it is.
    fs::write(role_file(&env, "writing.yaml"), "[1]").unwrap();
    fs::write(role_file(&env, "own.yaml"), "[1]").unwrap();
    let ran = env.run(&["mode", "validate", "--repair", "--json"]);
    assert_eq!(ran.code, 1);
    let view: Value = serde_json::from_str(&ran.stdout).unwrap();
    let row =
        |name: &str| view["modes"].as_array().unwrap().iter().find(|m| m["mode"] == name).unwrap().clone();
    assert_eq!(
        (&row("writing.yaml")["repaired"], &row("own.yaml")["valid"]),
        (&"shipped".into(), &false.into())
    );
    assert_eq!(fs::read_to_string(role_file(&env, "own.yaml")).unwrap(), "[1]");
}

/// S129, S174, S175: copies are made, listed, and brought back; what is replaced is kept.
#[test]
fn s129_s174_s175_modes_are_copied_and_brought_back() {
    let env = started();
    let path = role_file(&env, "default_roles.yaml");
    let first = fs::read(&path).unwrap();
    let kept = env.run(&["mode", "backup", "--json"]).json();
    assert_eq!(kept["backups"][0]["mode"], "default_roles.yaml");
    let copy = kept["backups"][0]["backup"].as_str().unwrap().to_owned();
    assert_eq!(fs::read(env.root().join(kept["backups"][0]["path"].as_str().unwrap())).unwrap(), first);
    assert_eq!(env.run(&["mode", "backup", "--json"]).json()["changed"], false, "the same bytes once");
    let all = env.run(&["mode", "backup", "--all", "--json"]).json();
    assert_eq!(all["total"], 4, "the others");

    fs::write(&path, SMALL).unwrap();
    let back = env.run(&["mode", "restore", "default_roles", "--from", &copy, "--json"]).json();
    assert_eq!(fs::read(&path).unwrap(), first);
    assert_eq!(fs::read_to_string(env.root().join(back["kept"].as_str().unwrap())).unwrap(), SMALL);
    let newest = env.run(&["mode", "restore", "default_roles", "--json"]).json();
    assert_eq!(newest["changed"], true, "the newest copy is the one just kept");
    assert_eq!(fs::read_to_string(&path).unwrap(), SMALL);
    let _ = env.run(&["mode", "restore", "default_roles", "--from", "shipped"]).ok();
    assert_eq!(fs::read(&path).unwrap(), first);

    // A mode whose file is gone comes back by name, and can be selected at once.
    let _ = env.run(&["mode", "create", "Mine"]).ok();
    let _ = env.run(&["mode", "backup", "mine"]).ok();
    fs::remove_file(role_file(&env, "mine.yaml")).unwrap();
    let back = env.run(&["mode", "restore", "mine", "--select", "--json"]).json();
    assert_eq!((&back["mode"], &back["session"]), (&"mine.yaml".into(), &"demo".into()));
    assert!(env.run(&["mode", "restore", "--list"]).ok().contains("mine.yaml"));
    for from in ["nosuch.yaml", "../../roles/research.yaml", "/etc/passwd"] {
        let error = env.run(&["--json", "mode", "restore", "mine", "--from", from]).error(4);
        assert_eq!(error["code"], "not-found", "{from}");
    }
    let bad = "mode_backup_20200101_000000_mine.yaml";
    fs::write(env.root().join(".task_orchestrator/backups").join(bad), "[").unwrap();
    assert_eq!(env.run(&["--json", "mode", "restore", "--from", bad]).error(5)["code"], "mode-broken");
}

/// S20: newer shipped texts are offered as a three-way merge with what was shipped then, never imposed.
#[test]
fn s20_changed_defaults_are_offered_as_a_merge() {
    let env = started();
    let path = role_file(&env, "writing.yaml");
    let then = env.root().join(".task_orchestrator/modes/shipped/writing.yaml");
    let now = fs::read_to_string(&path).unwrap();
    let first = now.lines().next().unwrap().to_owned();
    let old = now.replacen(&first, "# an older text", 1);
    let state = |env: &TestEnv| {
        let view = env.run(&["mode", "list", "--json"]).json();
        view["modes"].as_array().unwrap().iter().find(|m| m["mode"] == "writing.yaml").unwrap()["update"]
            .clone()
    };
    // The workspace was made by an older program, and its file was changed since at another place.
    let mine = format!("{old}# a line of my own\n");
    fs::write(&then, &old).unwrap();
    fs::write(&path, &mine).unwrap();
    assert_eq!(state(&env), true);
    let _ = env.run(&["sync"]).ok();
    let _ = env.run(&["init"]).ok();
    assert_eq!(fs::read_to_string(&path).unwrap(), mine, "never imposed");
    assert!(env.run(&["mode", "update", "--dry-run"]).ok().contains("-# an older text"));
    assert_eq!(fs::read_to_string(&path).unwrap(), mine);
    assert!(env.run(&["mode", "update"]).ok().contains("merged"));
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{now}# a line of my own\n"));
    assert_eq!(state(&env), false);

    // Both sides changed the same line: nothing is written until somebody decides.
    let clash = now.replacen(&first, "# my own words", 1);
    fs::write(&then, &old).unwrap();
    fs::write(&path, &clash).unwrap();
    let ran = env.run(&["mode", "update"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("conflict") && ran.stderr.contains("--take"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), clash);
    let _ = env.run(&["mode", "update", "writing", "--take", "mine"]).ok();
    assert_eq!((fs::read_to_string(&path).unwrap(), state(&env)), (clash.clone(), false.into()));
    let _ = env.run(&["mode", "update", "writing", "--take", "shipped"]).ok();
    assert_eq!(fs::read_to_string(&path).unwrap(), now);
    assert!(backups(&env).iter().any(|name| {
        fs::read_to_string(env.root().join(".task_orchestrator/backups").join(name)).unwrap() == clash
    }));
}

/// S21, S171, S172: hostile modes each give code, file, line, column and hint, and nothing stops working.
#[test]
fn s21_s171_s172_hostile_modes_are_shown_and_the_session_stays_usable() {
    let env = started();
    let big = format!("{SMALL}# {}\n", "x".repeat(10 << 20));
    let bomb = format!(
        "a0: &a0 [x]\n{}",
        (1..9)
            .map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(",")))
            .collect::<String>()
    );
    let deep = "[".repeat(100_000);
    let cases: &[(&str, &[u8], &str, u64)] = &[
        ("syntax.yaml", b"a:\n  b: [1,\n", "M001", 3),
        ("tabs.yaml", b"a:\n\tb: 1\n", "M001", 2),
        ("list.yaml", b"- a\n- b\n", "M009", 1),
        ("types.yaml", b"architect:\n  role_definition: [1, {a: b}]\n", "M009", 2),
        ("nothing.yaml", b"architect:\n  expertise: [x]\n", "M009", 2),
        ("badname.yaml", b"a b:\n  role_definition: x\n", "M009", 2),
        ("ring.yaml", b"a:\n  role_definition: x\n  specialist_roles: {b: y}\nb:\n  role_definition: x\n  specialist_roles: {a: y}\n", "M005", 3),
        ("big.yaml", big.as_bytes(), "M006", 1),
        ("bomb.yaml", bomb.as_bytes(), "M006", 2),
        ("deep.yaml", deep.as_bytes(), "M006", 1),
        ("bytes.yaml", b"a: \xff\xfe\n", "M001", 1),
        ("nul.yaml.yaml", b"a: \0\n", "M001", 1),
    ];
    for (name, bytes, ..) in cases {
        fs::write(role_file(&env, name), bytes).unwrap();
    }
    for (name, _, code, line) in cases {
        let ran = env.run(&["mode", "validate", name, "--json"]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.stdout, ran.stderr);
        let view: Value = serde_json::from_str(&ran.stdout).unwrap();
        let found = view["modes"][0]["diagnostics"].as_array().unwrap();
        let hit = found.iter().find(|d| d["code"] == *code);
        let hit = hit.unwrap_or_else(|| panic!("{name}: {found:?}"));
        let line_found = hit["line"].as_u64().unwrap();
        assert!(line_found.abs_diff(*line) <= 1, "{name}: {hit}");
        assert!(hit["column"].as_u64().unwrap() >= 1, "{name}: {hit}");
        assert_eq!(hit["path"], format!(".task_orchestrator/roles/{name}"));
        assert!(hit["hint"].as_str().unwrap().len() > 10, "{name}: {hit}");
        let error = env.run(&["mode", "select", name, "--json"]).error(5);
        assert_eq!((&error["code"], &error["path"]), (&"mode-broken".into(), &hit["path"]), "{name}");
        assert!(error["line"].is_u64() && error["column"].is_u64() && error["hint"].is_string(), "{error}");
    }
    // Unknown keys are kept and only remarked on.
    fs::write(role_file(&env, "keys.yaml"), format!("{SMALL}mode_configuration: {{maximum_depth: 3}}\n"))
        .unwrap();
    let view = env.run(&["mode", "validate", "keys", "--json"]).json();
    assert_eq!(view["modes"][0]["diagnostics"][0]["code"], "M002");
    // Bound by hand, each of them leaves the session usable.
    let binding = env.root().join(".task_orchestrator/sessions/demo/mode_binding.yaml");
    let good = fs::read_to_string(&binding).unwrap();
    let hand = |name: &str| good.replace("default_roles.yaml", name);
    let bindings = cases.iter().map(|(name, ..)| hand(name).into_bytes()).chain([
        hand("../../../etc/passwd").into_bytes(),
        hand("gone.yaml").into_bytes(),
        b"[".to_vec(),
        b"\xff".to_vec(),
        vec![b'x'; 9 << 20],
    ]);
    for (n, bytes) in bindings.enumerate() {
        fs::write(&binding, &bytes).unwrap();
        assert!(env.run(&["check"]).stdout.contains("mode_binding.yaml"), "{n}");
        let title = format!("Write tests {n}");
        assert_eq!(env.run(&["add", &title, "--json"]).json()["tasks"][0]["specialist"], "tester", "{n}");
        let _ = env.run(&["mode", "show"]).ok();
        let _ = env.run(&["status"]).ok();
    }
    let _ = env.run(&["mode", "select", "writing"]).ok();
    env.run(&["mode", "list"]).error_free(0);
    // A history that is no list is put aside, not lost.
    let history = env.root().join(".task_orchestrator/modes/mode_history.yaml");
    fs::write(&history, "a: b\n").unwrap();
    let _ = env.run(&["mode", "select", "research"]).ok();
    assert!(fs::read_to_string(&history).unwrap().starts_with("- timestamp"));
    let kept = fs::read_dir(history.parent().unwrap()).unwrap().flatten();
    assert!(kept.into_iter().any(|e| fs::read_to_string(e.path()).is_ok_and(|t| t == "a: b\n")));
}

/// S21, S123: role files of the older tool load as they are, and are changed by nobody.
#[test]
fn s21_s123_older_role_files_load_as_they_are() {
    let Some(legacy) = shared("fixtures/legacy") else { return };
    let mut seen = 0;
    for entry in fs::read_dir(legacy).unwrap().flatten() {
        let file = entry.path().join(".task_orchestrator/roles/project_roles.yaml");
        let Ok(text) = fs::read(&file) else { continue };
        seen += 1;
        let env = TestEnv::with("p", "# P\n\n- [ ] a\n");
        fs::create_dir_all(env.root().join(".task_orchestrator/roles")).unwrap();
        fs::write(role_file(&env, "project_roles.yaml"), &text).unwrap();
        let _ = env.run(&["init"]).ok();
        assert!(!role_file(&env, "default_roles.yaml").exists(), "a directory of the user's own stays");
        let done = env.run(&["mode", "select", "project_roles", "--json"]).json();
        assert!(done["specialists"].as_array().unwrap().len() >= 4, "{done}");
        let prompt = env.run(&["mode", "show", "--role", "architect"]).ok();
        assert!(prompt.len() > 20);
        assert_eq!(fs::read(role_file(&env, "project_roles.yaml")).unwrap(), text);
        assert_eq!(env.read("p"), "# P\n\n- [ ] a\n", "a plan that states no mode is not made to");
    }
    assert!(seen > 0);
    // The older places beside the workspace count too.
    let env = TestEnv::with("p", "# P\n\n- [ ] a\n");
    fs::write(env.root().join("custom_roles.yaml"), SMALL).unwrap();
    fs::create_dir_all(env.root().join(".task_orchestrator/roles/custom_modes")).unwrap();
    fs::write(role_file(&env, "custom_modes/deep.yaml"), SMALL).unwrap();
    for (name, place) in [("custom_roles", "project"), ("deep", "custom")] {
        assert_eq!(env.run(&["mode", "show", name, "--json"]).json()["place"], place);
        assert_eq!(env.run(&["mode", "select", name, "--json"]).json()["changed"], true);
    }
}

/// S44, S45: the tables of modes and bindings say what the files say, whoever wrote them; deleting the index
/// loses nothing.
#[test]
fn s44_s45_modes_and_bindings_are_in_the_index() {
    let env = started();
    let _ = env.run(&["mode", "select", "research"]).ok();
    let _ = env.run(&["sync"]).ok();
    let rows = |sql: &str| -> Vec<String> {
        let path = env.root().join(".task_orchestrator/.state/index.sqlite");
        let conn = rusqlite::Connection::open(path).unwrap();
        let mut found = conn.prepare(sql).unwrap();
        let rows = found.query_map([], |r| r.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let modes = "SELECT mode_id || ' ' || is_valid || ' ' || auto_task_routing FROM session_modes ORDER BY 1";
    let bound = "SELECT session_id || ' ' || mode_id FROM session_mode_bindings";
    assert_eq!((rows(modes).len(), rows(bound)), (5, vec!["demo research.yaml".to_owned()]));
    let first = rows("SELECT yaml_content_hash FROM session_modes WHERE mode_id = 'research.yaml'");
    assert!(first[0].starts_with("blake3:"), "{first:?}");

    fs::write(role_file(&env, "research.yaml"), "[").unwrap();
    fs::remove_file(role_file(&env, "writing.yaml")).unwrap();
    let _ = env.run(&["sync"]).ok();
    assert!(rows(modes).contains(&"research.yaml 0 1".to_owned()), "{:?}", rows(modes));
    assert_eq!(rows(modes).len(), 4);
    let errors = rows("SELECT validation_errors FROM session_modes WHERE is_valid = 0");
    assert!(errors[0].contains("\"M001\"") && errors[0].contains("\"line\""), "{errors:?}");
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
    let binding = env.root().join(".task_orchestrator/sessions/demo/mode_binding.yaml");
    fs::write(&binding, fs::read_to_string(&binding).unwrap().replace("research", "data_work")).unwrap();
    let _ = env.run(&["sync"]).ok();
    assert_eq!(rows(bound), ["demo data_work.yaml"]);
    let before = (rows(modes), rows(bound));
    fs::remove_dir_all(env.root().join(".task_orchestrator/.state")).unwrap();
    let _ = env.run(&["sync"]).ok();
    assert_eq!((rows(modes), rows(bound)), before);
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
    fs::remove_file(&binding).unwrap();
    let _ = env.run(&["sync"]).ok();
    assert!(rows(bound).is_empty());
}

#[test]
fn what_a_person_added_to_a_binding_is_kept_when_another_mode_is_selected() {
    let env = TestEnv::with("shed", "# Session: Shed\n\n- [ ] one ^t-aaaaa1\n");
    env.run(&["mode", "select", "research"]).ok();
    let path = env.session_path("shed").with_file_name("mode_binding.yaml");
    let own = std::fs::read_to_string(&path).unwrap() + "my_notes: keep me # please\n";
    std::fs::write(&path, &own).unwrap();
    env.run(&["mode", "select", "writing"]).ok();
    let kept = |text: &str| {
        let backups = std::fs::read_dir(env.root().join(".task_orchestrator/backups"));
        let mut files = backups.into_iter().flatten().map(|f| std::fs::read(f.unwrap().path()).unwrap());
        files.any(|bytes| bytes == text.as_bytes())
    };
    assert!(kept(&own));
    let plain = std::fs::read_to_string(&path).unwrap();
    env.run(&["mode", "select", "research"]).ok();
    assert!(!kept(&plain), "what is ours alone is not copied");
}

#[test]
fn a_place_of_modes_that_cannot_be_listed_keeps_nobody_from_working() {
    let env = TestEnv::with("shed", "# Session: Shed\n\n- [ ] one ^t-aaaaa1\n");
    std::fs::write(env.root().join(".task_orchestrator/roles"), "not a directory").unwrap();
    env.run(&["done", "t-aaaaa1"]).ok();
    env.run(&["reindex", "--check"]).ok();
}

/// S22, S170: of processes that bind one session at once each succeeds; none of their lines is lost, and what the
/// session works by is what it says.
#[test]
fn s22_s170_modes_can_be_selected_at_once() {
    let env = started();
    // A busy machine is slow, and that is no failure.
    fs::write(env.root().join(".task_orchestrator/config.yaml"), "lock_timeout_ms: 600000\n").unwrap();
    let modes = ["research", "writing", "data_work", "software_development"];
    let started: Vec<_> = modes
        .iter()
        .map(|mode| {
            let mut command = env.command(&["mode", "select", mode, "--json"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in started {
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let view: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert!(view["warning"].is_null(), "{view}");
    }
    let history = home_file(&env, "modes/mode_history.yaml");
    for mode in modes {
        assert!(history.contains(&format!("to_mode: {mode}.yaml")), "{mode}: {history}");
    }
    let shown = env.run(&["mode", "show", "--json"]).json();
    let mode = shown["mode"].as_str().unwrap();
    assert!(modes.iter().any(|m| mode == format!("{m}.yaml")), "{shown}");
    env.run(&["mode", "select", "research"]).ok();
    assert_eq!(env.run(&["mode", "show", "--json"]).json()["mode"], "research.yaml");
}
