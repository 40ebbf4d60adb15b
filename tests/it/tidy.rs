//! The walls of the house: which room may use which, who may touch what, how large a file may be.
//! A new row in one of these tables is a change of the architecture.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::manifest;

/// Room → the rooms it may name.
const EDGES: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("diagnostic", &["text"]),
    ("document", &["text", "diagnostic"]),
    ("model", &["text"]),
    ("format", &["document", "model", "text", "diagnostic"]),
    ("check", &["format", "document", "model", "text", "diagnostic"]),
    ("merge", &["format", "document", "model", "text", "diagnostic"]),
    ("archive", &[]),
    ("env", &["model"]),
    ("disk", &["text"]),
    ("index", &["model", "diagnostic", "text"]),
    ("watch", &[]),
    ("git", &[]),
    ("render", &["model", "diagnostic", "text"]),
    ("config", &["model", "diagnostic", "text"]),
    (
        "workspace",
        &[
            "text",
            "diagnostic",
            "document",
            "model",
            "format",
            "check",
            "merge",
            "env",
            "disk",
            "index",
            "render",
            "config",
            "watch",
            "archive",
            "import",
            "git",
        ],
    ),
    ("import", &["format", "document", "model", "disk", "diagnostic", "text", "config"]),
    ("export", &["import", "model", "text"]),
    (
        "ops",
        &[
            "workspace",
            "model",
            "merge",
            "check",
            "format",
            "document",
            "render",
            "config",
            "import",
            "export",
            "diagnostic",
            "text",
            "index",
            "disk",
            "env",
            "git",
            "archive",
        ],
    ),
    ("cli", &["ops", "diagnostic", "text", "workspace", "env", "mcp", "watch"]),
    ("mcp", &["ops", "diagnostic", "text", "workspace", "env", "watch"]),
];

/// Outside crate (as code names it) → the rooms that may name it.
const CRATES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["diagnostic"]),
    ("anstream", &["cli", "diagnostic"]),
    ("anstyle", &["cli"]),
    ("axum", &["mcp"]),
    ("blake3", &["text"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("comrak", &["document"]),
    ("gix_imara_diff", &["merge"]),
    ("gray_matter", &["format"]),
    ("jiff", &["model", "env"]),
    ("libc", &["disk"]),
    ("minijinja", &["render"]),
    ("notify", &["watch"]),
    ("regex", &["config"]),
    ("rmcp", &["mcp"]),
    ("rusqlite", &["index", "import"]),
    ("rustix", &["disk", "cli"]),
    ("schemars", &["ops", "mcp"]),
    ("serde", &["ops", "config", "render", "cli", "mcp"]),
    (
        "serde_json",
        &[
            "ops",
            "config",
            "render",
            "format",
            "check",
            "index",
            "cli",
            "mcp",
            "import",
            "export",
            "workspace",
        ],
    ),
    ("serde_yaml", &["config", "format"]),
    ("similar", &["text", "diagnostic", "merge"]),
    ("tar", &["archive"]),
    // The command line hears signals with it.
    ("tokio", &["mcp", "cli"]),
    ("tokio_util", &["mcp"]),
    ("unicode_width", &["cli", "diagnostic", "ops"]),
    ("uuid", &["env"]),
    ("walkdir", &["disk"]),
    ("zip", &["archive"]),
    ("zstd", &["disk", "archive"]),
];

struct Source {
    room: String,
    path: PathBuf,
    /// Production code: comments and the test module at the end are cut off.
    code: String,
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut todo = vec![manifest("src")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(source(path));
            }
        }
    }
    found
}

fn source(path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).unwrap();
    let is_test_file = path.components().any(|c| c.as_os_str() == "tests") || path.ends_with("tests.rs");
    let code = if is_test_file { "" } else { text.split("#[cfg(test)]\nmod ").next().unwrap_or("") };
    let code = code.split("#[cfg(all(test").next().unwrap_or("");
    let code: Vec<&str> = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
    let below = path.strip_prefix(manifest("src")).unwrap().to_owned();
    let room =
        below.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
    Source { room, path: below, code: code.join("\n") }
}

