use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::format::{Lifted, ScalarStyle};
use crate::text::{Edit, TextRange};

use super::Found;

/// Who a session says it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The directory's name.
    pub directory: String,
    /// The front matter's `id`, where there is one.
    pub id: Option<String>,
    /// The bytes of its value.
    pub span: TextRange,
    /// Whether its value can be replaced.
    pub editable: bool,
}

impl Identity {
    /// What `lifted` says.
    #[must_use]
    pub fn of(lifted: &Lifted) -> Self {
        let session = &lifted.session;
        let key = session.front_matter_keys("id").find_map(|i| lifted.map.front_matter.get(i));
        let plain = |k: &&crate::format::FrontMatterKey| {
            matches!(k.style, ScalarStyle::Plain | ScalarStyle::Single | ScalarStyle::Double)
        };
        Self {
            directory: session.directory.clone(),
            id: key.filter(plain).map(|_| session.id.clone()),
            span: key.map_or(TextRange::empty(0), |k| k.value),
            editable: key.as_ref().is_some_and(plain) && lifted.document.is_writable(),
        }
    }
}

/// H204: an id that another session has already (a copied directory); H203: a directory that is
/// named otherwise than the id (a renamed one). The id stays the identity in both cases.
///
/// Of several sessions with one id, the one whose directory is named like it is the original,
/// else the first by name. A copy's fix gives it its directory's name; for a renamed session the
/// same splice is unsafe, because references from other sessions name the id.
#[must_use]
pub fn identities(sessions: &[Identity]) -> Vec<Found> {
    let mut owners: HashMap<&str, &Identity> = HashMap::new();
    for session in sessions {
        let id = session.id.as_deref().unwrap_or(&session.directory);
        let owner = owners.entry(id).or_insert(session);
        let rank = |s: &Identity| (s.directory != id, s.directory.clone());
        if rank(session) < rank(owner) {
            *owner = session;
        }
    }
    let mut found = Vec::new();
    for session in sessions {
        let Some(id) = session.id.as_deref().filter(|id| *id != session.directory) else { continue };
        let owner = owners.get(id).map_or(session.directory.as_str(), |o| o.directory.as_str());
        let edits = || vec![Edit::replace(session.span, scalar(&session.directory))];
        let title = format!("set the id to `{}`", session.directory);
        let (mut diagnostic, fix) = if owner == session.directory {
            let message =
                format!("directory `{}` is not named like the id `{id}` (renamed?)", session.directory);
            (Diagnostic::new(Code::H203, session.span, message), Fix::unsafe_(title, edits()))
        } else {
            let message = format!("id `{id}` is already used by `{owner}/session.md` (a copy?)");
            (Diagnostic::new(Code::H204, session.span, message), Fix::safe(title, edits()))
        };
        if session.editable {
            diagnostic = diagnostic.with_fix(fix);
        }
        found.push(Found { directory: session.directory.clone(), diagnostic });
    }
    found
}

/// `text` as a YAML scalar: bare where nobody could take it for something else.
fn scalar(text: &str) -> String {
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if bare { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::read;
    use crate::diagnostic::Repair;

    #[track_caller]
    fn check(sessions: &[(&str, Option<&str>)], expected: &[(&str, Code, &str)]) {
        let facts: Vec<Identity> = sessions
            .iter()
            .map(|(directory, id)| Identity {
                directory: (*directory).to_owned(),
                id: id.map(str::to_owned),
                span: (4..8).into(),
                editable: true,
            })
            .collect();
        let found = identities(&facts);
        let got: Vec<(&str, Code, &str)> = found
            .iter()
            .map(|f| {
                let edits = &f.diagnostic.fix.as_ref().unwrap().edits;
                (f.directory.as_str(), f.diagnostic.code, edits[0].insert.as_str())
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn copies_and_renames() {
        check(&[("a", Some("a")), ("b", None)], &[]);
        check(&[("new", Some("old"))], &[("new", Code::H203, "new")]);
        check(&[("a-copy", Some("a")), ("a", Some("a"))], &[("a-copy", Code::H204, "a-copy")]);
        // A session without a written id is named by its directory.
        check(&[("a", None), ("b", Some("a"))], &[("b", Code::H204, "b")]);
        check(
            &[("y", Some("a")), ("1e5", Some("a"))],
            &[("y", Code::H204, "'y'"), ("1e5", Code::H203, "'1e5'")],
        );
    }

    #[test]
    fn only_a_copy_is_renamed_unasked() {
        let lifted = read("---\nid: old\n---\n\n# P\n");
        let facts = Identity::of(&lifted);
        assert_eq!((facts.id.as_deref(), facts.directory.as_str()), (Some("old"), "plan"));
        let alone = identities(std::slice::from_ref(&facts));
        assert_eq!(alone[0].diagnostic.fix.as_ref().unwrap().safety, Repair::Unsafe);
        let original = Identity { directory: "old".into(), ..facts.clone() };
        let copied = identities(&[facts, original]);
        assert_eq!(copied.len(), 1);
        let done = crate::check::fix_also(&lifted, Repair::Safe, None, &[copied[0].diagnostic.clone()]);
        assert!(done.text.starts_with("---\nid: plan\n---\n"), "{}", done.text);
    }
}
