use super::files::parent;
use super::intent::Kept;
use super::replace::{Write, cannot_link};
use super::{Disk, Done, Error, FileText, Replaced, Stat};
use std::path::Path;

impl Disk {
    /// Where two files cannot be exchanged: a second name keeps the old file from vanishing, the rename replaces it,
    /// and the number of names tells afterwards whether somebody moved in between. The path is never absent.
    pub(super) fn replace_by_rename(
        &self,
        write: &Write,
        temp: &Path,
        old: &FileText,
    ) -> Result<Replaced, Error> {
        let intent = write.intent;
        let kept = Kept { safe: old.hash, ticket: intent.ticket.clone(), session: intent.session.clone() }
            .path(self);
        let names = match self.fs.link(write.target, &kept) {
            Ok(()) => Some(old.stat.nlink),
            Err(e) if cannot_link(&e) => None,
            Err(e) => {
                self.take_back(write, temp)?;
                return Err(Error::writing("write", write.target, e));
            }
        };
        let seen = if names.is_some() { &kept } else { write.target };
        let unchanged = self.read_at(seen).is_ok_and(|file| file.hash == old.hash);
        let alone = names.is_none_or(|names| self.names(&kept).is_none_or(|now| now == names + 1));
        if !unchanged || !alone {
            self.take_back(write, temp)?;
            self.discard(&kept);
            return Ok(Replaced::Changed(self.current(write.target)?));
        }
        if let Err(e) = self.fs.rename(temp, write.target) {
            self.take_back(write, temp)?;
            self.discard(&kept);
            return Err(Error::writing("write", write.target, e));
        }
        if let Err(error) = self.sync_dir(parent(write.target)).and_then(|()| self.sync_dir(parent(temp))) {
            return Ok(Replaced::Indeterminate(error));
        }
        let clobbered = names.is_some_and(|names| self.names(&kept).is_some_and(|now| now != names));
        Ok(Replaced::Done(Done { hash: intent.new, unsettled: false, clobbered }))
    }

    /// How many names a file has, where the platform counts them.
    fn names(&self, path: &Path) -> Option<u64> {
        let counted = |stat: &Stat| (stat.ino != 0).then_some(stat.nlink);
        self.fs.stat(path).ok().as_ref().and_then(counted)
    }
}
