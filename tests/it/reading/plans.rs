//! Plans that people and agents wrote, where they stand beside the checkout.

use std::fs;
use std::path::PathBuf;

use plandown::document::BlockKind;
use plandown::format::Lifted;

use crate::common::shared;

use super::laws::{check, looks_like_checkbox, read};

fn files(folder: &str) -> Vec<PathBuf> {
    let Some(dir) = shared(folder) else { return Vec::new() };
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = entries.filter(|p| p.is_file()).collect();
    files.sort();
    files
}

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
    for path in files("fixtures/plans").into_iter().chain(files("seeds")) {
        let lifted = read(&fs::read(&path).unwrap());
        check(&lifted);
        assert_eq!(overlooked(&lifted), [""; 0], "{}", path.display());
    }
}
