use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Setting;
use crate::index::{Claim, Claims, TaskRow};
use crate::model::{Session, TaskStatus, Timestamp, parse_minutes};
use crate::workspace::Named;

use super::{Context, Effect, ErrorCode, NextInput, OpError, Operation, SCHEMA, TaskView, nothing_ready};

/// The claims of a clone, in Git's common directory.
const FILE: &str = "plandown-claims.sqlite";

/// Finds the next ready task that nobody works on and takes it, in one step.
pub struct ClaimNext;
/// Takes a task, gives it back, or says that work on it goes on.
pub struct TaskClaim;

/// Whose work, and for how long.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimNextInput {
    /// Only work of this specialist
    pub specialist: Option<String>,
    /// Every session instead of the selected one
    pub all_sessions: bool,
    /// Who works on it; the user unless told
    #[serde(rename = "as")]
    pub holder: Option<String>,
    /// How long the claim lasts without a heartbeat: 90m, 2h
    pub ttl: Option<String>,
}

/// What to do with a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimAction {
    /// Take the task
    #[default]
    Claim,
    /// Make the claim last anew
    Heartbeat,
    /// Give the task back
    Release,
}

/// Which task, and for whom.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimInput {
    /// Id, unique prefix or title
    pub task: String,
    /// claim, heartbeat or release
    pub action: ClaimAction,
    /// Who works on it; the user unless told
    #[serde(rename = "as")]
    pub holder: Option<String>,
    /// How long the claim lasts without a heartbeat: 90m, 2h
    pub ttl: Option<String>,
    /// Take or release what another holds
    pub force: bool,
}

/// A task and who holds it.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimedView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything is different now, or would be but for a dry run.
    pub changed: bool,
    /// The session's id.
    pub session: String,
    /// The task, as a list of one.
    pub tasks: Vec<TaskView>,
    /// The claim; `null` after a release.
    pub claim: Option<ClaimView>,
    /// What a person should know: claims that only this worktree sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// A claim as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ClaimView {
    /// The session's id.
    pub session: String,
    /// The task's id.
    pub task: String,
    /// Who holds it.
    pub holder: String,
    /// The process that claimed it.
    pub pid: u32,
    /// Since when.
    pub claimed: String,
    /// When the holder last said that work goes on.
    pub heartbeat: String,
    /// From when on it is free.
    pub expires: String,
    /// Whether it is in force.
    pub live: bool,
}

impl ClaimView {
    pub(super) fn of(claim: &Claim, now: i64) -> Self {
        let at = |ms: i64| Timestamp::from_unix(ms.div_euclid(1000)).to_string();
        Self {
            session: claim.session.clone(),
            task: claim.task.clone(),
            holder: claim.holder.clone(),
            pid: claim.pid,
            claimed: at(claim.claimed_at),
            heartbeat: at(claim.heartbeat_at),
            expires: at(claim.expires_at),
            live: claim.expires_at > now,
        }
    }
}

/// The claims of a workspace, and whether only this worktree sees them.
pub(super) fn open(cx: &Context<'_>) -> Result<(Claims, Option<String>), OpError> {
    let disk = cx.workspace.disk();
    let place = disk.place_in_worktree();
    if cx.dry_run && !anybody(cx) {
        return Ok((Claims::nowhere(&place)?, None));
    }
    let mut why = None;
    if let Some(common) = disk.git_common_dir() {
        match Claims::open(&common.join(FILE), &place) {
            Ok(claims) => return Ok((claims, None)),
            Err(crate::index::Error::Busy) => return Err(busy()),
            Err(error) => why = Some(error),
        }
    }
    let warning = why.map(|why| format!("claims are seen in this worktree only: {why}"));
    disk.ensure_state()?;
    Ok((Claims::open(&disk.layout().claims(), &place)?, warning))
}

/// The claims that the worktrees of the clone share, where there are any.
pub(super) fn shared(cx: &Context<'_>) -> Option<std::path::PathBuf> {
    let disk = cx.workspace.disk();
    disk.git_common_dir().map(|dir| dir.join(FILE)).filter(|path| disk.exists(path))
}

/// The claims, where anybody ever made one.
pub(super) fn existing(cx: &Context<'_>) -> Result<Option<Claims>, OpError> {
    if anybody(cx) { open(cx).map(|(claims, _)| Some(claims)) } else { Ok(None) }
}

