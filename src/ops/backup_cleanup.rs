use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backup_list::BackupView;
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Removes backups that are past what is kept.
pub struct BackupCleanup;

/// What is kept, and whether really.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupCleanupInput {
    /// Keep at most so many; the setting `retention.backups` where left out
    #[serde(alias = "max_backups")]
    pub keep: Option<u64>,
    /// Keep none that is older; the settings `retention.backup_days`, and `retention.mode_backup_days` for
    /// copies of modes, where left out
    pub max_age_days: Option<u64>,
    /// Really; otherwise they are only named
    #[serde(alias = "force_cleanup")]
    pub apply: bool,
}

/// What was, or would be, removed.
#[derive(Clone, Debug, Serialize)]
pub struct BackupCleanupView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether it was done.
    pub applied: bool,
    /// The backups.
    pub backups: Vec<OutdatedBackup>,
    /// Copies of modes that are too old; of each mode the newest one stays.
    pub mode_backups: Vec<OutdatedModeBackup>,
    /// Bytes they all take.
    pub bytes: u64,
    /// How many backups are left.
    pub kept: usize,
}

/// A backup that is past what is kept.
#[derive(Clone, Debug, Serialize)]
pub struct OutdatedBackup {
    /// Why.
    pub why: String,
    /// Which.
    pub backup: BackupView,
}

/// A copy of a mode that is past what is kept.
#[derive(Clone, Debug, Serialize)]
pub struct OutdatedModeBackup {
    /// Why.
    pub why: String,
    /// Its file name.
    pub backup: String,
    /// The mode's file name.
    pub mode: String,
}

impl Operation for BackupCleanup {
    const NAME: &'static str = "backup_cleanup";
    const EFFECT: Effect = Effect::Destroys;
    type Input = BackupCleanupInput;
    type Output = BackupCleanupView;

    fn run(cx: &Context<'_>, input: BackupCleanupInput) -> Result<BackupCleanupView, OpError> {
        let (count, days) = cx.workspace.backup_retention();
        let (count, days) = (input.keep.unwrap_or(count), input.max_age_days.unwrap_or(days));
        let modes = cx.workspace.outdated_mode_backups(input.max_age_days)?;
        let outdated = cx.workspace.outdated_backups(count, days, true)?;
        let total = cx.workspace.backups()?.len();
        let applied = input.apply && !cx.dry_run;
        if applied {
            let backups: Vec<_> = outdated.iter().map(|o| o.backup.clone()).collect();
            cx.workspace.remove_backups(&backups)?;
            let copies: Vec<_> = modes.iter().map(|(backup, _)| backup.clone()).collect();
            cx.workspace.remove_mode_backups(&copies)?;
        }
        let sizes = outdated.iter().map(|o| o.backup.stored).chain(modes.iter().map(|(b, _)| b.bytes));
        Ok(BackupCleanupView {
            schema: SCHEMA,
            applied,
            bytes: sizes.sum(),
            mode_backups: modes
                .into_iter()
                .map(|(backup, age)| OutdatedModeBackup {
                    why: format!("{age} days old"),
                    backup: backup.name,
                    mode: backup.of,
                })
                .collect(),
            kept: total - outdated.len(),
            backups: outdated
                .into_iter()
                .map(|o| OutdatedBackup { why: o.why, backup: o.backup.into() })
                .collect(),
        })
    }
}
