//! The files that broke earlier readers.

use std::fs;
use std::path::Path;

use plandown::diagnostic::Code;
use plandown::format::Lifted;

use super::laws::{check, check_encodings, read};

pub(super) const SINK: &str = include_str!("../../../fixtures/sessions/kitchen-sink/session.md");

fn nasty(number: usize) -> Lifted {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/nasty");
    let prefix = format!("{number:02}-");
    let mut found = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let path = found.find(|p| p.file_name().unwrap().to_string_lossy().starts_with(&prefix)).unwrap();
    let lifted = read(&fs::read(path).unwrap());
    check(&lifted);
    lifted
}

/// Tasks as `[symbol] title | id`, and the codes of all findings but missing ids.
#[track_caller]
fn expect(number: usize, tasks: &[&str], codes: &[Code]) {
    let lifted = nasty(number);
    let line = |t: &plandown::model::Task| {
        format!("[{}] {} | {}", t.symbol, t.title, t.id.as_ref().map_or("-", |i| i.as_str()))
    };
    let got: Vec<_> = lifted.session.tasks.iter().map(line).collect();
    assert_eq!(got, tasks, "{number}");
    let got: Vec<_> = lifted
        .diagnostics
        .iter()
        .map(|d| d.code)
        .filter(|c| !matches!(c, Code::I501 | Code::H201 | Code::H209))
        .collect();
    assert_eq!(got, codes, "{number}");
}

