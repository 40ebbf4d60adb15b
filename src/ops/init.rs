use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::env::Env;
use crate::model::slug;
use crate::workspace::{Initialized, Workspace, discover_for_init, session_path};

use super::task_add::one_line;
use super::{Context, OpError, Operation, Remarks, SCHEMA, SessionCreate, SessionCreateInput, SessionView};

/// What `init` is asked for.
#[derive(Clone, Debug, Default)]
pub struct InitInput {
    /// Name of a first session.
    pub name: Option<String>,
    /// Its mode.
    pub mode: Option<String>,
    /// Write no `.gitignore`.
    pub no_git: bool,
    /// Only say what would be made.
    pub dry_run: bool,
}

/// What `init` made.
#[derive(Clone, Debug, Serialize)]
pub struct InitView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything was made.
    pub changed: bool,
    /// The workspace's root directory.
    pub root: String,
    /// Files and directories that were made, below the root.
    pub created: Vec<String>,
    /// The first session, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionView>,
}

/// Makes a workspace; does nothing where there is one.
pub fn init(env: &Arc<dyn Env>, root: Option<&Path>, input: &InitInput) -> Result<InitView, OpError> {
    let found = discover_for_init(env.as_ref(), root)?;
    if input.dry_run {
        return would_make(&found.root, input);
    }
    let made = Initialized::at(&found.root, !input.no_git)?;
    let workspace = Workspace::open(&found.root, Arc::clone(env))?;
    let cx = Context {
        workspace: &workspace,
        session: None,
        by: env.user().to_owned(),
        dry_run: false,
        if_match: None,
        remarks: Remarks::default(),
    };
    let (mut session, mut is_new) = (None, false);
    if let Some(name) = &input.name {
        // Asking twice is no mistake: `init` is idempotent.
        session = if let Ok(row) = cx.session_named(name) {
            Some(SessionView::from(&row))
        } else {
            is_new = true;
            let new = SessionCreateInput {
                name: name.clone(),
                mode: input.mode.clone(),
                ..SessionCreateInput::default()
            };
            SessionCreate::run(&cx, new)?.session
        };
    }
    Ok(InitView {
        schema: SCHEMA,
        changed: !made.created.is_empty() || is_new,
        root: found.root.display().to_string(),
        created: made.created,
        session,
    })
}

/// The answer of a dry run: nothing is opened, because opening already makes the tool's own state.
fn would_make(root: &Path, input: &InitInput) -> Result<InitView, OpError> {
    let mut created = Initialized::would_be(root, !input.no_git)?.created;
    if let Some(name) = &input.name {
        let directory = slug(&one_line(name)?);
        let path = session_path(&directory);
        let there = crate::disk::Disk::open(root).is_ok_and(|disk| disk.exists(&root.join(&path)));
        if !there {
            created.push(path);
        }
    }
    let root = root.display().to_string();
    Ok(InitView { schema: SCHEMA, changed: !created.is_empty(), root, created, session: None })
}
