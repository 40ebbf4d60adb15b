use std::ops::Range;

use serde_json::Value;

/// A place in a text and what is to stand there.
pub(super) type Edit = (Range<usize>, String);

/// The text as plain JSON, every byte in its place: a byte-order mark, comments and commas before a
/// closing bracket, which editors' settings may have, become spaces.
pub(super) fn bare(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let blank = |out: &mut [u8]| out.iter_mut().filter(|b| !b"\r\n".contains(b)).for_each(|b| *b = b' ');
    if text.starts_with('\u{feff}') {
        blank(&mut out[..3]);
    }
    let (mut at, mut comma) = (0, None);
    while let Some(&byte) = out.get(at) {
        let rest = &text.as_bytes()[at..];
        let length = match byte {
            b'"' => {
                let mut end = 1;
                while rest.get(end).is_some_and(|b| *b != b'"') {
                    end += 1 + usize::from(rest[end] == b'\\');
                }
                end + 1
            }
            b'/' if rest.starts_with(b"//") => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with(b"/*") => {
                rest.windows(2).skip(2).position(|w| w == b"*/").map_or(rest.len(), |end| end + 4)
            }
            _ => 1,
        };
        match byte {
            b'/' if length > 1 => blank(&mut out[at..at + length]),
            b',' => comma = Some(at),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    out[comma] = b' ';
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => comma = None,
        }
        at += length;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Where the value of a member stands, found from the outermost object inwards, in text that [`bare`] made.
pub(super) fn member_at(bare: &str, path: &[&str]) -> Option<Range<usize>> {
    let start = blank_end(bare, 0);
    let mut place = start..value_end(bare, start);
    for name in path {
        place = members(bare, &place).into_iter().find(|(key, _)| key == name)?.1;
    }
    Some(place)
}

/// The edits that make the object at `place` the one that is wanted, which has the same members in the same order,
/// and perhaps more behind them. Of a list whose beginning stays, only what differs is touched.
pub(super) fn changes(bare: &str, place: Range<usize>, wanted: &Value) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let present = members(bare, &place);
    for (key, wanted) in wanted.as_object()? {
        match present.iter().find(|(name, _)| name == key) {
            Some((_, place)) => change(bare, place, wanted, &mut edits)?,
            None => {
                let end = present.last()?.1.end;
                edits.push((end..end, format!(", {}: {wanted}", Value::from(key.as_str()))));
            }
        }
    }
    Some(edits)
}

fn change(bare: &str, place: &Range<usize>, wanted: &Value, edits: &mut Vec<Edit>) -> Option<()> {
    let now: Value = serde_json::from_str(bare.get(place.clone())?).ok()?;
    match (&now, wanted) {
        (now, wanted) if now == wanted => {}
        (Value::Array(now), Value::Array(wanted)) if !now.is_empty() && now.len() <= wanted.len() => {
            let places = elements(bare, place);
            for (place, wanted) in places.iter().zip(wanted) {
                change(bare, place, wanted, edits)?;
            }
            let more: String = wanted.iter().skip(now.len()).map(|value| format!(", {value}")).collect();
            let end = places.last()?.end;
            if !more.is_empty() {
                edits.push((end..end, more));
            }
        }
        _ => edits.push((place.clone(), wanted.to_string())),
    }
    Some(())
}

/// The text with all of it done.
pub(super) fn spliced(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(place, _)| place.start);
    let mut out = text.to_owned();
    for (place, new) in edits.into_iter().rev() {
        out.replace_range(place, &new);
    }
    out
}

/// The members of an object: name, and where the value stands.
fn members(bare: &str, object: &Range<usize>) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = blank_end(bare, object.start + 1);
    while bare.get(at..object.end).is_some_and(|rest| rest.starts_with('"')) {
        let key = at..value_end(bare, at);
        let value = blank_end(bare, blank_end(bare, key.end) + 1);
        let value = value..value_end(bare, value);
        at = after_comma(bare, value.end);
        found.push((bare.get(key).and_then(|k| serde_json::from_str(k).ok()).unwrap_or_default(), value));
    }
    found
}

/// Where the values of a list stand.
fn elements(bare: &str, list: &Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = blank_end(bare, list.start + 1);
    while at + 1 < list.end {
        let value = at..value_end(bare, at);
        at = after_comma(bare, value.end);
        found.push(value);
    }
    found
}

fn after_comma(bare: &str, at: usize) -> usize {
    let at = blank_end(bare, at);
    if bare.get(at..).is_some_and(|rest| rest.starts_with(',')) { blank_end(bare, at + 1) } else { at }
}

fn blank_end(bare: &str, at: usize) -> usize {
    bare.len() - bare.get(at..).unwrap_or_default().trim_start().len()
}

/// The end of the value that begins at `at`.
fn value_end(bare: &str, at: usize) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (n, c) in bare.get(at..).unwrap_or_default().char_indices() {
        let end = at + n;
        if in_string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' if depth == 0 => return end + 1,
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => in_string = true,
            '{' | '[' => depth += 1,
            '}' | ']' if depth <= 1 => return end + depth,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => return end,
            c if depth == 0 && c.is_whitespace() => return end,
            _ => {}
        }
    }
    bare.len()
}
