use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{SessionFilter, TaskFilter};
use crate::model::{SessionStatus, norm};

use super::session_history::HappenedView;
use super::{Context, Effect, ErrorCode, GroupView, OpError, Operation, SCHEMA, SessionView, TaskView};

/// Lists sessions.
pub struct SessionList;

/// Which sessions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionListInput {
    /// States; all when left out
    pub status: Vec<String>,
    /// Text in name or directory
    pub text: Option<String>,
    /// At most so many
    pub limit: Option<usize>,
    /// Skip so many
    pub offset: usize,
    /// The sessions in long-term storage instead
    pub archived: bool,
    /// The sessions in long-term storage too
    pub with_archived: bool,
    /// Order: `name`, `progress` or `created_at`; by id when left out
    pub sort: Option<String>,
    /// The other way round
    pub reverse: bool,
}

/// Sessions, and how many there are without the limit.
#[derive(Clone, Debug, Serialize)]
pub struct SessionsView {
    /// Version of this shape.
    pub schema: u32,
    /// The page that was asked for, by directory.
    pub sessions: Vec<SessionView>,
    /// All that fit.
    pub total: usize,
    /// The id of the session that is worked on, where there is one.
    pub active: Option<String>,
    /// Archives that cannot be read, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

impl Operation for SessionList {
    const NAME: &'static str = "session_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = SessionListInput;
    type Output = SessionsView;

    fn run(cx: &Context<'_>, input: SessionListInput) -> Result<SessionsView, OpError> {
        let mut statuses = Vec::new();
        for word in &input.status {
            statuses.push(SessionStatus::parse(word).ok_or_else(|| {
                let all: Vec<&str> = SessionStatus::ALL.iter().map(|s| s.key()).collect();
                OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no session state"))
                    .hint(format!("use {}", crate::diagnostic::List(&all, "or")))
            })?);
        }
        let ordered = input.archived || input.with_archived || input.sort.is_some() || input.reverse;
        let active = match cx.workspace.selected()? {
            crate::workspace::Selected::One(row) => Some(row.identity.clone()),
            _ => None,
        };
        let filter = SessionFilter {
            statuses,
            text: input.text.clone(),
            limit: input.limit.filter(|_| !ordered),
            offset: if ordered { 0 } else { input.offset },
            ..SessionFilter::default()
        };
        if ordered {
            return in_order(cx, &input, &filter, active);
        }
        let (rows, total) = cx.workspace.index().sessions(&filter)?;
        let sessions = rows.iter().map(SessionView::from).collect();
        Ok(SessionsView { schema: SCHEMA, sessions, total, active, broken: Vec::new() })
    }
}

/// The page that was asked for where the index alone has not all of it, or not in that order.
fn in_order(
    cx: &Context<'_>,
    input: &SessionListInput,
    filter: &SessionFilter,
    active: Option<String>,
) -> Result<SessionsView, OpError> {
    let mut found: Vec<(Option<String>, SessionView)> = Vec::new();
    let mut broken = Vec::new();
    if !input.archived {
        let (rows, _) = cx.workspace.index().sessions(filter)?;
        found.extend(rows.iter().map(|r| (r.created.clone(), SessionView::from(r))));
    }
    if input.archived || input.with_archived {
        let text = input.text.as_deref().map(norm);
        let fits = |name: &str| text.as_deref().is_none_or(|t| norm(name).contains(t));
        let archived = super::session_archive::archived(cx)?;
        broken = archived.broken;
        let archived =
            archived.sessions.into_iter().filter(|(directory, s)| fits(&s.name) || fits(directory.as_str()));
        found.extend(archived.map(|(_, session)| (None, session)));
    }
    match input.sort.as_deref() {
        None => {}
        Some("name") => found.sort_by_key(|(_, s)| norm(&s.name)),
        Some("progress") => found.sort_by_key(|(_, s)| s.progress.percent),
        Some("created_at") => found.sort_by(|a, b| a.0.cmp(&b.0)),
        Some(other) => {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is no order"))
                .hint("use `name`, `progress`, or `created_at`"));
        }
    }
    if input.reverse {
        found.reverse();
    }
    let total = found.len();
    let page = found.into_iter().skip(input.offset).take(input.limit.unwrap_or(usize::MAX));
    let sessions = page.map(|(_, session)| session).collect();
    let active = active.filter(|_| !input.archived);
    Ok(SessionsView { schema: SCHEMA, sessions, total, active, broken })
}

/// Shows one session.
pub struct SessionShow;

/// Which session.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionShowInput {
    /// Id, directory, unique prefix or name; the selected one when left out
    pub session: Option<String>,
}

/// A session with its groups and its next work.
#[derive(Clone, Debug, Serialize)]
pub struct SessionDetail {
    /// Version of this shape.
    pub schema: u32,
    /// The session.
    pub session: SessionView,
    /// What it is about.
    pub description: Option<String>,
    /// Its groups, in order.
    pub groups: Vec<GroupView>,
    /// What can be begun now, most urgent first, a few.
    pub next: Vec<TaskView>,
    /// Findings in its file, by severity.
    pub findings: usize,
    /// Files that came out of the work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<ArtifactRow>,
    /// What was decided, newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<String>,
    /// What happened to it here.
    #[serde(skip_serializing_if = "HappenedView::is_empty")]
    pub history: HappenedView,
}

/// A file that came out of the work.
#[derive(Clone, Debug, Serialize)]
pub struct ArtifactRow {
    /// Below the session's directory.
    pub path: String,
    /// What it is, where that was noted.
    pub kind: Option<String>,
    /// One line about it.
    pub about: Option<String>,
    /// The task that made it.
    pub task: Option<String>,
    /// Bytes.
    pub bytes: u64,
}

impl Operation for SessionShow {
    const NAME: &'static str = "session_show";
    const EFFECT: Effect = Effect::Reads;
    type Input = SessionShowInput;
    type Output = SessionDetail;

    fn run(cx: &Context<'_>, input: SessionShowInput) -> Result<SessionDetail, OpError> {
        let row = match &input.session {
            Some(word) => cx.session_named(word)?,
            None => cx.session()?,
        };
        let directory = cx.workspace.directory(&row)?;
        let artifacts = cx.workspace.artifacts(&directory)?.into_iter().map(|a| ArtifactRow {
            path: a.path,
            kind: a.kind,
            about: a.description,
            task: a.task,
            bytes: a.size,
        });
        let session = cx.workspace.snapshot(&directory)?.lifted.session;
        let decisions = crate::import::Draft::from_session(&session).decisions;
        let history = super::session_history::history(cx, &directory)?;
        let index = cx.workspace.index();
        let groups = index.groups(&row.directory)?;
        let filter = TaskFilter {
            scope: crate::index::Scope::session(row.directory.clone()),
            statuses: vec![crate::model::TaskStatus::Pending],
            ready: Some(true),
            order: crate::index::Order::Urgency,
            limit: Some(5),
            ..TaskFilter::default()
        };
        let (next, _) = index.tasks(&filter)?;
        let findings = index.findings_of(&row.directory)?;
        Ok(SessionDetail {
            schema: SCHEMA,
            session: SessionView::from(&row),
            description: row.description.clone(),
            groups: groups.iter().map(|g| GroupView::of(g, &row.identity)).collect(),
            next: next.iter().map(TaskView::from).collect(),
            findings,
            artifacts: artifacts.collect(),
            decisions,
            history,
        })
    }
}
