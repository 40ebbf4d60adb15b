use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::chunk::{Chunk, chunk_at, chunks, number};
use super::hash::{RowHash, int};
use super::search_queue::SearchQueue;
use super::{Result, SessionRecord, group_rows, note_rows, task_rows};
use crate::model::{Progress, SessionStatus};

/// A session's record with everything that is computed from it once.
pub(super) struct Plan<'a> {
    pub record: &'a SessionRecord,
    pub groups: Vec<group_rows::GroupRow>,
    pub chunks: Vec<Chunk>,
    /// The number of each chunk in the index.
    pub ords: Vec<i64>,
    /// `/session/group/task` of each task.
    pub paths: Vec<String>,
    /// The outermost ancestor of each task.
    pub roots: Vec<usize>,
    /// The hash of each task's content.
    pub contents: Vec<i64>,
    /// The findings of each chunk; last, those before the first task.
    pub findings: Vec<Vec<usize>>,
    /// The hash of the findings before the first task, now and as the index has it.
    pub head: i64,
    pub old_head: Option<i64>,
}

/// What the index has of a chunk.
pub(super) struct OldChunk {
    pub ord: i64,
    pub lines: i64,
    pub bytes: i64,
    pub digest: i64,
    pub findings: i64,
}

/// Makes the rows of one session say what `record` says.
pub(super) fn session(conn: &Connection, queue: &mut SearchQueue, record: &SessionRecord) -> Result<()> {
    let mut hash = RowHash::default();
    let groups = group_rows::rows(record, &mut hash);
    let mut chunks = chunks(record);
    let paths = task_rows::paths(record);
    let contents = task_rows::contents(record, &groups, &paths, &mut hash);
    let findings = findings(record, &chunks);
    for (chunk, found) in chunks.iter_mut().zip(&findings) {
        let first = &record.tasks[chunk.start];
        for (task, content) in record.tasks[chunk.start..chunk.end].iter().zip(&contents[chunk.start..]) {
            hash.text(&task.row_id).int(*content).int(i64::from(task.line) - i64::from(first.line));
        }
        chunk.digest = hash.finish();
        chunk.findings = note_rows::findings_digest(record, Some(first), found, &mut hash);
    }
    let roots = roots(record);
    let head = findings.last().map(Vec::as_slice).unwrap_or_default();
    let head = note_rows::findings_digest(record, None, head, &mut hash);
    let key = record.directory.as_str();
    let known: Option<(i64, i64, i64)> = conn
        .prepare_cached("SELECT number, digest, findings FROM sessions WHERE session_id = ?1")?
        .query_row([key], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    let old_head = known.map(|(_, _, head)| head);
    let ords = Vec::new();
    let mut plan = Plan { record, groups, chunks, ords, paths, roots, contents, findings, head, old_head };
    let digest = digest(&plan, &mut hash);
    if known.is_some_and(|(_, old, _)| old == digest) {
        return sync_state(conn, record);
    }
    let number_here = match known {
        Some((number, ..)) => number,
        None => conn
            .prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM sessions")?
            .query_row([], |r| r.get(0))?,
    };
    session_row(conn, &plan, number_here, digest, known.is_some())?;

    let (old, firsts) = if known.is_some() { old_chunks(conn, key)? } else { Default::default() };
    let names: Vec<&str> = plan.chunks.iter().map(|c| record.tasks[c.start].row_id.as_str()).collect();
    let (ords, kept) = number(&names, &firsts);
    plan.ords = ords;

    group_rows::write(conn, &plan, known.is_some())?;
    let same: HashMap<i64, OldChunk> =
        if kept { old.into_iter().map(|c| (c.ord, c)).collect() } else { HashMap::new() };
    task_rows::write(conn, queue, &plan, &same, number_here, known.is_some())?;
    note_rows::write(conn, queue, &plan, &same, number_here, known.is_some())?;
    chunk_rows(conn, &plan, &same, known.is_some())?;
    group_rows::remove_missing(conn, &plan, known.is_some())?;
    counts(conn, record, known.is_some())?;
    sync_state(conn, record)
}

fn roots(record: &SessionRecord) -> Vec<usize> {
    let mut roots: Vec<usize> = Vec::with_capacity(record.tasks.len());
    for (i, task) in record.tasks.iter().enumerate() {
        roots.push(task.parent.filter(|&p| p < i).map_or(i, |p| roots[p]));
    }
    roots
}

/// Indices of the findings by chunk; last, those before the first task.
fn findings(record: &SessionRecord, chunks: &[Chunk]) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); chunks.len() + 1];
    for (i, diagnostic) in record.diagnostics.iter().enumerate() {
        found[chunk_at(record, chunks, diagnostic.line).unwrap_or(chunks.len())].push(i);
    }
    for list in &mut found {
        list.sort_by_key(|&i| {
            let d = &record.diagnostics[i];
            (d.start, d.length, &d.code, &d.message)
        });
    }
    found
}

