//! Plans that people and agents wrote.

use std::fs;

use plandown::document::BlockKind;
use plandown::format::Lifted;

use crate::common::plans;

use super::laws::{check, looks_like_checkbox, read};

/// Checkbox lines outside code and raw HTML that are neither a task, a note's checkbox nor reported.
fn overlooked(lifted: &Lifted) -> Vec<String> {
    let (document, lines) = (&lifted.document, lifted.document.lines());
    let mut silent = vec![true; lines.count()];
    for block in document.blocks() {
        match block.kind {
            BlockKind::Fenced { .. } | BlockKind::Indented | BlockKind::Html => {
                silent[block.first_line..=block.last_line].fill(false);
            }
            BlockKind::TaskItem { verified: true, .. } => silent[block.first_line] = false,
            _ => {}
        }
    }
    for found in &lifted.diagnostics {
        silent[lines.line_of(found.span.start)..=lines.line_of(found.span.end)].fill(false);
    }
    let body = lines.line_of(document.body().start);
    (body..lines.count())
        .filter(|l| silent[*l])
        .map(|l| lines.content(document.text(), l).of(document.text()))
        .filter(|l| looks_like_checkbox(l))
        .map(str::to_owned)
        .collect()
}

#[test]
fn real_plans_are_read_whole() {
    for path in plans() {
        let lifted = read(&fs::read(&path).unwrap());
        check(&lifted);
        assert_eq!(overlooked(&lifted), [""; 0], "{}", path.display());
    }
}
