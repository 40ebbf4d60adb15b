use crate::text::ContentHash;

/// Collects values into one 64-bit hash; order and types count.
#[derive(Default)]
pub(super) struct RowHash {
    bytes: Vec<u8>,
}

impl RowHash {
    /// Adds text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.int(i64::try_from(text.len()).unwrap_or(i64::MAX));
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds text or its absence.
    pub(super) fn opt(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.int(-1),
        }
    }

    /// Adds a list.
    pub(super) fn list(&mut self, list: &[String]) -> &mut Self {
        self.int(i64::try_from(list.len()).unwrap_or(i64::MAX));
        for text in list {
            self.text(text);
        }
        self
    }

    /// Adds a number.
    pub(super) fn int(&mut self, number: i64) -> &mut Self {
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Adds a number or its absence.
    pub(super) fn opt_int(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            Some(number) => self.int(1).int(number),
            None => self.int(0),
        }
    }

    /// The hash of what was added; begins anew.
    pub(super) fn finish(&mut self) -> i64 {
        let hash = ContentHash::of(&self.bytes);
        self.bytes.clear();
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        i64::from_le_bytes(first)
    }
}

/// A count or size as SQLite has it.
pub(super) fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
