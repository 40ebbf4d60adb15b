use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::disk::SafeName;
use crate::export::{Exported, Format, export as write, export_json};
use crate::import::{Artifact, Draft};
use crate::index::SessionFilter;

use super::export_page::{html, zipped};
use super::{Context, ErrorCode, OpError, SCHEMA};

/// What is to be exported.
#[derive(Clone, Debug, Default)]
pub struct ExportInput {
    /// One of [`EXPORT_FORMATS`].
    pub format: String,
    /// All sessions instead of the selected one.
    pub all: bool,
    /// The file or folder, absolute; `exports` of the workspace where left out.
    pub out: Option<PathBuf>,
    /// Give the text back instead of writing files.
    pub to_stdout: bool,
    /// Overwrite what is there.
    pub force: bool,
}

/// What was exported.
#[derive(Clone, Debug, Serialize)]
pub struct ExportView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether files were written.
    pub changed: bool,
    /// The format.
    pub format: &'static str,
    /// Sessions that are in it.
    pub sessions: Vec<String>,
    /// The files.
    pub files: Vec<String>,
    /// What the format has no place for.
    pub lost: Vec<LostView>,
    /// The text, where no file was to be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Something that a format has no place for.
#[derive(Clone, Debug, Serialize)]
pub struct LostView {
    /// The session.
    pub session: String,
    /// What.
    pub what: &'static str,
    /// How many.
    pub count: usize,
}

/// All words for formats.
pub const EXPORT_FORMATS: [&str; 7] =
    ["json", "markdown", "html", "zip", "todo.txt", "backlog", "taskwarrior"];

/// What can be exported to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Text(Format),
    Html,
    Zip,
}

impl Wanted {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.trim() {
            "html" => Self::Html,
            "zip" => Self::Zip,
            word => Self::Text(Format::parse(word)?),
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Text(format) => format.word(),
            Self::Html => "html",
            Self::Zip => "zip",
        }
    }
}

/// Writes sessions in another format and says what it cannot carry.
pub fn export(cx: &Context<'_>, input: &ExportInput) -> Result<ExportView, OpError> {
    let wanted = Wanted::parse(&input.format).ok_or_else(|| {
        OpError::new(ErrorCode::InvalidInput, format!("`{}` is no format to export to", input.format))
            .hint(format!("use one of {}", EXPORT_FORMATS.join(", ")))
    })?;
    let directories = directories(cx, input.all)?;
    let drafts = drafts(cx, &directories, wanted)?;
    let mut view = ExportView {
        schema: SCHEMA,
        changed: false,
        format: wanted.word(),
        sessions: drafts.iter().map(|d| d.id.clone()).collect(),
        files: Vec::new(),
        lost: Vec::new(),
        text: None,
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let name = if let [one] = drafts.as_slice() { one.id.as_str() } else { "plans" };
    match wanted {
        Wanted::Html => files.push((format!("{name}.html"), html(cx, &directories)?)),
        Wanted::Zip => files.push((format!("{name}.zip"), zipped(cx, &directories, &drafts)?)),
        Wanted::Text(Format::Json) => {
            files.push((format!("{name}.json"), export_json(&drafts)));
            let named = drafts.iter().filter(|d| !d.artifacts.is_empty());
            view.lost.extend(named.map(|d| LostView {
                session: d.id.clone(),
                what: "contents of artifacts",
                count: d.artifacts.len(),
            }));
        }
        Wanted::Text(format) => {
            for draft in &drafts {
                let Exported { files: written, lost } = write(draft, format);
                // A format of many files, and names that every session has, go into a folder each.
                let own = format == Format::Backlog || (drafts.len() > 1 && format != Format::Markdown);
                let folder = if own { format!("{}/", draft.id) } else { String::new() };
                files.extend(written.into_iter().map(|(path, bytes)| (format!("{folder}{path}"), bytes)));
                view.lost.extend(lost.into_iter().map(|l| LostView {
                    session: draft.id.clone(),
                    what: l.what,
                    count: l.count,
                }));
            }
        }
    }
    if input.to_stdout && wanted == Wanted::Zip {
        return Err(OpError::new(ErrorCode::InvalidInput, "a zip cannot go to standard output")
            .hint("name a file with `--out FILE`"));
    }
    if input.to_stdout {
        let [(_, bytes)] = files.as_slice() else {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("this export has {} files and cannot go to standard output", files.len()),
            )
            .hint("name a folder with `--out DIR`"));
        };
        view.text = Some(String::from_utf8_lossy(bytes).into_owned());
        return Ok(view);
    }
    let files = placed(cx, input, files)?;
    view.files = files.iter().map(|(path, _)| cx.workspace.below_root(path)).collect();
    if !cx.dry_run {
        cx.workspace.write_exports(&files, input.force).map_err(not_written)?;
        view.changed = true;
    }
    Ok(view)
}

