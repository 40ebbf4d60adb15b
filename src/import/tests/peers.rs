//! The files of other tools, good and broken.

use super::super::*;
use crate::model::{Field, TaskId, TaskStatus, random_task_id};

fn settled(mut import: Import) -> Import {
    let mut n = 0;
    let mut draw = || {
        n += 1;
        random_task_id(n)
    };
    settle(&mut import, &mut Ids { is_taken: &|_| false, draw: &mut draw });
    import
}

fn ids(draft: &Draft) -> Vec<String> {
    draft.tasks.iter().map(|t| t.id.as_ref().unwrap().to_string()).collect()
}

#[test]
fn task_master_with_tags_and_subtasks() {
    let text = r#"{"master":{"tasks":[
        {"id":1,"title":"Set up","description":"d","status":"done","dependencies":[],"priority":"high","details":"how","testStrategy":"so","subtasks":[
            {"id":1,"title":"Sub a","status":"pending","dependencies":[]},
            {"id":2,"title":"Sub b","status":"in-progress","dependencies":[1]}]},
        {"id":2,"title":"Next","status":"review","dependencies":[1,"1.2",99],"priority":"odd","complexityScore":7}],
        "metadata":{"created":"2025-06-08T10:00:00Z","description":"the plan"}},
        "feature":{"tasks":[{"id":1,"title":"Other","status":"deferred"}]}}"#;
    let import = settled(taskmaster(text.as_bytes(), "tasks.json").unwrap());
    let [master, feature] = &import.drafts[..] else { panic!() };
    assert_eq!(ids(master)[0], "1");
    let [_, a, b, next] = &master.tasks[..] else { panic!() };
    assert_eq!((a.parent, b.parent, b.aliases.as_slice()), (Some(0), Some(0), &["1.2".to_owned()][..]));
    assert_eq!(b.depends_on, [a.id.as_ref().unwrap().to_string()]);
    assert_eq!(next.depends_on, ["1".to_owned(), b.id.as_ref().unwrap().to_string(), "\"99\"".to_owned()]);
    assert_eq!((next.status, next.extra("complexityScore")), (TaskStatus::InReview, Some("7")));
    assert_eq!(next.extra("source-priority"), Some("odd"));
    assert!(master.tasks[0].description.contains("how") && master.tasks[0].description.contains("so"));
    // The same id in another tag is another task.
    assert_eq!(
        (feature.name.as_str(), feature.tasks[0].aliases.as_slice()),
        ("feature", &["1".to_owned()][..])
    );
}

#[test]
fn task_master_as_it_was_before_tags() {
    let text = br#"{"tasks":[{"id":1,"title":"One","status":"pending"}]}"#;
    assert_eq!(taskmaster(text, "t").unwrap().drafts[0].tasks.len(), 1);
}

