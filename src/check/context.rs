use std::cell::OnceCell;

use crate::document::BlockKind;
use crate::format::Lifted;
use crate::model::{Graph, Task};
use crate::text::TextRange;

use super::reference::{self, Reference};

/// A lifted session with what several rules need, made once and only when asked for.
pub(super) struct Context<'a> {
    /// The session under test.
    pub lifted: &'a Lifted,
    graph: OnceCell<Graph>,
    references: OnceCell<Vec<Reference>>,
    loose: OnceCell<Vec<LooseBox>>,
}

/// A checkbox that is a note, not a task: it stands outside the groups.
#[derive(Clone, Copy)]
pub(super) struct LooseBox {
    /// From the list marker to the end of its first line's content.
    pub line: TextRange,
    /// Whether it stands below another such checkbox.
    pub nested: bool,
}

impl<'a> Context<'a> {
    pub(super) fn of(lifted: &'a Lifted) -> Self {
        Self { lifted, graph: OnceCell::new(), references: OnceCell::new(), loose: OnceCell::new() }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'a str {
        self.lifted.document.text()
    }

    /// The dependency graph.
    pub(super) fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::of(&self.lifted.session))
    }

    /// Every `dependsOn` and `blocks` reference, in the order of the text.
    pub(super) fn references(&self) -> &[Reference] {
        self.references.get_or_init(|| reference::all(self.lifted))
    }

    /// Checkboxes that are no tasks and stand in plain lists, in the order of the text.
    pub(super) fn loose_boxes(&self) -> &[LooseBox] {
        self.loose.get_or_init(|| loose_boxes(self.lifted))
    }
}

/// What a task is called in a message: its id, else its title, cut short.
pub(super) fn label(task: &Task) -> String {
    task.id.as_ref().map_or_else(|| short(&task.title), |id| id.as_str().to_owned())
}

/// `text` on at most 60 characters.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or("").trim_end()),
        None => text.to_owned(),
    }
}

fn loose_boxes(lifted: &Lifted) -> Vec<LooseBox> {
    let document = &lifted.document;
    let blocks = document.blocks();
    let mut is_task = vec![false; blocks.len()];
    for task in &lifted.map.tasks {
        if let Some(seen) = is_task.get_mut(task.block) {
            *seen = true;
        }
    }
    // Per block: whether it lies in anything but lists, and whether a loose checkbox holds it.
    let mut state = vec![(false, false); blocks.len()];
    let mut found = Vec::new();
    for (i, block) in blocks.iter().enumerate() {
        let (boxed, nested) = block.parent.and_then(|p| state.get(p)).copied().unwrap_or_default();
        let plain =
            matches!(block.kind, BlockKind::List { .. } | BlockKind::Item | BlockKind::TaskItem { .. });
        let loose = matches!(block.kind, BlockKind::TaskItem { .. }) && !boxed && !is_task[i];
        if loose {
            let end = document.lines().content(document.text(), block.first_line).end;
            found.push(LooseBox { line: TextRange::new(block.range.start, end), nested });
        }
        state[i] = (boxed || !plain, nested || loose);
    }
    found
}
