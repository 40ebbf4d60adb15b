/// Splits a command the way a shell does: blanks separate, quotes and backslashes protect.
pub(super) fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut some, mut quote) = (Vec::new(), String::new(), false, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                some = true;
            }
            (Some(q), c) if q == c => quote = None,
            (None | Some('"'), '\\')
                if chars.peek().is_some_and(|n| matches!(n, '"' | '\'' | '\\' | ' ')) =>
            {
                word.extend(chars.next());
                some = true;
            }
            (None, c) if c.is_whitespace() => {
                if std::mem::take(&mut some) {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, c) => {
                word.push(c);
                some = true;
            }
        }
    }
    if some {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn like_a_shell() {
        assert_eq!(split("code --wait"), ["code", "--wait"]);
        assert_eq!(
            split(r#"'my editor' -c "set \"x\"" C:\bin"#),
            ["my editor", "-c", "set \"x\"", r"C:\bin"]
        );
        assert!(split("  ").is_empty());
    }
}
