use serde_yaml::{Mapping, Value};

use super::mode_check;
use super::yaml::{Source, kind, text_of, texts_of, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Largest mode file that is read.
const MAX_MODE_BYTES: usize = 2 << 20;
/// Most roles of one mode.
const MAX_ROLES: usize = 500;
/// Longest text of one value.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// Who works on something and how: one role of a mode.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Role {
    /// Its name: letters, digits, `_`.
    pub name: String,
    /// What the role is told it is; `prompt` is read as the same.
    pub definition: String,
    /// What it is good at.
    pub expertise: Vec<String>,
    /// How it goes about its work.
    pub approach: Vec<String>,
    /// What it hands over.
    pub output_format: Option<String>,
    /// Roles it gives work to, with one line about each.
    pub specialist_roles: Vec<(String, String)>,
    /// Keys that are not understood: (key, value as YAML).
    pub extra: Vec<(String, String)>,
}

/// About the mode itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ModeMetadata {
    /// Its name for people.
    pub name: Option<String>,
    /// One sentence.
    pub description: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Who wrote it.
    pub created_by: Option<String>,
    /// When, as written.
    pub created_at: Option<String>,
    /// Versions of the program it is known to work with.
    pub compatible_versions: Vec<String>,
}

/// What the mode changes by default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModeConfiguration {
    /// Complexity of tasks that state none: simple, moderate, complex or `very_complex`.
    pub default_complexity: Option<String>,
    /// Whether new tasks without a specialist get one by the routing rules.
    pub auto_task_routing: bool,
    /// Deepest nesting of subtasks.
    pub max_subtask_depth: u32,
    /// How progress adds up, as written.
    pub progress_aggregation: Option<String>,
}

impl Default for ModeConfiguration {
    fn default() -> Self {
        Self {
            default_complexity: None,
            auto_task_routing: true,
            max_subtask_depth: 5,
            progress_aggregation: None,
        }
    }
}

/// What happens to a class of tasks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoutingRule {
    /// The class: `security_tasks`, or one of the mode's own.
    pub class: String,
    /// Words that put a task into the class; empty for the known classes.
    pub keywords: Vec<String>,
    /// Who does it.
    pub required_specialist: Option<String>,
    /// Who looks at it afterwards.
    pub secondary_review: Vec<String>,
    /// Steps of complexity added.
    pub complexity_boost: i64,
    /// Whether its tasks may be worked on at once.
    pub parallel_execution: bool,
}

/// What the mode asks of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ValidationRules {
    /// Roles that must be there, beside the usual ones.
    pub required_roles: Vec<String>,
    /// Roles that may be there.
    pub optional_roles: Vec<String>,
    /// Fewest specialists.
    pub minimum_specialist_count: Option<u64>,
    /// Most specialists.
    pub maximum_specialist_count: Option<u64>,
}

/// A mode: roles and rules that a session works by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mode {
    /// About the mode.
    pub metadata: ModeMetadata,
    /// Its defaults.
    pub configuration: ModeConfiguration,
    /// Its routing rules, in order.
    pub routing: Vec<RoutingRule>,
    /// What it asks of itself.
    pub validation: ValidationRules,
    /// Its roles, in order.
    pub roles: Vec<Role>,
    /// Top-level keys that are not understood: (key, value as YAML).
    pub extra: Vec<(String, String)>,
}

