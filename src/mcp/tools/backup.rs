use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words;
use super::Answer;
use crate::ops::{
    BackupCleanup, BackupCleanupInput, BackupCreate, BackupCreateInput, BackupList, BackupListInput,
    BackupRestore, BackupRestoreInput, BackupVerify, BackupVerifyInput, BackupView, Context, Operation,
};

const SCOPE: Param = Param::word("scope", &["session", "sessions", "modes", "everything"]);

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "backup_create",
        title: "Take a backup",
        doc: "Backs up the plans.",
        does: Does::Writes,
        core: false,
        params: &[SCOPE, Param::text("name").unlisted(), Param::text("backup_name").unlisted()],
        call: create,
    },
    Tool {
        name: "backup_restore",
        title: "Bring a backup back",
        doc: "Shows what would change; apply does it, after a backup.",
        does: Does::Removes,
        core: false,
        params: &[
            Param::text("backup").must(),
            Param::texts("sessions").unlisted(),
            Param::word("strategy", &["replace", "merge", "skip_existing"]),
            Param::flag("apply"),
        ],
        call: restore,
    },
    Tool {
        name: "backup_list",
        title: "List backups",
        doc: "Newest first; verify compares.",
        does: Does::Reads,
        core: false,
        params: &[
            Param::flag("verify"),
            Param::texts("scope").unlisted(),
            Param::word("sort", &["created", "size", "name", "scope"]).unlisted(),
        ],
        call: list,
    },
    Tool {
        name: "backup_cleanup",
        title: "Remove old backups",
        doc: "Names old backups; apply removes.",
        does: Does::Removes,
        core: false,
        params: &[
            Param::flag("apply"),
            Param::number("keep").unlisted(),
            Param::number("max_age_days").unlisted(),
        ],
        call: cleanup,
    },
];

/// `id · scope · sessions · state · name`
fn row(backup: &BackupView) -> String {
    let mut out = words::line(&backup.id);
    if let Some(scope) = &backup.scope {
        let _ = write!(out, " · {}", words::line(scope));
    }
    let _ = write!(out, " · {} files · {}", backup.files, backup.integrity);
    for text in [&backup.name, &backup.before, &backup.problem].into_iter().flatten() {
        let _ = write!(out, " · {}", words::line(text));
    }
    out
}

fn create(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let input = BackupCreateInput {
        scope: args.text("scope"),
        // Only where the call names one: the session chosen before is no wish for less than everything.
        session: args.text("session"),
        name: args.text("name").or_else(|| args.text("backup_name")),
    };
    let view = BackupCreate::run(&call.cx, input)?;
    let mut out = format!("{} {}", if view.changed { "ok" } else { "unchanged" }, row(&view.backup));
    for skipped in view.skipped.iter().take(20) {
        let _ = write!(out, "\nnot in it: {} {}", words::line(&skipped.path), words::line(&skipped.why));
    }
    Ok(out)
}

fn restore(call: &Call<'_>) -> Answer {
    let args = &call.args;
    // The older spelling of "really" is `dry_run: false`.
    let apply = args.flag("apply") || args.switch("dry_run") == Some(false);
    let cx = Context { dry_run: call.cx.dry_run || !apply, ..call.cx.clone() };
    let input = BackupRestoreInput {
        backup: args.must("backup"),
        sessions: args.texts("sessions"),
        strategy: args.text("strategy").map(|s| s.replace('_', "-")),
    };
    let view = BackupRestore::run(&cx, input)?;
    let word = match (cx.dry_run, view.changed) {
        (true, _) => "would bring back (apply)",
        (false, true) => "ok",
        (false, false) => "unchanged",
    };
    let mut out = format!("{word} {} · {} files as they are", words::line(&view.backup), view.same);
    for file in view.files.iter().take(50) {
        let _ = write!(out, "\n{} {}", file.action, words::line(&file.path));
        if let Some(why) = &file.why {
            let _ = write!(out, " ({})", words::line(why));
        }
    }
    if view.files.len() > 50 {
        let _ = write!(out, "\n+{}", view.files.len() - 50);
    }
    if let Some(before) = &view.before {
        let _ = write!(out, "\nbefore that: {}", row(before));
    }
    if !view.files.is_empty() && !args.has("apply") && !args.has("dry_run") {
        let files = crate::diagnostic::Count(view.files.len(), "file");
        call.ask("apply", format!("Bring back {files} of the backup {}?", words::line(&view.backup)));
    }
    Ok(out)
}

fn list(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let view = if args.flag("verify") {
        BackupVerify::run(&call.cx, BackupVerifyInput { backups: Vec::new() })?
    } else {
        let input = BackupListInput {
            scope: args.texts("scope"),
            session: args.text("session"),
            sort: args.text("sort"),
        };
        BackupList::run(&call.cx, input)?
    };
    let mut out = format!("{} backups, {} bytes", view.total, view.total_bytes);
    for backup in view.backups.iter().take(20) {
        let _ = write!(out, "\n{}", row(backup));
    }
    if view.backups.len() > 20 {
        let _ = write!(out, "\n+{}", view.backups.len() - 20);
    }
    Ok(out)
}

fn cleanup(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let number = |name: &str| args.number(name).map(|n| n as u64);
    let input = BackupCleanupInput {
        keep: number("keep"),
        max_age_days: number("max_age_days"),
        apply: args.flag("apply") || args.switch("dry_run") == Some(false),
    };
    let view = BackupCleanup::run(&call.cx, input)?;
    let word = if view.applied { "removed" } else { "could be removed (apply)" };
    let mut out =
        format!("{word}: {} backups, {} bytes · {} kept", view.backups.len(), view.bytes, view.kept);
    for old in view.backups.iter().take(20) {
        let _ = write!(out, "\n{}: {}", words::line(&old.backup.id), words::line(&old.why));
    }
    for old in view.mode_backups.iter().take(20) {
        let _ = write!(out, "\n{}: {}", words::line(&old.backup), words::line(&old.why));
    }
    let total = view.backups.len() + view.mode_backups.len();
    if total > 0 && !args.has("apply") && !args.has("dry_run") {
        let count = crate::diagnostic::Count(total, "backup");
        call.ask("apply", format!("Remove {count} for good?"));
    }
    Ok(out)
}
