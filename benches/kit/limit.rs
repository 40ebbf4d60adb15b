//! The limit: the same jobs by a bare program that promises nothing. No verification, no schema
//! to speak of, no messages, no diagnostics, no locks; the same crates.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::lift::{Row, lift};

type Outcome = Result<String, Box<dyn std::error::Error>>;

const TABLES: &str = "
CREATE TABLE files (path TEXT PRIMARY KEY, session TEXT, size INTEGER, mtime INTEGER, ctime INTEGER, ino INTEGER, hash BLOB);
CREATE TABLE tasks (rowid INTEGER PRIMARY KEY, id TEXT, session TEXT, parent INTEGER, grp TEXT, position INTEGER,
  title TEXT, description TEXT, status TEXT, specialist TEXT, priority INTEGER, estimate TEXT, due TEXT, line INTEGER, ready INTEGER);
CREATE TABLE dependencies (task INTEGER, target TEXT, PRIMARY KEY (task, target)) WITHOUT ROWID;
CREATE TABLE tags (task INTEGER, tag TEXT, PRIMARY KEY (task, tag)) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(title, body, content='', contentless_delete=1);
";
const INDEXES: &str = "
CREATE INDEX tasks_session ON tasks (session, position);
CREATE INDEX tasks_id ON tasks (id);
CREATE INDEX tasks_status ON tasks (session, status);
CREATE INDEX tasks_group ON tasks (session, grp);
CREATE INDEX tasks_parent ON tasks (parent);
CREATE INDEX tasks_ready ON tasks (priority, due) WHERE ready;
";

/// Does a job on a workspace; the answer is a number or some lines.
pub(crate) fn run(job: &str, root: &Path, rest: &[String]) -> Outcome {
    let arg = |n: usize| rest.get(n).map(String::as_str).unwrap_or_default();
    match job {
        "start" => Ok(String::new()),
        "reindex" => reindex(root),
        "noop" => stale(root, &open(root)?).map(|s| s.len().to_string()),
        "sync" => sync(root, &mut open(root)?),
        "line" => line(root, &open(root)?),
        "list" => {
            rows(root, "SELECT id, title FROM tasks WHERE session = ?1 ORDER BY position LIMIT 20", arg(0))
        }
        "next" => rows(
            root,
            "SELECT id, title FROM tasks WHERE ready AND ?1 = ?1 ORDER BY priority, due LIMIT 20",
            "",
        ),
        "show" => rows(root, "SELECT id, title || description FROM tasks WHERE id = ?1", arg(0)),
        "deps" => rows(
            root,
            "SELECT d.target, t.title FROM tasks o JOIN dependencies d ON d.task = o.rowid LEFT JOIN tasks t ON t.id = d.target \
             WHERE o.id = ?1",
            arg(0),
        ),
        "search" => rows(
            root,
            "SELECT t.id, t.title FROM search JOIN tasks t ON t.rowid = search.rowid WHERE search MATCH ?1 ORDER BY rank LIMIT 20",
            arg(0),
        ),
        "edit" => edit(root, arg(0), &rest[1..]),
        "replace" => {
            let path = super::corpus::session_file(root, arg(0));
            replace(&path, &fs::read(&path)?).map(|()| String::new()).map_err(Into::into)
        }
        "overview" => {
            let text = fs::read_to_string(root.join(super::branches::file("base")))?;
            let rows = lift(&text);
            let lines: String =
                rows.iter().map(|r| format!("- {} {} {}\n", r.status, r.title, r.id)).collect();
            replace(&root.join("overview.md"), lines.as_bytes())?;
            Ok(rows.len().to_string())
        }
        "claim" => claim(root),
        "check" => check(root),
        "merge" => merge(root, rest),
        "read" => super::sources::read(root, arg(0)),
        other => Err(format!("no job `{other}`").into()),
    }
}

fn index(root: &Path) -> PathBuf {
    root.join("limit.sqlite")
}

