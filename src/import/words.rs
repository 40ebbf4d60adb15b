//! What other tools write for states, efforts and dates.

use crate::model::{DateValue, Field, TaskStatus, parse_minutes};

use super::{DraftTask, Remark, Report};

/// Reads a state of any of the tools; `None` for an unknown word.
pub(crate) fn status(word: &str) -> Option<TaskStatus> {
    TaskStatus::parse(word).or_else(|| {
        let key: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Some(match key.as_str() {
            "" | "new" | "created" | "draft" | "backlog" | "ready" | "recurring" | "planned" => {
                TaskStatus::Pending
            }
            "running" | "working" | "hooked" => TaskStatus::InProgress,
            "review" | "reviewing" | "testing" => TaskStatus::InReview,
            "hold" | "snoozed" | "pinned" => TaskStatus::OnHold,
            "closed" | "resolved" | "archived" | "verified" => TaskStatus::Completed,
            "deleted" | "dropped" | "rejected" | "tombstone" | "abandoned" => TaskStatus::Cancelled,
            _ => return None,
        })
    })
}

/// A file's text; bytes that are none are replaced, which is told.
pub(crate) fn text(bytes: &[u8], place: &str, report: &mut Report) -> String {
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        let message = format!("the file is not UTF-8 from byte {at} on; what is none was replaced");
        report.find(Remark::BrokenFile, place, message);
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// Sets a task's state from a word; an unknown one stays as a field.
pub(crate) fn set_status(task: &mut DraftTask, word: &str, place: &str, report: &mut Report) {
    if let Some(status) = status(word) {
        task.status = status;
    } else {
        let message =
            format!("the state `{}` is unknown; the task is pending", super::safe::shortened(word, 80));
        report.find(Remark::StatusUnknown, place, message);
        task.set("source-status", word);
    }
}

/// Reads `2 hours`, `1 day`, `90 min`, `3h`, `1.5`; numbers alone are hours.
pub(crate) fn minutes(text: &str) -> Option<u32> {
    let text = text.trim().trim_start_matches('~').to_lowercase();
    if let Some(minutes) = parse_minutes(&text.replace(' ', "")) {
        return Some(minutes);
    }
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().trim_end_matches('.') {
        "" | "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => return parse_minutes(&format!("{number}d")).and_then(|m| m.checked_mul(5)),
        _ => return None,
    };
    parse_minutes(&format!("{number}{unit}"))
}

/// Sets the estimate; text that is no amount stays as a field.
pub(crate) fn set_estimate(task: &mut DraftTask, text: &str, place: &str, report: &mut Report) {
    let text = text.trim();
    if text.is_empty() || matches!(text.to_lowercase().as_str(), "unknown" | "none" | "null" | "tbd") {
        return;
    }
    if let Some(minutes) = minutes(text) {
        task.estimate = Some(minutes);
    } else {
        let message = format!("the effort `{}` is no amount of time", super::safe::shortened(text, 80));
        report.find(Remark::EffortUnreadable, place, message);
        task.set("source-effort", text);
    }
}

/// Which clock a time without zone was written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Clock<'a> {
    /// Coordinated universal time.
    Utc,
    /// Local time, with the offset where somebody named it (`+02:00`).
    Local(Option<&'a str>),
}

/// Brings a date of another tool into ours: `2025-06-08 02:17:14.368647`, `20250618T093000Z`,
/// `2025-06-08T02:17:14Z`, `2025-06-08`. Fractions of a second are left out.
pub(crate) fn date(raw: &str, clock: Clock<'_>) -> Option<String> {
    let raw = raw.trim();
    if DateValue::parse(raw).is_some() && raw.len() == 10 {
        return Some(raw.to_owned());
    }
    let compact = raw.len() >= 15
        && raw.as_bytes().get(8) == Some(&b'T')
        && raw.bytes().take(8).all(|b| b.is_ascii_digit());
    let text = if compact {
        let part = |r: std::ops::Range<usize>| raw.get(r);
        format!(
            "{}-{}-{}T{}:{}:{}{}",
            part(0..4)?,
            part(4..6)?,
            part(6..8)?,
            part(9..11)?,
            part(11..13)?,
            part(13..15)?,
            raw.get(15..)?
        )
    } else {
        raw.replacen(' ', "T", 1)
    };
    let zone_at = text.get(10..)?.find(['Z', '+', '-']).map(|n| n + 10);
    let (moment, zone) = text.split_at(zone_at.unwrap_or(text.len()));
    let moment = moment.split('.').next().unwrap_or(moment);
    let zone = match (zone, clock) {
        ("", Clock::Utc) => "Z",
        ("", Clock::Local(offset)) => offset.unwrap_or(""),
        ("+00:00" | "-00:00" | "+0000", _) => "Z",
        (zone, _) => zone,
    };
    let whole = format!("{moment}{zone}");
    DateValue::parse(&whole).map(|_| whole)
}

/// Sets a date field; text that is no date stays as a field of its own.
pub(crate) fn set_date(
    task: &mut DraftTask,
    field: Field,
    raw: &str,
    clock: Clock<'_>,
    place: &str,
    report: &mut Report,
) {
    if raw.trim().is_empty() {
        return;
    }
    if let Some(date) = date(raw, clock) {
        task.set(field.key(), date);
    } else {
        let message = format!("the date `{}` is unreadable", super::safe::shortened(raw, 80));
        report.find(Remark::DateUnreadable, place, message);
        task.set(&format!("source-{}", field.key()), raw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_people() {
        for (text, expected) in [
            ("2 hours", Some(120)),
            ("1 day", Some(480)),
            ("90 min", Some(90)),
            ("3h", Some(180)),
            ("1.5", Some(90)),
            ("2 weeks", Some(4800)),
            ("a while", None),
            ("", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_of_all_tools() {
        let local = Clock::Local(Some("-05:00"));
        for (raw, clock, expected) in [
            ("2025-06-08 02:17:14.368647", local, Some("2025-06-08T02:17:14-05:00")),
            ("2025-06-08 02:17:14.368647", Clock::Local(None), Some("2025-06-08T02:17:14")),
            ("2025-08-15T07:11:25.607305", Clock::Utc, Some("2025-08-15T07:11:25Z")),
            ("20250618T093000Z", Clock::Utc, Some("2025-06-18T09:30:00Z")),
            ("2026-01-03 20:56", Clock::Local(None), Some("2026-01-03T20:56")),
            ("2025-06-18", Clock::Utc, Some("2025-06-18")),
            ("2025-06-18T09:30:00.5+02:00", Clock::Utc, Some("2025-06-18T09:30:00+02:00")),
            ("soon", Clock::Utc, None),
            ("é2345678T0000000", Clock::Utc, None),
            ("2025-06-1é", Clock::Utc, None),
        ] {
            assert_eq!(date(raw, clock).as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn states_of_all_tools() {
        assert_eq!(status("To Do"), Some(TaskStatus::Pending));
        assert_eq!(status("closed"), Some(TaskStatus::Completed));
        assert_eq!(status("In Progress"), Some(TaskStatus::InProgress));
        assert_eq!(status("wobbly"), None);
    }
}
