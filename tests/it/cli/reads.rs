use crate::common::TestEnv;

use super::shapes;

/// Everything that only looks, in both forms, on the example.
#[test]
fn lists() {
    let env = TestEnv::example();
    insta::assert_snapshot!(env.run(&["list"]).transcript(), @r#"
    t-4k2m9p  [x] Pick an OAuth library                      researcher · 2h
    t-7x1c0d  [x] Write the token store                      backend_dev · 4h
    t-c3v8b2  [/] Refresh-token rotation                     in progress · backend_dev · high · 3h · due 2026-03-18
    t-q9w2e4    [ ] Write the property test                  tester · 1.5h
    t-5r6t7y    [ ] Handle clock skew
    t-m1n2p3  [ ] Tell ops about the new redirect addresses                                                          waits for t-c3v8b2
    t-z8x7v6  [!] Sign-in button                             blocked · ui_dev · 1h                                   waits for t-c3v8b2
    t-h4j5k6  [ ] Error page for expired links               ui_dev · 2h
    "#);
    assert_eq!(env.run(&["task", "list"]).ok(), env.run(&["list"]).ok());
    let tasks = env.run(&["list", "--json"]).json();
    assert_eq!(shapes::list(&tasks, "tasks").len(), 8);
    shapes::list(&tasks, "tasks").iter().for_each(shapes::task);
    let rotation = &tasks["tasks"][2];
    assert_eq!(
        *rotation,
        serde_json::json!({
            "id": "t-c3v8b2", "title": "Refresh-token rotation", "status": "in_progress",
            "session": "auth-overhaul", "group": "Backend", "parent": null, "depth": 0,
            "specialist": "backend_dev", "priority": "high", "estimate_minutes": 180,
            "actual_minutes": null, "depends_on": ["t-7x1c0d"], "blocked_by": [], "ready": false,
            "due": "2026-03-18", "line": 26, "extra": {},
        })
    );
    assert_eq!(tasks["tasks"][5]["group"], "Backend/Operations");
    assert_eq!(tasks["tasks"][5]["blocked_by"], serde_json::json!(["t-c3v8b2"]));
    let all = env.run(&["list", "--all-sessions", "--json"]).json();
    assert_eq!(all["total"], 16);
    let few = env.run(&["list", "--limit", "2", "--json"]).json();
    assert_eq!((few["tasks"].as_array().unwrap().len(), &few["total"]), (2, &serde_json::json!(8)));

    insta::assert_snapshot!(env.run(&["session", "list"]).transcript(), @r#"
    * auth-overhaul     active  Auth overhaul     ██░░░░░░░░  25% 2/8  high
      garden-shed       active  Garden shed       ░░░░░░░░░░   0% 0/2
      website-relaunch  paused  Website relaunch  █░░░░░░░░░  16% 1/6
    "#);
    let sessions = env.run(&["session", "list", "--json"]).json();
    assert_eq!(shapes::list(&sessions, "sessions").len(), 3);
    shapes::list(&sessions, "sessions").iter().for_each(shapes::session);

    insta::assert_snapshot!(env.run(&["group", "list"]).transcript(), @r#"
    Backend             ███░░░░░░░  33% 2/6  backend  high    9h
    Backend/Operations  ░░░░░░░░░░   0% 0/1
    Frontend            ░░░░░░░░░░   0% 0/2  ui       medium  3h
    "#);
    let groups = env.run(&["group", "list", "--json"]).json();
    assert_eq!(shapes::list(&groups, "groups").len(), 3);

    insta::assert_snapshot!(env.run(&["search", "oauth"]).transcript(), @r#"
    t-4k2m9p    Pick an OAuth library  .task_orchestrator/sessions/auth-overhaul/session.md:24
    overview    📊 Session Overview  .task_orchestrator/sessions/auth-overhaul/session.md:13
                Replace the home-grown login with OAuth 2.1, without logging anybody out.
    "#);
    let found = env.run(&["search", "oauth", "--scope", "all", "--json"]).json();
    assert!(!shapes::list(&found, "results").is_empty());
    insta::assert_snapshot!(env.run(&["search", "nothing-like-it"]).transcript(), @r#"
    -- stderr --
    nothing found
    "#);
}

#[test]
fn one_thing() {
    let env = TestEnv::example();
    insta::assert_snapshot!(env.run(&["show", "c3v8"]).transcript(), @r#"
    [/] Refresh-token rotation
    id          t-c3v8b2
    status      in progress
    where       .task_orchestrator/sessions/auth-overhaul/session.md:26
    in          Backend
    specialist  backend_dev
    priority    high
    due         2026-03-18
    estimate    3h
    depends on  t-7x1c0d
    blocks      t-m1n2p3, t-z8x7v6, website-relaunch#t-announce

    A stolen token must become useless at the first reuse.

    subtasks
    t-q9w2e4    [ ] Write the property test  tester · 1.5h
    t-5r6t7y    [ ] Handle clock skew
    "#);
    assert_eq!(
        env.run(&["task", "show", "t-c3v8b2"]).ok(),
        env.run(&["show", "auth-overhaul#t-c3v8b2"]).ok()
    );
    let one = env.run(&["show", "t-c3v8b2", "--json"]).json();
    assert_eq!(one["schema"], 1);
    insta::assert_snapshot!(env.run(&["session", "show"]).transcript(), @r#"
      auth-overhaul  active  Auth overhaul  ██░░░░░░░░  25% 2/8  high
    .task_orchestrator/sessions/auth-overhaul/session.md

    Backend             ███░░░░░░░  33% 2/6  backend  high    9h
    Backend/Operations  ░░░░░░░░░░   0% 0/1
    Frontend            ░░░░░░░░░░   0% 0/2  ui       medium  3h

    decision Use PKCE everywhere, no implicit flow.

    next
    t-q9w2e4    [ ] Write the property test     tester · 1.5h
    t-5r6t7y    [ ] Handle clock skew
    t-h4j5k6  [ ] Error page for expired links  ui_dev · 2h
    "#);
    let session = env.run(&["session", "show", "website", "--json"]).json();
    shapes::session(&session["session"]);
    insta::assert_snapshot!(env.run(&["related", "t-c3v8b2"]).transcript(), @r#"
    dependency  t-7x1c0d  [x] Write the token store
    dependent   t-m1n2p3  [ ] Tell ops about the new redirect addresses
    dependent   t-z8x7v6  [!] Sign-in button
    dependent   t-announce  [ ] Announce it
    "#);
    let related = env.run(&["related", "t-c3v8b2", "--json"]).json();
    assert_eq!(shapes::list(&related, "results").len(), 4);
}

#[test]
fn the_whole() {
    let env = TestEnv::example();
    insta::assert_snapshot!(env.run(&[]).transcript(), @r#"
    Auth overhaul  active  ██░░░░░░░░  25% 2/8
    .task_orchestrator/sessions/auth-overhaul/session.md

    groups
    Backend             ███░░░░░░░  33% 2/6  backend  high    9h
    Backend/Operations  ░░░░░░░░░░   0% 0/1
    Frontend            ░░░░░░░░░░   0% 0/2  ui       medium  3h

    in progress
    t-c3v8b2  [/] Refresh-token rotation  in progress · backend_dev · high · 3h · due 2026-03-18

    ready
    t-q9w2e4    [ ] Write the property test     tester · 1.5h
    t-5r6t7y    [ ] Handle clock skew
    t-h4j5k6  [ ] Error page for expired links  ui_dev · 2h

    other sessions
      garden-shed       active  Garden shed       ░░░░░░░░░░   0% 0/2
      website-relaunch  paused  Website relaunch  █░░░░░░░░░  16% 1/6

    7 tasks without id: `plandown sync` gives them ids
    "#);
    assert_eq!(env.run(&["status"]).ok(), env.run(&[]).ok());
    let status = env.run(&["status", "--json"]).json();
    shapes::session(&status["active"]);
    insta::assert_snapshot!(env.run(&["browse"]).transcript(), @r#"
    Auth overhaul  ██░░░░░░░░  25% 2/8
      Backend  ███░░░░░░░  33% 2/6
        t-4k2m9p  [x] Pick an OAuth library      researcher · 2h
        t-7x1c0d  [x] Write the token store      backend_dev · 4h
        t-c3v8b2  [/] Refresh-token rotation     in progress · backend_dev · high · 3h · due 2026-03-18
        t-q9w2e4    [ ] Write the property test  tester · 1.5h
        t-5r6t7y    [ ] Handle clock skew
      Backend/Operations  ░░░░░░░░░░   0% 0/1
        t-m1n2p3  [ ] Tell ops about the new redirect addresses    waits for t-c3v8b2
      Frontend  ░░░░░░░░░░   0% 0/2
        t-z8x7v6  [!] Sign-in button                blocked · ui_dev · 1h  waits for t-c3v8b2
        t-h4j5k6  [ ] Error page for expired links  ui_dev · 2h
    Garden shed  ░░░░░░░░░░   0% 0/2
      -  [ ] buy planks
      -  [ ] call Ana about the roof
    Website relaunch  █░░░░░░░░░  16% 1/6
      Content  ██░░░░░░░░  20% 1/5
        -  [x] Collect the old pages
        -  [ ] Rewrite the landing page  due 2026-04-01
        -    [ ] Headline
        -    [ ] Three customer stories
        -  [ ] Translate into 日本語                     waits for "Rewrite the landing page"
      Launch  ░░░░░░░░░░   0% 0/1
        t-announce  [ ] Announce it    waits for auth-overhaul#t-c3v8b2
    "#);
    let tree = env.run(&["browse", "--json"]).json();
    assert_eq!(shapes::list(&tree, "sessions").len(), 3);
    insta::assert_snapshot!(env.run(&["next", "--limit", "5", "--explain"]).transcript(), @r#"
    t-q9w2e4    [ ] Write the property test     tester · 1.5h
    t-5r6t7y    [ ] Handle clock skew
    t-h4j5k6  [ ] Error page for expired links  ui_dev · 2h
    t-c3v8b2  [/] Refresh-token rotation
        2 subtasks open
    t-m1n2p3  [ ] Tell ops about the new redirect addresses
        waits for `t-c3v8b2`
    t-z8x7v6  [!] Sign-in button
        waits for `t-c3v8b2`; blocked
    "#);
    let next = env.run(&["next", "--json"]).json();
    shapes::list(&next, "tasks").iter().for_each(shapes::task);
}

#[test]
fn dependencies() {
    let env = TestEnv::example();
    insta::assert_snapshot!(env.run(&["deps"]).transcript(), @r#"
    t-m1n2p3  [ ] Tell ops about the new redirect addresses
      t-c3v8b2  [/] Refresh-token rotation
        t-7x1c0d  [x] Write the token store
          t-4k2m9p  [x] Pick an OAuth library
    t-z8x7v6  [!] Sign-in button
      t-c3v8b2  [/] Refresh-token rotation  (see above)
    critical path t-c3v8b2 → t-m1n2p3
    "#);
    insta::assert_snapshot!(env.run(&["deps", "--format", "dot"]).ok(), @r#"
    digraph plan {
      rankdir=LR;
      node [shape=box];
      "t-4k2m9p" [label="Pick an OAuth library", style=dashed];
      "t-7x1c0d" [label="Write the token store", style=dashed];
      "t-c3v8b2" [label="Refresh-token rotation"];
      "t-m1n2p3" [label="Tell ops about the new redirect addresses"];
      "t-z8x7v6" [label="Sign-in button"];
      "t-4k2m9p" -> "t-7x1c0d";
      "t-7x1c0d" -> "t-c3v8b2";
      "t-c3v8b2" -> "t-m1n2p3";
      "t-c3v8b2" -> "t-z8x7v6";
    }
    "#);
    insta::assert_snapshot!(env.run(&["deps", "--format", "mermaid"]).ok(), @r#"
    flowchart LR
      n0["Pick an OAuth library"]
      n1["Write the token store"]
      n2["Refresh-token rotation"]
      n3["Tell ops about the new redirect addresses"]
      n4["Sign-in button"]
      n0 --> n1
      n1 --> n2
      n2 --> n3
      n2 --> n4
    "#);
    let json = env.run(&["deps", "--json"]).json();
    assert_eq!(json, env.run(&["deps", "--format", "json"]).json());
    assert_eq!(json["schema"], 1);
}

#[test]
fn upkeep() {
    let env = TestEnv::example();
    insta::assert_snapshot!(env.run(&["check"]).transcript(), @r#"
    -- stderr --
    3 files checked, nothing to mend (9 hints with `--all`)
    "#);
    insta::assert_snapshot!(env.run(&["doctor"]).transcript(), @r#"
    ok       files        3 session files can be read
    ok       permissions  private directories are private
    ok       index        sound, 3 sessions, 16 tasks
    ok       rebuild      the index equals one built from the files alone
    ok       recovery     no interrupted write
    ok       dependencies every dependency names one task, and there is no ring
    ok       backups      none has been taken
                          run `plandown backup create`
    ok       orphans      every view and history belongs to a session
    ok       git          no Git repository
    ok       claims       nobody has claimed a task
    "#);
    insta::assert_snapshot!(env.run(&["reindex", "--check"]).transcript(), @r#"
    -- stderr --
    the index equals a rebuild
    "#);
    insta::assert_snapshot!(env.run(&["reindex", "--from-scratch"]).transcript(), @r#"
    -- stderr --
    3 sessions, 3 written
    "#);
    insta::assert_snapshot!(env.run(&["root", "--explain"]).transcript(), @r#"
    $ROOT
    the nearest directory with `.task_orchestrator` from `$ROOT` upwards
    "#);
    insta::assert_snapshot!(env.run(&["config", "get", "list.limit"]).ok(), @"20");
    insta::assert_snapshot!(env.run(&["config", "set", "list.limit", "7"]).transcript(), @r#"
    -- stderr --
    list.limit: 7
    "#);
    insta::assert_snapshot!(env.run(&["config", "get", "list.limit"]).ok(), @"7");
    insta::assert_snapshot!(env.run(&["explain", "open-work"]).ok(), @r#"
    # open-work

    open subtasks, unmet dependencies or open tasks stand in the way.

    The command exits with 5.
    "#);
    for args in [
        &["doctor", "--json"][..],
        &["reindex", "--json"],
        &["reindex", "--check", "--json"],
        &["root", "--json"],
        &["config", "show", "--json"],
        &["config", "get", "list.limit", "--json"],
        &["explain", "T101", "--json"],
        &["explain", "checkbox-near-miss", "--json"],
        &["explain", "open-work", "--json"],
        &["check", "--json"],
        &["sync", "--json"],
    ] {
        assert_eq!(env.run(args).json()["schema"], 1, "{args:?}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(env.run(&["completions", shell]).ok().contains("plandown"));
    }
    assert!(env.run(&["man"]).ok().contains(".TH plandown 1"));
    std::fs::create_dir(env.root().join("man")).unwrap();
    let _ = env.run(&["man", "--out-dir", "man"]).ok();
    assert!(env.root().join("man/plandown-task-add.1").exists());
}

/// Every command says what it is for, and what it says fits a terminal.
#[test]
fn help_everywhere() {
    let env = TestEnv::empty();
    let mut todo = vec![vec![]];
    let mut seen = 0;
    while let Some(path) = todo.pop() {
        let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let text = env.run(&args).ok();
        seen += 1;
        let about = text.lines().next().unwrap_or("");
        assert!(
            about.len() > 8 && !about.starts_with("Usage"),
            "{args:?} does not say what it is for:\n{text}"
        );
        for line in text.lines() {
            assert!(line.chars().count() <= 110, "{args:?}: {line}");
            assert!(line.trim().is_empty() || line.trim_end() == line, "{args:?} ends a line with blanks");
        }
        let Some(commands) = text.split("\nCommands:\n").nth(1) else { continue };
        for line in commands.lines().take_while(|l| l.starts_with("  ")) {
            let name = line.split_whitespace().next().unwrap_or("");
            if line.starts_with("  ") && !line.starts_with("   ") && name != "help" {
                let mut deeper = path.clone();
                deeper.push(name.to_owned());
                todo.push(deeper);
            }
        }
    }
    assert!(seen > 50, "only {seen} help pages");
}
