use super::Refusal;
use super::replay::one_line;
use crate::model::{HeaderField, HeaderKey, Session, norm};

/// Where a fact of the header stands, or will stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HeaderPlace {
    /// Its line in the body's header.
    pub body: Option<usize>,
    /// Its key in the front matter.
    pub front_matter: Option<usize>,
    /// It stands nowhere, and a new one becomes a line of the body's header (else a key of the
    /// front matter).
    pub new_in_body: bool,
}

/// Finds a fact: it is changed wherever it stands; a new one joins the body's header where there
/// is one. Identity and words to find a session by belong into the front matter.
#[must_use]
pub fn header_places(session: &Session, key: HeaderKey) -> HeaderPlace {
    let label = norm(key.label());
    HeaderPlace {
        body: session.header.iter().position(|h| norm(&h.key) == label),
        front_matter: session.front_matter_keys(key.key()).next(),
        new_in_body: !matches!(key, HeaderKey::Id | HeaderKey::Tags) && !session.header.is_empty(),
    }
}

/// The raw front-matter scalar for `value`, quoted the way `old` is; a new one is plain where
/// that is read back as the same text.
///
/// # Errors
/// [`Refusal::Unwritable`] where the old value is not a scalar or a list on one line.
pub fn requoted(old: Option<&str>, value: &str) -> Result<String, Refusal> {
    let old = old.unwrap_or("").trim();
    match old.chars().next() {
        Some('\'') => Ok(format!("'{}'", value.replace('\'', "''"))),
        Some('"') => Ok(double_quoted(value)),
        Some('[') if value.starts_with('[') && value.ends_with(']') => Ok(value.to_owned()),
        Some('[') => Ok(format!("[{value}]")),
        Some('|' | '>' | '{' | '&' | '*' | '!') => {
            Err(Refusal::unwritable("this style of value is not edited"))
        }
        _ if is_plain(value) => Ok(value.to_owned()),
        _ => Ok(double_quoted(value)),
    }
}

fn double_quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether YAML reads `value` unquoted as this very text, on one line.
fn is_plain(value: &str) -> bool {
    let odd_start =
        value.starts_with(|c: char| "-?:,[]{}#&*!|>'\"%@` ".contains(c)) && !value.starts_with('[');
    let list = value.starts_with('[') && value.ends_with(']');
    let ambiguous = matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    (list || !value.starts_with('['))
        && !odd_start
        && !ambiguous
        && !value.contains(": ")
        && !value.contains(" #")
        && !value.ends_with([':', ' '])
        && !value.chars().any(char::is_control)
}

pub(super) fn set(session: &mut Session, key: HeaderKey, value: Option<&str>) -> Result<(), Refusal> {
    let value = value.map(|v| one_line(v, "value")).transpose()?;
    let place = header_places(session, key);
    if let Some(i) = place.body {
        let mirror = key == HeaderKey::Id;
        match &value {
            Some(v) if mirror && session.header[i].value.starts_with('`') => {
                session.header[i].value = format!("`{v}`");
            }
            Some(v) => session.header[i].value.clone_from(v),
            None => {
                session.header.remove(i);
            }
        }
    }
    match (place.front_matter, &value) {
        (Some(i), Some(v)) => {
            let raw = requoted(Some(&session.front_matter[i].1), v)?;
            session.front_matter[i].1 = raw;
        }
        (Some(i), None) => {
            session.front_matter.remove(i);
        }
        (None, Some(v)) if place.body.is_none() || key == HeaderKey::Id => {
            if place.new_in_body {
                let new = HeaderField { key: key.label().to_owned(), value: v.clone() };
                session.header.push(new);
            } else {
                session.front_matter.push((key.key().to_owned(), requoted(None, v)?));
            }
        }
        (None, _) => {}
    }
    if key == HeaderKey::Id {
        session.id = value.unwrap_or_else(|| session.directory.clone());
    }
    Ok(())
}

/// Renames the session: what the text shows is decided by the text.
pub(super) fn rename(session: &mut Session, name: &str) {
    name.clone_into(&mut session.name);
}
