use crate::index::TaskRow;

use super::context::name;
use super::{Context, ErrorCode, OpError};

/// Finds several tasks that must stand in one file, because a write is one file's.
pub(super) fn tasks_of_one_session(
    cx: &Context<'_>,
    words: &[String],
) -> Result<(String, Vec<TaskRow>), OpError> {
    let mut rows: Vec<TaskRow> = Vec::with_capacity(words.len());
    for word in words {
        let row = cx.task_to_change(word)?;
        if !rows.iter().any(|r| r.key == row.key) {
            rows.push(row);
        }
    }
    let Some(first) = rows.first() else {
        return Err(
            OpError::new(ErrorCode::InvalidInput, "no task was named").hint("name one: `plandown list`")
        );
    };
    let directory = first.directory.clone();
    if let Some(other) = rows.iter().find(|r| r.directory != directory) {
        return Err(OpError::new(
            ErrorCode::InvalidInput,
            format!("`{}` and `{}` are in different sessions", name(first), name(other)),
        )
        .hint("change the tasks of one session at a time"));
    }
    Ok((directory, rows))
}
