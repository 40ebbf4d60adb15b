/// Returns what two names are compared by: letters and digits only, lower-cased,
/// everything else one space, trimmed. `🎯 Task  Groups` and `task groups` are equal.
#[must_use]
pub fn norm(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::norm;

    #[test]
    fn only_letters_and_digits_count() {
        for (raw, expected) in [
            ("🎯 Task Groups", "task groups"),
            ("  Backend & API ", "backend api"),
            ("日本語グループ", "日本語グループ"),
            ("***", ""),
        ] {
            assert_eq!(norm(raw), expected);
        }
    }
}
