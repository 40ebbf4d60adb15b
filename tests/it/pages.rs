//! The pages behind `plandown explain`: the directory and the codes agree.

use plandown::diagnostic::Code;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_page_has_a_code_and_every_code_a_page() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostic/pages");
    let files: BTreeSet<String> =
        dir.read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|c| format!("{c}.md")).collect();
    assert_eq!(files, codes);
}
