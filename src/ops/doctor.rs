use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Looks after the tool's own state: permissions, index, leftovers.
pub struct Doctor;

/// How far to go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DoctorInput {
    /// Mend what can be mended
    pub fix: bool,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct DoctorRow {
    /// What was looked at.
    pub what: String,
    /// `ok`, `fixed`, `warning`, `error`
    pub state: &'static str,
    /// One sentence.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct DoctorView {
    /// Version of this shape.
    pub schema: u32,
    /// Everything that was looked at.
    pub checks: Vec<DoctorRow>,
    /// Whether nothing is wrong any more.
    pub healthy: bool,
}

impl Operation for Doctor {
    const NAME: &'static str = "doctor";
    const EFFECT: Effect = Effect::Writes;
    type Input = DoctorInput;
    type Output = DoctorView;

    fn run(cx: &Context<'_>, input: DoctorInput) -> Result<DoctorView, OpError> {
        let fix = input.fix && !cx.dry_run;
        let mut checks = vec![files(cx)?, permissions(cx, fix)?, index(cx)?];
        checks.push(rebuild(cx)?);
        checks.push(recovery(cx));
        checks.push(git(cx)?);
        checks.push(claims(cx)?);
        let healthy = checks.iter().all(|row| matches!(row.state, "ok" | "fixed"));
        Ok(DoctorView { schema: SCHEMA, checks, healthy })
    }
}

fn row(what: &str, state: &'static str, message: impl Into<String>) -> DoctorRow {
    DoctorRow { what: what.to_owned(), state, message: message.into(), hint: None }
}

fn files(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    let entries = cx.workspace.entries()?;
    let bad: Vec<String> = entries
        .iter()
        .filter(|e| e.state.as_ref().is_err_and(|p| *p != crate::disk::Problem::Missing))
        .map(|e| e.name.clone())
        .collect();
    let count = crate::diagnostic::Count(entries.len() - bad.len(), "session file");
    Ok(if bad.is_empty() {
        row("files", "ok", format!("{count} can be read"))
    } else {
        let hint = Some("run `plandown check`".to_owned());
        DoctorRow {
            hint,
            ..row("files", "error", format!("cannot be read: {}", crate::diagnostic::List(&bad, "and")))
        }
    })
}

fn permissions(cx: &Context<'_>, fix: bool) -> Result<DoctorRow, OpError> {
    let loose = cx.workspace.disk().loose_permissions()?;
    if loose.is_empty() {
        return Ok(row("permissions", "ok", "private directories are private"));
    }
    let names: Vec<String> = loose.iter().take(5).map(|(path, _)| cx.workspace.below_root(path)).collect();
    let message = format!("others can enter {}", crate::diagnostic::List(&names, "and"));
    if fix {
        let guard = cx.workspace.lock()?;
        cx.workspace.disk().tighten_permissions(&guard)?;
        return Ok(row("permissions", "fixed", message));
    }
    Ok(DoctorRow {
        hint: Some("run `plandown doctor --fix`".to_owned()),
        ..row("permissions", "warning", message)
    })
}

fn index(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    if let Some(why) = cx.workspace.detached() {
        return Ok(row("index", "warning", why));
    }
    if cx.workspace.stands_in() {
        return Ok(row("index", "warning", "another process holds it; this command works with its own"));
    }
    let index = cx.workspace.index();
    if let Some(damage) = index.examine()? {
        let hint = Some("run `plandown reindex --from-scratch`".to_owned());
        return Ok(DoctorRow { hint, ..row("index", "error", format!("damaged: {damage}")) });
    }
    let tasks: usize = index.counts()?.tasks.values().sum();
    Ok(row("index", "ok", format!("sound, {}", crate::diagnostic::Count(tasks, "task"))))
}

fn rebuild(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    let (kept, fresh) = cx.workspace.compare_with_rebuild()?;
    Ok(if kept == fresh {
        row("rebuild", "ok", "the index equals one built from the files alone")
    } else {
        let hint = Some("run `plandown reindex --from-scratch`, and please report it".to_owned());
        DoctorRow { hint, ..row("rebuild", "error", "the index differs from one built from the files alone") }
    })
}

fn recovery(cx: &Context<'_>) -> DoctorRow {
    if cx.workspace.disk().recovery_pending() {
        let hint = Some("run `plandown sync`".to_owned());
        return DoctorRow {
            hint,
            ..row("recovery", "warning", "an interrupted write waits to be recovered")
        };
    }
    row("recovery", "ok", "no interrupted write")
}

fn git(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    use super::git_install::Wiring;
    let install = Some("run `plandown git install`".to_owned());
    Ok(match super::git_install::wiring(cx)? {
        Wiring::NoGit => row("git", "ok", "no Git repository"),
        Wiring::Plain => DoctorRow {
            hint: install,
            ..row("git", "ok", "Git merges plans line by line; it can do so task by task")
        },
        Wiring::DeclaredOnly => DoctorRow {
            hint: install,
            ..row(
                "git",
                "warning",
                "X008: `.gitattributes` declares the merge driver, but this clone is not set up for it",
            )
        },
        Wiring::Broken(why) => DoctorRow {
            hint: Some("see that `plandown` is in `PATH`, then run `plandown git install`".to_owned()),
            ..row("git", "error", why)
        },
        Wiring::Works => row("git", "ok", "plans are merged task by task, as a trial merge showed"),
    })
}

fn claims(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    let Some(claims) = super::claim::existing(cx)? else {
        return Ok(row("claims", "ok", "nobody has claimed a task"));
    };
    let now = cx.workspace.env().now_ms();
    let all = claims.all()?;
    let stale: Vec<String> = all
        .iter()
        .filter(|c| c.expires_at <= now)
        .map(|c| format!("{}#{} of {}", c.session, c.task, c.holder))
        .collect();
    let live = crate::diagnostic::Count(all.len() - stale.len(), "claim");
    if stale.is_empty() {
        return Ok(row("claims", "ok", format!("{live} in force")));
    }
    let named = crate::diagnostic::List(&stale, "and");
    Ok(row("claims", "ok", format!("{live} in force; expired and free again: {named}")))
}
