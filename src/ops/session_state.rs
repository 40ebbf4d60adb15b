use schemars::JsonSchema;
use serde::Deserialize;

use crate::diagnostic::{Count, List};
use crate::model::{Change, HeaderKey, NotesSection, SessionStatus};
use crate::workspace::{Plan, Selected};

use super::session_create::{SessionWritten, written};
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Brings a session into another state: activate, pause, resume, complete, cancel.
pub struct SessionSetState;

/// Which session, which state.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionStateInput {
    /// Id, directory, unique prefix or name; the selected one when left out
    pub session: Option<String>,
    /// `active|paused|completed|cancelled`
    pub status: String,
    /// Complete although tasks are open
    pub force: bool,
    /// Why, or what came of it: an entry of the session's notes
    pub note: Option<String>,
}

impl Operation for SessionSetState {
    const NAME: &'static str = "session_set_state";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionStateInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionStateInput) -> Result<SessionWritten, OpError> {
        let to = SessionStatus::parse(&input.status).ok_or_else(|| {
            let all: Vec<&str> = SessionStatus::ALL.iter().map(|s| s.key()).collect();
            OpError::new(ErrorCode::InvalidInput, format!("`{}` is no session state", input.status))
                .hint(format!("use {}", List(&all, "or")))
        })?;
        let row = match &input.session {
            Some(word) => cx.session_named(word)?,
            None => cx.session()?,
        };
        let from = SessionStatus::parse(&row.status).unwrap_or(SessionStatus::Active);
        refuse(from, to, &row.identity)?;
        if to == SessionStatus::Completed && !input.force {
            let open = row.progress.total - row.progress.completed;
            if open > 0 {
                return Err(OpError::new(
                    ErrorCode::OpenWork,
                    format!("session `{}` has {} left", row.identity, Count(open, "open task")),
                )
                .hint("complete or cancel them first, or use `--force`")
                .with("open", open));
            }
        }
        let directory = cx.workspace.directory(&row)?;
        let current = match cx.workspace.selected()? {
            Selected::One(current) if to == SessionStatus::Active => Some(current),
            _ => None,
        };
        let changed = set(cx, &row.directory, to, what(to), input.note.as_deref())?;
        // Activating one session pauses the other; only then, so that a refusal leaves that one active.
        let (mut paused, mut other) = (None, None);
        if let Some(current) = current
            && current.directory != row.directory
            && current.stated
            && current.status == "active"
        {
            other = pause(cx, &current.directory)?;
            paused = Some(current.identity.clone());
        }
        if cx.dry_run {
            let diff = other.unwrap_or_default() + changed.1.as_deref().unwrap_or("");
            let changed = changed.0 || paused.is_some();
            return Ok(SessionWritten { diff: Some(diff), ..written(cx, &row.directory, changed, paused)? });
        }
        let pointer = cx.workspace.disk().active()?;
        if to == SessionStatus::Active && pointer.as_ref() != Some(&directory) {
            cx.workspace.point_at(Some(&directory))?;
        } else if to != SessionStatus::Active && pointer.as_ref() == Some(&directory) {
            cx.workspace.point_at(None)?;
        }
        written(cx, &row.directory, changed.0 || paused.is_some(), paused)
    }
}

/// Pauses the session that makes room for another one. The revision the caller has seen is the other's.
pub(super) fn pause(cx: &Context<'_>, directory: &str) -> Result<Option<String>, OpError> {
    let cx = Context { session: None, if_match: None, ..cx.clone() };
    Ok(set(&cx, directory, SessionStatus::Paused, "session-pause", None)?.1)
}

/// Writes a session's state where it stands; says whether the file changed, and the diff of a dry run.
pub(super) fn set(
    cx: &Context<'_>,
    directory: &str,
    to: SessionStatus,
    what: &str,
    note: Option<&str>,
) -> Result<(bool, Option<String>), OpError> {
    let committed = cx.write(directory, what, |snapshot| {
        let mut changes = Vec::new();
        if snapshot.lifted.session.written_status() != Some(to) {
            changes.push(Change::SetHeader { key: HeaderKey::Status, value: Some(to.word()) });
        }
        if let Some(text) = note.map(str::trim).filter(|t| !t.is_empty()) {
            changes.push(Change::AppendEntry { section: NotesSection::Notes, text: text.to_owned() });
        }
        Ok(Plan { changes, output: () })
    })?;
    Ok((committed.changed, committed.diff))
}

/// Refuses a transition that the table does not have, listing those it has.
pub(super) fn refuse(from: SessionStatus, to: SessionStatus, id: &str) -> Result<(), OpError> {
    if from.may_become(to) {
        return Ok(());
    }
    let allowed: Vec<&str> = from.successors().into_iter().map(SessionStatus::key).collect();
    Err(OpError::new(
        ErrorCode::InvalidTransition,
        format!("session `{id}` is {from} and cannot become {to}"),
    )
    .hint(format!("allowed from {from}: {}", List(&allowed, "or")))
    .with("from", from.key())
    .with("to", to.key())
    .with("allowed", allowed))
}

fn what(to: SessionStatus) -> &'static str {
    match to {
        SessionStatus::Active => "session-activate",
        SessionStatus::Paused => "session-pause",
        SessionStatus::Completed => "session-complete",
        SessionStatus::Cancelled => "session-cancel",
        SessionStatus::Archived => "session-archive",
        _ => "session-state",
    }
}
