use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::SafeName;
use crate::format::{BlockMarker, GeneratedBlock, Lifted, block_lines, reread};
use crate::model::{BLOCK_NAMES, Task, block_hash, block_text, is_block_hash};
use crate::text::{Edit, Edits};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Ends the generation of a block: its text stays, its two marker lines go.
pub struct BlockAdopt;

/// Generates a block again that a person edited.
pub struct BlockRegen;

/// Which block.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlockAdoptInput {
    /// `overview`, `progress`, `metrics`, `board`, `next`, `changelog`
    pub name: String,
}

/// Which block.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlockRegenInput {
    /// `overview`, `progress`, `metrics`, `board`, `next`, `changelog`
    pub name: String,
    /// Keep what a person wrote as plain text above the fresh block
    pub keep: bool,
}

/// What became of it.
#[derive(Clone, Debug, Serialize)]
pub struct BlockView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The block.
    pub name: String,
    /// The session's directory.
    pub session: String,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for BlockAdopt {
    const NAME: &'static str = "block_adopt";
    const EFFECT: Effect = Effect::Writes;
    type Input = BlockAdoptInput;
    type Output = BlockView;

    fn run(cx: &Context<'_>, input: BlockAdoptInput) -> Result<BlockView, OpError> {
        edit(cx, &input.name, "block-adopt", |_, block| {
            Ok(vec![Edit::delete(block.begin.line), Edit::delete(block.end.line)])
        })
    }
}

impl Operation for BlockRegen {
    const NAME: &'static str = "block_regen";
    const EFFECT: Effect = Effect::Writes;
    type Input = BlockRegenInput;
    type Output = BlockView;

    fn run(cx: &Context<'_>, input: BlockRegenInput) -> Result<BlockView, OpError> {
        edit(cx, &input.name, "block-regen", |lifted, block| {
            let fresh = block_text(&lifted.session, &block.name).ok_or_else(|| unknown(&block.name))?;
            let (text, eol) = (lifted.document.text(), lifted.document.lines().dominant_eol().as_str());
            let old = block.inner.of(text);
            if block.pristine && is_block_hash(block.begin.hash.of(text), &fresh) {
                return Ok(Vec::new());
            }
            let mut edits = vec![mark(text, block.begin, &block_hash(&fresh))];
            edits.push(Edit::replace(block.inner, block_lines(lifted, block, &fresh)));
            if input.keep && !block.pristine && !old.trim().is_empty() {
                let kept = old.trim_matches(['\n', '\r']);
                edits.push(Edit::insert(block.begin.line.start, format!("{kept}{eol}{eol}")));
            }
            Ok(edits)
        })
    }
}

/// Whether both say the same about tasks; where the block is part of a task's text, that may differ.
fn same_tasks(old: &Lifted, new: &Lifted, in_a_task: bool) -> bool {
    let (old, new) = (&old.session.tasks, &new.session.tasks);
    let same = |(a, b): (&Task, &Task)| {
        let mut b = b.clone();
        a.description.clone_into(&mut b.description);
        *a == b
    };
    old == new || (in_a_task && old.len() == new.len() && old.iter().zip(new).all(same))
}

/// The hash in the begin line, which need not have had one.
fn mark(text: &str, begin: BlockMarker, hash: &str) -> Edit {
    if !begin.hash.of(text).is_empty() {
        return Edit::replace(begin.hash, hash);
    }
    let line = begin.line.of(text);
    let at = line.rfind("-->").map_or(line.len(), |at| line[..at].trim_end().len());
    Edit::insert(begin.line.start + at, format!(" h={hash}"))
}

fn unknown(name: &str) -> OpError {
    OpError::new(ErrorCode::InvalidInput, format!("`{name}` is no block that can be generated"))
        .hint(format!("use {}", crate::diagnostic::List(&BLOCK_NAMES, "or")))
}

fn edit(
    cx: &Context<'_>,
    name: &str,
    what: &str,
    plan: impl Fn(&Lifted, &GeneratedBlock) -> Result<Vec<Edit>, OpError>,
) -> Result<BlockView, OpError> {
    let directory = SafeName::parse(&cx.session()?.directory)?;
    let committed =
        cx.rewrite(&directory, what, |snapshot| edited(&snapshot.lifted, (name, &directory), &plan))?;
    Ok(BlockView {
        schema: SCHEMA,
        changed: committed.changed,
        name: name.to_owned(),
        session: directory.to_string(),
        diff: committed.diff,
    })
}

/// The session with the edits made, where they make a difference.
fn edited(
    lifted: &Lifted,
    (name, directory): (&str, &SafeName),
    plan: &impl Fn(&Lifted, &GeneratedBlock) -> Result<Vec<Edit>, OpError>,
) -> Result<Option<Lifted>, OpError> {
    let block = lifted.map.generated.iter().find(|b| b.name == name).ok_or_else(|| {
        OpError::new(ErrorCode::NotFound, format!("session `{directory}` has no sound block `{name}`"))
            .hint("run `plandown check` for blocks whose markers are broken")
    })?;
    let mut edits = plan(lifted, block)?;
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let text = lifted.document.text();
    let edits = Edits::new(text, edits).and_then(|edits| edits.apply(text));
    let new = edits.map_err(|e| OpError::new(ErrorCode::Internal, e.to_string()))?;
    if new == text {
        return Ok(None);
    }
    let after = reread(&new, lifted);
    let in_a_task = lifted.map.tasks.iter().any(|t| t.lines.contains(block.begin.line.start));
    if !same_tasks(lifted, &after, in_a_task) || !after.document.is_writable() {
        return Err(OpError::new(
            ErrorCode::InvalidInput,
            format!("without its markers, the text of block `{name}` would be read as tasks"),
        )
        .hint("edit the file by hand"));
    }
    Ok(Some(after))
}
