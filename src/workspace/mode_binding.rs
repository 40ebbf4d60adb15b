use crate::config::{HistoryEntry, Mode, ModeBinding, Setting, read_history};
use crate::diagnostic::Diagnostic;
use crate::disk::SafeName;
use crate::index::SessionRow;

use super::modes::mode_among;
use super::{Error, ModeFile, ModePlace, OwnText, ReadMode, Workspace};

/// What says which mode a session works by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoundBy {
    /// `mode_binding.yaml`.
    Binding,
    /// The header of `session.md`.
    Header,
    /// Nothing: it is the default.
    Default,
}

impl BoundBy {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Header => "header",
            Self::Default => "default",
        }
    }

    /// Whether a mode that is stated like this rules; `named` is the file of that name, where it can be used.
    fn lets_rule(self, named: Option<&ModeFile>) -> bool {
        match self {
            Self::Binding => true,
            Self::Header => named.is_some_and(|file| file.place != ModePlace::BuiltIn),
            Self::Default => false,
        }
    }
}

/// The mode of a session.
#[derive(Clone, Debug)]
pub struct BoundMode {
    /// The mode's file name as it is stated.
    pub wanted: String,
    /// What states it.
    pub by: BoundBy,
    /// The binding, where there is a readable one.
    pub binding: Option<ModeBinding>,
    /// The binding's text with what is wrong with it.
    pub source: OwnText,
    /// What is wrong with the binding.
    pub findings: Vec<Diagnostic>,
    /// The mode that counts.
    pub used: ReadMode,
    /// The mode that is stated, where another one counts.
    pub broken: Option<ReadMode>,
    /// Why another one counts than is stated.
    pub fallback: Option<String>,
}

impl BoundMode {
    /// The mode whose rules shape what is added to the session. A plan that merely says a name, or
    /// nothing, is left as it is.
    #[must_use]
    pub fn rules(&self) -> Option<&Mode> {
        let named = self.fallback.is_none().then_some(&self.used.file);
        self.by.lets_rule(named).then_some(&self.used.mode)
    }
}

/// Which mode a session states, whether it is there or not.
#[derive(Clone, Debug)]
pub struct StatedMode {
    /// The mode's file name.
    pub wanted: String,
    /// What states it.
    pub by: BoundBy,
    /// The binding, where there is a readable one.
    pub binding: Option<ModeBinding>,
    /// The binding's text with what is wrong with it.
    pub source: OwnText,
    /// What is wrong with the binding.
    pub findings: Vec<Diagnostic>,
}

impl Workspace {
    /// Which mode a session states; `files` are those of [`Workspace::mode_files`].
    ///
    /// The binding and the header say the same unless somebody edited one of them: then the one that
    /// differs from the history's last entry is meant, and the header where both do.
    pub fn stated_mode(&self, row: &SessionRow, files: &[ModeFile]) -> Result<StatedMode, Error> {
        let directory = SafeName::parse(&row.directory)?;
        let source = self.own_text(&self.disk.layout().mode_binding(&directory));
        let (binding, findings) = match &source {
            None => (None, Vec::new()),
            Some(OwnText { refused: Some(finding), .. }) => (None, vec![finding.clone()]),
            Some(own) => ModeBinding::parse(&own.text),
        };
        let header = row.mode.as_deref();
        let stated = header.map(|word| mode_among(files, word).map_or(word, |f| f.name.as_str()));
        let (wanted, by) = match (&binding, stated) {
            (Some(bound), Some(stated)) if bound.mode_file != stated => {
                let last = self.last_bound(&row.identity);
                if last.as_deref() == Some(stated) {
                    (bound.mode_file.clone(), BoundBy::Binding)
                } else {
                    (stated.to_owned(), BoundBy::Header)
                }
            }
            (Some(bound), _) => (bound.mode_file.clone(), BoundBy::Binding),
            (None, Some(stated)) => (stated.to_owned(), BoundBy::Header),
            (None, None) => (self.settings.word(Setting::DefaultMode), BoundBy::Default),
        };
        Ok(StatedMode { wanted, by, binding, source: source.unwrap_or_default(), findings })
    }

    /// Which mode a session works by, and what stands in for it where it is broken.
    pub fn bound_mode(&self, row: &SessionRow) -> Result<BoundMode, Error> {
        let files = self.mode_files()?;
        let stated = self.stated_mode(row, &files)?;
        self.bound(stated, &files)
    }

    /// The mode whose rules shape what is added to a session, as [`BoundMode::rules`] tells it. Most plans have none,
    /// and no mode is read to say so.
    pub fn ruling_mode(&self, row: &SessionRow) -> Result<Option<BoundMode>, Error> {
        let directory = SafeName::parse(&row.directory)?;
        let binding = self.disk.layout().mode_binding(&directory);
        if row.mode.is_none() && !self.disk.is_there(&binding).unwrap_or(true) {
            return Ok(None);
        }
        let files = self.mode_files()?;
        let stated = self.stated_mode(row, &files)?;
        let may_rule = stated.by.lets_rule(mode_among(&files, &stated.wanted));
        let bound = if may_rule { Some(self.bound(stated, &files)?) } else { None };
        Ok(bound.filter(|bound| bound.rules().is_some()))
    }

    fn bound(&self, stated: StatedMode, files: &[ModeFile]) -> Result<BoundMode, Error> {
        let StatedMode { wanted, by, binding, source, findings } = stated;
        let (used, broken, fallback) = match mode_among(files, &wanted) {
            None => (self.fallback_mode()?, None, Some(format!("there is no mode `{wanted}`"))),
            Some(file) => {
                let read = self.read_mode(file);
                if read.is_usable() {
                    (read, None, None)
                } else {
                    let why = format!("the mode `{}` is broken", file.name);
                    (self.fallback_mode()?, Some(read), Some(why))
                }
            }
        };
        Ok(BoundMode { wanted, by, binding, source, findings, used, broken, fallback })
    }

    /// The history of modes, oldest first; its text too.
    #[must_use]
    pub fn mode_history(&self) -> (Vec<HistoryEntry>, OwnText, Vec<Diagnostic>) {
        let path = self.mode_history_path();
        let own = self.own_text(&path).unwrap_or_default();
        let (entries, findings) = match &own.refused {
            Some(finding) => (Vec::new(), vec![finding.clone()]),
            None => read_history(&own.text),
        };
        (entries, own, findings)
    }

    /// Where the history is.
    #[must_use]
    pub fn mode_history_path(&self) -> std::path::PathBuf {
        self.disk.layout().modes().join("mode_history.yaml")
    }

    fn last_bound(&self, session: &str) -> Option<String> {
        let (entries, ..) = self.mode_history();
        entries.into_iter().rev().find(|e| e.success && e.session_id == session).map(|e| e.to_mode)
    }
}
