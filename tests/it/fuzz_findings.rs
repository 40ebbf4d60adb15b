//! What the fuzzer found once, and every other text we keep: read, and changed in every way.

use std::fs;

use crate::common::{files, manifest};
use crate::edits;
use crate::reading::laws;

fn texts(dir: &str) -> Vec<(String, Vec<u8>)> {
    let texts = files(&manifest(dir)).into_iter().filter(|p| p.extension().is_some_and(|e| e == "md"));
    let found: Vec<_> = texts.map(|p| (p.display().to_string(), fs::read(&p).unwrap())).collect();
    assert!(!found.is_empty(), "{dir} holds no text");
    found
}

#[test]
fn findings_stay_mended() {
    for (path, bytes) in texts("fixtures/fuzz") {
        laws::check(&laws::read(&bytes));
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        laws::check_encodings(text);
        for kind in 0..16 {
            for which in 0..4 {
                for how in 0..5 {
                    eprintln!("{path} {kind} {which} {how}");
                    edits::hold(text, [kind, which, how]);
                }
            }
        }
    }
}
