use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspace::ModePlace;

use super::mode_view::{bound, mode_named};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Keeps a copy of modes in `backups/`.
pub struct ModeBackupCreate;

/// Which modes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeBackupInput {
    /// File names; the session's mode when left out
    pub modes: Vec<String>,
    /// Every mode of the workspace
    pub all: bool,
}

/// The copies.
#[derive(Clone, Debug, Serialize)]
pub struct ModeBackupsView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether a copy was made.
    pub changed: bool,
    /// The copies, newest first.
    pub backups: Vec<ModeBackupView>,
    /// How many.
    pub total: usize,
}

/// A copy of a mode.
#[derive(Clone, Debug, Serialize)]
pub struct ModeBackupView {
    /// The mode's file name.
    pub mode: String,
    /// The copy's file name.
    pub backup: String,
    /// Its path below the root.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// Whether a session could work by it.
    pub usable: bool,
}

impl ModeBackupsView {
    fn of(backups: Vec<ModeBackupView>, changed: bool) -> Self {
        Self { schema: SCHEMA, changed, total: backups.len(), backups }
    }
}

/// Lists the copies of modes, of one or of all.
pub fn mode_backups(cx: &Context<'_>, mode: Option<&str>) -> Result<ModeBackupsView, OpError> {
    let of = mode.map(|word| mode_named(cx, word).map(|f| f.name)).transpose()?;
    let found = cx.workspace.mode_backups(of.as_deref())?;
    let rows = found.into_iter().map(|b| ModeBackupView {
        usable: cx.workspace.read_mode(&b.file()).is_usable(),
        path: cx.workspace.below_root(&b.path),
        mode: b.of,
        backup: b.name,
        bytes: b.bytes,
    });
    Ok(ModeBackupsView::of(rows.collect(), false))
}

impl Operation for ModeBackupCreate {
    const NAME: &'static str = "mode_backup";
    const EFFECT: Effect = Effect::Writes;
    type Input = ModeBackupInput;
    type Output = ModeBackupsView;

    fn run(cx: &Context<'_>, input: ModeBackupInput) -> Result<ModeBackupsView, OpError> {
        let mut files = Vec::new();
        if input.all {
            files = cx.workspace.mode_files()?;
            files.retain(|f| f.place != ModePlace::BuiltIn);
        } else if input.modes.is_empty() {
            files.extend(bound(cx)?.map(|b| b.broken.unwrap_or(b.used).file));
        }
        for word in &input.modes {
            files.push(mode_named(cx, word)?);
        }
        if let ([only], false) = (files.as_slice(), input.all)
            && only.place == ModePlace::BuiltIn
        {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("`{}` is in the program and needs no copy", only.name),
            )
            .hint("run `plandown mode list` for the modes of this workspace"));
        }
        let (mut writes, mut rows) = (Vec::new(), Vec::new());
        for file in files {
            let Some(write) = cx.workspace.mode_copy(&file)? else { continue };
            rows.push(ModeBackupView {
                backup: write.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
                path: cx.workspace.below_root(&write.path),
                bytes: u64::try_from(write.bytes.len()).unwrap_or(u64::MAX),
                usable: cx.workspace.read_mode(&file).is_usable(),
                mode: file.name,
            });
            writes.push(write);
        }
        if !cx.dry_run {
            cx.workspace.write_own(&writes)?;
        }
        let changed = !rows.is_empty();
        Ok(ModeBackupsView::of(rows, changed))
    }
}
