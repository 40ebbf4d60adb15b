use crate::model::{Session, block_text, is_block_hash};

use super::Lifted;

/// What the generated blocks of a file should say when the plan is `session`: name and inner text of each that
/// says something else now. Blocks that a person edited are not among them, nor those inside a task.
#[must_use]
pub fn fresh_blocks(lifted: &Lifted, session: &Session) -> Vec<(String, String)> {
    let (text, map) = (lifted.document.text(), &lifted.map);
    let in_a_task = |at: usize| map.tasks.iter().any(|t| t.lines.start <= at && at < t.lines.end);
    let blocks = map.generated.iter().filter(|b| b.pristine && !in_a_task(b.begin.line.start));
    blocks
        .filter_map(|block| {
            let fresh = block_text(session, &block.name)?;
            let stale = !is_block_hash(block.begin.hash.of(text), &fresh);
            stale.then(|| (block.name.clone(), fresh))
        })
        .collect()
}