impl Mode {
    /// Reads a mode or role file. Total; a mode can be used where no finding is an error.
    ///
    /// Errors: no YAML, no mapping, a role without definition, a bad role name, a circle of
    /// roles, a limit. Warnings: a usual role is missing, a role is named but not defined, a key
    /// is unknown (and kept).
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<Diagnostic>) {
        let mut mode = Self::default();
        let (mut source, value) = Source::read(text, MAX_MODE_BYTES);
        match value {
            None => return (mode, source.findings),
            Some(Value::Mapping(map)) => mode.read(&mut source, &map),
            Some(other) => {
                source.report(Code::M009, &[], format!("a mode is a mapping of roles, not {}", kind(&other)));
                return (mode, source.findings);
            }
        }
        mode_check::check(&mode, &mut source);
        (mode, source.findings)
    }

    /// Whether a mode with these findings can be bound to a session.
    #[must_use]
    pub fn is_usable(findings: &[Diagnostic]) -> bool {
        findings.iter().all(|d| d.severity() < Severity::Error)
    }

    /// The role of this name, compared without case.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.name.eq_ignore_ascii_case(name))
    }

    /// The names of the roles that work is given to: every defined role but the orchestrator.
    pub fn specialists(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(|r| r.name.as_str()).filter(|n| *n != mode_check::ORCHESTRATOR)
    }

    /// The mode's name for people: its own, else the file's without ending and underscores.
    #[must_use]
    pub fn title(&self, file_name: &str) -> String {
        self.metadata.name.clone().unwrap_or_else(|| {
            file_name.trim_end_matches(".yaml").trim_end_matches(".yml").replace(['_', '-'], " ")
        })
    }

    fn read(&mut self, source: &mut Source<'_>, map: &Mapping) {
        for (key, value) in map {
            let key = text_of(key).unwrap_or_default();
            let path = [key.as_str()];
            match (key.as_str(), value) {
                ("mode_metadata", Value::Mapping(m)) => self.metadata = metadata(source, m),
                ("mode_configuration", Value::Mapping(m)) => self.configuration = configuration(source, m),
                ("task_routing_rules", Value::Mapping(m)) => self.routing = routing(source, m),
                ("validation_rules", Value::Mapping(m)) => self.validation = validation(source, m),
                (
                    "mode_metadata" | "mode_configuration" | "task_routing_rules" | "validation_rules",
                    other,
                ) => {
                    source.report(Code::M009, &path, format!("`{key}` is a mapping, not {}", kind(other)));
                }
                (_, Value::Mapping(_)) if self.roles.len() >= MAX_ROLES => {
                    source.report(Code::M006, &path, format!("more than {MAX_ROLES} roles"));
                    return;
                }
                (_, Value::Mapping(m)) => self.roles.push(role(source, &key, m)),
                (_, other) => {
                    source.report(
                        Code::M002,
                        &path,
                        format!("`{key}` is no role and no known key; it is kept"),
                    );
                    self.extra.push((key, written(other)));
                }
            }
        }
    }
}

fn metadata(source: &mut Source<'_>, map: &Mapping) -> ModeMetadata {
    let mut section = Section { source, name: "mode_metadata", map };
    let known = ["name", "description", "version", "created_by", "created_at", "compatible_versions"];
    section.unknown(&known);
    ModeMetadata {
        name: section.text("name"),
        description: section.text("description"),
        version: section.text("version"),
        created_by: section.text("created_by"),
        created_at: section.text("created_at"),
        compatible_versions: section.texts("compatible_versions"),
    }
}

fn configuration(source: &mut Source<'_>, map: &Mapping) -> ModeConfiguration {
    let mut section = Section { source, name: "mode_configuration", map };
    section.unknown(&[
        "default_complexity",
        "auto_task_routing",
        "max_subtask_depth",
        "progress_aggregation",
    ]);
    let default = ModeConfiguration::default();
    let complexity = section.text("default_complexity");
    let known = complexity.filter(|c| super::routing::COMPLEXITIES.contains(&c.as_str()));
    if known.is_none() && section.map.contains_key("default_complexity") {
        let message = "`default_complexity` is simple, moderate, complex or very_complex";
        section.report(Code::M009, "default_complexity", message);
    }
    let depth = section
        .number("max_subtask_depth")
        .map_or(Some(default.max_subtask_depth), |n| u32::try_from(n).ok().filter(|n| (1..=64).contains(n)));
    if depth.is_none() {
        section.report(Code::M009, "max_subtask_depth", "`max_subtask_depth` is a number from 1 to 64");
    }
    ModeConfiguration {
        default_complexity: known,
        auto_task_routing: section.flag("auto_task_routing").unwrap_or(default.auto_task_routing),
        max_subtask_depth: depth.unwrap_or(default.max_subtask_depth),
        progress_aggregation: section.text("progress_aggregation"),
    }
}

fn routing(source: &mut Source<'_>, map: &Mapping) -> Vec<RoutingRule> {
    let mut rules = Vec::new();
    for (class, value) in map {
        let class = text_of(class).unwrap_or_default();
        let path = ["task_routing_rules", class.as_str()];
        let Value::Mapping(rule) = value else {
            source.report(Code::M009, &path, format!("the rule `{class}` is a mapping, not {}", kind(value)));
            continue;
        };
        let mut section = Section { source, name: "task_routing_rules", map: rule };
        rules.push(RoutingRule {
            keywords: section.texts_in(&class, "keywords").iter().map(|k| k.to_lowercase()).collect(),
            required_specialist: section.text_in(&class, "required_specialist"),
            secondary_review: section.texts_in(&class, "secondary_review"),
            complexity_boost: rule.get("complexity_boost").and_then(Value::as_i64).unwrap_or(0).clamp(-3, 3),
            parallel_execution: rule.get("parallel_execution").and_then(Value::as_bool).unwrap_or(false),
            class,
        });
    }
    rules
}

