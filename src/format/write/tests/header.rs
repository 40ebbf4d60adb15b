use super::*;
use crate::model::{HeaderKey as K, NotesSection as N};

fn set(key: K, value: Option<&str>) -> Change {
    Change::SetHeader { key, value: value.map(Into::into) }
}

#[test]
fn header_facts_are_changed_where_they_stand() {
    let body = "# T\n\n**Status**: Active  \n**Mode**: m\n\n## Tasks\n";
    check(body, set(K::Status, Some("Paused")), &body.replace("Active", "Paused"));
    check(body, set(K::Priority, Some("2")), &body.replace(": m\n", ": m  \n**Priority**: 2\n"));
    check(body, set(K::Mode, None), "# T\n\n**Status**: Active\n\n## Tasks\n");
    check(body, set(K::Status, None), "# T\n\n**Mode**: m\n\n## Tasks\n");
    check(body, set(K::Id, Some("abc")), &format!("---\nid: abc\n---\n\n{body}"));
    check(
        "---\nid: x\nstatus: 'active' # c\n---\n# T\n",
        set(K::Status, Some("paused")),
        "---\nid: x\nstatus: 'paused' # c\n---\n# T\n",
    );
    check("---\nid: x\n---\n# T\n", set(K::Mode, Some("a: b")), "---\nid: x\nmode: \"a: b\"\n---\n# T\n");
    check(
        "---\nid: x\nstatus:\n---\n# T\n",
        set(K::Status, Some("paused")),
        "---\nid: x\nstatus: paused\n---\n# T\n",
    );
    check("---\nid: x\nmode: y\n---\n# T\n", set(K::Mode, None), "---\nid: x\n---\n# T\n");
    check("---\ntags: [a, \"b c\"]\n---\n# T\n", set(K::Tags, Some("x, y")), "---\ntags: [x, y]\n---\n# T\n");
    check("# T\n", set(K::Status, Some("Active")), "---\nstatus: Active\n---\n\n# T\n");
    check(
        "---\nstatus: active\n---\n# T\n\n- **Status**: Active\n- **Mode**: m\n",
        set(K::Status, Some("paused")),
        "---\nstatus: paused\n---\n# T\n\n- **Status**: paused\n- **Mode**: m\n",
    );
    check(
        "# T\n\n- **Status**: Active\n",
        set(K::Mode, Some("m")),
        "# T\n\n- **Status**: Active\n- **Mode**: m\n",
    );
    let opaque = refused("---\nstatus: |\n  x\n---\n# T\n", set(K::Status, Some("paused")));
    assert!(
        matches!(opaque, WriteError::NotEditable { code: crate::diagnostic::Code::S106, .. }),
        "{opaque:?}"
    );
}

#[test]
fn the_name() {
    let rename = |name: &str| Change::RenameSession { name: name.into() };
    check("# 📋 Session: Old one\n\nx\n", rename("New"), "# 📋 Session: New\n\nx\n");
    check("Old\n===\n\nx\n", rename("New"), "New\n===\n\nx\n");
    check("---\ntitle: \"Old\"\n---\n\nx\n", rename("New"), "---\ntitle: \"New\"\n---\n\nx\n");
    check("x\n", rename("New"), "# New\n\nx\n");
    refused("# T\n", rename("a\nb"));
}

