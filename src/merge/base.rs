use super::lines::split;
use super::sweep::{Interner, hunks};
use crate::text::ContentHash;

/// The version a saved text was most probably made from: the candidate with the fewest changed
/// lines. `candidates` run from the oldest to the newest; among equals the newest wins.
#[must_use]
pub fn infer_base(candidates: &[(ContentHash, &str)], text: &str) -> Option<ContentHash> {
    let mut best: Option<(usize, ContentHash)> = None;
    for (hash, candidate) in candidates {
        let changed = changed_lines(candidate, text);
        if best.is_none_or(|(least, _)| changed <= least) {
            best = Some((changed, *hash));
        }
    }
    best.map(|(_, hash)| hash)
}

/// Lines removed from `before` plus lines added in `after`.
#[must_use]
pub fn changed_lines(before: &str, after: &str) -> usize {
    if before == after {
        return 0;
    }
    let mut interner = Interner::new();
    let (b, a) = (interner.all(split(before)), interner.all(split(after)));
    hunks(&b, &a, interner.count()).iter().map(|h| h.base.len() + h.side.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(candidates: &[&str], text: &str, expected: Option<usize>) {
        // Equal texts have equal hashes, so hashes are made from the position here.
        let named: Vec<_> = candidates
            .iter()
            .enumerate()
            .map(|(i, t)| (ContentHash::of(&[u8::try_from(i).unwrap()]), *t))
            .collect();
        let expected = expected.map(|i| named[i].0);
        assert_eq!(infer_base(&named, text), expected);
    }

    #[test]
    fn the_nearest_text_is_the_base() {
        check(&[], "a\n", None);
        check(&["a\nb\n", "a\nb\nc\n"], "a\nX\n", Some(0));
        check(&["a\nb\n", "a\nb\nc\n"], "a\nb\nc\n", Some(1));
    }

    #[test]
    fn the_newest_of_equals_wins() {
        check(&["a\nb\n", "a\nc\n", "q\n"], "a\nz\n", Some(1));
    }
}
