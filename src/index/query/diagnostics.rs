use rusqlite::params_from_iter;

use super::super::{Index, Result};
use super::places::Places;
use super::scope::{Conditions, Scope, page};

/// Which findings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DiagnosticFilter {
    /// In which sessions.
    pub scope: Scope,
    /// Of one of these codes (`T103`); empty: of any.
    pub codes: Vec<String>,
    /// At least so grave: 0 hint, 1 info, 2 warning, 3 error.
    pub severity: u8,
    /// At most so many.
    pub limit: Option<usize>,
}

/// One finding as the index has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiagnosticRow {
    /// The session's directory.
    pub directory: String,
    /// `T103`.
    pub code: String,
    /// 0 hint, 1 info, 2 warning, 3 error.
    pub severity: i64,
    /// One sentence.
    pub message: String,
    /// The file, relative to the workspace.
    pub path: String,
    /// 1-based.
    pub line: i64,
    /// 1-based, in bytes.
    pub column: i64,
    /// First byte and one past the last.
    pub span: (i64, i64),
    /// Whether `check --fix` can mend it.
    pub fixable: bool,
}

impl Index {
    /// The findings that fit, in the order of the files, and how many there are without limit.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn diagnostics(&self, filter: &DiagnosticFilter) -> Result<(Vec<DiagnosticRow>, usize)> {
        let mut all = Conditions::default();
        filter.scope.limit("d.session_id", &mut all);
        if !filter.codes.is_empty() {
            all.any("d.code", filter.codes.iter().map(|c| c.clone().into()));
        }
        if filter.severity > 0 {
            all.add("d.severity >= ?", [i64::from(filter.severity).into()]);
        }
        let sql = format!(
            "SELECT d.session_id, d.chunk, d.code, d.severity, d.message, d.line, d.col, d.start, d.length, \
             d.fixable, (SELECT o.markdown_file_path FROM sessions AS o WHERE o.session_id = d.session_id) \
             FROM diagnostics AS d{} ORDER BY d.session_id, d.chunk, d.start, d.length, d.code{}",
            all.sql(),
            page(filter.limit, 0)
        );
        let mut found = self.conn.prepare_cached(&sql)?;
        let found = found.query_map(params_from_iter(&all.values), |row| {
            let (start, length): (i64, i64) = (row.get(7)?, row.get(8)?);
            let diagnostic = DiagnosticRow {
                directory: row.get(0)?,
                code: row.get(2)?,
                severity: row.get(3)?,
                message: row.get(4)?,
                path: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
                line: row.get(5)?,
                column: row.get(6)?,
                span: (start, start.saturating_add(length)),
                fixable: row.get(9)?,
            };
            Ok((row.get(1)?, diagnostic))
        })?;
        let mut found: Vec<(Option<i64>, DiagnosticRow)> = found.collect::<rusqlite::Result<_>>()?;
        let chunks = found.iter().filter_map(|(c, d)| Some((d.directory.as_str(), (*c)?)));
        let places = Places::of(&self.conn, chunks)?;
        for (chunk, d) in &mut found {
            let (line, byte) = places.get(&d.directory, *chunk);
            d.line += line;
            d.span = (d.span.0 + byte, d.span.1 + byte);
        }
        let total: i64 = self
            .conn
            .prepare_cached(&format!("SELECT count(*) FROM diagnostics AS d{}", all.sql()))?
            .query_row(params_from_iter(&all.values), |r| r.get(0))?;
        let rows = found.into_iter().map(|(_, d)| d).collect();
        Ok((rows, usize::try_from(total).unwrap_or_default()))
    }
}