fn validation(source: &mut Source<'_>, map: &Mapping) -> ValidationRules {
    let mut section = Section { source, name: "validation_rules", map };
    let counts = ["minimum_specialist_count", "maximum_specialist_count"];
    section.unknown(&["required_roles", "optional_roles", counts[0], counts[1]]);
    ValidationRules {
        required_roles: section.texts("required_roles"),
        optional_roles: section.texts("optional_roles"),
        minimum_specialist_count: section.number(counts[0]),
        maximum_specialist_count: section.number(counts[1]),
    }
}

fn role(source: &mut Source<'_>, name: &str, map: &Mapping) -> Role {
    let mut section = Section { source, name: "", map };
    let mut role = Role { name: name.to_owned(), ..Role::default() };
    role.definition = section
        .text_in(name, "role_definition")
        .or_else(|| section.text_in(name, "prompt"))
        .unwrap_or_default();
    role.expertise = section.texts_in(name, "expertise");
    role.approach = section.texts_in(name, "approach");
    role.output_format = section.text_in(name, "output_format");
    match map.get("specialist_roles") {
        None | Some(Value::Null) => {}
        Some(Value::Mapping(m)) => {
            let row = |(k, v)| Some((text_of(k)?, text_of(v).unwrap_or_default()));
            role.specialist_roles = m.iter().filter_map(row).collect();
        }
        Some(Value::Sequence(_)) => {
            let names = section.texts_in(name, "specialist_roles");
            role.specialist_roles = names.into_iter().map(|n| (n, String::new())).collect();
        }
        Some(other) => {
            let message = format!("`specialist_roles` is a mapping of names, not {}", kind(other));
            section.source.report(Code::M009, &[name, "specialist_roles"], message);
        }
    }
    let known = ["role_definition", "prompt", "expertise", "approach", "output_format", "specialist_roles"];
    for (key, value) in map {
        let key = text_of(key).unwrap_or_default();
        if !known.contains(&key.as_str()) {
            role.extra.push((key, written(value)));
        }
    }
    role
}

/// One mapping of the file while it is read.
struct Section<'s, 't> {
    source: &'s mut Source<'t>,
    /// Its key at the top; empty where the inner name is the key at the top.
    name: &'s str,
    map: &'s Mapping,
}

impl Section<'_, '_> {
    fn report(&mut self, code: Code, key: &str, message: impl Into<String>) {
        let path = [self.name, key];
        self.source.report(code, &path, message);
    }

    fn report_in(&mut self, inner: &str, key: &str, message: String, code: Code) {
        let path = [self.name, inner, key];
        let path = path.iter().copied().filter(|p| !p.is_empty()).collect::<Vec<_>>();
        self.source.report(code, &path, message);
    }

    fn unknown(&mut self, known: &[&str]) {
        for key in self.map.keys().filter_map(text_of) {
            if !known.contains(&key.as_str()) {
                let message = format!("unknown key `{key}` in `{}`; it is kept", self.name);
                self.report(Code::M002, &key, message);
            }
        }
    }

    fn text(&mut self, key: &str) -> Option<String> {
        self.text_in("", key)
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        self.texts_in("", key)
    }

    fn text_in(&mut self, inner: &str, key: &str) -> Option<String> {
        let value = self.map.get(key).filter(|v| !v.is_null())?;
        let Some(text) = text_of(value) else {
            self.report_in(inner, key, format!("`{key}` is a text, not {}", kind(value)), Code::M009);
            return None;
        };
        if text.len() > MAX_TEXT_BYTES {
            let message = format!("`{key}` is longer than {} KiB", MAX_TEXT_BYTES / 1024);
            self.report_in(inner, key, message, Code::M006);
            return None;
        }
        Some(text).filter(|t| !t.trim().is_empty())
    }

    fn texts_in(&mut self, inner: &str, key: &str) -> Vec<String> {
        let Some(value) = self.map.get(key) else { return Vec::new() };
        texts_of(value).unwrap_or_else(|| {
            self.report_in(inner, key, format!("`{key}` is a list of texts"), Code::M009);
            Vec::new()
        })
    }

    fn number(&mut self, key: &str) -> Option<u64> {
        let value = self.map.get(key)?;
        if value.as_u64().is_none() {
            self.report(Code::M009, key, format!("`{key}` is a whole number, not {}", kind(value)));
        }
        value.as_u64()
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        let value = self.map.get(key)?;
        if value.as_bool().is_none() {
            self.report(Code::M009, key, format!("`{key}` is `true` or `false`, not {}", kind(value)));
        }
        value.as_bool()
    }
}
