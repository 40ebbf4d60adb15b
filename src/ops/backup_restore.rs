use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspace::{Fate, Planned, RestoreRequest, RestoreStrategy};

use super::backup_list::{BackupView, named};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Brings a backup back.
pub struct BackupRestore;

/// Which, and how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupRestoreInput {
    /// Id, unique beginning of it, name, or `latest`
    #[serde(alias = "backup_id")]
    pub backup: String,
    /// Only these sessions, by directory; everything in it where empty
    #[serde(default, alias = "session_id_filter")]
    pub sessions: Vec<String>,
    /// `replace` (default), `merge`, `skip-existing`: what becomes of files that are there
    #[serde(default, alias = "merge_strategy")]
    pub strategy: Option<String>,
}

/// What was, or would be, brought back.
#[derive(Clone, Debug, Serialize)]
pub struct BackupRestored {
    /// Version of this shape.
    pub schema: u32,
    /// Whether any file is different now.
    pub changed: bool,
    /// The backup.
    pub backup: String,
    /// What happened to each file that is not as it was in the backup already.
    pub files: Vec<RestoredFile>,
    /// Files that are as in the backup.
    pub same: usize,
    /// Files that could not be written.
    pub blocked: usize,
    /// The backup of what was there before: bring it back with `replace` to undo this.
    pub before: Option<BackupView>,
}

/// A file of a restore.
#[derive(Clone, Debug, Serialize)]
pub struct RestoredFile {
    /// Below `.task_orchestrator`.
    pub path: String,
    /// `create`, `replace`, `merge`, `remove`, `keep`, `blocked`
    pub action: &'static str,
    /// Why it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Tasks that a merge brings back, without counting what is below them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<usize>,
}

impl From<&Planned> for RestoredFile {
    fn from(planned: &Planned) -> Self {
        let (why, tasks) = match &planned.fate {
            Fate::Kept(why) | Fate::Blocked(why) => (Some(why.clone()), None),
            Fate::Merge(tasks) => (None, Some(*tasks)),
            _ => (None, None),
        };
        Self { path: planned.path.clone(), action: planned.fate.word(), why, tasks }
    }
}

impl Operation for BackupRestore {
    const NAME: &'static str = "backup_restore";
    const EFFECT: Effect = Effect::Destroys;
    type Input = BackupRestoreInput;
    type Output = BackupRestored;

    fn run(cx: &Context<'_>, input: BackupRestoreInput) -> Result<BackupRestored, OpError> {
        let word = input.strategy.as_deref().unwrap_or(RestoreStrategy::WORDS[0]);
        let strategy = RestoreStrategy::parse(word).ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no way to restore"))
                .hint("use `replace`, `merge` or `skip-existing`")
        })?;
        let backup = named(cx, &input.backup)?;
        if let Some(manifest) = &backup.manifest
            && let Some(missing) = input.sessions.iter().find(|s| !manifest.sessions.contains(s))
        {
            let near = crate::diagnostic::did_you_mean(missing, manifest.sessions.iter().map(String::as_str));
            let near = near.into_iter().map(str::to_owned).collect();
            let message = format!("no session `{missing}` in backup `{}`", backup.id);
            return Err(super::context::suggest(
                OpError::new(ErrorCode::SessionNotFound, message),
                near,
                "run `plandown backup list --json`",
            ));
        }
        let request = RestoreRequest {
            id: &backup.id,
            sessions: &input.sessions,
            strategy,
            by: &cx.by,
            dry_run: cx.dry_run,
        };
        let restored = cx.workspace.restore_backup(&request)?;
        if let Some(before) = &restored.before {
            super::backup_create::thin_out(cx, &before.id)?;
        }
        let is = |word: &str| restored.files.iter().filter(|f| f.fate.word() == word).count();
        Ok(BackupRestored {
            schema: SCHEMA,
            changed: !cx.dry_run && restored.files.iter().any(|f| f.fate.writes()),
            backup: backup.id,
            files: restored.files.iter().filter(|f| f.fate != Fate::Same).map(RestoredFile::from).collect(),
            same: is("same"),
            blocked: is("blocked"),
            before: restored.before.map(BackupView::from),
        })
    }
}
