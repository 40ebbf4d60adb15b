use std::fmt;

/// How urgent: 1 urgent … 5 someday.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Priority {
    /// 1
    Urgent = 1,
    /// 2
    High = 2,
    /// 3
    Medium = 3,
    /// 4
    Low = 4,
    /// 5
    Someday = 5,
}

impl Priority {
    /// All, most urgent first.
    pub const ALL: [Self; 5] = [Self::Urgent, Self::High, Self::Medium, Self::Low, Self::Someday];

    /// Reads a word (`high`, `highest`, `critical`), a number 1–5 or an Obsidian emoji.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('\u{fe0f}').to_lowercase();
        Some(match text.as_str() {
            "urgent" | "highest" | "critical" | "1" | "🔺" => Self::Urgent,
            "high" | "2" | "⏫" => Self::High,
            "medium" | "normal" | "3" | "🔼" => Self::Medium,
            "low" | "4" | "🔽" => Self::Low,
            "someday" | "lowest" | "5" | "⏬" => Self::Someday,
            _ => return None,
        })
    }

    /// The word of the JSON contract, also what is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Someday => "someday",
        }
    }

    /// 1–5.
    #[must_use]
    pub fn level(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Priority;

    #[test]
    fn words_numbers_and_emoji() {
        for p in Priority::ALL {
            assert_eq!(Priority::parse(p.word()), Some(p));
            assert_eq!(Priority::parse(&p.level().to_string()), Some(p));
        }
        assert_eq!(Priority::parse("⏫"), Some(Priority::High));
        assert_eq!(Priority::parse("High"), Some(Priority::High));
        assert_eq!(Priority::parse("6"), None);
    }
}
