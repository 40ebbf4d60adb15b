use super::groups::section_end;
use super::tree::is_pictured;
use crate::model::{NotesSection, Section, SectionKind, Session};

/// Where an entry goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EntryHome {
    /// Into this section.
    Section(usize),
    /// Into the last of these new sections, which go before the section with this index.
    New {
        /// Index among the sections.
        at: usize,
        /// The new ones, in order.
        sections: Vec<Section>,
    },
}

/// Finds the section for entries of this kind, or says what must be made.
#[must_use]
pub fn entry_home(session: &Session, wanted: NotesSection) -> EntryHome {
    let kind = kind_of(wanted);
    if let Some(i) = session.sections.iter().position(|s| s.kind == kind) {
        return EntryHome::Section(i);
    }
    let pictured = is_pictured(session);
    let section = |kind: SectionKind, level: u8| {
        let (picture, title) = match kind {
            SectionKind::Decisions => ("", "Decisions Made"),
            SectionKind::Learnings => ("", "Key Learnings"),
            SectionKind::NextSteps => ("", "Next Steps"),
            SectionKind::ChangeLog => ("🔄 ", "Change Log"),
            _ => ("📝 ", "Session Notes"),
        };
        let title = if pictured { format!("{picture}{title}") } else { title.to_owned() };
        Section { title, level, kind, body: String::new() }
    };
    let count = session.sections.len();
    if kind == SectionKind::ChangeLog {
        return EntryHome::New { at: count, sections: vec![section(kind, 2)] };
    }
    let log = session.sections.iter().position(|s| s.kind == SectionKind::ChangeLog && s.level <= 2);
    match session.sections.iter().position(|s| s.kind == SectionKind::Notes) {
        Some(notes) => {
            let level = (session.sections[notes].level + 1).min(6);
            let end = section_end(session, notes);
            let rank = |k| ORDER.iter().position(|o| *o == k);
            let mut inside = notes + 1..end;
            let before =
                inside.rfind(|&i| rank(session.sections[i].kind).is_some_and(|r| Some(r) < rank(kind)));
            let at = before.map_or(notes + 1, |i| section_end(session, i));
            EntryHome::New { at, sections: vec![section(kind, level)] }
        }
        None if kind == SectionKind::Notes => {
            EntryHome::New { at: log.unwrap_or(count), sections: vec![section(kind, 2)] }
        }
        None => EntryHome::New {
            at: log.unwrap_or(count),
            sections: vec![section(SectionKind::Notes, 2), section(kind, 3)],
        },
    }
}

const ORDER: [SectionKind; 3] = [SectionKind::Decisions, SectionKind::Learnings, SectionKind::NextSteps];

fn kind_of(section: NotesSection) -> SectionKind {
    match section {
        NotesSection::Notes => SectionKind::Notes,
        NotesSection::Decisions => SectionKind::Decisions,
        NotesSection::Learnings => SectionKind::Learnings,
        NotesSection::NextSteps => SectionKind::NextSteps,
        NotesSection::ChangeLog => SectionKind::ChangeLog,
    }
}

/// The line behind the last list item of a text, or behind its last line that is not blank.
fn entry_line(body: &str) -> usize {
    let lines: Vec<&str> = body.lines().collect();
    let mut fenced = false;
    let mut last = None;
    for (n, line) in lines.iter().enumerate() {
        let inner = line.trim_start();
        if inner.starts_with("```") || inner.starts_with("~~~") {
            fenced = !fenced;
        }
        if !fenced && line.len() - inner.len() < 4 && starts_item(inner) {
            last = Some(n);
        }
    }
    let Some(item) = last else {
        return lines.iter().rposition(|l| !l.trim().is_empty()).map_or(0, |n| n + 1);
    };
    let mut end = item + 1;
    for n in item + 1..lines.len() {
        let (line, after_blank) = (lines[n], lines[n - 1].trim().is_empty());
        if line.trim().is_empty() {
            continue;
        }
        if after_blank && !line.starts_with([' ', '\t']) {
            break;
        }
        end = n + 1;
    }
    end
}

fn starts_item(line: &str) -> bool {
    let rest = match line.strip_prefix(['-', '*', '+']) {
        Some(rest) => rest,
        None => match line.trim_start_matches(|c: char| c.is_ascii_digit()) {
            rest if rest.len() < line.len() => match rest.strip_prefix(['.', ')']) {
                Some(rest) => rest,
                None => return false,
            },
            _ => return false,
        },
    };
    rest.starts_with([' ', '\t'])
}

pub(super) fn append(session: &mut Session, section: NotesSection, text: &str) {
    let home = match entry_home(session, section) {
        EntryHome::Section(i) => i,
        EntryHome::New { at, sections } => {
            let last = at + sections.len() - 1;
            session.sections.splice(at..at, sections);
            last
        }
    };
    let body = &mut session.sections[home].body;
    let mut lines: Vec<String> = body.lines().map(str::to_owned).collect();
    let at = entry_line(body);
    let mut entry = text.trim().lines();
    let first = format!("- {}", entry.next().unwrap_or(""));
    lines.splice(at..at, std::iter::once(first).chain(entry.map(|l| format!("  {l}"))));
    *body = lines.join("\n");
}
