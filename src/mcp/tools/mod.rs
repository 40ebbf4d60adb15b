//! The table of tools: a row each, in the order in which they are listed.
//!
//! A row holds a name, a sentence, arguments and the way to one operation; rules live in `ops`.
//! What is not in the table is not offered: a row is added when its operation works.

mod backup;
mod claim;
mod group;
mod history;
mod mode;
mod notes;
mod plan;
mod report;
mod search;
mod session;
mod task;
mod upkeep;

pub(super) use plan::{detail, whole};
pub(super) use report::{below, report};
pub(super) use session::status;

use super::tool::{Call, Tool};
use crate::ops::OpError;

type Answer = Result<String, OpError>;

const TABLES: &[&[Tool]] = &[
    session::TOOLS,
    plan::TOOLS,
    task::TOOLS,
    claim::TOOLS,
    group::TOOLS,
    mode::TOOLS,
    search::TOOLS,
    report::TOOLS,
    notes::TOOLS,
    backup::TOOLS,
    upkeep::TOOLS,
    history::TOOLS,
];

/// Every tool.
pub(super) fn all() -> impl Iterator<Item = &'static Tool> {
    TABLES.iter().flat_map(|t| t.iter())
}

/// The revision of the session a read is about: taken before the read, so that a save in between
/// makes a write be refused instead of done on something nobody has seen.
fn revision(call: &Call<'_>) -> Option<(String, String)> {
    let row = call.cx.session().ok()?;
    Some((row.identity.clone(), row.revision.hex()))
}
