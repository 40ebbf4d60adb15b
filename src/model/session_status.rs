use std::fmt;

/// The state of a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum SessionStatus {
    /// Being set up (transient).
    Creating,
    /// Being worked on.
    Active,
    /// Put aside; can be resumed.
    Paused,
    /// Being taken up again (transient).
    Resuming,
    /// Being closed (transient).
    Completing,
    /// All work is done.
    Completed,
    /// In long-term storage.
    Archived,
    /// Ended early.
    Cancelled,
    /// Needs a person.
    Error,
}

impl SessionStatus {
    /// All states.
    pub const ALL: [Self; 9] = [
        Self::Creating,
        Self::Active,
        Self::Paused,
        Self::Resuming,
        Self::Completing,
        Self::Completed,
        Self::Archived,
        Self::Cancelled,
        Self::Error,
    ];

    /// Reads a state or one of its aliases (`initializing`, `suspended`, `failed`, …).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_lowercase().as_str() {
            "creating" | "initializing" | "created" => Self::Creating,
            "active" => Self::Active,
            "paused" | "suspended" | "inactive" => Self::Paused,
            "resuming" => Self::Resuming,
            "completing" => Self::Completing,
            "completed" | "complete" | "done" => Self::Completed,
            "archived" => Self::Archived,
            "cancelled" | "canceled" => Self::Cancelled,
            "error" | "failed" => Self::Error,
            _ => return None,
        })
    }

    /// The word of JSON and the index.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Resuming => "resuming",
            Self::Completing => "completing",
            Self::Completed => "completed",
            Self::Archived => "archived",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }

    /// The word written into a file: `Active`.
    #[must_use]
    pub fn word(self) -> String {
        let key = self.key();
        key[..1].to_uppercase() + &key[1..]
    }

    /// Whether the session can still be worked on.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Completed | Self::Archived | Self::Cancelled)
    }

    /// The states a user can move to from here, in one step or through a transient state.
    #[must_use]
    pub fn successors(self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|&to| to != self && self.may_become(to)).collect()
    }

    /// Whether `self → to` is allowed; staying always is. Steps through `resuming` and
    /// `completing` count as one.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        self == to
            || self.step(to)
            || [Self::Resuming, Self::Completing].into_iter().any(|via| self.step(via) && via.step(to))
    }

    fn step(self, to: Self) -> bool {
        use SessionStatus as S;
        match self {
            S::Creating => matches!(to, S::Active | S::Paused | S::Cancelled | S::Error),
            S::Active => matches!(to, S::Paused | S::Completing | S::Cancelled | S::Error),
            S::Paused => matches!(to, S::Resuming | S::Archived | S::Cancelled | S::Error),
            S::Resuming => matches!(to, S::Active | S::Paused | S::Error),
            S::Completing => matches!(to, S::Completed | S::Active | S::Error),
            S::Completed => to == S::Archived,
            S::Archived => to == S::Resuming,
            S::Cancelled => to == S::Archived,
            S::Error => matches!(to, S::Resuming | S::Cancelled),
        }
    }
}

impl fmt::Display for SessionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::SessionStatus as S;

    #[test]
    fn user_level_edges_hold() {
        for (from, to, allowed) in [
            (S::Creating, S::Active, true),
            (S::Paused, S::Active, true),
            (S::Active, S::Completed, true),
            (S::Archived, S::Active, true),
            (S::Error, S::Active, true),
            (S::Cancelled, S::Archived, true),
            (S::Completed, S::Active, false),
            (S::Cancelled, S::Active, false),
            (S::Active, S::Archived, false),
        ] {
            assert_eq!(from.may_become(to), allowed, "{from} → {to}");
        }
    }

    #[test]
    fn words_parse_back() {
        for s in S::ALL {
            assert_eq!(S::parse(&s.word()), Some(s));
        }
        assert_eq!(S::parse("Suspended"), Some(S::Paused));
    }
}
