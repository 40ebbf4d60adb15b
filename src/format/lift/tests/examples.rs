//! The three example sessions, asserted in detail.

use super::super::{Lifted, lift};
use crate::document::{Limits, parse};
use crate::model::{Carrier, Field, SectionKind, TaskStatus};

const TINY: &str = include_str!("../../../../fixtures/sessions/tiny/session.md");
const TYPICAL: &str = include_str!("../../../../fixtures/sessions/typical/session.md");
const SINK: &str = include_str!("../../../../fixtures/sessions/kitchen-sink/session.md");

fn read(text: &str, directory: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, directory)
}

fn codes(lifted: &Lifted) -> Vec<String> {
    lifted.diagnostics.iter().map(|d| d.code.to_string()).collect()
}

/// One line per task: depth, state, title, id.
fn tasks(lifted: &Lifted) -> Vec<String> {
    let line = |t: &crate::model::Task| {
        let id = t.id.as_ref().map_or("-", |i| i.as_str());
        let group = t.group.map_or("-", |g| lifted.session.groups[g].name.as_str());
        format!("{} {} {} | {} | {id}", t.depth, t.status, t.title, group)
    };
    lifted.session.tasks.iter().map(line).collect()
}

#[test]
fn tiny() {
    let lifted = read(TINY, "login");
    assert_eq!(
        tasks(&lifted),
        ["0 pending do the thing | Frontend | -", "0 completed the other thing | Frontend | -"]
    );
    let session = &lifted.session;
    assert_eq!((session.id.as_str(), session.name.as_str()), ("login", "Fix the login page"));
    assert_eq!(session.sections.len(), 1);
    assert_eq!(session.sections[0].kind, SectionKind::Group);
    assert_eq!(codes(&lifted), ["H209", "I501", "I501"]);
}

#[test]
fn typical() {
    let lifted = read(TYPICAL, "somewhere-else");
    let session = &lifted.session;
    assert_eq!(
        tasks(&lifted),
        [
            "0 completed Pick an OAuth library | Backend | t-4k2m9p",
            "0 completed Write the token store | Backend | t-7x1c0d",
            "0 in_progress Refresh-token rotation | Backend | t-c3v8b2",
            "1 pending Write the property test | Backend | t-q9w2e4",
            "1 pending Handle clock skew | Backend | t-5r6t7y",
            "0 blocked Sign-in button | Frontend | t-z8x7v6",
        ]
    );
    assert_eq!((session.id.as_str(), session.name.as_str()), ("auth-overhaul", "Auth overhaul"));
    assert_eq!(session.progress().phrase(), "33% (2/6 tasks)");
    assert_eq!(session.mode(), Some("backend_roles.yaml"));
    assert_eq!(session.header.len(), 5);
    assert_eq!(session.metrics.len(), 5);
    assert_eq!(session.groups[0].header.len(), 3);
    assert_eq!(session.groups[0].focus(), Some("backend"));
    assert_eq!(
        lifted.map.groups[0].tasks_heading.map(|s| session.sections[s].title.as_str()),
        Some("Tasks in Backend")
    );
    let rotation = &session.tasks[2];
    assert_eq!(rotation.specialist(), Some("backend_dev"));
    assert_eq!(rotation.effort().estimate, Some(180));
    assert_eq!(rotation.fields.len(), 3);
    assert_eq!(rotation.due().map(|d| d.to_string()).as_deref(), Some("2025-06-18"));
    assert_eq!(session.tasks[0].effort().actual, Some(180));
    let overview = session.sections.iter().find(|s| s.kind == SectionKind::Overview).unwrap();
    assert_eq!(overview.body, "Replace the home-grown login with OAuth 2.1.");
    assert_eq!(codes(&lifted), [""; 0]);
}

#[test]
fn kitchen_sink() {
    let lifted = read(SINK, "kitchen-sink");
    let session = &lifted.session;
    assert_eq!(
        tasks(&lifted),
        [
            "0 completed Star bullet, seed tail | Backend & API | t-aaaaa1",
            "0 in_progress Loose item with a description | Backend & API | t-aaaaa2",
            "1 pending odd nested bullet | Backend & API | t-aaaaa3",
            "2 completed tab-indented sub-subtask | Backend & API | t-aaaaa4",
            "0 cancelled Cancelled with a symbol | Backend & API | t-aaaaa5",
            "0 cancelled Cancelled with a word | Backend & API | t-aaaaa6",
            "0 pending Verify tokens | Backend & API | t-aaaaa7",
            "0 in_progress Half done, Obsidian style | Backend & API | t-aaaaa8",
            "0 blocked トークンを検証する | 日本語グループ | t-bbbbb1",
            "0 pending title with (Pending) inside and a trailing paren (really) | 日本語グループ | t-bbbbb2",
            "0 pending multi-line title | 日本語グループ | -",
            "0 pending hard break at the end | 日本語グループ | -",
            "0 completed done without id | 日本語グループ | -",
            "0 pending escaped and <b>html</b> and [link [nested]](u) | 日本語グループ | t-bbbbb3",
            "0 pending inside details, still a task here | 日本語グループ | t-bbbbb4",
        ]
    );
    assert_eq!((session.id.as_str(), session.name.as_str()), ("kitchen-sink", "Kitchen sink — 台所"));
    assert_eq!(session.progress().phrase(), "23% (3/13 tasks)");
    let loose = &session.tasks[1];
    assert_eq!(
        loose.description,
        "Second paragraph, **bold**, `[due:: 2001-01-01]` in code is not a field.\n\n\
         ```sh\n- [ ] not a task, code\necho \"^t-notid\"\n```\n\n- plain bullet = description"
    );
    let carriers: Vec<_> = loose.fields.iter().map(|f| (f.field, f.carrier)).collect();
    assert_eq!(
        carriers,
        [
            (Some(Field::Priority), Carrier::Inline),
            (Some(Field::DependsOn), Carrier::Bullet),
            (Some(Field::Verified), Carrier::Bullet),
        ]
    );
    assert_eq!(loose.effort().actual, Some(90));
    assert_eq!(session.tasks[10].field(Field::DependsOn), Some("t-bbbbb1"));
    assert_eq!(session.tasks[10].description, "continues here");
    assert_eq!(session.tasks[11].description, "after the break");
    assert_eq!(session.tasks[7].field(Field::Priority), Some("⏫"));
    assert_eq!(session.tasks[8].depends_on().len(), 2);
    assert_eq!(session.tasks[8].specialist(), Some("テスター"));
    assert_eq!(session.tasks[13].field(Field::Due), Some("nope"));
    assert!(lifted.map.tasks[13].fields[0].escaped);
    assert_eq!(session.status().key(), "active");
    assert_eq!(session.metrics.len(), 7);
    assert_eq!(lifted.map.generated.len(), 1);
    assert_eq!(session.groups[1].header, [("Progress".to_owned(), "14% (1/7 tasks)".to_owned())]);
    assert_eq!(
        session.preamble,
        "[[Roadmap 2025|Roadmap]] · see [the RFC](https://example.com/rfc_(v2)) and [^why]."
    );
    assert!(session.tasks.iter().all(|t| t.symbol != '-' || t.status == TaskStatus::Cancelled));
    // The hash of its generated block is an illustration.
    assert_eq!(codes(&lifted), ["R701", "I501", "T123", "I501", "I501", "L403", "T112", "T118", "T118"]);
}
