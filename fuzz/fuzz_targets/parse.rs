//! Any bytes are read, and every place that was found is sound.
#![no_main]

#[path = "../../tests/it/reading/laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    laws::check(&laws::read(bytes));
    if let Ok(text) = std::str::from_utf8(bytes) {
        laws::check_encodings(text);
    }
});
