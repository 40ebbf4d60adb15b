//! The laws of reading and writing plans: which test holds which, and the few that stand here.

use std::fs;

use plandown::check::{fix, run};
use plandown::diagnostic::{Code, Repair};
use plandown::format::write;
use plandown::model::{Change, HeaderKey, TaskKey, TaskStatus};
use proptest::prelude::*;

use crate::common::{cases, manifest};
use crate::edits::read;

/// Every law with the tests that hold it: file and function.
const LAWS: &[(&str, &[(&str, &str)])] = &[
    (
        "1 parse is total, deterministic, never panics",
        &[
            ("tests/it/reading/properties.rs", "any_bytes_are_read"),
            ("tests/it/reading/nasty.rs", "attacks_end"),
        ],
    ),
    ("2 no-op: clean files stay as they are", &[("tests/it/locality.rs", "syncing_twice_is_syncing_once")]),
    (
        "3 locality",
        &[
            ("tests/it/locality.rs", "commands_change_only_their_lines"),
            ("src/format/write/tests/random.rs", "written_or_refused"),
        ],
    ),
    (
        "4 minimality",
        &[
            ("src/format/write/tests/heads.rs", "a_plain_tick_is_one_byte"),
            ("src/format/write/tests/heads.rs", "ids"),
            ("src/format/write/tests/heads.rs", "fields_are_changed_and_removed_where_they_stand"),
        ],
    ),
    ("5 frame", &[("src/format/write/tests/catalogue.rs", "every_operation_on_our_own_examples")]),
    (
        "6 inverse",
        &[
            ("src/format/write/tests/random.rs", "a_move_and_back_is_nothing"),
            ("src/format/write/tests/plans.rs", "every_operation_on_real_plans"),
        ],
    ),
    (
        "7 idempotence",
        &[
            ("tests/it/locality.rs", "syncing_twice_is_syncing_once"),
            ("tests/it/real_plans.rs", "rules_and_fixes_hold_on_real_plans"),
        ],
    ),
    ("8 commutation", &[("src/format/write/tests/random.rs", "changes_to_different_tasks_commute")]),
    (
        "9 purity: rebuild = incremental",
        &[
            ("tests/it/converge.rs", "the_index_always_says_what_a_rebuild_says"),
            ("src/index/tests/changes.rs", "bit_by_bit_equals_from_scratch"),
        ],
    ),
    (
        "10 confluence of adoption",
        &[
            ("tests/it/properties.rs", "two_clones_adopt_the_same_ids"),
            ("tests/it/reading/properties.rs", "adoption_settles"),
        ],
    ),
    ("11 encoding", &[("src/format/write/tests/plans.rs", "every_operation_on_nasty_texts")]),
    ("12 encoding-independence", &[("tests/it/reading/nasty.rs", "all_are_sound_in_every_encoding")]),
    ("13 container-independence", &[("tests/it/properties.rs", "a_list_inside_a_list_says_the_same")]),
    (
        "14 formatter-tolerance",
        &[
            ("tests/it/properties.rs", "what_formatters_do_changes_nothing"),
            ("src/model/block_hash.rs", "formatters_do_not_change_the_hash"),
        ],
    ),
    ("15 oracle agreement", &[("tests/it/reading/oracle.rs", "both_see_the_same_checkboxes")]),
    ("16 render frame", &[("tests/it/properties.rs", "a_tick_changes_one_checkbox_of_the_page")]),
    ("17 span soundness", &[("tests/it/reading/properties.rs", "whatever_is_read_is_sound")]),
    ("18 opacity", &[("src/format/lift/mask.rs", "nothing_is_read_in_there")]),
    (
        "19 generated content; no word is lost",
        &[
            ("src/format/write/tests/header.rs", "derived_values"),
            ("src/disk/protocol/schedules.rs", "any_order_of_edits_saves_and_kills_keeps_every_line"),
        ],
    ),
    ("20 monotone diagnostics", &[("tests/it/real_plans.rs", "rules_and_fixes_hold_on_real_plans")]),
    (
        "21 fail-closed",
        &[
            ("src/format/write/tests/random.rs", "written_or_refused"),
            ("tests/it/fuzz_findings.rs", "findings_stay_mended"),
        ],
    ),
    ("22 contradiction stability", &[("tests/it/properties.rs", "a_mended_contradiction_reads_the_same")]),
    ("23 merge", &[("tests/it/merge.rs", ""), ("tests/it/merge_plans.rs", "")]),
    (
        "24 concurrency",
        &[
            ("src/disk/replace.rs", "a_file_that_is_not_as_expected_is_left_alone"),
            ("src/disk/protocol/real.rs", "tools_and_an_editor_at_once_lose_no_line"),
        ],
    ),
    (
        "25 complexity",
        &[
            ("src/document/parse.rs", "work_that_grows_with_the_bytes_is_done"),
            ("src/document/parse.rs", "what_costs_the_product_of_its_parts_is_not_read"),
            ("tests/it/reading/nasty.rs", "attacks_end"),
        ],
    ),
    ("26 YAML", &[("tests/it/properties.rs", "other_lines_of_the_front_matter_stay")]),
    ("27 seeds", &[("tests/it/properties.rs", "a_split_heading_mended_is_the_heading")]),
];

