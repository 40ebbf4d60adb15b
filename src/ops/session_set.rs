use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::diagnostic::List;
use crate::model::{Change, HeaderKey};
use crate::workspace::Plan;

use super::session_create::{SessionWritten, written};
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Changes facts of a session's header.
pub struct SessionSet;

/// Which session, and what is to be different.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionSetInput {
    /// Id, directory, unique prefix or name; the selected one when left out
    pub session: Option<String>,
    /// Facts by name: `type`, `priority`, `due`; an empty value removes one
    pub set: Map<String, Value>,
}

/// What has no operation of its own and no rules beyond its own spelling.
const SETTABLE: [HeaderKey; 3] = [HeaderKey::Type, HeaderKey::Priority, HeaderKey::Due];

impl Operation for SessionSet {
    const NAME: &'static str = "session_set";
    const EFFECT: Effect = Effect::Writes;
    type Input = SessionSetInput;
    type Output = SessionWritten;

    fn run(cx: &Context<'_>, input: SessionSetInput) -> Result<SessionWritten, OpError> {
        if input.set.is_empty() {
            return Err(OpError::new(ErrorCode::InvalidInput, "nothing is to be set").hint(usage()));
        }
        let facts = input.set.iter().map(|(name, value)| fact(name, value)).collect::<Result<Vec<_>, _>>()?;
        let row = match &input.session {
            Some(word) => cx.session_named(word)?,
            None => cx.session()?,
        };
        let committed = cx.write(&row.directory, "session-set", |snapshot| {
            let session = &snapshot.lifted.session;
            let differs =
                |(key, value): &&(HeaderKey, Option<String>)| session.fact(key.key()) != value.as_deref();
            let change = |(key, value): &(HeaderKey, Option<String>)| Change::SetHeader {
                key: *key,
                value: value.clone(),
            };
            Ok(Plan { changes: facts.iter().filter(differs).map(change).collect(), output: () })
        })?;
        Ok(SessionWritten { diff: committed.diff, ..written(cx, &row.directory, committed.changed, None)? })
    }
}

fn usage() -> String {
    let names: Vec<&str> = SETTABLE.iter().map(|k| k.key()).collect();
    format!("set {}, as in `plandown session set type=research`", List(&names, "or"))
}

/// One fact, its value spelled as it will stand in the file; `None` where it is to go.
fn fact(name: &str, value: &Value) -> Result<(HeaderKey, Option<String>), OpError> {
    let name = name.trim().to_lowercase();
    let Some(key) = SETTABLE.into_iter().find(|k| k.key() == name) else {
        return Err(OpError::new(
            ErrorCode::InvalidInput,
            format!("`{name}` of a session is not set this way"),
        )
        .hint(usage()));
    };
    let text = match value {
        Value::Null => "",
        Value::String(text) => text.trim(),
        _ => {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("the value of `{name}` is no text"))
                .hint(usage()));
        }
    };
    if text.is_empty() {
        return Ok((key, None));
    }
    let value = match key {
        HeaderKey::Priority => {
            let word = super::task_list::priority(text)?.word();
            word[..1].to_uppercase() + &word[1..]
        }
        HeaderKey::Due => super::task_list::date(text)?.to_string(),
        _ => kind(text)?,
    };
    Ok((key, Some(value)))
}

/// A kind of session: one line that is read back as it was given.
pub(super) fn kind(word: &str) -> Result<String, OpError> {
    let word = word.trim();
    let is_word = word.starts_with(char::is_alphanumeric)
        && word.chars().count() <= 40
        && word.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | '&' | '.' | '+'));
    if is_word {
        return Ok(word.to_owned());
    }
    Err(OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no type of session"))
        .hint("use one word or a few, such as `research` or `maintenance`"))
}
