use std::path::{Path, PathBuf};

use crate::config::{SHIPPED_TASK_TEMPLATES, Template};
use crate::diagnostic::{Code, Diagnostic};
use crate::render::{self, SHIPPED_TEMPLATES, SessionTemplate, View, validate_template};
use crate::text::{ContentHash, LineIndex, TextRange};

use super::{Error, OwnText, Workspace};

/// Endings of task templates, the ones we write first.
const ENDINGS: [&str; 4] = [".yaml", ".yml", ".json5", ".json"];
/// Folders of task templates below `templates/`; all but the first are the older tool's.
const FOLDERS: [&str; 7] = ["tasks", "", "user", "shared", "custom", "built_in", "builtin"];

/// A plan with one of everything that a view shows.
const SAMPLE: &str = "# Sample\n\n**Status**: Active\n\n## Group\n\n- [ ] open @tester ~1h ^t-aaaaaa\n  - [x] done ^t-bbbbbb\n\
- [x] other (depends: t-aaaaaa) ^t-cccccc\n\n## Notes\n\nA note.\n";

/// What a template makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TemplateKind {
    /// Tasks.
    Task,
    /// A session's file.
    Session,
    /// A generated view.
    View,
}

impl TemplateKind {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Session => "session",
            Self::View => "view",
        }
    }
}

/// A template that can be named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateFile {
    /// `bug`, `session/lean`, `views/overview`.
    pub name: String,
    /// What it makes.
    pub kind: TemplateKind,
    /// Its file; for a built-in one, where its override would be.
    pub path: PathBuf,
    /// Whether it is in the program only.
    pub built_in: bool,
    /// Whether it stands before a built-in one of its name.
    pub overrides: bool,
}

/// A template, read.
#[derive(Clone, Debug)]
pub struct ReadTemplate {
    /// Which file.
    pub file: TemplateFile,
    /// Its text.
    pub text: String,
    /// What it says, for a task template.
    pub template: Template,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
    /// The hash of its bytes, where they were read.
    pub hash: Option<ContentHash>,
}

impl ReadTemplate {
    /// Whether it can be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        Template::is_usable(&self.findings)
    }

    /// A template from its bytes.
    #[must_use]
    pub fn of(file: TemplateFile, own: OwnText) -> Self {
        let OwnText { text, refused, hash } = own;
        let name = file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (template, findings) = match (refused, file.kind) {
            (Some(finding), _) => (Template::default(), vec![finding]),
            (None, TemplateKind::Task) => Template::parse(&name, &text),
            (None, _) => {
                let wrong = validate_template(&text).err().map(|error| {
                    let span = line(&text, error.line);
                    Diagnostic::new(Code::M001, span, format!("this is no template: {}", error.message))
                });
                (Template::default(), wrong.into_iter().collect())
            }
        };
        Self { file, text, template, findings, hash }
    }
}

/// The content of a 1-based line.
fn line(text: &str, number: usize) -> TextRange {
    let lines = LineIndex::new(text);
    lines.content(text, number.saturating_sub(1).min(lines.count().saturating_sub(1)))
}

