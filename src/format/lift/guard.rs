use std::collections::HashMap;

use gray_matter::engine::Engine;
use gray_matter::{Matter, Pod};

use crate::diagnostic::{Code, Fix};
use crate::document::FrontMatter;
use crate::model::key_form;
use crate::text::{Edit, TextRange, indent};

use super::super::{FrontMatterKey, ScalarStyle};
use super::Reader;

/// The schemas this version reads and writes.
const SCHEMAS: [&str; 1] = ["plandown/1"];
/// Keys that the tool itself may write, in their compared form.
const OURS: [&str; 12] = [
    "schema",
    "id",
    "session id",
    "title",
    "status",
    "mode",
    "created",
    "priority",
    "due",
    "type",
    "tags",
    "aliases",
];
/// Keys whose value is text, whatever YAML would make of it, in their compared form.
const TEXT_KEYS: [&str; 7] = ["id", "session id", "title", "status", "mode", "type", "schema"];

const MAX_BYTES: usize = 16 << 10;
const MAX_MARKERS: usize = 8;
const MAX_INDENT: usize = 64;
const MAX_BRACKETS: usize = 16;

/// Reports what is wrong with the front matter; keys that stand twice become opaque.
pub(super) fn check(reader: &mut Reader<'_>, keys: &mut [FrontMatterKey], found: FrontMatter) {
    let text = reader.text;
    let inner = found.inner.of(text);
    if inner.trim_start().starts_with('{') {
        reader.report(Code::S106, found.inner, "front matter in braces is not edited");
    }
    let mut repeated = false;
    let mut seen: HashMap<String, (usize, usize)> = HashMap::new();
    for i in 0..keys.len() {
        let (first, count) = seen.entry(keys[i].name.clone()).or_insert((i, 0));
        let first = *first;
        *count += 1;
        if first == i {
            continue;
        }
        repeated = true;
        let message = format!("`{}` stands twice; the first one is used", keys[i].name);
        reader.report(Code::S103, keys[i].key, message);
        keys[first].style = ScalarStyle::Opaque;
        keys[i].style = ScalarStyle::Opaque;
    }
    for key in keys.iter() {
        let is_single = seen.get(&key.name).is_some_and(|(_, count)| *count == 1);
        values(reader, key, is_single);
    }
    match hazard(inner) {
        Some((code, at, message)) => {
            reader.report(code, at.shifted(found.inner.start), message);
        }
        None if !repeated => {
            if let Err(message) = typed(inner) {
                let at = error_line(reader, &message, found);
                reader.report(Code::S102, at, format!("invalid YAML: {message}; known keys are still read"));
            }
        }
        None => {}
    }
}

fn values(reader: &mut Reader<'_>, key: &FrontMatterKey, is_single: bool) {
    let value = key.value.of(reader.text);
    let is_ours = OURS.contains(&key_form(&key.name).as_str());
    if is_ours && is_single && key.style == ScalarStyle::Opaque {
        let message = format!("the way the value of `{}` is written is not edited", key.name);
        reader.report(Code::S106, key.value, message);
    }
    if key.name == "schema" {
        let schema = value.trim_matches(['"', '\'']);
        if !schema.is_empty() && !SCHEMAS.contains(&schema) {
            let message = format!("unknown schema `{schema}`; the file is read-only");
            reader.report(Code::S107, key.value, message);
        }
    } else if TEXT_KEYS.contains(&key_form(&key.name).as_str())
        && key.style == ScalarStyle::Plain
        && is_ambiguous(value)
    {
        let edits = vec![Edit::replace(key.value, format!("\"{value}\""))];
        let message = format!("`{value}` is no text for YAML; read as it stands");
        reader.report_fix(Code::S111, key.value, message, Fix::safe("put it in quotes", edits));
    }
}

/// Whether YAML readers make something else than this text of a plain scalar.
fn is_ambiguous(value: &str) -> bool {
    let lower = value.to_lowercase();
    let is_word =
        matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "y" | "n" | "true" | "false" | "null" | "~");
    let number = value.strip_prefix(['-', '+']).unwrap_or(value).replace('_', "");
    let is_number = number.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && (number.parse::<f64>().is_ok() || number.starts_with("0x") || number.starts_with("0o"));
    is_word || is_number || matches!(lower.as_str(), ".inf" | "-.inf" | ".nan")
}

