use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;

use crate::diagnostic::Code;
use crate::disk::SafeName;
use crate::format::Lifted;
use crate::index::{Index, Lookup, Scope, SessionRow, TaskRow, row_ids};
use crate::model::{Session, TaskId};
use crate::text::LineIndex;
use crate::workspace::{Committed, Named, Plan, Request, Selected, Snapshot, Workspace};

use super::{ErrorCode, OpError, SCHEMA, TaskView};

/// Bytes of what can name a task; nobody types more, and a search for it would be refused.
const LONGEST_NAME: usize = 2000;

/// What an operation is told about the call: where, on behalf of whom, on which conditions.
#[derive(Clone)]
pub struct Context<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// The session named by flag, variable, request or the client's choice.
    pub session: Option<String>,
    /// Who asks: a user's name, or `mcp:<client>`.
    pub by: String,
    /// Whether to show what would change instead of changing it.
    pub dry_run: bool,
    /// The revision the caller has seen.
    pub if_match: Option<String>,
    /// What is to be said beside the answer.
    pub remarks: Remarks,
}

/// What a run should be told beside its answer: what did not keep a write from happening. Contexts that come from one
/// another share it, so that no operation can drop it.
#[derive(Clone, Default, Debug)]
pub struct Remarks(Rc<RefCell<Vec<String>>>);

impl Remarks {
    /// Adds one, where there is one.
    pub(super) fn add(&self, remark: Option<String>) {
        self.0.borrow_mut().extend(remark);
    }

    /// All so far; they are said once.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// The session a run or a server was told to work on: by flag, else by `PLANDOWN_SESSION`; an empty word is none.
#[must_use]
pub fn asked_session(env: &dyn crate::env::Env, flag: Option<String>) -> Option<String> {
    flag.or_else(|| env.var("PLANDOWN_SESSION").map(str::to_owned)).filter(|s| !s.is_empty())
}

/// A word that could mean each of these sessions.
pub(super) fn several_sessions(word: &str, names: Vec<String>) -> OpError {
    let shown = crate::diagnostic::List(&names, "or").to_string();
    OpError::new(ErrorCode::Ambiguous, format!("`{word}` names several sessions"))
        .hint(format!("name one of {shown}"))
        .with("candidates", names)
}

/// The answer of every write.
#[derive(Clone, Debug, Serialize)]
pub struct WriteView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The session's id.
    pub session: String,
    /// The file's revision now.
    pub revision: String,
    /// The tasks it was about, as they are now.
    pub tasks: Vec<TaskView>,
    /// The tasks that are gone, with their subtasks: ids, else titles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Something that did not keep the write from happening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl WriteView {
    /// The same with a remark; one that is there already stays in front.
    #[must_use]
    pub(super) fn remarked(mut self, remark: Option<String>) -> Self {
        self.warning = match (self.warning, remark) {
            (Some(a), Some(b)) => Some(format!("{a}; {b}")),
            (a, b) => a.or(b),
        };
        self
    }
}