#[test]
fn all_are_sound_in_every_encoding() {
    for number in (1..=35).filter(|n| *n != 10) {
        let lifted = nasty(number);
        let text = lifted.document.text();
        if !text.contains(['\r', '\u{feff}']) {
            check_encodings(text);
        }
    }
    check(&read(SINK.as_bytes()));
    check_encodings(SINK);
}
/// Looked through one by one; a change here is a change in what people's files mean.
#[test]
fn what_the_files_say() {
    use Code::*;
    expect(1, &["[ ] first | t-aaaaa1", "[x] second | t-aaaaa2"], &[F003]);
    expect(2, &["[ ] one | t-aaaaa1", "[x] two | t-aaaaa2"], &[F008]);
    expect(3, &["[ ] right behind | t-aaaaa1"], &[F002]);
    expect(4, &["[ ] first | t-aaaaa1", "[ ] last | t-aaaaa2"], &[]);
    expect(5, &[], &[]);
    expect(6, &["[ ] one | t-aaaaa1", "[x] two | t-aaaaa2"], &[S101]);
    expect(7, &["[ ] one | t-aaaaa1", "[ ] two | t-aaaaa2"], &[]);
    expect(8, &["[ ] one | t-aaaaa1", "[ ] two | t-aaaaa2"], &[F003]);
    expect(9, &["[ ] one | t-aaaaa1"], &[S103, S104]);
    expect(11, &["[ ] real | t-aaaaa1"], &[T199, T199, T199]);
    expect(12, &["[ ] open | t-aaaaa1"], &[T106, T199]);
    expect(13, &["[ ] real | t-aaaaa1"], &[T105, T101, T105, T105, T101, T101, T101, T101]);
    expect(14, &["[ ] next line | t-aaaaa1", "[ ]  | -", "[ ] after an empty one | t-aaaaa2"], &[T108, T199]);
    expect(15, &["[ ] two | t-aaaaa2"], &[]);
    expect(
        16,
        &[
            "[ ] star | t-aaaaa1",
            "[ ] plus | t-aaaaa2",
            "[ ] dash | t-aaaaa3",
            "[ ] paren | t-aaaaa4",
            "[ ] dot | t-aaaaa5",
            "[ ] two digits | t-aaaaa6",
            "[ ] below | t-aaaaa7",
            "[ ] nine | t-aaaaa8",
            "[x] ten | t-aaaaa9",
            "[ ] deep | t-aaaaab",
        ],
        &[],
    );
    expect(
        17,
        &[
            "[ ] tab behind | t-aaaaa1",
            "[ ] tab child | t-aaaaa2",
            "[x] tab grandchild | t-aaaaa3",
            "[ ] three spaces | t-aaaaa4",
            "[ ] plain | t-aaaaa5",
            "[ ] mixed | t-aaaaa6",
        ],
        &[],
    );
    expect(18, &["[ ] one | t-aaaaa1", "[ ] two | t-aaaaa2"], &[T122]);
    expect(19, &["[ ] one | t-aaaaa1", "[ ] two | t-aaaaa2", "[x] three | t-aaaaa3"], &[]);
    expect(20, &["[ ] one | t-aaaaa1"], &[]);
    expect(21, &[], &[]);
    expect(22, &["[ ] one | t-aaaaa1"], &[L401, L401, L401, L401]);
    expect(23, &["[ ] one | t-aaaaa1"], &[]);
    expect(
        24,
        &[
            "[ ] two blanks | -",
            "[ ] backslash | -",
            "[ ] two backslashes\\\\ | -",
            "[ ] last backslash\\ | -",
        ],
        &[],
    );
    expect(
        25,
        &[
            "[ ] span `[due:: 2025-01-01]` | t-aaaaa1",
            "[ ] long `span | -",
            "[ ] [see here](u) | t-aaaaa3",
            "[ ] [t](u(due:: 2025-01-04)) | t-aaaaa4",
            "[ ] <a title=\"[due:: 2025-01-05]\">x</a> | t-aaaaa5",
            "[ ] escaped | t-aaaaa6",
            "[ ] https://x.y/(due::2025-01-07) | t-aaaaa7",
        ],
        &[L403],
    );
    expect(
        26,
        &[
            "[ ] nested | t-aaaaa1",
            "[ ] link | t-aaaaa2",
            "[ ] open [due:: 2025-01-01 | -",
            "[ ] commas | t-aaaaa3",
            "[ ] long | t-aaaaa4",
        ],
        &[T113, T115, T113],
    );
    expect(
        27,
        &[
            "[ ] ends in | -",
            "[ ] ends in (really) | -",
            "[ ] a (In Progress) - two words - 3h | -",
            "[ ] a - 3h | -",
            "[ ] 検証 | -",
            "[ ] (Pending) | -",
            "[ ] a (Pendign) | -",
        ],
        &[T102],
    );
    expect(
        28,
        &[
            "[ ] mid line | t-aaaaa1",
            "[ ] twice | t-aaaaa3",
            "[ ] UPPER | t-aaaaa4",
            "[ ] tag #tag | t-aaaaa5",
            "[ ] code `^t-aaaaa6` | -",
            "[ ] second | t-aaaaa7",
            "[ ] x | 2",
        ],
        &[I505, I504, I505, I505],
    );
    expect(
        29,
        &["[ ] one | t-aaaaa1", "[ ] copy | -", "[ ] differ | t-aaaaa3", "[ ] Copy | -"],
        &[I502, I504, I502],
    );
    expect(
        30,
        &[
            "[x] a | -",
            "[ ] b | -",
            "[-] c | -",
            "[!] d | -",
            "[日] e | -",
            "[😀] f | -",
            "[/] g | -",
            "[?] h | -",
        ],
        &[T103, T103, T103, T104, T104, T104],
    );
    expect(
        31,
        &[
            "[ ] a | t-aaaaa1",
            "[ ] b | t-aaaaa2",
            "[ ] c | t-aaaaa3",
            "[ ] self | t-aaaaa4",
            "[ ] twin | t-aaaaa5",
            "[ ] twin | t-aaaaa6",
            "[ ] title | t-aaaaa7",
            "[ ] both | t-aaaaa8",
            "[ ] edge | t-aaaaa9",
        ],
        &[],
    );
    expect(32, &[], &[R701, R705, F003, R708, R701, R703, R702]);
    expect(33, &["[ ] one | t-aaaaa1"], &[]);
    expect(34, &["[ ] one | t-aaaaa1", "[x] one | -"], &[F006, F006, I502]);
    expect(35, &["[ ] details | t-aaaaa1", "[ ] inner | t-aaaaa2"], &[T118, T118, T118, T118, T120]);
}

