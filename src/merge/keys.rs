use std::collections::HashMap;

use super::tree::{Kind, Tree};
use crate::format::Lifted;
use crate::model::{Pairing, pair_tasks};

/// Index of a version: base, ours, theirs.
pub(super) const BASE: usize = 0;
pub(super) const OURS: usize = 1;
pub(super) const THEIRS: usize = 2;

/// Which node of one version is which of another: every node has a key, equal nodes have the same.
pub(super) struct Keys {
    /// For each version and node its key.
    pub(super) of: [Vec<usize>; 3],
    /// For each key its node in each version.
    pub(super) at: Vec<[Option<usize>; 3]>,
    /// Keys of theirs whose task has an id that another new task of ours has.
    pub(super) twins: Vec<usize>,
    /// How many tasks both sides added, told by their words only.
    pub(super) same_words: usize,
}

struct Version<'a> {
    tree: &'a Tree<'a>,
    lifted: &'a Lifted,
    /// The node of each task.
    tasks: HashMap<usize, usize>,
}

impl<'a> Version<'a> {
    fn of(tree: &'a Tree<'a>, lifted: &'a Lifted) -> Self {
        let nodes = tree.nodes.iter().enumerate();
        let task = |(n, node): (usize, &super::tree::Node<'_>)| match node.kind {
            Kind::Task(i) => Some((i, n)),
            _ => None,
        };
        Self { tree, lifted, tasks: nodes.filter_map(task).collect() }
    }
}

