use super::Reader;
use super::groups::Layout;

pub(super) fn read(reader: &mut Reader<'_>, layout: &Layout) {
    let _ = (reader, layout);
}
