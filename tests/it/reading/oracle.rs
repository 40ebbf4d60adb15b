//! Checkboxes against an independent parser.

use plandown::document::BlockKind;
use plandown::format::Lifted;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};

use super::laws::read;

/// Where the other parser sees `[ ]` or `[x]`.
fn markers(lifted: &Lifted) -> Vec<usize> {
    let body = lifted.document.body();
    let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let events = Parser::new_ext(body.of(lifted.document.text()), options).into_offset_iter();
    let mut found: Vec<usize> = events
        .filter(|(e, _)| matches!(e, Event::TaskListMarker(_)))
        .map(|(_, range)| body.start + range.start)
        .collect();
    found.sort_unstable();
    found
}

/// Where we do; other symbols than blank and x are ours alone.
fn ours(lifted: &Lifted) -> Vec<usize> {
    let blocks = lifted.document.blocks().iter();
    blocks
        .filter_map(|b| match b.kind {
            BlockKind::TaskItem { symbol: ' ' | 'x' | 'X', at, verified: true } => Some(at.start - 1),
            _ => None,
        })
        .collect()
}

#[track_caller]
fn agree(text: &str) {
    let lifted = read(text.as_bytes());
    assert_eq!(ours(&lifted), markers(&lifted), "{text:?}");
}

const LINES: &[&str] = &[
    "- [ ] a\n",
    "- [x] b\n",
    "  - [ ] c\n",
    "    - [x] d\n",
    "1. [ ] e\n",
    "   - [ ] f\n",
    "* [X] g\n",
    "\n",
    "text\n",
    "  text\n",
    "```\n",
    "> - [ ] h\n",
    "## H\n",
    "- plain\n",
    "---\n",
    "\t- [ ] i\n",
    "- - [ ] j\n",
    "<div>\n",
    "  ```\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_see_the_same_checkboxes(lines in prop::collection::vec(prop::sample::select(LINES), 0..20)) {
        agree(&lines.concat());
    }
}

#[test]
fn the_example_sessions() {
    agree(super::nasty::SINK);
    agree(include_str!("../../../fixtures/sessions/typical/session.md"));
}
