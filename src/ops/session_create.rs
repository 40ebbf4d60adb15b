use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Setting;
use crate::model::{HeaderKey, SessionStatus, slug};
use crate::render::SessionTemplate;
use crate::text::unified_diff;
use crate::workspace::{NewSession, ReadMode, Selected, session_path};

use super::task_add::one_line;
use super::task_list::priority;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA, SessionView};

/// Makes a session.
pub struct SessionCreate;

/// The new session.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionCreateInput {
    /// Its name
    pub name: String,
    /// Its id and directory; made from the name when left out
    pub id: Option<String>,
    /// What it is about
    pub description: Option<String>,
    /// Role configuration: a file of `.task_orchestrator/roles`
    pub mode: Option<String>,
    /// What kind of work it is: `research`, `maintenance`, any word; a project when left out
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `urgent|high|medium|low|someday`
    pub priority: Option<String>,
    /// `lean` (facts only) or `full` (with derived values)
    pub template: Option<String>,
    /// Leave it paused instead of making it the active session
    pub no_activate: bool,
    /// Pause the session that is active now
    pub pause_current: bool,
}

/// The answer of every write that is about sessions.
#[derive(Clone, Debug, Serialize)]
pub struct SessionWritten {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything is different now.
    pub changed: bool,
    /// The session, as it is now (absent when it was removed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionView>,
    /// The file's revision now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The session that was paused for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// The backup of what was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// The files it was exported to before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exported: Vec<String>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for SessionCreate {
    const NAME: &'static str = "session_create";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionCreateInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionCreateInput) -> Result<SessionWritten, OpError> {
        let name = one_line(&input.name)?;
        let settings = cx.workspace.settings();
        let word = input.template.clone().unwrap_or_else(|| settings.word(Setting::SessionTemplate));
        let template = SessionTemplate::parse(&word).ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no session template"))
                .hint("use `lean` or `full`")
        })?;
        let kind = input.kind.as_deref().map(super::session_set::kind).transpose()?;
        let directory = match &input.id {
            Some(id) => {
                let wanted = crate::disk::SafeName::parse(id.trim())?;
                if cx.workspace.disk().name_taken(&wanted)? {
                    return Err(OpError::new(
                        ErrorCode::AlreadyExists,
                        format!("there is a session `{id}` already"),
                    )
                    .hint("choose another `--id`"));
                }
                wanted
            }
            None => cx.workspace.free_directory(&slug(&name))?,
        };
        refuse_same_name(cx, &name)?;
        let current = match cx.workspace.selected()? {
            Selected::One(row) if row.stated && row.status == "active" => Some(row),
            _ => None,
        };
        if let Some(row) = current.as_ref().filter(|_| !input.no_activate && !input.pause_current) {
            return Err(OpError::new(
                ErrorCode::ActiveSessionExists,
                format!("session `{}` is active", row.identity),
            )
            .hint("use `--pause-current`, or `--no-activate`")
            .with("active", row.identity.clone()));
        }
        let mode = initial_mode(cx, input.mode.as_deref())?;
        let status = if input.no_activate { SessionStatus::Paused } else { SessionStatus::Active };
        let new = NewSession {
            file: crate::render::NewSession {
                id: directory.to_string(),
                name,
                description: input.description.clone().unwrap_or_default(),
                mode: Some(mode.file.name.clone()),
                created: cx.workspace.now().date(),
                priority: input.priority.as_deref().map(priority).transpose()?,
                status,
            },
            template,
            facts: kind.map(|kind| (HeaderKey::Type, kind)).into_iter().collect(),
        };
        let lifted = cx.workspace.compose(&directory, &new)?;
        if cx.dry_run {
            let diff = unified_diff(&session_path(directory.as_str()), "", lifted.document.text());
            return Ok(SessionWritten {
                schema: SCHEMA,
                changed: true,
                session: None,
                revision: None,
                paused: None,
                backup: None,
                exported: Vec::new(),
                diff: Some(diff),
            });
        }
        cx.workspace.create_session(&directory, &lifted, &cx.by, "session-create")?;
        let mut paused = None;
        if let Some(row) = current.filter(|_| !input.no_activate) {
            super::session_state::pause(cx, &row.directory)?;
            paused = Some(row.identity.clone());
        }
        if !input.no_activate {
            cx.workspace.point_at(Some(&directory))?;
        }
        let made = cx.workspace.index().session(directory.as_str())?;
        if let Some(row) = made {
            let done = super::mode_select::begin(cx, &row, &mode);
            // The session is made: what is missing is only how it came to its mode.
            done.or_else(|e| if e.code.class() == super::ErrorClass::Refused { Ok(()) } else { Err(e) })?;
        }
        written(cx, directory.as_str(), true, paused)
    }
}

/// The mode of a new session: the one that is asked for, else that of the settings, else the default roles.
fn initial_mode(cx: &Context<'_>, asked: Option<&str>) -> Result<ReadMode, OpError> {
    let Some(word) = asked else {
        let usual = cx.workspace.mode_named(&cx.workspace.settings().word(Setting::DefaultMode))?;
        let usual = usual.map(|file| cx.workspace.read_mode(&file)).filter(ReadMode::is_usable);
        return Ok(match usual {
            Some(read) => read,
            None => cx.workspace.fallback_mode()?,
        });
    };
    let read = cx.workspace.read_mode(&super::mode_view::mode_named(cx, word)?);
    if read.is_usable() { Ok(read) } else { Err(super::mode_view::broken(cx, &read, &read.findings)) }
}

/// The name must not be that of another session that is not archived.
pub(super) fn refuse_same_name(cx: &Context<'_>, name: &str) -> Result<(), OpError> {
    let wanted = crate::model::norm(name);
    let (rows, _) = cx.workspace.index().sessions(&crate::index::SessionFilter::default())?;
    match rows
        .iter()
        .find(|r| r.status != "archived" && !wanted.is_empty() && crate::model::norm(&r.name) == wanted)
    {
        Some(row) => Err(OpError::new(
            ErrorCode::AlreadyExists,
            format!("session `{}` has that name already", row.identity),
        )
        .hint("choose another name")),
        None => Ok(()),
    }
}

/// The answer after a write, from the index.
pub(super) fn written(
    cx: &Context<'_>,
    directory: &str,
    changed: bool,
    paused: Option<String>,
) -> Result<SessionWritten, OpError> {
    let row = cx.workspace.index().session(directory)?;
    let session = row.as_ref().map(SessionView::from);
    let revision = session.as_ref().map(|s| s.revision.clone());
    Ok(SessionWritten {
        schema: SCHEMA,
        changed,
        session,
        revision,
        paused,
        backup: None,
        exported: Vec::new(),
        diff: None,
    })
}
