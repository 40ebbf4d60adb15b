use plandown::text::{Edit, Edits};
use plandown::{diagnostic::Code, format::adoption};
use proptest::prelude::*;

use super::laws::{check, check_encodings, read};

/// What Markdown and our format are made of.
const TOKENS: &[&str] = &[
    "- [ ] ",
    "- [x] ",
    "* [/] ",
    "1. [ ] ",
    "- ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n",
    "\n\n",
    "# ",
    "## Tasks\n",
    "### ",
    "#\n",
    "```\n",
    "~~~",
    "> ",
    "a",
    "word ",
    "日本 ",
    "é",
    "📅 2025-07-01 ",
    "⏫ ",
    "[due:: 2025-01-01] ",
    "[dependsOn:: t-a, [[x#^b]]]",
    "(priority:: high)",
    "\\[est:: 3h\\]",
    "[k:: ",
    "^t-aaaaaa",
    " ^id-1",
    "`",
    "``",
    "(Pending)",
    " (In Progress)",
    " - dev",
    " - 3h",
    "\\",
    "[",
    "]",
    "(",
    ")",
    "[[",
    "]]",
    "<b>",
    "<!-- id: t-x -->",
    "{#t-y}",
    "---\n",
    "id: a\n",
    "status: paused\n",
    "**Status**: Active\n",
    "- **Due**: 2025-01-01\n",
    "[x]: /u\n",
    "| a |\n|--|\n| [ ] |\n",
    "===\n",
    "<!-- plandown:begin board h=00000000 -->\n",
    "<!-- plandown:end board -->\n",
    "&#91;",
    "[^1]: ",
    "https://a.b/(c",
    "\0",
    "<<<<<<< a\n",
    "=======\n",
    ">>>>>>> b\n",
    "\u{202e}",
    "**",
    "::",
    ",",
    "  \n",
    "\u{a0}",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TOKENS), 0..40).prop_map(|t| t.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_read_is_sound(text in text()) {
        check(&read(text.as_bytes()));
        check_encodings(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&read(&bytes));
    }

    #[test]
    fn cut_anywhere(at in 0usize..3000, sink in Just(super::nasty::SINK)) {
        let at = at.min(sink.len());
        check(&read(&sink.as_bytes()[..at]));
    }

    /// Ids that were given stay, and giving them once is enough. (Without code spans and tags:
    /// one over several lines swallows what is added to its first line.)
    #[test]
    fn adoption_settles(text in text().prop_map(|t| t.replace(['`', '<'], ""))) {
        let before = read(text.as_bytes());
        let wanted = adoption(&before);
        let edits: Vec<Edit> = before
            .diagnostics
            .iter()
            .filter(|d| matches!(d.code, Code::I501 | Code::I502))
            .flat_map(|d| d.fix.clone().map(|f| f.edits).unwrap_or_default())
            .collect();
        let fixed = Edits::new(before.document.text(), edits).unwrap().apply(before.document.text()).unwrap();
        let after = read(fixed.as_bytes());
        for (task, id) in wanted {
            prop_assert_eq!(after.session.tasks[task].id.as_ref(), Some(&id), "{:?}", fixed);
        }
    }
}
