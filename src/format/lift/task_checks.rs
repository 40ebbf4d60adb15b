use crate::model::{Session, Task};

use super::super::{SourceMap, TaskSpan};
use super::Reader;
use super::groups::Layout;
use super::tasks::Draft;

pub(super) fn read(reader: &mut Reader<'_>, task: &Task, span: &TaskSpan, draft: &Draft) {
    let _ = (reader, task, span, draft);
}

pub(super) fn ungrouped(reader: &mut Reader<'_>, layout: &Layout, session: &Session, map: &SourceMap) {
    let _ = (reader, layout, session, map);
}
