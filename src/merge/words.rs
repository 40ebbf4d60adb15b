use super::sweep::{Interner, Origin, Region, sweep};

/// Unchanged words that must stand between an edit of ours and an edit of theirs.
const GAP: usize = 3;

/// Settles a conflict of a few lines word by word.
///
/// `None` where the edits are closer than three unchanged words, or both sides touched markup
/// or line breaks.
pub(super) fn resolve(base: &str, ours: &str, theirs: &str) -> Option<String> {
    if base.is_empty() {
        return None;
    }
    let (b, o, t) = (tokens(base), tokens(ours), tokens(theirs));
    let mut interner = Interner::new();
    let (bt, ot, tt) =
        (interner.all(b.iter().copied()), interner.all(o.iter().copied()), interner.all(t.iter().copied()));
    let regions = sweep(&bt, &ot, &tt, interner.count(), |_, _| false);
    if !far_enough(&regions, &b) {
        return None;
    }
    let touched = |origin: Origin| {
        regions.iter().filter(move |r| r.origin == origin).any(|r| {
            let side = if origin == Origin::Ours { &o[r.ours.clone()] } else { &t[r.theirs.clone()] };
            b[r.base.clone()].iter().chain(side).any(|token| is_markup(token))
        })
    };
    if touched(Origin::Ours) && touched(Origin::Theirs) {
        return None;
    }
    let mut out = String::new();
    for r in &regions {
        let part = if r.origin == Origin::Theirs { &t[r.theirs.clone()] } else { &o[r.ours.clone()] };
        out.extend(part.iter().copied());
    }
    Some(out)
}

fn far_enough(regions: &[Region], base: &[&str]) -> bool {
    let (mut before, mut gap) = (None, 0);
    for r in regions {
        match r.origin {
            Origin::Conflict => return false,
            Origin::Same => gap += base[r.base.clone()].iter().filter(|t| is_word(t)).count(),
            Origin::Both => {}
            side => {
                if before.is_some_and(|b| b != side) && gap < GAP {
                    return false;
                }
                (before, gap) = (Some(side), 0);
            }
        }
    }
    true
}

fn is_word(token: &str) -> bool {
    token.starts_with(char::is_alphanumeric)
}

fn is_markup(token: &str) -> bool {
    token.contains('\n') || token.starts_with(|c: char| "`*_[]()#|<>~^$\\!{}-+:=".contains(c))
}

/// Words, runs of white space, and every other character alone.
fn tokens(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let (mut out, mut start, mut last) = (Vec::new(), 0, 3);
    for (i, c) in text.char_indices() {
        let now = class(c);
        if i > start && (now != last || now == 2) {
            out.push(&text[start..i]);
            start = i;
        }
        last = now;
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, ours: &str, theirs: &str, expected: Option<&str>) {
        assert_eq!(resolve(base, ours, theirs).as_deref(), expected);
        assert_eq!(resolve(base, theirs, ours).as_deref(), expected, "the other way round");
    }

    #[test]
    fn three_words_apart() {
        check(
            "one two three four five six\n",
            "ONE two three four five six\n",
            "one two three four FIVE six\n",
            Some("ONE two three four FIVE six\n"),
        );
        check("one two three four\n", "ONE two three four\n", "one two three FOUR\n", None);
        check("one two\n", "ONE two\n", "EIN two\n", None);
    }

    #[test]
    fn markup_is_left_to_one_side() {
        check("a *b* c d e f g\n", "a b c d e f g\n", "a *b* c d e f G\n", Some("a b c d e f G\n"));
        check("a b c d e f g\n", "*a* b c d e f g\n", "a b c d e f `g`\n", None);
    }

    #[test]
    fn the_same_edit_twice_is_one() {
        check("a b c d e f\n", "A b c d e f\n", "A b c d e F\n", Some("A b c d e F\n"));
    }
}