fn error_line(reader: &Reader<'_>, message: &str, found: FrontMatter) -> TextRange {
    let lines = reader.document.lines();
    let digits =
        message.split("line ").nth(1).map(|s| s.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""));
    let line = digits.and_then(|d| d.parse::<usize>().ok()).unwrap_or(1);
    // What is parsed begins behind leading blank lines.
    let inner = found.inner.of(reader.text);
    let first = lines.line_of(found.inner.start + inner.len() - inner.trim_start().len());
    let last = lines.line_of(found.inner.end).max(first);
    lines.content(reader.text, (first + line.saturating_sub(1)).min(last))
}

/// What must not reach a YAML library: anchors blow up, deep nesting overflows the stack.
fn hazard(inner: &str) -> Option<(Code, TextRange, &'static str)> {
    if inner.len() > MAX_BYTES {
        return Some((
            Code::S110,
            TextRange::new(0, inner.len()),
            "front matter over 16 KiB; its values are not typed",
        ));
    }
    let mut at = 0;
    // Content of a block scalar is text: it is skipped up to the next line that is not deeper.
    let mut scalar: Option<usize> = None;
    let mut brackets = 0_usize;
    for line in inner.split_inclusive(['\n', '\r']) {
        let content = line.trim_end_matches(['\n', '\r']);
        let place = TextRange::new(at, at + content.len());
        at += line.len();
        let indent = indent(content).len();
        if content.contains('\0') || indent > MAX_INDENT || markers(content) > MAX_MARKERS {
            return Some((Code::S110, place, "front matter nested too deep; its values are not typed"));
        }
        if content.trim().is_empty() {
            continue;
        }
        if scalar.is_some_and(|outer| indent > outer) {
            continue;
        }
        scalar = opens_scalar(content).then_some(indent);
        match scan_line(content, &mut brackets) {
            Some((n, len)) if brackets <= MAX_BRACKETS => {
                let token = TextRange::new(place.start + n, place.start + n + len);
                return Some((Code::S104, token, "anchors, aliases and tags are not read here"));
            }
            _ if brackets > MAX_BRACKETS => {
                return Some((Code::S110, place, "front matter nested too deep; its values are not typed"));
            }
            _ => {}
        }
    }
    None
}

/// Number of `- ` and `? ` a line begins with.
fn markers(line: &str) -> usize {
    let mut rest = line.trim_start_matches([' ', '\t']);
    let mut count = 0;
    while let Some(next) =
        rest.strip_prefix(['-', '?']).filter(|r| r.is_empty() || r.starts_with([' ', '\t']))
    {
        count += 1;
        rest = next.trim_start_matches([' ', '\t']);
    }
    count
}

fn opens_scalar(line: &str) -> bool {
    let value = line.rsplit_once(": ").map_or_else(|| line.trim_start().trim_start_matches("- "), |(_, v)| v);
    let value = value.split(" #").next().unwrap_or("").trim();
    value.starts_with(['|', '>']) && value.len() <= 3
}

/// Where on a line an anchor, alias or tag begins, and how long it is; keeps count of brackets.
fn scan_line(line: &str, brackets: &mut usize) -> Option<(usize, usize)> {
    let mut quote: Option<char> = None;
    // The last character that is no blank; a value starts behind one of these.
    let (mut before, mut blank) = ('\n', true);
    for (n, c) in line.char_indices() {
        if let Some(q) = quote {
            if c == q {
                quote = None;
                before = c;
            }
            continue;
        }
        let starts_value =
            matches!(before, '\n' | '[' | '{' | ',') || (blank && matches!(before, ':' | '-' | '?'));
        match c {
            '#' if blank => return None,
            '"' | '\'' if starts_value => quote = Some(c),
            '[' | '{' if starts_value => *brackets += 1,
            ']' | '}' => *brackets = brackets.saturating_sub(1),
            '&' | '*' | '!' if starts_value => {
                let len = line[n + 1..].find([' ', '\t', ',', ']', '}']).map_or(line.len() - n, |l| l + 1);
                if len > 1 || c == '!' {
                    return Some((n, len));
                }
            }
            _ => {}
        }
        blank = matches!(c, ' ' | '\t');
        if !blank {
            before = c;
        }
        if *brackets > MAX_BRACKETS {
            return None;
        }
    }
    None
}

