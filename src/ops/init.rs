use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::env::Env;
use crate::workspace::{Initialized, Workspace, discover_for_init};

use super::{Context, OpError, Operation, SCHEMA, SessionCreate, SessionCreateInput, SessionView};

/// What `init` is asked for.
#[derive(Clone, Debug, Default)]
pub struct InitInput {
    /// Name of a first session.
    pub name: Option<String>,
    /// Its mode.
    pub mode: Option<String>,
    /// Write no `.gitignore`.
    pub no_git: bool,
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
    let made = Initialized::at(&found.root, !input.no_git)?;
    let workspace = Workspace::open(&found.root, Arc::clone(env))?;
    let cx = Context {
        workspace: &workspace,
        session: None,
        by: env.user().to_owned(),
        dry_run: false,
        if_match: None,
    };
    let mut session = None;
    if let Some(name) = &input.name {
        // Asking twice is no mistake: `init` is idempotent.
        session = match cx.session_named(name) {
            Ok(row) => Some(SessionView::from(&row)),
            Err(_) => {
                let new = SessionCreateInput {
                    name: name.clone(),
                    mode: input.mode.clone(),
                    ..SessionCreateInput::default()
                };
                SessionCreate::run(&cx, new)?.session
            }
        };
    }
    Ok(InitView {
        schema: SCHEMA,
        changed: !made.created.is_empty() || session.is_some(),
        root: found.root.display().to_string(),
        created: made.created,
        session,
    })
}
