/// The two amounts of work of a task, in minutes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Effort {
    /// What it was thought to take.
    pub estimate: Option<u32>,
    /// What it took.
    pub actual: Option<u32>,
}

impl Effort {
    /// Reads a tail effort: `3h`, `3h/4h`, `3h/?`.
    ///
    /// A single amount is an estimate, or the actual effort where `done` (the status word says
    /// completed).
    #[must_use]
    pub fn parse_tail(text: &str, done: bool) -> Option<Self> {
        match text.split_once('/') {
            Some((est, "?")) => Some(Self { estimate: Some(parse_minutes(est)?), actual: None }),
            Some((est, act)) => {
                Some(Self { estimate: Some(parse_minutes(est)?), actual: Some(parse_minutes(act)?) })
            }
            None if done => Some(Self { estimate: None, actual: Some(parse_minutes(text)?) }),
            None => Some(Self { estimate: Some(parse_minutes(text)?), actual: None }),
        }
    }
}

/// Hours in a working day: `1d` = `8h`.
const DAY_HOURS: f64 = 8.0;

/// Reads one amount (`90m`, `90min`, `1.5h`, `2d`) into minutes.
#[must_use]
pub fn parse_minutes(text: &str) -> Option<u32> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = text.split_at(unit_at);
    if number.is_empty() || number.starts_with('.') || number.ends_with('.') {
        return None;
    }
    let factor = match unit {
        "h" => 60.0,
        "m" | "min" => 1.0,
        "d" => 60.0 * DAY_HOURS,
        _ => return None,
    };
    let minutes = (number.parse::<f64>().ok()? * factor).round();
    // Ten thousand days of work is no estimate any more.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was just checked")]
    (0.0..=4_800_000.0).contains(&minutes).then_some(minutes as u32)
}

/// Writes minutes the way people do: `45m`, `3h`, `1.5h`.
#[must_use]
pub fn write_minutes(minutes: u32) -> String {
    match minutes {
        m if m % 60 == 0 => format!("{}h", m / 60),
        m if m > 60 && m % 30 == 0 => format!("{}.5h", m / 60),
        m => format!("{m}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, minutes) in [
            ("3h", Some(180)),
            ("1.5h", Some(90)),
            ("90m", Some(90)),
            ("90min", Some(90)),
            ("2d", Some(960)),
            ("0h", Some(0)),
        ] {
            assert_eq!(parse_minutes(text), minutes, "{text}");
        }
        for bad in
            ["", "h", "3", "3 weeks-ish", "3w", ".5h", "1.h", "1.2.3h", "99999999999999h", "-1h", "NaNh"]
        {
            assert_eq!(parse_minutes(bad), None, "{bad}");
        }
        for (minutes, text) in [(180, "3h"), (90, "1.5h"), (45, "45m"), (0, "0h"), (61, "61m"), (30, "30m")] {
            assert_eq!(write_minutes(minutes), text);
        }
    }

    #[test]
    fn tails() {
        assert_eq!(Effort::parse_tail("3h", false), Some(Effort { estimate: Some(180), actual: None }));
        assert_eq!(Effort::parse_tail("3h", true), Some(Effort { estimate: None, actual: Some(180) }));
        assert_eq!(
            Effort::parse_tail("3h/1.5h", true),
            Some(Effort { estimate: Some(180), actual: Some(90) })
        );
        assert_eq!(Effort::parse_tail("3h/?", true), Some(Effort { estimate: Some(180), actual: None }));
        assert_eq!(Effort::parse_tail("3h/", false), None);
    }
}
