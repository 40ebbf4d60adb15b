//! What the fuzzer found once, and every other text we keep: read, and changed in every way.

use std::fs;

use crate::common::manifest;
use crate::edits;
use crate::reading::laws;

fn texts(dir: &str) -> Vec<(String, Vec<u8>)> {
    // Git keeps no empty directory: without findings there is none.
    let entries = fs::read_dir(manifest(dir)).into_iter().flatten();
    let mut found: Vec<_> = entries
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .map(|p| (p.display().to_string(), fs::read(&p).unwrap()))
        .collect();
    found.sort();
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
