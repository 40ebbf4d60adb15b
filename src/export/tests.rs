use super::*;
use crate::import::{self, DraftGroup, DraftTask, Ids, Import, Memory, settle};
use crate::model::{Priority, SessionStatus, TaskStatus, random_task_id};
use proptest::prelude::*;

fn settled(mut import: Import) -> Draft {
    let mut n = 0;
    let mut draw = || {
        n += 1;
        random_task_id(n * 104_729)
    };
    settle(&mut import, &mut Ids { is_taken: &|_| false, draw: &mut draw });
    import.drafts.remove(0)
}

fn full() -> Draft {
    let mut draft = Draft::new("Move to 2.0");
    draft.description = "Why.".to_owned();
    draft.status = Some(SessionStatus::Paused);
    draft.priority = Some(Priority::High);
    draft.kind = Some("Research".to_owned());
    draft.created = Some("2025-06-08".to_owned());
    draft.tags = vec!["auth".to_owned()];
    draft.groups = vec![
        DraftGroup {
            path: "Backend".into(),
            header: vec![("Focus".into(), "api".into())],
            description: "About.".into(),
            ..DraftGroup::default()
        },
        DraftGroup { path: "Backend/API".into(), ..DraftGroup::default() },
    ];
    draft.decisions = vec!["Use PKCE\n\nsafer".to_owned()];
    draft.notes = vec!["note".to_owned()];
    let mut one = DraftTask::new("Pick: a \"library\" — 台所");
    one.group = Some(0);
    one.status = TaskStatus::Completed;
    one.specialist = Some("ana".to_owned());
    one.estimate = Some(120);
    one.actual = Some(90);
    one.description = "Text.\n\n## Acceptance Criteria\n\n- [x] #1 works\n- [ ] #2 tested".to_owned();
    one.set("created", "2025-06-01");
    one.set("completion", "2025-06-02");
    one.set("priority", "urgent");
    one.set("tags", "auth, web");
    let mut two = DraftTask::new("Sub (Pending) +notgroup @nottag due:2020-01-01");
    two.parent = Some(0);
    two.group = Some(0);
    two.status = TaskStatus::Blocked;
    two.depends_on = vec!["t-000002".to_owned()];
    two.set("due", "2025-07-01");
    two.set("sprint", "7: [x]");
    let mut three = DraftTask::new("x Ship");
    three.id = crate::model::TaskId::parse("t-000002");
    three.group = Some(1);
    three.status = TaskStatus::Cancelled;
    three.aliases = vec!["task_1.2".to_owned()];
    three.set("due", "2025-06-18T09:30:00Z");
    draft.tasks = vec![one, two, three];
    let mut import = Import { drafts: vec![draft], ..Import::default() };
    import.drafts[0].tasks[2].old_id = "t-000002".to_owned();
    settled(import)
}

fn bytes_of(exported: &Exported) -> &[u8] {
    &exported.files[0].1
}

fn back(draft: &Draft, format: Format) -> Draft {
    let exported = export(draft, format);
    let import = match format {
        Format::Json => import::plandown_json(bytes_of(&exported), "x"),
        Format::TodoTxt => import::todo_txt(bytes_of(&exported), "x"),
        Format::Taskwarrior => import::taskwarrior(bytes_of(&exported), "x"),
        Format::Backlog => {
            let files = exported.files.iter();
            let source = files.fold(Memory::default(), |m, (p, b)| m.with(p, b.clone()));
            assert_eq!(source.0.len(), exported.files.len(), "two files of one name");
            import::backlog(&source)
        }
        Format::Markdown => {
            let (document, found) =
                crate::document::parse(bytes_of(&exported), crate::document::Limits::default());
            let lifted = crate::format::lift(document, found, "x");
            return Draft::from_session(&lifted.session);
        }
    };
    settled(import.unwrap())
}

