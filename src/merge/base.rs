use super::lines::split;
use super::sweep::{Interner, hunks};

/// Lines removed from `before` plus lines added in `after`: how far apart two versions of a file are.
#[must_use]
pub fn changed_lines(before: &str, after: &str) -> usize {
    let (before, after) = differing(before, after);
    let mut interner = Interner::new();
    let (b, a) = (interner.all(split(before)), interner.all(split(after)));
    hunks(&b, &a, interner.count()).iter().map(|h| h.base.len() + h.side.len()).sum()
}

/// The two texts without the lines that both begin with, and those that both end with. A save is compared with
/// dozens of versions that differ in a line or two and are each as long as the file.
fn differing<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    let begin = same_at_begin(a.as_bytes(), b.as_bytes());
    let begin = a.as_bytes()[..begin].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let (a, b) = (&a[begin..], &b[begin..]);
    let end = same_at_end(a.as_bytes(), b.as_bytes());
    // A line that ends alike may begin differently: only what follows it is the same for certain.
    let end =
        a.as_bytes()[a.len() - end..].iter().position(|&byte| byte == b'\n').map_or(0, |at| end - at - 1);
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// Bytes that are compared at once.
const BLOCK: usize = 64;

fn same_at_begin(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count();
    let blocks = blocks * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

fn same_at_end(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count();
    let blocks = blocks * BLOCK;
    let (a, b) = (a[..a.len() - blocks].iter().rev(), b[..b.len() - blocks].iter().rev());
    blocks + a.zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: usize) {
        assert_eq!(changed_lines(before, after), expected);
        assert_eq!(changed_lines(after, before), expected);
        // Beginnings and ends longer than what is compared at once, of whole and of broken lines.
        for around in ["same\n".repeat(50), "ü".repeat(70)] {
            let wrap = |text| format!("{around}\n{text}\n{around}");
            assert_eq!(
                changed_lines(&wrap(before), &wrap(after)),
                expected,
                "{before:?} {after:?} in {around:?}"
            );
        }
    }

    #[test]
    fn lines_removed_and_added_are_counted() {
        check("", "", 0);
        check("a\nb\n", "a\nb\n", 0);
        check("a\nb\n", "a\nX\n", 2);
        check("a\nb\nc\n", "a\nX\n", 3);
        check("a\nb\n", "a\nb\nc\n", 1);
        check("a\na\na\n", "a\na\n", 1);
        check("xb\nc\n", "yb\nc\n", 2);
        check("b\nx\nb\n", "b\n", 2);
        check("ä\n", "ö\n", 2);
    }

    #[test]
    fn a_last_line_without_its_end_is_another_line() {
        assert_eq!(changed_lines("a\nb", "a\nb\n"), 2);
        assert_eq!(changed_lines("b", "a\nb"), 1);
        assert_eq!(changed_lines("", "a"), 1);
    }
}
