use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words::{self, rev};
use super::Answer;
use crate::ops::{NoteAdd, NoteInput, Operation};

pub(super) const TOOLS: &[Tool] = &[Tool {
    name: "note_add",
    title: "Add a note",
    doc: "Appends to the session's notes.",
    does: Does::Writes,
    core: true,
    params: &[
        Param::text("text").must(),
        Param::word("kind", &["note", "decision", "learning", "next_step"]),
    ],
    call: add,
}];

fn add(call: &Call<'_>) -> Answer {
    let input = NoteInput { text: call.args.must("text"), kind: call.args.text("kind") };
    let view = NoteAdd::run(&call.cx, input)?;
    let mut out = format!("ok {} · rev {}", view.session, rev(&view.revision));
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}
