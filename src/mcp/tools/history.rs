use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words::{self, rev};
use super::Answer;
use crate::ops::{
    CLEANUP_SCOPES, Cleanup, CleanupInput, ConflictList, ConflictListInput, ConflictResolve,
    ConflictResolveInput, ConflictShow, ConflictShowInput, ConflictView, Operation, Redo, Undo, UndoInput,
};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "conflict_resolve",
        title: "Resolve conflicts",
        doc: "Lists open conflicts; id shows one; take or text resolves it.",
        does: Does::Settles,
        core: false,
        params: &[
            Param::text("id"),
            Param::word("take", &["ours", "theirs", "both", "base"]),
            Param::text("text"),
            Param::flag("all").unlisted(),
            Param::flag("reapply").unlisted(),
        ],
        call: resolve,
    },
    Tool {
        name: "undo",
        title: "Undo",
        doc: "Undoes the last changes of the session, hand edits too; or redoes.",
        does: Does::Writes,
        core: false,
        params: &[Param::number("steps"), Param::flag("redo")],
        call: undo,
    },
    Tool {
        name: "cleanup",
        title: "Clean up",
        doc: "Counts what nobody needs; apply removes it.",
        does: Does::Removes,
        core: false,
        params: &[Param::flag("apply"), Param::word("scope", &CLEANUP_SCOPES)],
        call: cleanup,
    },
];

fn resolve(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let Some(id) = args.text("id") else {
        let view = ConflictList::run(&call.cx, ConflictListInput { all: args.flag("all") })?;
        let mut out = format!("{} open conflicts", view.open);
        for c in view.conflicts.iter().take(50) {
            let _ = write!(out, "\n{} · {} · {} · {}", c.id, c.status, c.session, words::line(&c.subject));
        }
        return Ok(out);
    };
    if !args.has("take") && !args.has("text") && !args.flag("reapply") {
        let view = ConflictShow::run(&call.cx, ConflictShowInput { id })?;
        return Ok(conflict(&view.conflict));
    }
    let input = ConflictResolveInput {
        id,
        take: args.text("take"),
        text: args.raw_text("text"),
        reapply: args.flag("reapply"),
    };
    let view = ConflictResolve::run(&call.cx, input)?;
    let word = if view.changed { "ok" } else { "unchanged" };
    let mut out = format!("{word} {} · rev {} · {} open", view.conflict.id, rev(&view.revision), view.open);
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

/// One conflict with all its texts, as data.
fn conflict(c: &ConflictView) -> String {
    let mut out = format!(
        "{} · {} · {} · {}\nkept in the file: {}",
        c.id,
        c.status,
        c.session,
        words::line(&c.subject),
        c.kept
    );
    for (name, text) in [("base", &c.base), ("ours", &c.ours), ("theirs", &c.theirs)] {
        if let Some(text) = text {
            let _ = write!(out, "\n{}", words::quoted(name, text, 2000).trim_end());
        }
    }
    out.push_str("\nresolve with take: ours, theirs, both or base, or with text");
    out
}

fn undo(call: &Call<'_>) -> Answer {
    let input = UndoInput { steps: call.args.number("steps") };
    let view = if call.args.flag("redo") { Redo::run(&call.cx, input)? } else { Undo::run(&call.cx, input)? };
    let mut out = format!("{} · rev {}", if view.changed { "ok" } else { "unchanged" }, rev(&view.revision));
    for step in &view.steps {
        let _ = write!(out, "\n{} by {} at {}", words::line(&step.what), words::line(&step.by), step.at);
    }
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn cleanup(call: &Call<'_>) -> Answer {
    // The older spelling of "really" is `dry_run: false`.
    let apply = call.args.flag("apply") || call.args.switch("dry_run") == Some(false);
    let view = Cleanup::run(&call.cx, CleanupInput { scope: call.args.text("scope"), apply })?;
    let word = if view.applied { "removed" } else { "could be removed (apply)" };
    let mut out =
        format!("{word}: {} old versions, {} bytes, {} long logs", view.snapshots, view.bytes, view.logs);
    if view.claims > 0 {
        out.push_str(&format!(", {} claims", view.claims));
    }
    let files = [(&view.views, "views"), (&view.histories, "old histories"), (&view.locks, "orphaned files")];
    for (paths, what) in files.iter().filter(|(paths, _)| !paths.is_empty()) {
        out.push_str(&format!(", {} {what}", paths.len()));
    }
    if view.leftovers {
        out.push_str(", leftovers of interrupted writes");
    }
    let any_files = files.iter().any(|(paths, _)| !paths.is_empty());
    let something = view.snapshots > 0 || view.logs > 0 || view.leftovers || any_files;
    if let Some(backup) = &view.backup {
        out.push_str(&format!(" · backed up before as {backup} (backup_restore)"));
    }
    if something && !call.args.has("apply") && !call.args.has("dry_run") {
        call.ask("apply", format!("{out}. Remove it for good?"));
    }
    Ok(out)
}
