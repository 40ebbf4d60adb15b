use schemars::JsonSchema;
use serde::Deserialize;

use crate::disk::SafeName;
use crate::index::{SessionFilter, SessionRow};
use crate::model::SessionStatus;
use crate::workspace::{Archives, meant};

use super::session_create::{SessionWritten, written};
use super::session_state::refuse;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA, SessionView};
use super::{ExportInput, export_plans};

/// Moves a session into long-term storage: one compressed file, byte for byte.
pub struct SessionArchive;

/// Which session.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionArchiveInput {
    /// Id, directory, unique prefix or name
    pub session: String,
    /// Export it too, in this format: `markdown`, `json`, `html`, `zip`
    #[serde(default, alias = "export_format")]
    pub export: Option<String>,
}

impl Operation for SessionArchive {
    const NAME: &'static str = "session_archive";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionArchiveInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionArchiveInput) -> Result<SessionWritten, OpError> {
        let row = cx.session_named(&input.session)?;
        let from = SessionStatus::parse(&row.status).unwrap_or(SessionStatus::Active);
        refuse(from, SessionStatus::Archived, &row.identity)?;
        let mut view = SessionView::from(&row);
        let mut exported = Vec::new();
        if let Some(format) = input.export {
            let cx = Context { session: Some(row.directory.clone()), ..cx.clone() };
            exported = export_plans(&cx, &ExportInput { format, ..ExportInput::default() })?.files;
        }
        if !cx.dry_run {
            view.path = cx.workspace.archive_session(&cx.workspace.directory(&row)?)?;
            SessionStatus::Archived.key().clone_into(&mut view.status);
        }
        let revision = Some(view.revision.clone());
        Ok(SessionWritten {
            schema: SCHEMA,
            changed: true,
            session: Some(view),
            revision,
            paused: None,
            backup: None,
            exported,
            diff: None,
        })
    }
}

/// Brings a session back from long-term storage, in the state it was put there.
pub struct SessionRestore;

impl Operation for SessionRestore {
    const NAME: &'static str = "session_restore";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionArchiveInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionArchiveInput) -> Result<SessionWritten, OpError> {
        let archived = archived(cx)?.sessions;
        let wanted = input.session.as_str();
        let found = meant(&archived, wanted, |(d, s)| [d.as_str(), &s.id, &s.name]);
        let (directory, session) = match found.as_slice() {
            [one] => one,
            [] => {
                let names = archived.iter().map(|(d, _)| d.as_str());
                let near = crate::diagnostic::did_you_mean(wanted, names);
                let near = near.into_iter().map(str::to_owned).collect();
                let error =
                    OpError::new(ErrorCode::SessionNotFound, format!("no archived session `{wanted}`"));
                return Err(super::context::suggest(error, near, "run `plandown session list --archived`"));
            }
            several => {
                let names = several.iter().map(|(d, _)| d.to_string()).collect();
                return Err(super::context::several_sessions(wanted, names));
            }
        };
        if cx.dry_run {
            cx.workspace.may_restore(directory)?;
            let mut session = session.clone();
            session.path = format!(".task_orchestrator/sessions/{directory}/session.md");
            let revision = Some(session.revision.clone());
            let session = Some(session);
            return Ok(SessionWritten {
                schema: SCHEMA,
                changed: true,
                session,
                revision,
                paused: None,
                backup: None,
                exported: Vec::new(),
                diff: None,
            });
        }
        cx.workspace.restore_session(directory, &cx.by)?;
        written(cx, directory.as_str(), true, None)
    }
}

/// The sessions in long-term storage, and the archives that cannot be read.
pub(super) struct Archived {
    /// With their directories.
    pub sessions: Vec<(SafeName, SessionView)>,
    /// One sentence each.
    pub broken: Vec<String>,
}

pub(super) fn archived(cx: &Context<'_>) -> Result<Archived, OpError> {
    let archives = cx.workspace.archives()?;
    let (rows, _) = archives.index.sessions(&SessionFilter::default())?;
    let view = |row: &SessionRow| {
        let status = SessionStatus::Archived.key().to_owned();
        Some((SafeName::parse(&row.directory).ok()?, SessionView { status, ..SessionView::from(row) }))
    };
    Ok(Archived { sessions: rows.iter().filter_map(view).collect(), broken: broken(&archives) })
}

/// What to say about archives that cannot be read.
pub(super) fn broken(archives: &Archives) -> Vec<String> {
    archives.broken.iter().map(|(path, why)| format!("archive `{path}` cannot be used: {why}")).collect()
}
