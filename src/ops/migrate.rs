use std::path::PathBuf;

use serde::Serialize;

use crate::disk::SafeName;
use crate::import::{Draft, verify as compare};

use super::import_plan::plan;
use super::import_record::{Record, record};
use super::import_source::{ImportFormat, Wanted};
use super::{Context, ErrorCode, OpError, SCHEMA};

/// Whether what an import brought still says what its source says.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether there is no difference and nothing is missing.
    pub equal: bool,
    /// The import.
    pub import: String,
    /// Its source.
    pub source: String,
    /// Sessions compared.
    pub sessions: usize,
    /// Tasks compared.
    pub tasks: usize,
    /// Rows of the source, those kept aside included.
    pub rows: usize,
    /// Rows that are kept aside, with a reason each.
    pub aside: usize,
    /// Sessions that were worked on since they were imported.
    pub changed_since: Vec<String>,
    /// Sessions that the source would give now and the import did not, or the other way round.
    pub missing: Vec<String>,
    /// Fact by fact.
    pub differences: Vec<DifferenceView>,
}

/// A fact that a session does not say as the source does.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceView {
    /// The session.
    pub session: String,
    /// The task's id, `session`, or a group's path.
    pub place: String,
    /// Which fact.
    pub what: &'static str,
    /// What the source says.
    pub source: String,
    /// What the session says.
    pub now: String,
}

/// What was taken back.
#[derive(Clone, Debug, Serialize)]
pub struct RollbackView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything was removed.
    pub changed: bool,
    /// The import.
    pub import: String,
    /// Its source.
    pub source: String,
    /// What was removed, below `.task_orchestrator`.
    pub removed: Vec<String>,
}

/// Reads the source of an import again and compares it row by row with the sessions that were made from it.
pub fn verify(cx: &Context<'_>, id: Option<&str>) -> Result<VerifyView, OpError> {
    let record = record(cx, id)?;
    if record.state != "done" {
        return Err(unfinished(&record));
    }
    let planned = plan(cx, &wanted(cx, &record)?, Some(&record.replay))?;
    let mut view = VerifyView {
        schema: SCHEMA,
        equal: false,
        import: record.id.clone(),
        source: record.source.clone(),
        sessions: 0,
        tasks: 0,
        rows: planned.report.rows.len(),
        aside: planned.report.tables().iter().map(|t| t.aside).sum(),
        changed_since: Vec::new(),
        missing: Vec::new(),
        differences: Vec::new(),
    };
    let is_planned = |name: &str| planned.arrivals.iter().any(|a| a.directory.as_str() == name);
    view.missing
        .extend(record.sessions.iter().filter(|l| !is_planned(&l.directory)).map(|l| l.directory.clone()));
    for (draft, arrival) in planned.drafts.iter().zip(&planned.arrivals) {
        let landed = record.sessions.iter().find(|l| l.directory == arrival.directory.as_str());
        let now = if let (Some(landed), Ok(now)) = (landed, cx.workspace.snapshot(&arrival.directory)) {
            if now.revision().hex() != landed.revision {
                view.changed_since.push(landed.directory.clone());
            }
            now
        } else {
            view.missing.push(arrival.directory.to_string());
            continue;
        };
        view.sessions += 1;
        view.tasks += arrival.lifted.session.tasks.len();
        let is_kept = draft.verbatim.is_some();
        let kept;
        // A file that was kept as it is has no draft but itself.
        let draft = if is_kept {
            kept = Draft::from_session(&arrival.lifted.session);
            &kept
        } else {
            draft
        };
        // What was never a draft says some things as no draft of ours would; only what is different since counts.
        let own = if is_kept { compare(draft, &arrival.lifted.session) } else { Vec::new() };
        let found = compare(draft, &now.lifted.session).into_iter().filter(|d| !own.contains(d));
        let found = found.map(|d| DifferenceView {
            session: arrival.directory.to_string(),
            place: d.place,
            what: d.what,
            source: d.source,
            now: d.session,
        });
        view.differences.extend(found);
    }
    view.equal = view.differences.is_empty() && view.missing.is_empty();
    Ok(view)
}

/// Takes the latest import back: removes exactly what it brought. Refused, with a list, where any of it was worked
/// on since. An import that was interrupted is cleared away.
pub fn rollback(cx: &Context<'_>, id: Option<&str>) -> Result<RollbackView, OpError> {
    let record = record(cx, id)?;
    if !cx.dry_run
        && let Some(taken) = cx.workspace.take_back_interrupted()?
        && taken.import == record.id
    {
        return Ok(RollbackView {
            schema: SCHEMA,
            changed: true,
            import: record.id,
            source: record.source,
            removed: taken.removed,
        });
    }
    if record.state == "rolled-back" {
        return Err(OpError::new(
            ErrorCode::InvalidInput,
            format!("import `{}` is rolled back already", record.id),
        ));
    }
    let traces = record.traces()?;
    let touched = cx.workspace.touched_since(&traces)?;
    if !touched.is_empty() {
        let shown = crate::diagnostic::List(&touched[..touched.len().min(5)], "and").to_string();
        return Err(OpError::new(
            ErrorCode::StaleRevision,
            format!("import `{}` was worked on since: {shown}", record.id),
        )
        .hint("keep the work, or remove single sessions with `plandown session delete ID --force`")
        .with("import", record.id.clone())
        .with("touched", touched));
    }
    let mut view = RollbackView {
        schema: SCHEMA,
        changed: false,
        import: record.id.clone(),
        source: record.source.clone(),
        removed: Vec::new(),
    };
    if cx.dry_run {
        view.removed = traces.iter().map(|t| format!("sessions/{}", t.directory)).collect();
        view.removed.extend(record.copies.iter().map(|k| k.path.clone()));
        return Ok(view);
    }
    let bytes = record.bytes("rolled-back");
    view.removed = cx.workspace.take_out(&record.id, &traces, &record.copies(), &bytes)?;
    view.changed = true;
    Ok(view)
}

/// The request that an import was made with.
fn wanted(cx: &Context<'_>, record: &Record) -> Result<Wanted, OpError> {
    let from_stdin = record.source == "-";
    let stdin = if from_stdin {
        let id = SafeName::parse(&record.id)?;
        let path = cx.workspace.disk().layout().imports().join(id.as_str()).join("stdin");
        Some(cx.workspace.disk().read_plain(&path)?.bytes)
    } else {
        None
    };
    Ok(Wanted {
        format: ImportFormat::parse(&record.format)?,
        path: (!from_stdin).then(|| PathBuf::from(&record.source)),
        stdin,
        offset: record.offset.clone(),
    })
}

fn unfinished(record: &Record) -> OpError {
    match record.state.as_str() {
        "applying" => OpError::new(
            ErrorCode::Interrupted,
            format!("the import `{}` of `{}` was interrupted", record.id, record.source),
        )
        .hint("run `plandown migrate rollback`, then import again"),
        _ => OpError::new(ErrorCode::InvalidInput, format!("import `{}` is rolled back", record.id))
            .hint("run `plandown migrate apply` again"),
    }
}
