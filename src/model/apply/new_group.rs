use super::groups::{group_section, new_group_level, section_end, tasks_heading_wanted};
use super::replay::one_line;
use super::{Refusal, tree};
use crate::model::{Position, SectionKind, Session, norm};

/// A group that is made for the tasks that go into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewGroup {
    /// The index of its section: of the heading that is there, or of the new one.
    pub section: usize,
    /// Whether its heading is there already, and only had no tasks.
    pub is_there: bool,
    /// The section that the new heading comes behind, with everything below it; `None` where it
    /// is the first of its kind.
    pub behind: Option<usize>,
    /// The level of its heading.
    pub level: u8,
    /// The text of its heading.
    pub title: String,
    /// Whether a `Tasks in …` heading goes between its heading and its tasks.
    pub tasks_heading: bool,
}

/// Where a group goes that is named by a place and is not there yet.
///
/// In a file with a task section it becomes the last group inside it. Elsewhere groups are
/// headings that hold tasks: a heading of that name without tasks is used as it is; else a new
/// one comes behind the last group, on the level of the outermost ones, `Outer/Name` behind
/// what lies in `Outer`. A file without any group gets a heading of level 2 before its notes.
///
/// # Errors
/// [`Refusal`] where the name is taken or would be read as something else, and where siblings
/// are named that cannot be in a group that is not there.
pub fn new_group(session: &Session, path: &str, position: &Position) -> Result<NewGroup, Refusal> {
    let path = one_line(path, "group's name")?;
    let wanted = norm(&path);
    if wanted.is_empty() {
        return Err(Refusal::unwritable("a group's name needs a letter or a digit"));
    }
    if matches!(position, Position::Before(_) | Position::After(_)) {
        return Err(Refusal::NoGroup(crate::model::GroupRef::Path(path)));
    }
    if session.groups.iter().any(|g| norm(&g.name) == wanted) {
        return Err(Refusal::unwritable(format!("several groups are called `{path}`: give the whole path")));
    }
    let home = session.sections.iter().position(|s| s.kind == SectionKind::TaskGroups);
    if let Some(home) = home {
        let level = new_group_level(session, &path)?;
        let tasks_heading = level < 6 && tasks_heading_wanted(session);
        let section = section_end(session, home);
        return Ok(NewGroup {
            section,
            is_there: false,
            behind: Some(home),
            level,
            title: path,
            tasks_heading,
        });
    }
    let bare = session.sections.iter().position(|s| s.kind == SectionKind::Other && norm(&s.title) == wanted);
    if let Some(section) = bare {
        let level = session.sections[section].level;
        let title = session.sections[section].title.clone();
        return Ok(NewGroup { section, is_there: true, behind: None, level, title, tasks_heading: false });
    }
    let (behind, level, title) = heading_place(session, &path);
    let name = norm(&title);
    if SectionKind::reserved(&name).is_some() || SectionKind::is_task_section(&name) {
        return Err(Refusal::unwritable(format!("`{title}` is the name of a section, not of a group")));
    }
    if level > 6 {
        return Err(Refusal::unwritable("groups cannot be nested deeper"));
    }
    let section = behind.map_or_else(|| tree::task_section_at(session), |b| section_end(session, b));
    Ok(NewGroup { section, is_there: false, behind, level, title, tasks_heading: false })
}

/// Behind which section, on which level and with which text a new heading goes in a file whose
/// groups are its headings.
fn heading_place(session: &Session, path: &str) -> (Option<usize>, u8, String) {
    let outer = path.rsplit_once('/').and_then(|(outer, own)| {
        let wanted = norm(outer);
        let group = session.groups.iter().position(|g| norm(&g.path) == wanted);
        group.filter(|_| !norm(own).is_empty()).map(|g| (g, own.trim().to_owned()))
    });
    if let Some((outer, own)) = outer {
        let inside = session.groups.iter().rfind(|g| g.parent == Some(outer)).map(|g| g.level);
        let level = inside.unwrap_or(session.groups[outer].level + 1);
        return (group_section(session, outer), level, own);
    }
    match session.groups.iter().rposition(|g| g.parent.is_none()) {
        Some(last) => (group_section(session, last), session.groups[last].level, path.to_owned()),
        None => (None, 2, path.to_owned()),
    }
}
