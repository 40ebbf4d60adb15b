//! The line merge against the real `git merge-file`, and the merge cases in `fixtures/merges`.

use std::process::Command;

use plandown::merge::{Markers, Side, lines, texts};

use crate::common::manifest;

/// Small and repeatable (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below
    }
}

#[derive(Clone, Copy, Debug)]
enum Family {
    Tiny,
    Unique,
    Plan,
    Blocks,
}

fn line(dice: &mut Dice, family: Family) -> String {
    let n = dice.next(1_000_000);
    match family {
        Family::Tiny => ["a", "b", "c"][n % 3].to_owned(),
        Family::Unique => format!("line {n}"),
        Family::Plan => match n % 6 {
            0 => String::new(),
            1 => format!("### Group {}", n % 4),
            2 => "Some words.".to_owned(),
            3 => format!("  - [ ] step {}", n % 9),
            _ => format!("- [{}] task {} (Pending)", [" ", "x"][n % 2], n % 20),
        },
        Family::Blocks => ["{", "}", "", "  x", "  x", "end", "y\r"][n % 7].to_owned(),
    }
}

fn edited(dice: &mut Dice, family: Family, base: &[String]) -> Vec<String> {
    let mut lines = base.to_vec();
    for _ in 0..=dice.next(4) {
        let at = dice.next(lines.len() + 1);
        match dice.next(4) {
            0 => {
                for _ in 0..=dice.next(3) {
                    lines.insert(at, line(dice, family));
                }
            }
            1 if at < lines.len() => {
                lines.remove(at);
            }
            2 if at < lines.len() => {
                let end = (at + 1 + dice.next(4)).min(lines.len());
                let moved: Vec<String> = lines.drain(at..end).collect();
                let to = dice.next(lines.len() + 1);
                lines.splice(to..to, moved);
            }
            _ if at < lines.len() => lines[at] = line(dice, family),
            _ => {}
        }
    }
    lines
}

fn text(dice: &mut Dice, lines: &[String]) -> String {
    let mut text = lines.join("\n") + if lines.is_empty() { "" } else { "\n" };
    if dice.next(8) == 0 {
        text.pop();
    }
    text
}

fn triple(dice: &mut Dice, family: Family) -> [String; 3] {
    let base: Vec<String> = (0..dice.next(24)).map(|_| line(dice, family)).collect();
    let (ours, theirs) = (edited(dice, family, &base), edited(dice, family, &base));
    [text(dice, &base), text(dice, &ours), text(dice, &theirs)]
}

#[test]
fn verdict_and_clean_bytes_are_those_of_git() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("skipped: git is not on the PATH");
        return;
    }
    std::thread::scope(|scope| {
        for family in [Family::Tiny, Family::Unique, Family::Plan, Family::Blocks] {
            scope.spawn(move || compare(family, 500));
        }
    });
}

fn compare(family: Family, rounds: usize) {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ family as u64);
    let mut clean = 0;
    for round in 0..rounds {
        let texts = triple(&mut dice, family);
        let [base, ours, theirs] = &texts;
        for (name, text) in ["base", "ours", "theirs"].iter().zip(&texts) {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let git = Command::new("git")
            .args(["merge-file", "-p", "-q", "ours", "base", "theirs"])
            .current_dir(dir.path())
            .output()
            .unwrap();
        let merged = lines::merge(base, ours, theirs).unwrap();
        let code = git.status.code().unwrap();
        assert!(code < 128, "git itself failed: {}", String::from_utf8_lossy(&git.stderr));
        assert_eq!(merged.is_clean(), code == 0, "{family:?} round {round}: {texts:#?}");
        if code == 0 {
            clean += 1;
            assert_eq!(merged.text(Side::Theirs).as_bytes(), git.stdout, "{family:?} {round}: {texts:#?}");
        }
    }
    assert!((rounds / 10..rounds * 19 / 20).contains(&clean), "{family:?}: {clean} of {rounds} are clean");
}

/// Lines that occur once: what a side added is there, what one deleted and the other left alone is
/// gone, nothing twice, and each side's order is kept.
#[test]
fn unique_lines_are_merged_as_sets() {
    let mut dice = Dice(42);
    let mut clean = 0;
    for _ in 0..5_000 {
        let base: Vec<String> = (0..dice.next(30)).map(|n| format!("line {n}")).collect();
        let mut fresh = 1_000;
        let mut side = || {
            let mut lines = base.clone();
            for _ in 0..=dice.next(4) {
                let at = dice.next(lines.len() + 1);
                if dice.next(2) == 0 && at < lines.len() {
                    lines.remove(at);
                } else {
                    fresh += 1;
                    lines.insert(at, format!("line {fresh}"));
                }
            }
            lines
        };
        let (ours, theirs) = (side(), side());
        let joined = |lines: &[String]| lines.iter().flat_map(|l| [l.as_str(), "\n"]).collect::<String>();
        let merged = lines::merge(&joined(&base), &joined(&ours), &joined(&theirs)).unwrap();
        let other = lines::merge(&joined(&base), &joined(&theirs), &joined(&ours)).unwrap();
        assert_eq!(merged.is_clean(), other.is_clean(), "the verdict is symmetric");
        if !merged.is_clean() {
            continue;
        }
        clean += 1;
        assert_eq!(merged.text(Side::Ours), other.text(Side::Ours), "the bytes are symmetric");
        let text = merged.text(Side::Ours);
        let got: Vec<&str> = text.lines().collect();
        let mut expected: Vec<&String> =
            base.iter().filter(|l| ours.contains(l) && theirs.contains(l)).collect();
        expected.extend(ours.iter().chain(&theirs).filter(|l| !base.contains(l)));
        let mut sorted = got.clone();
        sorted.sort_unstable();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        for side in [&ours, &theirs] {
            let kept: Vec<&&str> = got.iter().filter(|l| side.iter().any(|s| s == *l)).collect();
            let order: Vec<&String> = side.iter().filter(|l| got.contains(&l.as_str())).collect();
            assert_eq!(kept, order.iter().map(|s| s.as_str()).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        }
    }
    assert!(clean > 1_000, "{clean}");
}

/// Every directory of `fixtures/merges` is a case: base, ours and theirs merge cleanly to merged.
#[test]
fn cases_merge_as_written() {
    let mut cases = 0;
    let mut failed = Vec::new();
    for entry in manifest("fixtures/merges").read_dir().unwrap() {
        let dir = entry.unwrap().path();
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
        let merged = texts(&read("base.md"), &read("ours.md"), &read("theirs.md"), "garden", Side::Theirs);
        let expected = read("merged.md");
        if !merged.is_clean() || merged.text != expected {
            let (got, notes) = (&merged.text, &merged.notes);
            let shown = merged.with_markers(&Markers::default());
            failed.push(format!(
                "{}: {:?} {notes:?}\n{got}\n---- with markers\n{shown}",
                dir.display(),
                merged.conflicts
            ));
        }
        cases += 1;
    }
    assert!(failed.is_empty(), "{} of {cases}\n{}", failed.len(), failed.join("\n====\n"));
    assert!(cases >= 10, "{cases}");
}
