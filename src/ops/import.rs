use serde::Serialize;

use crate::import::Report;
use crate::text::ContentHash;
use crate::workspace::{BackupScope, Error, Shipment};

use super::import_plan::{Planned, plan};
use super::import_record::{Kept, Record, records, refuse_interrupted};
use super::import_source::{ImportFormat, Wanted, source_name};
use super::{Context, ErrorCode, OpError, SCHEMA};

/// How often another name is taken for an import.
const ATTEMPTS: usize = 32;

/// What an import brought, or would bring.
#[derive(Clone, Debug, Serialize)]
pub struct ImportView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything was written.
    pub changed: bool,
    /// The import's id, for `migrate verify` and `migrate rollback`; `null` for a dry run.
    pub import: Option<String>,
    /// The format that was read.
    pub format: &'static str,
    /// Where it came from.
    pub source: String,
    /// The sessions.
    pub sessions: Vec<ImportedSession>,
    /// Every table, folder or file of the source, counted.
    pub tables: Vec<TableView>,
    /// What a person should know.
    pub findings: Vec<FindingView>,
    /// Where the source's ids are now.
    pub ids: Vec<IdView>,
    /// Roles and templates of the source.
    pub copies: Vec<CopyView>,
    /// How many files were taken along as artifacts.
    pub artifacts: usize,
    /// Rows that are in no session.
    pub aside: usize,
    /// The file that holds those rows, below the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside_path: Option<String>,
    /// The backup that was taken of what was here before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
}

/// A session that was made.
#[derive(Clone, Debug, Serialize)]
pub struct ImportedSession {
    /// Its id and directory.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its file below the root.
    pub path: String,
    /// How many tasks it has.
    pub tasks: usize,
    /// How many groups.
    pub groups: usize,
    /// The file's revision.
    pub revision: String,
}

/// One table of a source.
#[derive(Clone, Debug, Serialize)]
pub struct TableView {
    /// The file.
    pub source: String,
    /// The table, or the kind of thing.
    pub table: String,
    /// Rows that were read; 0 says that it is empty.
    pub read: usize,
    /// Rows that are in the plan.
    pub imported: usize,
    /// Rows that are kept aside.
    pub aside: usize,
    /// Why.
    pub reasons: Vec<ReasonView>,
}

/// Why rows are kept aside.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonView {
    /// The reason.
    pub reason: String,
    /// How many rows.
    pub rows: usize,
}

/// Something a person should know.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    /// Its kebab-case word.
    pub code: &'static str,
    /// File and row, line or key.
    pub place: String,
    /// One sentence.
    pub message: String,
    /// What to do about it; empty where nothing needs doing.
    pub hint: &'static str,
}

/// Where a task of the source is now.
#[derive(Clone, Debug, Serialize)]
pub struct IdView {
    /// Its id there.
    pub old: String,
    /// The session it is in.
    pub session: String,
    /// Its id here.
    pub new: String,
}

/// A role or template of the source.
#[derive(Clone, Debug, Serialize)]
pub struct CopyView {
    /// The file there.
    pub from: String,
    /// The file below `.task_orchestrator`.
    pub to: String,
    /// `copied`, `same` (it was there already), or `kept` (another file has that name; the source's lies with the
    /// import's record).
    pub state: &'static str,
}

