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
