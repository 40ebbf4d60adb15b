use std::fmt;

/// A date as a task carries it: `YYYY-MM-DD`, optionally with a time and an offset.
///
/// Kept as written; ordered by its text, which for one shape is ordered by time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct DateValue(String);

impl DateValue {
    /// Reads `2025-06-18`, `2025-06-18T09:30`, `2025-06-18T09:30:00Z`, `…+02:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let date: jiff::civil::Date = text.get(..10)?.parse().ok()?;
        let well_formed = text.len() == 10
            || (text.as_bytes()[10] == b'T'
                && (text.parse::<jiff::civil::DateTime>().is_ok()
                    || text.parse::<jiff::Timestamp>().is_ok()));
        (well_formed && date.year() > 0).then(|| Self(text.to_owned()))
    }

    /// The text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::DateValue;

    #[test]
    fn shapes() {
        for ok in [
            "2025-06-18",
            "2025-06-18T09:30",
            "2025-06-18T09:30:00Z",
            "2025-06-18T09:30:00+02:00",
            " 2024-02-29 ",
        ] {
            assert!(DateValue::parse(ok).is_some(), "{ok}");
        }
        for bad in ["", "2025-02-29", "2025-6-1", "soon", "2025-06-18 09:30", "2025-06-18Tnoon", "٢٠٢٥-٠٦-١٨"]
        {
            assert!(DateValue::parse(bad).is_none(), "{bad}");
        }
    }
}
