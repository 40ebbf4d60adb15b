//! What must hold for every text, whatever its findings.

use proptest::prelude::*;

use super::testing::read;
use super::{fix, run};
use crate::diagnostic::{Code, Diagnostic, Repair, Severity};
use crate::format::Lifted;
use crate::model::Session;

/// Lines that are odd each in their own way; put together at random they make a plan.
const LINES: &[&str] = &[
    "",
    "",
    "# Plan",
    "## Tasks",
    "### Backend",
    "### backend!",
    "#### Tasks in Frontend",
    "## Stray",
    "## Session Notes",
    "## Notes",
    "#",
    "# Split",
    "**Progress**: 10% (1/9 tasks)",
    "**Status**: Actve",
    "- **Total Tasks**: 7",
    "- [ ] one ^t-a",
    "- [x] two (Pending) - dev - 3h ^t-b",
    "- [ ] two ^t-a",
    "- [ ] three (Completed)",
    "- [ ] four  [dependsOn:: t-a, \"three\", t-zz] ^t-c",
    "- [x] five  [dependsOn:: t-c, t-a]  [blocks:: t-a] ^t-d",
    "- [x] six ^t-1 [id:: t-2]",
    "  - [ ] child",
    "  - [x] child done",
    "  - [x] child  [dependsOn:: t-b, t-b]",
    "    - [x] grandchild",
    "-[ ] near",
    "- [] miss",
    "- [x]glued",
    "- \\[/] escaped",
    "- \\[ ] escaped \\[due:: 2025-01-01\\]",
    "  ---",
    "- [!] odd",
    "lazy text",
    "  - **Due**: 2025-01-01",
    "  more [due:: 2025-02-02]",
    "```text",
    "```",
    "> - [ ] quoted",
    "<!-- plandown:end x -->",
    "---",
];