/// Over everything the record says, but for how its file was read.
fn digest(plan: &Plan<'_>, hash: &mut RowHash) -> i64 {
    let r = plan.record;
    for text in [&r.identity, &r.name, &r.kind, &r.file.path] {
        hash.text(text);
    }
    for text in [&r.description, &r.mode, &r.created, &r.due, &r.tags] {
        hash.opt(text.as_deref());
    }
    hash.text(status(r).key())
        .int(i64::from(r.status.is_some()))
        .opt_int(r.priority.map(i64::from))
        .int(plan.head);
    for group in &plan.groups {
        hash.int(group.content);
    }
    for chunk in &plan.chunks {
        hash.int(chunk.digest).int(chunk.findings).int(chunk.lines).int(chunk.bytes);
    }
    if let Some(first) = r.tasks.first() {
        hash.int(i64::from(first.line)).int(i64::try_from(first.offset).unwrap_or(i64::MAX));
    }
    for note in &r.notes {
        hash.text(note.kind.word()).text(&note.title).text(&note.body).int(i64::from(note.line));
    }
    hash.finish()
}

fn status(record: &SessionRecord) -> SessionStatus {
    record.status.unwrap_or(SessionStatus::Active)
}

fn session_row(conn: &Connection, plan: &Plan<'_>, number: i64, digest: i64, known: bool) -> Result<()> {
    let record = plan.record;
    let progress: Progress = record.tasks.iter().map(|t| t.status).collect();
    let first = record.tasks.first();
    let sql = if known {
        "UPDATE sessions SET name = ?2, description = ?3, mode_file = ?4, status = ?5, \
         markdown_file_path = ?6, priority_level = ?7, total_tasks = ?8, completed_tasks = ?9, \
         progress_percentage = ?10, estimated_completion_date = ?11, created_at = ?12, identity = ?13, \
         number = ?14, priority = ?15, first_line = ?16, first_offset = ?17, tags = ?18, digest = ?19, findings = ?20, \
         stated = ?21, session_type = ?22 \
         WHERE session_id = ?1"
    } else {
        "INSERT INTO sessions (session_id, name, description, mode_file, status, markdown_file_path, \
         priority_level, total_tasks, completed_tasks, progress_percentage, estimated_completion_date, \
         created_at, identity, number, priority, first_line, first_offset, tags, digest, findings, stated, \
         session_type, last_activity_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
         ?18, ?19, ?20, ?21, ?22, NULL)"
    };
    conn.prepare_cached(sql)?.execute(params![
        record.directory,
        record.name,
        record.description,
        record.mode,
        status(record).key(),
        record.file.path,
        level(record.priority),
        int(progress.total),
        int(progress.completed),
        percentage(progress),
        record.due,
        record.created,
        record.identity,
        number,
        record.priority,
        first.map_or(0, |t| i64::from(t.line)),
        first.map_or(0, |t| i64::try_from(t.offset).unwrap_or(i64::MAX)),
        record.tags,
        digest,
        plan.head,
        record.status.is_some(),
        record.kind
    ])?;
    Ok(())
}

/// The seeds' level: 3 where nothing is stated.
pub(super) fn level(priority: Option<u8>) -> i64 {
    i64::from(priority.unwrap_or(3).clamp(1, 5))
}

/// Completed per cent, as precise as the column.
#[expect(clippy::cast_precision_loss, reason = "task counts are far below 2^52")]
pub(super) fn percentage(progress: Progress) -> f64 {
    match progress.total {
        0 => 0.0,
        total => (progress.completed as f64 * 100.0 / total as f64).clamp(0.0, 100.0),
    }
}

type Old = (Vec<OldChunk>, Vec<(i64, String)>);