/// The words that follow `prefix` wherever it stands at the beginning of a path.
fn named<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).filter_map(move |(at, _)| {
        let before = code[..at].chars().next_back();
        let rest = &code[at + prefix.len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        (!before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')).then_some(&rest[..end])
    })
}

#[test]
fn rooms_look_down_only() {
    let mut wrong = BTreeSet::new();
    for s in sources().iter().filter(|s| !matches!(s.room.as_str(), "main" | "lib")) {
        let Some((_, allowed)) = EDGES.iter().find(|(room, _)| *room == s.room) else {
            wrong.insert(format!("{}: room `{}` has no row", s.path.display(), s.room));
            continue;
        };
        for used in named(&s.code, "crate::").filter(|used| *used != s.room && !used.is_empty()) {
            if !allowed.contains(&used) {
                wrong.insert(format!("{} uses {used}", s.path.display()));
            }
        }
        // `use crate::{a, b}` would hide from the search above.
        if s.code.contains("use crate::{") {
            wrong.insert(format!("{} imports several rooms in one `use`", s.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn outside_crates_have_their_rooms() {
    let mut wrong = BTreeSet::new();
    for s in sources() {
        for (name, rooms) in CRATES {
            let uses = [format!("{name}::"), format!("use {name};")]
                .iter()
                .any(|p| named(&s.code, p).next().is_some());
            if uses && !rooms.contains(&s.room.as_str()) {
                wrong.insert(format!("{} uses {name}", s.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn programs_are_started_in_two_places() {
    let starts: BTreeSet<String> = sources()
        .iter()
        .filter(|s| s.code.contains("Command::new("))
        .map(|s| s.path.display().to_string().replace('\\', "/"))
        .collect();
    // Git, and the editor that a person asks for.
    assert_eq!(starts, BTreeSet::from(["cli/app.rs", "git/run.rs"].map(str::to_owned)));
}

#[test]
fn every_dependency_has_a_row() {
    let manifest = fs::read_to_string(manifest("Cargo.toml")).unwrap();
    let section = |name: &str| {
        let rest = manifest.split(&format!("\n[{name}]\n")).nth(1).unwrap_or("").to_owned();
        rest.split("\n[").next().unwrap_or("").to_owned()
    };
    let text = section("dependencies") + "\n" + &section("target.'cfg(unix)'.dependencies");
    let names: BTreeSet<String> = text
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once(" = "))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .filter(|n| n != "thiserror")
        .collect();
    let rows: BTreeSet<String> = CRATES.iter().map(|(n, _)| (*n).to_owned()).collect();
    assert_eq!(names, rows);
}

#[test]
fn no_async_and_no_serialization_below_the_roof() {
    let mut wrong = Vec::new();
    for s in sources() {
        if s.code.contains("async fn") && s.room != "mcp" {
            wrong.push(format!("{}: async", s.path.display()));
        }
        let serde = ["ops", "config", "render", "cli", "mcp"];
        if s.code.contains("Serialize") && !serde.contains(&s.room.as_str()) {
            wrong.push(format!("{}: Serialize", s.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_small_and_rooms_say_their_duty() {
    let mut wrong = Vec::new();
    for s in sources() {
        let lines = s.code.lines().count();
        if lines > 800 {
            wrong.push(format!("{}: {lines} lines", s.path.display()));
        }
        if s.path.ends_with("mod.rs") && s.path.components().count() == 2 {
            let text = fs::read_to_string(manifest("src").join(&s.path)).unwrap();
            if !text.starts_with("//!") {
                wrong.push(format!("{}: no `//!` duty", s.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_test_file_is_listed() {
    let main = fs::read_to_string(manifest("tests/it/main.rs")).unwrap();
    for entry in fs::read_dir(manifest("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let stem = Path::new(path.file_name().unwrap()).file_stem().unwrap().to_string_lossy().into_owned();
        assert!(stem == "main" || main.contains(&format!("mod {stem};")), "{stem} is not listed");
    }
}

/// The numbers of the original design's systems, and those whose tests must name them.
const SYSTEMS: &[std::ops::RangeInclusive<u32>] =
    &[1..=81, 101..=111, 121..=134, 141..=188, 191..=198, 201..=207, 211..=231];
const NAMED: &[std::ops::RangeInclusive<u32>] = &[
    5..=5,
    20..=23,
    28..=28,
    33..=33,
    44..=45,
    54..=59,
    105..=106,
    121..=133,
    142..=142,
    148..=148,
    151..=152,
    157..=157,
    169..=179,
    182..=188,
    191..=198,
];

/// `tests/systems.md` has a row for every system, whose file and test are there.
#[test]
fn every_system_has_its_place_and_its_test() {
    let table = fs::read_to_string(manifest("tests/systems.md")).unwrap();
    let mut rows = Vec::new();
    for line in table.lines().filter(|line| line.starts_with("| S")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, what, place, test] = cells[..] else { panic!("{line}") };
        let number: u32 = number[1..].parse().unwrap();
        assert!(!what.is_empty() && manifest(place.trim_matches('`')).exists(), "{line}");
        let words: Vec<&str> = test.split('`').filter(|word| !word.trim().is_empty()).collect();
        let [file, function] = words[..] else { panic!("{line}") };
        let text = fs::read_to_string(manifest(file)).unwrap_or_else(|_| panic!("{line}"));
        let at = text.find(&format!("fn {function}(")).unwrap_or_else(|| panic!("{line}"));
        let before: Vec<&str> = text[..at].trim_end().lines().rev().collect();
        let own = before.iter().map(|l| l.trim()).take_while(|l| l.starts_with("///") || l.starts_with("#["));
        let head: Vec<&str> = own.collect();
        assert!(head.contains(&"#[test]"), "{line}");
        let mut words = head.iter().flat_map(|l| l.split(|c: char| !c.is_ascii_alphanumeric()));
        let in_name = function.split('_').any(|word| word == format!("s{number}"));
        if NAMED.iter().any(|range| range.contains(&number)) {
            assert!(
                in_name || words.any(|word| word == format!("S{number}")),
                "the test does not name it: {line}"
            );
        }
        rows.push(number);
    }
    let all: Vec<u32> = SYSTEMS.iter().cloned().flatten().collect();
    assert_eq!((rows, all.len()), (all, 190));
}
