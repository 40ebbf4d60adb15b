//! S126, S157: what leaves a workspace, through the real binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::common::TestEnv;

/// Two tasks without an id, one of them below the other, and one that repeats the first one's words.
const PLAN: &str = "# Login\n\n## Backend\n\n- [ ] Tokens\n  - [ ] Expiry\n- [ ] Guide [dependsOn:: t-one1]\n- [x] Keys ^t-one1\n\n## Docs\n\n- [ ] Tokens\n";

fn exports(env: &TestEnv, name: &str) -> PathBuf {
    env.root().join(".task_orchestrator/exports").join(name)
}

fn with_artifact() -> TestEnv {
    let env = TestEnv::with("login", PLAN);
    let dir = env.root().join(".task_orchestrator/sessions/login/artifacts");
    fs::create_dir_all(dir.join("work_products")).unwrap();
    fs::write(dir.join("work_products/design.md"), "design\n").unwrap();
    fs::write(
        dir.join("artifacts.yaml"),
        "- path: work_products/design.md\n  kind: design\n  task: t-one1\n  description: how\n",
    )
    .unwrap();
    env
}

#[test]
fn tasks_without_an_id_leave_under_the_ids_that_adoption_gives() {
    let env = TestEnv::with("login", PLAN);
    let text = |format: &str| env.run(&["-q", "export", "--format", format, "--out", "-"]).ok();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text("taskwarrior")).unwrap();
    let ids: BTreeSet<String> = rows.iter().map(|r| r["plandownid"].as_str().unwrap().to_owned()).collect();
    let uuids: BTreeSet<String> = rows.iter().map(|r| r["uuid"].to_string()).collect();
    assert_eq!((rows.len(), ids.len(), uuids.len()), (5, 5, 5), "{rows:#?}");
    assert_eq!(rows[1]["plandownparent"], rows[0]["uuid"]);
    let todo = text("todo.txt");
    for id in &ids {
        assert_eq!(todo.matches(&format!(" id:{id}")).count(), 1, "{id}\n{todo}");
    }
    let list = env.run(&["--json", "export", "--format", "backlog"]).json();
    let tasks = list["files"].as_array().unwrap().iter().filter(|f| f.as_str().unwrap().contains("/tasks/"));
    assert_eq!(tasks.count(), 5, "{list}");
    assert_eq!(env.read("login"), PLAN, "an export writes into no plan");
    env.run(&["sync"]).ok();
    for id in &ids {
        assert!(env.read("login").contains(id.as_str()), "{id} is what adoption gave\n{}", env.read("login"));
    }
}

#[test]
fn many_files_are_written_all_or_none() {
    let env = TestEnv::with("login", PLAN);
    let out = env.root().join("out");
    let args = ["--json", "export", "--format", "backlog", "--out", "out/"];
    let planned = env.run(&[&args[..], &["--dry-run"]].concat()).json();
    let last = env.root().join(planned["files"].as_array().unwrap().last().unwrap().as_str().unwrap());
    // A directory where the last file has to go.
    fs::create_dir_all(&last).unwrap();
    let error = env.run(&[&args[..], &["--force"]].concat()).error(5);
    assert!(error["message"].as_str().unwrap().contains("out/"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("--out"), "{error}");
    let files = |dir: &PathBuf| -> usize {
        let mut todo = vec![dir.clone()];
        let mut count = 0;
        while let Some(dir) = todo.pop() {
            for path in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
                if path.is_dir() { todo.push(path) } else { count += 1 }
            }
        }
        count
    };
    assert_eq!(files(&out), 0);
    fs::remove_dir(&last).unwrap();
    fs::write(&last, "mine").unwrap();
    let error = env.run(&args).error(5);
    assert_eq!((error["code"].as_str(), files(&out)), (Some("already-exists"), 1));
    assert!(error["hint"].as_str().unwrap().contains("--force"), "{error}");
    env.run(&[&args[..], &["--force"]].concat()).ok();
    assert_eq!(files(&out), planned["files"].as_array().unwrap().len());
}

#[test]
fn s126_a_page_and_a_zip_hold_everything_and_need_nothing() {
    let env = with_artifact();
    env.write("other", "# Other <script>alert(1)</script>\n\n- [ ] one\n");
    env.run(&["export", "--format", "html", "--all"]).ok();
    let html = fs::read_to_string(exports(&env, "plans.html")).unwrap();
    for part in [
        "<title>Plans</title>",
        "Login",
        "Expiry",
        "<svg ",
        "work_products/design.md",
        "Other &lt;script&gt;",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script") && !html.contains("http:") && !html.contains("https:"), "{html}");
    env.run(&["-s", "login", "export", "--format", "zip"]).ok();
    let zip = fs::read(exports(&env, "login.zip")).unwrap();
    assert!(zip.starts_with(b"PK"));
    let names = String::from_utf8_lossy(&zip);
    for name in ["plans.html", "plans.json", "login/session.md", "login/artifacts/work_products/design.md"] {
        assert!(names.contains(name), "{name}");
    }
    assert_eq!(env.run(&["-s", "login", "export", "--format", "zip", "--out", "-"]).code, 2);
}

#[test]
fn s56_artifacts_are_exported_and_what_they_hold_is_named_as_left_out() {
    let env = with_artifact();
    let view = env.run(&["--json", "export"]).json();
    assert!(view["lost"].as_array().unwrap().iter().any(|l| l["what"] == "contents of artifacts"), "{view}");
    let text = fs::read_to_string(exports(&env, "login.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let artifact = &json["sessions"][0]["artifacts"][0];
    assert_eq!(artifact["named"], "artifacts/work_products/design.md");
    assert_eq!((artifact["kind"].as_str(), artifact["task"].as_str()), (Some("design"), Some("t-one1")));
    let shown = env.run(&["--json", "session", "show", "login"]).json();
    assert_eq!(shown["artifacts"][0]["path"], "artifacts/work_products/design.md", "{shown}");
}