/// The tasks as far as any of the formats of other tools carries them.
fn tasks(draft: &Draft) -> Vec<DraftTask> {
    let mut tasks = draft.tasks.clone();
    for task in &mut tasks {
        task.old_id = id_of(task);
        task.fields.retain(|(k, _)| k != "ordinal");
        task.fields.sort();
    }
    tasks
}

fn paths(draft: &Draft) -> Vec<&str> {
    draft.groups.iter().map(|g| g.path.as_str()).collect()
}

#[test]
fn our_own_json_and_markdown_carry_everything() {
    let mut draft = full();
    for task in &mut draft.tasks {
        task.old_id = id_of(task);
    }
    assert_eq!(back(&draft, Format::Json), draft);
    assert_eq!(export(&draft, Format::Json).lost, []);
    assert_eq!(back(&draft, Format::Markdown), draft);
}

#[test]
fn taskwarrior_and_backlog_carry_every_task_whole() {
    let draft = full();
    for format in [Format::Taskwarrior, Format::Backlog] {
        let back = back(&draft, format);
        assert_eq!(tasks(&back), tasks(&draft), "{format:?}");
        assert_eq!(paths(&back), paths(&draft), "{format:?}");
    }
    assert_eq!(back(&draft, Format::Backlog).decisions, draft.decisions);
    assert!(export(&draft, Format::Backlog).lost.iter().any(|l| l.what == "notes" && l.count == 1));
    assert!(export(&draft, Format::Taskwarrior).lost.iter().any(|l| l.what == "decisions"));
}

