//! The files that broke earlier readers.

use std::fs;
use std::path::Path;

use plandown::diagnostic::Code;
use plandown::format::Lifted;

use super::laws::{check, check_encodings, read, read_in_time};

pub const SINK: &str = include_str!("../../../fixtures/sessions/kitchen-sink/session.md");

fn nasty(number: usize) -> Lifted {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/nasty");
    let prefix = format!("{number:02}-");
    let mut found = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let path = found.find(|p| p.file_name().unwrap().to_string_lossy().starts_with(&prefix)).unwrap();
    let lifted = read_in_time(&fs::read(path).unwrap());
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
