use crate::model::TaskStatus;

/// The state that symbol and word say together, and whether they contradict each other.
///
/// The symbol decides between open and closed, the word which of them. An open checkbox with
/// a word for "cancelled" is cancelled, and no contradiction.
pub(super) fn resolve(symbol: char, word: Option<TaskStatus>) -> (TaskStatus, bool) {
    let by_symbol = TaskStatus::of_symbol(symbol).unwrap_or(TaskStatus::Pending);
    match word {
        None => (by_symbol, false),
        Some(TaskStatus::Cancelled) => (TaskStatus::Cancelled, false),
        Some(word) if word.is_open() == by_symbol.is_open() => (word, false),
        Some(_) => (by_symbol, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TaskStatus::*;

    #[test]
    fn the_checkbox_beats_the_word() {
        for (symbol, word, expected) in [
            (' ', None, (Pending, false)),
            (' ', Some(InProgress), (InProgress, false)),
            (' ', Some(Completed), (Pending, true)),
            (' ', Some(Cancelled), (Cancelled, false)),
            ('x', None, (Completed, false)),
            ('x', Some(Pending), (Completed, true)),
            ('x', Some(Cancelled), (Cancelled, false)),
            ('/', Some(Blocked), (Blocked, false)),
            ('-', Some(InProgress), (Cancelled, true)),
            ('-', Some(Completed), (Completed, false)),
            ('!', None, (Pending, false)),
            ('日', Some(Failed), (Failed, false)),
        ] {
            assert_eq!(resolve(symbol, word), expected, "{symbol:?} {word:?}");
        }
    }
}