#[test]
fn backlog_names_tasks_as_its_program_reads_them_and_has_sections_of_its_own() {
    let mut draft = full();
    draft.tasks[0].description =
        "Text.\n\n\n\n    code\n\n## Acceptance Criteria\n- [x] #1 works\n\n## Implementation Plan\n\n1. a\n\n2. b"
            .to_owned();
    draft.tasks[1].description =
        "## Final Summary\nAll\n\n## Acceptance Criteria\n- [ ] no number".to_owned();
    let exported = export(&draft, Format::Backlog);
    let names: Vec<&str> =
        exported.files.iter().map(|(p, _)| p.as_str()).filter(|p| p.contains("/tasks/")).collect();
    assert_eq!(
        names,
        [
            "backlog/tasks/task-1 - Pick-a-library-台所.md",
            "backlog/tasks/task-1.1 - Sub-Pending-notgroup-nottag-due-2020-01-01.md",
            "backlog/tasks/task-2 - x-Ship.md",
        ]
    );
    let text = |name: &str| {
        let (_, bytes) = exported.files.iter().find(|(p, _)| p.contains(name)).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    let one = text("task-1 -");
    assert!(
        one.contains("## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [x] #1 works\n<!-- AC:END -->\n"),
        "{one}"
    );
    assert!(one.contains("## Implementation Plan\n\n<!-- SECTION:PLAN:BEGIN -->\n1. a\n"), "{one}");
    let two = text("task-1.1 -");
    assert!(two.contains("parent_task_id: \"task-1\"\n") && two.contains("  - \"task-2\"\n"), "{two}");
    // What is not written as it wants it is a part of the description.
    assert!(!two.contains("AC:BEGIN") && !two.contains("FINAL_SUMMARY"), "{two}");
    assert_eq!(tasks(&back(&draft, Format::Backlog)), tasks(&draft));
}

#[test]
fn marks_of_backlog_in_a_text_are_named_as_left_out() {
    let mut draft = full();
    draft.tasks[0].description = "a\n<!-- SECTION:DESCRIPTION:END -->\nb".to_owned();
    let exported = export(&draft, Format::Backlog);
    assert!(exported.lost.iter().any(|l| l.what == "marks of Backlog.md in texts" && l.count == 1));
    assert_eq!(back(&draft, Format::Backlog).tasks[0].description, "a\nb");
}

#[test]
fn todo_txt_carries_tasks_without_their_texts() {
    let draft = full();
    let exported = export(&draft, Format::TodoTxt);
    let back = back(&draft, Format::TodoTxt);
    let mut expected = tasks(&draft);
    for task in &mut expected {
        task.description.clear();
        task.fields.retain(|(k, _)| k != "sprint");
    }
    // Words that look like marks are quoted.
    expected[1].title = "Sub (Pending) '+notgroup' '@nottag' 'due:2020-01-01'".to_owned();
    expected[2].title = "'x' Ship".to_owned();
    assert_eq!(tasks(&back), expected);
    assert_eq!(paths(&back), paths(&draft));
    for what in ["descriptions", "fields", "notes", "decisions", "session overview"] {
        assert!(exported.lost.iter().any(|l| l.what == what), "{what}");
    }
}

#[test]
fn todo_txt_says_what_it_spells_otherwise() {
    let mut draft = full();
    draft.groups[0].path = "Back_end".into();
    let task = &mut draft.tasks[0];
    task.title = "two  blanks @home".to_owned();
    task.specialist = Some("ana_b".to_owned());
    task.fields =
        vec![("tags".to_owned(), "a_b".to_owned()), ("created".to_owned(), "2025-06-01".to_owned())];
    let exported = export(&draft, Format::TodoTxt);
    let count = |what: &str| exported.lost.iter().find(|l| l.what == what).map_or(0, |l| l.count);
    assert_eq!(count("creation dates"), 1, "a completed task without a date of completion");
    assert_eq!(count("underscores and odd blanks in names"), 4, "a group of two tasks, a tag, a specialist");
    assert_eq!(count("odd blanks in titles"), 1);
    assert_eq!(count("words of titles, which are quoted"), 3);
    let plain = DraftTask { group: None, ..DraftTask::new("plain") };
    let exported = export(&Draft { tasks: vec![plain], ..Draft::new("x") }, Format::TodoTxt);
    assert_eq!(exported.lost, []);
}

#[test]
fn words_of_formats() {
    for format in Format::ALL {
        assert_eq!(Format::parse(format.word()), Some(format));
    }
    assert_eq!(Format::parse("pdf"), None);
}

#[test]
fn tasks_without_an_id_have_names_of_their_own() {
    let mut draft = full();
    for task in &mut draft.tasks {
        (task.id, task.old_id) = (None, String::new());
    }
    draft.tasks[1].depends_on.clear();
    for format in [Format::Taskwarrior, Format::TodoTxt, Format::Backlog] {
        let back = back(&draft, format);
        assert_eq!(back.tasks.len(), 3, "{format:?}");
        assert_eq!(back.tasks[1].parent, Some(0), "{format:?}");
        let text: Vec<u8> = export(&draft, format).files.into_iter().flat_map(|(_, b)| b).collect();
        let text = String::from_utf8(text).unwrap();
        for odd in ["id: \"\"", "\"plandownid\": \"\"", " id: ", "id:\n"] {
            assert!(!text.contains(odd), "{format:?}: {odd}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_words_come_back(
        title in "[!-~é台]{1,9}( [!-~é台]{1,9}){0,3}",
        text in "([a-z:'\"#>-]{1,9} ?){0,5}",
        tag in "[a-z]{1,8}",
        status in 0_usize..8,
    ) {
        let mut draft = full();
        draft.tasks[0].title.clone_from(&title);
        draft.tasks[0].description = text.trim().to_owned();
        draft.tasks[0].status = TaskStatus::ALL[status];
        draft.tasks[0].fields = vec![("tags".to_owned(), tag)];
        for task in &mut draft.tasks {
            task.old_id = id_of(task);
        }
        prop_assert_eq!(&back(&draft, Format::Json), &draft);
        prop_assert_eq!(tasks(&back(&draft, Format::Taskwarrior)), tasks(&draft));
        prop_assert_eq!(tasks(&back(&draft, Format::Backlog)), tasks(&draft));
        let todo = back(&draft, Format::TodoTxt);
        prop_assert_eq!(todo.tasks[0].status, draft.tasks[0].status);
        prop_assert_eq!(todo.tasks[0].title.replace('\'', ""), title.replace('\'', ""));
    }
}
