//! A file that is no index is told from one that is, and nothing is ever removed.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::make::{put, record};
use crate::index::{Index, OpenError, State};

fn with(damage: impl FnOnce(&NamedTempFile, Vec<u8>) -> Vec<u8>) -> Result<State, OpenError> {
    let dir = tempfile::tempdir().unwrap();
    let mut file = tempfile::Builder::new().suffix(".sqlite").tempfile_in(dir.path()).unwrap();
    let path = file.path().to_owned();
    let mut index = Index::open(&path, Duration::ZERO).unwrap().index;
    let text: Vec<String> = (0..400).map(|i| format!(" |Task {i}|t-{i:04}")).collect();
    put(&mut index, &[("a", &text.join("\n"))]);
    index.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(index);
    let bytes = damage(&file, read(&file));
    file.as_file_mut().set_len(0).unwrap();
    file.write_all(&bytes).unwrap();
    Index::open(&path, Duration::ZERO).map(|opened| {
        // What can be opened can be filled.
        let mut index = opened.index;
        let mut batch = index.begin().unwrap();
        batch.replace(&record("b", " |One|t-a")).unwrap();
        batch.commit().unwrap();
        opened.state
    })
}

/// The bytes of a file, through a handle that SQLite does not know.
fn read(file: &NamedTempFile) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.reopen().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[track_caller]
fn damaged(result: &Result<State, OpenError>) {
    assert!(matches!(result, Err(OpenError::Damaged { .. })), "{result:?}");
}

#[test]
fn kinds_of_damage() {
    assert_eq!(with(|_, bytes| bytes).unwrap(), State::Reused);
    assert_eq!(with(|_, _| Vec::new()).unwrap(), State::Fresh);
    damaged(&with(|_, _| b"# A text file\n".repeat(100)));
    damaged(&with(|_, mut bytes| {
        bytes[..16].fill(0xff);
        bytes
    }));
    damaged(&with(|_, mut bytes| {
        bytes.truncate(8192);
        bytes
    }));
}

fn pragma(sql: &'static str) -> Result<State, OpenError> {
    with(|file, _| {
        let conn = rusqlite::Connection::open(file.path()).unwrap();
        conn.execute_batch(sql).unwrap();
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(conn);
        read(file)
    })
}

#[test]
fn other_versions_and_other_programs() {
    damaged(&pragma("PRAGMA application_id = 7"));
    damaged(&pragma("PRAGMA user_version = 0"));
    damaged(&pragma("CREATE TABLE mine (x)"));
    damaged(&pragma("DROP TABLE meta"));
    damaged(&pragma("DROP INDEX idx_tasks_status"));
    assert!(matches!(pragma("PRAGMA user_version = 999"), Err(OpenError::Newer)));
    assert!(matches!(pragma("UPDATE meta SET value = '' WHERE key = 'ddl'"), Err(OpenError::Older)));
}

#[test]
fn rows_that_vanished_show_in_the_dump() {
    let mut index = super::make::index(&[("a", " |One|t-a\n |Two|t-b")]);
    let whole = index.digests().unwrap();
    index.conn.execute("UPDATE tasks SET title = 'Won' WHERE id = 't-a'", []).unwrap();
    assert_ne!(index.digests().unwrap(), whole);
    assert!(index.examine().unwrap().is_some(), "the search index still says `One`");
    let mut batch = index.begin().unwrap();
    batch.remove("a").unwrap();
    drop(batch);
    assert_ne!(index.digests().unwrap(), whole);
}

#[test]
fn a_second_process_sees_what_the_first_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.sqlite");
    let mut one = Index::open(&path, Duration::ZERO).unwrap();
    let two = Index::open(&path, Duration::ZERO).unwrap();
    assert_eq!((one.state, two.state), (State::Fresh, State::Reused));
    put(&mut one.index, &[("a", " |One|t-a")]);
    assert_eq!(one.index.dump().unwrap(), two.index.dump().unwrap());
}

#[test]
fn a_load_that_is_cut_off_leaves_an_empty_index() {
    let dir = tempfile::tempdir().unwrap();
    let (path, after) = (dir.path().join("index.sqlite"), dir.path().join("after.sqlite"));
    let mut one = Index::open(&path, Duration::ZERO).unwrap().index;
    let empty = one.dump().unwrap();
    one.conn.execute_batch("PRAGMA cache_size = 10").unwrap();
    let mut batch = one.load().unwrap();
    batch.index.conn.execute_batch("PRAGMA cache_size = 10").unwrap();
    let text: Vec<String> = (0..3000).map(|i| format!(" |Task {i}|t-{i:04}")).collect();
    batch.replace(&record("a", &text.join("\n"))).unwrap();
    // What is on the disk at this moment, half of it in the journal.
    let wal = |path: &std::path::Path| path.with_extension("sqlite-wal");
    std::fs::copy(&path, &after).unwrap();
    assert!(std::fs::copy(wal(&path), wal(&after)).unwrap() > 100_000);
    // Others read the empty index meanwhile.
    assert_eq!(Index::open(&path, Duration::ZERO).unwrap().index.dump().unwrap(), empty);
    drop(batch);
    for path in [path, after] {
        let mut again = Index::open(&path, Duration::ZERO).unwrap();
        assert_eq!((again.state, again.index.dump().unwrap()), (State::Reused, empty.clone()));
        assert_eq!(again.index.examine().unwrap(), None);
        let mut batch = again.index.load().unwrap();
        batch.replace(&record("a", " |One|t-a")).unwrap();
        batch.commit().unwrap();
        assert_eq!(again.index.examine().unwrap(), None);
        // A load makes the indexes anew: who opens it next need not read the schema to know it.
        let one = |sql: &str| again.index.conn.query_row(sql, [], |r| r.get::<_, String>(0)).unwrap();
        let counted = one("SELECT CAST(schema_version AS TEXT) FROM pragma_schema_version");
        assert_eq!(one("SELECT value FROM meta WHERE key = 'cookie'"), counted);
    }
}