#[test]
fn beads_with_epics_and_broken_lines() {
    let text = r#"{"id":"bd-a1","title":"Epic","status":"open","priority":0,"issue_type":"epic","created_at":"2025-06-08T10:00:00.5Z"}
{"id":"bd-a1.1","title":"Child","status":"in_progress","priority":2,"assignee":"ana","labels":["x","y"],"estimated_minutes":90,"acceptance_criteria":"- [ ] works","dependencies":[{"issue_id":"bd-a1.1","depends_on_id":"bd-a1","type":"parent-child"},{"issue_id":"bd-a1.1","depends_on_id":"bd-b2","type":"blocks"}],"comments":[{"author":"bo","text":"hm","created_at":"2025"}]}
{"id":"bd-b2","title":"Done","status":"closed","closed_at":"2025-06-09T10:00:00Z","close_reason":"ok","weird":{"a":1}}
{"id":"bd-c3","title":"Gone","status":"tombstone"}
{"id":"bd-d4","title":"cut
<<<<<<< HEAD
"#;
    let import = settled(beads(text.as_bytes(), "issues.jsonl").unwrap());
    let tasks = &import.drafts[0].tasks;
    assert_eq!(tasks.len(), 4);
    let child = tasks.iter().find(|t| t.title == "Child").unwrap();
    assert_eq!(tasks[child.parent.unwrap()].title, "Epic");
    assert_eq!(child.depends_on, ["bd-b2"]);
    assert_eq!((child.estimate, child.field(Field::Tags)), (Some(90), Some("x, y")));
    assert!(child.description.contains("works") && child.description.contains("hm"));
    assert_eq!(tasks[0].field(Field::Priority), Some("urgent"));
    let done = tasks.iter().find(|t| t.title == "Done").unwrap();
    assert!(done.description.contains("weird") && done.field(Field::Completion).is_some());
    assert!(tasks.iter().any(|t| t.archived));
    assert_eq!(import.aside.len(), 2);
    assert!(import.report.findings.iter().any(|f| f.place == "issues.jsonl:5"));
}

#[test]
fn todo_txt_as_its_format_says() {
    let text = "(A) 2025-06-01 Call mum +Family @phone due:2025-07-01 http://x.y/z 12:30\n\
                x 2025-06-03 2025-06-01 Pay rent +Home pri:B\n\nx plain\nxylophone\n(Z) odd\nsub parent:p1\nroot id:p1\nnote status:odd\n";
    let import = settled(todo_txt(text.as_bytes(), "todo.txt").unwrap());
    let draft = &import.drafts[0];
    let named =
        |title: &str| draft.tasks.iter().find(|t| t.title == title).unwrap_or_else(|| panic!("{title}"));
    let mum = named("Call mum http://x.y/z 12:30");
    assert_eq!((mum.field(Field::Priority), mum.field(Field::Due)), (Some("urgent"), Some("2025-07-01")));
    assert_eq!((mum.field(Field::Tags), mum.field(Field::Created)), (Some("phone"), Some("2025-06-01")));
    assert_eq!(draft.groups[mum.group.unwrap()].path, "Family");
    let rent = named("Pay rent");
    assert_eq!(
        (rent.field(Field::Completion), rent.field(Field::Priority)),
        (Some("2025-06-03"), Some("high"))
    );
    assert_eq!(named("plain").status, TaskStatus::Completed);
    assert_eq!(named("xylophone").status, TaskStatus::Pending);
    assert_eq!(named("odd").extra("source-priority"), Some("Z"));
    assert_eq!(draft.tasks[named("sub").parent.unwrap()].title, "root");
    assert_eq!(named("note status:odd").status, TaskStatus::Pending);
    assert_eq!(todo_txt(b"\xff\xfe", "t").unwrap_err().code(), "source-syntax");
}

#[test]
fn taskwarrior_exports_of_both_shapes() {
    let one = r#"{"id":1,"description":"Call","status":"pending","uuid":"c0ffee00-0000-4000-8000-000000000001","project":"Home.Phone","priority":"H","due":"20250618T220000Z","entry":"20250601T000000Z","tags":["a"],"depends":["c0ffee00-0000-4000-8000-000000000002"],"annotations":[{"entry":"20250601T000000Z","description":"note"}],"urgency":9.1,"myuda":"v"}"#;
    let two = r#"{"description":"Gone","status":"deleted","uuid":"c0ffee00-0000-4000-8000-000000000002","end":"20250602T000000Z"}"#;
    for text in [format!("[{one},{two}]"), format!("{one}\n{two}\n")] {
        let import = settled(taskwarrior(text.as_bytes(), "x").unwrap());
        let draft = &import.drafts[0];
        let call = draft.tasks.iter().find(|t| t.title == "Call").unwrap();
        assert_eq!(call.id, TaskId::parse("c0ffee00-0000-4000-8000-000000000001"));
        assert_eq!(call.depends_on, ["c0ffee00-0000-4000-8000-000000000002"]);
        assert_eq!((call.field(Field::Due), call.extra("myuda")), (Some("2025-06-18T22:00:00Z"), Some("v")));
        assert!(call.description.contains("note"));
        assert_eq!(draft.groups[call.group.unwrap()].path, "Home.Phone");
        let gone = draft.tasks.iter().find(|t| t.title == "Gone").unwrap();
        assert_eq!((gone.status, gone.field(Field::Cancelled)), (TaskStatus::Cancelled, Some("2025-06-02")));
    }
}

fn backlog_project() -> Memory {
    Memory::default()
        .with("backlog/config.yml", "project_name: x\n")
        .with("backlog/tasks/task-1 - Fix-login.md", "---\nid: TASK-1\ntitle: 'Fix login: handle 2FA'\nstatus: In Progress\nassignee:\n  - '@ana'\ncreated_date: '2026-11-20 07:23'\nlabels:\n  - auth\ndependencies: [BACK-2]\npriority: high\nordinal: 2000\nmilestone: m1\n---\n\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\nDesc line\n<!-- SECTION:DESCRIPTION:END -->\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [x] #1 works\n- [ ] #2 tested\n<!-- AC:END -->\n")
        .with("backlog/tasks/task-1.1 - Sub.md", "---\nid: TASK-1.1\ntitle: Sub\nstatus: To Do\nparent_task_id: TASK-1\n---\n")
        .with("backlog/tasks/task-3 - Broken-one.md", "---\nid: TASK-3\ntitle: 'never closed\nstatus: [To Do\n\n## Description\n\nStill here\n")
        .with("backlog/tasks/task-4 - No-front.md", "Just text")
        .with("backlog/tasks/task-1 - Copy.md", "---\nid: TASK-1\ntitle: Copy\nstatus: Odd State\nordinal: 9000\n---\n")
        .with("backlog/completed/task-2 - Done.md", "---\nid: TASK-2\ntitle: Done one\nstatus: Done\n---\n")
        .with("backlog/drafts/draft-1 - Idea.md", "---\nid: DRAFT-1\ntitle: Idea\nstatus: Draft\n---\n")
        .with("backlog/archive/tasks/task-9 - Old.md", "---\nid: TASK-9\ntitle: Old\nstatus: To Do\n---\n")
        .with("backlog/milestones/m1 - Launch.md", "---\nid: m1\ntitle: Launch\n---\n\n## Description\n\nGo live\n")
        .with("backlog/decisions/decision-1 - Use-X.md", "---\nid: decision-1\ntitle: Use X\n---\n\nBecause.\n")
}

#[test]
fn a_backlog_project_with_broken_and_doubled_files() {
    let import = settled(backlog(&backlog_project()).unwrap());
    let draft = &import.drafts[0];
    let named =
        |title: &str| draft.tasks.iter().find(|t| t.title == title).unwrap_or_else(|| panic!("{title}"));
    assert_eq!(draft.tasks.len(), 8);
    let login = named("Fix login: handle 2FA");
    assert_eq!((login.id.clone(), login.specialist.as_deref()), (TaskId::parse("task-1"), Some("ana")));
    // The prefix was changed at some time: the number still says which task is meant.
    assert_eq!(login.depends_on, ["task-2"]);
    assert_eq!(login.description, "Desc line\n\n## Acceptance Criteria\n- [x] #1 works\n- [ ] #2 tested");
    assert_eq!(draft.groups[login.group.unwrap()].path, "Launch");
    assert_eq!(draft.tasks[named("Sub").parent.unwrap()].title, login.title);
    assert!(named("never closed").description.contains("Still here"));
    assert_eq!(named("No front").description, "Just text");
    let copy = named("Copy");
    assert_eq!(
        (copy.aliases.as_slice(), copy.extra("source-status")),
        (&["TASK-1".to_owned()][..], Some("Odd State"))
    );
    assert!(named("Old").archived);
    assert_eq!(draft.decisions, ["Use X\n\nBecause."]);
    assert!(import.report.has(Remark::BrokenFile) && import.report.has(Remark::DuplicateId));
    let text = to_markdown(draft);
    assert!(text.contains("- \\[x] #1 works"), "{text}");
    assert_eq!(backlog(&Memory::default()).unwrap_err().code(), "source-unknown");
}

#[test]
fn checklists_keep_their_bytes() {
    let text = "# Plan\r\n\r\n## 1. Build\n- [ ] 1.1 Do it 📅 2025-07-01 🆔 abc\n1. [x] other\n";
    let import = markdown(text.as_bytes(), "notes/plan.md").unwrap();
    let draft = &import.drafts[0];
    assert_eq!((draft.id.as_str(), draft.name.as_str()), ("plan", "Plan"));
    assert_eq!(to_markdown(draft), text);
    assert_eq!(import.report.tables().iter().find(|t| t.table == "checkboxes").unwrap().read, 2);

    let source = Memory::default()
        .with("openspec/changes/add-x/tasks.md", text)
        .with("openspec/changes/archive/2025-old/tasks.md", text)
        .with("openspec/changes/empty/tasks.md", "nothing")
        .with("docs/tasks.md", text)
        .with("specs/001-f/tasks.md", text);
    let names = |import: Import| import.drafts.iter().map(|d| (d.id.clone(), d.status)).collect::<Vec<_>>();
    let archived = Some(crate::model::SessionStatus::Archived);
    assert_eq!(
        names(openspec(&source).unwrap()),
        [("add-x".to_owned(), None), ("2025-old".to_owned(), archived)]
    );
    assert_eq!(names(speckit(&source).unwrap()), [("001-f".to_owned(), None)]);
    assert_eq!(obsidian(&source, "").unwrap().drafts.len(), 4);
    assert!(obsidian(&Memory::default(), "").is_err());
}

#[test]
fn hostile_json_is_refused_with_its_place() {
    let bomb = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (text, code) in [
        (bomb.as_str(), "too-deep"),
        ("{\"tasks\":[{\"id\":1,", "source-syntax"),
        ("", "source-syntax"),
        ("{}", "source-unknown"),
        ("7", "source-unknown"),
    ] {
        let error = taskmaster(text.as_bytes(), "tasks.json").unwrap_err();
        assert_eq!(error.code(), code, "{text:.40}");
        assert!(error.place.starts_with("tasks.json") && !error.hint().is_empty());
        assert!(taskwarrior(text.as_bytes(), "x").is_err());
        assert!(plandown_json(text.as_bytes(), "x").is_err());
        assert!(beads(text.as_bytes(), "x").is_err());
    }
}

#[test]
fn hostile_ids_become_aliases_and_never_paths() {
    let text = r#"{"tasks":[{"id":"../../etc","title":"a"},{"id":"nul\u0000","title":"b"},{"id":"a]b, c","title":"c","dependencies":["../../etc"]},{"id":"","title":""}]}"#;
    let import = settled(taskmaster(text.as_bytes(), "t").unwrap());
    let draft = &import.drafts[0];
    assert_eq!(draft.tasks[2].depends_on, [ids(draft)[0].clone()]);
    assert!(ids(draft).iter().all(|i| i.starts_with("t-")));
    let back = super::round_trip::read_back(&to_markdown(draft));
    assert_eq!(back.tasks.len(), 4);
    assert_eq!(back.tasks[0].aliases, ["../../etc"]);
}

/// Real plans, where they lie beside the project; says so where they do not.
fn real_plans(prefix: &str) -> Vec<(String, Vec<u8>)> {
    use crate::disk::{Fs, RealFs};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let dirs = root.ancestors().map(|a| a.join("shared/fixtures/plans"));
    let Some((dir, names)) = dirs.into_iter().find_map(|d| Some((d.clone(), RealFs.read_dir(&d).ok()?)))
    else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("skipped: no real plans beside the project");
        }
        return Vec::new();
    };
    let names = names.into_iter().map(|e| e.name.into_string().unwrap()).filter(|n| n.starts_with(prefix));
    names.map(|n| (n.clone(), RealFs.read(&dir.join(&n)).unwrap().0)).collect()
}

