use crate::diagnostic::{Code, Diagnostic};
use crate::disk::SafeName;
use crate::text::TextRange;
use crate::workspace::session_path;

use super::check::FileFindings;
use super::{Context, OpError};

/// What waits for `sync` or for a person: open conflicts, outdated saves, interrupted writes.
pub(super) fn check_state(cx: &Context<'_>, files: &mut Vec<FileFindings>) -> Result<(), OpError> {
    for conflict in cx.workspace.conflicts()?.iter().filter(|c| c.is_open()) {
        let path = session_path(&conflict.session);
        let Some(file) = files.iter_mut().find(|f| f.path == path) else { continue };
        let code = if conflict.kind == "truncation" { Code::X005 } else { Code::X003 };
        let message = format!(
            "{}: ours and theirs differ; decide with `plandown conflicts resolve {}`",
            conflict.subject(),
            conflict.id
        );
        let snapshot = SafeName::parse(&conflict.session).ok().and_then(|d| cx.workspace.snapshot(&d).ok());
        let span = snapshot.as_ref().map_or(TextRange::default(), |s| place(s.text(), conflict));
        file.findings.push(Diagnostic::new(code, span, message));
        if let Some(snapshot) = snapshot {
            file.keep_of(&snapshot);
        }
    }
    let indexed = cx.workspace.index().revisions()?;
    for file in files.iter_mut() {
        let name = file.path.strip_suffix("/session.md").and_then(|p| p.rsplit('/').next());
        let Some(Ok(name)) = name.map(SafeName::parse) else { continue };
        if cx.workspace.stale_pending(&name, indexed.get(name.as_str()).copied())? {
            let message =
                "the file was saved from an outdated buffer; `plandown sync` brings back what it undid";
            file.findings.push(Diagnostic::new(Code::X006, TextRange::default(), message));
        }
    }
    if cx.workspace.disk().recovery_pending() {
        let message = "an interrupted write waits; `plandown sync` finishes it or takes it back";
        let finding = Diagnostic::new(Code::X007, TextRange::default(), message);
        let path = ".task_orchestrator/.state".to_owned();
        files.push(FileFindings::new(path, String::new(), vec![finding]));
    }
    Ok(())
}

/// The line of the task a conflict is about, else the file's beginning.
fn place(text: &str, conflict: &crate::workspace::Conflict) -> TextRange {
    let crate::workspace::About::Task { id: Some(id), .. } = &conflict.about else {
        return TextRange::default();
    };
    let Some(at) = text.find(&format!("^{id}")) else { return TextRange::default() };
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    TextRange::new(start, end)
}
