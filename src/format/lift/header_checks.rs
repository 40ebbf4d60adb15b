use std::collections::HashSet;

use crate::diagnostic::{Code, Fix, List, did_you_mean};
use crate::model::{DateValue, Priority, Session, SessionStatus, is_derived, norm};
use crate::text::{Edit, TextRange};

use super::super::{ScalarStyle, SourceMap};
use super::groups::Layout;
use super::header::{bare, is_placeholder};
use super::headings::Heading;
use super::{Reader, front_matter, near_front_matter};

/// Facts that may stand in the header and in the front matter.
const FACTS: [&str; 6] = ["status", "mode", "created", "priority", "due", "type"];

/// Findings about front matter, title and header.
pub(super) fn read(
    reader: &mut Reader<'_>,
    title: Option<&Heading>,
    layout: &Layout,
    session: &Session,
    map: &SourceMap,
) {
    near_front_matter::read(reader);
    titles(reader, title, layout, session, map);
    facts(reader, session, map);
    repeated(reader, map);
    placeholders(reader, session, map);
}

fn titles(
    reader: &mut Reader<'_>,
    title: Option<&Heading>,
    layout: &Layout,
    session: &Session,
    map: &SourceMap,
) {
    let body = reader.document.body();
    let was_read = !reader.document.blocks().is_empty() || body.of(reader.text).trim().is_empty();
    if title.is_none() && was_read && !reader.text.is_empty() {
        let before = TextRange::new(0, body.start).of(reader.text);
        let eol = reader.eol();
        let lead = if before.is_empty() || before.ends_with(['\n', '\r', '\u{feff}']) { "" } else { eol };
        let edit = Edit::insert(body.start, format!("{lead}# {}{eol}{eol}", session.name));
        let message = format!("no title; the name `{}` is taken from elsewhere", session.name);
        let at = TextRange::empty(body.start);
        reader.report_fix(Code::H201, at, message, Fix::safe("add a title", vec![edit]));
    }
    if title.is_some() {
        for (section, span) in session.sections.iter().zip(&map.sections) {
            if section.level == 1 && !section.title.is_empty() {
                let message = "a second title; the first one is used";
                reader.report(Code::H202, span.heading.whole, message);
            }
        }
    }
    if !layout.has_task_section
        && let Some(first) = map.groups.first().and_then(|g| map.sections.get(g.section))
    {
        let at = title.map_or(first.heading.whole, |t| t.span.whole);
        let message = "no Task Groups section; headings with tasks below them are used as groups";
        reader.report(Code::H209, at, message);
    }
}

fn facts(reader: &mut Reader<'_>, session: &Session, map: &SourceMap) {
    let text = reader.text;
    for fact in FACTS {
        let body = map
            .header
            .iter()
            .find(|l| norm(l.key.of(text)) == fact)
            .filter(|l| !l.value.is_empty() && !is_placeholder(l.value.of(text)));
        let front = session.front_matter_keys(fact).find_map(|i| map.front_matter.get(i));
        let front = front.filter(|k| k.style != ScalarStyle::Opaque);
        let body_value = body.map(|l| bare(text, l.value));
        let front_value = front.map(|k| front_matter::scalar(text, k)).filter(|v| !v.is_empty());
        if let (Some(line), Some(b), Some(f)) = (body, body_value, front_value)
            && !b.eq_ignore_ascii_case(f)
        {
            let message = format!("`{fact}` differs: front matter `{f}`, body `{b}`; the body is used");
            reader.report(Code::H205, line.value, message);
        }
        let place = body.map(|l| l.value).or(front.map(|k| k.value));
        if let (Some(value), Some(at)) = (body_value.or(front_value), place) {
            readable(reader, fact, value, at);
        }
    }
    for line in map.groups.iter().flat_map(|g| &g.header) {
        let value = line.value.of(text);
        if norm(line.key.of(text)) == "priority" && !value.is_empty() && !is_placeholder(value) {
            readable(reader, "priority", value, line.value);
        }
    }
}

fn readable(reader: &mut Reader<'_>, fact: &str, value: &str, at: TextRange) {
    let is_readable = match fact {
        "status" => {
            if SessionStatus::parse(value).is_none() {
                let near = did_you_mean(value, SessionStatus::ALL.iter().map(|s| s.key()));
                let hint = if near.is_empty() {
                    String::new()
                } else {
                    format!("; did you mean {}?", List(&near, "or"))
                };
                reader.report(Code::H206, at, format!("unknown session status `{value}`{hint}"));
            }
            true
        }
        "created" | "due" => is_date(value),
        "priority" => Priority::parse(value).is_some(),
        _ => true,
    };
    if !is_readable {
        reader.report(Code::H207, at, format!("unreadable {fact} `{value}`"));
    }
}

/// A date, also with a blank before its time, as people write it.
fn is_date(value: &str) -> bool {
    DateValue::parse(value).is_some() || DateValue::parse(&value.replacen(' ', "T", 1)).is_some()
}

fn repeated(reader: &mut Reader<'_>, map: &SourceMap) {
    let mut seen = HashSet::new();
    for line in &map.header {
        if !seen.insert(norm(line.key.of(reader.text))) {
            let message = format!("`{}` is repeated; the first one is used", line.key.of(reader.text));
            reader.report(Code::H210, line.key, message);
        }
    }
}

fn placeholders(reader: &mut Reader<'_>, session: &Session, map: &SourceMap) {
    let text = reader.text;
    let lines = map.header.iter().chain(map.groups.iter().flat_map(|g| &g.header));
    // What the tool computes is filled in by a refresh.
    let mut places: Vec<TextRange> = lines.filter(|l| !is_derived(l.key.of(text))).map(|l| l.value).collect();
    places.extend(map.title.map(|t| t.name));
    places.extend(map.groups.iter().filter_map(|g| map.sections.get(g.section)).map(|s| s.heading.content));
    let titles = session.tasks.iter().zip(&map.tasks).filter(|(t, _)| t.title.starts_with('['));
    places.extend(titles.map(|(_, s)| s.title));
    for at in places {
        if is_placeholder(at.of(text)) {
            reader.report(Code::H208, at, format!("template placeholder `{}` is not filled in", at.of(text)));
        }
    }
}
