use super::WriteError;
use super::groups::put_block;
use super::lines;
use super::pen::{Pen, not_editable};
use crate::diagnostic::Code;
use crate::format::ScalarStyle;
use crate::model::{HeaderKey, header_places, requoted};
use crate::text::TextRange;

pub(super) fn set(pen: &mut Pen<'_>, key: HeaderKey, value: Option<&str>) -> Result<(), WriteError> {
    let place = header_places(pen.session(), key);
    let value = value.map(str::trim);
    let header = &pen.lifted.map.header;
    if let Some(i) = place.body {
        match value {
            Some(v) if key == HeaderKey::Id && pen.session().header[i].value.starts_with('`') => {
                lines::set(pen, &header[i], &format!("`{v}`"));
            }
            Some(v) => lines::set(pen, &header[i], v),
            None => lines::remove(pen, header, i),
        }
    }
    match (place.front_matter, value) {
        (Some(i), value) => set_key(pen, i, value),
        (None, Some(v)) if place.body.is_none() || key == HeaderKey::Id => {
            if place.new_in_body {
                lines::push(pen, header, key.label(), v);
                Ok(())
            } else {
                new_key(pen, key.key(), v)
            }
        }
        (None, _) => Ok(()),
    }
}

fn set_key(pen: &mut Pen<'_>, i: usize, value: Option<&str>) -> Result<(), WriteError> {
    let span = &pen.lifted.map.front_matter[i];
    let Some(value) = value else {
        pen.delete(span.lines.start, span.lines.end);
        return Ok(());
    };
    if matches!(span.style, ScalarStyle::Opaque | ScalarStyle::BlockList) {
        let message = format!("the value of `{}` is written in a style that is not edited", span.name);
        return Err(not_editable(Code::S106, span.value, message));
    }
    let raw = requoted(Some(span.value.of(pen.text())), value)?;
    let gap = if pen.text()[..span.value.start].ends_with(':') { " " } else { "" };
    pen.replace(span.value, format!("{gap}{raw}"));
    Ok(())
}

fn new_key(pen: &mut Pen<'_>, key: &str, value: &str) -> Result<(), WriteError> {
    let eol = pen.eol();
    let line = format!("{key}: {}{eol}", requoted(None, value)?);
    if let Some(front_matter) = pen.document().front_matter() {
        pen.insert(front_matter.inner.end, line);
    } else {
        let at = pen.document().body().start;
        let blank = if pen.is_text_at(at) { eol } else { "" };
        pen.insert(at, format!("---{eol}{line}---{eol}{blank}"));
    }
    Ok(())
}

/// Changes the title's text; a file without a title has its name in the front matter, else it
/// gets a title.
pub(super) fn rename(pen: &mut Pen<'_>, name: &str) -> Result<(), WriteError> {
    let name = name.trim();
    if let Some(title) = &pen.lifted.map.title {
        let before = TextRange::new(title.whole.start, title.name.start).of(pen.text());
        let gap = if before.ends_with(['#', ':']) { " " } else { "" };
        pen.replace(title.name, format!("{gap}{name}"));
        return Ok(());
    }
    if let Some(i) = pen.session().front_matter_keys("title").next() {
        return set_key(pen, i, Some(name));
    }
    let at = pen.document().body().start;
    let eol = pen.eol();
    put_block(pen, at, &format!("# {name}{eol}"));
    Ok(())
}
