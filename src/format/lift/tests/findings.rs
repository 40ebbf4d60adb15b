//! Every finding of the reading on the smallest text that has it, and what its fix makes of it.

use super::super::{Lifted, adoption, lift};
use crate::diagnostic::{Code, Severity};
use crate::document::{Limits, parse};
use crate::model::block_hash;
use crate::text::Edits;

fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "here")
}

/// Applies the fix of the first finding with `code`.
fn fixed(text: &str, code: Code) -> Option<String> {
    let lifted = read(text);
    let fix = lifted.diagnostics.iter().find(|d| d.code == code)?.fix.clone()?;
    Some(Edits::new(text, fix.edits).unwrap().apply(text).unwrap())
}

/// `text` has `code` once; its fix makes `expected` of it, which no longer has it and nothing worse.
#[track_caller]
fn check(text: &str, code: Code, expected: Option<&str>) {
    let before = read(text);
    let count = before.diagnostics.iter().filter(|d| d.code == code).count();
    assert_eq!(count, 1, "{text:?}: {:?}", before.diagnostics);
    assert_eq!(fixed(text, code).as_deref(), expected, "{text:?}");
    if let Some(fixed) = expected {
        let after = read(fixed);
        let grave = |l: &Lifted| l.diagnostics.iter().filter(|d| d.severity() >= Severity::Warning).count();
        assert!(after.diagnostics.iter().all(|d| d.code != code), "{fixed:?}: {:?}", after.diagnostics);
        assert!(grave(&after) <= grave(&before), "{fixed:?}: {:?}", after.diagnostics);
    }
}

#[track_caller]
fn none(text: &str, code: Code) {
    assert!(read(text).diagnostics.iter().all(|d| d.code != code), "{text:?}");
}

#[test]
fn front_matter() {
    use Code::*;
    check("---\na: 1\n\n# T\n", S101, None);
    check("---\na: [1\n---\n# T\n", S102, None);
    for above in ["", "\n", "\n  \n\n", "\r\n\r\n", "\n\u{a0}\n"] {
        let text = format!("---\n{above}a: 1\nb: ]\nc: 2\n---\n# T\n");
        let lifted = read(&text);
        let found = lifted.diagnostics.iter().find(|d| d.code == S102).unwrap();
        assert_eq!(found.span.of(&text), "b: ]", "{text:?}");
    }
    check("---\nid: a\nid: b\n---\n# T\n", S103, None);
    check("---\na: &x 1\n---\n# T\n", S104, None);
    check("---\n\nhello\n\n---\n# T\n", S105, None);
    check("---\nstatus: |\n  active\n---\n# T\n", S106, None);
    check("---\n{id: a}\n---\n# T\n", S106, None);
    check("---\nschema: other/9\n---\n# T\n", S107, None);
    check("\n---\na: 1\n---\n# T\n", S108, Some("---\na: 1\n---\n# T\n"));
    check("----\na: 1\n----\n# T\n", S108, Some("---\na: 1\n---\n# T\n"));
    check("+++\na = 1\n+++\n# T\n", S109, None);
    check(&format!("---\na: {}\n---\n# T\n", "x".repeat(17_000)), S110, None);
    check("---\nid: 0012\n---\n# T\n", S111, Some("---\nid: \"0012\"\n---\n# T\n"));
    none("---\nx-team: { lead: ana }\ntags: [a]\n---\n# T\n", S106);
    assert!(!read("---\nschema: other/9\n---\n").document.is_writable());
    assert_eq!(read("---\nid: 0012\n---\n").session.id, "0012");
    assert_eq!(read("---\nsession_id: 'x y'\n---\n").session.id, "x y");
    assert_eq!(read("---\nid:\n---\n").session.id, "here");
}

#[test]
fn header() {
    use Code::*;
    check("", F009, Some("# here\n"));
    check("- [ ] a ^a\n", H201, Some("# here\n\n- [ ] a ^a\n"));
    check("---\nid: x\n---", H201, Some("---\nid: x\n---\n# x\n\n"));
    check("\u{feff}- [ ] a ^a\n", H201, Some("\u{feff}# here\n\n- [ ] a ^a\n"));
    check("# A\n\n# B\n", H202, None);
    check("---\nstatus: paused\n---\n# A\n\n**Status**: Active\n", H205, None);
    none("---\nstatus: active\n---\n# A\n\n**Status**: Active\n", H205);
    check("# A\n\n**Status**: Activ\n", H206, None);
    check("# A\n\n**Created**: last week\n", H207, None);
    check("# A\n\n**Created**: [timestamp]\n", H208, None);
    for derived in ["Progress", "Completed Tasks", "Pending", "Blocked", "Session ID"] {
        none(&format!("# A\n\n**{derived}**: [value]\n"), H208);
    }
    check("# A\n\n## B\n- [ ] c ^c\n", H209, None);
    check("# A\n\n**Status**: Active  \n**Status**: Paused\n", H210, None);
    none("# A\n\n**Created**: 2025-06-08 10:00\n", H207);
}