fn old_chunks(conn: &Connection, key: &str) -> Result<Old> {
    let mut old = conn.prepare_cached(
        "SELECT ord, first, lines, bytes, digest, findings FROM chunks WHERE session_id = ?1 ORDER BY ord",
    )?;
    let (mut chunks, mut firsts) = Old::default();
    let mut rows = old.query([key])?;
    while let Some(row) = rows.next()? {
        let ord = row.get(0)?;
        firsts.push((ord, row.get(1)?));
        chunks.push(OldChunk {
            ord,
            lines: row.get(2)?,
            bytes: row.get(3)?,
            digest: row.get(4)?,
            findings: row.get(5)?,
        });
    }
    Ok((chunks, firsts))
}

/// Writes chunk rows that differ and drops those that are gone.
fn chunk_rows(conn: &Connection, plan: &Plan<'_>, same: &HashMap<i64, OldChunk>, known: bool) -> Result<()> {
    let key = &plan.record.directory;
    if known && same.is_empty() {
        conn.prepare_cached("DELETE FROM chunks WHERE session_id = ?1")?.execute([key])?;
    } else if known {
        let live: std::collections::HashSet<i64> = plan.ords.iter().copied().collect();
        let mut delete = conn.prepare_cached("DELETE FROM chunks WHERE session_id = ?1 AND ord = ?2")?;
        for ord in same.keys().filter(|ord| !live.contains(ord)) {
            delete.execute(params![key, ord])?;
        }
    }
    let mut put = conn.prepare_cached(
        "INSERT OR REPLACE INTO chunks (session_id, ord, first, tasks, lines, bytes, digest, findings) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (chunk, ord) in plan.chunks.iter().zip(&plan.ords) {
        let unchanged = same.get(ord).is_some_and(|old| {
            (old.lines, old.bytes, old.digest, old.findings)
                == (chunk.lines, chunk.bytes, chunk.digest, chunk.findings)
        });
        if !unchanged {
            put.execute(params![
                key,
                ord,
                plan.record.tasks[chunk.start].row_id,
                int(chunk.end - chunk.start),
                chunk.lines,
                chunk.bytes,
                chunk.digest,
                chunk.findings
            ])?;
        }
    }
    Ok(())
}

fn counts(conn: &Connection, record: &SessionRecord, known: bool) -> Result<()> {
    let mut now: HashMap<&str, i64> = HashMap::new();
    for task in &record.tasks {
        *now.entry(task.status.key()).or_default() += 1;
        match task.ready {
            super::Ready::No => {}
            super::Ready::Yes => *now.entry("ready").or_default() += 1,
            super::Ready::IfForeign => *now.entry("ready_if").or_default() += 1,
        }
    }
    if known {
        let mut old = conn.prepare_cached("SELECT state, tasks FROM task_counts WHERE session_id = ?1")?;
        let old: Vec<(String, i64)> = old
            .query_map([&record.directory], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut delete =
            conn.prepare_cached("DELETE FROM task_counts WHERE session_id = ?1 AND state = ?2")?;
        for (state, tasks) in &old {
            match now.get(state.as_str()) {
                Some(n) if n == tasks => {
                    now.remove(state.as_str());
                }
                Some(_) => {}
                None => {
                    delete.execute(params![record.directory, state])?;
                }
            }
        }
    }
    let mut put = conn.prepare_cached(
        "INSERT OR REPLACE INTO task_counts (session_id, state, tasks) VALUES (?1, ?2, ?3)",
    )?;
    for (state, tasks) in now {
        put.execute(params![record.directory, state, tasks])?;
    }
    Ok(())
}

/// The row of `markdown_sync_state`: the index says what the file says, so both hashes are equal.
fn sync_state(conn: &Connection, record: &SessionRecord) -> Result<()> {
    let hash = format!("blake3:{}", record.file.hash);
    conn.prepare_cached(
        "INSERT INTO markdown_sync_state (sync_id, session_id, markdown_file_path, sync_status, db_content_hash, \
         md_content_hash) VALUES (?1, ?1, ?2, 'synchronized', ?3, ?3) ON CONFLICT (sync_id) DO UPDATE SET \
         markdown_file_path = ?2, db_content_hash = ?3, md_content_hash = ?3 \
         WHERE md_content_hash IS NOT ?3 OR markdown_file_path IS NOT ?2",
    )?
    .execute(params![record.directory, record.file.path, hash])?;
    Ok(())
}