/// Brings the plans of another tool in, each as a session of its own. Existing sessions are never touched.
///
/// Everything is planned first and then written under one lock; what fails takes everything back. `again` imports a
/// source that was imported before.
pub fn import(cx: &Context<'_>, wanted: &Wanted, again: bool) -> Result<ImportView, OpError> {
    refuse_interrupted(cx)?;
    let source = source_name(cx, wanted)?;
    let mut planned = plan(cx, wanted, None)?;
    let mut view = view(wanted, &source, &planned);
    if cx.dry_run {
        return Ok(view);
    }
    // Told already: of a large source they are as much as all that is still to be written.
    (planned.drafts, planned.report) = (Vec::new(), Report::default());
    if !again {
        refuse_twice(cx, wanted, &source)?;
    }
    // A migration is the one import that belongs to this very directory.
    if wanted.format == ImportFormat::Legacy && !cx.workspace.entries()?.is_empty() {
        view.backup = Some(super::backup_create::before(cx, BackupScope::Everything, "migrate apply")?);
    }
    for left in (0..ATTEMPTS).rev() {
        let id = cx.workspace.free_import()?;
        match deliver(cx, wanted, &planned, &mut view, &id) {
            Ok(()) => break,
            // Another import began in this very second and was quicker.
            Err(Error::ImportExists(_)) if left > 0 => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(view)
}

/// Writes what was planned as the import of that id.
fn deliver(
    cx: &Context<'_>,
    wanted: &Wanted,
    planned: &Planned,
    view: &mut ImportView,
    id: &str,
) -> Result<(), Error> {
    let copies: Vec<(String, Vec<u8>)> = planned
        .copies
        .iter()
        .filter(|c| c.state == "copied")
        .map(|c| (c.to.clone(), c.bytes.clone()))
        .collect();
    let mut kept: Vec<(String, Vec<u8>)> = planned
        .copies
        .iter()
        .filter(|c| c.state == "kept")
        .map(|c| (format!("files/{}", c.to), c.bytes.clone()))
        .collect();
    if !planned.aside.is_empty() {
        kept.push(("aside.jsonl".to_owned(), planned.aside.clone().into_bytes()));
        view.aside_path = Some(format!(".task_orchestrator/.state/imports/{id}/aside.jsonl"));
    }
    if let Some(bytes) = &wanted.stdin {
        kept.push(("stdin".to_owned(), bytes.clone()));
    }
    kept.push(("report.json".to_owned(), serde_json::to_vec(view).unwrap_or_default()));
    let record = Record {
        schema: SCHEMA,
        id: id.to_owned(),
        state: String::new(),
        at: cx.workspace.now().to_string(),
        by: cx.by.clone(),
        format: wanted.format.word().to_owned(),
        source: view.source.clone(),
        offset: wanted.offset.clone(),
        sessions: Record::landed(&planned.arrivals),
        copies: copies
            .iter()
            .map(|(path, bytes)| Kept { path: path.clone(), hash: ContentHash::of(bytes).hex() })
            .collect(),
        replay: planned.replay.clone(),
    };
    let records = [record.bytes("applying"), record.bytes("done")];
    cx.workspace.bring_in(&Shipment {
        import: id,
        by: &cx.by,
        arrivals: &planned.arrivals,
        copies: &copies,
        kept: &kept,
        records: [&records[0], &records[1]],
    })?;
    view.changed = !planned.arrivals.is_empty() || !copies.is_empty();
    view.import = Some(id.to_owned());
    Ok(())
}

fn refuse_twice(cx: &Context<'_>, wanted: &Wanted, source: &str) -> Result<(), OpError> {
    let same = |r: &Record| r.state == "done" && r.source == source && r.format == wanted.format.word();
    match records(cx)?.into_iter().rev().find(|r| wanted.stdin.is_none() && same(r)) {
        Some(record) => Err(OpError::new(
            ErrorCode::AlreadyExists,
            format!("`{source}` was imported already, as `{}`", record.id),
        )
        .hint("take that back with `plandown migrate rollback`, or use `--again` for a second copy")
        .with("import", record.id)),
        None => Ok(()),
    }
}

fn view(wanted: &Wanted, source: &str, planned: &Planned) -> ImportView {
    let report = &planned.report;
    let sessions = planned.arrivals.iter().map(|a| ImportedSession {
        id: a.directory.to_string(),
        name: a.lifted.session.name.clone(),
        path: crate::workspace::session_path(a.directory.as_str()),
        tasks: a.lifted.session.tasks.len(),
        groups: a.lifted.session.groups.len(),
        revision: ContentHash::of(&a.bytes).hex(),
    });
    let tables = report.tables().into_iter().map(|t| TableView {
        source: t.source,
        table: t.table,
        read: t.read,
        imported: t.imported,
        aside: t.aside,
        reasons: t.reasons.into_iter().map(|(reason, rows)| ReasonView { reason, rows }).collect(),
    });
    let findings = report.findings.iter().map(|f| FindingView {
        code: f.remark.code(),
        place: f.place.clone(),
        message: f.message.clone(),
        hint: f.remark.hint(),
    });
    let ids = report.ids.iter().map(|m| IdView {
        old: m.old.clone(),
        session: m.session.clone(),
        new: m.new.to_string(),
    });
    let copies =
        planned.copies.iter().map(|c| CopyView { from: c.from.clone(), to: c.to.clone(), state: c.state });
    let tables: Vec<TableView> = tables.collect();
    ImportView {
        schema: SCHEMA,
        changed: false,
        import: None,
        format: wanted.format.word(),
        source: source.to_owned(),
        sessions: sessions.collect(),
        aside: tables.iter().map(|t| t.aside).sum(),
        tables,
        findings: findings.collect(),
        ids: ids.collect(),
        copies: copies.collect(),
        artifacts: planned.arrivals.iter().map(|a| a.files.len()).sum(),
        aside_path: None,
        backup: None,
    }
}
