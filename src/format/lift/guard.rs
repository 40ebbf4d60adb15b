use crate::document::FrontMatter;

use super::super::FrontMatterKey;
use super::Reader;

pub(super) fn check(reader: &mut Reader<'_>, keys: &mut [FrontMatterKey], found: FrontMatter) {
    let _ = (reader, keys, found);
}

pub(super) fn typed(inner: &str) -> Result<serde_json::Value, String> {
    let _ = inner;
    Ok(serde_json::Value::Null)
}
