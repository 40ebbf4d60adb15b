//! Three-way merge of lines: the region sweep, its result, and the caps.

use super::piece::{self, Clash, Markers, Piece, Side};
use super::sweep::{Interner, Origin, Region, sweep};
use super::words;

/// Beyond this many lines or bytes in one input nothing is merged.
const MAX_LINES: usize = 50_000;
const MAX_BYTES: usize = 8 << 20;

/// An input is over 50,000 lines or 8 MB: it is not merged, the two texts are left as they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the text is too long to be merged")]
pub struct TooLong;

/// A three-way merge of lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineMerge {
    /// Where each stretch comes from; ranges count lines. Exactly what git's sweep found,
    /// also where a conflict was then settled word by word.
    pub regions: Vec<Region>,
    pieces: Vec<Piece>,
}

impl LineMerge {
    /// Whether the sides came together.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.conflicts().next().is_none()
    }

    /// What did not come together, in order.
    pub fn conflicts(&self) -> impl Iterator<Item = &Clash> {
        piece::clashes(&self.pieces)
    }

    /// The merged text, with one side's lines where the sides did not come together.
    #[must_use]
    pub fn text(&self, stays: Side) -> String {
        piece::text(&self.pieces, stays)
    }

    /// The merged text with the conflicts between markers.
    #[must_use]
    pub fn with_markers(&self, markers: &Markers<'_>) -> String {
        piece::with_markers(&self.pieces, markers)
    }

    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }
}

/// Lines end with `\n`, as git has it; the line end is a part of the line.
pub(super) fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Merges line by line. Verdict and the bytes of clean merges are those of `git merge-file`:
/// changes that overlap or touch conflict unless they are the same.
///
/// # Errors
/// [`TooLong`] beyond 50,000 lines or 8 MB.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Result<LineMerge, TooLong> {
    run(base, ours, theirs, |_| None)
}

/// [`merge`], but what conflicts is tried again word by word: it is settled where at least three
/// unchanged words stand between the edits of the two sides and no markup was touched by both.
///
/// # Errors
/// [`TooLong`] beyond 50,000 lines or 8 MB.
pub fn merge_prose(base: &str, ours: &str, theirs: &str) -> Result<LineMerge, TooLong> {
    run(base, ours, theirs, |c| words::resolve(&c.base, &c.ours, &c.theirs))
}

fn run(
    base: &str,
    ours: &str,
    theirs: &str,
    settle: impl Fn(&Clash) -> Option<String>,
) -> Result<LineMerge, TooLong> {
    if [base, ours, theirs].iter().any(|t| t.len() > MAX_BYTES) {
        return Err(TooLong);
    }
    let (b, o, t) = (split(base), split(ours), split(theirs));
    if [&b, &o, &t].iter().any(|l| l.len() > MAX_LINES) {
        return Err(TooLong);
    }
    let mut interner = Interner::new();
    let (bt, ot, tt) =
        (interner.all(b.iter().copied()), interner.all(o.iter().copied()), interner.all(t.iter().copied()));
    let regions = sweep(&bt, &ot, &tt, interner.count(), |_, _| false);
    let mut pieces = Vec::new();
    for r in &regions {
        let piece = match r.origin {
            Origin::Same | Origin::Ours | Origin::Both => Piece::Text(o[r.ours.clone()].concat()),
            Origin::Theirs => Piece::Text(t[r.theirs.clone()].concat()),
            Origin::Conflict => {
                let clash = Clash {
                    base: b[r.base.clone()].concat(),
                    ours: o[r.ours.clone()].concat(),
                    theirs: t[r.theirs.clone()].concat(),
                    keeps: None,
                };
                settle(&clash).map_or(Piece::Clash(clash), Piece::Text)
            }
        };
        piece::push(&mut pieces, piece);
    }
    Ok(LineMerge { regions, pieces })
}
