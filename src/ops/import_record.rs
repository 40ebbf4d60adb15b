use serde::{Deserialize, Serialize};

use crate::disk::SafeName;
use crate::workspace::{Arrival, Trace};

use super::{Context, ErrorCode, OpError};

/// What is kept of an import, in `.state/imports/<id>/record.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) schema: u32,
    pub(super) id: String,
    /// `applying`, `done` or `rolled-back`.
    pub(super) state: String,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) format: String,
    pub(super) source: String,
    pub(super) offset: Option<String>,
    pub(super) sessions: Vec<Landed>,
    pub(super) copies: Vec<Kept>,
    pub(super) replay: Replay,
}

/// A session that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Landed {
    pub(super) directory: String,
    pub(super) revision: String,
    pub(super) files: Vec<Kept>,
}

/// A file that was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) hash: String,
}

/// What was answered to the questions of an import, so that it can be planned again with the same result.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Replay {
    /// The directories the drafts got, in order.
    pub(super) directories: Vec<String>,
    /// The ids that were taken.
    pub(super) taken: Vec<String>,
    /// The ids that were drawn, in order.
    pub(super) drawn: Vec<String>,
}

impl Record {
    pub(super) fn bytes(&self, state: &str) -> Vec<u8> {
        let record = Self { state: state.to_owned(), ..self.clone() };
        // Strings, lists and numbers always serialize.
        serde_json::to_vec(&record).unwrap_or_default()
    }

    pub(super) fn landed(arrivals: &[Arrival]) -> Vec<Landed> {
        let landed = arrivals.iter().map(Trace::of).map(|trace| Landed {
            directory: trace.directory.to_string(),
            revision: trace.revision,
            files: trace.files.into_iter().map(|(path, hash)| Kept { path, hash }).collect(),
        });
        landed.collect()
    }

    pub(super) fn traces(&self) -> Result<Vec<Trace>, OpError> {
        let one = |landed: &Landed| {
            Ok(Trace {
                directory: SafeName::parse(&landed.directory)?,
                revision: landed.revision.clone(),
                files: landed.files.iter().map(|k| (k.path.clone(), k.hash.clone())).collect(),
            })
        };
        self.sessions.iter().map(one).collect()
    }

    pub(super) fn copies(&self) -> Vec<(String, String)> {
        self.copies.iter().map(|k| (k.path.clone(), k.hash.clone())).collect()
    }
}

/// All records, oldest first.
pub(super) fn records(cx: &Context<'_>) -> Result<Vec<Record>, OpError> {
    let mut all = Vec::new();
    for (id, bytes) in cx.workspace.imports()? {
        let record = serde_json::from_slice(&bytes).map_err(|e| {
            OpError::new(ErrorCode::Unreadable, format!("the record of import `{id}` cannot be read: {e}"))
                .hint(format!("look at `.task_orchestrator/.state/imports/{id}`"))
        })?;
        all.push(record);
    }
    Ok(all)
}

/// The record of an import: the one named, else the latest that is not rolled back.
pub(super) fn record(cx: &Context<'_>, id: Option<&str>) -> Result<Record, OpError> {
    let all = records(cx)?;
    let found = match id {
        Some(id) => all.into_iter().find(|r| r.id == id),
        None => all.into_iter().rev().find(|r| r.state != "rolled-back"),
    };
    found.ok_or_else(|| {
        let message = id.map_or("nothing was imported here".to_owned(), |id| format!("no import `{id}`"));
        OpError::new(ErrorCode::NotFound, message).hint("run `plandown import --help`")
    })
}

/// An import that was interrupted is dealt with before the next one: taken back, and refused only where that fails.
pub(super) fn refuse_interrupted(cx: &Context<'_>) -> Result<(), OpError> {
    if !cx.dry_run {
        cx.workspace.take_back_interrupted()?;
    }
    match records(cx)?.into_iter().find(|r| r.state == "applying") {
        Some(record) => Err(OpError::new(
            ErrorCode::Interrupted,
            format!("the import `{}` of `{}` was interrupted", record.id, record.source),
        )
        .hint("run `plandown migrate rollback`, then import again")
        .with("import", record.id)),
        None => Ok(()),
    }
}
