//! The same protocol on the machine's own file system, with threads for processes.

use super::{START, Tool, lines};
use crate::disk::{Fs, Lease, RealFs};
use crate::text::ContentHash;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

fn tool(root: &Path) -> Tool {
    Tool::on(Arc::new(RealFs), root)
}

#[test]
fn tools_and_an_editor_at_once_lose_no_line() {
    const WRITERS: usize = 3;
    const EDITS: usize = 8;
    let tmp = tempfile::tempdir().unwrap();
    let first = tool(tmp.path());
    first.disk.ensure_layout().unwrap();
    fs::create_dir_all(first.disk.layout().session_dir(&first.name)).unwrap();
    fs::write(first.file(), START).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let tool = tool(tmp.path());
            scope.spawn(move || {
                for n in 0..EDITS {
                    let line = format!("tool {writer} {n}");
                    // Whoever does not get a settled file in time says so and tries again, as a person would.
                    while tool.add(&line).is_err() {}
                }
            });
        }
        // It never loads what the others wrote: every save is one of an old buffer.
        scope.spawn(|| {
            let mut buffer = START.to_vec();
            for n in 0..EDITS {
                buffer.extend_from_slice(format!("person {n}\n").as_bytes());
                if n % 2 == 0 {
                    fs::write(first.file(), &buffer).unwrap();
                } else {
                    let new = first.file().with_extension("new");
                    fs::write(&new, &buffer).unwrap();
                    fs::rename(&new, first.file()).unwrap();
                }
                // Until somebody has seen it, so that it is not the editor that overwrites itself.
                while first.disk.blob_get(&ContentHash::of(&buffer)).is_err() {
                    first.sync().unwrap();
                }
            }
        });
    });
    first.sync().unwrap();
    let text = lines(&fs::read(first.file()).unwrap());
    let tools = (0..WRITERS).flat_map(|w| (0..EDITS).map(move |n| format!("tool {w} {n}\n")));
    for line in tools.chain((0..EDITS).map(|n| format!("person {n}\n"))) {
        assert_eq!(text.iter().filter(|other| **other == line).count(), 1, "{line:?} in {text:?}");
    }
    assert_eq!(text.len(), lines(START).len() + (WRITERS + 1) * EDITS);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_open_for_writing_is_told_from_one_that_is_not() {
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("f");
    let mut file = fs::File::create(&path).unwrap();
    let lease = || RealFs.read_leased(&path).unwrap().2;
    if lease() == Lease::Unsupported {
        return; // a file system without leases
    }
    file.write_all(b"half").unwrap();
    assert_eq!(lease(), Lease::Writer);
    drop(file);
    assert_eq!(lease(), Lease::Granted);
    fs::OpenOptions::new().write(true).open(&path).unwrap(); // the lease was given back: this does not hang
}
