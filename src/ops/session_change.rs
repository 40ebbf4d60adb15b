use schemars::JsonSchema;
use serde::Deserialize;

use crate::disk::SafeName;
use crate::model::{Change, HeaderKey};
use crate::text::unified_diff;
use crate::workspace::{BackupScope, Plan};

use super::session_create::{SessionWritten, refuse_same_name, written};
use super::task_add::one_line;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Changes a session's name.
pub struct SessionRename;

/// Which session, and its new name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRenameInput {
    /// Id, directory, unique prefix or name
    pub session: String,
    /// The new name; the directory stays
    pub name: String,
}

impl Operation for SessionRename {
    const NAME: &'static str = "session_rename";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionRenameInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionRenameInput) -> Result<SessionWritten, OpError> {
        let name = one_line(&input.name)?;
        let row = cx.session_named(&input.session)?;
        if crate::model::norm(&row.name) != crate::model::norm(&name) {
            refuse_same_name(cx, &name)?;
        }
        let committed = cx.write(&row.directory, "session-rename", |snapshot| {
            let changes = if snapshot.lifted.session.name == name {
                Vec::new()
            } else {
                vec![Change::RenameSession { name: name.clone() }]
            };
            Ok(Plan { changes, output: () })
        })?;
        Ok(SessionWritten { diff: committed.diff, ..written(cx, &row.directory, committed.changed, None)? })
    }
}

/// Changes a session's id and directory.
pub struct SessionRenameId;

/// Which session, and its new id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRenameIdInput {
    /// Id, directory, unique prefix or name
    pub session: String,
    /// The new id, also the new directory
    pub id: String,
}

impl Operation for SessionRenameId {
    const NAME: &'static str = "session_rename_id";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionRenameIdInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionRenameIdInput) -> Result<SessionWritten, OpError> {
        let row = cx.session_named(&input.session)?;
        let to = SafeName::parse(input.id.trim())?;
        let from = cx.workspace.directory(&row)?;
        // Asked before the file is touched: it must not carry another session's id.
        cx.workspace.disk().may_rename(&from, &to)?;
        let committed = cx.write(&row.directory, "session-rename-id", |snapshot| {
            let session = &snapshot.lifted.session;
            let stated = session.front_matter_value("id").is_some();
            let changes = if stated && session.id != to.as_str() {
                vec![Change::SetHeader { key: HeaderKey::Id, value: Some(to.to_string()) }]
            } else {
                Vec::new()
            };
            Ok(Plan { changes, output: () })
        })?;
        if cx.dry_run {
            let renamed =
                if from == to { String::new() } else { format!("rename from {from}\nrename to {to}\n") };
            let diff = renamed + committed.diff.as_deref().unwrap_or("");
            let changed = !diff.is_empty();
            return Ok(SessionWritten { diff: Some(diff), ..written(cx, &row.directory, changed, None)? });
        }
        if from == to {
            return written(cx, to.as_str(), committed.changed, None);
        }
        cx.workspace.rename_directory(&from, &to)?;
        written(cx, to.as_str(), true, None)
    }
}

/// Removes a session and everything in its directory.
pub struct SessionDelete;

/// Which session.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionDeleteInput {
    /// Id, directory, unique prefix or name
    pub session: String,
    /// Really
    #[serde(default)]
    pub force: bool,
}

impl Operation for SessionDelete {
    const NAME: &'static str = "session_delete";
    const EFFECT: Effect = Effect::Destroys;
    type Input = SessionDeleteInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionDeleteInput) -> Result<SessionWritten, OpError> {
        let row = cx.session_named(&input.session)?;
        if !input.force {
            return Err(OpError::new(
                ErrorCode::NeedsForce,
                format!("session `{}` and everything in `{}` would be removed", row.identity, row.directory),
            )
            .hint("use `--force`, or `plandown session cancel`"));
        }
        if cx.dry_run {
            let snapshot = cx.workspace.snapshot(&cx.workspace.directory(&row)?)?;
            let diff = unified_diff(&snapshot.path, snapshot.lifted.document.text(), "");
            return Ok(SessionWritten { diff: Some(diff), ..written(cx, &row.directory, true, None)? });
        }
        let directory = cx.workspace.directory(&row)?;
        let scope = BackupScope::Session(directory.clone());
        let backup = super::backup_create::before(cx, scope, &format!("session delete {directory}"))?;
        cx.workspace.delete_session(&directory)?;
        Ok(SessionWritten {
            schema: SCHEMA,
            changed: true,
            session: None,
            revision: None,
            paused: None,
            backup: Some(backup),
            exported: Vec::new(),
            diff: None,
        })
    }
}
