//! A body in pieces says what it says whole, and what it says after another version.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::{Limits, parse};
use super::*;

/// Lines that open, close, continue and end what a piece may begin in.
fn line() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        8 => "- \\[[ x]\\] [a-z]{1,4}",
        2 => "  - \\[[ x]\\] [a-z]{1,4}",
        2 => "[*+] \\[ \\] [a-z]{1,3}",
        2 => "#{1,3} [a-c]",
        3 => Just(String::new()),
        2 => "  [a-z ]{1,6}",
        1 => "[a-z]{1,4}",
        4 => prop::sample::select(vec![
            "```", "~~~~", "  ```", "```sh", "<!-- a", "-->", "<!-- a -->", "<div>", "</div>", "<a b]>", "<pre>", "</pre>",
            "<![CDATA[", "[]]>", "a [b] ]]> c", "> a", "> - [ ] a", "> ```", "| a |", "|---|", "|a|b|", "    code",
            "  - item", "      deep", "- item", "-", "- ", "- [ ]", "- [", "-\t[ ] a", "1. [ ] a", "***", "---", "- - -",
            "===", "[^a] b", "- [x](u) c", "- \\[x] c", "- &#91; ] z", "- &#91;x&#93; z", "- []] a", "- [[] a",
            "- [ ] a [b](c [d]) `e] [f` [g [h]] i", "- [ ] `a", "b` [c] [d] [e]", "- [x]", "  [ ] b", "-\n  [x] a",
            "- <div>", "  <!-- b", "-->  ", "- ```", "- > a", "#", "####### a", "# a #", "[a", "b](c)", "\t- [ ] a",
            "- [ ] a\r", "a\rb", "<!DOCTYPE a", "<?a", "?>", "-  [ ] a", "+ [ ] b\\", "- [ ] *a", "- [ ] <b",
            "c=\"]\">", "\u{c}", "- [é] a",
            "- [[] a [b](c)", "- [[] c [d [e](f) g](h)", "- [[] [ ] ](u)", "- [x] [b](c) ](u)", "- [ ](u) [x]",
            "- [*] a [b] [c* d](e)", "- [ &#93; a [b] [c](d)", "- [ \\] a [b] [c](d)", "- [ ][b [c] d](e)",
            "1. [[&#93; a [b](c) ](u)", "  c] [d] [e](f)", "- \\[[] a [b] c](d)",
        ]).prop_map(str::to_owned),
    ];
    words.boxed()
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(line(), 0..60)
}

/// As a document that is read in pieces of `shortest` bytes, after `before`.
fn read(text: &str, shortest: usize, before: Option<&Document>) -> Document {
    let (mut document, _) = parse(text.as_bytes(), Limits::default());
    let Document { body, limits, .. } = document;
    let whole = Whole {
        text,
        markdown: body.of(text),
        body,
        lines: &document.lines,
        max_depth: limits.max_depth,
        shortest,
    };
    let joined = whole.outline(before).unwrap();
    (document.blocks, document.pieces) = (joined.blocks, joined.pieces);
    document
}

/// What the parser makes of the whole body.
fn whole(text: &str) -> Vec<Block> {
    let (document, _) = parse(text.as_bytes(), Limits::default());
    let (body, lines) = (document.body, &document.lines);
    let stretch = Stretch { range: body, first_line: lines.line_of(body.start), end_line: lines.count() };
    walk::outline(text, body.of(text), stretch, lines, 64, &Steps::of(text)).unwrap().blocks
}

proptest! {
    // Always the same cases: 30,000 others of each were run when this was written.
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn pieces_are_the_whole(lines in lines(), shortest in 1_usize..40) {
        let text = lines.join("\n");
        prop_assert_eq!(read(&text, shortest, None).blocks, whole(&text));
    }

    #[test]
    fn after_another_version_is_as_by_itself(
        lines in lines(), at in 0_usize..60, gone in 0_usize..4, new in prop::collection::vec(line(), 0..4),
        shortest in 1_usize..40,
    ) {
        let before = read(&lines.join("\n"), shortest, None);
        let mut lines = lines;
        let at = at.min(lines.len());
        lines.splice(at..(at + gone).min(lines.len()), new);
        let text = lines.join("\n");
        let (after, alone) = (read(&text, shortest, Some(&before)), read(&text, shortest, None));
        prop_assert_eq!(&after.pieces, &alone.pieces);
        prop_assert_eq!(after.blocks, alone.blocks);
    }
}

