use super::super::{Index, Result};

impl Index {
    /// Whether some task of some session has this id, or once had it.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn id_is_taken(&self, id: &str) -> Result<bool> {
        let mut found = self.conn.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM tasks WHERE id = ?1) OR EXISTS (SELECT 1 FROM aliases WHERE alias = ?1)",
        )?;
        Ok(found.query_row([id], |row| row.get(0))?)
    }
}

impl Index {
    /// Sessions with tasks that have no id yet, and how many; of these directories, or of all.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn unadopted(&self, only: Option<&[String]>) -> Result<Vec<(String, usize)>> {
        let mut found = self.conn.prepare_cached(
            "SELECT session_id, count(*) FROM tasks WHERE id IS NULL GROUP BY session_id ORDER BY 1",
        )?;
        let found = found.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let mut all = Vec::new();
        for row in found {
            let (directory, count) = row?;
            if only.is_none_or(|only| only.contains(&directory)) {
                all.push((directory, usize::try_from(count).unwrap_or(0)));
            }
        }
        Ok(all)
    }

    /// How many findings of severity warning or error a session's file has.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn findings_of(&self, directory: &str) -> Result<usize> {
        let mut found = self
            .conn
            .prepare_cached("SELECT count(*) FROM diagnostics WHERE session_id = ?1 AND severity >= 2")?;
        let count: i64 = found.query_row([directory], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }
}
