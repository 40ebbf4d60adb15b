use std::fmt;

/// `1 task`, `2 tasks`.
#[derive(Clone, Copy, Debug)]
pub struct Count<'a>(
    /// How many.
    pub usize,
    /// The singular noun; the plural adds `s`.
    pub &'a str,
);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// `` `a` ``, `` `a` or `b` ``, `` `a`, `b`, or `c` ``.
#[derive(Clone, Copy, Debug)]
pub struct List<'a, T>(
    /// The names.
    pub &'a [T],
    /// The word before the last one: `or`, `and`.
    pub &'a str,
);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.len().saturating_sub(1);
        for (i, item) in self.0.iter().enumerate() {
            match (i, last) {
                (0, _) => {}
                (i, 1) if i == last => write!(f, " {} ", self.1)?,
                (i, _) if i == last => write!(f, ", {} ", self.1)?,
                _ => f.write_str(", ")?,
            }
            write!(f, "`{item}`")?;
        }
        Ok(())
    }
}

/// The candidates that `word` was probably meant to be, best first, three at most.
///
/// Measured as similarity of characters; below two thirds nothing is suggested.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut scored: Vec<(f32, &str)> = candidates
        .into_iter()
        .map(|c| (similarity(&word, &c.to_lowercase()), c))
        .filter(|(score, _)| *score >= 0.66)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, c)| c).collect()
}

fn similarity(a: &str, b: &str) -> f32 {
    if b.starts_with(a) && a.chars().count() >= 3 {
        return 0.95;
    }
    let clip = |s: &str| s.chars().take(64).collect::<String>();
    similar::TextDiff::from_chars(clip(a), clip(b)).ratio()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_agree() {
        assert_eq!(Count(1, "task").to_string(), "1 task");
        assert_eq!(Count(0, "task").to_string(), "0 tasks");
        assert_eq!(List(&["a"], "or").to_string(), "`a`");
        assert_eq!(List(&["a", "b"], "or").to_string(), "`a` or `b`");
        assert_eq!(List(&["a", "b", "c"], "or").to_string(), "`a`, `b`, or `c`");
    }

    #[test]
    fn suggestions() {
        assert_eq!(did_you_mean("pendign", ["pending", "completed"]), ["pending"]);
        assert!(did_you_mean("xyz", ["pending", "completed"]).is_empty());
    }
}
