//! Read, change, read again: either nothing is written, or what was planned.
#![no_main]

#[path = "../../tests/it/edits.rs"]
mod edits;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first_chunk::<3>() else { return };
    if let Ok(text) = std::str::from_utf8(text) {
        edits::hold(text, *choice);
    }
});