impl Keys {
    pub(super) fn of(trees: [&Tree<'_>; 3], lifted: [&Lifted; 3]) -> Self {
        let [base, ours, theirs] = [0, 1, 2].map(|v| Version::of(trees[v], lifted[v]));
        let count = base.tree.nodes.len();
        let mut keys = Self {
            of: [(0..count).collect(), Vec::new(), Vec::new()],
            at: (0..count).map(|n| [Some(n), None, None]).collect(),
            twins: Vec::new(),
            same_words: 0,
        };
        for (v, side) in [(OURS, &ours), (THEIRS, &theirs)] {
            let pairs = pair_tasks(&base.lifted.session, &side.lifted.session);
            let mut found = vec![None; side.tree.nodes.len()];
            found[0] = Some(0);
            match_tasks(&base, side, &pairs, &mut found);
            match_sections(&base, side, &pairs, &mut found);
            keys.enter(v, &found, |known, n| named_like(known, &side.tree.nodes[n].kind), &base, side);
        }
        keys.match_added(&ours, &theirs);
        keys
    }

    /// Gives every node of a side its base node's key, or a new one; leaves are told by their
    /// names below the same parent.
    fn enter(
        &mut self,
        v: usize,
        found: &[Option<usize>],
        fits: impl Fn(&Kind, usize) -> bool,
        base: &Version<'_>,
        side: &Version<'_>,
    ) {
        let mut leaves: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
        for (b, node) in base.tree.nodes.iter().enumerate().rev() {
            if is_leaf(node.kind) {
                leaves.entry((node.parent, &node.name)).or_default().push(b);
            }
        }
        let mut of = Vec::with_capacity(found.len());
        for (n, node) in side.tree.nodes.iter().enumerate() {
            let key = found[n].or_else(|| {
                if !is_leaf(node.kind) {
                    return None;
                }
                // A parent stands before its children, so it has its key.
                let parent: usize = *of.get(node.parent)?;
                let candidates = leaves.get_mut(&(parent, node.name.as_str()))?;
                candidates.pop_if(|b| fits(&base.tree.nodes[*b].kind, n))
            });
            let key = key.unwrap_or_else(|| {
                self.at.push([None; 3]);
                self.at.len() - 1
            });
            self.at[key][v] = Some(n);
            of.push(key);
        }
        self.of[v] = of;
    }

    /// Brings together what both sides added.
    fn match_added(&mut self, ours: &Version<'_>, theirs: &Version<'_>) {
        let mut by_id = HashMap::new();
        let mut by_words: HashMap<(usize, String), Vec<usize>> = HashMap::new();
        let added =
            |keys: &Self, v: usize, n: usize| keys.at[keys.of[v][n]][BASE].is_none().then(|| keys.of[v][n]);
        for (n, node) in ours.tree.nodes.iter().enumerate() {
            let Some(key) = added(self, OURS, n) else { continue };
            if let Kind::Task(i) = node.kind
                && let Some(id) = &ours.lifted.session.tasks[i].id
            {
                by_id.insert(id.clone(), key);
            }
            let parent = self.of[OURS][node.parent];
            by_words.entry((parent, words(ours, n))).or_default().push(key);
        }
        for n in 0..theirs.tree.nodes.len() {
            let Some(key) = added(self, THEIRS, n) else { continue };
            let node = &theirs.tree.nodes[n];
            if let Kind::Task(i) = node.kind
                && let Some(id) = &theirs.lifted.session.tasks[i].id
            {
                let Some(&other) = by_id.get(id) else { continue };
                let same = self.at[other][OURS].is_some_and(|o| match ours.tree.nodes[o].kind {
                    Kind::Task(j) => {
                        let title =
                            |v: &Version<'_>, i: usize| crate::model::norm(&v.lifted.session.tasks[i].title);
                        title(ours, j) == title(theirs, i)
                    }
                    _ => false,
                });
                if same {
                    self.unite(n, key, other);
                } else {
                    self.twins.push(key);
                }
                continue;
            }
            let parent = self.of[THEIRS][node.parent];
            let Some(candidates) = by_words.get_mut(&(parent, words(theirs, n))) else { continue };
            let fits = |k: &usize| {
                self.at[*k][THEIRS].is_none()
                    && self.at[*k][OURS].is_some_and(|o| named_like(&ours.tree.nodes[o].kind, &node.kind))
            };
            if let Some(at) = candidates.iter().position(fits) {
                let other = candidates.remove(at);
                self.same_words += usize::from(matches!(node.kind, Kind::Task(_)));
                self.unite(n, key, other);
            }
        }
    }

    fn unite(&mut self, n: usize, key: usize, other: usize) {
        self.of[THEIRS][n] = other;
        self.at[other][THEIRS] = Some(n);
        self.at[key][THEIRS] = None;
    }
}

/// What a new node without an id is told by: a task by everything it says, others by name.
fn words(v: &Version<'_>, n: usize) -> String {
    let node = &v.tree.nodes[n];
    match node.kind {
        Kind::Task(_) => {
            let body: String = v.tree.own_lines(n).collect();
            format!(
                "{}\0{}",
                node.head.strip_prefix(node.indent).unwrap_or(node.head).trim_end(),
                body.trim_end()
            )
        }
        _ => node.name.clone(),
    }
}

fn is_leaf(kind: Kind) -> bool {
    matches!(kind, Kind::Line | Kind::FrontMatter | Kind::Generated)
}

fn named_like(a: &Kind, b: &Kind) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn match_tasks(base: &Version<'_>, side: &Version<'_>, pairs: &Pairing, found: &mut [Option<usize>]) {
    for (b, a) in pairs.after.iter().enumerate() {
        if let Some(a) = a
            && let (Some(&from), Some(&to)) = (base.tasks.get(&b), side.tasks.get(a))
        {
            found[to] = Some(from);
        }
    }
}

/// By the path of titles, then (renamed) by the tasks that are below.
fn match_sections(base: &Version<'_>, side: &Version<'_>, pairs: &Pairing, found: &mut [Option<usize>]) {
    let paths = |v: &Version<'_>| {
        let mut paths: HashMap<String, Vec<usize>> = HashMap::new();
        let mut path_of: Vec<String> = Vec::new();
        for (n, node) in v.tree.nodes.iter().enumerate() {
            let path = match node.kind {
                Kind::Section(_) => format!("{}/{}", path_of[node.parent], node.name),
                _ => String::new(),
            };
            if matches!(node.kind, Kind::Section(_)) {
                paths.entry(path.clone()).or_default().push(n);
            }
            path_of.push(path);
        }
        paths
    };
    let mut known = paths(base);
    for (path, nodes) in paths(side) {
        let Some(candidates) = known.get_mut(&path) else { continue };
        let n = candidates.len().min(nodes.len());
        for (to, from) in nodes.into_iter().zip(candidates.drain(..n)) {
            found[to] = Some(from);
        }
    }
    let mut left: Vec<usize> = known.into_values().flatten().collect();
    // In the order of the text, so that equal texts are merged equally every time.
    left.sort_unstable();
    let mut taken = Vec::new();
    for (to, node) in side.tree.nodes.iter().enumerate() {
        let Kind::Section(i) = node.kind else { continue };
        if found[to].is_some() {
            continue;
        }
        let level = |v: &Version<'_>, i: usize| v.lifted.session.sections.get(i).map(|s| s.level);
        let renamed = left.iter().copied().filter(|from| !taken.contains(from)).find(|&from| {
            let Kind::Section(j) = base.tree.nodes[from].kind else { return false };
            level(base, j) == level(side, i) && renamed(base, side, pairs, from, to)
        });
        if let Some(from) = renamed {
            found[to] = Some(from);
            taken.push(from);
        }
    }
}

fn renamed(base: &Version<'_>, side: &Version<'_>, pairs: &Pairing, from: usize, to: usize) -> bool {
    let (mut all, mut kept) = (0, 0);
    for child in base.tree.children(from) {
        if let Kind::Task(i) = base.tree.nodes[child].kind
            && let Some(now) = pairs.after[i].and_then(|a| side.tasks.get(&a))
        {
            all += 1;
            kept += usize::from(side.tree.nodes[*now].parent == to);
        }
    }
    let text = |v: &Version<'_>, n: usize| v.tree.own_lines(n).map(str::trim).collect::<String>();
    kept * 2 > all || all == 0 && !text(base, from).is_empty() && text(base, from) == text(side, to)
}
