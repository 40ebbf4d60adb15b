//! How rules are tested: a text, and what is found in it or made of it.

use crate::diagnostic::{Code, Repair};
use crate::document::{Limits, parse};
use crate::format::{Lifted, lift};

use super::{fix, run_also};

/// `text` as the session file of the directory `plan`.
pub(super) fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "plan")
}

/// The findings of one code: (the text at the span, the message).
#[track_caller]
pub(super) fn check(code: Code, text: &str, expected: &[(&str, &str)]) {
    let got: Vec<(String, String)> = run_also(&read(text), &[code])
        .into_iter()
        .filter(|d| d.code == code)
        .map(|d| (d.span.of(text).to_owned(), d.message))
        .collect();
    let got: Vec<(&str, &str)> = got.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(got, expected, "{code}");
}

/// What fixing all findings of one code makes of a text; equal texts say that none has a fix.
#[track_caller]
pub(super) fn fixed(code: Code, before: &str, after: &str) {
    let got = fix(&read(before), Repair::Unsafe, Some(&[code]));
    assert_eq!(got.text, after, "{code}: refused {:?}", got.refused);
    assert_eq!(got.applied.is_empty(), before == after);
}
