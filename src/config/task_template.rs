use std::collections::BTreeMap;

use super::json5;
use super::pattern::Pattern;
use super::template_read;
use super::yaml::Source;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::TextRange;

/// Largest template that is read.
const MAX_TEMPLATE_BYTES: usize = 1 << 20;

/// What a parameter's value looks like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// Text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Enum(Vec<String>),
    /// Some texts.
    List,
}

impl ParamKind {
    /// The word of the file.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Enum(_) => "enum",
            Self::List => "list",
        }
    }
}

/// A parameter's value. Text is taken for any kind that it can be read as.
#[derive(Clone, PartialEq, Debug)]
pub enum ParamValue {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A truth value.
    Flag(bool),
    /// Texts.
    List(Vec<String>),
}

impl std::fmt::Display for ParamValue {
    /// As it stands in a filled text; lists are joined by commas.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(n) => write!(f, "{n}"),
            Self::Flag(b) => write!(f, "{b}"),
            Self::List(items) => f.write_str(&items.join(", ")),
        }
    }
}

/// Something that a template wants to be told.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// Its name: letters, digits, `_`, `-`.
    pub name: String,
    /// What its value looks like.
    pub kind: ParamKind,
    /// One line.
    pub description: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it is otherwise.
    pub default: Option<ParamValue>,
    /// Fewest and most characters of a text, or items of a list.
    pub length: (Option<u64>, Option<u64>),
    /// Least and greatest number.
    pub range: (Option<f64>, Option<f64>),
    /// What a text, or every item of a list, must look like.
    pub pattern: Option<Pattern>,
}

/// A task of a template; all texts may hold `{{parameter}}`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TemplateTask {
    /// Its name inside the template; other tasks depend on it by this.
    pub id: String,
    /// One line.
    pub title: String,
    /// Lines below it.
    pub description: String,
    /// Who does it.
    pub specialist: Option<String>,
    /// `90m`, `3h`, `2d`, `4 hours`.
    pub estimate: Option<String>,
    /// Fields, in order: (key as written in a plan, value).
    pub fields: Vec<(String, String)>,
    /// Names of tasks of this template that come before.
    pub depends_on: Vec<String>,
    /// `parameter`, `!parameter`, `parameter == word` or `parameter != word`.
    pub when: Option<String>,
    /// A list parameter: one task for each of its items, which is `{{item}}`.
    pub for_each: Option<String>,
    /// Index of the task it is a part of.
    pub parent: Option<usize>,
}

/// A task template: parameters and the tasks that they are filled into.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Template {
    /// The file's name without ending.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Its version, as written.
    pub version: Option<String>,
    /// A word to file it under.
    pub category: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The template whose parameters and tasks come first.
    pub extends: Option<String>,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Its tasks in order; a parent stands before its subtasks, and subtrees are contiguous.
    pub tasks: Vec<TemplateTask>,
    /// Keys that are not understood: (key, value as YAML).
    pub extra: BTreeMap<String, String>,
}

impl Template {
    /// Reads a template: JSON5 where the file name ends so (or in `.json`), else YAML.
    ///
    /// Total; it can be used where no finding is an error.
    #[must_use]
    pub fn parse(file_name: &str, text: &str) -> (Self, Vec<Diagnostic>) {
        let (id, ending) = file_name.rsplit_once('.').unwrap_or((file_name, ""));
        let is_json = ending.eq_ignore_ascii_case("json5") || ending.eq_ignore_ascii_case("json");
        let mut template = Self { id: id.to_owned(), name: id.to_owned(), ..Self::default() };
        let (mut source, value) =
            if is_json { read_json5(text) } else { Source::read(text, MAX_TEMPLATE_BYTES) };
        if let Some(value) = value {
            template_read::read(&mut template, &mut source, value);
        }
        (template, source.findings)
    }

    /// Whether a template with these findings can be applied.
    #[must_use]
    pub fn is_usable(findings: &[Diagnostic]) -> bool {
        findings.iter().all(|d| d.severity() < Severity::Error)
    }
}

fn read_json5(text: &str) -> (Source<'_>, Option<serde_yaml::Value>) {
    let mut source = Source::unread(text);
    if text.len() > MAX_TEMPLATE_BYTES {
        let message = format!("the file has {} KiB; at most {} KiB are read", text.len() / 1024, 1024);
        source.report(Code::M006, &[], message);
        return (source, None);
    }
    match json5::parse(text) {
        Ok(value) => (source, Some(value)),
        Err(error) => {
            let code = if error.is_limit { Code::M006 } else { Code::M001 };
            let len = text.get(error.at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
            let span = TextRange::new(error.at, error.at + len);
            let message = format!("this is not valid JSON5: {}", error.message);
            source.findings.push(Diagnostic::new(code, span, message));
            (source, None)
        }
    }
}
