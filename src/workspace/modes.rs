use std::path::PathBuf;

use crate::config::{DEFAULT_MODE, Mode, SHIPPED_MODES, is_mode_file_name, shipped_mode};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{ContentHash, TextRange};

use super::{Error, OwnText, Workspace};

/// Where a mode's file is; the first place that has the name is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModePlace {
    /// `roles/`
    Roles,
    /// `custom_modes/`, or `roles/custom_modes/` of the older tool.
    Custom,
    /// `*_roles.yaml` beside `.task_orchestrator`, as the older tool had it.
    Project,
    /// In the program.
    BuiltIn,
}

impl ModePlace {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Custom => "custom",
            Self::Project => "project",
            Self::BuiltIn => "built-in",
        }
    }
}

/// A mode that can be named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModeFile {
    /// Its file name.
    pub name: String,
    /// Where it is.
    pub place: ModePlace,
    /// Its file; for a built-in one, where it would be copied to.
    pub path: PathBuf,
}

/// A mode, read.
#[derive(Clone, Debug)]
pub struct ReadMode {
    /// Which file.
    pub file: ModeFile,
    /// Its text.
    pub text: String,
    /// What it says.
    pub mode: Mode,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
    /// The hash of its bytes, where they were read.
    pub hash: Option<ContentHash>,
}

impl ReadMode {
    /// Whether a session can work by it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        Mode::is_usable(&self.findings)
    }

    /// A mode from bytes.
    #[must_use]
    pub fn of(file: ModeFile, own: OwnText) -> Self {
        let OwnText { text, refused, hash } = own;
        let (mode, mut findings) = match refused {
            Some(finding) => (Mode::default(), vec![finding]),
            None => Mode::parse(&text),
        };
        if !is_mode_file_name(&file.name) {
            let message = format!("`{}` cannot be a mode's file name; rename it", file.name);
            findings.push(Diagnostic::new(Code::M009, TextRange::default(), message));
        }
        Self { file, text, mode, findings, hash }
    }

    fn built_in(file: ModeFile) -> Self {
        let text = shipped_mode(&file.name).map_or("", |f| f.text);
        Self::of(file, OwnText::of(text.as_bytes()))
    }
}

impl Workspace {
    /// Every mode there is, by name; of two with one name the one that counts.
    pub fn mode_files(&self) -> Result<Vec<ModeFile>, Error> {
        let layout = self.disk.layout();
        let places = [
            (ModePlace::Roles, layout.roles()),
            (ModePlace::Custom, layout.custom_modes()),
            (ModePlace::Custom, layout.roles().join("custom_modes")),
            (ModePlace::Project, layout.root().to_owned()),
        ];
        let mut found: Vec<ModeFile> = Vec::new();
        for (place, dir) in places {
            for suffix in [".yaml", ".yml"] {
                // A place that cannot be listed has no modes; it keeps nobody from working.
                for (path, _) in self.disk.files_in(&dir, suffix).unwrap_or_default() {
                    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                    let stem = name.trim_end_matches(suffix);
                    let is_mode = place != ModePlace::Project || stem.ends_with("_roles");
                    if is_mode && !found.iter().any(|f| f.name == name) {
                        found.push(ModeFile { name, place, path });
                    }
                }
            }
        }
        for shipped in SHIPPED_MODES {
            if !found.iter().any(|f| f.name == shipped.name) {
                found.push(self.built_in_mode(shipped.name));
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn built_in_mode(&self, name: &str) -> ModeFile {
        let path = self.disk.layout().roles().join(name);
        ModeFile { name: name.to_owned(), place: ModePlace::BuiltIn, path }
    }

    /// The mode that `word` names: its file name, with or without ending; ASCII case does not matter.
    pub fn mode_named(&self, word: &str) -> Result<Option<ModeFile>, Error> {
        Ok(mode_among(&self.mode_files()?, word).cloned())
    }

    /// Reads a mode. A file that went away meanwhile is an unreadable one.
    #[must_use]
    pub fn read_mode(&self, file: &ModeFile) -> ReadMode {
        if file.place == ModePlace::BuiltIn {
            return ReadMode::built_in(file.clone());
        }
        let own = self.own_text(&file.path).unwrap_or_else(|| OwnText {
            refused: Some(Diagnostic::new(Code::X009, TextRange::default(), "the file is gone")),
            ..OwnText::default()
        });
        ReadMode::of(file.clone(), own)
    }

    /// The mode to go on with where another one is broken: the workspace's default roles if they can
    /// be used, else those in the program.
    pub fn fallback_mode(&self) -> Result<ReadMode, Error> {
        if let Some(file) = self.mode_named(DEFAULT_MODE)? {
            let read = self.read_mode(&file);
            if read.is_usable() {
                return Ok(read);
            }
        }
        Ok(ReadMode::built_in(self.built_in_mode(DEFAULT_MODE)))
    }

    /// Where a mode's text as it was shipped then is kept, to merge later ones with.
    #[must_use]
    pub fn shipped_then(&self, name: &str) -> PathBuf {
        shipped_then(&self.disk, name)
    }
}

/// The mode that `word` names: its file name, with or without ending; ASCII case does not matter.
pub(super) fn mode_among<'f>(files: &'f [ModeFile], word: &str) -> Option<&'f ModeFile> {
    let stem = |name: &str| name.trim_end_matches(".yaml").trim_end_matches(".yml").to_lowercase();
    let wanted = stem(word.trim());
    let exact = files.iter().find(|f| f.name == word.trim());
    exact.or_else(|| files.iter().find(|f| stem(&f.name) == wanted))
}

/// `modes/shipped/<name>`.
pub(super) fn shipped_then(disk: &crate::disk::Disk, name: &str) -> PathBuf {
    disk.layout().modes().join("shipped").join(name)
}
