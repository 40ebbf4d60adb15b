use super::{Error, Kind};
use std::fmt;
use std::path::Path;

/// One path component that came from outside and is harmless on every platform.
///
/// The only thing from which a path inside the workspace is built. Holds no separator, no `..`, no control
/// character, no leading dot, nothing Windows reserves, and at most [`SafeName::MAX`] bytes, so that a temp
/// file's name can carry it beside two hashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeName(String);

impl SafeName {
    /// The longest name, in bytes.
    pub const MAX: usize = 100;

    /// Accepts `name` if it is safe as it is; never changes it. Otherwise an error of kind `Name`.
    pub fn parse(name: &str) -> Result<Self, Error> {
        if is_safe(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::new(Kind::Name, "use", Path::new(name)))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_safe(name: &str) -> bool {
    let harmless = |c: char| !c.is_control() && !r#"/\:*?"<>|"#.contains(c) && !is_invisible(c);
    !name.is_empty()
        && name.len() <= SafeName::MAX
        && !name.starts_with(['.', ' ', '-'])
        && !name.ends_with(['.', ' '])
        && name.chars().all(harmless)
        && !is_reserved(name)
}

/// Characters that make two names look alike, or a name read backwards.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Device names of Windows, with or without an extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut chars = rest.chars();
            chars.next().is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c)) && chars.next().is_none()
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    #[track_caller]
    fn check(name: &str, safe: bool) {
        assert_eq!(SafeName::parse(name).is_ok(), safe, "{name:?}");
    }

    #[test]
    fn names_people_use_are_accepted() {
        for name in ["a", "2025-11-20-login", "größe", "a b", "v1.2", "com10", "console", "a..b", "日本"]
        {
            check(name, true);
        }
        check(&"x".repeat(100), true);
    }

    #[test]
    fn names_that_lead_elsewhere_or_break_a_platform_are_refused() {
        let names = [
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "a\\b",
            "/a",
            "C:",
            "a:b",
            ".hidden",
            " a",
            "a ",
            "a.",
            "-rf",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{202e}b",
            "nul",
            "CON",
            "con.txt",
            "Com1",
            "LPT9.md",
            "aux .md",
            "COM¹",
            "a*",
            "a?",
            "a|b",
            "<a>",
            "\"",
        ];
        for name in names {
            check(name, false);
        }
        check(&"x".repeat(101), false);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_exactly_one_plain_component(name in "\\PC{0,12}|[./\\\\a:~-]{0,6}") {
            if let Ok(name) = SafeName::parse(&name) {
                let parts: Vec<Component> = Path::new(name.as_str()).components().collect();
                prop_assert_eq!(parts, [Component::Normal(name.as_str().as_ref())]);
            }
        }
    }
}
