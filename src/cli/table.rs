use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::out::shown;
use super::paint::paint;

/// One cell: its text, and the style it is shown in.
pub(super) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A plain cell; the text is made harmless.
    pub(super) fn new(text: impl AsRef<str>) -> Self {
        Self::styled(text, Style::new())
    }

    /// A cell in `style`.
    pub(super) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        // A cell is one line, whatever a title holds.
        let text = shown(text.as_ref()).replace(['\n', '\r', '\t'], " ");
        Self { text, style }
    }
}

/// Rows of cells, aligned by display width. The last column is not padded; one column may shrink
/// so that a row fits the terminal.
pub(super) struct Table {
    rows: Vec<Vec<Cell>>,
    shrink: usize,
    width: Option<usize>,
}

impl Table {
    /// A table whose column `shrink` gives way when rows are wider than `width` columns;
    /// `None` never clips (output that is piped).
    #[must_use]
    pub(super) fn new(shrink: usize, width: Option<usize>) -> Self {
        Self { rows: Vec::new(), shrink, width }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The lines.
    #[must_use]
    pub(super) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (w, cell) in widths.iter_mut().zip(row) {
                *w = (*w).max(cell.text.width());
            }
        }
        if let (Some(limit), Some(&wide)) = (self.width, widths.get(self.shrink)) {
            let total: usize = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            widths[self.shrink] = wide.saturating_sub(total.saturating_sub(limit)).max(wide.min(16));
        }
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (i, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if i > 0 {
                    line.push_str("  ");
                }
                let text = clip(&cell.text, if i == self.shrink { width } else { usize::MAX });
                let pad = if i + 1 < row.len() { width.saturating_sub(text.width()) } else { 0 };
                if !text.is_empty() {
                    line.push_str(&paint(cell.style, &text));
                }
                line.extend(std::iter::repeat_n(' ', pad));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// Cuts `text` to `width` display columns, with an ellipsis.
#[must_use]
pub(super) fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_display_width() {
        let mut t = Table::new(1, Some(20));
        t.row(vec![Cell::new("a"), Cell::new("トークンを検証するのだ"), Cell::new("x")]);
        t.row(vec![Cell::new("bb"), Cell::new("short"), Cell::new("y")]);
        let text = anstream::adapter::strip_str(&t.render()).to_string();
        assert_eq!(text, "a   トークンを検証…   x\nbb  short             y\n");
    }
}
