use serde::Serialize;

use crate::workspace::Workspace;

use super::git_install::{GitUninstall, GitUninstallInput};
use super::{Context, ErrorCode, OpError, Operation, Remarks, SCHEMA};

/// What goes, and what stays.
#[derive(Clone, Debug, Serialize)]
pub struct UninstallView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether it is gone.
    pub changed: bool,
    /// Files and folders that go, below the root.
    pub removes: Vec<String>,
    /// Files of which lines go, below the root.
    pub edits: Vec<String>,
    /// Git settings that go.
    pub settings: Vec<String>,
    /// What a person may not expect to stay.
    pub keeps: Vec<String>,
    /// Why Git was not asked, where it could not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Lists what this program put into the project; nothing is changed.
pub(super) fn belongings(cx: &Context<'_>) -> Result<UninstallView, OpError> {
    let look = Context { session: None, dry_run: true, if_match: None, ..cx.clone() };
    let found = cx.workspace.belongings()?;
    let mut view = UninstallView {
        schema: SCHEMA,
        changed: false,
        removes: found.views,
        edits: Vec::new(),
        settings: Vec::new(),
        keeps: found.edited,
        warning: None,
    };
    match found.ignore {
        Some((path, None)) => view.removes.push(path),
        Some((path, Some(_))) => view.edits.push(path),
        None => {}
    }
    if found.state {
        view.removes.push(".task_orchestrator/.state".to_owned());
    }
    if let Some(claims) = super::claim::shared(cx) {
        view.removes.push(cx.workspace.below_root(&claims));
    }
    match GitUninstall::run(&look, GitUninstallInput {}) {
        Ok(git) => {
            view.edits.extend(git.files);
            view.settings = git.settings;
        }
        // A project without Git has nothing of ours in it.
        Err(error) if error.code == ErrorCode::NotFound => {}
        Err(error) => view.warning = Some(error.message),
    }
    view.keeps.push(".task_orchestrator/sessions".to_owned());
    let layout = cx.workspace.disk().layout();
    for dir in [
        layout.roles(),
        layout.modes(),
        layout.templates(),
        layout.archives(),
        layout.backups(),
        layout.exports(),
    ] {
        if cx.workspace.disk().exists(&dir) {
            view.keeps.push(cx.workspace.below_root(&dir));
        }
    }
    if cx.workspace.disk().exists(&layout.config()) {
        view.keeps.push(cx.workspace.below_root(&layout.config()));
    }
    Ok(view)
}

/// Removes it. Without `force`, or for a dry run, only the list comes back.
pub fn uninstall(
    workspace: &mut Workspace,
    by: &str,
    dry_run: bool,
    force: bool,
) -> Result<UninstallView, OpError> {
    let remarks = Remarks::default();
    let cx = Context { workspace, session: None, by: by.to_owned(), dry_run, if_match: None, remarks };
    let mut view = belongings(&cx)?;
    if dry_run || !force {
        return Ok(view);
    }
    cx.workspace.take_back_interrupted()?;
    if let Some(record) = super::import_record::records(&cx)?.into_iter().find(|r| r.state == "applying") {
        return Err(OpError::new(
            ErrorCode::Interrupted,
            format!("the import `{}` was interrupted", record.id),
        )
        .hint("run `plandown migrate rollback` first"));
    }
    if !(view.edits.is_empty() && view.settings.is_empty()) && view.warning.is_none() {
        match GitUninstall::run(&cx, GitUninstallInput {}) {
            Err(error) if error.code != ErrorCode::NotFound => return Err(error),
            _ => {}
        }
    }
    if let Some(claims) = super::claim::shared(&cx) {
        let guard = cx.workspace.lock()?;
        cx.workspace.disk().remove_asked(&guard, &claims)?;
    }
    let found = cx.workspace.belongings()?;
    workspace.leave(&found)?;
    view.changed = true;
    Ok(view)
}