/// What is a checkbox depends on what its brackets pair with, be it at the end of the line.
#[test]
fn what_a_checkbox_may_pair_with_stays() {
    for text in [
        "- [[] a [b](c)",
        "- [[] c [d [e](f) g](h)",
        "- [[] [ ] ](u)",
        "- [[] a\n  [b] [c] [d [e](f) g](h)",
        "-\n  [[] c [d [e](f) g](h)",
        "> 1. [[] c [d [e](f) g](h)",
        "- [ &#93; a [b] [c](d)",
        "- [ \\] a [b] [c](d)",
        "- &#91;[] a [b] c](d)",
        "- [[&#93; a [b](c) ](u)",
        "- [*] a [b] [c* d](e)",
        "- [_] a [b] [c_ d](e)",
        "- [ ]*a [b] [c* d](e)",
        "- [ ][b [c] d](e)",
        "- [ ]![b [c] d](e)",
        "- [ ]<![CDATA[ a ]]>",
        "- [x] [b](c) ](u)",
        "- [ ](u) [x]",
    ] {
        assert_eq!(read(text, 1, None).blocks, whole(text), "{text:?}");
    }
}

#[test]
fn behind_what_may_be_a_checkbox_brackets_go_again() {
    for (text, expected) in [
        ("- [ ] a [b] [c] [d]", "- [ ] a [b] ,c, ,d,"),
        ("- [[] [a] [b] [c]\n  [d] [e] [f]", "- [[] [a] [b] [c]\n  [d] [e] [f]"),
        ("- [[] [a] [b] [c]\n\na [d] [e] [f]", "- [[] [a] [b] [c]\n\na [d] [e] ,f,"),
        ("- [[] [a] [b] [c]\n- [/] a [d] [e] [f]", "- [[] [a] [b] [c]\n- [/] a [d] ,e, ,f,"),
    ] {
        assert_eq!(without_links(text), expected);
    }
}

fn plan(tasks: usize) -> String {
    (0..tasks)
        .map(|n| format!("- [ ] task {n} [due:: 2026-01-02] ^t-{n}\n\n  what there is to say\n\n"))
        .collect()
}

#[test]
fn a_long_list_is_one_list_in_many_pieces() {
    let text = format!("# A\n\n{}\n## B\n\n{}", plan(400), plan(20));
    let (document, _) = parse(text.as_bytes(), Limits::default());
    assert!(document.pieces.len() > 5, "{}", document.pieces.len());
    assert_eq!(document.blocks, whole(&text));
    let lists = document.blocks.iter().filter(|b| matches!(b.kind, BlockKind::List { .. }));
    assert_eq!(lists.map(|b| b.parent).collect::<Vec<_>>(), [None, None]);
}

#[test]
fn only_what_changed_is_parsed_again() {
    let before = read(&plan(400), SHORTEST, None);
    let text = plan(400).replace("task 200 ", "another ");
    let (document, _) = parse(text.as_bytes(), Limits::default());
    let (body, lines) = (document.body, &document.lines);
    let here = Whole { text: &text, markdown: &text, body, lines, max_depth: 64, shortest: SHORTEST };
    let known = Known::of(&before);
    let taken = document.pieces.iter().filter(|p| {
        let above =
            Joined { blocks: document.blocks.clone(), last_top: p.goes_on.then_some(0), ..Joined::default() };
        known.at(&here, (p.start, p.first_line), &above).is_some()
    });
    let taken: Vec<usize> = taken.map(|p| p.start).collect();
    assert!(
        (document.pieces.len() - 2..document.pieces.len()).contains(&taken.len()),
        "{taken:?} of {:?}",
        document.pieces
    );
    assert_eq!(read(&text, SHORTEST, Some(&before)).blocks, document.blocks);
}

#[test]
fn where_a_definition_stands_the_body_is_one_piece() {
    let text = format!("{}\n[x]: /u\n", plan(400).replace("[ ]", "[x]"));
    let (document, _) = parse(text.as_bytes(), Limits::default());
    assert_eq!((document.pieces.len(), document.blocks), (1, whole(&text)));
}

#[test]
fn a_fence_that_is_never_closed_takes_the_rest() {
    let text = format!("{}\n```\n\n{}", plan(100), plan(400));
    let (document, _) = parse(text.as_bytes(), Limits::default());
    assert_eq!(document.blocks, whole(&text));
    let tasks = document.blocks.iter().filter(|b| matches!(b.kind, BlockKind::TaskItem { .. }));
    assert_eq!(tasks.count(), 100);
}
