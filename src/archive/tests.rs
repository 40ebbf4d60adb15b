use super::*;

fn entry(path: &str, text: &[u8]) -> Entry {
    Entry { path: path.to_owned(), bytes: text.to_vec(), mode: 0o644 }
}

/// An archive with one entry whose header says whatever `set` makes it say.
fn forged(name: &[u8], set: impl Fn(&mut tar::Header)) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
    header.set_size(0);
    header.set_mode(0o644);
    set(&mut header);
    header.set_cksum();
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    tar.append(&header, [].as_slice()).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn what_goes_in_comes_out() {
    let entries = [entry("session.md", b"a\r\n\xff"), entry(&format!("notes/{}.md", "x".repeat(150)), b"")];
    assert_eq!(unpack(&pack(&entries).unwrap()).unwrap(), entries);
    assert_eq!(pack(&entries).unwrap(), pack(&entries).unwrap());
}

#[test]
fn hostile_archives_are_refused() {
    for name in [&b"/etc/passwd"[..], b"../x", b"a/../../x", b"a//b", b"a\\b", b"c:x", b"\xff", b"a\x07"] {
        let got = unpack(&forged(name, |h| h.set_entry_type(tar::EntryType::Regular)));
        assert!(matches!(got, Err(ArchiveError::UnsafeName(_))), "{name:?}: {got:?}");
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Fifo] {
        let got = unpack(&forged(b"a", |h| h.set_entry_type(kind)));
        assert!(matches!(got, Err(ArchiveError::NotAFile(_))), "{got:?}");
    }
    let twice = pack(&[entry("a", b"1"), entry("a", b"2")]).unwrap();
    assert!(matches!(unpack(&twice), Err(ArchiveError::Repeated(_))));
    assert!(matches!(unpack(b"not an archive"), Err(ArchiveError::Unreadable(_))));
}

#[test]
fn a_torn_archive_gives_nothing() {
    let whole = pack(&[entry("session.md", &[b'x'; 5000])]).unwrap();
    for cut in 1..whole.len() {
        assert!(unpack(&whole[..cut]).is_err(), "{cut}");
    }
}