fn open(root: &Path) -> Result<Connection, rusqlite::Error> {
    let conn = Connection::open(index(root))?;
    conn.execute_batch("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")?;
    Ok(conn)
}

/// Every session's file with its directory's name, by name.
fn walk(root: &Path) -> std::io::Result<Vec<(String, PathBuf, fs::Metadata)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(".task_orchestrator/sessions"))? {
        let entry = entry?;
        let path = entry.path().join("session.md");
        let stat = fs::symlink_metadata(&path)?;
        found.push((entry.file_name().to_string_lossy().into_owned(), path, stat));
    }
    Ok(found)
}

fn reindex(root: &Path) -> Outcome {
    let path = index(root);
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", path.display()));
    }
    let mut conn = open(root)?;
    let tx = conn.transaction()?;
    tx.execute_batch(TABLES)?;
    tx.execute("INSERT INTO search (search, rank) VALUES ('hashsize', 67108864)", [])?;
    let mut count = 0;
    for (session, path, stat) in walk(root)? {
        let bytes = fs::read(&path)?;
        let hash = blake3::hash(&bytes);
        let found = lift(std::str::from_utf8(&bytes)?);
        put_file(&tx, &session, &path, &stat, &hash)?;
        insert(&tx, &session, &found, count)?;
        count += found.len();
    }
    tx.execute_batch(INDEXES)?;
    tx.commit()?;
    Ok(count.to_string())
}

fn put_file(
    tx: &Connection,
    session: &str,
    path: &Path,
    stat: &fs::Metadata,
    hash: &blake3::Hash,
) -> Result<(), rusqlite::Error> {
    let path = path.to_string_lossy();
    tx.prepare_cached("INSERT OR REPLACE INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
        params![
            path,
            session,
            stat.size().cast_signed(),
            stamp(stat.mtime(), stat.mtime_nsec()),
            stamp(stat.ctime(), stat.ctime_nsec()),
            stat.ino().cast_signed(),
            hash.as_bytes()
        ],
    )?;
    Ok(())
}

fn stamp(seconds: i64, nanos: i64) -> i64 {
    seconds.wrapping_mul(1_000_000_000).wrapping_add(nanos)
}

