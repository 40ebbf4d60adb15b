use super::{Cause, Disk, Error, Expected, FileText, Guard, Merger, Replaced, SafeName, Verdict};

/// What to do with a content that lacks something the head has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Take it as it is: its author meant it, or Git put it there.
    Accept,
    /// Merge what is missing back in.
    Merge,
}

impl Disk {
    /// Makes the content found at a session's path the head, after it was judged.
    ///
    /// A stale content is first recorded as seen, with its ancestor; it becomes part of the head together with its
    /// repair and never before. A text the head has been through cannot be merged (nothing of it is new), so for
    /// `Older`, and for `Stale` without an ancestor, `Merge` leaves everything as it is and answers `Changed` with
    /// the file: the caller has to make a conflict of it.
    pub fn adopt(
        &self,
        guard: &Guard,
        session: &SafeName,
        file: &FileText,
        choice: Choice,
        cause: &Cause,
        merger: &dyn Merger,
    ) -> Result<Replaced, Error> {
        let log = self.log(session)?;
        let head = log.head();
        let nothing = Replaced::Done(super::Done { hash: file.hash, unsettled: false, clobbered: false });
        let base = match self.judge(&log, &file.bytes, merger)? {
            Verdict::Head => return Ok(nothing),
            Verdict::FirstSight | Verdict::Edit => {
                self.accept(guard, session, &file.bytes, head, cause)?;
                return Ok(nothing);
            }
            _ if choice == Choice::Accept => {
                self.accept(guard, session, &file.bytes, head, cause)?;
                return Ok(nothing);
            }
            Verdict::Older => None,
            Verdict::Stale { base } => base,
        };
        let texts = (base, head, base.map(|hash| self.blob_find(&hash)).transpose()?.flatten());
        let (Some(base), Some(head), Some(base_text)) = texts else {
            return Ok(Replaced::Changed(Some(file.clone())));
        };
        let Some(head_text) = self.blob_find(&head)? else {
            return Ok(Replaced::Changed(Some(file.clone())));
        };
        self.observe(guard, session, &file.bytes, Some(base))?;
        let merged = merger.merge(guard, session, &base_text, &head_text, &file.bytes)?;
        let mut repair = cause.clone();
        repair.also_from.push(head);
        self.replace_merging(guard, session, &merged, Expected::Hash(file.hash), &repair, merger)
    }
}
