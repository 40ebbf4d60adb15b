use crate::diagnostic::Code;
use crate::document::Kept;
use crate::model::Task;

use super::super::TaskSpan;
use super::Lifted;

/// An earlier version of a text, whose tasks need not be read again where their bytes are the same.
///
/// What is taken over depends on nothing but the bytes of the task: where it is filed, what it is a part of and
/// whether its id is the first of its kind are told anew, and so is a task about which there is something to say.
pub(super) struct Earlier<'a> {
    before: &'a Lifted,
    kept: Vec<Kept>,
    /// Where findings about tasks begin there, ascending.
    findings: Vec<usize>,
    /// The run that was looked at last, and the task that is expected next.
    run: usize,
    next: usize,
}

impl<'a> Earlier<'a> {
    /// `kept` says which blocks of the later text were taken over from `before`.
    pub(super) fn of(before: &'a Lifted, kept: Vec<Kept>) -> Self {
        // Tasks without an id of their own are reported when all are known.
        let is_own = |code| !matches!(code, Code::I501 | Code::I502);
        let mut findings: Vec<usize> =
            before.diagnostics.iter().filter(|d| is_own(d.code)).map(|d| d.span.start).collect();
        findings.sort_unstable();
        Self { before, kept, findings, run: 0, next: 0 }
    }

    /// The task at the item `block`, as root task in no group, where the earlier version has it. To be asked
    /// in the order of the blocks.
    pub(super) fn task(&mut self, block: usize) -> Option<(Task, TaskSpan)> {
        while self.kept.get(self.run).is_some_and(|k| k.block + k.count <= block) {
            self.run += 1;
        }
        let kept = self.kept.get(self.run).filter(|k| k.block <= block)?;
        let there = block - kept.block + kept.there;
        let (tasks, spans) = (&self.before.session.tasks, &self.before.map.tasks);
        if spans.get(self.next).is_none_or(|s| s.block != there) {
            self.next = spans.binary_search_by_key(&there, |s| s.block).ok()?;
        }
        let (task, span) = (tasks.get(self.next)?, spans.get(self.next)?);
        self.next += 1;
        // An id that an earlier task had there may be the first of its kind here.
        if (task.id.is_none() && !span.ids.is_empty()) || self.is_reported(span) {
            return None;
        }
        let task = Task { group: None, parent: None, depth: 0, ..task.clone() };
        Some((task, span.moved(block, kept.by, kept.down)))
    }

    fn is_reported(&self, span: &TaskSpan) -> bool {
        let first = self.findings.partition_point(|at| *at < span.lines.start);
        self.findings.get(first).is_some_and(|at| *at <= span.lines.end)
    }
}
