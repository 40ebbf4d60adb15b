use crate::archive::{Entry, zip};
use crate::disk::SafeName;
use crate::export::export_json;
use crate::import::Draft;
use crate::model::{Graph, Target};
use crate::render::{page, view_of};

use super::{Context, ErrorCode, OpError};

/// One page of these sessions, complete in itself.
pub(super) fn html(cx: &Context<'_>, directories: &[SafeName]) -> Result<Vec<u8>, OpError> {
    let mut sessions = Vec::new();
    for directory in directories {
        let snapshot = cx.workspace.snapshot(directory)?;
        let session = &snapshot.lifted.session;
        let mut seen = view_of(session, &snapshot.revision().hex(), cx.workspace.now());
        seen.artifacts = cx.workspace.artifacts(directory)?;
        let graph = Graph::of(session);
        let edges = graph.edges().iter().filter_map(|edge| match edge.to {
            Target::Task(to) => Some((edge.from, to)),
            _ => None,
        });
        sessions.push((seen, edges.collect()));
    }
    Ok(page(&sessions).into_bytes())
}

/// Every file of these sessions as it is, with the same as JSON and as a page.
pub(super) fn zipped(
    cx: &Context<'_>,
    directories: &[SafeName],
    drafts: &[Draft],
) -> Result<Vec<u8>, OpError> {
    let mut entries = vec![
        Entry { path: "plans.html".to_owned(), bytes: html(cx, directories)?, mode: 0o644 },
        Entry { path: "plans.json".to_owned(), bytes: export_json(drafts), mode: 0o644 },
    ];
    for directory in directories {
        for (path, file) in cx.workspace.own_files(directory)? {
            let path = format!("{directory}/{path}");
            entries.push(Entry { path, bytes: file.bytes, mode: file.stat.mode });
        }
    }
    zip(&entries).map_err(|e| {
        OpError::new(ErrorCode::TooLarge, format!("the zip cannot be made: {e}"))
            .hint("use `plandown backup create`")
    })
}
