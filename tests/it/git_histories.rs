//! Random histories of two branches, merged by the real `git` with the driver.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::git::Repo;

/// splitmix64: a case is named by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % sides
    }
}

#[derive(Clone, PartialEq)]
struct Task {
    id: String,
    title: String,
    done: bool,
    due: Option<String>,
}

#[derive(Clone)]
struct Plan {
    groups: [Vec<Task>; 2],
    notes: Vec<String>,
}

impl Plan {
    fn text(&self) -> String {
        let mut text = String::from("# Session: Histories\n\n## Task Groups\n");
        for (name, tasks) in ["Front", "Back"].iter().zip(&self.groups) {
            write!(text, "\n### {name}\n\n").unwrap();
            for task in tasks {
                let mark = if task.done { 'x' } else { ' ' };
                let due = task.due.as_ref().map_or(String::new(), |d| format!(" [due:: {d}]"));
                writeln!(text, "- [{mark}] {}{due} <!-- id: {} -->", task.title, task.id).unwrap();
            }
        }
        text.push_str("\n## Session Notes\n\n");
        for note in &self.notes {
            writeln!(text, "- {note}").unwrap();
        }
        text
    }

    fn tasks(&self) -> BTreeMap<&str, &Task> {
        self.groups.iter().flatten().map(|t| (t.id.as_str(), t)).collect()
    }

    /// One edit of a person; `word` is in nothing else.
    fn edit(&mut self, dice: &mut Dice, side: char, word: &str) {
        let group = dice.roll(2);
        let count = self.groups[group].len();
        if count == 0 {
            return;
        }
        let at = dice.roll(count);
        let task = &mut self.groups[group][at];
        match dice.roll(8) {
            0 | 1 => task.done = !task.done,
            2 => task.title = format!("{} {word}", task.title.split(' ').next().unwrap()),
            3 => task.due = Some(format!("2026-0{}-1{}", 1 + dice.roll(9), if side == 'o' { 1 } else { 2 })),
            4 => {
                // Now and then both branches draw the same id.
                let id = match dice.roll(4) {
                    0 => format!("t-twin{:02}", dice.roll(3)),
                    _ => format!("t-{side}{:05}", dice.roll(100_000)),
                };
                if !self.tasks().contains_key(id.as_str()) {
                    let task = Task { id, title: format!("New {word}"), done: false, due: None };
                    self.groups[group].insert(at, task);
                }
            }
            5 => {
                self.groups[group].remove(at);
            }
            6 => {
                let task = self.groups[group].remove(at);
                let other = dice.roll(2);
                let place = dice.roll(self.groups[other].len() + 1);
                self.groups[other].insert(place, task);
            }
            _ => self.notes.push(format!("Noted {word}")),
        }
    }
}

fn base() -> Plan {
    let task =
        |n: usize| Task { id: format!("t-base{n:02}"), title: format!("T{n}"), done: false, due: None };
    Plan {
        groups: [(0..6).map(task).collect(), (6..10).map(task).collect()],
        notes: vec!["First".to_owned()],
    }
}

/// The words that stand in `text` and not in `base`.
fn added<'t>(text: &'t str, base: &str) -> Vec<&'t str> {
    text.split_whitespace().filter(|w| w.starts_with("w-") && !base.contains(w)).collect()
}

