use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words;
use super::Answer;
use crate::ops::{ClaimAction, ClaimInput, ClaimedView, Operation, TaskClaim};

pub(super) const TOOLS: &[Tool] = &[Tool {
    name: "task_claim",
    title: "Claim a task",
    doc: "Claims a task, keeps the claim alive, or gives it back.",
    does: Does::Settles,
    core: false,
    params: &[
        Param::text("task").must(),
        Param::word("action", &["claim", "heartbeat", "release"]),
        Param::text("ttl").unlisted(),
        Param::text("as").unlisted(),
        Param::flag("force").unlisted(),
    ],
    call: claim,
}];

fn claim(call: &Call<'_>) -> Answer {
    let input = ClaimInput {
        task: call.args.must("task"),
        action: match call.args.text("action").as_deref() {
            Some("heartbeat") => ClaimAction::Heartbeat,
            Some("release") => ClaimAction::Release,
            _ => ClaimAction::Claim,
        },
        holder: Some(call.holder()),
        ttl: call.args.text("ttl"),
        force: call.args.flag("force"),
    };
    Ok(ack(&TaskClaim::run(&call.cx, input)?))
}

/// Who holds what, until when.
pub(super) fn ack(view: &ClaimedView) -> String {
    let mut out = String::from(if view.changed { "ok" } else { "unchanged" });
    for task in &view.tasks {
        let _ = write!(out, " {}", words::name(task));
    }
    match &view.claim {
        Some(claim) => {
            let _ = write!(out, " · held by {} until {}", words::line(&claim.holder), claim.expires);
        }
        None => out.push_str(" · free"),
    }
    words::tail(&mut out, None, view.warning.as_deref());
    out
}
