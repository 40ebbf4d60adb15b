use regex::{Regex, RegexBuilder};

/// Longest pattern that is read, in bytes.
const MAX_PATTERN: usize = 1_000;
/// Most memory a pattern may take when it is made ready; it never takes more than linear time.
const MAX_BYTES: usize = 1 << 20;

/// The `pattern` of a parameter: a regular expression that the value must hold somewhere, so that the whole value
/// is meant by `^…$`, as in JSON Schema and in the older templates.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Pattern {
    /// Reads a pattern; the error is one sentence.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATTERN {
            return Err(format!("it is longer than {MAX_PATTERN} bytes"));
        }
        let made = RegexBuilder::new(text).size_limit(MAX_BYTES).dfa_size_limit(MAX_BYTES).build();
        made.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it takes too much memory".to_owned(),
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.trim().trim_start_matches("error: ").to_owned()
            }
        })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a value fits.
    #[must_use]
    pub fn fits(&self, value: &str) -> bool {
        self.0.is_match(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_searched_and_never_runs_away() {
        for (pattern, value, expected) in [
            ("^[a-zA-Z0-9_-]+$", "auth-module", true),
            ("^[a-zA-Z0-9_-]+$", "auth module", false),
            ("^\\d{4}-\\d{2}-\\d{2}$", "2025-06-01", true),
            ("^\\d{4}-\\d{2}-\\d{2}$", "soon", false),
            ("REL", "see REL-12", true),
            ("^(a+)+$", &("a".repeat(9_000) + "!"), false),
        ] {
            assert_eq!(Pattern::read(pattern).unwrap().fits(value), expected, "{pattern} {value}");
        }
        for (pattern, why) in [
            ("^[a-z", "unclosed character class"),
            ("(?=x)y", "look-around"),
            ("(a{1000}){1000}", "memory"),
            (&*"x".repeat(2_000), "longer"),
        ] {
            let error = Pattern::read(pattern).unwrap_err();
            assert!(error.contains(why) && !error.contains('\n'), "{pattern}: {error}");
        }
    }
}
