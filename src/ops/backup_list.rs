use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspace::{Backup, Health, Manifest};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Lists backups.
pub struct BackupList;

/// Which, in what order.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupListInput {
    /// Only backups of `session`, `sessions`, `modes`, `everything`, `files`
    #[serde(alias = "backup_scope_filter")]
    pub scope: Vec<String>,
    /// Only those that hold this session's directory
    pub session: Option<String>,
    /// `created` (newest first; default), `size` (largest first), `name`, `scope`
    #[serde(alias = "sort_by")]
    pub sort: Option<String>,
}

/// A backup.
#[derive(Clone, Debug, Serialize)]
pub struct BackupView {
    /// Names it.
    pub id: String,
    /// What a person called it.
    pub name: Option<String>,
    /// When.
    pub created: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// What it was taken before, where nobody asked for it.
    pub before: Option<String>,
    /// `session`, `sessions`, `modes`, `everything`, `files`
    pub scope: Option<String>,
    /// Directories of the sessions in it.
    pub sessions: Vec<String>,
    /// How many files are in it.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// Bytes of the backup.
    pub stored_bytes: u64,
    /// `blake3` hashes with `zstd`.
    pub compression: &'static str,
    /// `valid` (every file compared), `sealed` (not unpacked), `damaged`, `planned`
    pub integrity: &'static str,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Its file.
    pub path: String,
}

/// Backups.
#[derive(Clone, Debug, Serialize)]
pub struct BackupsView {
    /// Version of this shape.
    pub schema: u32,
    /// In the order that was asked for.
    pub backups: Vec<BackupView>,
    /// How many.
    pub total: usize,
    /// Bytes of all of them.
    pub total_bytes: u64,
    /// How many are damaged.
    pub damaged: usize,
}

impl BackupView {
    /// A backup that is not taken.
    pub(super) fn planned(manifest: Manifest) -> Self {
        let id = manifest.id.clone();
        let path = format!(".task_orchestrator/backups/{id}.tar.zst");
        let backup = Backup { id, path, stored: 0, manifest: Some(manifest), health: Health::Sealed };
        Self { integrity: "planned", ..backup.into() }
    }
}

impl From<Backup> for BackupView {
    fn from(backup: Backup) -> Self {
        let (integrity, problem) = match backup.health {
            Health::Sealed => ("sealed", None),
            Health::Proven => ("valid", None),
            Health::Damaged(why) => ("damaged", Some(why)),
        };
        let m = backup.manifest.unwrap_or_default();
        let some = |text: String| Some(text).filter(|t| !t.is_empty());
        Self {
            id: backup.id,
            files: m.files.len(),
            bytes: m.size(),
            name: m.name,
            created: some(m.created),
            by: some(m.by),
            before: m.before,
            scope: some(m.scope),
            sessions: m.sessions,
            stored_bytes: backup.stored,
            compression: "zstd",
            integrity,
            problem,
            path: backup.path,
        }
    }
}

impl Operation for BackupList {
    const NAME: &'static str = "backup_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = BackupListInput;
    type Output = BackupsView;

    fn run(cx: &Context<'_>, input: BackupListInput) -> Result<BackupsView, OpError> {
        let mut backups: Vec<BackupView> =
            cx.workspace.backups()?.into_iter().map(BackupView::from).collect();
        if !input.scope.is_empty() {
            backups.retain(|b| b.scope.as_ref().is_none_or(|scope| input.scope.contains(scope)));
        }
        if let Some(session) = &input.session {
            backups.retain(|b| b.sessions.contains(session));
        }
        match input.sort.as_deref() {
            None | Some("created" | "created_at") => {}
            Some("size") => backups.sort_by_key(|b| std::cmp::Reverse(b.stored_bytes)),
            Some("name") => backups.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id))),
            Some("scope") => backups.sort_by(|a, b| a.scope.cmp(&b.scope)),
            Some(other) => {
                return Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is no order"))
                    .hint("use `created`, `size`, `name` or `scope`"));
            }
        }
        Ok(view(backups))
    }
}

fn view(backups: Vec<BackupView>) -> BackupsView {
    BackupsView {
        schema: SCHEMA,
        total: backups.len(),
        total_bytes: backups.iter().map(|b| b.stored_bytes).sum(),
        damaged: backups.iter().filter(|b| b.integrity == "damaged").count(),
        backups,
    }
}

/// Unpacks backups and compares every file with its manifest.
pub struct BackupVerify;

/// Which.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupVerifyInput {
    /// Ids, unique beginnings of them, names, or `latest`; all where left out
    pub backups: Vec<String>,
}

impl Operation for BackupVerify {
    const NAME: &'static str = "backup_verify";
    const EFFECT: Effect = Effect::Reads;
    type Input = BackupVerifyInput;
    type Output = BackupsView;

    fn run(cx: &Context<'_>, input: BackupVerifyInput) -> Result<BackupsView, OpError> {
        let chosen: Vec<Backup> = if input.backups.is_empty() {
            cx.workspace.backups()?
        } else {
            input.backups.iter().map(|word| named(cx, word)).collect::<Result<_, _>>()?
        };
        let mut backups = Vec::new();
        for backup in &chosen {
            backups.push(BackupView::from(cx.workspace.verify_backup(backup)?));
        }
        Ok(view(backups))
    }
}

/// The backup that `word` names: `latest`, an id, the beginning of one, or a name.
pub(super) fn named(cx: &Context<'_>, word: &str) -> Result<Backup, OpError> {
    let word = word.trim().trim_end_matches(".tar.zst");
    let all = cx.workspace.backups()?;
    let name = |b: &Backup| b.manifest.as_ref().and_then(|m| m.name.clone());
    let tests: [&dyn Fn(&Backup) -> bool; 3] =
        [&|b| b.id == word, &|b| name(b).as_deref() == Some(word), &|b| {
            !word.is_empty() && b.id.starts_with(word)
        }];
    if word == "latest"
        && let Some(newest) = all.first()
    {
        return Ok(newest.clone());
    }
    for test in tests {
        let mut found: Vec<&Backup> = all.iter().filter(|b| test(b)).collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => return Ok(one.clone()),
            (None, _) => {}
            (Some(one), false) => {
                let mut ids: Vec<String> = found.iter().map(|b| b.id.clone()).collect();
                ids.push(one.id.clone());
                let shown = crate::diagnostic::List(&ids, "or").to_string();
                return Err(OpError::new(ErrorCode::Ambiguous, format!("`{word}` names several backups"))
                    .hint(format!("name one of {shown}"))
                    .with("candidates", ids));
            }
        }
    }
    let ids = all.iter().map(|b| b.id.as_str());
    let near = crate::diagnostic::did_you_mean(word, ids).into_iter().map(str::to_owned).collect();
    let error = OpError::new(ErrorCode::NotFound, format!("no backup `{word}`"));
    Err(super::context::suggest(error, near, "run `plandown backup list`"))
}
