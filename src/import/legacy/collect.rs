use std::collections::HashMap;

use serde_json::Value;

use super::super::draft::{Artifact, Aside, Draft, DraftGroup, DraftTask, push_paragraph};
use super::super::report::{Fate, Remark, Report};
use super::super::words::Clock;
use super::super::{json, safe};
use super::artifacts::Shelf;
use super::sqlite::Row;

/// What all stores of one project come together in.
pub(super) struct Collector {
    pub(super) draft: Draft,
    pub(super) report: Report,
    pub(super) aside: Vec<Aside>,
    pub(super) shelf: Shelf,
    /// Offset of the clock that local times were written in, where somebody named it.
    pub(super) offset: Option<String>,
    /// Lower-cased old id → (title or description, store it came from).
    seen: HashMap<String, (String, String)>,
    clocks_mixed: bool,
}

impl Collector {
    pub(super) fn new(shelf: Shelf, offset: Option<String>) -> Self {
        Self {
            draft: Draft::new("Legacy Task Session"),
            report: Report::default(),
            aside: Vec::new(),
            shelf,
            offset,
            seen: HashMap::new(),
            clocks_mixed: false,
        }
    }

    /// Whether the same thing came from another store already; then the row is kept aside. The
    /// same id with other words is another thing.
    pub(super) fn is_repeated(
        &mut self,
        source: &str,
        table: &str,
        id: &str,
        words: &str,
        raw: &dyn Fn() -> String,
    ) -> bool {
        let key = id.to_lowercase();
        let words = crate::model::norm(words);
        if let Some((other, store)) =
            self.seen.get(&key).filter(|(_, store)| store != source && !id.is_empty())
        {
            if *other == words {
                let reason = format!("the same task is in `{store}`, which is newer");
                self.keep_aside(source, table, id, raw(), reason);
                return true;
            }
            let place = format!("{source}#{table}#{}", safe::shortened(id, 80));
            let message = format!("the id names something else in `{store}`; both were imported");
            self.report.find(Remark::DuplicateId, place, message);
        }
        self.seen.entry(key).or_insert_with(|| (words, source.to_owned()));
        false
    }

    pub(super) fn keep_aside(
        &mut self,
        source: &str,
        table: &str,
        key: &str,
        json: String,
        reason: impl Into<String>,
    ) {
        self.report.row(source, table, key, Fate::Aside(reason.into()));
        self.aside.push(Aside { source: source.to_owned(), table: table.to_owned(), json });
    }

    /// Keeps all rows of a table aside.
    pub(super) fn table_aside(&mut self, source: &str, table: &str, rows: &[Row], reason: &str) {
        if rows.is_empty() {
            self.report.empty(source, table);
        }
        for (i, row) in rows.iter().enumerate() {
            self.keep_aside(source, table, &(i + 1).to_string(), row.json(), reason);
        }
    }

