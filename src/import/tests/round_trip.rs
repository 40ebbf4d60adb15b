//! Drafts written as `session.md` and read back by the reader of our format.

use super::super::*;
use crate::document::{Limits, parse};
use crate::model::{Priority, Session, SessionStatus, TaskStatus, random_task_id};
use proptest::prelude::*;

pub(super) fn settled(draft: Draft) -> (Draft, Report) {
    let mut import = Import { drafts: vec![draft], ..Import::default() };
    let mut n = 0;
    let mut draw = || {
        n += 1;
        random_task_id(n * 7919)
    };
    settle(&mut import, &mut Ids { is_taken: &|_| false, draw: &mut draw });
    (import.drafts.remove(0), import.report)
}

pub(super) fn session(text: &str) -> Session {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    let lifted = crate::format::lift(document, found, "dir");
    assert!(lifted.document.is_writable(), "{text}");
    lifted.session
}

/// What the file says, as a draft.
pub(super) fn read_back(text: &str) -> Draft {
    Draft::from_session(&session(text))
}

/// The draft as a reader of the file sees it: what only a source knows is left out.
pub(super) fn visible(mut draft: Draft) -> Draft {
    draft.artifacts.clear();
    for group in &mut draft.groups {
        group.old_id.clear();
    }
    for task in &mut draft.tasks {
        task.old_id = task.id.as_ref().map(ToString::to_string).unwrap_or_default();
        task.archived = false;
    }
    draft
}

#[track_caller]
fn check(draft: Draft) -> String {
    let (draft, _) = settled(draft);
    let text = to_markdown(&draft);
    assert_eq!(read_back(&text), visible(draft.clone()), "{text}");
    assert_eq!(verify(&draft, &session(&text)), [], "{text}");
    text
}

fn full() -> Draft {
    let mut draft = Draft::new("Move to 2.0 — 台所");
    draft.description = "Why we do it.\n\nIn two paragraphs.".to_owned();
    draft.status = Some(SessionStatus::Active);
    draft.mode = Some("default_roles.yaml".to_owned());
    draft.created = Some("2025-06-08".to_owned());
    draft.priority = Some(Priority::High);
    draft.tags = vec!["auth".to_owned(), "q3 goals".to_owned()];
    draft.groups = vec![
        DraftGroup {
            path: "Backend".into(),
            header: vec![("Focus".into(), "api".into())],
            description: "About it.".into(),
            ..DraftGroup::default()
        },
        DraftGroup { path: "Backend/API".into(), ..DraftGroup::default() },
    ];
    draft.notes = vec!["a note".to_owned()];
    draft.decisions = vec!["Use PKCE\n\nbecause it is safer".to_owned(), "Two".to_owned()];
    draft.learnings = vec!["- [ ] not a task".to_owned()];
    draft.next_steps = vec!["ask ops".to_owned()];
    let mut one = DraftTask::new("Pick a library");
    one.old_id = "ab-1".to_owned();
    one.status = TaskStatus::Completed;
    one.estimate = Some(120);
    one.actual = Some(180);
    one.specialist = Some("researcher".to_owned());
    one.group = Some(0);
    one.description =
        "Text.\n\n- [ ] not a subtask\n- **Due**: not a field\n\n```sh\n- [ ] code\n```".to_owned();
    let mut two = DraftTask::new("Write it");
    two.parent = Some(0);
    two.depends_on = vec!["ab-1".to_owned()];
    two.set("due", "2025-07-01");
    two.set("sprint", "7");
    two.set("ref", "https://example.com/a_(b)");
    two.set("mail", "a@example.com");
    let mut three = DraftTask::new("Ship (Pending)");
    three.group = Some(1);
    three.status = TaskStatus::Cancelled;
    three.specialist = Some("Ana Maria".to_owned());
    let mut four = DraftTask::new("Old one");
    four.old_id = "task_1.2".to_owned();
    four.group = Some(1);
    four.status = TaskStatus::Completed;
    four.estimate = Some(45);
    draft.tasks = vec![one, two, three, four];
    draft
}

#[test]
fn a_whole_session_reads_back() {
    let text = check(full());
    assert!(text.contains("[formerly:: task_1.2]"), "{text}");
}

#[test]
fn what_was_lost_or_changed_is_told() {
    let (draft, _) = settled(full());
    let text = to_markdown(&draft);
    let broken = text
        .replace("Write it", "Write that")
        .replace("[sprint:: 7]", "[sprint:: 8]")
        .replace("- [x] Old one", "- [ ] Other one");
    let told: Vec<_> = verify(&draft, &session(&broken)).iter().map(|d| d.what).collect();
    assert_eq!(told, ["title", "field", "title", "status"], "{broken}");
    let cut: String = text.lines().filter(|l| !l.contains("Old one")).collect::<Vec<_>>().join("\n");
    let told = verify(&draft, &session(&cut));
    assert_eq!((told.len(), told[0].what), (1, "missing"));
}

