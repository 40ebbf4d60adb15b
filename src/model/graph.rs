use std::collections::HashMap;

use super::{Field, Session, TaskId, TaskRef, TaskStatus, norm};

/// What a written dependency turns out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A task of the same session.
    Task(usize),
    /// A task of another session, to be looked up there.
    Foreign {
        /// The other session as written.
        session: String,
        /// The task there.
        id: TaskId,
    },
    /// Nothing of that name.
    Unknown,
    /// This many tasks of that title.
    Ambiguous(usize),
}

/// `from` waits for `to`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The task that waits.
    pub from: usize,
    /// What it waits for.
    pub to: Target,
    /// The reference as written; for an edge stated as `blocks`, the id or title of `from`.
    pub written: TaskRef,
    /// The field that states it: [`Field::DependsOn`] or [`Field::Blocks`].
    pub via: Field,
    /// The task on whose lines it is written.
    pub stated_by: usize,
}

/// Why a task cannot be begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unready {
    /// It is closed, or its own state says so.
    Status(TaskStatus),
    /// A dependency is not completed.
    Waits(usize),
    /// A dependency lives in another session.
    Foreign {
        /// That session as written.
        session: String,
        /// The task there.
        id: TaskId,
    },
    /// A dependency cannot be found or is ambiguous.
    Unknown(TaskRef),
    /// A subtask is still open.
    OpenSubtask(usize),
    /// An ancestor cannot be begun for one of these reasons.
    Ancestor(usize),
}

/// Whether a task can be begun, and if not, everything that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Readiness {
    /// All reasons; foreign dependencies are listed though another session may have completed them.
    pub reasons: Vec<Unready>,
}

impl Readiness {
    /// Whether nothing in this session stands in the way.
    #[must_use]
    pub fn is_ready_here(&self) -> bool {
        self.reasons.iter().all(|r| matches!(r, Unready::Foreign { .. }))
    }

    /// The foreign tasks that must be completed too.
    pub fn foreign(&self) -> impl Iterator<Item = (&str, &TaskId)> {
        self.reasons.iter().filter_map(|r| match r {
            Unready::Foreign { session, id } => Some((session.as_str(), id)),
            _ => None,
        })
    }
}

/// The dependency edges of one session, `dependsOn` and the inverse of `blocks` together.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    edges: Vec<Edge>,
    /// Edge indices by waiting task.
    waits: Vec<Vec<usize>>,
}

