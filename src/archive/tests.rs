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

#[test]
fn a_seal_is_found_behind_an_archive_and_other_readers_pass_over_it() {
    let files = [("a", b"1".as_slice(), 0o644), ("b", b"2".as_slice(), 0o644)];
    let archive = pack_with(files, Effort::Quick).unwrap();
    let sealed = seal(archive.clone(), &[7; 32]);
    assert_eq!(unseal(&sealed).unwrap(), (archive.as_slice(), [7; 32]));
    assert_eq!(unpack(&sealed).unwrap().len(), 2, "a decoder skips the frame");
    for cut in 0..sealed.len() {
        assert!(matches!(unseal(&sealed[..cut]), Err(ArchiveError::Unsealed)), "{cut}");
    }
    assert!(matches!(unseal(&archive), Err(ArchiveError::Unsealed)));
}

#[test]
fn only_the_first_file_is_read_and_limits_stop_the_rest() {
    let archive = pack(&[entry("a", b"1"), entry("b", &[b'x'; 5000])]).unwrap();
    assert_eq!(first(&archive, Limits::default()).unwrap(), Some(entry("a", b"1")));
    assert_eq!(first(&pack(&[]).unwrap(), Limits::default()).unwrap(), None);
    for limits in [Limits { files: 1, bytes: 1 << 20 }, Limits { files: 9, bytes: 100 }] {
        assert!(unpack_within(&archive, limits).is_err(), "{limits:?}");
    }
    assert!(is_portable("notes/a b.md") && !is_portable("a:b") && !is_portable("../a"));
}

#[test]
fn a_zip_holds_what_went_in_and_is_the_same_every_time() {
    use std::io::Read;
    let entries = [entry("a/session.md", &[b'x'; 5000]), entry("b é.md", b"\xff\0")];
    let packed = zip(&entries).unwrap();
    assert!(packed.len() < 1000);
    assert_eq!(packed, zip(&entries).unwrap());
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(packed)).unwrap();
    assert_eq!(archive.len(), 2);
    for (nth, entry) in entries.iter().enumerate() {
        let mut file = archive.by_index(nth).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(file.name().unwrap(), entry.path);
        assert_eq!(bytes, entry.bytes);
    }
}