impl Context<'_> {
    /// Today, where the settings ask for the dates of starts and ends to be written.
    pub(super) fn recorded_date(&self) -> Option<String> {
        let wanted = self.workspace.settings().is(crate::config::Setting::RecordDates);
        wanted.then(|| self.workspace.now().date())
    }

    /// The session this call is about; an error where there is none, or several.
    pub fn session(&self) -> Result<SessionRow, OpError> {
        if let Some(word) = &self.session {
            return self.session_named(word);
        }
        match self.workspace.selected()? {
            Selected::One(row) => Ok(*row),
            Selected::None => Err(OpError::new(ErrorCode::NoSession, "there is no open session").hint(
                "run `plandown session create NAME`, or write `.task_orchestrator/sessions/NAME/session.md`",
            )),
            Selected::Several(rows) => {
                let names: Vec<String> = rows.iter().map(|r| r.directory.clone()).collect();
                Err(OpError::new(
                    ErrorCode::NoSession,
                    "several sessions are open and none is the active one",
                )
                .hint("run `plandown session activate ID`, or name one with `--session ID`")
                .with("candidates", names))
            }
        }
    }

    /// The session `word` names: directory, id, unique prefix or name.
    pub fn session_named(&self, word: &str) -> Result<SessionRow, OpError> {
        match self.workspace.named(word)? {
            Named::One(row) => Ok(*row),
            Named::Several(rows) => {
                let names = rows.iter().map(|r| r.directory.clone()).collect();
                Err(several_sessions(word, names))
            }
            Named::None(near) => {
                let error = OpError::new(ErrorCode::SessionNotFound, format!("no session `{word}`"));
                Err(suggest(error, near, "run `plandown session list --all`"))
            }
        }
    }

    /// The sessions a read is about: the one that is named or selected, else all that are open.
    pub fn scope(&self) -> Result<Scope, OpError> {
        if self.session.is_some() {
            return Ok(Scope::session(self.session()?.directory));
        }
        Ok(match self.workspace.selected()? {
            Selected::One(row) => Scope::session(row.directory),
            Selected::None => Scope::All,
            Selected::Several(_) => Scope::Open,
        })
    }

    /// The task `word` names: in this call's session first, then anywhere.
    pub fn task(&self, word: &str) -> Result<TaskRow, OpError> {
        let word = word.trim();
        if word.is_empty() {
            return Err(OpError::new(ErrorCode::InvalidInput, "a task's name is empty")
                .hint("give an id, the beginning of one, or a title; run `plandown list`"));
        }
        if word.len() > LONGEST_NAME {
            let begin: String = word.chars().take(40).collect();
            return Err(OpError::new(ErrorCode::TaskNotFound, format!("no task is called `{begin}…`"))
                .hint("name it by its id"));
        }
        let home = self.home()?;
        let index = self.workspace.index();
        let mut found = Lookup::None(Vec::new());
        if let Some(home) = &home {
            found = index.task_there(word, &Scope::session(home.clone()))?;
        }
        if matches!(found, Lookup::None(_)) {
            found = index.task(word, &Scope::All)?;
        }
        match found {
            Lookup::One(row) => Ok(row),
            Lookup::Many(rows) => {
                let names: Vec<String> = rows.iter().map(name).collect();
                let shown = crate::diagnostic::List(&names, "or").to_string();
                Err(OpError::new(ErrorCode::Ambiguous, format!("`{word}` names several tasks"))
                    .hint(format!("name one of {shown}"))
                    .with("candidates", names))
            }
            Lookup::None(near) => {
                let error = OpError::new(ErrorCode::TaskNotFound, format!("no task `{word}`"));
                drop(index);
                if let Some(home) = &home
                    && self.workspace.stale_pending(&SafeName::parse(home)?, None)?
                {
                    return Err(error.hint(format!(
                        "session `{home}` was saved from an outdated buffer, which may lack it; run `plandown sync`"
                    )));
                }
                match home.and_then(|home| self.checkbox_that_is_a_note(&home, word)) {
                    Some(place) if near.is_empty() => Err(error.hint(format!(
                        "{place} says so, but a checkbox there is a note; move it under a task group, \
                         or run `plandown explain T110`"
                    ))),
                    _ => Err(suggest(error, near, "run `plandown list --all`")),
                }
            }
        }
    }

    /// The same for who is about to write. Somebody may have saved an old buffer that lacks the task: like any write,
    /// this one takes in first what others saved.
    pub fn task_to_change(&self, word: &str) -> Result<TaskRow, OpError> {
        let found = self.task(word);
        if self.dry_run || found.as_ref().err().is_none_or(|e| e.code != ErrorCode::TaskNotFound) {
            return found;
        }
        let Some(home) = self.home()? else { return found };
        // Where nothing can be taken in, the task is not there.
        let Ok(taken) = self.workspace.take_in_session(&SafeName::parse(&home)?, None) else { return found };
        self.remarks.add(taken.told());
        self.workspace.refresh()?;
        self.task(word)
    }

    /// The session that names are looked up in first.
    fn home(&self) -> Result<Option<String>, OpError> {
        Ok(match (&self.session, self.workspace.selected()?) {
            (Some(word), _) => Some(self.session_named(word)?.directory),
            (None, Selected::One(row)) => Some(row.directory),
            (None, _) => None,
        })
    }

    /// Where a checkbox with these words stands outside the task groups: whoever wrote it meant a task.
    fn checkbox_that_is_a_note(&self, home: &str, word: &str) -> Option<String> {
        let snapshot = self.workspace.snapshot(&SafeName::parse(home).ok()?).ok()?;
        let word = word.to_lowercase();
        let found = crate::check::run(&snapshot.lifted)
            .into_iter()
            .find(|d| d.code == Code::T110 && d.span.of(snapshot.text()).to_lowercase().contains(&word))?;
        let line = LineIndex::new(snapshot.text()).line_col(found.span.start).line;
        Some(format!("`{}:{line}`", snapshot.path))
    }

    /// Whether a task of another session is completed or cancelled; what is not found is not.
    #[must_use]
    pub fn is_done_elsewhere(&self, session: &str, id: &TaskId) -> bool {
        let Ok(Named::One(row)) = self.workspace.named(session) else { return false };
        let found = self.workspace.index().task(&format!("{}#{id}", row.directory), &Scope::All);
        matches!(found, Ok(Lookup::One(task)) if matches!(task.status.as_str(), "completed" | "cancelled"))
    }

    /// Plans and writes changes to one session.
    pub fn write<T>(
        &self,
        directory: &str,
        what: &str,
        plan: impl FnMut(&Snapshot) -> Result<Plan<T>, OpError>,
    ) -> Result<Committed<T>, OpError> {
        let directory = SafeName::parse(directory)?;
        Ok(self.said(self.written(&directory, what, |request| self.workspace.transact(request, plan))?))
    }

    /// Writes a text that something else than changes made of the file as it is; `None` changes nothing.
    pub fn rewrite(
        &self,
        directory: &SafeName,
        what: &str,
        make: impl FnMut(&Snapshot) -> Result<Option<Lifted>, OpError>,
    ) -> Result<Committed<()>, OpError> {
        Ok(self.said(self.written(directory, what, |request| self.workspace.rewrite(request, make))?))
    }

    /// Keeps what is to be said of a write beside its answer.
    pub(super) fn said<T>(&self, committed: Committed<T>) -> Committed<T> {
        self.remarks.add(committed.warning.clone());
        committed
    }

    /// A revision is of one session: refused where changes of several depend on it.
    pub(super) fn fits_one(&self, sessions: usize) -> Result<(), OpError> {
        if self.if_match.is_none() || sessions < 2 {
            return Ok(());
        }
        Err(OpError::new(ErrorCode::InvalidInput, format!("one revision is given for {sessions} sessions"))
            .hint("name the session that it is of"))
    }

    fn written<T>(
        &self,
        directory: &SafeName,
        what: &str,
        write: impl FnOnce(&Request<'_>) -> Result<Committed<T>, OpError>,
    ) -> Result<Committed<T>, OpError> {
        if let Some(revision) = &self.if_match {
            check_revision(revision)?;
        }
        let (by, if_match, dry_run) = (self.by.as_str(), self.if_match.as_deref(), self.dry_run);
        let told = RefCell::default();
        let written = write(&Request { directory, what, by, if_match, dry_run, told: Some(&told) });
        told.take().into_iter().for_each(|remark| self.remarks.add(Some(remark)));
        if let Err(error) = written.as_ref()
            && !self.dry_run
        {
            let why = (error.code.word(), error.message.as_str());
            self.workspace.note_failure(directory, &self.by, what, why);
        }
        let committed = written?;
        if committed.changed && !self.dry_run {
            super::claim::let_go(self, &committed.after.session);
        }
        Ok(committed)
    }

    /// Writes changes whose plan answers with the row ids of the tasks it is about.
    pub fn write_tasks(
        &self,
        directory: &str,
        what: &str,
        plan: impl FnMut(&Snapshot) -> Result<Plan<Vec<String>>, OpError>,
    ) -> Result<WriteView, OpError> {
        let directory = &SafeName::parse(directory)?;
        let committed = self.written(directory, what, |request| self.workspace.transact(request, plan))?;
        let tasks = self.views(directory.as_str(), &committed)?;
        Ok(WriteView {
            schema: SCHEMA,
            changed: committed.changed,
            session: committed.after.session.id.clone(),
            revision: committed.revision().hex(),
            tasks,
            removed: Vec::new(),
            diff: committed.diff,
            warning: committed.warning,
        })
    }

    /// The tasks a write was about, as they are (or, in a dry run, would be) now.
    fn views(&self, directory: &str, committed: &Committed<Vec<String>>) -> Result<Vec<TaskView>, OpError> {
        let look = |index: &Index| -> Result<Vec<TaskView>, OpError> {
            let keys: Vec<String> = committed.output.iter().map(|id| format!("{directory}#{id}")).collect();
            Ok(index.tasks_by_keys(&keys)?.iter().map(TaskView::from).collect())
        };
        if committed.diff.is_none() && committed.warning.is_none() {
            let found = look(&self.workspace.index());
            // What is written is written: trouble with the index is no reason to say it was not.
            if found.is_ok() || !committed.changed {
                return found;
            }
        }
        look(&self.workspace.rehearsal(directory, &committed.after)?)
    }

    /// A fresh task id that no session uses.
    pub fn draw_id(&self) -> Result<TaskId, OpError> {
        loop {
            let id = crate::model::random_task_id(self.workspace.env().random_u64());
            if !self.workspace.index().id_is_taken(id.as_str())? {
                return Ok(id);
            }
        }
    }
}

