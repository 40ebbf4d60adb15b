use crate::text::{Edit, Edits, TextRange};

/// What became of a text through several rounds of splices, as pieces of the first text and new
/// ones.
pub(super) struct Pieces {
    pieces: Vec<Piece>,
}

#[derive(Clone)]
enum Piece {
    Old(TextRange),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Old(range) => range.len(),
            Self::New(text) => text.len(),
        }
    }

    /// The part from `start` to `end`, both within the piece.
    fn part(&self, start: usize, end: usize) -> Self {
        match self {
            Self::Old(r) => Self::Old(TextRange::new(r.start + start, r.start + end)),
            Self::New(text) => Self::New(TextRange::new(start, end).of(text).to_owned()),
        }
    }
}

impl Pieces {
    pub(super) fn new(text: &str) -> Self {
        Self { pieces: vec![Piece::Old(TextRange::new(0, text.len()))] }
    }

    /// Takes in one more round.
    pub(super) fn apply(&mut self, edits: &Edits) {
        let mut out: Vec<Piece> = Vec::with_capacity(self.pieces.len() + 2 * edits.as_slice().len());
        let mut rest = std::mem::take(&mut self.pieces).into_iter();
        // The piece being read, how far, and the position of its start.
        let mut current = rest.next();
        let (mut used, mut at) = (0_usize, 0_usize);
        let mut copy = |to: usize, keep: bool, out: &mut Vec<Piece>| {
            while at < to {
                let Some(piece) = &current else { return };
                let end = used.saturating_add(to - at).min(piece.len());
                if keep {
                    out.push(piece.part(used, end));
                }
                at += end - used;
                used = end;
                if used == piece.len() {
                    current = rest.next();
                    used = 0;
                }
            }
        };
        for edit in edits.as_slice() {
            copy(edit.range.start, true, &mut out);
            if !edit.insert.is_empty() {
                out.push(Piece::New(edit.insert.clone()));
            }
            copy(edit.range.end, false, &mut out);
        }
        copy(usize::MAX, true, &mut out);
        self.pieces = out;
    }

    /// All rounds as splices against the first text.
    pub(super) fn edits(self, len: usize) -> Vec<Edit> {
        let mut out: Vec<Edit> = Vec::new();
        let (mut at, mut new) = (0, String::new());
        let end = Piece::Old(TextRange::empty(len));
        for piece in self.pieces.into_iter().chain(std::iter::once(end)) {
            match piece {
                Piece::New(text) => new.push_str(&text),
                Piece::Old(range) => {
                    if range.start > at || !new.is_empty() {
                        out.push(Edit::replace(TextRange::new(at, range.start), std::mem::take(&mut new)));
                    }
                    at = range.end;
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_add_up() {
        let base = "abcdef";
        let mut text = base.to_owned();
        let mut pieces = Pieces::new(base);
        for round in [
            vec![Edit::insert(0, "X"), Edit::replace((2..4).into(), "yz")],
            vec![Edit::delete((0..2).into()), Edit::insert(7, "!")],
            vec![Edit::replace((1..3).into(), "Q")],
        ] {
            let edits = Edits::new(&text, round).unwrap();
            text = edits.apply(&text).unwrap();
            pieces.apply(&edits);
        }
        let edits = Edits::new(base, pieces.edits(base.len())).unwrap();
        assert_eq!(edits.apply(base).unwrap(), text);
        assert_eq!(text, "bQef!");
    }
}
