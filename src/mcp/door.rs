use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use super::alias;
use super::ask::Question;
use super::tool::{self, Call, Choice, Profile};
use super::words;
use crate::env::Env;
use crate::ops::settings::mcp_profile;
use crate::ops::{Context, ErrorCode, InitInput, OpError, Remarks, asked_session, init};
use crate::workspace::{NotFound, Workspace, discover};

/// What a tool answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// For the model.
    pub text: String,
    /// Whether it is an error: `text` is then `{"code","message","hint",…}`.
    pub is_error: bool,
    /// What the person at the client may be asked; with a "yes" the same call is made again.
    pub question: Option<Question>,
}

/// Everything a server knows between calls: opened workspaces, and how it was started.
pub struct Door {
    env: Arc<dyn Env>,
    root: Option<PathBuf>,
    session: Option<String>,
    profile: OnceLock<Profile>,
    open: Mutex<HashMap<PathBuf, Arc<Workspace>>>,
}

/// One client's side of a connection: who it is, and the sessions it has chosen, by workspace.
#[derive(Debug, Default)]
pub struct Client {
    /// As it calls itself.
    pub name: Mutex<String>,
    /// What tells it from another one of the same name; empty where nothing does.
    pub tag: String,
    chosen: Mutex<HashMap<PathBuf, String>>,
}

impl Client {
    /// A client that can be told from others of its name.
    #[must_use]
    pub fn tagged(tag: String) -> Self {
        Self { tag, ..Self::default() }
    }

    fn chosen(&self, root: &Path) -> Option<String> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).get(root).cloned()
    }

    fn choose(&self, root: &Path, session: Option<String>) {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        match session {
            Some(session) => chosen.insert(root.to_owned(), session),
            None => chosen.remove(root),
        };
    }

    fn by(&self) -> String {
        let name = self.name.lock().unwrap_or_else(PoisonError::into_inner);
        let plain: String =
            name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(40).collect();
        if plain.is_empty() { "mcp".to_owned() } else { format!("mcp:{plain}") }
    }
}

impl Door {
    /// A server's state; nothing is looked for or opened before the first call. Without a profile
    /// the setting of the first workspace that is opened decides.
    #[must_use]
    pub fn new(
        env: Arc<dyn Env>,
        root: Option<PathBuf>,
        session: Option<String>,
        profile: Option<Profile>,
    ) -> Self {
        let session = asked_session(env.as_ref(), session);
        let profile = profile.map_or_else(OnceLock::new, OnceLock::from);
        Self { env, root, session, profile, open: Mutex::default() }
    }

    /// Which tools are listed, the same for as long as the server runs.
    pub(super) fn profile(&self, directory: Option<&str>) -> Profile {
        if let Some(profile) = self.profile.get() {
            return *profile;
        }
        let wanted = catch_unwind(AssertUnwindSafe(|| {
            let workspace = self.workspace(&self.find(directory).ok()?).ok()?;
            Profile::named(&mcp_profile(&workspace))
        }));
        match wanted.ok().flatten() {
            Some(profile) => *self.profile.get_or_init(|| profile),
            None => Profile::default(),
        }
    }

    /// Calls a tool by any of its names. `None` when there is none of that name.
    pub fn call(&self, client: &Client, name: &str, given: Map<String, Value>) -> Option<Reply> {
        let directory = given.get("working_directory").and_then(Value::as_str);
        let (tool, given) = alias::resolve(self.profile(directory), name, given)?;
        Some(self.answer(client, tool, given))
    }

    fn answer(&self, client: &Client, tool: &tool::Tool, given: Map<String, Value>) -> Reply {
        // A bug in an operation must not silence the server: transactions roll back when dropped.
        let forced = given.contains_key("force");
        let run = catch_unwind(AssertUnwindSafe(|| self.run(client, tool, given)));
        let answer = run.unwrap_or_else(|_| {
            Err(OpError::new(ErrorCode::Internal, format!("`{}` failed unexpectedly", tool.name))
                .hint("look at the plan before trying again, and please report it"))
        });
        match answer {
            Ok((text, question)) => Reply { text, is_error: false, question },
            Err(error) => {
                let question = refused(tool, &error).filter(|_| !forced);
                Reply { text: error_text(&error), is_error: true, question }
            }
        }
    }

    fn run(
        &self,
        client: &Client,
        tool: &tool::Tool,
        given: Map<String, Value>,
    ) -> Result<(String, Option<Question>), OpError> {
        let args = tool.check(given)?;
        let directory = args.text("working_directory");
        let root = match self.find(directory.as_deref()) {
            Ok(root) => root,
            Err(error) if tool.name == "initialize_session" => self.make(directory.as_deref(), error)?,
            Err(error) => return Err(error),
        };
        let workspace = self.workspace(&root)?;
        let mut cx = self.context(client, &root, &workspace, args.text("session"));
        cx.dry_run = args.flag("dry_run");
        cx.if_match = args.text("if_match");
        let call = Call {
            cx,
            args,
            tag: client.tag.clone(),
            choice: RefCell::default(),
            question: RefCell::default(),
        };
        let answer = (tool.call)(&call);
        let mut text = answer.map_err(|error| error.remarked(call.cx.remarks.take()))?;
        words::warn(&mut text, call.cx.remarks.take());
        match call.choice.take() {
            Choice::Same => {}
            Choice::Session(session) => client.choose(&root, Some(session)),
            Choice::Left(session) => {
                if client.chosen(&root) == Some(session) {
                    client.choose(&root, None);
                }
            }
        }
        Ok((text, call.question.take()))
    }

