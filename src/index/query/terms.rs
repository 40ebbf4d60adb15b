use super::super::search_queue::{FIRST_NOTE, SCOPE, session_word};
use super::scope::escaped;
use rusqlite::Connection;

use super::super::Result;

/// What a person typed, taken apart. Whatever it holds, it is words to be found, never syntax.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Terms {
    /// Words and quoted phrases, and whether a word may go on.
    words: Vec<(String, bool)>,
    /// All of it, for text that has no words or no spaces between them.
    pub plain: String,
}

/// Words of one search at most.
const MOST: usize = 40;
/// Letters of one word or phrase at most.
const LONGEST: usize = 400;

impl Terms {
    /// Splits at blanks; `"…"` holds words together; the last word may be the beginning of a longer
    /// one where it has three letters or more.
    pub(super) fn of(text: &str) -> Self {
        let plain: String = text.chars().filter(|c| !matches!(*c, '\0' | SCOPE)).collect();
        let mut words: Vec<(String, bool)> = Vec::new();
        let mut last_quoted = false;
        for (i, part) in plain.split('"').enumerate() {
            let quoted = i % 2 == 1;
            let parts: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
            for word in parts.into_iter().filter(|w| w.chars().any(char::is_alphanumeric)) {
                words.push((word.chars().take(LONGEST).collect(), false));
                last_quoted = quoted;
            }
        }
        // A pasted page would make a search of thousands of words; more tell hits apart no better.
        last_quoted &= words.len() <= MOST;
        words.truncate(MOST);
        if let Some((word, open)) = words.last_mut() {
            *open = !last_quoted && word.chars().filter(|c| c.is_alphanumeric()).count() >= 3;
        }
        Self { words, plain: plain.trim().to_owned() }
    }

    /// Whether there is anything for the word index.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it is written in a script without blanks between words, which the word index knows
    /// from their beginning only.
    pub(super) fn unspaced(&self) -> bool {
        self.plain.chars().any(|c| {
            matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
                | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
                | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        })
    }

    /// The expression of the word index: all (or any) words, in these sessions. Where `begun`, the
    /// last word may go on. `columns` is a column filter or empty: filtering costs.
    pub(super) fn expression(&self, columns: &str, joined: &str, begun: bool, sessions: &[i64]) -> String {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|(word, open)| {
                format!("\"{}\"{}", word.replace('"', "\"\""), if *open && begun { " *" } else { "" })
            })
            .collect();
        let mut expression = format!("{columns}({})", words.join(joined));
        if !sessions.is_empty() {
            let words: Vec<String> = sessions.iter().map(|n| format!("\"{}\"", session_word(*n))).collect();
            expression = format!("({expression}) AND ({})", words.join(" OR "));
        }
        expression
    }

    /// Whether the last word may go on.
    pub(super) fn is_begun(&self) -> bool {
        self.words.last().is_some_and(|(_, open)| *open)
    }

    /// A pattern that finds the text as it stands.
    pub(super) fn pattern(&self) -> String {
        format!("%{}%", escaped(&self.plain))
    }

    /// The words alone, for other expressions.
    pub(super) fn only_long(mut self) -> Self {
        self.words.retain(|(word, _)| word.chars().filter(|c| c.is_alphanumeric()).count() >= 3);
        self.words.iter_mut().for_each(|(_, open)| *open = false);
        self
    }
}

/// Rows looked at when text is compared as it stands: the newest ones.
pub(super) const SCANNED: i64 = 20_000;

/// The lowest row of the newest [`SCANNED`] tasks.
pub(super) fn scan_from(conn: &Connection) -> Result<i64> {
    let newest: Option<i64> =
        conn.prepare_cached("SELECT max(rowid) FROM tasks")?.query_row([], |r| r.get(0))?;
    Ok(newest.unwrap_or_default().min(FIRST_NOTE).saturating_sub(SCANNED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Terms::of(text).expression("{title} : ", " AND ", true, &[]), expected);
    }

    #[test]
    fn whatever_is_typed_becomes_quoted_words() {
        check("verify tokens", r#"{title} : ("verify" AND "tokens" *)"#);
        check("foo-bar: OR NOT", r#"{title} : ("foo-bar:" AND "OR" AND "NOT" *)"#);
        check(r#"say "two words" "#, r#"{title} : ("say" AND "two words")"#);
        check(r#"half "open"#, r#"{title} : ("half" AND "open")"#);
        check("do it *", r#"{title} : ("do" AND "it")"#);
        assert!(Terms::of("🎉 *** \0").is_empty());
        assert!(Terms::of("設計").unspaced());
    }
}
