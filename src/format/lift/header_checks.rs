use crate::model::Session;

use super::super::SourceMap;
use super::Reader;
use super::groups::Layout;
use super::headings::Heading;

pub(super) fn read(
    reader: &mut Reader<'_>,
    title: Option<&Heading>,
    layout: &Layout,
    session: &Session,
    map: &SourceMap,
) {
    let _ = (reader, title, layout, session, map);
}
