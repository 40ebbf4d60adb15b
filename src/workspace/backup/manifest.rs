use serde_json::{Value, json};

use crate::text::ContentHash;

const FORMAT: &str = "plandown-backup";

/// A file in a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Below `.task_orchestrator`, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Of the content.
    pub hash: ContentHash,
}

/// What a backup says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    /// Names the backup: its file without the ending.
    pub id: String,
    /// What the person called it.
    pub name: Option<String>,
    /// When.
    pub created: String,
    /// Who.
    pub by: String,
    /// What it was taken before, where the tool took it on its own.
    pub before: Option<String>,
    /// `session`, `sessions`, `modes`, `everything` or `files`.
    pub scope: String,
    /// Directories of the sessions in it.
    pub sessions: Vec<String>,
    /// The files, sorted by path.
    pub files: Vec<Kept>,
    /// Files that were not there but were about to be written, with the content they got: bringing
    /// the backup back removes them where they still hold it.
    pub absent: Vec<(String, ContentHash)>,
    /// What could not be put in, and why.
    pub skipped: Vec<(String, String)>,
}

impl Manifest {
    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(|f| f.size).sum()
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let files = self.files.iter().map(|f| {
            json!({"path": f.path, "size": f.size, "mode": format!("{:04o}", f.mode & 0o7777), "blake3": f.hash.hex()})
        });
        let value = json!({
            "schema": 1,
            "format": FORMAT,
            "id": self.id,
            "name": self.name,
            "created": self.created,
            "by": self.by,
            "before": self.before,
            "scope": self.scope,
            "compression": "zstd",
            "sessions": self.sessions,
            "files": files.collect::<Vec<_>>(),
            "absent": self.absent.iter().map(|(p, h)| json!({"path": p, "blake3": h.hex()})).collect::<Vec<_>>(),
            "skipped": self.skipped.iter().map(|(p, w)| json!({"path": p, "why": w})).collect::<Vec<_>>(),
        });
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// `None` where it is no manifest of a version known here, or not complete.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        if value["schema"] != 1 || value["format"] != FORMAT {
            return None;
        }
        let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
        let list = |key: &str| value[key].as_array().cloned().unwrap_or_default();
        let hash = |value: &Value| value["blake3"].as_str()?.parse().ok();
        let files = value["files"].as_array()?.iter().map(|f| {
            Some(Kept {
                path: text(f, "path")?,
                size: f["size"].as_u64()?,
                mode: u32::from_str_radix(f["mode"].as_str()?, 8).ok()?,
                hash: hash(f)?,
            })
        });
        let absent = list("absent").into_iter().map(|f| Some((text(&f, "path")?, hash(&f)?)));
        let skipped = list("skipped").into_iter().map(|f| Some((text(&f, "path")?, text(&f, "why")?)));
        Some(Self {
            id: text(&value, "id")?,
            name: text(&value, "name"),
            created: text(&value, "created")?,
            by: text(&value, "by")?,
            before: text(&value, "before"),
            scope: text(&value, "scope")?,
            sessions: list("sessions").iter().filter_map(|s| s.as_str().map(str::to_owned)).collect(),
            files: files.collect::<Option<_>>()?,
            absent: absent.collect::<Option<_>>()?,
            skipped: skipped.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let manifest = Manifest {
            id: "20260101T000000Z-a".into(),
            name: Some("a \"b\"\n".into()),
            created: "2026-01-01T00:00:00Z".into(),
            by: "ada".into(),
            before: None,
            scope: "files".into(),
            sessions: vec!["a".into()],
            files: vec![Kept {
                path: "sessions/a/session.md".into(),
                size: 3,
                mode: 0o640,
                hash: ContentHash::of(b"abc"),
            }],
            absent: vec![("sessions/b/session.md".into(), ContentHash::of(b"x"))],
            skipped: vec![("sessions/c".into(), "why".into())],
        };
        assert_eq!(Manifest::read(&manifest.write()), Some(manifest));
        assert_eq!(Manifest::read(b"{}"), None);
        assert_eq!(Manifest::read(b"{\"schema\":1,\"format\":\"plandown-backup\",\"id\":\"x\"}"), None);
    }
}
