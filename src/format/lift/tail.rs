use crate::diagnostic::{Code, did_you_mean};
use crate::model::{Effort, TaskStatus};
use crate::text::{BLANKS, TextRange};

use super::mask::Mask;

/// The places of a tail ` (In Progress) - backend_dev - 3h`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TailSpan {
    pub whole: TextRange,
    pub word: TextRange,
    pub specialist: Option<TextRange>,
    pub effort: Option<TextRange>,
}

/// What stands at the end of a head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Tail {
    /// Nothing that looks like a tail.
    None,
    /// A tail.
    Some(TailSpan),
    /// Something that was meant as one; it stays part of the title.
    Near(Code, TextRange, String),
}

/// Reads the tail at the end of `range`, the head without trailing fields and id.
pub(super) fn read(text: &str, range: TextRange, mask: &Mask) -> Tail {
    let slice = range.of(text);
    let Some(open) = slice.rfind('(').map(|n| range.start + n) else { return Tail::None };
    let before = TextRange::new(range.start, open).of(text);
    let title_end = range.start + before.trim_end_matches(BLANKS).len();
    let Some(close) = text.get(open..range.end).and_then(|s| s.find(')')).map(|n| open + n) else {
        return Tail::None;
    };
    if title_end == open || title_end == range.start || mask.hides(open) {
        return Tail::None;
    }
    let word = TextRange::new(open + 1, close).trimmed(text);
    let rest = TextRange::new(close + 1, range.end);
    let known = TaskStatus::parse(word.of(text)).is_some();
    let Some(parts) = parts(text, rest) else { return Tail::None };
    let whole = TextRange::new(title_end, range.end);
    let (specialist, effort) = match parts[..] {
        [] => (None, None),
        [one] if is_effort(one.of(text)) => (None, Some(one)),
        [one] if is_specialist(one.of(text)) => (Some(one), None),
        [one, two] if is_specialist(one.of(text)) && is_effort(two.of(text)) => (Some(one), Some(two)),
        [one, two] if known && is_specialist(one.of(text)) => {
            return Tail::Near(
                Code::T111,
                two,
                format!("unreadable effort `{}`; kept in the title", two.of(text)),
            );
        }
        _ => return Tail::None,
    };
    if known {
        return Tail::Some(TailSpan { whole, word, specialist, effort });
    }
    near_word(text, word, specialist.is_some())
}

/// ` - a - b` as `[a, b]`; nothing as `[]`.
fn parts(text: &str, rest: TextRange) -> Option<Vec<TextRange>> {
    let slice = rest.of(text);
    if slice.trim_matches(BLANKS).is_empty() {
        return Some(Vec::new());
    }
    let inner = slice.trim_start_matches(BLANKS);
    if inner.len() == slice.len() || !inner.starts_with("- ") {
        return None;
    }
    let mut at = rest.end - inner.len() + 2;
    let mut parts = Vec::new();
    for part in text.get(at..rest.end)?.split(" - ") {
        parts.push(TextRange::new(at, at + part.len()).trimmed(text));
        at += part.len() + 3;
    }
    (parts.len() <= 2).then_some(parts)
}

fn is_specialist(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

fn is_effort(word: &str) -> bool {
    Effort::parse_tail(word, false).is_some()
}

/// An unknown word that somebody probably meant as a status.
fn near_word(text: &str, at: TextRange, has_specialist: bool) -> Tail {
    let word = at.of(text);
    let is_one_capitalised = word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphanumeric);
    let is_short = (3..=24).contains(&word.len()) && word.starts_with(char::is_alphabetic);
    let close = if is_short {
        did_you_mean(word, TaskStatus::ALL.into_iter().map(TaskStatus::word))
    } else {
        Vec::new()
    };
    let hint = match close.first() {
        Some(best) => format!("; did you mean `{best}`?"),
        None if is_one_capitalised && has_specialist => String::new(),
        None => return Tail::None,
    };
    Tail::Near(Code::T102, at, format!("unknown status word `({word})`, kept in the title{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Tail {
        let range = TextRange::new(0, text.len());
        read(text, range, &Mask::of(text, range))
    }

    #[track_caller]
    fn check(text: &str, expected: (&str, &str, Option<&str>, Option<&str>)) {
        let Tail::Some(t) = read_all(text) else { panic!("no tail in {text:?}") };
        let of = |r: Option<TextRange>| r.map(|r| r.of(text));
        assert_eq!((t.whole.of(text), t.word.of(text), of(t.specialist), of(t.effort)), expected);
    }

    #[test]
    fn tails() {
        check("a (Pending)", (" (Pending)", "Pending", None, None));
        check(
            "a (in_progress) - dev - 3h/?",
            (" (in_progress) - dev - 3h/?", "in_progress", Some("dev"), Some("3h/?")),
        );
        check("a (Done) - 90min", (" (Done) - 90min", "Done", None, Some("90min")));
        check(
            "検証 (Blocked) - テスター - 2h",
            (" (Blocked) - テスター - 2h", "Blocked", Some("テスター"), Some("2h")),
        );
        check("a (x) b (On Hold)", (" (On Hold)", "On Hold", None, None));
    }

    #[test]
    fn no_tails() {
        for text in [
            "a",
            "(Pending)",
            "a(Pending)",
            "a (really)",
            "a (Pending) inside",
            "a - dev - 3h",
            "a `(Pending)`",
            "a (Pending) - two words - 3h",
            "a (Pending) - a - b - 3h",
            "a (see [x](y))",
            "a (",
        ] {
            assert_eq!(read_all(text), Tail::None, "{text:?}");
        }
        for (text, code) in [
            ("a (Pendign)", Code::T102),
            ("a (Foo) - dev", Code::T102),
            ("a (Pending) - dev - 3 weeks-ish", Code::T111),
        ] {
            assert!(
                matches!(read_all(text), Tail::Near(c, ..) if c == code),
                "{text:?} {:?}",
                read_all(text)
            );
        }
    }
}
