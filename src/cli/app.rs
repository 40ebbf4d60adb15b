use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use crate::env::Env;
use crate::ops::{Context, OpError};
use crate::workspace::{Workspace, discover};

use super::globals::Globals;
use super::out::Out;

/// One run of the program: the world it is in, what was asked of every command, where it prints.
pub struct App {
    /// Clock, variables, directories.
    pub env: Arc<dyn Env>,
    /// Options of every command.
    pub globals: Globals,
    /// Standard output and error.
    pub out: Out,
}

impl App {
    /// Opens the workspace that the options and the current directory name, with its index brought
    /// up to date.
    pub fn open(&mut self) -> Result<Workspace, OpError> {
        let found = discover(self.env.as_ref(), self.globals.root.as_deref(), None)?;
        self.open_at(&found.root)
    }

    /// Opens the workspace at `root`.
    pub fn open_at(&mut self, root: &Path) -> Result<Workspace, OpError> {
        let workspace = Workspace::open(root, Arc::clone(&self.env))?;
        for remark in workspace.remarks() {
            self.out.note(remark);
        }
        Ok(workspace)
    }

    /// What an operation is told about this run.
    pub fn context<'a>(&self, workspace: &'a Workspace) -> Context<'a> {
        let session =
            self.globals.session.clone().or_else(|| self.env.var("PLANDOWN_SESSION").map(str::to_owned));
        Context {
            workspace,
            session: session.filter(|s| !s.is_empty()),
            by: self.env.user().to_owned(),
            dry_run: self.globals.dry_run,
            if_match: self.globals.if_match.clone(),
        }
    }

    /// How many items a list shows: what was asked for, everything when piped, else the setting.
    #[must_use]
    pub fn page(&self, workspace: &Workspace, limit: Option<usize>, all: bool) -> Option<usize> {
        let on_terminal = std::io::stdout().is_terminal() && !self.json();
        limit.or_else(|| (on_terminal && !all).then(|| workspace.list_limit()))
    }

    /// Columns of the terminal; `None` when the output goes elsewhere.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        if !std::io::stdout().is_terminal() {
            return None;
        }
        let columns = self.env.var("COLUMNS").and_then(|c| c.parse().ok());
        columns.or_else(super::out::terminal_width).or(Some(80))
    }

    /// Whether to print JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        self.globals.json
    }
}
