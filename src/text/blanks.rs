use super::TextRange;

/// Blanks within a line.
pub const BLANKS: [char; 2] = [' ', '\t'];

/// The blanks that `line` begins with.
#[must_use]
pub fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches(BLANKS).len()]
}

/// Screen columns of `prefix`, which stands at a line's start; tabs reach to multiples of four.
#[must_use]
pub fn width(prefix: &str) -> usize {
    prefix.chars().fold(0, |column, c| if c == '\t' { column + 4 - column % 4 } else { column + 1 })
}

/// `line` without up to `columns` screen columns of blanks.
#[must_use]
pub fn unindented(line: &str, columns: usize) -> &str {
    let blanks = indent(line);
    let enough = (0..blanks.len()).find(|&at| width(&blanks[..at]) >= columns);
    &line[enough.unwrap_or(blanks.len())..]
}

impl TextRange {
    /// This range without blanks at either end.
    #[must_use]
    pub fn trimmed(self, text: &str) -> Self {
        self.trimmed_of(text, |c| BLANKS.contains(&c))
    }

    /// This range without such characters at either end; one of nothing else becomes empty at
    /// its start.
    #[must_use]
    pub fn trimmed_of(self, text: &str, blank: impl Fn(char) -> bool) -> Self {
        let end = self.start + self.of(text).trim_end_matches(&blank).len();
        let start = end - Self::new(self.start, end).of(text).trim_start_matches(&blank).len();
        Self::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_blanks() {
        for (line, blanks, columns) in [
            ("", "", 0),
            ("a b", "", 0),
            ("  a", "  ", 2),
            (" \ta", " \t", 4),
            ("\t \tb", "\t \t", 8),
            ("  ", "  ", 2),
        ] {
            assert_eq!((indent(line), width(indent(line))), (blanks, columns), "{line:?}");
        }
        for (line, columns, rest) in [
            ("  a", 0, "  a"),
            ("  a", 1, " a"),
            ("  a", 5, "a"),
            ("\t\ta", 4, "\ta"),
            ("\t\ta", 5, "a"),
            (" \t a", 4, " a"),
            ("   ", 2, " "),
            ("a", 3, "a"),
        ] {
            assert_eq!(unindented(line, columns), rest, "{line:?} {columns}");
        }
    }

    #[test]
    fn ranges_lose_what_stands_at_their_ends() {
        let text = "x \t a b \n y";
        assert_eq!(TextRange::new(1, 8).trimmed(text).of(text), "a b");
        assert_eq!(TextRange::new(1, 11).trimmed(text).of(text), "a b \n y");
        assert_eq!(TextRange::new(1, 10).trimmed_of(text, char::is_whitespace).of(text), "a b");
        assert_eq!(TextRange::new(1, 4).trimmed(text), TextRange::empty(1));
    }
}
