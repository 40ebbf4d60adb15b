use crate::model::TaskId;
use crate::text::{BLANKS, TextRange};

use super::super::{IdCarrier, IdSpan};
use super::mask::Mask;

/// Ids in one line other than `[id:: …]` and `🆔`, in order of the text.
///
/// `^anything` counts only as the line's last word; in the middle only what the tool itself would
/// write (`^t-` and six characters), because a caret there may be anything.
pub(super) fn scan(text: &str, range: TextRange, mask: &Mask) -> Vec<IdSpan> {
    let slice = range.of(text);
    let mut found = Vec::new();
    if slice.contains('^') {
        block_ids(text, range, mask, &mut found);
    }
    if slice.contains('{') {
        for (n, _) in slice.match_indices("{#") {
            let start = range.start + n;
            let Some(len) = text.get(start + 2..range.end).and_then(|s| s.find('}')) else { continue };
            let id = TextRange::new(start + 2, start + 2 + len);
            push(text, TextRange::new(start, id.end + 1), id, IdCarrier::Attribute, mask, &mut found);
        }
    }
    for comment in mask.comments.iter().filter(|c| range.covers(**c)) {
        let inner = TextRange::new(comment.start + 4, comment.end - 3).of(text);
        let Some((key, value)) = inner.split_once(':').filter(|(k, _)| k.trim() == "id") else { continue };
        let start = comment.start + 4 + key.len() + 1 + (value.len() - value.trim_start().len());
        let id = TextRange::new(start, start + value.trim().len());
        push(text, *comment, id, IdCarrier::Comment, &Mask::default(), &mut found);
    }
    found.sort_by_key(|i| i.whole.start);
    found
}

fn push(
    text: &str,
    whole: TextRange,
    id: TextRange,
    carrier: IdCarrier,
    mask: &Mask,
    found: &mut Vec<IdSpan>,
) {
    if !id.of(text).starts_with('^') && TaskId::parse(id.of(text)).is_some() && !mask.touches(whole) {
        found.push(IdSpan { whole, id, carrier });
    }
}

fn block_ids(text: &str, range: TextRange, mask: &Mask, found: &mut Vec<IdSpan>) {
    let slice = range.of(text);
    for (n, _) in slice.match_indices('^') {
        let is_word = n == 0 || slice[..n].ends_with(BLANKS);
        let rest = &slice[n + 1..];
        let len = rest.find(BLANKS).unwrap_or(rest.len());
        let at_end = rest[len..].trim_matches(BLANKS).is_empty();
        if is_word && (at_end || is_tool_shaped(&rest[..len])) {
            let whole = TextRange::new(range.start + n, range.start + n + 1 + len);
            push(text, whole, TextRange::new(whole.start + 1, whole.end), IdCarrier::Block, mask, found);
        }
    }
}

/// `t-` and six characters of the alphabet that drawn ids use.
pub(super) fn is_tool_shaped(id: &str) -> bool {
    let rest = id.strip_prefix("t-").or_else(|| id.strip_prefix("T-"));
    rest.is_some_and(|r| r.len() == 6 && r.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let range = TextRange::new(0, text.len());
        let found = scan(text, range, &Mask::of(text, range));
        assert_eq!(found.iter().map(|i| i.id.of(text)).collect::<Vec<_>>(), expected, "{text:?}");
        assert!(found.iter().all(|i| i.whole.covers(i.id)));
    }

    #[test]
    fn four_carriers() {
        check("a ^t-4k2m9p", &["t-4k2m9p"]);
        check("a ^My-Id  ", &["My-Id"]);
        check("a ^t-4k2m9p #tag", &["t-4k2m9p"]);
        check("a {#t-1} <!-- id: t-2 --> ^t-3", &["t-1", "t-2", "t-3"]);
        for none in ["a^b", "x ^2 + y", "a `^t-4k2m9p`", "a ^t_1", "a ^", "a {#x y}", "<!-- note: x -->"] {
            check(none, &[]);
        }
    }
}