#[test]
fn ten_thousand_tasks() {
    let mut draft = Draft::new("large");
    draft.tasks = (0..10_000_usize)
        .map(|n| {
            let mut task = DraftTask::new(format!("task number {n}"));
            task.old_id = format!("old_{n}");
            task.parent = (n % 7 == 3).then(|| n - 1);
            task.depends_on = if n > 10 { vec![format!("old_{}", n / 2)] } else { Vec::new() };
            task
        })
        .collect();
    let (draft, report) = settled(draft);
    assert_eq!((report.ids.len(), report.findings.len()), (10_000, 0));
    assert_eq!(verify(&draft, &session(&to_markdown(&draft))), []);
}

#[test]
fn hostile_titles_read_back() {
    for title in [
        "Implement (phase 1)",
        "Implement (Pending)",
        "Implement (Done) - dev - 3h",
        "a title ^t-abc123",
        "a ^t-abc123 title",
        "a title ^x",
        "# Heading?",
        "- [ ] Item?",
        "[x] really",
        "[due:: 2020-01-01] first",
        "last [due:: 2020-01-01]",
        "open [due:: never closed",
        "(owner:: somebody) does it",
        "emoji 📅 2020-01-01 and ⏫",
        "🆔 abc ⛔ def",
        "{#attr} and <!-- id: x -->",
        "`code [due:: x]` stays",
        "ends with ,",
        "ends with \\",
        "[[wiki|link]] and [a](b)",
        "<b>html</b> & entities &amp;",
        "**bold** _it_",
        "| a | b |",
        "日本語 — ok",
        "[",
        "]",
        "(Pending)",
        "^",
        "1. one",
        "> quote",
        "---",
        "a\\[due:: x\\]",
        "::",
    ] {
        let mut draft = Draft::new("x");
        draft.tasks = vec![DraftTask::new(title), DraftTask::new("next")];
        check(draft);
    }
}

#[test]
fn titles_that_no_line_can_carry_move_to_the_description() {
    for title in
        ["two\nlines", &"long ".repeat(200_000), "nul\0 and \u{7}bell\r\nmore", "odd ` tick [due:: x]"]
    {
        let mut draft = Draft::new("x");
        draft.tasks = vec![DraftTask::new(title)];
        let (draft, _) = settled(draft);
        let mut report = Report::default();
        let text = to_markdown_with(&draft, &mut report);
        let back = read_back(&text);
        assert_eq!(back.tasks.len(), 1);
        assert!(back.tasks[0].title.len() <= 400 && !back.tasks[0].title.is_empty());
        assert!(report.has(Remark::TitleMoved), "{title:.20}");
        let words = |t: &str| {
            t.split(|c: char| c.is_whitespace() || c.is_control())
                .map(str::to_owned)
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&back.tasks[0].description), words(title));
    }
}

