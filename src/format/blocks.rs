use crate::model::{Change, Session, block_text, is_block_hash};
use crate::text::BLANKS;

use super::{GeneratedBlock, Lifted, write};

/// What the generated blocks of a file should say when the plan is `session`: name and inner text of each that
/// says something else now. Blocks that a person edited are not among them, nor those inside a task whose text
/// would be read as something else there.
#[must_use]
pub fn fresh_blocks(lifted: &Lifted, session: &Session) -> Vec<(String, String)> {
    let (text, map) = (lifted.document.text(), &lifted.map);
    let in_a_task = |at: usize| map.tasks.iter().any(|t| t.lines.start <= at && at < t.lines.end);
    let fits = |block: &(String, String)| {
        let blocks = vec![block.clone()];
        write(lifted, &[Change::RefreshBlocks { blocks }]).is_ok()
    };
    let blocks = map.generated.iter().filter(|b| b.pristine);
    blocks
        .filter_map(|block| {
            let fresh = block_text(session, &block.name)?;
            let stale = !is_block_hash(block.begin.hash.of(text), &fresh);
            let fresh = (block.name.clone(), fresh);
            (stale && (!in_a_task(block.begin.line.start) || fits(&fresh))).then_some(fresh)
        })
        .collect()
}

/// The same file with its generated blocks brought up to date, as far as they can be written there.
#[must_use]
pub fn refilled(lifted: Lifted) -> Lifted {
    let blocks = fresh_blocks(&lifted, &lifted.session);
    if blocks.is_empty() {
        return lifted;
    }
    match write(&lifted, &[Change::RefreshBlocks { blocks }]) {
        Ok(written) => written.lifted,
        Err(_) => lifted,
    }
}

/// `inner` as the lines between a block's markers: with the line ends of the file, and indented like the marker,
/// which stands indented inside a task.
#[must_use]
pub fn block_lines(lifted: &Lifted, block: &GeneratedBlock, inner: &str) -> String {
    let begin = block.begin.line.of(lifted.document.text());
    let indent = &begin[..begin.len() - begin.trim_start_matches(BLANKS).len()];
    let eol = lifted.document.lines().dominant_eol().as_str();
    inner.lines().map(|line| format!("{indent}{line}{eol}")).collect()
}