#[test]
fn two_branches_with_the_driver() {
    let cases: u64 = std::env::var("PLANDOWN_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let plan = base();
    let base_text = plan.text();
    let repo = Repo::with_driver(&base_text);
    repo.git(&["tag", "base"]);
    let first = std::env::var("PLANDOWN_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    // And one in which a task was deleted on one side, moved and changed on the other.
    for seed in (first..first + cases).chain([4566]) {
        if seed % 1000 == 999 {
            eprintln!("{seed} histories");
        }
        let mut dice = Dice(seed);
        let mut sides = [plan.clone(), plan.clone()];
        for (name, side) in ["ours", "theirs"].iter().zip(&mut sides) {
            repo.git(&["checkout", "-q", "-B", name, "base"]);
            for commit in 0..=dice.roll(2) {
                for edit in 0..=dice.roll(2) {
                    side.edit(&mut dice, name.chars().next().unwrap(), &format!("w-{name}-{commit}-{edit}"));
                }
                repo.env.write("login", side.text());
                // Told apart by name: equal commits of one second would be one, and the base of the merge.
                repo.commit(&format!("edit of {name}"));
            }
        }
        repo.git(&["checkout", "-q", "ours"]);
        let out = repo.try_git(&["merge", "-q", "--no-edit", "theirs"]);
        let text = repo.text();
        let [ours, theirs] = [&sides[0], &sides[1]];
        let context = format!(
            "seed {seed}\n--- ours\n{}\n--- theirs\n{}\n--- result\n{text}\n{}",
            ours.text(),
            theirs.text(),
            String::from_utf8_lossy(&out.stderr)
        );
        // Merged or between markers, but never gone.
        for side in [ours, theirs] {
            for word in added(&side.text(), &base_text) {
                assert!(text.contains(word), "{word} is lost\n{context}");
            }
        }
        match out.status.code() {
            Some(0) => clean(&plan, [ours, theirs], &text, &context),
            Some(1) => {
                assert!(text.contains("<<<<<<< "), "a conflict without markers\n{context}");
                let named = String::from_utf8_lossy(&out.stderr);
                assert!(named.contains("plandown:"), "a conflict without a name\n{context}");
                let resolved = repo.ran(&["git", "resolve"]);
                assert_eq!(
                    resolved.code, 1,
                    "what the driver left, `git resolve` merges\n{context}\n{resolved:?}"
                );
                assert_eq!(repo.text(), text, "{context}");
                repo.git(&["merge", "--abort"]);
            }
            _ => panic!("{context}"),
        }
    }
}

/// What must hold of a merge that Git calls clean.
fn clean(base: &Plan, sides: [&Plan; 2], text: &str, context: &str) {
    assert!(!text.contains("<<<<<<<"), "{context}");
    let ids: Vec<&str> = text.split("<!-- id: ").skip(1).filter_map(|rest| rest.split(' ').next()).collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "an id stands twice\n{context}");
    let line = |id: &str| text.lines().find(|l| l.contains(&format!("id: {id} ")));
    for (id, was) in base.tasks() {
        let [ours, theirs] = sides.map(|s| s.tasks().get(id).copied().cloned());
        let filed = |plan: &Plan| plan.groups.iter().position(|g| g.iter().any(|t| t.id == id));
        let changed = |now: &Option<Task>| now.as_ref() != Some(was);
        let (deleted, other) = match (&ours, &theirs) {
            (None, None) => {
                assert!(line(id).is_none(), "{id} came back\n{context}");
                continue;
            }
            (None, Some(other)) => (true, (other, sides[1])),
            (Some(other), None) => (true, (other, sides[0])),
            (Some(_), Some(other)) => (false, (other, sides[1])),
        };
        if deleted {
            let moved = filed(other.1) != filed(base);
            if other.0 == was && !moved && order_kept(base, other.1, id) {
                assert!(line(id).is_none(), "{id} came back\n{context}");
            }
            continue;
        }
        let found = line(id).unwrap_or_else(|| panic!("{id} is lost\n{context}"));
        for now in [&ours, &theirs] {
            let alone = changed(now) && !(changed(&ours) && changed(&theirs));
            if let Some(now) = now.as_ref().filter(|_| alone) {
                let mark = if now.done { "- [x]" } else { "- [ ]" };
                assert!(found.starts_with(mark) && found.contains(&now.title), "{id}: {found}\n{context}");
                assert!(now.due.as_ref().is_none_or(|d| found.contains(d)), "{id}: {found}\n{context}");
            }
        }
    }
}

/// Whether a task has the neighbours that it had: only then was it surely not moved.
fn order_kept(base: &Plan, now: &Plan, id: &str) -> bool {
    let neighbours = |plan: &Plan| {
        let group = plan.groups.iter().find(|g| g.iter().any(|t| t.id == id))?;
        let at = group.iter().position(|t| t.id == id)?;
        Some((at.checked_sub(1).map(|i| group[i].id.clone()), group.get(at + 1).map(|t| t.id.clone())))
    };
    neighbours(base) == neighbours(now)
}
