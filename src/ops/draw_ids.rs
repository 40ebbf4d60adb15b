use std::collections::HashSet;

use crate::model::TaskId;

use super::{Context, OpError};

/// Draws ids for tasks of one write: no session has them, and none is drawn twice.
pub(super) struct Drawing<'a> {
    cx: &'a Context<'a>,
    drawn: HashSet<TaskId>,
    failed: Option<OpError>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        Self { cx, drawn: HashSet::new(), failed: None }
    }

    /// The next id; one that means nothing once the index has failed, which [`Self::end`] tells.
    pub(super) fn draw(&mut self) -> TaskId {
        while self.failed.is_none() {
            match self.cx.draw_id() {
                Ok(id) => {
                    if self.drawn.insert(id.clone()) {
                        return id;
                    }
                }
                Err(error) => self.failed = Some(error),
            }
        }
        crate::model::random_task_id(0)
    }

    /// Whether every id was one.
    pub(super) fn end(self) -> Result<(), OpError> {
        self.failed.map_or(Ok(()), Err)
    }
}
