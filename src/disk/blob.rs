use super::files::parent;
use super::{Disk, Error, Guard, Kind};
use crate::text::ContentHash;
use std::io::{self, Read};

/// Fast enough to be unnoticed beside a sync, and most of what compression gives to text.
const LEVEL: i32 = 3;
/// For contents of a mebibyte and more, where even that is noticed: half the time, a tenth larger.
const FAST: (usize, i32) = (1 << 20, 1);
/// No plan is this big; a snapshot that unpacks to more is damaged.
const LARGEST: u64 = 1 << 30;

impl Disk {
    /// Keeps a content for ever after, or until nothing refers to it any more: compressed, under its hash, written
    /// once and synced. Storing it again only renews its age.
    pub fn blob_put(&self, guard: &Guard, bytes: &[u8]) -> Result<ContentHash, Error> {
        self.check_guard(guard)?;
        let hash = ContentHash::of(bytes);
        let path = self.layout.blob(&hash);
        if self.fs.stat(&path).is_ok_and(|stat| stat.size > 0) {
            let _ = self.fs.touch(&path); // only its age for the collector
            return Ok(hash);
        }
        let level = if bytes.len() < FAST.0 { LEVEL } else { FAST.1 };
        let packed = zstd::bulk::compress(bytes, level).map_err(|e| Error::writing("compress", &path, e))?;
        self.make_dirs(parent(&path), 0o700)?;
        let part = self.write_part(&self.layout.tmp(), &packed, 0o600)?;
        self.fs.rename(&part, &path).map_err(|e| {
            self.discard(&part);
            Error::writing("write", &path, e)
        })?;
        self.sync_dir(parent(&path))?;
        Ok(hash)
    }

    /// The content with this hash. `NotFound` if it was never kept or is pruned, `Damaged` if what is stored under
    /// the name is something else: then nothing may be concluded from it.
    pub fn blob_get(&self, hash: &ContentHash) -> Result<Vec<u8>, Error> {
        let path = self.layout.blob(hash);
        let (packed, _) = self.fs.read(&path).map_err(|e| Error::reading("read", &path, e))?;
        let mut bytes = Vec::new();
        let unpacked = zstd::stream::Decoder::with_buffer(packed.as_slice())
            .and_then(|decoder| decoder.take(LARGEST).read_to_end(&mut bytes));
        match unpacked {
            Ok(_) if ContentHash::of(&bytes) == *hash => Ok(bytes),
            Ok(_) => Err(Error::new(Kind::Damaged, "read", &path)),
            Err(e) => Err(Error { source: Some(e), ..Error::new(Kind::Damaged, "read", &path) }),
        }
    }

    /// Like [`Disk::blob_get`], with `None` for a content that is not to be had.
    pub fn blob_find(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        match self.blob_get(hash) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if matches!(e.kind, Kind::NotFound | Kind::Damaged) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The one kept content whose hash begins with `prefix` (12 hex digits or more). `None` if there is none, or
    /// more than one.
    pub fn blob_find_prefix(&self, prefix: &str) -> Result<Option<ContentHash>, Error> {
        let prefix = prefix.to_ascii_lowercase();
        if prefix.len() < 12 || !prefix.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let dir = self.layout.blobs().join(&prefix[..2]);
        let entries = match self.fs.read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::reading("list", &dir, e)),
        };
        let mut found = entries
            .iter()
            .filter_map(|entry| entry.name.to_str()?.parse::<ContentHash>().ok())
            .filter(|hash| hash.matches_prefix(&prefix));
        let first = found.next();
        Ok(if found.next().is_none() { first } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn what_is_kept_comes_back_and_damage_is_noticed() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        let get = |hash: &ContentHash| disk.blob_get(hash).map_err(|e| e.kind);
        let hash = ContentHash::of(b"text\r\n\xff");
        assert_eq!(get(&hash), Err(Kind::NotFound));
        assert_eq!(disk.blob_put(&guard, b"text\r\n\xff").unwrap(), hash);
        assert_eq!(disk.blob_put(&guard, b"text\r\n\xff").unwrap(), hash);
        assert_eq!(get(&hash).unwrap(), b"text\r\n\xff");
        assert_eq!(disk.blob_find_prefix(&hash.hex()[..12]).unwrap(), Some(hash));
        assert_eq!(disk.blob_find_prefix(&hash.hex()[..11]).unwrap(), None);
        assert_eq!(disk.blob_find_prefix("../../../../etc").unwrap(), None);

        let path = disk.layout().blob(&hash);
        for damage in [zstd::bulk::compress(b"another", 3).unwrap(), b"garbage".to_vec(), Vec::new()] {
            fs::write(&path, damage).unwrap();
            assert_eq!(get(&hash), Err(Kind::Damaged));
        }
        assert_eq!(
            disk.blob_put(&guard, b"text\r\n\xff").unwrap(),
            hash,
            "an empty snapshot is written again"
        );
        assert!(get(&hash).is_ok());
        assert_eq!(fs::read_dir(disk.layout().tmp()).unwrap().count(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_bytes_survive(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let tmp = tempfile::tempdir().unwrap();
            let disk = Disk::open(tmp.path()).unwrap();
            let guard = disk.lock(Duration::ZERO).unwrap();
            let hash = disk.blob_put(&guard, &bytes).unwrap();
            prop_assert_eq!(disk.blob_get(&hash).unwrap(), bytes);
        }
    }
}
