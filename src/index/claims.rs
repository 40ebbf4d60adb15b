use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::{Error, Result};

const APPLICATION_ID: i64 = 0x7064_636c;
const TABLE: &str = "CREATE TABLE IF NOT EXISTS claims (\
    place TEXT NOT NULL, session TEXT NOT NULL, task TEXT NOT NULL, holder TEXT NOT NULL, \
    pid INTEGER NOT NULL, claimed_at INTEGER NOT NULL, heartbeat_at INTEGER NOT NULL, \
    expires_at INTEGER NOT NULL, ttl_ms INTEGER NOT NULL, \
    PRIMARY KEY (place, session, task)) STRICT, WITHOUT ROWID";
const COLUMNS: &str = "session, task, holder, pid, claimed_at, heartbeat_at, expires_at, ttl_ms";

/// Who works on what: leases of tasks, in a small database of their own. Not plan data: losing it loses
/// only the knowledge of who is working on what.
#[derive(Debug)]
pub struct Claims {
    conn: Connection,
    place: String,
}

/// A lease of a task. Times are milliseconds since 1970.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The session's identity.
    pub session: String,
    /// The task's id.
    pub task: String,
    /// Who holds it.
    pub holder: String,
    /// The process that claimed it.
    pub pid: u32,
    /// Since when.
    pub claimed_at: i64,
    /// When the holder last said that work goes on.
    pub heartbeat_at: i64,
    /// From when on it is free.
    pub expires_at: i64,
    /// How long it lasts without a heartbeat.
    pub ttl_ms: i64,
}

/// Several steps on the claims that nobody else comes between.
#[derive(Debug)]
pub struct ClaimsTx<'a> {
    tx: Transaction<'a>,
    place: &'a str,
}