#[test]
fn every_law_has_its_tests() {
    assert_eq!(LAWS.len(), 27);
    for (n, (law, tests)) in LAWS.iter().enumerate() {
        assert!(law.starts_with(&format!("{} ", n + 1)), "{law}");
        for (file, test) in *tests {
            let text = fs::read_to_string(manifest(file)).unwrap();
            assert!(text.contains(&format!("fn {test}")), "{law}: no `{test}` in {file}");
        }
    }
}

const PLAN: &str = include_str!("../../fixtures/sessions/typical/session.md");

fn titles(text: &str) -> Vec<(String, TaskStatus, Vec<(String, String)>)> {
    let fields =
        |t: &plandown::model::Task| t.fields.iter().map(|f| (f.key.to_string(), f.value.clone())).collect();
    read(text).session.tasks.iter().map(|t| (t.title.clone(), t.status, fields(t))).collect()
}

#[test]
fn two_clones_adopt_the_same_ids() {
    let env = [crate::common::TestEnv::example(), crate::common::TestEnv::example()];
    for env in &env {
        let _ = env.run(&["sync"]).ok();
    }
    for session in ["garden-shed", "website-relaunch"] {
        assert_eq!(env[0].read(session), env[1].read(session));
    }
    // Ids stay whatever becomes of their tasks.
    let ids = |text: &str| read(text).session.tasks.iter().map(|t| t.id.clone()).collect::<Vec<_>>();
    let text = env[0].read("garden-shed");
    let changed = text.replace("[ ] buy", "[x] sell").replace("planks", "boards");
    assert_eq!(ids(&text), ids(&changed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_inside_a_list_says_the_same(lines in prop::collection::vec(line(), 1..8)) {
        let list: String = lines.iter().map(|l| format!("{l}\n")).collect();
        let inner: String = lines.iter().map(|l| format!("  {l}\n")).collect();
        let plain = format!("# T\n\n## Tasks\n\n### G\n\n{list}");
        let wrapped = format!("# T\n\n## Tasks\n\n### G\n\n- outer\n\n{inner}");
        prop_assert_eq!(titles(&plain), titles(&wrapped));
    }

    #[test]
    fn what_formatters_do_changes_nothing(lines in prop::collection::vec(line(), 1..8)) {
        let as_list = |marker: &str, between: &str| {
            let items: Vec<String> = lines.iter().map(|l| l.replacen("- ", marker, 1)).collect();
            format!("# T\n\n## Tasks\n\n### G\n\n{}\n", items.join(between))
        };
        let plain = titles(&as_list("- ", "\n"));
        for (marker, between) in [("* ", "\n"), ("- ", "\n\n"), ("+ ", "\n\n"), ("-   ", "\n")] {
            prop_assert_eq!(&plain, &titles(&as_list(marker, between)));
        }
    }

    /// The page before and after a tick differ in one checkbox and nothing else.
    #[test]
    fn a_tick_changes_one_checkbox_of_the_page(which in any::<prop::sample::Index>()) {
        let before = read(PLAN);
        let open: Vec<usize> = (0..before.session.tasks.len())
            .filter(|&t| before.session.tasks[t].tail.is_none() && before.session.tasks[t].status.is_open())
            .collect();
        prop_assume!(!open.is_empty());
        let task = open[which.index(open.len())];
        let written = write(&before, &[Change::SetStatus { task: TaskKey::Nth(task), to: TaskStatus::Completed }]).unwrap();
        let (old, new) = (page(PLAN), page(written.lifted.document.text()));
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        prop_assert_eq!(old.len(), new.len());
        let changed: Vec<_> = old.iter().zip(&new).filter(|(a, b)| a != b).collect();
        prop_assert_eq!(changed.len(), 1);
        prop_assert_eq!(changed[0].0.replace("<input type=\"checkbox\" disabled=\"\" />", "X"), changed[0].1.replace("<input type=\"checkbox\" checked=\"\" disabled=\"\" />", "X"));
    }

    /// Known keys are changed in place whatever stands around them, valid YAML or not.
    #[test]
    fn other_lines_of_the_front_matter_stay(around in prop::collection::vec(prop::sample::select(YAML), 0..8), at in 0usize..8) {
        let mut lines: Vec<&str> = around.clone();
        lines.insert(at.min(lines.len()), "status: active");
        let text = format!("---\n{}\n---\n# T\n\n- [ ] a\n", lines.join("\n"));
        let change = Change::SetHeader { key: HeaderKey::Status, value: Some("paused".into()) };
        if let Ok(written) = write(&read(&text), &[change]) {
            let new = written.lifted.document.text();
            let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), new.lines().collect());
            prop_assert_eq!(old.len(), new.len(), "{:?}", new);
            let changed: Vec<_> = old.iter().zip(&new).filter(|(a, b)| a != b).collect();
            prop_assert_eq!(changed.len(), 1, "{:?}", new);
            prop_assert_eq!(*changed[0].0, "status: active");
        }
    }
}

