use super::door::{Client, Door};
use crate::ops::{
    GroupList, GroupListInput, ListInput, OpError, Operation, SessionList, SessionListInput, TaskList,
};

/// At most so many suggestions are sent.
pub(super) const MOST: usize = 100;

/// What could stand for an argument, given its beginning: session ids, task ids, group paths,
/// specialists.
pub(super) fn values(
    door: &Door,
    client: &Client,
    subject: &str,
    argument: &str,
    begun: &str,
) -> Result<Vec<String>, OpError> {
    let kind = match argument {
        "id" if subject.contains("://task/") => "task",
        "id" => "session",
        other => other,
    };
    let mut values = door.with(client, |cx| {
        Ok(match kind {
            "session" => {
                let view = SessionList::run(cx, SessionListInput::default())?;
                view.sessions.into_iter().map(|s| s.id).collect()
            }
            "task" => {
                let input = ListInput { open: true, limit: Some(1000), ..ListInput::default() };
                TaskList::run(cx, input)?.tasks.into_iter().filter_map(|t| t.id).collect()
            }
            "group" => {
                let view = GroupList::run(cx, GroupListInput::default())?;
                view.groups.into_iter().map(|g| g.path).collect()
            }
            "specialist" => {
                let input = ListInput { limit: Some(1000), ..ListInput::default() };
                TaskList::run(cx, input)?.tasks.into_iter().filter_map(|t| t.specialist).collect()
            }
            _ => Vec::new(),
        })
    })?;
    let wanted = begun.to_lowercase();
    values.retain(|v: &String| v.to_lowercase().starts_with(&wanted));
    values.sort_unstable();
    values.dedup();
    Ok(values)
}
