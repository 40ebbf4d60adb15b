use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words;
use super::Answer;
use crate::ops::{
    BLOCK_NAMES, BlockAdopt, BlockAdoptInput, BlockRegen, BlockRegenInput, Check, CheckInput, ErrorCode,
    OpError, Operation, Sync, SyncInput, reindex,
};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "sync",
        title: "Sync",
        doc: "Takes in hand edits: merges, gives new tasks ids, writes views.",
        does: Does::Settles,
        core: false,
        params: &[
            Param::word("strategy", &["merge", "md_wins", "db_wins"]),
            Param::texts("sessions").unlisted(),
            Param::flag("no_views").unlisted(),
        ],
        call: sync,
    },
    Tool {
        name: "validate_integrity",
        title: "Check plans",
        doc: "Findings in plans; fix mends the safe ones.",
        does: Does::Settles,
        core: false,
        params: &[Param::texts("paths"), Param::flag("fix")],
        call: check,
    },
    Tool {
        name: "block_edit",
        title: "Decide about an edited block",
        doc: "A generated block edited by hand: adopt its text, or regen it (keep: its text above).",
        does: Does::Settles,
        core: false,
        params: &[
            Param::word("name", &BLOCK_NAMES).must(),
            Param::word("take", &["adopt", "regen"]).must(),
            Param::flag("keep"),
        ],
        call: block,
    },
    Tool {
        name: "optimize_performance",
        title: "Check the index",
        doc: "Compares the index with a rebuild.",
        does: Does::Reads,
        core: false,
        params: &[],
        call: compare,
    },
];

fn sync(call: &Call<'_>) -> Answer {
    let input = SyncInput {
        sessions: call.args.texts("sessions"),
        no_views: call.args.flag("no_views"),
        strategy: call.args.text("strategy"),
    };
    let view = Sync::run(&call.cx, input)?;
    let mut out = format!("{} · {} sessions", if view.changed { "ok" } else { "unchanged" }, view.sessions);
    for adopted in &view.adopted {
        let _ = write!(
            out,
            "\n{}: {} tasks got ids · rev {}",
            adopted.session,
            adopted.tasks,
            words::rev(&adopted.revision)
        );
    }
    for (what, sessions) in
        [("taken in", &view.taken_in), ("repaired", &view.repaired), ("blocks refreshed", &view.blocks)]
    {
        if !sessions.is_empty() {
            let _ = write!(out, "\n{what}: {}", words::some(sessions));
        }
    }
    if view.open_conflicts > 0 {
        let _ = write!(out, "\n{} open conflicts (conflict_resolve)", view.open_conflicts);
    }
    if !view.views.is_empty() {
        let _ = write!(out, "\nviews: {}", words::some(&view.views));
    }
    for kept in &view.kept_edits {
        let _ = write!(out, "\nan edit of a generated file was kept: {}", words::line(kept));
    }
    for skipped in &view.skipped {
        let _ = write!(
            out,
            "\nskipped {}: {} {}",
            words::line(&skipped.session),
            skipped.code,
            words::line(&skipped.message)
        );
    }
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn check(call: &Call<'_>) -> Answer {
    let input =
        CheckInput { paths: call.args.texts("paths"), fix: call.args.flag("fix"), ..CheckInput::default() };
    let view = Check::run(&call.cx, input)?;
    let mut out = format!("{} findings in {} files", view.total, view.files);
    for fix in &view.fixed {
        let state = if fix.refused.is_some() { "not mended" } else { "mended" };
        let _ = write!(out, "\n{state} {} {}:{} {}", fix.code, fix.path, fix.line, words::line(&fix.title));
    }
    for d in view.diagnostics.iter().take(50) {
        let fixable = if d.fixable { " (fixable)" } else { "" };
        let _ = write!(
            out,
            "\n{} {} {}:{} {}{fixable}",
            d.severity,
            d.code,
            d.path,
            d.line,
            words::line(&d.message)
        );
    }
    if view.diagnostics.len() > 50 {
        let _ = write!(out, "\n+{}", view.diagnostics.len() - 50);
    }
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn block(call: &Call<'_>) -> Answer {
    let (name, keep) = (call.args.must("name"), call.args.flag("keep"));
    let view = match call.args.must("take").as_str() {
        "adopt" if keep => {
            let error =
                OpError::new(ErrorCode::InvalidInput, "`keep` is of `regen`: adopting keeps the text");
            return Err(error.hint("leave `keep` out"));
        }
        "adopt" => BlockAdopt::run(&call.cx, BlockAdoptInput { name })?,
        _ => BlockRegen::run(&call.cx, BlockRegenInput { name, keep })?,
    };
    let mut out = format!("{} {} {}", if view.changed { "ok" } else { "unchanged" }, view.session, view.name);
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn compare(call: &Call<'_>) -> Answer {
    let view = reindex::compare(call.cx.workspace)?;
    Ok(format!("the index is what a rebuild gives: {} sessions", view.sessions))
}