#[test]
fn hostile_texts_change_nothing_around_them() {
    for text in [
        "# Heading\n\n## Task Groups\n\n- [ ] smuggled",
        "```\nnever closed\n- [ ] smuggled",
        "<!-- never closed",
        "<script>\nnever closed",
        "<details>\n\n- [ ] smuggled\n\n</details>",
        "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs",
        "<!-- plandown:begin x h=00000000 -->\nx\n<!-- plandown:end x -->",
        "para\n===\n\npara\n---",
        "1. [ ] a\n2. [x] b\n   * [/] c",
        "[^1]: note\n\n[ref]: https://example.com",
        "\t- [ ] tab",
        "> > - [ ] quoted",
        "~~~\n```\n- [ ] x\n```\n~~~\n- [ ] y",
    ] {
        let mut draft = full();
        draft.description = text.to_owned();
        draft.groups[0].description = text.to_owned();
        draft.tasks[0].description = text.to_owned();
        draft.tasks[1].description = text.to_owned();
        draft.decisions.push(text.to_owned());
        let (draft, _) = settled(draft);
        let back = read_back(&to_markdown(&draft));
        let shape = |d: &Draft| {
            d.tasks
                .iter()
                .map(|t| (t.title.clone(), t.status, t.parent, t.group, t.fields.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(shape(&back), shape(&draft), "{text}\n---\n{}", to_markdown(&draft));
        assert_eq!(back.groups.len(), 2, "{text}");
        assert_eq!(back.next_steps, draft.next_steps, "{text}");
    }
    // A bomb of containers stays text.
    let mut draft = full();
    draft.tasks[0].description = format!("{}x\n{}x", "> ".repeat(5000), "- ".repeat(5000));
    draft.description = "[".repeat(3000);
    let (draft, _) = settled(draft);
    assert_eq!(read_back(&to_markdown(&draft)).tasks.len(), 4);
}

#[test]
fn deep_and_circular_parents_become_a_tree() {
    let mut draft = Draft::new("x");
    draft.tasks = (0..2000_usize)
        .map(|n| DraftTask { parent: n.checked_sub(1), ..DraftTask::new(format!("t{n}")) })
        .collect();
    let mut circle: Vec<DraftTask> = (0..3)
        .map(|n| DraftTask { parent: Some(2000 + (n + 1) % 3), ..DraftTask::new(format!("c{n}")) })
        .collect();
    draft.tasks.append(&mut circle);
    draft.tasks.push(DraftTask { parent: Some(9999), ..DraftTask::new("lost") });
    let (draft, report) = settled(draft);
    assert!(report.has(Remark::ParentCycle) && report.has(Remark::NestedTooDeep));
    let back = read_back(&to_markdown(&draft));
    assert_eq!(back.tasks.len(), 2004);
    assert_eq!(back, visible(draft));
}

fn fragments(all: &'static [&'static str], between: &'static str) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(all), 0..8).prop_map(move |parts| parts.join(between))
}

const TITLE_PARTS: &[&str] = &[
    "word",
    "[due:: x]",
    "[due::",
    "(owner:: y)",
    "(Pending)",
    "(Done) - dev - 3h",
    "^t-abc123",
    "^x",
    "\\",
    "📅 2025-01-01",
    "🆔",
    "<!-- id: a -->",
    "<!--",
    "{#x}",
    "[[a|b]]",
    "[",
    "]",
    "(",
    ")",
    ",",
    "https://a.b/c",
    "<b>",
    "a@b.c",
    "#tag",
    "::",
];

const LINES: &[&str] = &[
    "text",
    "",
    "- [ ] a",
    "```",
    "~~~~",
    "# H",
    "<!--",
    "-->",
    "  - [x] b",
    "> q",
    "> - [ ] q",
    "---",
    "===",
    "| a |",
    "**Due**: x",
    "- **Due**: x",
    "- **Due:** x",
    "<details>",
    "<pre>",
    "\t- [ ] t",
    "1. [ ] x",
    "    - [ ] c",
    "<<<<<<< a",
    "=======",
    ">>>>>>> b",
    "<!-- plandown:begin x h=00000000 -->",
    "<!-- plandown:end x -->",
    "[x]: y",
    "[^1]: z",
    "- ",
    "* * *",
    "^t-abc123",
    "`",
    "\\",
    "[due:: 2020-01-01]",
    "## Task Groups",
    "### Next Steps",
    "- item",
    "  continued",
    "</div>",
    "<?php",
    "$$",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_title_and_text_keep_the_tree(
        title in prop_oneof![
            "[ -~]{0,30}|[a-z(\\[\\]):^📅`#{}, -]{0,20}".prop_map(String::from),
            fragments(TITLE_PARTS, " "),
            fragments(TITLE_PARTS, ""),
        ],
        text in prop_oneof!["([ -~]|\n){0,60}|([`>\\[\\] x*+<!#~1.-]|\n){0,40}".prop_map(String::from), fragments(LINES, "\n")],
        specialist in "[ -~]{0,12}",
        value in "[ -~]{0,12}",
    ) {
        let mut draft = full();
        draft.tasks[0].title.clone_from(&title);
        draft.tasks[0].description.clone_from(&text);
        draft.tasks[1].description.clone_from(&text);
        draft.description.clone_from(&text);
        draft.tasks[2].specialist = Some(specialist).filter(|s| !s.trim().is_empty());
        draft.tasks[2].set("note", value);
        draft.notes = vec![text];
        let (draft, _) = settled(draft);
        let written = to_markdown(&draft);
        let back = read_back(&written);
        let shape = |d: &Draft| d.tasks.iter().map(|t| (t.id.clone(), t.status, t.parent, t.group)).collect::<Vec<_>>();
        prop_assert_eq!(shape(&back), shape(&draft), "{}", written);
        prop_assert_eq!(&back.tasks[3], &visible(draft.clone()).tasks[3]);
        prop_assert_eq!(&back.next_steps, &draft.next_steps);
        if !title.trim().is_empty() && !title.contains('`') {
            prop_assert_eq!(back.tasks[0].title.as_str(), title.trim(), "{}", written);
        }
    }
}
