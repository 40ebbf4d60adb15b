use super::lines;
use super::pen::Pen;
use crate::model::{block_hash, derived_value};

/// Brings derived fields and untouched generated blocks up to date.
pub(super) fn refresh(pen: &mut Pen<'_>, blocks: &[(String, String)]) {
    let (session, map) = (pen.session(), &pen.lifted.map);
    let fields = session.header.iter().zip(&map.header).chain(session.metrics.iter().zip(&map.metrics));
    for (field, line) in fields {
        if let Some(value) = derived_value(session, None, &field.key, &field.value) {
            lines::set(pen, line, &value);
        }
    }
    for (i, (group, span)) in session.groups.iter().zip(&map.groups).enumerate() {
        for ((key, old), line) in group.header.iter().zip(&span.header) {
            if let Some(value) = derived_value(session, Some(i), key, old) {
                lines::set(pen, line, &value);
            }
        }
    }
    for (name, inner) in blocks {
        let Some(block) = map.generated.iter().find(|b| b.name == *name && b.pristine) else { continue };
        pen.replace(block.begin.hash, block_hash(inner));
        let mut text = String::new();
        for line in inner.lines() {
            text.push_str(line);
            text.push_str(pen.eol());
        }
        pen.replace(block.inner, text);
    }
}