#[test]
fn fields_and_tails_in_odd_places() {
    let values = |lifted: &Lifted| -> Vec<String> {
        lifted
            .session
            .tasks
            .iter()
            .flat_map(|t| &t.fields)
            .map(|f| f.value.chars().take(40).collect())
            .collect()
    };
    assert_eq!(values(&nasty(25)), ["2025-01-03", "2025-01-06"]);
    let long = "x".repeat(40);
    assert_eq!(values(&nasty(26)), ["a [b] c", "[[s/session#^t-b|name]], t-aaaaa1", "a, b,c", &long]);
    let words: Vec<_> =
        nasty(27).session.tasks.iter().map(|t| t.tail.as_ref().map(|t| t.word.clone())).collect();
    let word = |w: &str| Some(w.to_owned());
    assert_eq!(words, [word("Pending"), None, None, None, word("Blocked"), None, None]);
    let states: Vec<_> = nasty(30).session.tasks.iter().map(|t| t.status.key()).collect();
    let expected =
        ["completed", "pending", "cancelled", "pending", "pending", "pending", "in_progress", "cancelled"];
    assert_eq!(states, expected);
}

#[test]
fn front_matter_and_sections_of_odd_files() {
    let zoo = nasty(9).session;
    assert_eq!((zoo.id.as_str(), zoo.status().key()), ("quoted", "active"));
    assert_eq!(nasty(3).session.id, "marked");
    assert_eq!(nasty(7).session.id, "odd");
    assert_eq!(nasty(8).session.tasks.len(), 2);
    let split: Vec<_> = nasty(22).session.sections.iter().map(|s| (s.level, s.title.clone())).collect();
    let titled = |level, title: &str| (level, title.to_owned());
    assert_eq!(
        split,
        [
            titled(2, "S"),
            titled(3, "Deep"),
            titled(3, "Other"),
            titled(1, ""),
            titled(6, "Six"),
            titled(1, "")
        ]
    );
    let generated: Vec<_> = nasty(32).map.generated.iter().map(|b| (b.name.clone(), b.pristine)).collect();
    assert_eq!(generated, [("board".to_owned(), false), ("next".to_owned(), false)]);
}

/// Too large to stand in the repository.
#[test]
fn attacks_end() {
    for inner in ["- ".repeat(20_000), "? ".repeat(20_000), "[".repeat(200_000), "a: &a [*a]".to_owned()] {
        let lifted = read(format!("---\nid: bomb\nx: {inner}\n---\n# S\n").as_bytes());
        check(&lifted);
        assert_eq!(lifted.session.id, "bomb");
        assert!(
            lifted.diagnostics.iter().any(|d| matches!(d.code, Code::S104 | Code::S110)),
            "{}",
            &inner[..4]
        );
    }
    let deep: String = (0..1000).map(|n| format!("{}- a\n", " ".repeat(2 * n))).collect();
    let deep = read((deep + &"\n".repeat(400_000)).as_bytes());
    assert!(deep.diagnostics.iter().any(|d| d.code == Code::F007));
    let quotes = read(">".repeat(100_000).as_bytes());
    assert!(quotes.diagnostics.iter().any(|d| d.code == Code::F007));
    for line in ["[a:: ", "(a:: [", "`a", "<a ", "[t](", "^t-aaaaaa ", "📅 ", "<!-- "] {
        let text = format!("# S\n\n- [ ] {}\n", line.repeat(100_000 / line.len()));
        check(&read(text.as_bytes()));
    }
    let many = read("- [ ] a (Pending) - dev - 3h  [due:: 2025-01-01]\n".repeat(20_000).as_bytes());
    assert_eq!(many.session.tasks.len(), 20_000);
    assert_eq!(many.diagnostics.iter().filter(|d| d.code == Code::I501).count(), 20_000);
    let odd = read("- [ ] a\0b \u{202e}c \u{200d}d\n".as_bytes());
    assert_eq!(odd.session.tasks[0].title, "a\0b \u{202e}c \u{200d}d");
}
