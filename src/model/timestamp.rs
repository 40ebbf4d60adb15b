use std::fmt;

/// A moment, to the second, in UTC. Parsing and printing are pure; only `env` reads a clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// From seconds since 1970; out-of-range values are clamped.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self(jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0.as_second()
    }

    /// Reads `2026-01-31T12:00:00Z` and the same with an offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse::<jiff::Timestamp>().ok().map(|t| Self::from_unix(t.as_second()))
    }

    /// The date part in UTC: `2026-01-31`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// `2026-01-31 12:00`, for people.
    #[must_use]
    pub fn minute(self) -> String {
        self.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn prints_and_parses() {
        let t = Timestamp::parse("2026-01-31T14:00:00+02:00").unwrap();
        assert_eq!(t.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!((t.date().as_str(), t.minute().as_str()), ("2026-01-31", "2026-01-31 12:00"));
        assert_eq!(Timestamp::from_unix(t.unix()), t);
        assert!(Timestamp::parse("tomorrow").is_none());
    }
}