/// Nothing of the export is there then.
fn not_written(error: crate::workspace::Error) -> OpError {
    use crate::disk::Kind;
    use crate::workspace::Error;
    let path = match error {
        Error::Exists(path) => path,
        Error::Disk(e) if e.kind == Kind::Exists => e.path.display().to_string(),
        Error::Disk(e) if e.kind == Kind::NotRegular => {
            let path = e.path.display().to_string();
            return OpError::new(
                ErrorCode::Unreadable,
                format!("`{path}` is no file and cannot be overwritten"),
            )
            .hint("use `--out` for another place; nothing was written")
            .with("path", path);
        }
        other => return other.into(),
    };
    OpError::new(ErrorCode::AlreadyExists, format!("`{path}` is there already; nothing was written"))
        .hint("use `--force` to overwrite what is there, or `--out` for another place")
        .with("path", path)
}

fn directories(cx: &Context<'_>, all: bool) -> Result<Vec<SafeName>, OpError> {
    let names: Vec<String> = if all {
        let (rows, _) = cx.workspace.index().sessions(&SessionFilter::default())?;
        rows.into_iter().map(|r| r.directory).collect()
    } else {
        vec![cx.session()?.directory]
    };
    Ok(names.iter().map(|name| SafeName::parse(name)).collect::<Result<_, _>>()?)
}

fn drafts(cx: &Context<'_>, directories: &[SafeName], wanted: Wanted) -> Result<Vec<Draft>, OpError> {
    let mut drafts = Vec::new();
    for directory in directories {
        let snapshot = cx.workspace.snapshot(directory)?;
        let mut draft = Draft::from_session(&snapshot.lifted.session);
        // The id in a file is anybody's text; names of files are made of the directory's.
        draft.id = directory.to_string();
        // Other formats name tasks by their ids. A plan goes on without them.
        if wanted != Wanted::Text(Format::Markdown) {
            for (nth, id) in crate::format::adoption(&snapshot.lifted) {
                if let Some(task) = draft.tasks.get_mut(nth) {
                    task.id = Some(id);
                }
            }
        }
        let artifacts = cx.workspace.artifacts(directory)?;
        draft.artifacts = artifacts
            .into_iter()
            .map(|a| Artifact {
                task: a.task.unwrap_or_default(),
                named: a.path,
                file: None,
                kind: a.kind.unwrap_or_default(),
                summary: a.description.unwrap_or_default(),
            })
            .collect();
        drafts.push(draft);
    }
    Ok(drafts)
}

/// Where the files go: into the folder that is named, or, for one file, to the file that is named.
fn placed(
    cx: &Context<'_>,
    input: &ExportInput,
    files: Vec<(String, Vec<u8>)>,
) -> Result<Vec<(PathBuf, Vec<u8>)>, OpError> {
    let layout = cx.workspace.disk().layout();
    if let (Some(out), [(name, bytes)]) = (&input.out, files.as_slice()) {
        let is_dir = cx.workspace.disk().fs().read_dir(out).is_ok();
        let says_file = out.extension().is_some() || !name.contains('/');
        if !is_dir && says_file && !out.to_string_lossy().ends_with(['/', '\\']) {
            return Ok(vec![(out.clone(), bytes.clone())]);
        }
    }
    let base = input.out.clone().unwrap_or_else(|| layout.exports());
    let mut placed = Vec::new();
    for (name, bytes) in files {
        let safe = Path::new(&name).components().all(|c| matches!(c, Component::Normal(_)));
        if !safe {
            return Err(OpError::new(ErrorCode::Outside, format!("`{name}` leads out of the export"))
                .hint("give the task another id"));
        }
        placed.push((base.join(&name), bytes));
    }
    Ok(placed)
}