#[test]
fn real_files_of_backlog() {
    let files = real_plans("backlog-md__");
    let count = files.len();
    let source = files.into_iter().enumerate().fold(Memory::default(), |m, (i, (name, bytes))| {
        let name = name.rsplit("__").next().unwrap_or(&name).replace("_-_", " - ");
        m.with(&format!("backlog/tasks/{i} {name}"), bytes)
    });
    if count == 0 {
        return;
    }
    let import = settled(backlog(&source).unwrap());
    let draft = &import.drafts[0];
    assert_eq!(draft.tasks.len(), count);
    assert!(!import.report.has(Remark::BrokenFile), "{:#?}", import.report.findings);
    assert!(!import.report.has(Remark::StatusUnknown), "{:#?}", import.report.findings);
    assert_eq!(verify(draft, &super::round_trip::session(&to_markdown(draft))), []);
    let criteria = draft.tasks.iter().filter(|t| t.description.contains("- [x] #1")).count();
    assert!(criteria > 0);
}

#[test]
fn real_checklists_of_openspec() {
    for (name, bytes) in real_plans("openspec__openspec__changes__") {
        let import = markdown(&bytes, &name).unwrap();
        let text = to_markdown(&import.drafts[0]);
        assert_eq!(text.as_bytes(), bytes);
        let boxes = import.report.tables().iter().find(|t| t.table == "checkboxes").map_or(0, |t| t.read);
        assert_eq!(super::round_trip::read_back(&text).tasks.len(), boxes, "{name}");
    }
}
