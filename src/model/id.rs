use crate::text::ContentHash;
use std::fmt;

use super::norm;

/// Crockford's alphabet: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A task's name inside its session: a block id such as `t-4k2m9p`.
///
/// ASCII letters, digits and dashes. Compared without case (Obsidian does), so it is kept
/// lower-case; the file keeps its own spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct TaskId(String);

impl TaskId {
    /// Reads an id with or without its leading `^`; `None` where a character does not belong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('^').unwrap_or(text);
        let fits = !text.is_empty()
            && text.len() <= 128
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id without `^`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `t-` and six characters from the low 30 bits of `random`.
#[must_use]
pub fn random_task_id(random: u64) -> TaskId {
    TaskId(crockford(u32::try_from(random & 0x3fff_ffff).unwrap_or(0)))
}

/// The id a hand-written task gets: the same on every clone, because it is a hash of what
/// stands there. `scope` is the parent's id, or the name of the group for a root task;
/// `k` counts up until the id is free in the file.
#[must_use]
pub fn adoption_id(session: &str, scope: &str, title: &str, k: u32) -> TaskId {
    let key = format!("plandown-id-1\0{session}\0{scope}\0{}\0{k}", norm(title));
    let hash = ContentHash::of(key.as_bytes());
    let head = hash.as_bytes().iter().take(4).fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
    TaskId(crockford(head >> 2))
}

fn crockford(bits: u32) -> String {
    let digits = (0..6).rev().map(|i| char::from(ALPHABET[(bits >> (5 * i) & 31) as usize]));
    "t-".chars().chain(digits).collect()
}

/// Turns a name into a directory name: letters, digits and single dashes, at most 60 bytes.
/// Names without any letter or digit give `session`.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for word in norm(name).split(' ').filter(|w| !w.is_empty()) {
        if !out.is_empty() && out.len() + 1 + word.len() > 60 {
            break;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(word);
    }
    while out.len() > 60 {
        out.pop();
    }
    if out.is_empty() { "session".to_owned() } else { out }
}

/// What a dependency names, as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum TaskRef {
    /// A task of this session (`t-a`, `^t-a`, `[[#^t-a]]`), or of another one
    /// (`other#t-a`, `[[other/session#^t-a]]`).
    Id {
        /// The other session, where one is named.
        session: Option<String>,
        /// The task there.
        id: TaskId,
    },
    /// A task by its title: `"Verify tokens"`, or text that is no id.
    Title(String),
}

impl TaskRef {
    /// Reads one reference; `None` for blank text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(link) = text.strip_prefix("[[").and_then(|t| t.strip_suffix("]]")) {
            let target = link.split('|').next().unwrap_or(link);
            return match target.split_once("#^") {
                Some((path, id)) => Some(Self::linked(path, TaskId::parse(id)?)),
                None => Some(Self::Title(target.trim().to_owned())),
            };
        }
        if let Some(title) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
            return Some(Self::Title(title.trim().to_owned()));
        }
        if let Some((session, id)) = text.split_once('#')
            && let Some(id) = TaskId::parse(id.trim())
            && !session.trim().is_empty()
        {
            return Some(Self::Id { session: Some(session.trim().to_owned()), id });
        }
        match TaskId::parse(text) {
            Some(id) => Some(Self::Id { session: None, id }),
            None if text.is_empty() => None,
            None => Some(Self::Title(text.to_owned())),
        }
    }

    /// `other/session` names the session `other`; a bare file name or nothing names this one.
    fn linked(path: &str, id: TaskId) -> Self {
        let path = path.trim().trim_end_matches(".md");
        let session = match path.strip_suffix("/session") {
            Some(dir) => dir.rsplit('/').next().filter(|s| !s.is_empty()).map(str::to_owned),
            None if path.is_empty() || path == "session" => None,
            None => path.rsplit('/').next().map(str::to_owned),
        };
        Self::Id { session, id }
    }

    /// Splits a field value at the commas that stand outside quotes and wiki links.
    #[must_use]
    pub fn parse_list(text: &str) -> Vec<Self> {
        split_list(text).into_iter().filter_map(Self::parse).collect()
    }
}

impl fmt::Display for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id { session: None, id } => write!(f, "{id}"),
            Self::Id { session: Some(s), id } => write!(f, "{s}#{id}"),
            Self::Title(title) => write!(f, "\"{title}\""),
        }
    }
}

/// The parts of a comma list, untrimmed, with commas inside `"…"` and `[[…]]` left alone.
pub(crate) fn split_list(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut brackets) = (Vec::new(), 0, false, 0_usize);
    for (i, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => brackets += 1,
            ']' if !quoted => brackets = brackets.saturating_sub(1),
            ',' if !quoted && brackets == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_without_case() {
        assert_eq!(TaskId::parse("^T-4K2M9P"), TaskId::parse("t-4k2m9p"));
        for bad in ["", "^", "a b", "t_1", "t-é"] {
            assert_eq!(TaskId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn adoption_is_a_function_of_the_words() {
        let id = adoption_id("s", "backend", "Do  the thing!", 0);
        assert_eq!(id, adoption_id("s", "backend", "do the thing", 0));
        assert_ne!(id, adoption_id("s", "backend", "do the thing", 1));
        assert!(id.as_str().len() == 8 && id.as_str().starts_with("t-"));
    }

    #[test]
    fn references() {
        let id = |s: Option<&str>, i: &str| TaskRef::Id {
            session: s.map(str::to_owned),
            id: TaskId::parse(i).unwrap(),
        };
        assert_eq!(
            TaskRef::parse_list(r#"t-a, kitchen-sink#t-b, [[other/session#^t-c]], "Verify, tokens", ^t-d,"#),
            [
                id(None, "t-a"),
                id(Some("kitchen-sink"), "t-b"),
                id(Some("other"), "t-c"),
                TaskRef::Title("Verify, tokens".into()),
                id(None, "t-d"),
            ]
        );
        assert_eq!(TaskRef::parse("[[session#^t-a]]"), Some(id(None, "t-a")));
        assert_eq!(TaskRef::parse("Pick a library"), Some(TaskRef::Title("Pick a library".into())));
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("Auth overhaul: phase 2!"), "auth-overhaul-phase-2");
        assert_eq!(slug("🎉"), "session");
        assert!(slug(&"x".repeat(500)).len() <= 60);
        assert!(slug(&"é".repeat(100)).len() <= 60);
    }
}
