/// A file that ships with the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShippedFile {
    /// Its file name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($directory:literal: $($name:literal,)*) => {
        &[$(ShippedFile {
            name: $name,
            text: include_str!(concat!("../../", $directory, "/", $name)),
        },)*]
    };
}

/// The mode that is used where no other one can be.
pub const DEFAULT_MODE: &str = "default_roles.yaml";

/// The modes that are copied into a new workspace, never over a file that is there.
pub const SHIPPED_MODES: &[ShippedFile] = shipped! {
    "config":
    "default_roles.yaml",
    "software_development.yaml",
    "research.yaml",
    "writing.yaml",
    "data_work.yaml",
};

/// The library of task templates.
pub const SHIPPED_TASK_TEMPLATES: &[ShippedFile] = shipped! {
    "templates/tasks":
    "bug.yaml",
    "data-migration.yaml",
    "feature.yaml",
    "incident.yaml",
    "onboarding.yaml",
    "refactoring.yaml",
    "release.yaml",
    "research.yaml",
};

/// The shipped mode of this file name, with or without `.yaml`.
#[must_use]
pub fn shipped_mode(name: &str) -> Option<&'static ShippedFile> {
    named(SHIPPED_MODES, name)
}

/// The shipped task template of this name, with or without `.yaml`.
#[must_use]
pub fn shipped_task_template(name: &str) -> Option<&'static ShippedFile> {
    named(SHIPPED_TASK_TEMPLATES, name)
}

fn named(files: &'static [ShippedFile], name: &str) -> Option<&'static ShippedFile> {
    files.iter().find(|f| f.name == name || f.name.strip_suffix(".yaml") == Some(name))
}

/// Whether `name` may name a mode file: one plain name ending in `.yaml` or `.yml`, no path, no
/// leading dot, nothing that a file system or a shell reads as something else.
#[must_use]
pub fn is_mode_file_name(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else { return false };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    !stem.is_empty()
        && stem.len() <= 100
        && stem.chars().all(fits)
        && !stem.starts_with(['.', '-', ' '])
        && !stem.ends_with(['.', ' '])
        && !stem.contains("..")
}

/// The shipped mode that suits a project with these file names at its root.
#[must_use]
pub fn mode_for_project<'a>(files: impl IntoIterator<Item = &'a str>) -> &'static str {
    const CODE: &[&str] = &[
        "Cargo.toml",
        "package.json",
        "pyproject.toml",
        "setup.py",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "CMakeLists.txt",
        "Gemfile",
        "composer.json",
        "mix.exs",
    ];
    const DATA: &[&str] = &["dbt_project.yml", "dvc.yaml", "MLproject", "environment.yml"];
    const TEXT: &[&str] = &["mkdocs.yml", "book.toml", "_config.yml", "conf.py", "main.tex"];
    let files: Vec<&str> = files.into_iter().collect();
    let has = |names: &[&str]| files.iter().any(|f| names.contains(f));
    match () {
        () if has(DATA) => "data_work.yaml",
        () if has(CODE) => "software_development.yaml",
        () if has(TEXT) => "writing.yaml",
        () => DEFAULT_MODE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Mode;

    #[test]
    fn the_lists_are_what_the_directories_hold() {
        for (directory, files) in [("config", SHIPPED_MODES), ("templates/tasks", SHIPPED_TASK_TEMPLATES)] {
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
            let entries = walkdir::WalkDir::new(root).min_depth(1).into_iter().flatten();
            let mut there: Vec<_> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
            there.retain(|name| name.ends_with(".yaml"));
            let mut listed: Vec<_> = files.iter().map(|f| f.name.to_owned()).collect();
            there.sort();
            listed.sort();
            assert_eq!(there, listed, "{directory}");
        }
    }

    #[test]
    fn every_shipped_mode_is_without_findings() {
        for file in SHIPPED_MODES {
            let (mode, findings) = Mode::parse(file.text);
            assert_eq!(findings, [], "{}", file.name);
            assert!(is_mode_file_name(file.name));
            assert!(mode.metadata.name.is_some() && mode.metadata.description.is_some(), "{}", file.name);
            for role in &mode.roles {
                assert!(role.expertise.len() >= 4 && role.approach.len() >= 4, "{} {}", file.name, role.name);
                assert!(role.output_format.is_some(), "{} {}", file.name, role.name);
            }
            let orchestrator = mode.role("task_orchestrator").unwrap();
            let listed: Vec<&str> = orchestrator.specialist_roles.iter().map(|(n, _)| n.as_str()).collect();
            assert_eq!(listed, mode.specialists().collect::<Vec<_>>(), "{}: listed = defined", file.name);
        }
        let default = Mode::parse(shipped_mode("default_roles").unwrap().text).0;
        for name in ["architect", "implementer", "debugger", "tester", "documenter", "reviewer", "researcher"]
        {
            assert!(default.role(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_that_are_paths_are_refused() {
        for good in ["a.yaml", "my mode-2.yml", "v1.2.yaml"] {
            assert!(is_mode_file_name(good), "{good}");
        }
        for bad in [
            "",
            ".yaml",
            "a",
            "../a.yaml",
            "a/b.yaml",
            "a\\b.yaml",
            ".a.yaml",
            "a..yaml",
            "-a.yaml",
            "C:a.yaml",
            "a\n.yaml",
            "a .yaml",
        ] {
            assert!(!is_mode_file_name(bad), "{bad}");
        }
        assert_eq!(mode_for_project(["README.md", "Cargo.toml"]), "software_development.yaml");
        assert_eq!(mode_for_project(["README.md"]), DEFAULT_MODE);
    }
}