impl From<crate::index::Error> for OpError {
    fn from(error: crate::index::Error) -> Self {
        crate::workspace::Error::from(error).into()
    }
}

/// A revision is named by 12 to 64 hex digits; fewer could name another one.
fn check_revision(text: &str) -> Result<(), OpError> {
    if (12..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(OpError::new(ErrorCode::InvalidInput, format!("`{text}` is no revision"))
        .hint("give 12 to 64 hex digits; `plandown session show --json` has them"))
}

/// Adds what was probably meant.
pub(super) fn suggest(error: OpError, near: Vec<String>, otherwise: &str) -> OpError {
    if near.is_empty() {
        return error.hint(otherwise);
    }
    error.hint(format!("did you mean {}?", crate::diagnostic::List(&near, "or"))).with("suggestions", near)
}

/// What a person can type for a task, wherever it is.
pub(super) fn name(row: &TaskRow) -> String {
    match &row.id {
        Some(id) => format!("{}#{id}", row.identity),
        None => row.title.clone(),
    }
}

/// The place of a row in a snapshot; an error where the file has moved on.
pub(super) fn locate(session: &Session, row: &TaskRow) -> Result<usize, OpError> {
    let row_id = row.key.rsplit_once('#').map_or(row.key.as_str(), |(_, id)| id);
    let own = session.tasks.iter().position(|t| t.id.as_ref().is_some_and(|id| id.as_str() == row_id));
    let found = own.or_else(|| row_ids(session).iter().position(|id| id.as_str() == row_id));
    found.ok_or_else(|| {
        OpError::new(ErrorCode::TaskNotFound, format!("task `{}` is not in the file any more", name(row)))
            .hint("run `plandown list`")
    })
}

/// The row id of a task of a session.
pub(super) fn row_id(session: &Session, task: usize) -> String {
    let own = session.tasks.get(task).and_then(|t| t.id.as_ref());
    let is_first = |id: &&TaskId| session.tasks.iter().position(|t| t.id.as_ref() == Some(id)) == Some(task);
    match own.filter(is_first) {
        Some(id) => id.to_string(),
        None => row_ids(session).get(task).map(ToString::to_string).unwrap_or_default(),
    }
}