fn insert(tx: &Connection, session: &str, rows: &[Row<'_>], before: usize) -> Result<(), rusqlite::Error> {
    let mut task = tx.prepare_cached(
        "INSERT INTO tasks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let mut search = tx.prepare_cached("INSERT INTO search (rowid, title, body) VALUES (?1, ?2, ?3)")?;
    let mut dependency = tx.prepare_cached("INSERT OR IGNORE INTO dependencies VALUES (?1, ?2)")?;
    let mut tags = tx.prepare_cached("INSERT OR IGNORE INTO tags VALUES (?1, ?2)")?;
    let number = |n: usize| i64::try_from(before + n + 1).unwrap_or(i64::MAX);
    for (n, row) in rows.iter().enumerate() {
        let rowid = number(n);
        let parent = row.parent.map(number);
        let (position, line) = (number(n), number(row.line));
        let ready = row.status != "Completed" && row.depends_on.is_empty();
        task.execute(params![
            rowid,
            row.id,
            session,
            parent,
            row.group,
            position,
            row.title,
            row.body,
            row.status,
            row.specialist,
            row.priority,
            row.estimate,
            row.due,
            line,
            ready
        ])?;
        search.execute(params![rowid, row.title, row.body])?;
        for on in &row.depends_on {
            dependency.execute(params![rowid, on])?;
        }
        for tag in &row.tags {
            tags.execute(params![rowid, tag])?;
        }
    }
    Ok(())
}

/// The files whose stamps are not those of the index.
fn stale(
    root: &Path,
    conn: &Connection,
) -> Result<Vec<(String, PathBuf, fs::Metadata)>, Box<dyn std::error::Error>> {
    let mut row = conn.prepare("SELECT size, mtime, ctime, ino FROM files WHERE path = ?1")?;
    let mut stale = Vec::new();
    for (session, path, stat) in walk(root)? {
        let seen: (i64, i64, i64, i64) =
            row.query_row([path.to_string_lossy()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        let now = (
            stat.size().cast_signed(),
            stamp(stat.mtime(), stat.mtime_nsec()),
            stamp(stat.ctime(), stat.ctime_nsec()),
            stat.ino().cast_signed(),
        );
        if seen != now {
            stale.push((session, path, stat));
        }
    }
    Ok(stale)
}

/// Parses the changed files and writes the rows that are different.
fn sync(root: &Path, conn: &mut Connection) -> Outcome {
    let stale = stale(root, conn)?;
    let tx = conn.transaction()?;
    let mut written = 0;
    for (session, path, stat) in &stale {
        let bytes = fs::read(path)?;
        let hash = blake3::hash(&bytes);
        let rows = lift(std::str::from_utf8(&bytes)?);
        written += update(&tx, session, &rows)?;
        put_file(&tx, session, path, stat, &hash)?;
    }
    tx.commit()?;
    Ok(written.to_string())
}

/// Rows in document order against rows in document order; new ones are at the end of a group, so
/// they are told by their ids.
fn update(tx: &Connection, session: &str, rows: &[Row<'_>]) -> Result<usize, rusqlite::Error> {
    let mut before = std::collections::HashMap::new();
    let mut read =
        tx.prepare_cached("SELECT rowid, id, title, description, status FROM tasks WHERE session = ?1")?;
    let mut found = read.query([session])?;
    while let Some(r) = found.next()? {
        let said: (String, String, String) = (r.get(2)?, r.get(3)?, r.get(4)?);
        before.insert(r.get::<_, String>(1)?, (r.get::<_, i64>(0)?, said));
    }
    let mut written = 0;
    for row in rows {
        let Some((rowid, said)) = before.get(row.id) else {
            let next = last(tx)?;
            insert(tx, session, std::slice::from_ref(row), next)?;
            written += 1;
            continue;
        };
        if (said.0.as_str(), said.1.as_str(), said.2.as_str()) == (row.title, row.body.as_str(), row.status) {
            continue;
        }
        tx.prepare_cached("UPDATE tasks SET title = ?2, description = ?3, status = ?4 WHERE rowid = ?1")?
            .execute(params![rowid, row.title, row.body, row.status])?;
        tx.prepare_cached("INSERT OR REPLACE INTO search (rowid, title, body) VALUES (?1, ?2, ?3)")?
            .execute(params![rowid, row.title, row.body])?;
        written += 1;
    }
    Ok(written)
}

fn last(tx: &Connection) -> Result<usize, rusqlite::Error> {
    let rowid: i64 = tx.query_row("SELECT max(rowid) FROM tasks", [], |r| r.get(0))?;
    Ok(usize::try_from(rowid).unwrap_or(0))
}

/// One changed line: reads and hashes the file, parses a block of a hundred lines, writes a row.
fn line(root: &Path, conn: &Connection) -> Outcome {
    for (session, path, stat) in stale(root, conn)? {
        let bytes = fs::read(&path)?;
        let hash = blake3::hash(&bytes);
        let text = std::str::from_utf8(&bytes)?;
        let end = text.match_indices('\n').nth(100).map_or(text.len(), |(at, _)| at);
        let rows = lift(&text[..end]);
        conn.execute_batch("BEGIN IMMEDIATE")?;
        put_file(conn, &session, &path, &stat, &hash)?;
        if let Some(row) = rows.first() {
            conn.execute("UPDATE tasks SET status = ?2 WHERE id = ?1", params![row.id, row.status])?;
        }
        conn.execute_batch("COMMIT")?;
    }
    Ok("1".to_owned())
}

fn rows(root: &Path, query: &str, arg: &str) -> Outcome {
    let conn = open(root)?;
    let mut statement = conn.prepare(query)?;
    let mut found = statement.query([arg])?;
    let mut out = String::new();
    while let Some(row) = found.next()? {
        let title: Option<String> = row.get(1)?;
        out.push_str(&format!("{} {}\n", row.get::<_, String>(0)?, title.unwrap_or_default()));
    }
    Ok(out)
}

/// Reads, parses, changes, parses again, replaces the file durably, commits the changed rows.
/// Without `new` the task `session/id` is ticked; else these titles are added after it.
fn edit(root: &Path, task: &str, new: &[String]) -> Outcome {
    let (session, id) = task.split_once('/').ok_or("session/id wanted")?;
    let path = super::corpus::session_file(root, session);
    let text = fs::read_to_string(&path)?;
    let rows = lift(&text);
    let row = rows.iter().find(|r| r.id == id).ok_or("no such task")?;
    let at: usize = text.split_inclusive('\n').take(row.line - 1).map(str::len).sum();
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
    let changed = if new.is_empty() {
        let line = text[at..end].replacen("[ ]", "[x]", 1).replacen("(Pending)", "(Completed)", 1);
        format!("{}{line}{}", &text[..at], &text[end..])
    } else {
        let count: usize = new[0].parse()?;
        let indent = &text[at..at + text[at..].find('-').unwrap_or(0)];
        let lines: String =
            (0..count).map(|n| format!("{indent}- [ ] {} {n} (Pending) ^{}-{n}\n", new[1], new[2])).collect();
        format!("{}{lines}{}", &text[..at], &text[at..])
    };
    let rows = lift(&changed);
    replace(&path, changed.as_bytes())?;
    let mut conn = open(root)?;
    let tx = conn.transaction()?;
    let next = last(&tx)?;
    if new.is_empty() {
        tx.execute("UPDATE tasks SET status = 'Completed' WHERE id = ?1", [id])?;
    } else {
        let first = rows.iter().position(|r| r.id.starts_with(&new[2])).ok_or("nothing was added")?;
        let count: usize = new[0].parse()?;
        insert(&tx, session, &rows[first..first + count], next)?;
    }
    put_file(&tx, session, &path, &fs::symlink_metadata(&path)?, &blake3::hash(changed.as_bytes()))?;
    tx.commit()?;
    Ok(rows.len().to_string())
}

/// Takes the first ready task that nobody has, for good.
fn claim(root: &Path) -> Outcome {
    let conn = open(root)?;
    conn.execute("ATTACH ?1 AS leases", [root.join("claims.sqlite").to_string_lossy()])?;
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS leases.claims (task INTEGER PRIMARY KEY, at INTEGER); BEGIN IMMEDIATE",
    )?;
    let task: i64 = conn.query_row(
        "SELECT rowid FROM tasks WHERE ready AND rowid NOT IN (SELECT task FROM leases.claims) \
         ORDER BY priority, due LIMIT 1",
        [],
        |r| r.get(0),
    )?;
    conn.execute("INSERT INTO leases.claims VALUES (?1, unixepoch())", [task])?;
    conn.execute_batch("COMMIT")?;
    Ok(task.to_string())
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

/// Parses three versions and compares the lines of both sides with the base.
fn merge(root: &Path, files: &[String]) -> Outcome {
    let texts = files.iter().map(|f| fs::read_to_string(root.join(f)));
    let texts: Vec<String> = texts.collect::<std::io::Result<_>>()?;
    let [base, ours, theirs] = texts.as_slice() else { return Err("three files wanted".into()) };
    let tasks: usize = texts.iter().map(|t| lift(t).len()).sum();
    let changed = |side: &str| {
        let diff = similar::TextDiff::from_lines(base.as_str(), side);
        diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal).count()
    };
    Ok(format!("{tasks} {}", changed(ours) + changed(theirs)))
}

fn check(root: &Path) -> Outcome {
    let mut count = 0;
    for (_, path, _) in walk(root)? {
        count += lift(&fs::read_to_string(path)?).len();
    }
    Ok(count.to_string())
}