/// Gives back the tasks of a session that nobody can work on any more: done, cancelled, gone. The write that made
/// them so has happened, so trouble here is no error; such a claim is in nobody's way and ends by itself.
pub(super) fn let_go(cx: &Context<'_>, session: &Session) {
    let Ok(Some(mut claims)) = existing(cx) else { return };
    let held = claims.all().unwrap_or_default();
    if held.iter().all(|claim| claim.session != session.id) {
        return;
    }
    let ids = crate::index::row_ids(session);
    let open: HashSet<&str> = ids
        .iter()
        .zip(&session.tasks)
        .filter(|(_, t)| t.status.is_open())
        .map(|(id, _)| id.as_str())
        .collect();
    let over: Vec<&Claim> =
        held.iter().filter(|c| c.session == session.id && !open.contains(c.task.as_str())).collect();
    if let (false, Ok(tx)) = (over.is_empty(), claims.begin())
        && over.iter().all(|claim| tx.release(&claim.session, &claim.task).is_ok())
    {
        let _ = tx.commit();
    }
}

/// Claims that expired, and claims of tasks that are done, cancelled or gone; removed where `apply` says so. How
/// many.
pub(super) fn prune(cx: &Context<'_>, apply: bool) -> Result<usize, OpError> {
    let Some(mut claims) = existing(cx)? else { return Ok(0) };
    let now = cx.workspace.env().now_ms();
    let mut over = Vec::new();
    for claim in claims.all()? {
        if claim.expires_at <= now || is_over(cx, &claim)? {
            over.push(claim);
        }
    }
    if apply && !over.is_empty() {
        let tx = claims.begin()?;
        for claim in &over {
            // Taken anew since it was looked at, it is somebody's.
            if tx.live(&claim.session, &claim.task, now)?.is_none_or(|live| live == *claim) {
                tx.release(&claim.session, &claim.task)?;
            }
        }
        tx.commit()?;
    }
    Ok(over.len())
}

/// Whether a claimed task is none that can be worked on. A session that cannot be told is left alone.
fn is_over(cx: &Context<'_>, claim: &Claim) -> Result<bool, OpError> {
    let Named::One(row) = cx.workspace.named(&claim.session)? else { return Ok(false) };
    let key = format!("{}#{}", row.directory, claim.task);
    let found = cx.workspace.index().tasks_by_keys(&[key])?;
    Ok(found.iter().all(|task| TaskStatus::parse(&task.status).is_some_and(|s| !s.is_open())))
}

/// Whether anybody ever claimed anything here.
fn anybody(cx: &Context<'_>) -> bool {
    let disk = cx.workspace.disk();
    shared(cx).is_some() || disk.exists(&disk.layout().claims())
}

fn busy() -> OpError {
    OpError::new(ErrorCode::Busy, "the claims are in use by another process").hint("try again")
}

fn ttl_ms(cx: &Context<'_>, asked: Option<&str>) -> Result<i64, OpError> {
    let minutes = match asked {
        Some(text) => parse_minutes(text).filter(|m| *m > 0).map(u64::from).ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("`{text}` is no length of time"))
                .hint("write it like `30m` or `2h`")
        })?,
        None => cx.workspace.settings().number(Setting::ClaimTtlMinutes),
    };
    Ok(i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(60_000))
}

fn new_claim(row: &TaskRow, holder: &str, now: i64, ttl_ms: i64) -> Claim {
    Claim {
        session: row.identity.clone(),
        task: row_id(row).to_owned(),
        holder: holder.to_owned(),
        pid: std::process::id(),
        claimed_at: now,
        heartbeat_at: now,
        expires_at: now.saturating_add(ttl_ms),
        ttl_ms,
    }
}

/// The task's id; for one that has none yet, the one it will get.
fn row_id(row: &TaskRow) -> &str {
    row.key.rsplit_once('#').map_or(row.key.as_str(), |(_, id)| id)
}

fn holder(cx: &Context<'_>, asked: Option<&str>) -> Result<String, OpError> {
    let name = asked.unwrap_or(&cx.by).trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(OpError::new(ErrorCode::InvalidInput, "a holder's name is one line of text"));
    }
    Ok(name.to_owned())
}

impl Operation for ClaimNext {
    const NAME: &'static str = "claim_next";
    const EFFECT: Effect = Effect::Writes;
    type Input = ClaimNextInput;
    type Output = ClaimedView;

