use std::fmt;

/// The state of a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum TaskStatus {
    /// Not begun.
    Pending,
    /// Being worked on.
    InProgress,
    /// Cannot go on.
    Blocked,
    /// Waiting for a reviewer.
    InReview,
    /// Put aside on purpose.
    OnHold,
    /// Tried without success; open until someone decides.
    Failed,
    /// Done.
    Completed,
    /// Will not be done; does not count in progress.
    Cancelled,
}

impl TaskStatus {
    /// All, open ones first.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::InProgress,
        Self::Blocked,
        Self::InReview,
        Self::OnHold,
        Self::Failed,
        Self::Completed,
        Self::Cancelled,
    ];

    /// Reads a status word; case, space, `_` and `-` do not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Nearly every word is written as we write it.
        if let Some(same) = Self::ALL.into_iter().find(|s| s.word() == text) {
            return Some(same);
        }
        let key: String =
            text.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect();
        Some(match key.as_str() {
            "pending" | "todo" | "open" | "notstarted" => Self::Pending,
            "inprogress" | "active" | "doing" | "wip" | "started" => Self::InProgress,
            "blocked" | "waiting" => Self::Blocked,
            "inreview" | "needsreview" => Self::InReview,
            "onhold" | "deferred" | "paused" => Self::OnHold,
            "failed" | "error" => Self::Failed,
            "completed" | "complete" | "done" | "finished" => Self::Completed,
            "cancelled" | "canceled" | "declined" | "obsolete" | "wontfix" => Self::Cancelled,
            _ => return None,
        })
    }

    /// The status a checkbox symbol alone stands for; `None` for an unknown symbol.
    #[must_use]
    pub fn of_symbol(symbol: char) -> Option<Self> {
        Some(match symbol {
            ' ' | '\t' | '\n' | '\r' => Self::Pending,
            '/' | '@' => Self::InProgress,
            '?' => Self::InReview,
            '>' => Self::OnHold,
            'x' | 'X' => Self::Completed,
            '-' | '~' => Self::Cancelled,
            _ => return None,
        })
    }

    /// The word written into a file: `In Progress`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "In Progress",
            Self::Blocked => "Blocked",
            Self::InReview => "In Review",
            Self::OnHold => "On Hold",
            Self::Failed => "Failed",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The word of JSON, arguments and the index: `in_progress`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Blocked => "blocked",
            Self::InReview => "in_review",
            Self::OnHold => "on_hold",
            Self::Failed => "failed",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether work remains.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Completed | Self::Cancelled)
    }

    /// The states this one may turn into, itself excluded.
    #[must_use]
    pub fn successors(self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|&to| to != self && self.may_become(to)).collect()
    }

    /// Whether `self → to` is allowed; staying is always allowed.
    ///
    /// An open state may become any other; completed may be reopened; cancelled may go back to
    /// pending; failed may be tried again, or given up.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        if self == to {
            return true;
        }
        match self {
            Self::Completed => matches!(to, Self::Pending | Self::InProgress),
            Self::Cancelled => to == Self::Pending,
            Self::Failed => matches!(to, Self::Pending | Self::InProgress | Self::Cancelled),
            _ => true,
        }
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::TaskStatus as S;

    #[test]
    fn words_parse_back() {
        for s in S::ALL {
            assert_eq!(S::parse(s.word()), Some(s));
            assert_eq!(S::parse(s.key()), Some(s));
        }
        assert_eq!(S::parse("IN-PROGRESS"), Some(S::InProgress));
        assert_eq!(S::parse("really"), None);
    }

    #[test]
    fn transitions() {
        assert_eq!(S::Completed.successors(), [S::Pending, S::InProgress]);
        assert_eq!(S::Cancelled.successors(), [S::Pending]);
        assert_eq!(S::Failed.successors(), [S::Pending, S::InProgress, S::Cancelled]);
        assert_eq!(S::Blocked.successors().len(), 7);
    }
}
