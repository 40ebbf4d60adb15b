use std::collections::{HashMap, HashSet};

use super::sweep::{Hunk, Interner, Origin, hunks, sweep};
use super::words;
use gix_imara_diff::Token;

/// A part of a container: a line, or a node by its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Item<'a> {
    Line { text: &'a str, loose: bool },
    Node(usize),
}

impl Item<'_> {
    fn is_prose(&self) -> bool {
        matches!(self, Self::Line { text, .. } if !text.trim().is_empty())
    }
}

/// A part of a merged container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Out {
    Line { text: String, loose: bool },
    Node(usize),
    Clash { base: String, ours: String, theirs: String },
}

/// What equal items are recognised by: the line end does not count.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Line(&'a str),
    Node(usize),
}

/// Merges what stands in a container. Nodes are opaque: where they stand next to a change they do
/// not conflict with it. `wanted` are the keys that must be in the result, each once.
pub(super) fn merge<'a>(
    base: &[Item<'a>],
    ours: &[Item<'a>],
    theirs: &[Item<'a>],
    wanted: &[usize],
) -> Vec<Out> {
    let mut interner = Interner::new();
    let key = |item: &Item<'a>| match *item {
        Item::Line { text, .. } => Key::Line(text.trim_end_matches(['\n', '\r'])),
        Item::Node(key) => Key::Node(key),
    };
    let [b, o, t] = [base, ours, theirs].map(|items| interner.all(items.iter().map(key)));
    let count = interner.count();
    let bare = |h: &Hunk, side: &[Item<'_>]| {
        !base[h.base.clone()].iter().chain(&side[h.side.clone()]).any(Item::is_prose)
    };
    // Insertions at one place may be the same ones.
    let apart =
        |x: &Hunk, y: &Hunk| !(x.base.is_empty() && y.base.is_empty()) && (bare(x, ours) || bare(y, theirs));
    let regions = sweep(&b, &o, &t, count, apart);
    let mut out: Vec<(Out, Origin)> = Vec::new();
    for r in &regions {
        match r.origin {
            Origin::Same | Origin::Ours | Origin::Both => copy(&ours[r.ours.clone()], r.origin, &mut out),
            Origin::Theirs => copy(&theirs[r.theirs.clone()], r.origin, &mut out),
            Origin::Conflict => {
                let parts = (&base[r.base.clone()], &ours[r.ours.clone()], &theirs[r.theirs.clone()]);
                let cut = (&o[r.ours.clone()], &t[r.theirs.clone()], count);
                region(parts, cut, &mut out);
            }
        }
    }
    complete(out, [ours, theirs, base], wanted)
}

fn copy(items: &[Item<'_>], origin: Origin, out: &mut Vec<(Out, Origin)>) {
    out.extend(items.iter().map(|i| {
        let part = match i {
            Item::Line { text, loose } => Out::Line { text: (*text).to_owned(), loose: *loose },
            Item::Node(key) => Out::Node(*key),
        };
        (part, origin)
    }));
}

/// Both sides changed the same place.
fn region(
    (base, ours, theirs): (&[Item<'_>], &[Item<'_>], &[Item<'_>]),
    (o, t, count): (&[Token], &[Token], u32),
    out: &mut Vec<(Out, Origin)>,
) {
    let prose = |items: &[Item<'_>]| items.iter().any(Item::is_prose);
    if !base.is_empty() && !prose(base) && !prose(ours) && !prose(theirs) {
        nodes(base, ours, theirs, out);
        return;
    }
    let shared = |i: &Item<'_>| matches!(i, Item::Node(_)) && theirs.contains(i);
    if base.is_empty() && !(prose(ours) && prose(theirs)) && !ours.iter().any(shared) {
        copy(ours, Origin::Ours, out);
        copy(theirs, Origin::Theirs, out);
        return;
    }
    if !base.iter().any(Item::is_prose) {
        // Both inserted: what they share stands once, the rest is told apart piece by piece.
        let mut i = 0;
        for h in hunks(o, t, count) {
            copy(&ours[i..h.base.start], Origin::Both, out);
            insertions(&ours[h.base.clone()], &theirs[h.side.clone()], out);
            i = h.base.end;
        }
        copy(&ours[i..], Origin::Both, out);
        return;
    }
    // Words and nodes changed in one place: the words first, then the nodes.
    prose_clash(base, ours, theirs, out);
    nodes(&only_nodes(base), &only_nodes(ours), &only_nodes(theirs), out);
}

fn only_nodes<'a>(items: &[Item<'a>]) -> Vec<Item<'a>> {
    items.iter().copied().filter(|i| matches!(i, Item::Node(_))).collect()
}

fn insertions(ours: &[Item<'_>], theirs: &[Item<'_>], out: &mut Vec<(Out, Origin)>) {
    if ours.iter().any(Item::is_prose) && theirs.iter().any(Item::is_prose) {
        prose_clash(&[], ours, theirs, out);
        copy(&only_nodes(ours), Origin::Ours, out);
        copy(&only_nodes(theirs), Origin::Theirs, out);
    } else {
        copy(ours, Origin::Ours, out);
        copy(theirs, Origin::Theirs, out);
    }
}

fn prose_clash(base: &[Item<'_>], ours: &[Item<'_>], theirs: &[Item<'_>], out: &mut Vec<(Out, Origin)>) {
    let joined = |items: &[Item<'_>]| {
        let lines = items.iter().filter_map(|i| match i {
            Item::Line { text, .. } => Some(*text),
            Item::Node(_) => None,
        });
        let mut all = String::new();
        lines.for_each(|l| super::piece::push_lines(&mut all, l));
        all
    };
    let (base, ours, theirs) = (joined(base), joined(ours), joined(theirs));
    if ours == theirs || base == theirs {
        split(&ours, Origin::Ours, out);
    } else if base == ours {
        split(&theirs, Origin::Theirs, out);
    } else if let Some(text) = words::resolve(&base, &ours, &theirs) {
        split(&text, Origin::Both, out);
    } else {
        out.push((Out::Clash { base, ours, theirs }, Origin::Conflict));
    }
}

fn split(text: &str, origin: Origin, out: &mut Vec<(Out, Origin)>) {
    let line = |l: &str| (Out::Line { text: l.to_owned(), loose: false }, origin);
    out.extend(text.split_inclusive('\n').map(line));
}

/// Nodes and blank lines: the order of the side that changed it, and what the other one added.
fn nodes(base: &[Item<'_>], ours: &[Item<'_>], theirs: &[Item<'_>], out: &mut Vec<(Out, Origin)>) {
    let keys = |items: &[Item<'_>]| {
        items.iter().filter_map(|i| if let Item::Node(k) = i { Some(*k) } else { None }).collect::<Vec<_>>()
    };
    let (b, o, t) = (keys(base), keys(ours), keys(theirs));
    let common = |of: &[usize]| {
        of.iter().copied().filter(|k| b.contains(k) && o.contains(k) && t.contains(k)).collect::<Vec<_>>()
    };
    let ours_kept_order = common(&o) == common(&b);
    let theirs_moved = common(&t) != common(&b);
    let (first, second, origin, other) = if ours_kept_order && theirs_moved {
        (theirs, ours, Origin::Theirs, Origin::Ours)
    } else {
        (ours, theirs, Origin::Ours, Origin::Theirs)
    };
    let (lead, gone) = (keys(first), keys(second));
    let mut merged = Vec::new();
    for item in first {
        // Deleted here by the other side: it stands elsewhere, or nowhere.
        let dropped = matches!(item, Item::Node(k) if b.contains(k) && !gone.contains(k));
        if !dropped {
            copy(std::slice::from_ref(item), origin, &mut merged);
        }
    }
    let mut previous = None;
    for (at, item) in second.iter().enumerate() {
        let Item::Node(key) = item else { continue };
        if !lead.contains(key) && !b.contains(key) {
            let place = |k: usize| merged.iter().position(|(p, _)| *p == Out::Node(k)).map(|p| p + 1);
            let to = match previous {
                Some(p) => place(p).unwrap_or(merged.len()),
                None if second[..at].is_empty() && !merged.is_empty() && b.is_empty() => {
                    merged.iter().rposition(|(p, _)| matches!(p, Out::Node(_))).map_or(0, |p| p + 1)
                }
                None => 0,
            };
            // After everything that the first side put in at the same place.
            let to = to
                + merged[to..]
                    .iter()
                    .take_while(|(p, _)| matches!(p, Out::Node(k) if !b.contains(k) && !gone.contains(k)))
                    .count();
            let mut new = Vec::new();
            if at > 0 && !matches!(second[at - 1], Item::Node(_)) {
                copy(&second[at - 1..at], other, &mut new);
            }
            new.push((Out::Node(*key), other));
            merged.splice(to..to, new);
        }
        previous = Some(*key);
    }
    out.append(&mut merged);
}

/// Sees to it that every wanted key is there exactly once.
fn complete(out: Vec<(Out, Origin)>, sides: [&[Item<'_>]; 3], wanted: &[usize]) -> Vec<Out> {
    let mut count: HashMap<usize, usize> = HashMap::new();
    for (part, _) in &out {
        if let Out::Node(key) = part {
            *count.entry(*key).or_insert(0) += 1;
        }
    }
    let wanted_set: HashSet<usize> = wanted.iter().copied().collect();
    let doubled: HashSet<usize> = count.iter().filter(|(_, n)| **n > 1).map(|(k, _)| *k).collect();
    let by_ours: HashSet<usize> = out
        .iter()
        .filter_map(|(p, origin)| match p {
            Out::Node(k) if doubled.contains(k) && *origin == Origin::Ours => Some(*k),
            _ => None,
        })
        .collect();
    let mut seen = HashSet::new();
    let mut result = Vec::with_capacity(out.len());
    for (part, origin) in out {
        if let Out::Node(key) = part {
            let other_place = by_ours.contains(&key) && origin != Origin::Ours;
            if !wanted_set.contains(&key) || other_place || !seen.insert(key) {
                continue;
            }
        }
        result.push(part);
    }
    for &key in wanted.iter().filter(|k| !count.contains_key(k)) {
        let side = sides.iter().find(|s| s.contains(&Item::Node(key)));
        let before = side.and_then(|s| {
            let at = s.iter().position(|i| *i == Item::Node(key))?;
            s[..at].iter().rev().find_map(|i| match i {
                Item::Node(k) => result.iter().position(|p| *p == Out::Node(*k)),
                Item::Line { .. } => None,
            })
        });
        let first = result.iter().position(|p| matches!(p, Out::Node(_))).unwrap_or(result.len());
        let at = before.map_or(first, |p| p + 1);
        result.insert(at, Out::Node(key));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `1`, `2`… are nodes, everything else is a line.
    fn items(text: &str) -> Vec<Item<'_>> {
        text.split_inclusive(' ')
            .map(|w| w.trim().parse().map_or(Item::Line { text: w, loose: false }, Item::Node))
            .collect()
    }

    #[track_caller]
    fn check(base: &str, ours: &str, theirs: &str, wanted: &[usize], expected: &str) {
        let merged = merge(&items(base), &items(ours), &items(theirs), wanted);
        let word = |o: &Out| match o {
            Out::Line { text, .. } => text.trim().to_owned(),
            Out::Node(key) => key.to_string(),
            Out::Clash { ours, theirs, .. } => {
                let words = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
                format!("<{}|{}>", words(ours), words(theirs))
            }
        };
        assert_eq!(merged.iter().map(word).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn nodes_never_conflict() {
        check("1 2 ", "1 2 3 ", "1 2 4 ", &[1, 2, 3, 4], "1 2 3 4");
        check("1 2 3 ", "2 1 3 ", "1 2 3 4 ", &[1, 2, 3, 4], "2 1 3 4");
        check("1 2 3 ", "2 3 1 ", "3 1 2 ", &[1, 2, 3], "3 2 1");
        check("1 2 3 4 5 ", "2 3 4 1 5 ", "2 1 3 4 5 ", &[1, 2, 3, 4, 5], "2 3 4 1 5");
        check("a 1 ", "b 1 ", "a 2 1 ", &[1, 2], "b 2 1");
        check("", "1 2 ", "1 3 ", &[1, 2, 3], "1 2 3");
    }

    #[test]
    fn what_is_wanted_is_there_once() {
        check("1 2 ", "1 2 ", "1 ", &[1, 2], "1 2");
        check("1 2 ", "2 1 ", "1 2 ", &[1], "1");
        check("", "1 ", "1 ", &[1], "1");
    }

    #[test]
    fn lines_that_touch_conflict() {
        check("a b c ", "a x c ", "a y c ", &[], "a <x|y> c");
        check("a b ", "x b ", "a y ", &[], "<x b|a y>");
        check("", "a x ", "a y ", &[], "a <x|y>");
    }
}
