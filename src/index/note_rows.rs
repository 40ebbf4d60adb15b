use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use super::chunk::chunk_at;
use super::hash::RowHash;
use super::replace::{OldChunk, Plan};
use super::search_queue::{FIRST_NOTE, SearchQueue};
use super::{DiagnosticRecord, Result, SessionRecord, TaskRecord};

/// The hash of some findings, relative to the task that begins their chunk; 0 for none.
pub(super) fn findings_digest(
    record: &SessionRecord,
    first: Option<&TaskRecord>,
    found: &[usize],
    hash: &mut RowHash,
) -> i64 {
    if found.is_empty() {
        return 0;
    }
    for &i in found {
        let d = &record.diagnostics[i];
        let (line, start) = relative(d, first);
        hash.text(&d.code).int(i64::from(d.severity)).text(&d.message).int(line).int(i64::from(d.column));
        hash.int(start).int(i64::try_from(d.length).unwrap_or(i64::MAX)).int(i64::from(d.fixable));
    }
    hash.finish()
}

fn relative(d: &DiagnosticRecord, first: Option<&TaskRecord>) -> (i64, i64) {
    let wide = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    match first {
        Some(first) => (i64::from(d.line) - i64::from(first.line), wide(d.start) - wide(first.offset)),
        None => (i64::from(d.line), wide(d.start)),
    }
}

/// Writes notes and findings that differ.
pub(super) fn write(
    conn: &Connection,
    queue: &mut SearchQueue,
    plan: &Plan<'_>,
    same: &HashMap<i64, OldChunk>,
    scope: i64,
    known: bool,
) -> Result<()> {
    notes(conn, queue, plan, scope, known)?;
    findings(conn, plan, same, known)
}

struct OldNote {
    id: i64,
    content: i64,
    ord: i64,
    chunk: Option<i64>,
    line: i64,
}

/// Notes are told apart by kind, title and which of that title they are, so that text moved or
/// put before them does not touch their entry in the search index.
fn notes(conn: &Connection, queue: &mut SearchQueue, plan: &Plan<'_>, scope: i64, known: bool) -> Result<()> {
    let record = plan.record;
    let mut old = if known { old_notes(conn, &record.directory)? } else { BTreeMap::new() };
    let mut next: Option<i64> = None;
    let mut hash = RowHash::default();
    let mut seen: HashMap<(&str, &str), i64> = HashMap::new();
    let mut insert = conn.prepare_cached(
        "INSERT INTO notes (id, session_id, name, ord, kind, title, body, chunk, line, content) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let mut update = conn.prepare_cached("UPDATE notes SET body = ?2, content = ?3 WHERE id = ?1")?;
    let mut shift = conn.prepare_cached("UPDATE notes SET ord = ?2, chunk = ?3, line = ?4 WHERE id = ?1")?;
    for (ord, note) in (0_i64..).zip(&record.notes) {
        let count = seen.entry((note.kind.word(), &note.title)).or_default();
        *count += 1;
        let name = format!("{}/{}/{count}", note.kind.word(), note.title);
        let content = hash.text(&note.body).finish();
        let chunk = chunk_at(record, &plan.chunks, note.line).filter(|_| note.line > 0);
        let first = chunk.map_or(0, |c| i64::from(record.tasks[plan.chunks[c].start].line));
        let (chunk, line) = (chunk.map(|c| plan.ords[c]), i64::from(note.line) - first);
        if let Some(row) = old.remove(&name) {
            if row.content != content {
                queue.remove(conn, row.id)?;
                queue.add(row.id, &note.title, &note.body, scope);
                update.execute(params![row.id, note.body, content])?;
            }
            if (row.ord, row.chunk, row.line) != (ord, chunk, line) {
                shift.execute(params![row.id, ord, chunk, line])?;
            }
            continue;
        }
        let id = match next {
            Some(id) => id,
            None => conn
                .prepare_cached("SELECT max(coalesce(max(id), 0) + 1, ?1) FROM notes")?
                .query_row([FIRST_NOTE], |r| r.get(0))?,
        };
        next = Some(id + 1);
        queue.add(id, &note.title, &note.body, scope);
        insert.execute(params![
            id,
            record.directory,
            name,
            ord,
            note.kind.word(),
            note.title,
            note.body,
            chunk,
            line,
            content
        ])?;
    }
    for row in old.values() {
        queue.remove(conn, row.id)?;
        conn.prepare_cached("DELETE FROM notes WHERE id = ?1")?.execute([row.id])?;
    }
    Ok(())
}

fn old_notes(conn: &Connection, directory: &str) -> Result<BTreeMap<String, OldNote>> {
    let mut old =
        conn.prepare_cached("SELECT name, id, content, ord, chunk, line FROM notes WHERE session_id = ?1")?;
    let old = old.query_map([directory], |r| {
        let note =
            OldNote { id: r.get(1)?, content: r.get(2)?, ord: r.get(3)?, chunk: r.get(4)?, line: r.get(5)? };
        Ok((r.get(0)?, note))
    })?;
    Ok(old.collect::<rusqlite::Result<_>>()?)
}

/// Findings are rewritten per chunk.
fn findings(conn: &Connection, plan: &Plan<'_>, same: &HashMap<i64, OldChunk>, known: bool) -> Result<()> {
    let record = plan.record;
    let key = &record.directory;
    let head = plan.findings.last().map(Vec::as_slice).unwrap_or_default();
    let mut insert = conn.prepare_cached(
        "INSERT INTO diagnostics (session_id, chunk, code, severity, message, line, col, start, length, fixable) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let mut put = |chunk: Option<i64>, first: Option<&TaskRecord>, found: &[usize]| -> Result<()> {
        for &i in found {
            let d = &record.diagnostics[i];
            let (line, start) = relative(d, first);
            let length = i64::try_from(d.length).unwrap_or(i64::MAX);
            insert.execute(params![
                key, chunk, d.code, d.severity, d.message, line, d.column, start, length, d.fixable
            ])?;
        }
        Ok(())
    };
    if known && same.is_empty() {
        conn.prepare_cached("DELETE FROM diagnostics WHERE session_id = ?1 AND chunk IS NOT NULL")?
            .execute([key])?;
    } else if known {
        let mut delete =
            conn.prepare_cached("DELETE FROM diagnostics WHERE session_id = ?1 AND chunk = ?2")?;
        let now: HashMap<i64, i64> =
            plan.ords.iter().copied().zip(plan.chunks.iter().map(|c| c.findings)).collect();
        for old in same.values().filter(|old| now.get(&old.ord) != Some(&old.findings)) {
            delete.execute(params![key, old.ord])?;
        }
    }
    for ((chunk, ord), found) in plan.chunks.iter().zip(&plan.ords).zip(&plan.findings) {
        if same.get(ord).is_none_or(|old| old.findings != chunk.findings) {
            put(Some(*ord), record.tasks.get(chunk.start), found)?;
        }
    }
    if plan.head != plan.old_head.unwrap_or_default() {
        if known {
            conn.prepare_cached("DELETE FROM diagnostics WHERE session_id = ?1 AND chunk IS NULL")?
                .execute([key])?;
        }
        put(None, None, head)?;
    }
    Ok(())
}