    /// What an operation is told: the session that is named, else the server's, else the one the client chose.
    fn context<'a>(
        &self,
        client: &Client,
        root: &Path,
        workspace: &'a Workspace,
        named: Option<String>,
    ) -> Context<'a> {
        let session = named.or_else(|| self.session.clone()).or_else(|| {
            // A chosen session that is gone is no choice any more.
            let there = |c: &String| matches!(workspace.named(c), Ok(crate::workspace::Named::One(_)));
            client.chosen(root).filter(there)
        });
        let remarks = Remarks::default();
        Context { workspace, session, by: client.by(), dry_run: false, if_match: None, remarks }
    }

    /// Runs something for a client on the workspace that a request without a directory is about.
    pub(super) fn with<T>(
        &self,
        client: &Client,
        act: impl FnOnce(&Context<'_>) -> Result<T, OpError>,
    ) -> Result<T, OpError> {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let root = self.find(None)?;
            let workspace = self.workspace(&root)?;
            act(&self.context(client, &root, &workspace, None))
        }));
        caught.unwrap_or_else(|_| Err(OpError::new(ErrorCode::Internal, "the request failed unexpectedly")))
    }

    /// Binds the server to the workspace that it is started in.
    pub fn bind(&mut self) -> Result<(), OpError> {
        self.root = Some(self.find(None)?);
        Ok(())
    }

    /// The workspace's root for a request.
    pub(super) fn find(&self, directory: Option<&str>) -> Result<PathBuf, OpError> {
        let request = directory.map(Path::new);
        let found = discover(self.env.as_ref(), self.root.as_deref(), request)?;
        if self.root.is_none() && self.env.var("PLANDOWN_ROOT").is_none() && self.too_high(&found.root) {
            return Err(NotFound::Refused(found.root).into());
        }
        if let Some(directory) = directory
            && (self.root.is_some() || self.env.var("PLANDOWN_ROOT").is_some())
            && !self.absolute(directory).starts_with(&found.root)
        {
            return Err(OpError::new(
                ErrorCode::RootRefused,
                format!("this server works on `{}` only", found.root.display()),
            )
            .hint("leave `working_directory` out, or start the server without `--root`"));
        }
        Ok(found.root)
    }

    /// A request's directory as an absolute path.
    pub(super) fn absolute(&self, directory: &str) -> PathBuf {
        let path = self.env.cwd().join(directory);
        let mut plain = PathBuf::new();
        for part in path.components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => {
                    plain.pop();
                }
                other => plain.push(other),
            }
        }
        plain
    }

    /// The home directory and the root of the file system are never a workspace for a server.
    pub(super) fn too_high(&self, dir: &Path) -> bool {
        dir.parent().is_none() || self.env.home() == Some(dir)
    }

    /// Makes a workspace in the directory a request names; `error` says why there is none.
    fn make(&self, directory: Option<&str>, error: OpError) -> Result<PathBuf, OpError> {
        let root = match (&self.root, directory) {
            (Some(root), _) => root.clone(),
            (None, Some(directory)) => self.absolute(directory),
            (None, None) => return Err(error),
        };
        if self.too_high(&root) {
            return Err(NotFound::Refused(root).into());
        }
        init(&self.env, Some(&root), &InitInput::default())?;
        Ok(root)
    }

    /// The opened workspace, its index brought up to date with the files.
    pub(super) fn workspace(&self, root: &Path) -> Result<Arc<Workspace>, OpError> {
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(root).cloned();
        if let Some(workspace) = known
            && workspace.is_current()
            && workspace.refresh().is_ok()
        {
            return Ok(workspace);
        }
        let workspace = Arc::new(Workspace::open(root, Arc::clone(&self.env))?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // A client may name many directories; old ones are opened again when they are needed.
        if open.len() >= 32 {
            open.clear();
        }
        open.insert(root.to_owned(), Arc::clone(&workspace));
        Ok(workspace)
    }
}

/// What a refusal asks, where the tool has an argument that overrules it.
fn refused(tool: &tool::Tool, error: &OpError) -> Option<Question> {
    let overruled = matches!(error.code, ErrorCode::OpenWork | ErrorCode::Claimed)
        && tool.params.iter().any(|p| p.name == "force");
    let message =
        || crate::diagnostic::visible(&format!("{}. Do it all the same?", error.message)).into_owned();
    overruled.then(|| Question { message: message(), argument: "force" })
}

/// An error as the model reads it: one JSON object, its hint in the words of the tools.
pub(super) fn error_text(error: &OpError) -> String {
    let mut error = error.clone();
    error.message = crate::diagnostic::visible(&error.message).into_owned();
    error.hint = error.hint.map(|h| super::alias::hint(&h));
    error.to_json().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::FixedEnv;
    use crate::mcp::tool::{Does, Tool};
    use crate::model::Timestamp;
    use std::time::Duration;

    #[test]
    fn a_tool_that_panics_is_answered_and_the_next_call_works() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let env: Arc<dyn Env> =
            Arc::new(FixedEnv::new(Timestamp::from_unix(0), Duration::ZERO, 1).with_cwd(&root));
        init(&env, Some(&root), &InitInput::default()).unwrap();
        let door = Door::new(env, None, None, None);
        let broken = Tool {
            name: "broken",
            title: "",
            doc: "",
            does: Does::Reads,
            core: false,
            params: &[],
            call: |call| {
                let _held = call.cx.workspace.index();
                panic!("on purpose")
            },
        };
        let client = Client::default();
        let reply = door.answer(&client, &broken, Map::new());
        assert!(reply.is_error && reply.text.contains("\"internal\""), "{reply:?}");
        let reply = door.call(&client, "get_status", Map::new()).unwrap();
        assert!(!reply.is_error, "{reply:?}");
        assert_eq!(door.call(&client, "no_such_tool", Map::new()), None);
    }
}