impl Graph {
    /// Resolves every reference of `session`.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let names = Names::of(session);
        let mut graph = Self { edges: Vec::new(), waits: vec![Vec::new(); session.tasks.len()] };
        for (i, task) in session.tasks.iter().enumerate() {
            if task.fields.is_empty() {
                continue;
            }
            for written in task.depends_on() {
                let to = names.resolve(&written);
                graph.push(Edge { from: i, to, written, via: Field::DependsOn, stated_by: i });
            }
            for written in task.blocks() {
                // An edge into another session is that session's to know; only local ones count.
                if let Target::Task(from) = names.resolve(&written) {
                    let to = Target::Task(i);
                    graph.push(Edge { from, to, written, via: Field::Blocks, stated_by: i });
                }
            }
        }
        graph
    }

    fn push(&mut self, edge: Edge) {
        self.waits[edge.from].push(self.edges.len());
        self.edges.push(edge);
    }

    /// All edges, in the order of the text.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The edges of one waiting task.
    pub fn dependencies(&self, task: usize) -> impl Iterator<Item = &Edge> {
        self.waits.get(task).into_iter().flatten().map(|&e| &self.edges[e])
    }

    fn local(&self, task: usize) -> impl Iterator<Item = usize> + '_ {
        self.dependencies(task).filter_map(|e| if let Target::Task(t) = e.to { Some(t) } else { None })
    }

    /// The dependency cycles: each a set of tasks that wait for one another, in order of the
    /// text; a task that waits for itself is a cycle of one. Tarjan's algorithm, iterative.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        let n = self.waits.len();
        let (mut index, mut low) = (vec![usize::MAX; n], vec![0; n]);
        let (mut on_stack, mut stack, mut next, mut found) = (vec![false; n], Vec::new(), 0, Vec::new());
        for root in 0..n {
            if index[root] != usize::MAX || self.waits[root].is_empty() {
                continue;
            }
            let mut work: Vec<(usize, Vec<usize>)> = vec![(root, self.local(root).collect())];
            (index[root], low[root], on_stack[root]) = (next, next, true);
            next += 1;
            stack.push(root);
            while let Some((v, todo)) = work.last_mut() {
                let v = *v;
                if let Some(w) = todo.pop() {
                    if index[w] == usize::MAX {
                        (index[w], low[w], on_stack[w]) = (next, next, true);
                        next += 1;
                        stack.push(w);
                        work.push((w, self.local(w).collect()));
                    } else if on_stack[w] {
                        low[v] = low[v].min(index[w]);
                    }
                    continue;
                }
                work.pop();
                if let Some((parent, _)) = work.last() {
                    low[*parent] = low[*parent].min(low[v]);
                }
                if low[v] == index[v] {
                    let mut ring = Vec::new();
                    while let Some(w) = stack.pop() {
                        on_stack[w] = false;
                        ring.push(w);
                        if w == v {
                            break;
                        }
                    }
                    if ring.len() > 1 || self.local(v).any(|w| w == v) {
                        ring.sort_unstable();
                        found.push(ring);
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Whether `from` would close a ring by waiting for `to`.
    #[must_use]
    pub fn would_cycle(&self, from: usize, to: usize) -> bool {
        let (mut seen, mut todo) = (vec![false; self.waits.len()], vec![to]);
        while let Some(v) = todo.pop() {
            if v == from {
                return true;
            }
            if !std::mem::replace(&mut seen[v], true) {
                todo.extend(self.local(v));
            }
        }
        false
    }

    /// The readiness of every task, in order.
    ///
    /// Fails closed: what cannot be found is not done. A cancelled dependency no longer holds
    /// anything up. A task with open subtasks waits for them; a subtask waits for whatever its
    /// ancestors wait for.
    #[must_use]
    pub fn readiness(&self, session: &Session) -> Vec<Readiness> {
        let tasks = &session.tasks;
        let mut all: Vec<Readiness> = Vec::with_capacity(tasks.len());
        let mut open_child: Vec<Option<usize>> = vec![None; tasks.len()];
        for (i, task) in tasks.iter().enumerate().rev() {
            if let Some(parent) = task.parent
                && task.status.is_open()
            {
                open_child[parent] = Some(i);
            }
        }
        // What an ancestor waits for, carried down; a parent stands before its subtasks.
        let mut held: Vec<Option<usize>> = vec![None; tasks.len()];
        let mut inherited: Vec<Vec<Unready>> = vec![Vec::new(); tasks.len()];
        for (i, task) in tasks.iter().enumerate() {
            let mut reasons = Vec::new();
            if !matches!(task.status, TaskStatus::Pending | TaskStatus::InProgress) {
                reasons.push(Unready::Status(task.status));
            }
            let mut waits = Vec::new();
            for edge in self.dependencies(i) {
                match &edge.to {
                    Target::Task(t) if tasks[*t].status.is_open() => waits.push(Unready::Waits(*t)),
                    Target::Task(_) => {}
                    Target::Foreign { session, id } => {
                        waits.push(Unready::Foreign { session: session.clone(), id: id.clone() });
                    }
                    Target::Unknown | Target::Ambiguous(_) => {
                        waits.push(Unready::Unknown(edge.written.clone()));
                    }
                }
            }
            if let Some(parent) = task.parent {
                held[i] = held[parent];
                if held[i].is_none() {
                    let stuck = all[parent].reasons.iter().any(|r| {
                        matches!(
                            r,
                            Unready::Waits(_)
                                | Unready::Unknown(_)
                                | Unready::Status(
                                    TaskStatus::Blocked | TaskStatus::OnHold | TaskStatus::Cancelled
                                )
                        )
                    });
                    held[i] = stuck.then_some(parent);
                }
                let from_parent = inherited[parent].clone();
                inherited[i] = from_parent;
            }
            inherited[i].extend(waits.iter().filter(|w| matches!(w, Unready::Foreign { .. })).cloned());
            reasons.extend(waits.into_iter().filter(|w| !matches!(w, Unready::Foreign { .. })));
            reasons.extend(inherited[i].iter().cloned());
            reasons.extend(open_child[i].map(Unready::OpenSubtask));
            reasons.extend(held[i].map(Unready::Ancestor));
            all.push(Readiness { reasons });
        }
        all
    }

    /// The longest chain of open tasks by estimated effort (an unknown effort counts as one
    /// hour), first task first. Tasks in a cycle are left out.
    #[must_use]
    pub fn critical_path(&self, session: &Session) -> Vec<usize> {
        let n = session.tasks.len();
        let mut cyclic = vec![false; n];
        self.cycles().into_iter().flatten().for_each(|t| cyclic[t] = true);
        let live = |t: usize| session.tasks[t].status.is_open() && !cyclic[t];
        let weight = |t: usize| session.tasks[t].effort().estimate.unwrap_or(60).max(1);
        // Longest path by depth-first order, iterative: (cost, next dependency).
        let mut best: Vec<Option<(u32, Option<usize>)>> = vec![None; n];
        for root in (0..n).filter(|&t| live(t)) {
            let mut work = vec![(root, false)];
            while let Some((v, expanded)) = work.pop() {
                if best[v].is_some() {
                    continue;
                }
                let deps: Vec<usize> = self.local(v).filter(|&d| live(d)).collect();
                if expanded {
                    let before = deps.iter().filter_map(|&d| Some((best[d]?.0, d))).max();
                    best[v] = Some((
                        weight(v).saturating_add(before.map_or(0, |(cost, _)| cost)),
                        before.map(|(_, d)| d),
                    ));
                } else {
                    work.push((v, true));
                    work.extend(deps.into_iter().map(|d| (d, false)));
                }
            }
        }
        let end = (0..n).filter_map(|t| Some((best[t]?.0, std::cmp::Reverse(t)))).max();
        let mut path: Vec<usize> = Vec::new();
        let mut at = end.map(|(_, std::cmp::Reverse(t))| t);
        while let Some(t) = at {
            path.push(t);
            at = best[t].and_then(|(_, next)| next);
        }
        path.reverse();
        path
    }
}

/// Ids, former ids and titles of one session: what a reference in it can mean.
pub struct Names<'a> {
    session: &'a Session,
    ids: HashMap<&'a str, usize>,
    /// Former ids in lower case; other tools' hold signs that no id of ours can.
    former: HashMap<String, usize>,
    titles: std::cell::OnceCell<HashMap<String, Vec<usize>>>,
}

impl<'a> Names<'a> {
    /// Gathers the names of `session`; titles only when the first one is asked for.
    #[must_use]
    pub fn of(session: &'a Session) -> Self {
        let (mut ids, mut former) = (HashMap::new(), HashMap::new());
        for (i, task) in session.tasks.iter().enumerate() {
            if let Some(id) = &task.id {
                ids.entry(id.as_str()).or_insert(i);
            }
            for alias in task.former_ids() {
                former.entry(alias).or_insert(i);
            }
        }
        Self { session, ids, former, titles: std::cell::OnceCell::new() }
    }

    fn id(&self, id: &TaskId) -> Option<usize> {
        self.ids.get(id.as_str()).or_else(|| self.former.get(id.as_str())).copied()
    }

    /// What `written` means in this session: an id, a former id (also one of another tool, such as
    /// `BACK-345.08`), a title. An id that is none may still be a title.
    #[must_use]
    pub fn resolve(&self, written: &TaskRef) -> Target {
        match written {
            TaskRef::Id { session: Some(s), id } if *s != self.session.id && *s != self.session.directory => {
                Target::Foreign { session: s.clone(), id: id.clone() }
            }
            TaskRef::Id { id, .. } => match self.id(id) {
                Some(t) => Target::Task(t),
                // A bare word is an id by its shape, but may be meant as a title.
                None => match self.titled(id.as_str()) {
                    Target::Task(t) => Target::Task(t),
                    _ => Target::Unknown,
                },
            },
            TaskRef::Title(title) => match self.former.get(&title.to_lowercase()) {
                Some(&t) => Target::Task(t),
                None => self.titled(title),
            },
        }
    }

    fn titled(&self, title: &str) -> Target {
        let titles = self.titles.get_or_init(|| {
            let mut map: HashMap<String, Vec<usize>> = HashMap::new();
            for (i, task) in self.session.tasks.iter().enumerate() {
                map.entry(norm(&task.title)).or_default().push(i);
            }
            map
        });
        match titles.get(&norm(title)).map(Vec::as_slice) {
            Some([one]) => Target::Task(*one),
            Some(many) => Target::Ambiguous(many.len()),
            None => Target::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskFacts;
    use crate::model::{Carrier, FieldEntry, Task};

    fn task(id: &str, title: &str, formerly: &str) -> Task {
        let entry = FieldEntry {
            field: Some(Field::Formerly),
            key: "formerly".into(),
            value: formerly.into(),
            carrier: Carrier::Inline,
        };
        TaskFacts {
            id: TaskId::parse(id),
            title: title.into(),
            symbol: ' ',
            status: TaskStatus::Pending,
            tail: None,
            fields: if formerly.is_empty() { vec![] } else { vec![entry] },
            description: String::new(),
        }
        .alone()
    }

    #[test]
    fn former_ids_of_other_tools_name_their_task() {
        let tasks = vec![
            task("t-1", "One", "BACK-345.08, task_a1135334"),
            task("t-2", "Two", "t-old"),
            task("t-3", "BACK-345.08", ""),
            task("t-4", "task_b", ""),
        ];
        let session = Session { tasks, ..Session::default() };
        let names = Names::of(&session);
        let check = |written: &str, expected: Target| {
            assert_eq!(names.resolve(&TaskRef::parse(written).unwrap()), expected, "{written}");
        };
        check("BACK-345.08", Target::Task(0));
        check("back-345.08", Target::Task(0));
        check("\"Back-345.08\"", Target::Task(0));
        check("task_a1135334", Target::Task(0));
        check("T-OLD", Target::Task(1));
        check("t-3", Target::Task(2));
        check("task_b", Target::Task(3));
        check("task_c", Target::Unknown);
        assert_eq!(session.task_by_id(&TaskId::parse("t-old").unwrap()), Some(1));
        assert_eq!(session.task_named_formerly("TASK_a1135334"), Some(0));
        assert_eq!(session.task_named_formerly("task_c"), None);
    }
}
