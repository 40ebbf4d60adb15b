use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Change, NotesSection};
use crate::workspace::Plan;

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Appends an entry to a notes section.
pub struct NoteAdd;

/// What to write, and where.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteInput {
    /// The entry; further lines are indented below the first
    pub text: String,
    /// `note`, `decision`, `learning`, `next_step`
    #[serde(default)]
    pub kind: Option<String>,
}

/// The answer of a write that is about no task.
#[derive(Clone, Debug, Serialize)]
pub struct NoteWritten {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The session's id.
    pub session: String,
    /// The file's revision now.
    pub revision: String,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for NoteAdd {
    const NAME: &'static str = "note_add";
    const EFFECT: Effect = Effect::Writes;
    type Input = NoteInput;
    type Output = NoteWritten;

    fn run(cx: &Context<'_>, input: NoteInput) -> Result<NoteWritten, OpError> {
        let text = input.text.trim();
        if text.chars().all(super::task_add::is_blank) {
            return Err(OpError::new(ErrorCode::EmptyTitle, "the entry is empty").hint("give some text"));
        }
        let kind = input.kind.as_deref().unwrap_or("note").replace('-', "_");
        let (section, what) = match kind.as_str() {
            "note" | "notes" => (NotesSection::Notes, "note-add"),
            "decision" | "decisions" => (NotesSection::Decisions, "decision-add"),
            "learning" | "learnings" => (NotesSection::Learnings, "learning-add"),
            "next_step" | "next_steps" => (NotesSection::NextSteps, "next-step-add"),
            other => {
                return Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is no kind of note"))
                    .hint("use `note`, `decision`, `learning`, or `next_step`"));
            }
        };
        let directory = cx.session()?.directory;
        let committed = cx.write(&directory, what, |_| {
            let changes = vec![Change::AppendEntry { section, text: text.to_owned() }];
            Ok(Plan { changes, output: () })
        })?;
        Ok(NoteWritten {
            schema: SCHEMA,
            changed: committed.changed,
            session: committed.after.session.id.clone(),
            revision: committed.revision().hex(),
            diff: committed.diff,
        })
    }
}
