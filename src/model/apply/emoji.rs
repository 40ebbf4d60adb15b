use crate::model::Priority;

/// The emoji that stands for a priority word; an emoji stays one.
#[must_use]
pub fn priority_emoji(value: &str) -> Option<&'static str> {
    Some(match Priority::parse(value)? {
        Priority::Urgent => "🔺",
        Priority::High => "⏫",
        Priority::Medium => "🔼",
        Priority::Low => "🔽",
        Priority::Someday => "⏬",
    })
}