/// YAML for `gray_matter`, through the maintained library.
struct Yaml;

impl Engine for Yaml {
    fn parse(content: &str) -> gray_matter::Result<Pod> {
        let value: serde_yaml::Value = serde_yaml::from_str(content)
            .map_err(|e| gray_matter::Error::deserialize_error(&e.to_string()))?;
        Ok(pod(&value, MAX_INDENT + MAX_BRACKETS))
    }
}

/// Goes at most `depth` levels down: the guard has bounded the nesting before.
fn pod(value: &serde_yaml::Value, depth: usize) -> Pod {
    use serde_yaml::Value as V;
    let Some(below) = depth.checked_sub(1) else { return Pod::Null };
    match value {
        V::Bool(b) => Pod::Boolean(*b),
        V::Number(n) => match n.as_i64() {
            Some(i) => Pod::Integer(i),
            None => {
                n.as_f64().filter(|f| f.is_finite()).map_or_else(|| Pod::String(n.to_string()), Pod::Float)
            }
        },
        V::String(s) => Pod::String(s.clone()),
        V::Sequence(items) => Pod::Array(items.iter().map(|v| pod(v, below)).collect()),
        V::Mapping(map) => {
            Pod::Hash(map.iter().filter_map(|(k, v)| Some((name(k)?, pod(v, below)))).collect())
        }
        _ => Pod::Null,
    }
}

fn name(key: &serde_yaml::Value) -> Option<String> {
    use serde_yaml::Value as V;
    match key {
        V::String(s) => Some(s.clone()),
        V::Bool(b) => Some(b.to_string()),
        V::Number(n) => Some(n.to_string()),
        V::Null => Some("null".to_owned()),
        _ => None,
    }
}

/// The values as YAML types them, after the guard.
pub(super) fn typed(inner: &str) -> Result<serde_json::Value, String> {
    if let Some((_, _, message)) = hazard(inner) {
        return Err(message.to_owned());
    }
    let parsed = Matter::<Yaml>::new().parse::<serde_json::Value>(&format!("---\n{inner}\n---\n"));
    match parsed {
        Ok(found) => Ok(found.data.unwrap_or(serde_json::Value::Null)),
        Err(gray_matter::Error::DeserializeError(message)) => Err(message),
        Err(other) => Err(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_never_reach_the_library() {
        for (inner, code) in [
            ("a: &x [1]\n", Some(Code::S104)),
            ("a: *x\n", Some(Code::S104)),
            ("a: [1, *x]\n", Some(Code::S104)),
            ("a: !tag x\n", Some(Code::S104)),
            ("- *x\n", Some(Code::S104)),
            ("a: b & c * d!\n", None),
            ("a: \"&x\" # *y\n", None),
            ("a: |\n  *bold* text\n  - - - - - - - -\nb: 1\n", None),
            ("a: - - - - - - - - - - -\n", None),
            ("a\0b: 1\n", Some(Code::S110)),
        ] {
            assert_eq!(hazard(inner).map(|h| h.0), code, "{inner:?}");
        }
        for bomb in [
            "- ".repeat(20_000),
            "? ".repeat(20_000),
            "a: ".to_owned() + &"[".repeat(200_000),
            "x".repeat(20_000),
        ] {
            assert_eq!(hazard(&bomb).map(|h| h.0), Some(Code::S110));
        }
        assert_eq!(hazard(&format!("a: {}", "[".repeat(17))).map(|h| h.0), Some(Code::S110));
    }

    #[test]
    fn values_are_typed() {
        let value = typed("x-team: { lead: ana, size: 3 }\ntags: [a, \"b c\"]\nok: true\n").unwrap();
        assert_eq!(value["x-team"]["size"], 3);
        assert_eq!(value["tags"][1], "b c");
        assert_eq!(value["ok"], true);
        assert!(typed("a: [1\n").is_err());
        assert_eq!(typed("").unwrap(), serde_json::Value::Null);
    }

    #[test]
    fn ambiguous_scalars() {
        for yes in ["no", "0012", "1e5", "1.10", "True", "~"] {
            assert!(is_ambiguous(yes), "{yes}");
        }
        for no in ["auth-overhaul", "active", "1.2.3", "2025-06-08", "inf"] {
            assert!(!is_ambiguous(no), "{no}");
        }
    }
}
