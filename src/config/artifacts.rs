use serde_yaml::Value;

use super::yaml::{parse, text_of};

/// Bytes of a list of artifacts that are read.
const MOST: usize = 1 << 20;

/// What a line of `artifacts/artifacts.yaml` says about a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ArtifactNote {
    /// The file, below the session's directory or below `artifacts`.
    pub path: String,
    /// What it is: `design`, `report`.
    pub kind: Option<String>,
    /// One line about it.
    pub about: Option<String>,
    /// The task that made it.
    pub task: Option<String>,
}

/// Reads `artifacts.yaml`: a list of mappings with `path` and, where known, `kind`, `description` (or `title`) and
/// `task`; also below a key `artifacts`. What is neither is left out: the files count, not what is said about them.
#[must_use]
pub fn read_artifacts(text: &str) -> Vec<ArtifactNote> {
    let Ok(value) = parse(text, MOST) else { return Vec::new() };
    let list = match &value {
        Value::Mapping(map) => map.get("artifacts").unwrap_or(&Value::Null),
        other => other,
    };
    let Value::Sequence(rows) = list else { return Vec::new() };
    let note = |row: &Value| {
        let Value::Mapping(map) = row else {
            return text_of(row).map(|path| ArtifactNote { path, ..ArtifactNote::default() });
        };
        let get = |key: &str| map.get(key).and_then(text_of).filter(|text| !text.trim().is_empty());
        Some(ArtifactNote {
            path: get("path")?,
            kind: get("kind").or_else(|| get("type")),
            about: get("description").or_else(|| get("title")),
            task: get("task"),
        })
    };
    rows.iter().filter_map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s132_notes_about_artifacts_are_read_in_every_shape() {
        let full = "artifacts:\n- path: work_products/a.md\n  kind: design\n  description: how\n  task: t-1\n- b.txt\n- 7: x\n";
        let notes = read_artifacts(full);
        assert_eq!(notes.len(), 2);
        assert_eq!(
            notes[0],
            ArtifactNote {
                path: "work_products/a.md".into(),
                kind: Some("design".into()),
                about: Some("how".into()),
                task: Some("t-1".into())
            }
        );
        assert_eq!(notes[1].path, "b.txt");
        for odd in ["", "a: [", "7", "artifacts: 7", &"- x\n".repeat(400_000)] {
            assert_eq!(read_artifacts(odd), []);
        }
    }
}
