use super::source::{Source, is_a, walk};
use super::{Draft, Error, Fate, Import, Kind, safe};
use crate::model::SessionStatus;

/// Takes any Markdown file as a session: its bytes stay as they are and are only adopted.
pub fn markdown(bytes: &[u8], place: &str) -> Result<Import, Error> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Error::new(Kind::Syntax, place, "the file is UTF-16, and plans are UTF-8"));
    }
    let mut import = Import::default();
    if checkboxes(bytes) == 0 {
        import.report.empty(place, "checkboxes");
    }
    file(&mut import, bytes, place, &stem(place));
    Ok(import)
}

/// Takes every Markdown file with a checkbox below a folder of an Obsidian vault; both spellings
/// of its tasks are read by our own format as they are.
pub fn obsidian(source: &dyn Source, dir: &str) -> Result<Import, Error> {
    let all = walk(source, dir, 100_000);
    let wanted = all.iter().filter(|p| is_a("md", p) && !p.contains("/."));
    files(source, dir, wanted.map(|p| (p.clone(), stem(p), false)).collect())
}

/// Takes the `tasks.md` of every change of `OpenSpec`; archived ones stay marked as archived.
pub fn openspec(source: &dyn Source) -> Result<Import, Error> {
    named_folders(source, "openspec/changes/")
}

/// Takes the `tasks.md` of every feature of spec-kit.
pub fn speckit(source: &dyn Source) -> Result<Import, Error> {
    named_folders(source, "specs/")
}

/// Every `tasks.md` below a folder whose path holds `below`, called like its folder.
fn named_folders(source: &dyn Source, below: &str) -> Result<Import, Error> {
    let all = walk(source, "", 100_000);
    let mut wanted = Vec::new();
    for path in all.iter().filter(|p| p.ends_with("/tasks.md") || *p == "tasks.md") {
        let inside = format!("/{path}");
        let folder = path.trim_end_matches("tasks.md").trim_end_matches('/').rsplit('/').next().unwrap_or("");
        let name = if folder.is_empty() { "tasks" } else { folder };
        if inside.contains(&format!("/{below}"))
            || !all.iter().any(|p| format!("/{p}").contains(&format!("/{below}")))
        {
            wanted.push((path.clone(), name.to_owned(), inside.contains("/archive/")));
        }
    }
    files(source, below, wanted)
}

fn files(source: &dyn Source, place: &str, wanted: Vec<(String, String, bool)>) -> Result<Import, Error> {
    let mut import = Import::default();
    for (path, name, archived) in wanted {
        match source.read(&path) {
            Ok(bytes) if checkboxes(&bytes) > 0 => {
                file(&mut import, &bytes, &path, &name);
                if let Some(draft) = import.drafts.last_mut().filter(|_| archived) {
                    draft.status = Some(SessionStatus::Archived);
                }
            }
            Ok(_) => import.report.empty(&path, "checkboxes"),
            Err(error) => import.report.find(super::Remark::BrokenFile, &path, error.detail),
        }
    }
    if import.drafts.is_empty() {
        return Err(Error::new(Kind::UnknownShape, place, "no Markdown file with a checkbox is there"));
    }
    Ok(import)
}

fn file(import: &mut Import, bytes: &[u8], place: &str, fallback: &str) {
    let text = String::from_utf8_lossy(bytes);
    let title = text.lines().find_map(|l| l.strip_prefix("# ")).map(safe::one_line).filter(|t| !t.is_empty());
    let mut draft = Draft::new(fallback);
    draft.name = title.unwrap_or_else(|| fallback.to_owned());
    draft.verbatim = Some(bytes.to_owned());
    import.report.row(place, "files", place, Fate::Session);
    for (n, line) in text.lines().enumerate() {
        if is_checkbox(line) {
            import.report.row(place, "checkboxes", (n + 1).to_string(), Fate::Task);
        }
    }
    import.drafts.push(draft);
}

fn checkboxes(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).lines().filter(|l| is_checkbox(l)).count()
}

/// Whether a line begins a list item with a checkbox; a count for reports, not a reading.
fn is_checkbox(line: &str) -> bool {
    let text = line.trim_start();
    let behind = text.strip_prefix(['-', '*', '+']).or_else(|| {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        digits.strip_prefix(['.', ')']).filter(|_| digits.len() < text.len())
    });
    let mut chars = behind.map(|b| b.trim_start().chars()).into_iter().flatten();
    chars.next() == Some('[') && chars.next().is_some() && chars.next() == Some(']')
}

fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".md").unwrap_or(name).to_owned()
}
