use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Change, Field, NewTask, TaskId, field_named};
use crate::workspace::Plan;

use super::context::{WriteView, locate};
use super::mode_rules::Rules;
use super::task_add::{check_dependencies, dress, local_references, new_tasks, place};
use super::{AddInput, Context, Effect, ErrorCode, OpError, Operation};

/// Adds a tree of tasks that refer to one another, all or nothing.
pub struct TaskTree;

/// The tasks, and what is said of all roots.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TreeInput {
    /// In order; a parent may come after its subtasks
    pub tasks: Vec<TreeTask>,
    /// Where the roots go, and defaults for them
    pub root: AddInput,
}

/// A task of the tree.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TreeTask {
    /// A name that other tasks of this call refer to it by
    pub local: Option<String>,
    /// Local name of the task it is a part of
    pub parent: Option<String>,
    /// Its facts; `depends_on` may hold local names, ids and titles
    pub task: AddInput,
}

impl Operation for TaskTree {
    const NAME: &'static str = "task_tree";
    const EFFECT: Effect = Effect::Writes;
    type Input = TreeInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: TreeInput) -> Result<WriteView, OpError> {
        let TreeInput { tasks, root } = input;
        let (roots, ids) = assemble(cx, &tasks, &root)?;
        let anchor = [&root.parent, &root.before, &root.after].into_iter().find_map(Option::as_deref);
        let anchor = anchor.map(|word| cx.task_to_change(word)).transpose()?;
        let directory = match &anchor {
            Some(row) => row.directory.clone(),
            None => cx.session()?.directory,
        };
        let mut roots = roots;
        let rules = Rules::of_directory(cx, &directory);
        if let Some(rules) = &rules {
            rules.dress(&mut roots);
        }
        let mut remark = None;
        let view = cx.write_tasks(&directory, "task-tree", |snapshot| {
            let session = &snapshot.lifted.session;
            let anchor = anchor.as_ref().map(|row| locate(session, row)).transpose()?;
            let place = place(session, &root, anchor);
            check_dependencies(session, &root, anchor)?;
            let mut tasks = roots.clone();
            let mut level: Vec<&mut NewTask> = tasks.iter_mut().collect();
            while let Some(task) = level.pop() {
                local_references(session, std::slice::from_mut(task));
                level.extend(task.children.iter_mut());
            }
            remark = rules.as_ref().and_then(|rules| rules.too_deep(session, &place, &tasks));
            Ok(Plan { changes: vec![Change::AddTasks { place, tasks }], output: ids.clone() })
        })?;
        Ok(view.remarked(remark))
    }
}

/// The roots with everything below them, and all ids in the order the tasks were given.
fn assemble(
    cx: &Context<'_>,
    tasks: &[TreeTask],
    root: &AddInput,
) -> Result<(Vec<NewTask>, Vec<String>), OpError> {
    if tasks.is_empty() {
        return Err(OpError::new(ErrorCode::EmptyTitle, "there is no task").hint("give at least one"));
    }
    let mut made = Vec::with_capacity(tasks.len());
    let mut ids: Vec<TaskId> = Vec::with_capacity(tasks.len());
    for task in tasks {
        let id = loop {
            let id = cx.draw_id()?;
            if !ids.contains(&id) {
                break id;
            }
        };
        let mut new =
            new_tasks(cx, &AddInput { depends_on: Vec::new(), ..task.task.clone() })?.swap_remove(0);
        new.id = Some(id.clone());
        ids.push(id);
        made.push(Some(new));
    }
    let mut locals: HashMap<&str, usize> = HashMap::new();
    for (at, task) in tasks.iter().enumerate() {
        if let Some(local) = &task.local
            && locals.insert(local.trim(), at).is_some()
        {
            return Err(OpError::new(ErrorCode::Ambiguous, format!("two tasks are called `{local}`"))
                .hint("give each `ref` once"));
        }
    }
    // A title may stand for a task of this call too, where it is the only one.
    let by_title = |word: &str| {
        let mut same = tasks
            .iter()
            .enumerate()
            .filter(|(_, t)| t.task.title.as_deref().is_some_and(|t| t.trim() == word));
        same.next().map(|(at, _)| at).filter(|_| same.next().is_none())
    };
    let find = |word: &str| locals.get(word.trim()).copied().or_else(|| by_title(word.trim()));
    let parents = parents(tasks, &find)?;
    refuse_rings(tasks, &parents, &find)?;
    for (at, task) in tasks.iter().enumerate() {
        let refs: Vec<String> = task
            .task
            .depends_on
            .iter()
            .map(|word| find(word).map_or_else(|| word.clone(), |to| ids[to].to_string()))
            .collect();
        if let Some(new) = made[at].as_mut() {
            if !refs.is_empty() {
                new.fields.retain(|(key, _)| field_named(key) != Some(Field::DependsOn));
                new.fields.push((Field::DependsOn.key().to_owned(), refs.join(", ")));
            }
            if parents[at].is_none() {
                let defaults = AddInput { description: None, ..root.clone() };
                dress(new, &defaults)?;
            }
        }
    }
    Ok((nest(made, &parents), ids.iter().map(ToString::to_string).collect()))
}

