use crate::common::TestEnv;

use super::shapes;

/// Three lines typed by hand are a workspace: no `init`, no ids, no headings.
#[test]
fn three_lines_by_hand_are_enough() {
    let env = TestEnv::with("shed", "# Shed\n- [ ] buy planks\n- [ ] call Ana\n");
    insta::assert_snapshot!(env.run(&["status"]).ok(), @r#"
    Shed  active  ░░░░░░░░░░   0% 0/2
    .task_orchestrator/sessions/shed/session.md

    ready
    -  [ ] buy planks
    -  [ ] call Ana

    2 tasks without id: `plandown sync` gives them ids
    "#);
    insta::assert_snapshot!(env.run(&["list"]).ok(), @r#"
    -  [ ] buy planks
    -  [ ] call Ana
    "#);
    insta::assert_snapshot!(env.run(&["next"]).transcript(), @r#"
    -  [ ] buy planks
    -- stderr --
    1 more ready
    "#);
    assert_eq!(env.read("shed"), "# Shed\n- [ ] buy planks\n- [ ] call Ana\n", "reading writes nothing");

    insta::assert_snapshot!(env.run(&["done", "Buy planks"]).ok(), @"-  [x] buy planks");
    assert_eq!(env.read("shed"), "# Shed\n- [x] buy planks\n- [ ] call Ana\n");

    insta::assert_snapshot!(env.run(&["sync"]).transcript(), @r#"
    adopted shed: 2 tasks got ids
    written .task_orchestrator/sessions/shed/overview.md
    "#);
    let synced = env.read("shed");
    insta::assert_snapshot!(synced, @r#"
    # Shed
    - [x] buy planks ^t-0ftzhh
    - [ ] call Ana ^t-mw10n0
    "#);
    insta::assert_snapshot!(env.run(&["sync"]).transcript(), @r#"
    -- stderr --
    1 session in sync
    "#);
    assert_eq!(env.read("shed"), synced);
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
}

/// S122, S127.
#[test]
fn init_makes_a_workspace_and_never_overwrites() {
    let env = TestEnv::empty();
    std::fs::create_dir_all(env.root().join(".git")).unwrap();
    std::fs::create_dir_all(env.root().join("src/deep")).unwrap();
    let inside = env.root().join("src/deep");
    let out = env.command(&["init"]).current_dir(&inside).output().unwrap();
    assert!(out.status.success());
    insta::assert_snapshot!(env.redact(&String::from_utf8_lossy(&out.stdout)), @r#"
    created .task_orchestrator/
    created .task_orchestrator/.gitignore
    created .task_orchestrator/roles/default_roles.yaml
    created .task_orchestrator/roles/software_development.yaml
    created .task_orchestrator/roles/research.yaml
    created .task_orchestrator/roles/writing.yaml
    created .task_orchestrator/roles/data_work.yaml
    created .task_orchestrator/modes/shipped/default_roles.yaml
    created .task_orchestrator/modes/shipped/software_development.yaml
    created .task_orchestrator/modes/shipped/research.yaml
    created .task_orchestrator/modes/shipped/writing.yaml
    created .task_orchestrator/modes/shipped/data_work.yaml
    "#);
    let ignore = env.root().join(".task_orchestrator/.gitignore");
    insta::assert_snapshot!(std::fs::read_to_string(&ignore).unwrap(), @r#"
    # plandown: what can be made again, and what is private to this checkout
    .state/
    backups/
    exports/
    sessions/*/overview.md
    sessions/*/*.edited-*.md
    sessions/*/tasks/
    sessions/*/task_groups/
    sessions/*/specialists/
    sessions/*/artifacts/session_artifacts.md
    "#);

    std::fs::write(&ignore, "mine\n").unwrap();
    insta::assert_snapshot!(env.run(&["init"]).transcript(), @r#"
    -- stderr --
    $ROOT is a workspace already
    "#);
    assert_eq!(std::fs::read_to_string(&ignore).unwrap(), "mine\n");
    let again = env.run(&["init", "--json"]).json();
    assert_eq!(again["changed"], false);

    let first = env.run(&["init", "--name", "Sea house", "--json"]).json();
    assert_eq!(first["changed"], true);
    shapes::session(&first["session"]);
    insta::assert_snapshot!(env.run(&["status"]).transcript(), @r#"
    Sea house  active  ░░░░░░░░░░   0% 0/0
    .task_orchestrator/sessions/sea-house/session.md
    "#);
}

#[test]
fn init_only_shows_what_it_would_make() {
    let env = TestEnv::empty();
    let out = env.run(&["init", "--name", "Sea house", "--dry-run"]).ok();
    assert!(out.contains(".task_orchestrator/sessions/sea-house/session.md"), "{out}");
    assert!(!env.root().join(".task_orchestrator").exists());
}

/// From nothing to a finished plan, with nothing but commands.
#[test]
fn a_plan_made_with_commands_only() {
    let env = TestEnv::empty();
    let _ = env.run(&["init", "--name", "Sea house"]).ok();
    let _ = env.run(&["group", "create", "Roof", "--focus", "roofer"]).ok();
    let _ =
        env.run(&["add", "Order slates", "--group", "Roof", "--estimate", "3h", "--priority", "high"]).ok();
    let _ = env.run(&["add", "Lay slates", "--group", "Roof", "--depends-on", "Order slates"]).ok();
    let list = "- [ ] Paint\n  - [ ] doors\n  - [x] windows\n";
    let _ = env.run_with(&["add", "-", "--group", "Inside"], list, &[]).ok();
    let titles = |args: &[&str]| -> Vec<String> {
        let found = env.run(args).json();
        let tasks = found["tasks"].as_array().unwrap().clone();
        tasks.iter().map(|t| t["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&["list", "--json"]), ["Order slates", "Lay slates", "Paint", "doors", "windows"]);
    assert_eq!(titles(&["list", "--ready", "--json"]), ["Order slates", "doors"]);
    assert_eq!(titles(&["list", "--blocked", "--json"]), ["Lay slates", "Paint"]);
    assert_eq!(titles(&["next", "--json"]), ["Order slates"]);
    assert_eq!(titles(&["done", "Order slates", "--json"]), ["Order slates"]);
    assert_eq!(titles(&["next", "--json"]), ["Lay slates"]);
    let _ = env.run(&["done", "Lay slates", "doors", "Paint"]).ok();
    let nothing = env.run(&["next", "--json"]).error(1);
    assert_eq!(nothing["code"], "nothing-ready");
    let closed = env.run(&["session", "complete", "--json"]).json();
    shapes::session(&closed["session"]);
    assert_eq!(closed["session"]["status"], "completed");
    assert_eq!(closed["session"]["progress"]["percent"], 100);
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
}
