use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use crate::env::Env;
use crate::ops::{Context, ErrorCode, OpError, Remarks, asked_session};
use crate::workspace::{Workspace, discover};

use super::globals::Globals;
use super::out::Out;

/// One run of the program: the world it is in, what was asked of every command, where it prints.
pub(super) struct App {
    /// Clock, variables, directories.
    pub env: Arc<dyn Env>,
    /// Options of every command.
    pub globals: Globals,
    /// Standard output and error.
    pub out: Out,
    /// What operations leave to be said beside their answers.
    pub remarks: Remarks,
}

impl App {
    /// Opens the workspace that the options and the current directory name, with its index brought
    /// up to date.
    pub(super) fn open(&mut self) -> Result<Workspace, OpError> {
        let found = discover(self.env.as_ref(), self.globals.root.as_deref(), None)?;
        self.open_at(&found.root)
    }

    /// Opens the workspace at `root`.
    pub(super) fn open_at(&mut self, root: &Path) -> Result<Workspace, OpError> {
        let workspace = Workspace::open(root, Arc::clone(&self.env))?;
        Ok(self.opened(workspace))
    }

    /// Opens the workspace without looking at the files; its index is about to be built anew.
    pub(super) fn open_to_rebuild(&mut self) -> Result<Workspace, OpError> {
        let found = discover(self.env.as_ref(), self.globals.root.as_deref(), None)?;
        let workspace = Workspace::open_as_it_is(&found.root, Arc::clone(&self.env))?;
        Ok(self.opened(workspace))
    }

    fn opened(&mut self, workspace: Workspace) -> Workspace {
        for remark in workspace.remarks() {
            self.out.note(remark);
        }
        workspace
    }

    /// Puts a damaged index aside and builds a new one; says whether that went well.
    pub(super) fn heal(&mut self) -> bool {
        let healed = self.open().is_ok_and(|mut workspace| workspace.heal().is_ok());
        if healed {
            self.out.note("the index was damaged and has been rebuilt from the files");
        }
        healed
    }

    /// What an operation is told about this run.
    pub(super) fn context<'a>(&self, workspace: &'a Workspace) -> Context<'a> {
        Context {
            workspace,
            session: asked_session(self.env.as_ref(), self.globals.session.clone()),
            by: self.env.user().to_owned(),
            dry_run: self.globals.dry_run,
            if_match: self.globals.if_match.clone(),
            remarks: self.remarks.clone(),
        }
    }

    /// How many items a list shows: what was asked for, everything when piped, else the setting.
    #[must_use]
    pub(super) fn page(&self, workspace: &Workspace, limit: Option<usize>, all: bool) -> Option<usize> {
        let on_terminal = std::io::stdout().is_terminal() && !self.json();
        limit.or_else(|| (on_terminal && !all).then(|| workspace.list_limit()))
    }

    /// Columns of the terminal; `None` when the output goes elsewhere.
    #[must_use]
    pub(super) fn width(&self) -> Option<usize> {
        if !std::io::stdout().is_terminal() {
            return None;
        }
        let columns = self.env.var("COLUMNS").and_then(|c| c.parse().ok());
        columns.or_else(super::out::terminal_width).or(Some(80))
    }

    /// Whether to print JSON.
    #[must_use]
    pub(super) fn json(&self) -> bool {
        self.globals.json
    }
}

impl App {
    /// Standard input to its end.
    pub(super) fn stdin(&self) -> Result<String, OpError> {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map_err(|e| {
            OpError::new(ErrorCode::Unreadable, format!("standard input cannot be read: {e}"))
                .hint("give the text as an argument")
        })?;
        String::from_utf8(bytes).map_err(|_| {
            OpError::new(ErrorCode::InvalidInput, "standard input is not UTF-8").hint("convert it first")
        })
    }

    /// Text from an argument; `-` is standard input.
    pub(super) fn text(&self, argument: String) -> Result<String, OpError> {
        if argument == "-" { self.stdin() } else { Ok(argument) }
    }

    /// Text from an argument, standard input (`-`, or a pipe), or the editor.
    pub(super) fn text_or_editor(&self, argument: Option<String>, start: &str) -> Result<String, OpError> {
        match argument {
            Some(text) => self.text(text),
            None if !std::io::stdin().is_terminal() => self.stdin(),
            None => self.compose(start),
        }
    }

    /// Lets the user write a text in the editor.
    fn compose(&self, start: &str) -> Result<String, OpError> {
        let workspace = Workspace::open(
            &discover(self.env.as_ref(), self.globals.root.as_deref(), None)?.root,
            Arc::clone(&self.env),
        )?;
        let path = workspace.draft(start)?;
        let edited = self.editor(&path, None).and_then(|()| Ok(workspace.take_draft(&path)?));
        let text = edited?;
        if text.trim().is_empty() || text == start {
            return Err(OpError::new(ErrorCode::EmptyTitle, "nothing was written")
                .hint("write something and save it"));
        }
        Ok(text)
    }

    /// Opens a file in `$VISUAL`, `$EDITOR` or `vi` and waits.
    pub(super) fn editor(&self, path: &Path, line: Option<u32>) -> Result<(), OpError> {
        let editor = ["VISUAL", "EDITOR"]
            .into_iter()
            .find_map(|name| self.env.var(name).filter(|v| !v.trim().is_empty()));
        let mut words = super::words::split(editor.unwrap_or("vi")).into_iter();
        let program = words.next().unwrap_or_else(|| "vi".to_owned());
        let mut command = std::process::Command::new(&program);
        command.args(words);
        let vi_like = ["vi", "vim", "nvim", "nano", "emacs", "micro", "kak"];
        let name =
            Path::new(&program).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(line) = line.filter(|_| vi_like.contains(&name.as_str())) {
            command.arg(format!("+{line}"));
        }
        let failed = |why: String| {
            OpError::new(ErrorCode::Unreadable, format!("the editor `{program}` {why}"))
                .hint("set `VISUAL` or `EDITOR`")
        };
        let status = command.arg(path).status().map_err(|e| failed(format!("cannot be started: {e}")))?;
        if status.success() { Ok(()) } else { Err(failed("reported an error".to_owned())) }
    }
}