impl Claims {
    /// Opens the claims at `path`, making them where there are none. `place` tells the workspaces of one
    /// clone apart.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be made or is something else.
    pub fn open(path: &Path, place: &str) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(Duration::from_secs(30))?;
        let application: i64 = conn.query_row("PRAGMA application_id", [], |r| r.get(0))?;
        if application != APPLICATION_ID {
            let mut conn = conn;
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let objects: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
            let application: i64 = tx.query_row("PRAGMA application_id", [], |r| r.get(0))?;
            if objects > 0 && application != APPLICATION_ID {
                return Err(Error::Damaged { why: "another program's database".to_owned() });
            }
            tx.execute_batch(TABLE)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.commit()?;
            return Ok(Self { conn, place: place.to_owned() });
        }
        Ok(Self { conn, place: place.to_owned() })
    }

    /// No claims, kept nowhere: what a dry run works on where nobody ever claimed anything.
    ///
    /// # Errors
    /// [`Error`]
    pub fn nowhere(place: &str) -> Result<Self> {
        let conn = Connection::open_in_memory()?;
        conn.execute_batch(TABLE)?;
        Ok(Self { conn, place: place.to_owned() })
    }

    /// Begins steps that no other process comes between; waits for up to 30 seconds.
    ///
    /// # Errors
    /// [`Error::Busy`]
    pub fn begin(&mut self) -> Result<ClaimsTx<'_>> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(ClaimsTx { tx, place: &self.place })
    }

    /// All claims of this workspace, expired ones too.
    ///
    /// # Errors
    /// [`Error`]
    pub fn all(&self) -> Result<Vec<Claim>> {
        let sql = format!("SELECT {COLUMNS} FROM claims WHERE place = ?1 ORDER BY session, task");
        let mut rows = self.conn.prepare(&sql)?;
        let rows = rows.query_map([&self.place], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets claims that expired before `now`; how many.
    ///
    /// # Errors
    /// [`Error`]
    pub fn prune(&mut self, now: i64) -> Result<usize> {
        let sql = "DELETE FROM claims WHERE place = ?1 AND expires_at <= ?2";
        Ok(self.conn.execute(sql, params![self.place, now])?)
    }
}

impl ClaimsTx<'_> {
    /// The claim of a task that is in force at `now`.
    ///
    /// # Errors
    /// [`Error`]
    pub fn live(&self, session: &str, task: &str, now: i64) -> Result<Option<Claim>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM claims \
             WHERE place = ?1 AND session = ?2 AND task = ?3 AND expires_at > ?4"
        );
        Ok(self.tx.query_row(&sql, params![self.place, session, task, now], read).optional()?)
    }

    /// Takes a task unless somebody holds it at `claim.claimed_at`; whether it was taken.
    ///
    /// # Errors
    /// [`Error`]
    pub fn take(&self, claim: &Claim) -> Result<bool> {
        let sql = "INSERT INTO claims VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
             ON CONFLICT (place, session, task) DO UPDATE SET holder = excluded.holder, \
             pid = excluded.pid, claimed_at = excluded.claimed_at, \
             heartbeat_at = excluded.heartbeat_at, expires_at = excluded.expires_at, \
             ttl_ms = excluded.ttl_ms WHERE claims.expires_at <= excluded.claimed_at";
        let done = self.tx.execute(
            sql,
            params![
                self.place,
                claim.session,
                claim.task,
                claim.holder,
                claim.pid,
                claim.claimed_at,
                claim.heartbeat_at,
                claim.expires_at,
                claim.ttl_ms
            ],
        )?;
        Ok(done == 1)
    }

    /// Makes a claim last `ttl_ms` from `now` on.
    ///
    /// # Errors
    /// [`Error`]
    pub fn renew(&self, session: &str, task: &str, now: i64, ttl_ms: i64) -> Result<()> {
        let sql = "UPDATE claims SET heartbeat_at = ?4, expires_at = ?5, ttl_ms = ?6 \
             WHERE place = ?1 AND session = ?2 AND task = ?3";
        let until = now.saturating_add(ttl_ms);
        self.tx.execute(sql, params![self.place, session, task, now, until, ttl_ms])?;
        Ok(())
    }

    /// Lets go of a task; whether there was anything to let go of.
    ///
    /// # Errors
    /// [`Error`]
    pub fn release(&self, session: &str, task: &str) -> Result<bool> {
        let sql = "DELETE FROM claims WHERE place = ?1 AND session = ?2 AND task = ?3";
        Ok(self.tx.execute(sql, params![self.place, session, task])? > 0)
    }

    /// Makes the steps last.
    ///
    /// # Errors
    /// [`Error`]
    pub fn commit(self) -> Result<()> {
        Ok(self.tx.commit()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Claim> {
    Ok(Claim {
        session: row.get(0)?,
        task: row.get(1)?,
        holder: row.get(2)?,
        pid: row.get(3)?,
        claimed_at: row.get(4)?,
        heartbeat_at: row.get(5)?,
        expires_at: row.get(6)?,
        ttl_ms: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(task: &str, holder: &str, at: i64) -> Claim {
        Claim {
            session: "s".into(),
            task: task.into(),
            holder: holder.into(),
            pid: 1,
            claimed_at: at,
            heartbeat_at: at,
            expires_at: at + 10,
            ttl_ms: 10,
        }
    }

    #[test]
    fn a_lease_is_exclusive_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("claims.sqlite");
        let mut claims = Claims::open(&path, "").unwrap();
        let tx = claims.begin().unwrap();
        assert!(tx.take(&claim("a", "x", 0)).unwrap());
        assert!(!tx.take(&claim("a", "y", 9)).unwrap(), "still held");
        assert_eq!(tx.live("s", "a", 9).unwrap().unwrap().holder, "x");
        assert!(tx.take(&claim("a", "y", 10)).unwrap(), "expired");
        tx.renew("s", "a", 15, 100).unwrap();
        assert_eq!(tx.live("s", "a", 114).unwrap().unwrap().holder, "y");
        assert!(tx.release("s", "a").unwrap() && !tx.release("s", "a").unwrap());
        assert!(tx.take(&claim("b", "x", 0)).unwrap());
        tx.commit().unwrap();
        let mut elsewhere = Claims::open(&path, "sub").unwrap();
        assert!(elsewhere.all().unwrap().is_empty(), "another workspace of the clone");
        assert_eq!(elsewhere.prune(1000).unwrap(), 0);
        assert_eq!((claims.prune(9).unwrap(), claims.all().unwrap().len()), (0, 1));
        assert_eq!((claims.prune(10).unwrap(), claims.all().unwrap().len()), (1, 0));
    }

    #[test]
    fn another_programs_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other.sqlite");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        assert!(matches!(Claims::open(&path, ""), Err(Error::Damaged { .. })));
    }
}
