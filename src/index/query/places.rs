use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::super::Result;

/// Line and byte of the first task of chunks, computed once per session for the chunks asked for.
#[derive(Default)]
pub(super) struct Places {
    known: HashMap<(String, i64), (i64, i64)>,
}

impl Places {
    /// Looks up the chunks (session, number).
    pub(super) fn of<'a>(
        conn: &Connection,
        chunks: impl IntoIterator<Item = (&'a str, i64)>,
    ) -> Result<Self> {
        let mut wanted: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (session, ord) in chunks {
            wanted.entry(session).or_default().push(ord);
        }
        let mut known = HashMap::new();
        let mut first =
            conn.prepare_cached("SELECT first_line, first_offset FROM sessions WHERE session_id = ?1")?;
        let mut spans = conn.prepare_cached(
            "SELECT ord, lines, bytes FROM chunks WHERE session_id = ?1 AND ord <= ?2 ORDER BY ord",
        )?;
        for (session, mut ords) in wanted {
            ords.sort_unstable();
            ords.dedup();
            let Some(&last) = ords.last() else { continue };
            let (mut line, mut byte): (i64, i64) =
                first.query_row([session], |r| Ok((r.get(0)?, r.get(1)?)))?;
            let mut rows = spans.query(rusqlite::params![session, last])?;
            while let Some(row) = rows.next()? {
                let ord = row.get(0)?;
                if ords.binary_search(&ord).is_ok() {
                    known.insert((session.to_owned(), ord), (line, byte));
                }
                line = line.saturating_add(row.get(1)?);
                byte = byte.saturating_add(row.get(2)?);
            }
        }
        Ok(Self { known })
    }

    /// Line and byte of a chunk's first task; zero for what stands before the first task.
    pub(super) fn get(&self, session: &str, chunk: Option<i64>) -> (i64, i64) {
        chunk.and_then(|ord| self.known.get(&(session.to_owned(), ord))).copied().unwrap_or_default()
    }
}