fn plans() -> impl Strategy<Value = String> {
    let line = prop_oneof![4 => prop::sample::select(LINES), 1 => Just("- [ ] plain")];
    let body = prop::collection::vec(line, 0..24).prop_map(|lines| lines.join("\n"));
    let heads =
        vec!["", "# Plan\n\n", "---\nid: other\nstatus: paused\n---\n\n# Plan\n\n## Tasks\n\n### G\n\n"];
    (prop::sample::select(heads), body, prop::bool::ANY).prop_map(|(head, body, crlf)| {
        let text = format!("{head}{body}\n");
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

fn grave(findings: &[Diagnostic]) -> Vec<(Code, &str)> {
    let grave = findings.iter().filter(|d| d.severity() >= Severity::Warning);
    let mut found: Vec<(Code, &str)> = grave.map(|d| (d.code, d.message.as_str())).collect();
    found.sort_unstable_by_key(|(code, message)| (code.info().code, *message));
    found
}

fn count(findings: &[Diagnostic], code: Code) -> usize {
    findings.iter().filter(|d| d.code == code).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Fixing a fixed text changes nothing, at either level.
    #[test]
    fn fixing_twice_is_fixing_once(text in plans()) {
        for safety in [Repair::Safe, Repair::Unsafe] {
            let once = fix(&read(&text), safety, None);
            let twice = fix(&once.lifted, safety, None);
            prop_assert_eq!(&twice.text, &once.text);
            prop_assert!(twice.applied.is_empty());
            prop_assert_eq!(&twice.refused, &once.refused);
        }
    }

    /// A safe fix takes away its own finding and brings no warning.
    #[test]
    fn safe_fixes_only_take_findings_away(text in plans()) {
        let lifted = read(&text);
        let before = run(&lifted);
        let after = fix(&lifted, Repair::Safe, None);
        prop_assert_eq!(&run(&read(&after.text)), &after.findings);
        for code in Code::ALL.iter().filter(|c| c.info().severity >= Severity::Warning) {
            prop_assert!(
                count(&after.findings, *code) <= count(&before, *code),
                "{code}: {:?} → {:?}\n{}", grave(&before), grave(&after.findings), after.text
            );
        }
    }

    /// Findings stand inside the text, on character boundaries, in order.
    #[test]
    fn findings_have_sound_places(text in plans()) {
        let mut last = 0;
        for d in run(&read(&text)) {
            prop_assert!(text.get(d.span.start..d.span.end).is_some(), "{d:?}");
            prop_assert!(d.span.start >= last);
            last = d.span.start;
            for e in d.fix.iter().flat_map(|f| &f.edits) {
                prop_assert!(text.get(e.range.start..e.range.end).is_some(), "{d:?}");
            }
        }
    }
}

/// What a session says, without what fixes are there to change: spellings and derived values.
fn reading(lifted: &Lifted) -> impl PartialEq + std::fmt::Debug + use<> {
    let s: &Session = &lifted.session;
    let tasks: Vec<_> = s
        .tasks
        .iter()
        .map(|t| (t.title.clone(), t.status, t.group, t.parent, t.due(), t.specialist().map(str::to_owned)))
        .collect();
    (s.id.clone(), s.name.clone(), s.status(), s.mode().map(str::to_owned), tasks)
}

/// Where a text contradicts itself, it says the same before and after the fix.
#[test]
fn contradictions_are_mended_the_way_they_were_read() {
    for (code, text) in [
        (Code::H205, "---\nid: plan\nstatus: paused\n---\n\n# P\n\n**Status**: Active\n\n## G\n\n- [ ] a\n"),
        (
            Code::T103,
            "# P\n\n## G\n\n- [x] a (Pending) - dev - 3h\n- [ ] b (Completed)\n- [x] c [status:: pending]\n",
        ),
        (Code::I504, "# P\n\n## G\n\n- [ ] a [id:: t-2] ^t-1\n"),
        (Code::I502, "# P\n\n## G\n\n- [ ] a ^t-1\n- [ ] b ^t-1\n"),
        (Code::R707, "# P\n\n**Progress**: 7% (1/9 tasks)\n\n## G\n\n- [x] a\n"),
        (Code::L401, "#\n\n#\n\n# G\n\n- [ ] a\n"),
        (Code::T123, "# P\n\n## G\n\n- [ ] a\n  more [due:: 2025-01-02]\n"),
        (Code::D608, "# P\n\n## G\n\n- [ ] a  [blocks:: t-b] ^t-a\n- [ ] b  [dependsOn:: t-a] ^t-b\n"),
    ] {
        let before = read(text);
        let after = fix(&before, Repair::Safe, Some(&[code]));
        assert!(count(&run(&before), code) > 0, "{code} is not found");
        assert_eq!(reading(&before), reading(&after.lifted), "{code}: {}", after.text);
        let ids = |l: &Lifted| l.session.tasks.iter().map(|t| t.id.clone()).collect::<Vec<_>>();
        if code != Code::I502 {
            assert_eq!(ids(&before), ids(&after.lifted), "{code}");
        }
    }
}

/// Splits every heading below the first level the way the linter did: `### T` → `#⏎⏎#⏎⏎# T`.
fn split_headings(text: &str, blank: bool) -> String {
    let between = if blank { "#\n\n" } else { "#\n" };
    text.lines()
        .map(|line| match line.find(|c| c != '#') {
            Some(level @ 2..=6) if line[level..].starts_with(' ') => {
                format!("{}#{}\n", between.repeat(level - 1), &line[level..])
            }
            _ => format!("{line}\n"),
        })
        .collect()
}

/// Mending split headings gives the plan that was split.
#[test]
fn split_headings_are_put_together_again() {
    let whole = "# 📋 Session: [Session Name]\n\n**Session ID**: `[session_id]`  \n**Status**: Active\n\n## 📊 Session Overview\n\ntext\n\n### Key Metrics\n\n- **Total Tasks**: [count]\n\n## 🎯 Task Groups\n\n### Backend\n\n**Progress**: 0% (0/2 tasks)\n\n#### Tasks in Backend\n\n- [ ] a (Pending) - dev - 3h\n- [x] b (Completed) - dev - 3h\n\n### Frontend\n\n#### Tasks in Frontend\n\n- [ ] c\n\n## 📝 Session Notes\n\n### Decisions Made\n\n- one\n";
    for blank in [true, false] {
        let split = read(&split_headings(whole, blank));
        let found = count(&run(&split), Code::L401);
        assert_eq!(found, 9);
        let mended = fix(&split, Repair::Safe, Some(&[Code::L401]));
        assert_eq!(mended.text, whole);
        assert_eq!(mended.applied.len(), found);
        assert_eq!(mended.lifted.session, read(whole).session);
        assert_eq!(reading(&split), reading(&mended.lifted));
    }
}

/// Thousands of findings are mended together, not one by one.
#[test]
fn many_findings_are_mended_at_once() {
    let tasks: Vec<String> = (0..3000).map(|i| format!("- [ ] parent {i}\n  - [x] child\n")).collect();
    let text = format!("# P\n\n## G\n\n{}", tasks.concat());
    let fixed = fix(&read(&text), Repair::Safe, Some(&[Code::T117]));
    assert_eq!((fixed.applied.len(), fixed.refused.len()), (3000, 0));
}