    /// The clock of naive local times; remarks once where two clocks meet.
    pub(super) fn local_clock(&mut self, source: &str, other_is_utc: bool) -> Clock<'_> {
        if other_is_utc && self.offset.is_none() && !self.clocks_mixed {
            self.clocks_mixed = true;
            let message = "creation times are local without a zone, completion times are UTC; both are kept as they are";
            self.report.find(Remark::MixedClocks, source, message);
        }
        Clock::Local(self.offset.as_deref())
    }

    pub(super) fn group(&mut self, group: DraftGroup) -> usize {
        self.draft.groups.push(group);
        self.draft.groups.len() - 1
    }

    /// The group for tasks that came without one.
    pub(super) fn loose_group(&mut self) -> usize {
        match self.draft.groups.iter().position(|g| g.path == "Tasks" && g.old_id.is_empty()) {
            Some(at) => at,
            None => self.group(DraftGroup { path: "Tasks".to_owned(), ..DraftGroup::default() }),
        }
    }

    pub(super) fn push(&mut self, task: DraftTask) -> usize {
        self.draft.tasks.push(task);
        self.draft.tasks.len() - 1
    }

    /// The task with this old id, of this store where several have it.
    pub(super) fn task_index(&self, old_id: &str, from: usize) -> Option<usize> {
        let found = |tasks: &[DraftTask]| tasks.iter().position(|t| t.old_id == old_id);
        let late = self.draft.tasks.get(from..).and_then(found).map(|n| n + from);
        late.or_else(|| found(&self.draft.tasks))
    }

    /// Finds what artifact pointers lead to and notes it on the task.
    pub(super) fn link_artifacts(&mut self, source: &str, task: &mut DraftTask, pointers: &[String]) {
        let mut links: Vec<String> = Vec::new();
        let own = self.shelf.files_of(&task.old_id);
        let found = pointers.iter().map(|p| (p.clone(), self.shelf.resolve(p))).collect::<Vec<_>>();
        let named: Vec<String> =
            found.iter().filter_map(|(_, f)| f.as_ref().map(|f| f.path.clone())).collect();
        let unnamed = own.into_iter().filter(|f| !named.contains(&f.path)).map(|f| (f.path.clone(), Some(f)));
        for (pointer, found) in found.into_iter().chain(unnamed.collect::<Vec<_>>()) {
            let place = format!("{source}#{}", safe::shortened(&task.old_id, 80));
            let shown = safe::shortened(&safe::one_line(&pointer), 200);
            match &found {
                Some(found) if found.repaired => {
                    let message = format!("the link `{shown}` led nowhere; the file is `{}`", found.path);
                    self.report.find(Remark::ArtifactRepaired, place, message);
                }
                Some(_) => {}
                None if self.shelf.is_ours(&pointer) => {
                    self.report.find(
                        Remark::ArtifactMissing,
                        place,
                        format!("the link `{shown}` leads nowhere"),
                    );
                }
                // A path of the project itself: not ours to look for.
                None => {}
            }
            let path = found.as_ref().map_or(shown.clone(), |f| f.path.clone());
            links.push(format!("`{}`", path.replace('`', "'")));
            self.draft.artifacts.push(Artifact {
                task: task.old_id.clone(),
                named: pointer,
                file: found.as_ref().map(|f| f.path.clone()),
                kind: found.as_ref().map(|f| f.kind.clone()).unwrap_or_default(),
                summary: found.map(|f| f.summary).unwrap_or_default(),
            });
        }
        if !links.is_empty() {
            push_paragraph(&mut task.description, &format!("Artifacts: {}", links.join(", ")));
        }
    }
}

/// A list column in any of the shapes that were written: JSON array, JSON string, `null`, lines.
pub(super) fn listed(raw: &str) -> Vec<String> {
    let raw = raw.trim();
    if raw.is_empty() || raw == "null" {
        return Vec::new();
    }
    let texts = match json::unwrapped(raw) {
        Value::Array(all) => all.iter().map(json::text).collect(),
        Value::Null => Vec::new(),
        Value::String(lines) => lines.lines().map(str::to_owned).collect(),
        other => vec![json::text(&other)],
    };
    texts.into_iter().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

/// Sets the complexity; words that ours does not know stay as a field of their own.
pub(super) fn set_complexity(task: &mut DraftTask, word: &str) {
    match word.trim() {
        "" => {}
        "trivial" => {
            task.set("complexity", "simple");
            task.set("source-complexity", "trivial");
        }
        word @ ("simple" | "moderate" | "complex" | "very_complex") => task.set("complexity", word),
        other => task.set("source-complexity", other),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn lists_in_every_shape() {
        for (raw, expected) in [
            (r#"["a","b"]"#, vec!["a", "b"]),
            (r#""[\"a\"]""#, vec!["a"]),
            ("null", vec![]),
            ("", vec![]),
            (r#""one""#, vec!["one"]),
            ("a\nb\n", vec!["a", "b"]),
            (r#""a\nb""#, vec!["a", "b"]),
            ("[broken", vec!["[broken"]),
        ] {
            assert_eq!(listed(raw), expected, "{raw}");
        }
    }
}
