use super::RenderError;
use super::engine;

/// A template that ships with the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShippedTemplate {
    /// Its path below `templates/`; an override has the same path below the workspace's
    /// `templates/`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! templates {
    ($($name:literal,)*) => {
        /// All templates for session files and views.
        pub const SHIPPED_TEMPLATES: &[ShippedTemplate] =
            &[$(ShippedTemplate { name: $name, text: include_str!(concat!("../../templates/", $name)) },)*];
    };
}

templates! {
    "session/full.md.j2",
    "session/lean.md.j2",
    "views/active_tasks.md.j2",
    "views/assignments.md.j2",
    "views/completed_tasks.md.j2",
    "views/overview.md.j2",
    "views/performance.md.j2",
    "views/session_artifacts.md.j2",
    "views/task_group.md.j2",
}

/// The shipped template of this name.
#[must_use]
pub fn shipped_template(name: &str) -> Option<&'static ShippedTemplate> {
    SHIPPED_TEMPLATES.iter().find(|t| t.name == name)
}

/// Checks that a text can be used as a template: its syntax, and that it asks for nothing that a
/// template may not do.
///
/// # Errors
/// The first mistake, with its line.
pub fn validate_template(text: &str) -> Result<(), RenderError> {
    engine::check(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_what_the_directory_holds() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let entries = walkdir::WalkDir::new(&root).into_iter().flatten().map(walkdir::DirEntry::into_path);
        let mut there: Vec<String> = entries
            .filter(|p| p.extension().is_some_and(|e| e == "j2"))
            .map(|p| p.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"))
            .collect();
        there.sort();
        assert_eq!(there, SHIPPED_TEMPLATES.iter().map(|t| t.name).collect::<Vec<_>>());
        for template in SHIPPED_TEMPLATES {
            assert_eq!(validate_template(template.text), Ok(()), "{}", template.name);
        }
    }
}
