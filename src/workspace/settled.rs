use crate::disk::{FileText, SafeName};
use crate::format::Lifted;

use super::{Error, Workspace};

impl Workspace {
    /// Brings the index up to date with contents that were seen at rest, and with the sessions that are
    /// gone; nothing is read again, so nothing half written gets in.
    pub fn index_settled(
        &self,
        found: &[(&SafeName, &FileText, &Lifted)],
        gone: &[String],
    ) -> Result<(), Error> {
        if found.is_empty() && gone.is_empty() {
            return Ok(());
        }
        match self.put_settled(found, gone) {
            Err(Error::IndexBusy | Error::Index(_)) => {
                self.stand_in()?;
                self.refresh().map(|_| ())
            }
            done => done,
        }
    }

    fn put_settled(&self, found: &[(&SafeName, &FileText, &Lifted)], gone: &[String]) -> Result<(), Error> {
        let mut index = self.index();
        let mut batch = index.begin()?;
        for directory in gone {
            batch.remove(directory)?;
        }
        for (name, file, lifted) in found {
            // The stamps are from after the read.
            batch.replace(&super::index::record(lifted, name.as_str(), &file.stat, 0))?;
        }
        batch.commit()?;
        Ok(())
    }
}
