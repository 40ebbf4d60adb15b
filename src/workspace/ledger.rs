use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::disk::{self, Disk, Guard, SafeName};
use crate::text::ContentHash;

use super::conflict::Standing;
use super::{Conflict, Error, Workspace};

/// Every conflict there ever was here, oldest first. A torn or foreign line is left out.
pub(super) fn read(disk: &Disk) -> Result<Vec<Conflict>, disk::Error> {
    let mut found: Vec<Conflict> = Vec::new();
    for line in disk.records(&disk.layout().conflicts())? {
        let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
        if let Some(conflict) = Conflict::read(&value) {
            found.push(conflict);
        } else if value["status"] == "resolved" {
            let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            let id = word("id");
            if let Some(conflict) = found.iter_mut().rfind(|c| c.id == id) {
                conflict.standing = Standing::Resolved { take: word("take"), by: word("by"), at: word("at") };
            }
        }
    }
    Ok(found)
}

/// Writes a conflict down, with its losing text beside the session while it is open. The same
/// conflict, still open, is not written a second time.
pub(super) fn open(
    disk: &Disk,
    guard: &Guard,
    conflict: &Conflict,
    losing: Option<&[u8]>,
) -> Result<(), disk::Error> {
    if read(disk)?.iter().any(|c| c.is_open() && c.is_same(conflict)) {
        return Ok(());
    }
    if let Some(losing) = losing.filter(|text| !text.is_empty()) {
        let session = SafeName::parse(&conflict.session)?;
        let path = disk.layout().conflict_file(&session, &SafeName::parse(&conflict.id)?);
        disk.write_view(guard, &path, &sibling(conflict, losing))?;
    }
    disk.append_record(guard, &disk.layout().conflicts(), &conflict.opening())
}

/// Writes down that a conflict was decided; the file beside the session goes.
pub(super) fn close(
    disk: &Disk,
    guard: &Guard,
    conflict: &Conflict,
    (take, by, at): (&str, &str, &str),
    revision: Option<ContentHash>,
) -> Result<(), disk::Error> {
    let line = json!({
        "id": conflict.id,
        "status": "resolved",
        "take": take,
        "resolution": revision.map(|h| h.hex()),
        "by": by,
        "at": at,
    });
    disk.append_record(guard, &disk.layout().conflicts(), &line.to_string())?;
    let session = SafeName::parse(&conflict.session)?;
    disk.remove_view(guard, &disk.layout().conflict_file(&session, &SafeName::parse(&conflict.id)?))
}

/// The file that shows a losing text: what it is about, then the text as it was.
fn sibling(conflict: &Conflict, losing: &[u8]) -> Vec<u8> {
    let subject = conflict.subject().replace(['"', '\\', '\n', '\r'], " ");
    let mut text = format!(
        "---\nplandown: conflict\nid: {}\nabout: \"{subject}\"\nkind: {}\nat: {}\n---\n\n",
        conflict.id, conflict.kind, conflict.at
    )
    .into_bytes();
    text.extend_from_slice(losing);
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text
}

impl Workspace {
    /// Every conflict there ever was here, oldest first.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, Error> {
        Ok(read(&self.disk)?)
    }

    /// How many conflicts are open.
    pub fn open_conflicts(&self) -> Result<usize, Error> {
        Ok(read(&self.disk)?.iter().filter(|c| c.is_open()).count())
    }

    /// The contents that open conflicts still need.
    pub(super) fn needed(&self) -> Result<BTreeSet<ContentHash>, Error> {
        let conflicts = read(&self.disk)?;
        let open = conflicts.iter().filter(|c| c.is_open());
        Ok(open.flat_map(|c| [c.versions.0, Some(c.versions.1), Some(c.versions.2)]).flatten().collect())
    }
}
