use serde::Serialize;

use crate::config::Setting;
use crate::text::unified_diff;
use crate::workspace::Workspace;

use super::{Context, ErrorCode, OpError, SCHEMA};

/// Every setting with its value.
#[derive(Clone, Debug, Serialize)]
pub struct SettingsView {
    /// Version of this shape.
    pub schema: u32,
    /// In the order of the manual.
    pub settings: Vec<SettingView>,
    /// How many.
    pub total: usize,
}

/// One setting.
#[derive(Clone, Debug, Serialize)]
pub struct SettingView {
    /// `list.limit`
    pub key: String,
    /// Its value, as it would be written.
    pub value: String,
    /// Its default.
    pub default: String,
    /// One line.
    pub doc: String,
}

/// The answer of `config set`.
#[derive(Clone, Debug, Serialize)]
pub struct SettingWritten {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The setting.
    pub key: String,
    /// Its value now.
    pub value: String,
    /// What would change; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// The profile of tools that agents are to be shown.
#[must_use]
pub fn mcp_profile(workspace: &Workspace) -> String {
    workspace.settings().word(Setting::McpProfile)
}

/// Lists all settings.
#[must_use]
pub fn show(cx: &Context<'_>) -> SettingsView {
    let rows = cx.workspace.settings().describe();
    let settings: Vec<SettingView> = rows
        .into_iter()
        .map(|row| SettingView {
            key: row.key.clone(),
            value: row.value.clone(),
            default: row.default.clone(),
            doc: row.doc.to_string(),
        })
        .collect();
    SettingsView { schema: SCHEMA, total: settings.len(), settings }
}

/// The value of one setting.
pub fn get(cx: &Context<'_>, key: &str) -> Result<String, OpError> {
    cx.workspace.settings().get(key).ok_or_else(|| unknown(cx, key))
}

/// Changes one setting in `config.yaml`, and nothing else there.
pub fn set(cx: &Context<'_>, key: &str, value: &str) -> Result<SettingWritten, OpError> {
    let (old, _) = cx.workspace.settings_source();
    let new = crate::config::Settings::set(old, key, value).map_err(|error| match error {
        crate::config::SetError::Unknown(_) => unknown(cx, key),
        other => OpError::new(ErrorCode::InvalidInput, other.to_string()).hint("run `plandown config show`"),
    })?;
    let path = ".task_orchestrator/config.yaml";
    let diff = cx.dry_run.then(|| unified_diff(path, old, &new));
    let changed = new != old;
    if changed && !cx.dry_run {
        cx.workspace.write_settings(&new)?;
    }
    Ok(SettingWritten { schema: SCHEMA, changed, key: key.to_owned(), value: value.to_owned(), diff })
}

fn unknown(cx: &Context<'_>, key: &str) -> OpError {
    let rows = cx.workspace.settings().describe();
    let keys: Vec<String> = rows.iter().map(|r| r.key.clone()).collect();
    let near = crate::diagnostic::did_you_mean(key, keys.iter().map(String::as_str));
    let near = near.into_iter().map(str::to_owned).collect();
    super::context::suggest(
        OpError::new(ErrorCode::NotFound, format!("no setting `{key}`")),
        near,
        "run `plandown config show`",
    )
}
