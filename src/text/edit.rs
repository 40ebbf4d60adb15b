use super::{ContentHash, TextRange};

/// One splice: the bytes at `range` become `insert`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub range: TextRange,
    /// What stands there afterwards; empty to delete.
    pub insert: String,
}

impl Edit {
    /// Replaces `range` by `insert`.
    pub fn replace(range: TextRange, insert: impl Into<String>) -> Self {
        Self { range, insert: insert.into() }
    }

    /// Inserts `text` at byte `at`.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(TextRange::empty(at), text)
    }

    /// Deletes `range`.
    #[must_use]
    pub fn delete(range: TextRange) -> Self {
        Self::replace(range, "")
    }
}

/// Why a set of splices is not an [`Edits`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditsError {
    /// Two splices touch the same bytes.
    #[error("two edits overlap at byte {0}")]
    Overlap(usize),
    /// A splice does not fit the text (out of bounds or inside a character).
    #[error("an edit does not fit the text at byte {0}")]
    OutOfBounds(usize),
    /// The edits were made for another text.
    #[error("the edits were made for another text")]
    OtherText,
}

/// Sorted, disjoint splices, valid for exactly one text.
///
/// Insertions at the same place keep the order in which they were given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edits {
    base: ContentHash,
    sorted: Vec<Edit>,
}

impl Edits {
    /// Checks `edits` against `text`.
    ///
    /// # Errors
    /// [`EditsError`] where they overlap or do not fit.
    pub fn new(text: &str, mut edits: Vec<Edit>) -> Result<Self, EditsError> {
        edits.retain(|e| text.get(e.range.start..e.range.end) != Some(&e.insert));
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        let mut end = 0;
        for e in &edits {
            let TextRange { start, end: stop } = e.range;
            if stop > text.len() || !text.is_char_boundary(start) || !text.is_char_boundary(stop) {
                return Err(EditsError::OutOfBounds(start));
            }
            if start < end {
                return Err(EditsError::Overlap(start));
            }
            end = stop;
        }
        Ok(Self { base: ContentHash::of(text.as_bytes()), sorted: edits })
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The hash of the text these edits fit.
    #[must_use]
    pub fn base(&self) -> ContentHash {
        self.base
    }

    /// The splices, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[Edit] {
        &self.sorted
    }

    /// Makes the new text.
    ///
    /// # Errors
    /// [`EditsError::OtherText`] when `text` is not the one the edits were checked against.
    pub fn apply(&self, text: &str) -> Result<String, EditsError> {
        if ContentHash::of(text.as_bytes()) != self.base {
            return Err(EditsError::OtherText);
        }
        let grown: usize = self.sorted.iter().map(|e| e.insert.len()).sum();
        let mut out = String::with_capacity(text.len() + grown);
        let mut at = 0;
        for e in &self.sorted {
            out.push_str(TextRange::new(at, e.range.start).of(text));
            out.push_str(&e.insert);
            at = e.range.end;
        }
        out.push_str(TextRange::new(at, text.len()).of(text));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, edits: Vec<Edit>, expected: Result<&str, EditsError>) {
        let got = Edits::new(text, edits).and_then(|e| e.apply(text));
        assert_eq!(got.as_deref(), expected.as_ref().map(|s| *s));
    }

    #[test]
    fn splices() {
        check("abc", vec![Edit::insert(3, "d"), Edit::replace((0..1).into(), "A")], Ok("Abcd"));
        check("abc", vec![Edit::insert(1, "1"), Edit::insert(1, "2")], Ok("a12bc"));
        check(
            "abc",
            vec![Edit::delete((0..2).into()), Edit::delete((1..3).into())],
            Err(EditsError::Overlap(1)),
        );
        check("é", vec![Edit::delete((0..1).into())], Err(EditsError::OutOfBounds(0)));
        check("abc", vec![Edit::delete((2..9).into())], Err(EditsError::OutOfBounds(2)));
    }

    #[test]
    fn another_text_is_refused() {
        let edits = Edits::new("abc", vec![Edit::insert(0, "x")]).unwrap();
        assert_eq!(edits.apply("abd"), Err(EditsError::OtherText));
    }
}
