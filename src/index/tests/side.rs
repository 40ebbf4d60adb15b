//! What does not come from session files.

use super::make::index;
use crate::index::{Artifact, Event, Mode, What};

fn event(id: &str, what: What) -> Event {
    Event { id: id.into(), at: Some("2025-06-01T10:00:00Z".into()), actor: Some("ada".into()), what }
}

#[test]
fn side_tables_follow_their_session() {
    let mut index = index(&[("a", " |One|t-a")]);
    let bare = index.dump().unwrap();
    let events = [
        event("1", What::Transition { from: None, to: "active".into(), reason: None }),
        event("2", What::Interaction { action: "task.done".into(), task: None, details: None }),
        event("3", What::Failure { code: "busy".into(), message: "in use".into(), context: None }),
        event("4", What::Metric { name: "sync".into(), value: 1.5, unit: Some("ms".into()) }),
    ];
    let mode = Mode {
        id: "dev".into(),
        name: "Dev".into(),
        path: "roles/dev.yaml".into(),
        valid: true,
        ..Mode::default()
    };
    let artifact = Artifact { id: "x".into(), path: "artifacts/x.png".into(), ..Artifact::default() };
    let mut batch = index.begin().unwrap();
    for directory in ["a", "none"] {
        // Twice: a log that is handed over again adds nothing.
        batch.events(directory, &events).unwrap();
        batch.events(directory, &events).unwrap();
        batch.artifacts(directory, std::slice::from_ref(&artifact)).unwrap();
        batch.context(directory, &[("focus".into(), "\"t-a\"".into())]).unwrap();
    }
    batch.modes(std::slice::from_ref(&mode)).unwrap();
    batch.bind("a", Some("dev"), None).unwrap();
    batch.set_active(Some("none"), None).unwrap();
    batch.set_active(Some("a"), None).unwrap();
    batch.commit().unwrap();
    let full = index.dump().unwrap();
    assert_eq!(full.lines().count(), bare.lines().count() + 9);
    assert_eq!(index.active().unwrap().as_deref(), Some("a"));
    assert_eq!(index.examine().unwrap(), None);
    // Reading the file again leaves them alone.
    super::make::put(&mut index, &[("a", " |Other|t-a")]);
    assert_eq!(index.dump().unwrap().lines().count(), full.lines().count());

    let mut batch = index.begin().unwrap();
    batch.modes(&[]).unwrap();
    batch.forget_events("a").unwrap();
    batch.artifacts("a", &[]).unwrap();
    batch.context("a", &[]).unwrap();
    batch.set_active(None, None).unwrap();
    batch.commit().unwrap();
    super::make::put(&mut index, &[("a", " |One|t-a")]);
    assert_eq!(index.dump().unwrap(), bare);
}
