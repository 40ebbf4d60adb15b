use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::disk::SafeName;
use crate::text::TextRange;
use crate::workspace::{BoundBy, ReadMode, session_path};

use super::check::FileFindings;
use super::mode_show::binding_path;
use super::mode_view::shown_path;
use super::{Context, OpError};

/// Sessions whose mode is gone or broken, bindings that cannot be read, and what is wrong with the modes
/// that are meant.
pub(super) fn check_modes(
    cx: &Context<'_>,
    directories: &[SafeName],
    files: &mut Vec<FileFindings>,
) -> Result<(), OpError> {
    let modes = cx.workspace.mode_files()?;
    let mut read: BTreeMap<String, Option<ReadMode>> = BTreeMap::new();
    for directory in directories {
        let Some(row) = cx.workspace.index().session(directory.as_str())? else { continue };
        let stated = cx.workspace.stated_mode(&row, &modes)?;
        let mut findings = stated.findings;
        if stated.by != BoundBy::Default {
            let mode = read.entry(stated.wanted.clone()).or_insert_with(|| {
                let file = modes.iter().find(|f| f.name == stated.wanted);
                file.map(|file| cx.workspace.read_mode(file))
            });
            let why = match mode {
                Some(mode) if mode.is_usable() => None,
                Some(mode) => Some(format!("the mode `{}` is broken", mode.file.name)),
                // A plan that merely names a mode nobody has is bound to none.
                None if stated.by == BoundBy::Header => None,
                None => Some(format!("there is no mode `{}`", stated.wanted)),
            };
            if let Some(why) = why {
                let finding = Diagnostic::new(
                    Code::M007,
                    TextRange::default(),
                    format!("{why}; the default roles are used instead"),
                );
                let own = session_path(directory.as_str());
                let plan = files.iter_mut().find(|f| f.path == own).filter(|_| stated.by == BoundBy::Header);
                if let Some(file) = plan {
                    file.findings.push(finding);
                    if file.text.is_empty() {
                        file.keep_of(&cx.workspace.snapshot(directory)?);
                    }
                } else {
                    let at = stated.source.text.find(&stated.wanted);
                    let span = at.map(|at| TextRange::new(at, at + stated.wanted.len()));
                    findings.push(Diagnostic { span: span.unwrap_or_default(), ..finding });
                }
            }
        }
        if !findings.is_empty() {
            let path = binding_path(directory.as_str());
            files.push(FileFindings::new(path, stated.source.text, findings));
        }
    }
    for mode in read.into_values().flatten().filter(|m| !m.is_usable()) {
        let errors: Vec<Diagnostic> =
            mode.findings.iter().filter(|d| d.severity() >= Severity::Error).cloned().collect();
        files.push(FileFindings::new(shown_path(cx, &mode.file), mode.text, errors));
    }
    Ok(())
}
