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
    const EFFECT: Effect = Effect::Settles;
    type Input = DoctorInput;
    type Output = DoctorView;

    fn run(cx: &Context<'_>, input: DoctorInput) -> Result<DoctorView, OpError> {
        let fix = input.fix && !cx.dry_run;
        let mut checks = vec![files(cx)?, permissions(cx, fix)?, index(cx)?];
        checks.push(rebuild(cx)?);
        checks.push(recovery(cx, fix)?);
        checks.push(dependencies(cx)?);
        checks.push(backups(cx)?);
        checks.push(orphans(cx)?);
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
    let counts = index.counts()?;
    let (sessions, tasks) = (counts.sessions.values().sum(), counts.tasks.values().sum());
    Ok(row(
        "index",
        "ok",
        format!(
            "sound, {}, {}",
            crate::diagnostic::Count(sessions, "session"),
            crate::diagnostic::Count(tasks, "task")
        ),
    ))
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

fn recovery(cx: &Context<'_>, fix: bool) -> Result<DoctorRow, OpError> {
    if !cx.workspace.disk().recovery_pending() {
        return Ok(row("recovery", "ok", "no interrupted write"));
    }
    let message = "an interrupted write waits to be recovered";
    if fix {
        cx.workspace.recover_all()?;
        if !cx.workspace.disk().recovery_pending() {
            return Ok(row("recovery", "fixed", message));
        }
    }
    let hint = Some("run `plandown sync`".to_owned());
    Ok(DoctorRow { hint, ..row("recovery", "warning", message) })
}

/// Dependencies that lead nowhere, in circles, or to several tasks.
fn dependencies(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    use crate::diagnostic::Code;
    let broken = [Code::D601, Code::D603, Code::D604, Code::D605, Code::D607];
    let filter = crate::index::DiagnosticFilter {
        codes: broken.iter().map(|code| code.info().code.to_owned()).collect(),
        limit: Some(3),
        ..crate::index::DiagnosticFilter::default()
    };
    let (found, total) = cx.workspace.index().diagnostics(&filter)?;
    if total == 0 {
        return Ok(row("dependencies", "ok", "every dependency names one task, and there is no ring"));
    }
    let places: Vec<String> = found.iter().map(|d| format!("{} {}:{}", d.code, d.path, d.line)).collect();
    let message = format!(
        "{} broken: {}",
        if total == 1 { "1 dependency".to_owned() } else { format!("{total} dependencies") },
        crate::diagnostic::List(&places, "and")
    );
    let hint = Some("run `plandown check`, and `plandown check --fix` for what has a safe fix".to_owned());
    Ok(DoctorRow { hint, ..row("dependencies", "warning", message) })
}

fn backups(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    let all = cx.workspace.backups()?;
    let damaged: Vec<String> = all
        .iter()
        .filter(|b| matches!(b.health, crate::workspace::Health::Damaged(_)))
        .map(|b| b.id.clone())
        .collect();
    if !damaged.is_empty() {
        let hint =
            Some("run `plandown backup verify`, then take a new one: `plandown backup create`".to_owned());
        let message = format!("damaged: {}", crate::diagnostic::List(&damaged, "and"));
        return Ok(DoctorRow { hint, ..row("backups", "error", message) });
    }
    Ok(match all.first() {
        None => DoctorRow {
            hint: Some("run `plandown backup create`".to_owned()),
            ..row("backups", "ok", "none has been taken")
        },
        Some(newest) => {
            let count = crate::diagnostic::Count(all.len(), "backup");
            row("backups", "ok", format!("{count}, the newest is {}", newest.id))
        }
    })
}

fn orphans(cx: &Context<'_>) -> Result<DoctorRow, OpError> {
    let found = cx.workspace.orphans()?;
    let count = found.views.len() + found.histories.len();
    if count == 0 {
        return Ok(row("orphans", "ok", "every view and history belongs to a session"));
    }
    let message = format!(
        "{} that nobody asks for, {} of sessions long gone",
        crate::diagnostic::Count(found.views.len(), "view"),
        if found.histories.len() == 1 {
            "1 history".to_owned()
        } else {
            format!("{} histories", found.histories.len())
        }
    );
    Ok(DoctorRow {
        hint: Some("run `plandown cleanup`, then `plandown cleanup --apply`".to_owned()),
        ..row("orphans", "ok", message)
    })
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
