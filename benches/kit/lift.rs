//! Tasks out of a plan, the quick way: comrak says where they are, the canonical words are cut
//! out of their lines.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

#[derive(Debug, Default)]
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) status: &'a str,
    pub(crate) specialist: &'a str,
    pub(crate) estimate: &'a str,
    pub(crate) due: &'a str,
    pub(crate) priority: u8,
    pub(crate) depends_on: Vec<&'a str>,
    pub(crate) tags: Vec<&'a str>,
    pub(crate) body: String,
    pub(crate) parent: Option<usize>,
    pub(crate) group: &'a str,
    pub(crate) line: usize,
}

pub(crate) fn lift(text: &str) -> Vec<Row<'_>> {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.tasklist = true;
    let root = parse_document(&arena, text, &options);
    let lines: Vec<&str> = text.lines().collect();
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut group = "";
    let mut open: Vec<(usize, usize)> = Vec::new();
    for node in root.descendants() {
        let data = node.data.borrow();
        let at = data.sourcepos.start.line;
        let line = lines.get(at.saturating_sub(1)).copied().unwrap_or_default();
        match &data.value {
            NodeValue::Heading(_) => group = line.trim_start_matches('#').trim(),
            NodeValue::TaskItem(_) => {
                let column = data.sourcepos.start.column;
                while open.last().is_some_and(|(c, _)| *c >= column) {
                    open.pop();
                }
                let mut row = cut(line);
                row.parent = open.last().map(|(_, n)| *n);
                (row.group, row.line) = (group, at);
                open.push((column, rows.len()));
                rows.push(row);
            }
            NodeValue::Text(words) => {
                if let Some(row) = rows.last_mut().filter(|r| r.line < at) {
                    row.body.push_str(words);
                    row.body.push('\n');
                }
            }
            _ => {}
        }
    }
    rows
}

fn cut(line: &str) -> Row<'_> {
    let rest = line.split_once("] ").map_or("", |(_, rest)| rest);
    let (rest, id) = rest.rsplit_once(" ^").unwrap_or((rest, ""));
    let (title, rest) = rest.split_once(" (").unwrap_or((rest, ""));
    let (status, rest) = rest.split_once(')').unwrap_or(("", rest));
    let head = rest.split("  [").next().unwrap_or("");
    let mut words = head.split(" - ").skip(1);
    let mut row = Row { id, title, status, ..Row::default() };
    row.specialist = words.next().unwrap_or("");
    row.estimate = words.next().unwrap_or("");
    for field in rest.split("  [").skip(1) {
        let Some((key, value)) = field.trim_end_matches(']').split_once(":: ") else { continue };
        match key {
            "priority" => row.priority = value.bytes().next().unwrap_or(0),
            "due" => row.due = value,
            "dependsOn" => row.depends_on = value.split(", ").collect(),
            "tags" => row.tags = value.split(", ").collect(),
            _ => {}
        }
    }
    row
}
