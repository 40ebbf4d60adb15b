use super::{Conflict, Note, Side, texts};
use crate::document::{Limits, parse};
use crate::format::{adoption, lift};

fn plan(header: &str, tasks: &str) -> String {
    format!(
        "# Session: Garden\n\n{header}\n\n## Task Groups\n\n### Beds & Co\n\n{tasks}\n\n## Session Notes\n"
    )
}

/// Merges one head line in which both sides changed something.
#[track_caller]
fn head(base: &str, ours: &str, theirs: &str, expected: &str) {
    let [base, ours, theirs, expected] = [base, ours, theirs, expected].map(|t| plan("**Mode**: solo", t));
    merged(&base, &ours, &theirs, &expected);
}

/// Merges one line of the header.
#[track_caller]
fn header(base: &str, ours: &str, theirs: &str, expected: &str) {
    let [base, ours, theirs, expected] =
        [base, ours, theirs, expected].map(|h| plan(h, "- [ ] Dig ^t-aaaaa1"));
    merged(&base, &ours, &theirs, &expected);
}

#[track_caller]
fn merged(base: &str, ours: &str, theirs: &str, expected: &str) {
    let merged = texts(base, ours, theirs, "garden", Side::Ours);
    assert_eq!((merged.text.as_str(), &merged.conflicts), (expected, &Vec::<Conflict>::new()));
}

#[test]
fn a_value_that_stands_in_its_key_too_goes_where_the_value_is() {
    head(
        "- [ ] Dig ^t-aaaaa1",
        "- [ ] Dig [tags:: tag] ^t-aaaaa1",
        "- [ ] Dig [tags:: b] ^t-aaaaa1",
        "- [ ] Dig [tags:: tag, b] ^t-aaaaa1",
    );
    head(
        "- [ ] Dig [dependsOn:: t-x] ^t-aaaaa1",
        "- [ ] Dig [dependsOn:: s] ^t-aaaaa1",
        "- [ ] Dig [dependsOn:: t-x, t-y] ^t-aaaaa1",
        "- [ ] Dig [dependsOn:: s, t-y] ^t-aaaaa1",
    );
    header("**Tags**: a, c", "**Tags**: a", "**Tags**: a, c, g", "**Tags**: a, g");
    header("**Tags**: c", "**Tags**: a", "**Tags**: c, gs", "**Tags**: a, gs");
    let matter = |tags: &str| format!("---\ntags: {tags}\n---\n\n# Session: Garden\n");
    let [base, ours, theirs] = ["[]", "[tags]", "[x]"].map(matter);
    merged(&base, &ours, &theirs, &matter("[tags, x]"));
}

#[test]
fn an_empty_value_is_filled_where_it_is() {
    head(
        "- [ ] Dig [tags:: a] ^t-aaaaa1",
        "- [ ] Dig [tags::] ^t-aaaaa1",
        "- [ ] Dig [tags:: a, b] ^t-aaaaa1",
        "- [ ] Dig [tags:: b] ^t-aaaaa1",
    );
    header("**Tags**: a", "**Tags**:", "**Tags**: a, b", "**Tags**: b");
    header("**Tags:** a", "**Tags:**", "**Tags:** a, b", "**Tags:** b");
}

#[test]
fn an_id_that_stands_in_its_key_too_is_renamed_where_it_is() {
    let base = plan("**Mode**: solo", "- [ ] Dig ^t-aaaaa1");
    let ours = plan("**Mode**: solo", "- [ ] Dig ^t-aaaaa1\n- [ ] Sow [id:: d]");
    let theirs = plan("**Mode**: solo", "- [ ] Dig ^t-aaaaa1\n- [ ] Weed [id:: d]");
    let merged = texts(&base, &ours, &theirs, "garden", Side::Ours);
    let [Note::NewId { new, .. }] = merged.notes.as_slice() else { panic!("{:?}", merged.notes) };
    let line = format!("- [ ] Weed [formerly:: d] [id:: {new}]\n");
    assert!(merged.text.contains(&line), "{}", merged.text);
}

