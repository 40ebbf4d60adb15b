use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::LineIndex;

use super::check::{FileFindings, diagnostic_view};
use super::{DiagnosticView, ErrorCode, OpError};

/// A finding in a mode, template or binding, with a next step.
#[derive(Clone, Debug, Serialize)]
pub struct OwnFinding {
    /// What, where.
    #[serde(flatten)]
    pub finding: DiagnosticView,
    /// What to do.
    pub hint: String,
}

/// The findings of one text, by place.
pub(super) fn own_findings(path: &str, text: &str, findings: &[Diagnostic]) -> Vec<OwnFinding> {
    let lines = LineIndex::new(text);
    let mut views: Vec<OwnFinding> = findings
        .iter()
        .map(|d| OwnFinding { finding: diagnostic_view(path, &lines, d), hint: hint(d.code, path) })
        .collect();
    views.sort_by_key(|v| (v.finding.span.0, v.finding.code.clone()));
    views
}

/// The same with the text, for rendering.
pub(super) fn with_source(path: &str, text: &str, findings: &[Diagnostic]) -> FileFindings {
    let mut findings = findings.to_vec();
    findings.sort_by_key(|d| (d.span.start, d.code));
    FileFindings::new(path.to_owned(), text.to_owned(), findings)
}

/// The error for a file that cannot be used, from the first finding that says why.
pub(super) fn unusable(
    code: ErrorCode,
    path: &str,
    text: &str,
    findings: &[Diagnostic],
    hint: &str,
) -> OpError {
    let Some(first) = findings.iter().find(|d| d.severity() >= Severity::Error) else {
        return OpError::new(code, format!("`{path}` cannot be used")).hint(hint);
    };
    let at = LineIndex::new(text).line_col(first.span.start);
    OpError::new(code, format!("`{path}:{}:{}`: {}", at.line, at.column, first.message))
        .hint(hint)
        .with("diagnostic", first.code.info().code)
        .with("path", path)
        .with("line", at.line)
        .with("column", at.column)
}

fn hint(code: Code, path: &str) -> String {
    let what = match code {
        Code::M001 => "mend the syntax at that place",
        Code::M002 => "correct the key, or leave it: it is kept",
        Code::M003 => "add the role, or list your own in `validation_rules.required_roles`",
        Code::M004 => "define the role, or name one that is there",
        Code::M005 => "take one of the names out of the circle",
        Code::M006 => "make it smaller",
        Code::M008 => "run `plandown template show NAME` for the parameters",
        Code::M009 => "write a value of the kind that is named",
        _ => "look at the file",
    };
    let is_mode = path.contains("/roles/") || path.contains("/custom_modes/") || path.contains("/modes/");
    match code {
        Code::M001 | Code::M005 | Code::M006 | Code::M009 if is_mode => {
            format!(
                "{what}; or take a good copy with `plandown mode validate --repair`; `plandown explain {code}`"
            )
        }
        Code::M008 => what.to_owned(),
        _ => format!("{what}; `plandown explain {code}`"),
    }
}