const YAML: &[&str] = &[
    "# a comment",
    "title: \"quoted: yes\"",
    "tags: [a, b",
    "  nested: x",
    "list:",
    "- item",
    "'odd key': {",
    "emoji: 🚀",
    "\"id\": plan",
    "dup: 1",
    "dup: 2",
    "@bad: `x`",
    "mode: dev  # with a comment",
];

fn line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "- [ ] plain",
            "- [x] done (Completed) - dev - 3h",
            "- [ ] with a field  [due:: 2025-06-18] ^t-aaaaa1",
            "- [ ] 日本語 📅 2025-07-01",
            "- [ ] `code [k:: v]` #tag",
        ][..],
    )
}

/// The page that a renderer makes of a plan.
fn page(text: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.tasklist = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    comrak::markdown_to_html(text, &options)
}

#[test]
fn a_mended_contradiction_reads_the_same() {
    for head in
        ["[x] a (Pending)", "[ ] a (Completed)", "[x] a (In Progress)", "[-] a (Pending)", "[/] a (Blocked)"]
    {
        let text = format!("# T\n\n## Tasks\n\n### G\n\n- {head}\n");
        let before = read(&text);
        let mended = fix(&before, Repair::Safe, Some(&[Code::T103]));
        let states = |s: &plandown::model::Session| s.tasks.iter().map(|t| t.status).collect::<Vec<_>>();
        assert_eq!(states(&before.session), states(&mended.lifted.session), "{head}");
        assert!(run(&mended.lifted).iter().all(|d| d.code != Code::T103), "{head}");
    }
}

#[test]
fn a_split_heading_mended_is_the_heading() {
    let whole = "# T\n\n## Task Groups\n\n### Backend\n\n- [ ] a\n- [x] b\n\n## Session Notes\n\nwords\n";
    let split =
        whole.replace("## Task Groups", "#\n\n# Task Groups").replace("### Backend", "#\n#\n\n# Backend");
    let mended = fix(&read(&split), Repair::Safe, Some(&[Code::L401]));
    assert!(!mended.applied.is_empty());
    let say = |s: &plandown::model::Session| {
        let groups: Vec<_> = s.groups.iter().map(|g| g.path.clone()).collect();
        let sections: Vec<_> = s.sections.iter().map(|x| (x.level, x.title.clone())).collect();
        (groups, sections, s.tasks.iter().map(|t| (t.title.clone(), t.group)).collect::<Vec<_>>())
    };
    assert_eq!(say(&mended.lifted.session), say(&read(whole).session), "{}", mended.text);
}

/// Adoption, the index and a merge tell tasks without an id apart by one rule.
#[test]
fn a_task_without_an_id_has_one_name() {
    let text = "# T\n\n## Tasks\n\n### Beds & Co\n\n- [ ] a\n  - [ ] b\n- [ ] a\n- [ ] c ^t-aaaaa1\n\n\
                #### Left / Right\n\n- [ ] a\n";
    let lifted = read(text);
    let adopted = plandown::format::adoption(&lifted);
    assert_eq!(adopted.len(), 4);
    let rows = plandown::index::row_ids(&lifted.session);
    assert!(adopted.iter().all(|(task, id)| rows[*task] == *id), "{adopted:?}, {rows:?}");
    let all: Vec<usize> = (0..rows.len()).collect();
    let again = plandown::format::readoption(&lifted, &all, &[]);
    assert!(adopted.iter().all(|one| again.contains(one)), "{adopted:?}, {again:?}");
}