fn parents(tasks: &[TreeTask], find: &impl Fn(&str) -> Option<usize>) -> Result<Vec<Option<usize>>, OpError> {
    let mut parents = Vec::with_capacity(tasks.len());
    for task in tasks {
        parents.push(match &task.parent {
            None => None,
            Some(word) => Some(find(word).ok_or_else(|| {
                OpError::new(ErrorCode::TaskNotFound, format!("no task of this call is called `{word}`"))
                    .hint(
                        "give the parent a `ref`, or put the whole tree below a task with the outer `parent`",
                    )
            })?),
        });
    }
    Ok(parents)
}

/// Neither parts nor dependencies may run in a ring; a task cannot wait for what it is a part of.
fn refuse_rings(
    tasks: &[TreeTask],
    parents: &[Option<usize>],
    find: &impl Fn(&str) -> Option<usize>,
) -> Result<(), OpError> {
    let waits: Vec<Vec<usize>> = tasks
        .iter()
        .enumerate()
        .map(|(at, t)| {
            // A subtask waits for whatever its parents wait for.
            let own = t.task.depends_on.iter().filter_map(|word| find(word));
            own.chain(parents[at]).collect()
        })
        .collect();
    // 0 unseen, 1 on the way, 2 done
    let mut state = vec![0u8; tasks.len()];
    for start in 0..tasks.len() {
        let mut way = vec![(start, 0usize)];
        while let Some((at, next)) = way.pop() {
            if next == 0 {
                if state[at] == 2 {
                    continue;
                }
                state[at] = 1;
            }
            match waits[at].get(next) {
                None => state[at] = 2,
                Some(&to) => {
                    way.push((at, next + 1));
                    if state[to] == 1 {
                        let title = tasks[at].task.title.clone().unwrap_or_default();
                        let other = tasks[to].task.title.clone().unwrap_or_default();
                        return Err(OpError::new(
                            ErrorCode::WouldCycle,
                            format!("`{title}` cannot wait for `{other}`: they would wait for each other"),
                        )
                        .hint("take one of the dependencies out"));
                    }
                    way.push((to, 0));
                }
            }
        }
    }
    Ok(())
}

/// Puts every task into its parent, in the order given.
fn nest(mut made: Vec<Option<NewTask>>, parents: &[Option<usize>]) -> Vec<NewTask> {
    let mut left: Vec<usize> = vec![0; made.len()];
    for parent in parents.iter().flatten() {
        left[*parent] += 1;
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); made.len()];
    for (at, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children[*parent].push(at);
        }
    }
    // Leaves first, so that a task is whole before its parent takes it.
    let mut ready: Vec<usize> = (0..made.len()).filter(|at| left[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        let below: Vec<NewTask> = children[at].iter().filter_map(|child| made[*child].take()).collect();
        if let Some(task) = made[at].as_mut() {
            task.children = below;
        }
        if let Some(parent) = parents[at] {
            left[parent] -= 1;
            if left[parent] == 0 {
                ready.push(parent);
            }
        }
    }
    made.into_iter().flatten().collect()
}
