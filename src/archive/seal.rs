use super::ArchiveError;

/// Start of a frame that every zstd decoder skips.
const MAGIC: [u8; 4] = 0x184D_2A5D_u32.to_le_bytes();
const TAG: &[u8; 8] = b"plandown";
const DIGEST: usize = 32;
/// Magic, length, tag, digest.
const LENGTH: usize = 4 + 4 + TAG.len() + DIGEST;

/// Puts the digest of an archive behind it, in a frame that `zstd` and `tar` pass over.
#[must_use]
pub fn seal(mut archive: Vec<u8>, digest: &[u8; DIGEST]) -> Vec<u8> {
    let length = u32::try_from(TAG.len() + DIGEST).unwrap_or(0);
    archive.extend_from_slice(&MAGIC);
    archive.extend_from_slice(&length.to_le_bytes());
    archive.extend_from_slice(TAG);
    archive.extend_from_slice(digest);
    archive
}

/// The archive before its seal, and the digest that the seal states.
pub fn unseal(sealed: &[u8]) -> Result<(&[u8], [u8; DIGEST]), ArchiveError> {
    let at = sealed.len().checked_sub(LENGTH).ok_or(ArchiveError::Unsealed)?;
    let (archive, frame) = sealed.split_at(at);
    let empty = seal(Vec::new(), &[0; DIGEST]);
    let (head, digest) = frame.split_at(LENGTH - DIGEST);
    if !empty.starts_with(head) {
        return Err(ArchiveError::Unsealed);
    }
    let digest = digest.try_into().map_err(|_| ArchiveError::Unsealed)?;
    Ok((archive, digest))
}
