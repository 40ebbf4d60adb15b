use std::collections::{HashMap, HashSet};

use super::{Session, TaskId, adoption_id, norm};

/// Ids for the tasks that have none in `own` (one entry per task), none of them in `used`.
///
/// The one rule for everything that names a task without an id: in the order of the text, parents
/// before children; a subtask's id hangs on its parent's, a root task's on the path of its group.
#[must_use]
pub(crate) fn adopted_ids(
    session: &Session,
    mut own: Vec<Option<TaskId>>,
    mut used: HashSet<TaskId>,
) -> Vec<(usize, TaskId)> {
    let mut drawn = Vec::new();
    let mut counters = HashMap::new();
    let groups: Vec<String> = session.groups.iter().map(|g| norm(&g.path)).collect();
    for (i, task) in session.tasks.iter().enumerate() {
        if own.get(i).is_none_or(Option::is_some) {
            continue;
        }
        let parent = task.parent.and_then(|p| own.get(p)?.as_ref().map(|id| id.as_str().to_owned()));
        let group = task.group.and_then(|g| groups.get(g).cloned());
        let scope = parent.or(group).unwrap_or_default();
        // Equal words start where the last one of them ended: everything below is used.
        let next = counters.entry((scope.clone(), norm(&task.title))).or_insert(0_u32);
        let free = (*next..u32::MAX).find_map(|k| {
            *next = k;
            let id = adoption_id(&session.id, &scope, &task.title, k);
            (!used.contains(&id)).then_some(id)
        });
        let Some(id) = free else { continue };
        used.insert(id.clone());
        own[i] = Some(id.clone());
        drawn.push((i, id));
    }
    drawn
}