#[test]
fn tasks() {
    use Code::*;
    let in_group = |head: &str| format!("# A\n\n## Tasks\n\n### G\n\n{head}\n");
    let one = |head: &str, code: Code, expected: Option<&str>| {
        check(&in_group(head), code, expected.map(in_group).as_deref());
    };
    one("- [ ] a (Pendign) ^a", T102, None);
    one("- [x] a (Pending) ^a", T103, Some("- [x] a (Completed) ^a"));
    one("- [ ] a (Completed) - dev - 3h ^a", T103, Some("- [ ] a (Pending) - dev - 3h ^a"));
    one("- [x] a [status:: blocked] ^a", T103, Some("- [x] a [status:: completed] ^a"));
    one("- [!] a ^a", T104, None);
    one("- [ ] ^a", T108, None);
    one("- [ ] a [est:: soon] ^a", T111, None);
    one("- [ ] a (Pending) - dev - 3 weeks ^a", T111, None);
    one("- [ ] a [due:: soon] ^a", T112, None);
    one("- [ ] a [mood:: fine] ^a", T113, None);
    one("- [ ] a [est:: 3h] [estimate:: 4h] ^a", T114, None);
    one("- [ ] a [due:: 2025-06-18 ^a", T115, None);
    one("- - [ ] a ^a", T120, None);
    one("- [ ] a ^a\nb", T122, Some("- [ ] a ^a\n\nb"));
    one("- [ ] a ^a\n  [est:: 3h]", T123, Some("- [ ] a  [est:: 3h] ^a"));
    one("- [ ] a ^a\n  b [est:: 3h]", T123, Some("- [ ] a  [est:: 3h] ^a\n  b"));
    one("- [ ] a \\[est:: 3h\\] ^a", L403, Some("- [ ] a [est:: 3h] ^a"));
    one("- [ ] a {#b} ^a", I504, Some("- [ ] a ^a"));
    one("- [ ] a {#b} {#c} [id:: d] ^a", I504, Some("- [ ] a ^a"));
    one("- [ ] a ^a\n  [id:: b] [id:: c]", I504, Some("- [ ] a ^a"));
    one("- [ ] a ^a\n  [id:: b] [id:: c] [id:: d] words", I504, Some("- [ ] a ^a\n  words"));
    one("- [ ] a ^a\n  words [id:: b] [id:: c]", I504, Some("- [ ] a ^a\n  words"));
    one("- [ ] a ^t-4k2m9p b", I505, Some("- [ ] a b ^t-4k2m9p"));
    one("- [ ] a\n  b ^t-4k2m9p", I505, Some("- [ ] a ^t-4k2m9p\n  b"));
    none(&in_group("- [ ] a [dependsOn:: b] [dependsOn:: c] ^a"), T114);
    none(&in_group("- [ ] a (Cancelled) ^a"), T103);
    check("# A\n\n- [ ] a ^a\n\n## Tasks\n\n### G\n", G305, None);
    none("# A\n\n- [ ] a ^a\n", G305);
    let deep: String = (0..9).map(|n| format!("{}- [ ] a ^a{n}\n", "  ".repeat(n))).collect();
    check(&format!("# A\n\n{deep}"), T119, None);
}

#[test]
fn ids() {
    let text = "# A\n\n- [ ] a\n- [ ] b ^x\n- [ ] c ^X\n";
    let lifted = read(text);
    let drawn = adoption(&lifted);
    assert_eq!(drawn.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 2]);
    check(text, Code::I501, Some(&format!("# A\n\n- [ ] a ^{}\n- [ ] b ^x\n- [ ] c ^X\n", drawn[0].1)));
    check(text, Code::I502, Some(&format!("# A\n\n- [ ] a\n- [ ] b ^x\n- [ ] c ^{}\n", drawn[1].1)));
    // Parents first: the child's id hangs on the parent's.
    let nested = read("# A\n\n- [ ] a\n  - [ ] b\n");
    let drawn = adoption(&nested);
    let child = crate::model::adoption_id("here", drawn[0].1.as_str(), "b", 0);
    assert_eq!(drawn[1].1, child);
    // Equal siblings count up.
    let twins = adoption(&read("# A\n\n## G\n- [ ] a\n- [ ] a\n"));
    assert_eq!(twins[1].1, crate::model::adoption_id("here", "g", "a", 1));
}

#[test]
fn generated_blocks() {
    use Code::*;
    let hash = block_hash("x\n");
    let block = |name: &str, h: &str| {
        format!("<!-- plandown:begin {name} h={h} -->\nx\n<!-- plandown:end {name} -->\n")
    };
    let sound = format!("# A\n\n{}", block("board", &hash));
    assert!(read(&sound).map.generated[0].pristine);
    assert!(read(&sound.replace('\n', "\r\n")).map.generated[0].pristine);
    check(&format!("# A\n\n{}", block("board", "00000000")), R701, None);
    check("# A\n\n<!-- plandown:begin board -->\n", R702, None);
    check("# A\n\n<!-- plandown:end board -->\n", R703, Some("# A\n\n"));
    let nested =
        "# A\n\n<!-- plandown:begin board -->\n<!-- plandown:begin next -->\n<!-- plandown:end board -->\n";
    check(nested, R704, None);
    check(&format!("{sound}\n{}", block("board", &hash)), R705, None);
    check(&format!("# A\n\n```\n{}```\n", "<!-- plandown:end board -->\n"), R708, None);
    check(&format!("# A\n\n{}", block("strange", &hash)), R709, None);
    none(&format!("# A\n\n```\n{}```\n", "<!-- plandown:end board -->\n"), R703);
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    let text = "- [ ] a\n\t b\n";
    let (plain, marked) = (read(text), read(&format!("\u{feff}{text}")));
    assert_eq!(plain.session.tasks[0].description, " b");
    assert_eq!(marked.session.tasks, plain.session.tasks);
}
