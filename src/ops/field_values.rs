//! Words of a request turned into fields as they will be written.

use serde_json::{Map, Value};

use crate::model::{Field, FieldKind, canonical_key, field_named};

use super::task_add::minutes;
use super::task_list::{date, priority};
use super::{ErrorCode, OpError};

/// The fields of a request, checked: (name as it will be written, value or removal).
///
/// # Errors
/// `invalid-input` for names that are no fields (the id and the state among them), for empty values,
/// and for values of known fields that would not be read back.
pub(super) fn fields(set: &Map<String, Value>) -> Result<Vec<(String, Option<String>)>, OpError> {
    set.iter().map(|(name, value)| field(name, value)).collect()
}

fn field(name: &str, value: &Value) -> Result<(String, Option<String>), OpError> {
    let text = match value {
        Value::Null => return Ok((spelled(name)?, None)),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) => {
            let words = items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned));
            words.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    if text.is_empty() {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("the value of `{name}` is empty"))
            .hint(format!("remove the field with `--unset {name}`")));
    }
    Ok((spelled(name)?, Some(checked(name, &text)?)))
}

/// A field's name as it is written; the id and the state are no fields.
pub(super) fn spelled(name: &str) -> Result<String, OpError> {
    match field_named(name) {
        Some(Field::Id) => Err(OpError::new(ErrorCode::InvalidInput, "the id of a task is not set by hand")
            .hint("ids are given by `plandown sync` and never change")),
        Some(Field::Status) => Err(OpError::new(ErrorCode::InvalidInput, "the state is no field")
            .hint("use `plandown done`, `start`, `task block`, or `task set --status STATE`")),
        Some(field) => Ok(field.key().to_owned()),
        None if canonical_key(name).is_empty() => {
            Err(OpError::new(ErrorCode::InvalidInput, format!("`{name}` is no field name"))
                .hint("a name has letters or digits"))
        }
        None => Ok(name.trim().to_owned()),
    }
}

/// The value of a known field in the form it is written in; values that would not be read back are refused.
fn checked(name: &str, text: &str) -> Result<String, OpError> {
    let Some(field) = field_named(name) else { return Ok(text.to_owned()) };
    Ok(match field.spec().kind {
        FieldKind::Priority => priority(text)?.word().to_owned(),
        FieldKind::Date => date(text)?.to_string(),
        FieldKind::Effort => {
            minutes(text)?;
            text.to_owned()
        }
        FieldKind::Word(words) => {
            let word = text.to_lowercase().replace([' ', '-'], "_");
            if !words.contains(&word.as_str()) {
                return Err(OpError::new(
                    ErrorCode::InvalidInput,
                    format!("`{text}` is no value of `{name}`"),
                )
                .hint(format!("use {}", crate::diagnostic::List(words, "or"))));
            }
            word
        }
        FieldKind::Percent => {
            let number = text.trim_end_matches('%').trim().parse::<u8>().ok().filter(|n| *n <= 100);
            let number = number.ok_or_else(|| {
                OpError::new(ErrorCode::InvalidInput, format!("`{text}` is no per cent"))
                    .hint("write it as `40%`")
            })?;
            format!("{number}%")
        }
        FieldKind::Id | FieldKind::Refs | FieldKind::Set | FieldKind::Text => text.to_owned(),
    })
}
