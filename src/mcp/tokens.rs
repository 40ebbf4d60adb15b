use super::tool::{Profile, listed};

/// What one tool costs a model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRow {
    /// Its whole name.
    pub name: String,
    /// Estimated tokens of its name, description and schema.
    pub tokens: usize,
}

impl TokenRow {
    /// A row for every tool a profile lists.
    #[must_use]
    pub fn of(profile: Profile) -> Vec<Self> {
        listed(profile)
            .map(|t| Self { name: t.full_name(), tokens: count_tokens(&t.visible().to_string()) })
            .collect()
    }
}

/// An estimate of what a text costs, rather a little too high than too low.
///
/// Counts the pieces into which the tokenizers of current models cut a text before they look
/// anything up (a run of letters with at most one sign before it, up to three digits, a run of
/// signs), and one more for every further four signs, and four letters after the seventh. It is no
/// tokenizer; of the lists of tools it says up to a twentieth more than `o200k_base` does, which
/// `tests/clients.sh` counts with.
#[must_use]
pub fn count_tokens(text: &str) -> usize {
    let mut tokens = 0;
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let run =
        |from: usize, test: &dyn Fn(char) -> bool| chars[from..].iter().take_while(|c| test(**c)).count();
    let letter = |c: char| c.is_alphabetic();
    let digit = |c: char| c.is_numeric();
    let sign = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    while at < chars.len() {
        let c = chars[at];
        if letter(c) || (!digit(c) && chars.get(at + 1).is_some_and(|n| letter(*n))) {
            let lead = usize::from(!letter(c));
            let letters = run(at + lead, &letter);
            tokens += 1 + letters.saturating_sub(7).div_ceil(4);
            at += lead + letters;
        } else if digit(c) {
            let digits = run(at, &digit);
            tokens += digits.div_ceil(3);
            at += digits;
        } else if c.is_whitespace() {
            tokens += 1;
            at += run(at, &char::is_whitespace);
        } else {
            let signs = run(at, &sign);
            tokens += signs.div_ceil(4);
            at += signs;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, tokens: usize) {
        assert_eq!(count_tokens(text), tokens, "{text}");
    }

    #[test]
    fn pieces_are_counted() {
        check("", 0);
        check("word", 1);
        check("two words", 2);
        check(r#"{"type":"string"}"#, 5);
        check("orchestrator_plan_task", 5);
        check("2026-03-18", 6);
    }

    #[test]
    fn the_profiles_keep_their_budgets() {
        for (profile, budget) in [(Profile::Core, 1000), (Profile::Full, 3000)] {
            let total: usize = TokenRow::of(profile).iter().map(|r| r.tokens).sum();
            assert!(total <= budget, "{} costs {total}", profile.word());
        }
    }
}