    fn run(cx: &Context<'_>, input: ClaimNextInput) -> Result<ClaimedView, OpError> {
        let (holder, ttl) = (holder(cx, input.holder.as_deref())?, ttl_ms(cx, input.ttl.as_deref())?);
        let next = NextInput {
            specialist: input.specialist,
            all_sessions: input.all_sessions,
            ..NextInput::default()
        };
        let (mut claims, warning) = open(cx)?;
        let tx = claims.begin()?;
        // What others wrote while we waited for our turn counts.
        cx.workspace.refresh()?;
        let now = cx.workspace.env().now_ms();
        let mut choice = super::task_next::Choice::of(cx, &next)?;
        choice.filter.limit = Some(PAGE);
        let mut held = 0;
        loop {
            let (rows, total) = cx.workspace.index().tasks(&choice.filter)?;
            let suited = || rows.iter().filter(|row| choice.suits(row));
            for row in suited() {
                let claim = new_claim(row, &holder, now, ttl);
                if tx.take(&claim)? {
                    if !cx.dry_run {
                        tx.commit()?;
                    }
                    return Ok(ClaimedView {
                        schema: SCHEMA,
                        changed: true,
                        session: row.identity.clone(),
                        tasks: vec![TaskView::from(row)],
                        claim: Some(ClaimView::of(&claim, now)),
                        warning,
                    });
                }
            }
            held += suited().count();
            choice.filter.offset += rows.len();
            if rows.is_empty() || choice.filter.offset >= total {
                break;
            }
        }
        if held == 0 {
            return Err(nothing_ready());
        }
        let tasks = crate::diagnostic::Count(held, "ready task");
        Err(OpError::new(ErrorCode::NothingReady, format!("every one of {tasks} is claimed"))
            .hint("run `plandown doctor` for claims that nobody keeps alive"))
    }
}

/// How many ready tasks are looked at in one go.
const PAGE: usize = 200;

impl Operation for TaskClaim {
    const NAME: &'static str = "task_claim";
    const EFFECT: Effect = Effect::Writes;
    type Input = ClaimInput;
    type Output = ClaimedView;

    fn run(cx: &Context<'_>, input: ClaimInput) -> Result<ClaimedView, OpError> {
        let by = holder(cx, input.holder.as_deref())?;
        let asked = input.ttl.as_deref().map(|ttl| ttl_ms(cx, Some(ttl))).transpose()?;
        let (mut claims, warning) = open(cx)?;
        let tx = claims.begin()?;
        cx.workspace.refresh()?;
        let row = cx.task_to_change(&input.task)?;
        let now = cx.workspace.env().now_ms();
        let (session, task) = (row.identity.as_str(), row_id(&row));
        let live = tx.live(session, task, now)?;
        let others = live.as_ref().filter(|c| c.holder != by && !input.force);
        if let Some(claim) = others {
            return Err(claimed(&row, claim, now));
        }
        let changed = match (input.action, &live) {
            (ClaimAction::Claim, _) if TaskStatus::parse(&row.status).is_some_and(|s| !s.is_open()) => {
                let name = super::context::name(&row);
                return Err(OpError::new(
                    ErrorCode::InvalidTransition,
                    format!("task `{name}` is {} already", row.status.replace('_', " ")),
                )
                .hint("run `plandown next --claim`"));
            }
            // Asked again under a name of one's own, it is the same claim; without, it may be anybody's.
            (ClaimAction::Claim, Some(claim)) if !input.force && input.holder.is_none() => {
                return Err(claimed(&row, claim, now));
            }
            (ClaimAction::Claim, Some(claim)) if claim.holder == by => false,
            (ClaimAction::Claim, _) => {
                if live.is_some() {
                    tx.release(session, task)?;
                }
                let ttl = asked.map_or_else(|| ttl_ms(cx, None), Ok)?;
                tx.take(&new_claim(&row, &by, now, ttl))?
            }
            (ClaimAction::Heartbeat, Some(claim)) => {
                tx.renew(session, task, now, asked.unwrap_or(claim.ttl_ms))?;
                true
            }
            (ClaimAction::Heartbeat, None) => {
                let name = super::context::name(&row);
                return Err(OpError::new(ErrorCode::NotClaimed, format!("nobody holds task `{name}`"))
                    .hint(format!("run `plandown claim {task}`")));
            }
            (ClaimAction::Release, _) => tx.release(session, task)?,
        };
        let claim = tx.live(session, task, now)?.map(|c| ClaimView::of(&c, now));
        if !cx.dry_run {
            tx.commit()?;
        }
        Ok(ClaimedView {
            schema: SCHEMA,
            changed,
            session: row.identity.clone(),
            tasks: vec![TaskView::from(&row)],
            claim,
            warning,
        })
    }
}

fn claimed(row: &TaskRow, claim: &Claim, now: i64) -> OpError {
    let view = ClaimView::of(claim, now);
    let name = super::context::name(row);
    OpError::new(
        ErrorCode::Claimed,
        format!("task `{name}` is claimed by `{}` until {}", view.holder, view.expires),
    )
    .hint("run `plandown next --claim` for another one")
    .with("claim", serde_json::to_value(view).unwrap_or_default())
}
