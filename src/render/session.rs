use std::collections::BTreeMap;

use minijinja::value::Value;

use super::engine::{self, RenderError};
use super::safe;
use super::shipped::shipped_template;
use crate::model::{Priority, SessionStatus};

/// Which template a new session file is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SessionTemplate {
    /// Facts only.
    #[default]
    Lean,
    /// With derived values: progress, metrics, change log.
    Full,
}

impl SessionTemplate {
    /// The word of the setting `session_template`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "lean" => Self::Lean,
            "full" => Self::Full,
            _ => return None,
        })
    }

    /// The template's path below `templates/`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lean => "session/lean.md.j2",
            Self::Full => "session/full.md.j2",
        }
    }
}

/// What a new session file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSession {
    /// Its identity; the directory's name.
    pub id: String,
    /// Its name; one line.
    pub name: String,
    /// What it is about: Markdown, any number of lines.
    pub description: String,
    /// Its mode's file name; `None` writes no mode.
    pub mode: Option<String>,
    /// When it was created, as it will stand there: `2026-01-31`.
    pub created: String,
    /// How urgent; `None` writes no priority.
    pub priority: Option<Priority>,
    /// Its state.
    pub status: SessionStatus,
}

/// Makes the text of a new session file.
///
/// `own` is the text of an override, where there is one. Values cannot break the file: a name
/// stays one line, a description stays inside its section.
///
/// # Errors
/// [`RenderError`] where the override is broken; the shipped templates never fail.
pub fn session(kind: SessionTemplate, new: &NewSession, own: Option<&str>) -> Result<String, RenderError> {
    let shipped = shipped_template(kind.name()).map_or("", |t| t.text);
    let text = |text: &str| Value::from(text.to_owned());
    let name = safe::heading(&new.name);
    let priority = new.priority.map(|p| capital(p.word()));
    let values: BTreeMap<String, Value> = [
        ("id", Value::from(yaml_scalar(&new.id))),
        ("directory", Value::from(code(&new.id))),
        ("name", Value::from(if name.is_empty() { safe::heading(&new.id) } else { name })),
        ("description", Value::from(safe::block(&new.description))),
        (
            "mode",
            new.mode
                .as_deref()
                .map(safe::field)
                .filter(|m| !m.is_empty())
                .map_or(Value::from(()), Value::from),
        ),
        ("created", Value::from(safe::field(&new.created))),
        ("priority", priority.map_or(Value::from(()), Value::from)),
        ("status", text(&new.status.word())),
        ("path", Value::from(code(&format!("sessions/{}/session.md", new.id)))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    engine::run(own.unwrap_or(shipped), values.into(), 0)
}

/// A text that will stand between backticks.
pub(super) fn code(text: &str) -> String {
    safe::line(text).replace('`', "'")
}

/// A word with a capital.
pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A text as a YAML scalar on one line: plain where that is safe, else in double quotes.
fn yaml_scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && !matches!(
            text.to_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain {
        return text.to_owned();
    }
    format!("\"{}\"", safe::line(text).replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, parse};
    use crate::format::{Lifted, lift};
    use crate::model::SectionKind::{
        self, ChangeLog, Decisions, KeyMetrics, Learnings, NextSteps, Notes, Overview, TaskGroups,
    };

    fn new() -> NewSession {
        NewSession {
            id: "auth-overhaul".into(),
            name: "Auth overhaul".into(),
            description: "Replace the login.\n\n- with care".into(),
            mode: Some("default_roles.yaml".into()),
            created: "2026-01-31".into(),
            priority: Some(Priority::High),
            status: SessionStatus::Active,
        }
    }

    fn read(text: &str, id: &str) -> Lifted {
        let (document, found) = parse(text.as_bytes(), Limits::default());
        lift(document, found, id)
    }

    const LEAN: &str = "---\n\
schema: plandown/1\n\
id: auth-overhaul\n\
---\n\n\
# 📋 Session: Auth overhaul\n\n\
**Status**: Active  \n\
**Mode**: default_roles.yaml  \n\
**Priority**: High  \n\
**Created**: 2026-01-31\n\n\
## 📊 Session Overview\n\n\
Replace the login.\n\n\
- with care\n\n\
## 🎯 Task Groups\n\n\
## 📝 Session Notes\n\n\
### Decisions Made\n\n\
### Key Learnings\n\n\
### Next Steps\n\
";

    #[test]
    fn the_lean_file() {
        let text = session(SessionTemplate::Lean, &new(), None).unwrap();
        assert_eq!(text, LEAN);
        let lifted = read(&text, "auth-overhaul");
        let s = &lifted.session;
        assert_eq!((s.name.as_str(), s.id.as_str()), ("Auth overhaul", "auth-overhaul"));
        assert_eq!((s.status(), s.priority()), (SessionStatus::Active, Some(Priority::High)));
        assert_eq!((s.mode(), s.created()), (Some("default_roles.yaml"), Some("2026-01-31")));
        assert_eq!(lifted.diagnostics, []);
        assert!(lifted.document.is_writable());
    }

    #[test]
    fn what_is_not_said_leaves_no_line() {
        let bare = NewSession { mode: None, priority: None, description: String::new(), ..new() };
        let text = session(SessionTemplate::Lean, &bare, None).unwrap();
        assert!(!text.contains("Mode") && !text.contains("Priority"));
        assert!(!text.contains("\n\n\n"), "{text}");
        let s = read(&text, "auth-overhaul").session;
        assert_eq!((s.mode(), s.priority(), s.status()), (None, None, SessionStatus::Active));
    }

    #[test]
    fn the_full_file_has_the_derived_values() {
        let text = session(SessionTemplate::Full, &new(), None).unwrap();
        let lifted = read(&text, "auth-overhaul");
        assert_eq!(lifted.diagnostics, [], "{text}");
        let kinds: Vec<SectionKind> = lifted.session.sections.iter().map(|s| s.kind).collect();
        assert_eq!(
            kinds,
            [Overview, KeyMetrics, TaskGroups, Notes, Decisions, Learnings, NextSteps, ChangeLog]
        );
        assert_eq!(lifted.session.fact("progress"), Some("0% (0/0 tasks)"));
    }

    #[test]
    fn an_override_is_filled_or_explained() {
        let own = "# {{ name }}\n\n{{ description }}\n{% if mode %}by {{ mode }}{% endif %}\n";
        let text = session(SessionTemplate::Lean, &new(), Some(own)).unwrap();
        assert_eq!(text, "# Auth overhaul\n\nReplace the login.\n\n- with care\nby default_roles.yaml");
        let error = session(SessionTemplate::Lean, &new(), Some("a\n{{ nme }}")).unwrap_err();
        assert_eq!(error.to_string(), "line 2 of the template: there is no value `nme`");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn no_value_breaks_the_file(
            name in "[a-c#*`<>!\\[\\]{}%|\\\\ \n\r\t\u{1b}\u{0}é-]{0,16}",
            description in "(# a|## 🎯 Task Groups|- \\[ \\] x|```|~~~ sh|---|===|<!--|<div>|> |1\\. |- |\\[a\\]: b|\\{\\{ x \\}\\}|<<<<<<< a|>>>>>>> b|  |a|\n|\r|\t|\\*\\*Status\\*\\*: Paused){0,12}",
            mode in "[a-c`<*\\\\ \n]{0,8}",
            full in proptest::bool::ANY,
        ) {
            let kind = if full { SessionTemplate::Full } else { SessionTemplate::Lean };
            let plain = NewSession { description: "a".into(), ..new() };
            let hostile = NewSession { name: name.clone(), description, mode: Some(mode), ..new() };
            let text = session(kind, &hostile, None).unwrap();
            let (good, bad) = (read(&session(kind, &plain, None).unwrap(), "auth-overhaul"), read(&text, "auth-overhaul"));
            let titles = |l: &Lifted| l.session.sections.iter().map(|s| (s.title.clone(), s.level)).collect::<Vec<_>>();
            proptest::prop_assert_eq!(titles(&good), titles(&bad), "{}", text);
            proptest::prop_assert_eq!(bad.session.status(), SessionStatus::Active, "{}", text);
            proptest::prop_assert_eq!(bad.session.priority(), Some(Priority::High), "{}", text);
            proptest::prop_assert_eq!(bad.session.created(), Some("2026-01-31"), "{}", text);
            proptest::prop_assert_eq!(&bad.session.id, "auth-overhaul");
            proptest::prop_assert!(bad.session.tasks.is_empty(), "{}", text);
            proptest::prop_assert!(bad.document.is_writable(), "{}", text);
        }
    }
}
