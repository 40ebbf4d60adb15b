use super::{Code, Repair, Severity};
use crate::text::{Edit, TextRange};

/// One finding in one text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// One lower-case sentence, names in backticks.
    pub message: String,
    /// The bytes it is about.
    pub span: TextRange,
    /// What would mend it, where that is known.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding without a fix.
    pub fn new(code: Code, span: TextRange, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, fix: None }
    }

    /// The same finding with a fix.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// How grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.info().severity
    }

    /// Whether a fix is at hand that `check --fix` (safe) would apply.
    #[must_use]
    pub fn is_fixable(&self) -> bool {
        self.fix.as_ref().is_some_and(|f| f.safety == Repair::Safe)
    }
}

/// A splice that would mend a finding.
///
/// Applied only after the new text was parsed again and the finding is gone
/// and nothing of severity warning or above came in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// Imperative, lower-case: "add a space after the checkbox".
    pub title: String,
    /// Whether it may be applied without being looked at.
    pub safety: Repair,
    /// The splices, against the text the finding was made in.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that `check --fix` applies.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety: Repair::Safe, edits }
    }

    /// A fix that only `check --unsafe-fixes` applies.
    pub fn unsafe_(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety: Repair::Unsafe, edits }
    }
}
