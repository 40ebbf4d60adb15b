use super::lines;
use super::pen::Pen;
use crate::format::{LineSpan, block_lines};
use crate::model::{Scope, Timestamp, Totals, block_hash, fresh_value};

/// Brings derived fields up to date.
pub(super) fn refresh(pen: &mut Pen<'_>, now: Option<Timestamp>) {
    let (session, map) = (pen.session(), &pen.lifted.map);
    let totals = Totals::of(session);
    let mut set = |key: &str, old: &str, scope: Scope, line: &LineSpan| {
        if let Some(value) = fresh_value(&totals, now, (key, old), scope) {
            lines::set(pen, line, &value);
        }
    };
    let fields = session.header.iter().zip(&map.header).chain(session.metrics.iter().zip(&map.metrics));
    for (field, line) in fields {
        set(&field.key, &field.value, Scope::Session, line);
    }
    for (i, (group, span)) in session.groups.iter().zip(&map.groups).enumerate() {
        for ((key, old), line) in group.header.iter().zip(&span.header) {
            set(key, old, Scope::Group(i), line);
        }
    }
}

/// Gives generated blocks that nobody touched a new text.
pub(super) fn refill(pen: &mut Pen<'_>, blocks: &[(String, String)]) {
    let map = &pen.lifted.map;
    for (name, inner) in blocks {
        let Some(block) = map.generated.iter().find(|b| b.name == *name && b.pristine) else { continue };
        pen.replace(block.begin.hash, block_hash(inner));
        pen.replace(block.inner, block_lines(pen.lifted, block, inner));
    }
}