/// Nothing but the words tells which section was renamed to which, so their order must.
#[test]
fn renamed_sections_of_equal_words_are_paired_in_order() {
    let titled = |names: [&str; 4]| {
        let sections = names.map(|n| format!("## {n}\n\nSame words.\n\n"));
        format!("# Session: Garden\n\n{}", sections.concat())
    };
    let base = titled(["A", "B", "C", "D"]);
    let ours = titled(["K", "L", "M", "N"]);
    let theirs = titled(["W", "X", "Y", "Z"]);
    for _ in 0..20 {
        let merged = texts(&base, &ours, &theirs, "garden", Side::Ours);
        let said =
            |c: &Conflict| [&c.base, &c.ours, &c.theirs].map(|t| t.clone().unwrap_or_default()).concat();
        let said: Vec<String> = merged.conflicts.iter().map(said).collect();
        assert_eq!(said, ["AKW", "BLX", "CMY", "DNZ"]);
    }
}

/// The new id of a task whose id another one has is the one it would get without any id.
#[test]
fn a_twin_gets_the_id_that_it_would_be_adopted_with() {
    let with = |tasks: &str| plan("**Mode**: solo", &format!("- [ ] Dig ^t-aaaaa1\n{tasks}"));
    let theirs = "- [ ] Weed ^t-new001\n  - [ ] Left ^t-new002";
    let ours = "- [ ] Sow ^t-new001\n- [ ] Rake ^t-new002";
    let merged = texts(&with(""), &with(ours), &with(theirs), "garden", Side::Ours);
    let new = |note: &Note| match note {
        Note::NewId { new, .. } => Some(new.clone()),
        _ => None,
    };
    let got: Vec<_> = merged.notes.iter().filter_map(new).collect();

    let bare = with("- [ ] Weed\n  - [ ] Left");
    let (document, found) = parse(bare.as_bytes(), Limits::default());
    let expected: Vec<_> = adoption(&lift(document, found, "garden")).into_iter().map(|(_, id)| id).collect();
    assert_eq!((got, merged.conflicts), (expected, Vec::new()), "{}", merged.text);
}

/// An id that a task repeats is written all the same: it is not free.
#[test]
fn a_twin_never_gets_an_id_that_is_written_anywhere() {
    let with = |tasks: &str| plan("**Mode**: solo", &format!("- [ ] Dig ^t-aaaaa1\n{tasks}"));
    let bare = with("- [ ] Weed");
    let (document, found) = parse(bare.as_bytes(), Limits::default());
    let first = adoption(&lift(document, found, "garden"))[0].1.clone();
    // On a task that has another id already, so that no task counts as its owner.
    let ours = with(&format!("- [ ] Sow ^t-new001\n- [ ] Rake ^t-new002\n  [id:: {first}]"));
    let theirs = with("- [ ] Weed ^t-new001");
    let merged = texts(&with(""), &ours, &theirs, "garden", Side::Ours);
    let [Note::NewId { new, .. }] = merged.notes.as_slice() else { panic!("{:?}", merged.notes) };
    assert_ne!(*new, first);
}

/// An emptied file has no line ends, and says nothing about the last one of the other side's text.
#[test]
fn a_side_without_text_does_not_take_the_last_line_end() {
    let base = "# P\n\n## Tasks\n\n### G\n";
    merged(base, "", "# P\n\n- [ ] A ^t-a1\n", "- [ ] A ^t-a1\n");
    merged(base, "# P\n\n- [ ] A ^t-a1\n", "", "- [ ] A ^t-a1\n");
    merged(base, "", "# P\n\n- [ ] A ^t-a1", "- [ ] A ^t-a1");
}

/// Nor does it say how lines end.
#[test]
fn a_side_without_lines_changes_no_line_ends() {
    let base = "# P\r\n\r\n## Tasks\r\n\r\n### G\r\n";
    let task = "# P\r\n\r\n- [ ] A ^t-a1\r\n";
    merged(base, "", task, "- [ ] A ^t-a1\r\n");
    merged(base, task, "", "- [ ] A ^t-a1\r\n");
}
