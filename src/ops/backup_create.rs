use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspace::{BackupRequest, BackupScope};

use super::backup_list::BackupView;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Takes a backup.
pub struct BackupCreate;

/// Of what.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupCreateInput {
    /// `session`, `sessions` (all), `modes` or `everything` (default, unless a session is named)
    #[serde(alias = "backup_scope")]
    pub scope: Option<String>,
    /// Id, directory, unique prefix or name of one session
    #[serde(alias = "session_id")]
    pub session: Option<String>,
    /// What to call it
    #[serde(alias = "backup_name")]
    pub name: Option<String>,
}

/// The backup that was taken.
#[derive(Clone, Debug, Serialize)]
pub struct BackupTaken {
    /// Version of this shape.
    pub schema: u32,
    /// Whether it was written.
    pub changed: bool,
    /// The backup.
    pub backup: BackupView,
    /// What could not be put in.
    pub skipped: Vec<SkippedFile>,
    /// Automatic backups that were past their time and are gone.
    pub removed: Vec<String>,
}

/// A file that is not in a backup.
#[derive(Clone, Debug, Serialize)]
pub struct SkippedFile {
    /// Below `.task_orchestrator`.
    pub path: String,
    /// Why.
    pub why: String,
}

impl Operation for BackupCreate {
    const NAME: &'static str = "backup_create";
    const EFFECT: Effect = Effect::Writes;
    type Input = BackupCreateInput;
    type Output = BackupTaken;

    fn run(cx: &Context<'_>, input: BackupCreateInput) -> Result<BackupTaken, OpError> {
        let scope = scope(cx, &input)?;
        let name = input.name.as_deref().map(super::task_add::one_line).transpose()?;
        let request = BackupRequest { scope, name: name.as_deref(), by: &cx.by, before: None };
        if cx.dry_run {
            let manifest = cx.workspace.backup_preview(&request)?;
            let skipped = skipped(&manifest.skipped);
            let backup = BackupView::planned(manifest);
            return Ok(BackupTaken { schema: SCHEMA, changed: false, backup, skipped, removed: Vec::new() });
        }
        let backup = cx.workspace.backup(&request)?;
        let skipped = backup.manifest.as_ref().map(|m| skipped(&m.skipped)).unwrap_or_default();
        let removed = thin_out(cx, &backup.id)?;
        Ok(BackupTaken { schema: SCHEMA, changed: true, backup: backup.into(), skipped, removed })
    }
}

fn scope(cx: &Context<'_>, input: &BackupCreateInput) -> Result<BackupScope, OpError> {
    let one = |word: Option<&str>| -> Result<BackupScope, OpError> {
        let row = match word {
            Some(word) => cx.session_named(word)?,
            None => cx.session()?,
        };
        Ok(BackupScope::Session(cx.workspace.directory(&row)?))
    };
    match (input.scope.as_deref().map(str::trim), input.session.as_deref()) {
        (None, None) if cx.session.is_some() => one(None),
        (None | Some("everything" | "all" | "full_system"), None) => Ok(BackupScope::Everything),
        (None | Some("session" | "active_session"), session) => one(session),
        (Some("sessions" | "all_sessions" | "markdown_only"), None) => Ok(BackupScope::Sessions),
        (Some("modes"), None) => Ok(BackupScope::Modes),
        (Some("database_only"), _) => Err(OpError::new(
            ErrorCode::InvalidInput,
            "there is no database to back up: it is made from the files",
        )
        .hint("use `sessions` or `everything`")),
        (
            Some(word @ ("everything" | "all" | "full_system" | "sessions" | "all_sessions" | "modes")),
            Some(_),
        ) => Err(OpError::new(ErrorCode::InvalidInput, format!("`{word}` is not one session"))
            .hint("leave the session or the scope out")),
        (Some(other), _) => {
            Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is nothing to back up"))
                .hint("use `session`, `sessions`, `modes` or `everything`"))
        }
    }
}

fn skipped(all: &[(String, String)]) -> Vec<SkippedFile> {
    all.iter().map(|(path, why)| SkippedFile { path: path.clone(), why: why.clone() }).collect()
}

/// Takes a backup before something is destroyed, and answers with its name.
pub(super) fn before(cx: &Context<'_>, scope: BackupScope, what: &str) -> Result<String, OpError> {
    before_with(cx, scope, what, &[])
}

/// The same with histories of sessions that are gone.
pub(super) fn before_with(
    cx: &Context<'_>,
    scope: BackupScope,
    what: &str,
    histories: &[String],
) -> Result<String, OpError> {
    let request = BackupRequest { scope, name: None, by: &cx.by, before: Some(what) };
    let backup = cx.workspace.backup_with(&request, histories)?;
    thin_out(cx, &backup.id)?;
    Ok(backup.id)
}

/// Removes automatic backups past what the settings keep; those that a person asked for stay until
/// `backup cleanup`, and `taken`, which is somebody's way back, always stays, whatever the clock said of others.
pub(super) fn thin_out(cx: &Context<'_>, taken: &str) -> Result<Vec<String>, OpError> {
    let (count, days) = cx.workspace.backup_retention();
    let outdated = cx.workspace.outdated_backups(count, days, false)?;
    let backups: Vec<_> = outdated.into_iter().map(|o| o.backup).filter(|b| b.id != taken).collect();
    if !backups.is_empty() {
        cx.workspace.remove_backups(&backups)?;
    }
    Ok(backups.into_iter().map(|b| b.id).collect())
}