impl Workspace {
    /// Every template there is: task templates by name, then those of session files and views.
    pub fn template_files(&self) -> Result<Vec<TemplateFile>, Error> {
        let home = self.disk.layout().templates();
        let mut found: Vec<TemplateFile> = Vec::new();
        for folder in FOLDERS {
            let dir = if folder.is_empty() { home.clone() } else { home.join(folder) };
            for ending in ENDINGS {
                for (path, _) in self.disk.files_in(&dir, ending)? {
                    let name = stem(&path);
                    // The older tool's list of its own files.
                    let is_list = folder.is_empty() && name == "metadata";
                    if !is_list && !found.iter().any(|f| f.name == name) {
                        let overrides = shipped_task(&name).is_some();
                        let kind = TemplateKind::Task;
                        found.push(TemplateFile { name, kind, path, built_in: false, overrides });
                    }
                }
            }
        }
        for shipped in SHIPPED_TASK_TEMPLATES {
            let name = shipped.name.trim_end_matches(".yaml").to_owned();
            if !found.iter().any(|f| f.name == name) {
                let path = home.join("tasks").join(shipped.name);
                let kind = TemplateKind::Task;
                found.push(TemplateFile { name, kind, path, built_in: true, overrides: false });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        for shipped in SHIPPED_TEMPLATES {
            let path = shipped.name.split('/').fold(home.clone(), |dir, part| dir.join(part));
            let there = self.disk.exists(&path);
            let kind =
                if shipped.name.starts_with("session/") { TemplateKind::Session } else { TemplateKind::View };
            let name = shipped.name.trim_end_matches(".md.j2").to_owned();
            found.push(TemplateFile { name, kind, path, built_in: !there, overrides: there });
        }
        Ok(found)
    }

    /// Fills a session or view template with a small plan: names that no plan has are found only so.
    #[must_use]
    pub fn try_template(&self, read: &ReadTemplate) -> Option<Diagnostic> {
        if read.file.kind == TemplateKind::Task || !read.is_usable() {
            return None;
        }
        let failed = match read.file.kind {
            TemplateKind::Session => {
                let kind = SessionTemplate::parse(read.file.name.trim_start_matches("session/"))?;
                let new = render::NewSession {
                    id: "sample".to_owned(),
                    name: "Sample".to_owned(),
                    description: "A sample.".to_owned(),
                    mode: Some(crate::config::DEFAULT_MODE.to_owned()),
                    created: self.now().date(),
                    priority: None,
                    status: crate::model::SessionStatus::Active,
                };
                render::session(kind, &new, Some(&read.text)).err()
            }
            _ => {
                let lifted = self.understand(SAMPLE.as_bytes(), "sample");
                let seen = std::sync::Arc::new(render::view_of(&lifted.session, "0", self.now()));
                let all = View::all(&seen);
                let view =
                    all.into_iter().find(|v| v.template().trim_end_matches(".md.j2") == read.file.name)?;
                render::view(view, &seen, Some(&read.text)).err()
            }
        };
        failed.map(|error| {
            let span = line(&read.text, error.line);
            Diagnostic::new(Code::M009, span, format!("this template cannot be filled: {}", error.message))
        })
    }

    /// Reads a template; one that went away meanwhile is an unreadable one.
    #[must_use]
    pub fn read_template(&self, file: &TemplateFile) -> ReadTemplate {
        if file.built_in {
            return shipped_template(file)
                .unwrap_or_else(|| ReadTemplate::of(file.clone(), OwnText::default()));
        }
        let own = self.own_text(&file.path).unwrap_or_else(|| OwnText {
            refused: Some(Diagnostic::new(Code::X009, TextRange::default(), "the file is gone")),
            ..OwnText::default()
        });
        ReadTemplate::of(file.clone(), own)
    }
}

/// The built-in template that a file stands before.
#[must_use]
pub fn shipped_template(file: &TemplateFile) -> Option<ReadTemplate> {
    let text = match file.kind {
        TemplateKind::Task => shipped_task(&file.name)?,
        _ => SHIPPED_TEMPLATES.iter().find(|t| t.name.trim_end_matches(".md.j2") == file.name)?.text,
    };
    let path = file.path.with_file_name(match file.kind {
        TemplateKind::Task => format!("{}.yaml", file.name),
        _ => file.path.file_name()?.to_string_lossy().into_owned(),
    });
    let file = TemplateFile { path, built_in: true, overrides: false, ..file.clone() };
    Some(ReadTemplate::of(file, OwnText::of(text.as_bytes())))
}

fn shipped_task(name: &str) -> Option<&'static str> {
    SHIPPED_TASK_TEMPLATES.iter().find(|f| f.name.strip_suffix(".yaml") == Some(name)).map(|f| f.text)
}

/// `templates/tasks/bug.json5` → `bug`.
fn stem(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
}
