use std::path::{Path, PathBuf};

use crate::disk::FileKind;
use crate::import::{self, Import, Memory, OnDisk, Remark, Source, legacy};

use super::{Context, ErrorCode, OpError};

/// What can be imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportFormat {
    /// The older, database-first tool.
    Legacy,
    /// Backlog.md.
    Backlog,
    /// Task Master.
    Taskmaster,
    /// beads.
    Beads,
    /// `todo.txt`.
    TodoTxt,
    /// Taskwarrior.
    Taskwarrior,
    /// Tasks in an Obsidian vault.
    Obsidian,
    /// `OpenSpec`.
    Openspec,
    /// spec-kit.
    Speckit,
    /// Any Markdown file with checkboxes.
    Markdown,
    /// Our own JSON export.
    Plandown,
}

impl ImportFormat {
    /// All formats with the words on the command line.
    pub const ALL: [(&'static str, Self); 11] = [
        ("legacy", Self::Legacy),
        ("backlog", Self::Backlog),
        ("taskmaster", Self::Taskmaster),
        ("beads", Self::Beads),
        ("todo.txt", Self::TodoTxt),
        ("taskwarrior", Self::Taskwarrior),
        ("obsidian", Self::Obsidian),
        ("openspec", Self::Openspec),
        ("speckit", Self::Speckit),
        ("markdown", Self::Markdown),
        ("plandown", Self::Plandown),
    ];

    /// Reads a word; the code `invalid-input` for any other.
    pub fn parse(word: &str) -> Result<Self, OpError> {
        Self::ALL.iter().find(|(w, _)| *w == word).map(|(_, f)| *f).ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|(w, _)| *w).collect();
            OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no format that can be imported"))
                .hint(format!("use one of {}", words.join(", ")))
        })
    }

    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, f)| *f == self).map_or("", |(w, _)| w)
    }

    /// Where a tool keeps its one file below a project.
    fn usual_files(self) -> &'static [&'static str] {
        match self {
            Self::Taskmaster => &[".taskmaster/tasks/tasks.json", "tasks/tasks.json", "tasks.json"],
            Self::Beads => &[".beads/issues.jsonl", ".beads/beads.jsonl", "issues.jsonl"],
            Self::TodoTxt => &["todo.txt"],
            _ => &[],
        }
    }
}

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// In which format.
    pub format: ImportFormat,
    /// The file or folder; the workspace itself where left out.
    pub path: Option<PathBuf>,
    /// The bytes of standard input, where that is the source.
    pub stdin: Option<Vec<u8>>,
    /// Offset of the clock that wrote local times without a zone: `+02:00`.
    pub offset: Option<String>,
}

/// More links and the like are not listed one by one.
const MAX_LEFT: usize = 50;

/// Larger files are no plans.
const MAX_BYTES: u64 = 512 << 20;

/// The file or folder a request means, with links followed: (folder, file in it, what to call it).
fn place(cx: &Context<'_>, wanted: &Wanted) -> Result<(PathBuf, Option<String>, String), OpError> {
    let disk = cx.workspace.disk();
    let given = wanted.path.clone().unwrap_or_else(|| disk.layout().root().to_owned());
    let fail = |kind, detail: &str| import::Error::new(kind, given.display().to_string(), detail);
    let missing = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => fail(import::Kind::NotFound, "nothing is there"),
        _ => fail(import::Kind::Io, &e.to_string().to_lowercase()),
    };
    let path = disk.fs().canonical(&given).map_err(missing)?;
    let stat = disk.fs().stat(&path).map_err(missing)?;
    let called = path.display().to_string();
    match stat.kind {
        FileKind::Dir => Ok((path, None, called)),
        FileKind::File => {
            let name = path.file_name().and_then(|n| n.to_str());
            let name = name.ok_or_else(|| fail(import::Kind::Io, "the file's name is not Unicode"))?;
            Ok((path.parent().unwrap_or(Path::new("/")).to_owned(), Some(name.to_owned()), called))
        }
        _ => Err(fail(import::Kind::Io, "it is neither a file nor a folder").into()),
    }
}

/// What a source is called in records: its path, or `-`.
pub(super) fn source_name(cx: &Context<'_>, wanted: &Wanted) -> Result<String, OpError> {
    if wanted.stdin.is_some() { Ok("-".to_owned()) } else { place(cx, wanted).map(|(_, _, called)| called) }
}

