use super::TextRange;

/// A place for people: 1-based line and 1-based byte column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct LineCol {
    /// 1-based line.
    pub line: usize,
    /// 1-based column in bytes.
    pub column: usize,
}

/// A line end as found in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Eol {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// a lone `\r`
    Cr,
}

impl Eol {
    /// The bytes of this line end.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// Where each line of a text starts. `\n`, `\r\n` and a lone `\r` end a line,
/// as CommonMark and comrak have it.
///
/// Lines are 0-based here; [`LineCol`] is 1-based.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: usize,
    lf: usize,
    crlf: usize,
    cr: usize,
}

impl LineIndex {
    /// Indexes `text`.
    ///
    /// Texts beyond 4 GiB are clamped; the file limit is far below.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut this = Self { starts: vec![0], len: bytes.len(), lf: 0, crlf: 0, cr: 0 };
        let mut i = 0;
        while i < bytes.len() {
            // Most stretches of this length hold no line end, and are passed in one step; in others it is sought.
            if let Some(stretch) = bytes.get(i..i + 16) {
                if !stretch.iter().fold(false, |found, byte| found | matches!(byte, b'\n' | b'\r')) {
                    i += 16;
                    continue;
                }
                i += stretch.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0);
            }
            match bytes[i] {
                b'\n' => this.lf += 1,
                b'\r' if bytes.get(i + 1) == Some(&b'\n') => {
                    this.crlf += 1;
                    i += 1;
                }
                b'\r' => this.cr += 1,
                _ => {
                    i += 1;
                    continue;
                }
            }
            i += 1;
            this.starts.push(u32::try_from(i).unwrap_or(u32::MAX));
        }
        this
    }

    /// Number of lines; an empty last line (after a final line end) counts.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// Number of line ends of each kind: `\n`, `\r\n`, lone `\r`.
    #[must_use]
    pub fn eol_counts(&self) -> (usize, usize, usize) {
        (self.lf, self.crlf, self.cr)
    }

    /// The line end most lines use; `\n` for a text without any.
    #[must_use]
    pub fn dominant_eol(&self) -> Eol {
        if self.crlf > self.lf && self.crlf >= self.cr {
            Eol::CrLf
        } else if self.cr > self.lf {
            Eol::Cr
        } else {
            Eol::Lf
        }
    }

    /// Byte offset at which line `line` (0-based) starts; the text's length past the end.
    #[must_use]
    pub fn start(&self, line: usize) -> usize {
        self.starts.get(line).map_or(self.len, |&s| s as usize)
    }

    /// The 0-based line that holds `offset`.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.starts.partition_point(|&s| s <= offset).saturating_sub(1)
    }

    /// 1-based line and byte column of `offset`.
    #[must_use]
    pub fn line_col(&self, offset: usize) -> LineCol {
        let line = self.line_of(offset);
        LineCol { line: line + 1, column: offset.saturating_sub(self.start(line)) + 1 }
    }

    /// The bytes of line `line` including its line end.
    #[must_use]
    pub fn full(&self, line: usize) -> TextRange {
        TextRange::new(self.start(line), self.start(line + 1))
    }

    /// The bytes of line `line` without its line end.
    #[must_use]
    pub fn content(&self, text: &str, line: usize) -> TextRange {
        let full = self.full(line);
        let trimmed = full.of(text).trim_end_matches(['\n', '\r']);
        TextRange::new(full.start, full.start + trimmed.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_line_end() {
        let text = "a\r\nb\rc\nd";
        let lines = LineIndex::new(text);
        let got: Vec<_> = (0..lines.count()).map(|l| lines.content(text, l).of(text)).collect();
        assert_eq!(got, ["a", "b", "c", "d"]);
        assert_eq!(lines.eol_counts(), (1, 1, 1));
        assert_eq!(lines.line_col(3), LineCol { line: 2, column: 1 });
        assert_eq!(lines.line_of(text.len()), 3);
    }
}
