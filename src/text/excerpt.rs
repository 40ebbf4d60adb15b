use std::borrow::Cow;

use super::{LineIndex, TextRange};

/// A text of which only the lines around some places are kept: what findings are shown with, without all
/// the texts of a large workspace.
#[derive(Clone, Debug)]
pub struct Excerpt {
    index: LineIndex,
    /// Lines by their first byte, with their line ends.
    kept: Vec<(usize, String)>,
    len: usize,
}

impl Excerpt {
    /// All of `text`.
    #[must_use]
    pub fn whole(text: String) -> Self {
        let (index, len) = (LineIndex::new(&text), text.len());
        Self { index, kept: vec![(0, text)], len }
    }

    /// The first line, and the first and the last line of each of `places`. `index` is the one of `text`.
    #[must_use]
    pub fn of(text: &str, index: &LineIndex, places: impl IntoIterator<Item = TextRange>) -> Self {
        let ends = places.into_iter().flat_map(|p| [p.start, p.end]);
        let lines = ends.map(|at| index.line_of(at.min(text.len())));
        let mut lines: Vec<usize> = std::iter::once(0).chain(lines).collect();
        lines.sort_unstable();
        lines.dedup();
        let line = |n: usize| (index.start(n), index.full(n).of(text).to_owned());
        Self { index: index.clone(), kept: lines.into_iter().map(line).collect(), len: text.len() }
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where the lines of the whole text begin.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        &self.index
    }

    /// A text as long as the whole, with its lines where they are; those that were not kept are blank.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        if let [(0, text)] = self.kept.as_slice()
            && text.len() == self.len
        {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(self.len);
        let mut kept = self.kept.iter().peekable();
        for line in 0..self.index.count() {
            let start = self.index.start(line);
            if let Some((_, text)) = kept.next_if(|(at, _)| *at == start) {
                out.push_str(text);
                continue;
            }
            let is_last = line + 1 == self.index.count();
            let end = self.index.start(line + 1).min(self.len);
            out.extend(std::iter::repeat_n(' ', (end - start).saturating_sub(usize::from(!is_last))));
            if !is_last {
                // Behind a lone `\r`, a line feed would end the same line.
                let ends_alone = end - start == 1 && out.ends_with('\r');
                out.push(if ends_alone { '\r' } else { '\n' });
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, places: &[(usize, usize)], expected: &str) {
        let index = LineIndex::new(text);
        let places = places.iter().map(|(start, end)| TextRange::new(*start, *end));
        let excerpt = Excerpt::of(text, &index, places);
        let shown = excerpt.text();
        assert_eq!(shown, expected);
        let starts = |lines: &LineIndex| (0..lines.count()).map(|l| lines.start(l)).collect::<Vec<_>>();
        assert_eq!((starts(&LineIndex::new(&shown)), shown.len()), (starts(&index), text.len()));
        assert_eq!(Excerpt::whole(text.to_owned()).text(), text);
    }

    #[test]
    fn lines_stay_where_they_are() {
        check("ab\ncd\nef", &[(3, 4)], "ab\ncd\n  ");
        check("ab\r\ncd\r\n", &[(0, 1)], "ab\r\n   \n");
        check("ab\rcd\ref\rgh", &[(7, 8)], "ab\r  \nef\r  ");
        check("a\né\nc\n", &[(5, 6), (5, 6)], "a\n  \nc\n");
        check("ab\r\rcd", &[(0, 1)], "ab\r\r  ");
        check("ab\r\r\ncd", &[(0, 1)], "ab\r \n  ");
        check("ab\n\rcd\r\r", &[(3, 3)], "ab\n\r  \n\n");
        check("a\nb\n", &[], "a\n \n");
        check("a\n", &[(9, 12)], "a\n");
        check("", &[(0, 0)], "");
    }
}