#[test]
fn entries() {
    let entry = |section, text: &str| Change::AppendEntry { section, text: text.into() };
    let notes = "# T\n\n## Session Notes\n\n### Decisions Made\n\n* one\n\n### Next Steps\n";
    check(notes, entry(N::Decisions, "two"), &notes.replace("* one\n", "* one\n* two\n"));
    check(notes, entry(N::NextSteps, "go\nthere"), &format!("{notes}\n- go\n  there\n"));
    check(
        notes,
        entry(N::Learnings, "x"),
        &notes.replace("### Next", "### Key Learnings\n\n- x\n\n### Next"),
    );
    check(notes, entry(N::ChangeLog, "x"), &format!("{notes}\n## Change Log\n\n- x\n"));
    check("# T\n", entry(N::Decisions, "x"), "# T\n\n## Session Notes\n\n### Decisions Made\n\n- x\n");
    check(
        "# T\n\n## Change Log\n\n1. one\n\n2. two\n\n---\n**Last Updated**: y\n",
        entry(N::ChangeLog, "x"),
        "# T\n\n## Change Log\n\n1. one\n\n2. two\n\n3. x\n\n---\n**Last Updated**: y\n",
    );
    check("# T\n\n## Notes\n\ntext\n", entry(N::Notes, "x"), "# T\n\n## Notes\n\ntext\n\n- x\n");
    check(
        "# T\n\n## Change Log\n\n- one\n\n[a]: https://x.org\n",
        entry(N::ChangeLog, "x"),
        "# T\n\n## Change Log\n\n- one\n- x\n\n[a]: https://x.org\n",
    );
}

#[test]
fn derived_values() {
    let refresh = |name: &str, inner: &str| {
        let blocks = vec![(name.into(), inner.into())];
        [Change::RefreshDerived { now: None }, Change::RefreshBlocks { blocks }]
    };
    let hash = crate::model::block_hash("old\n");
    let fresh = crate::model::block_hash("- new\n- lines");
    let before = format!(
        "# T\n\n**Status**: Active  \n**Progress**: 10% (1/9 tasks)  \n\n<!-- plandown:begin overview h={hash} -->\nold\n<!-- plandown:end overview -->\n\n### Key Metrics\n\n- **Total Tasks**: [count]\n- **Completed**: 3 (2%)\n- **In Progress**: about two\n\n## Tasks\n\n### G\n\n**Progress**: 0% (0/1 tasks)\n\n- [x] a\n- [ ] b\n- [ ] c\n"
    );
    let after = format!(
        "# T\n\n**Status**: Active  \n**Progress**: 33% (1/3 tasks)  \n\n<!-- plandown:begin overview h={fresh} -->\n- new\n- lines\n<!-- plandown:end overview -->\n\n### Key Metrics\n\n- **Total Tasks**: 3\n- **Completed**: 1 (33%)\n- **In Progress**: about two\n\n## Tasks\n\n### G\n\n**Progress**: 33% (1/3 tasks)\n\n- [x] a\n- [ ] b\n- [ ] c\n"
    );
    check_all(&before, &refresh("overview", "- new\n- lines"), &after);
    check_all(&after, &refresh("overview", "- new\n- lines"), &after);
    let edited = after.replace("- lines\n", "- by hand\n");
    check_all(&edited, &refresh("overview", "x"), &edited);
}

#[test]
fn keys_of_the_front_matter_may_be_spelt_in_any_way() {
    for key in ["id", "ID", "session_id", "Session-ID"] {
        let text = |id: &str| format!("---\n{key}: {id}\n---\n# T\n");
        assert_eq!(read(&text("x")).session.id, "x", "{key}");
        check(&text("x"), set(K::Id, Some("abc")), &text("abc"));
    }
    let titled = |name: &str| format!("---\nTitle: {name}\n---\nwords\n");
    check(&titled("Old"), Change::RenameSession { name: "New".into() }, &titled("New"));
}

/// A file that would be too large to be read again is not written.
#[test]
fn a_file_stays_within_the_limit() {
    let text = "# T\n\n**Status**: Active\n";
    let limits = |max_bytes| crate::document::Limits { max_bytes, ..crate::document::Limits::default() };
    let at = |max| {
        let (document, found) = crate::document::parse(text.as_bytes(), limits(max));
        write(&crate::format::lift(document, found, "demo"), &[set(K::Mode, Some("solo"))])
    };
    let written = at(text.len() + 100).unwrap();
    assert_eq!(written.lifted.document.limits(), limits(text.len() + 100));
    assert!(matches!(
        at(text.len()),
        Err(WriteError::NotEditable { code: crate::diagnostic::Code::F005, .. })
    ));
}
