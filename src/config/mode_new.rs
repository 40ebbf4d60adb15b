use serde_yaml::{Mapping, Value};

use super::mode::{Mode, Role};
use super::settings_edit::{SetError, splice};

/// A role that is added to a new mode.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRole {
    /// Its name: letters, digits, `_`.
    pub name: String,
    /// What it is told it is.
    pub definition: String,
    /// One line about it.
    pub description: Option<String>,
}

/// What is different about a new mode from the one it is made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewMode {
    /// Its name for people.
    pub title: String,
    /// One sentence.
    pub description: Option<String>,
    /// Complexity of tasks that state none.
    pub default_complexity: Option<String>,
    /// Whether new tasks get a specialist by the routing rules.
    pub auto_task_routing: Option<bool>,
    /// Deepest nesting of subtasks.
    pub max_subtask_depth: Option<u32>,
    /// Roles that come on top.
    pub roles: Vec<NewRole>,
}

impl NewMode {
    /// The text of the new mode: that of `base` with what is different spliced in, so that its
    /// comments and order stay.
    ///
    /// # Errors
    /// [`SetError`] where the base cannot be edited without losing something.
    pub fn text(&self, base: &str) -> Result<String, SetError> {
        let mut text = base.to_owned();
        let mut set = |key: &str, value: Value| -> Result<(), SetError> {
            text = splice(&text, key, &inline(&value))?;
            Ok(())
        };
        set("mode_metadata.name", self.title.as_str().into())?;
        if let Some(description) = &self.description {
            set("mode_metadata.description", description.as_str().into())?;
        }
        if let Some(word) = &self.default_complexity {
            set("mode_configuration.default_complexity", word.as_str().into())?;
        }
        if let Some(flag) = self.auto_task_routing {
            set("mode_configuration.auto_task_routing", flag.into())?;
        }
        if let Some(depth) = self.max_subtask_depth {
            set("mode_configuration.max_subtask_depth", depth.into())?;
        }
        for role in &self.roles {
            text = role.append(&text);
        }
        Ok(text)
    }
}

impl NewRole {
    /// Adds the role at the end of a mode's text.
    fn append(&self, text: &str) -> String {
        let mut about = Mapping::new();
        about.insert("role_definition".into(), self.definition.as_str().into());
        if let Some(line) = &self.description {
            about.insert("expertise".into(), Value::Sequence(vec![line.as_str().into()]));
        }
        let role = Mapping::from_iter([(Value::from(self.name.as_str()), Value::Mapping(about))]);
        let eol = crate::text::LineIndex::new(text).dominant_eol().as_str();
        let written = serde_yaml::to_string(&role).unwrap_or_default().replace('\n', eol);
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { eol };
        format!("{text}{gap}{eol}{written}")
    }
}

/// A scalar on one line: quoted in the way of JSON, which YAML reads as the same.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => serde_json::to_string(text).unwrap_or_default(),
        other => super::yaml::written(other),
    }
}

impl Mode {
    /// What a role is told: who it is, what it is good at, how it goes about its work.
    #[must_use]
    pub fn prompt(&self, role: &Role) -> String {
        let mut out = role.definition.trim().to_owned();
        let mut list = |title: &str, items: &[String]| {
            if !items.is_empty() {
                out.push_str("\n\n");
                out.push_str(title);
                for item in items {
                    out.push_str("\n- ");
                    out.push_str(item.trim());
                }
            }
        };
        list("Expertise:", &role.expertise);
        list("Approach:", &role.approach);
        let given: Vec<String> = role
            .specialist_roles
            .iter()
            .map(|(name, about)| if about.is_empty() { name.clone() } else { format!("{name}: {about}") })
            .collect();
        list("Gives work to:", &given);
        if let Some(format) = &role.output_format {
            out.push_str("\n\nHands over: ");
            out.push_str(format.trim());
        }
        out.push('\n');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SHIPPED_MODES;

    #[test]
    fn every_shipped_mode_can_be_the_base_of_another() {
        for file in SHIPPED_MODES {
            let new = NewMode {
                title: "Mine: \"own\" # 1".into(),
                description: Some("says\nmore".into()),
                default_complexity: Some("complex".into()),
                auto_task_routing: Some(false),
                max_subtask_depth: Some(3),
                roles: vec![NewRole {
                    name: "security_auditor".into(),
                    definition: "You look for holes.\nAll of them: yes.".into(),
                    description: Some("threats".into()),
                }],
            };
            let text = new.text(file.text).unwrap();
            let (mode, findings) = Mode::parse(&text);
            assert!(Mode::is_usable(&findings), "{}: {findings:#?}", file.name);
            assert_eq!(mode.metadata.name.as_deref(), Some("Mine: \"own\" # 1"));
            assert_eq!(mode.metadata.description.as_deref(), Some("says\nmore"));
            assert_eq!(mode.configuration.default_complexity.as_deref(), Some("complex"));
            assert_eq!(
                (mode.configuration.auto_task_routing, mode.configuration.max_subtask_depth),
                (false, 3)
            );
            let role = mode.role("security_auditor").unwrap();
            assert_eq!(role.definition, "You look for holes.\nAll of them: yes.");
            let comments = |text: &str| text.lines().filter(|l| l.starts_with('#')).count();
            assert_eq!(comments(&text), comments(file.text), "comments stay");
            assert!(mode.prompt(role).starts_with("You look for holes."));
        }
        let (legacy, _) = Mode::parse("a:\n  role_definition: x\n");
        assert_eq!(legacy.prompt(&legacy.roles[0]), "x\n");
        let new = NewMode { title: "t".into(), ..NewMode::default() };
        assert_eq!(
            new.text("a:\n  role_definition: x\n").unwrap(),
            "a:\n  role_definition: x\nmode_metadata:\n  name: \"t\"\n"
        );
    }
}
