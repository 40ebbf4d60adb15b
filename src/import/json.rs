use serde_json::{Map, Value};

use super::{Error, Kind};

/// Largest JSON text that is read, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// Parses JSON within limits of size and depth (128 levels).
pub(crate) fn parse(bytes: &[u8], place: &str) -> Result<Value, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::new(Kind::TooLarge, place, format!("{} bytes of JSON", bytes.len())));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|e| {
        let text = e.to_string();
        let kind = if text.contains("recursion limit") { Kind::TooDeep } else { Kind::Syntax };
        Error::new(kind, format!("{place}:{}:{}", e.line(), e.column()), text.to_lowercase())
    })
}

/// One value as text: strings as they are, numbers and booleans in words, the rest as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// The text of a member; empty where there is none.
pub(crate) fn get(object: &Map<String, Value>, key: &str) -> String {
    object.get(key).map(text).unwrap_or_default()
}

/// The texts of a list member; a single value is a list of one.
pub(crate) fn list(object: &Map<String, Value>, key: &str) -> Vec<String> {
    let texts = match object.get(key) {
        Some(Value::Array(all)) => all.iter().map(text).collect(),
        Some(one) => vec![text(one)],
        None => Vec::new(),
    };
    texts.into_iter().filter(|t| !t.trim().is_empty()).collect()
}

/// Decodes JSON that was encoded as a string, perhaps twice, until it is no string any more.
pub(crate) fn unwrapped(raw: &str) -> Value {
    let mut value = Value::String(raw.to_owned());
    for _ in 0..4 {
        let Value::String(text) = &value else { break };
        match serde_json::from_str(text) {
            Ok(inner) => value = inner,
            Err(_) => break,
        }
    }
    value
}