/// Reads a source and hands what it holds on, together with the source for the files that belong to it.
pub(super) fn read<T>(
    cx: &Context<'_>,
    wanted: &Wanted,
    then: impl FnOnce(Import, &dyn Source) -> Result<T, OpError>,
) -> Result<T, OpError> {
    if let Some(bytes) = &wanted.stdin {
        let import = single(wanted.format, bytes, "standard input")?;
        return then(import, &Memory::default());
    }
    let (folder, file, called) = place(cx, wanted)?;
    let source = OnDisk::new(cx.workspace.disk().fs(), &folder, MAX_BYTES);
    let located = |mut error: import::Error| {
        if !Path::new(&error.place).is_absolute() {
            let place = folder.join(error.place.trim_start_matches("./"));
            error.place = if error.place == "." { called.clone() } else { place.display().to_string() };
        }
        OpError::from(error)
    };
    let mut import = match (wanted.format, &file) {
        (ImportFormat::Legacy, only) => {
            let options = legacy::Options { only: only.clone(), offset: wanted.offset.clone() };
            cx.workspace.with_scratch(|scratch| legacy::read(&source, scratch, &options))?.map_err(located)?
        }
        (ImportFormat::Backlog, _) => import::backlog(&source).map_err(located)?,
        (ImportFormat::Obsidian, None) => import::obsidian(&source, "").map_err(located)?,
        (ImportFormat::Openspec, None) => import::openspec(&source).map_err(located)?,
        (ImportFormat::Speckit, None) => import::speckit(&source).map_err(located)?,
        (format, Some(name)) => single(format, &source.read(name)?, &called)?,
        (format, None) => {
            let usual = format.usual_files();
            let there = |path: &&&str| cx.workspace.disk().exists(&folder.join(path));
            let Some(name) = usual.iter().find(there) else {
                let error = OpError::new(
                    ErrorCode::NotFound,
                    format!("`{called}` is a folder without a file of {}", format.word()),
                );
                return Err(error.hint("name the file itself").with("place", called));
            };
            single(format, &source.read(name)?, &folder.join(name).display().to_string())?
        }
    };
    let left = source.left();
    for (path, why) in left.iter().take(MAX_LEFT) {
        import.report.find(Remark::LeftAlone, path, format!("{why}, and was not read"));
    }
    if let Some((path, _)) = left.get(MAX_LEFT) {
        let more = left.len() - MAX_LEFT;
        import.report.find(
            Remark::LeftAlone,
            path,
            format!("this and {more} more like those before were not read"),
        );
    }
    then(import, &source)
}

/// Reads a format that is one file.
fn single(format: ImportFormat, bytes: &[u8], place: &str) -> Result<Import, OpError> {
    let import = match format {
        ImportFormat::Taskmaster => import::taskmaster(bytes, place),
        ImportFormat::Beads => import::beads(bytes, place),
        ImportFormat::TodoTxt => import::todo_txt(bytes, place),
        ImportFormat::Taskwarrior => import::taskwarrior(bytes, place),
        ImportFormat::Plandown => import::plandown_json(bytes, place),
        ImportFormat::Obsidian | ImportFormat::Openspec | ImportFormat::Speckit | ImportFormat::Markdown => {
            import::markdown(bytes, place)
        }
        ImportFormat::Legacy | ImportFormat::Backlog => {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("{} is no single file and cannot come from standard input", format.word()),
            )
            .hint("name its folder"));
        }
    };
    Ok(import?)
}

/// A store of the older tool.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CandidateView {
    /// The file, below where the scan began.
    pub path: String,
    /// Which generation of the tool wrote it.
    pub generation: String,
    /// How many tasks it holds.
    pub tasks: usize,
    /// The latest time in it, as written.
    pub last_write: String,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What a scan found.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ScanView {
    /// Version of this shape.
    pub schema: u32,
    /// Where it began.
    pub root: String,
    /// The stores.
    pub stores: Vec<CandidateView>,
}

/// Looks for stores of the older tool below a folder. Changes nothing.
pub fn scan(cx: &Context<'_>, path: Option<PathBuf>) -> Result<ScanView, OpError> {
    let wanted = Wanted { format: ImportFormat::Legacy, path, stdin: None, offset: None };
    let (folder, _, root) = place(cx, &wanted)?;
    let source = OnDisk::new(cx.workspace.disk().fs(), &folder, MAX_BYTES);
    let found = cx.workspace.with_scratch(|scratch| legacy::scan(&source, scratch))?;
    let stores = found.into_iter().map(|c| CandidateView {
        path: c.path,
        generation: c.generation,
        tasks: c.tasks,
        last_write: c.last_write,
        problem: c.problem,
    });
    Ok(ScanView { schema: super::SCHEMA, root, stores: stores.collect() })
}
