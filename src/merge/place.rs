use std::collections::{HashMap, HashSet};

use super::keys::{BASE, Keys, OURS, THEIRS};
use super::piece::Side;
use super::tree::Tree;
use crate::model::longest_run;

/// Whether and where every node stands in the merged text.
pub(super) struct Places {
    /// For each key its parent's key; `None` where it is gone.
    pub(super) parent: Vec<Option<usize>>,
    /// Modified by one side and deleted by the other: the side that modified it.
    pub(super) kept: HashMap<usize, Side>,
    /// Both sides moved it, each elsewhere: it stands where ours put it.
    pub(super) moved_twice: Vec<usize>,
    /// One side moved it, the other deleted it: it is kept.
    pub(super) moved_and_deleted: Vec<usize>,
    /// One side deleted it, but something below it lives on: it is kept.
    pub(super) revived: Vec<usize>,
    /// One side deleted it, the other changed its order with a neighbour: which of the two moved
    /// cannot be told, and it was taken for the neighbour.
    pub(super) doubtful: Vec<usize>,
}

impl Places {
    /// `None` where the two trees cannot be brought together at all.
    pub(super) fn of(trees: [&Tree<'_>; 3], keys: &Keys) -> Option<Self> {
        let mut places = Self {
            parent: vec![None; keys.at.len()],
            kept: HashMap::new(),
            moved_twice: Vec::new(),
            moved_and_deleted: Vec::new(),
            revived: Vec::new(),
            doubtful: Vec::new(),
        };
        let parent_in = |v: usize, key: usize| {
            let node = keys.at[key][v]?;
            Some(keys.of[v][trees[v].nodes[node].parent])
        };
        let reordered = [OURS, THEIRS].map(|v| reordered(v, keys));
        for key in 0..keys.at.len() {
            let (b, o, t) = (parent_in(BASE, key), parent_in(OURS, key), parent_in(THEIRS, key));
            places.parent[key] = match (b, o, t) {
                (None, Some(p), _) | (None, None, Some(p)) => Some(p),
                (Some(b), Some(o), Some(t)) => {
                    if o != b && t != b && o != t {
                        places.moved_twice.push(key);
                    }
                    Some(if o == b { t } else { o })
                }
                (Some(b), Some(p), None) => places.against_deletion(
                    key,
                    (Side::Ours, p),
                    modified(trees, keys, OURS, key),
                    (p != b, &reordered[0]),
                ),
                (Some(b), None, Some(p)) => places.against_deletion(
                    key,
                    (Side::Theirs, p),
                    modified(trees, keys, THEIRS, key),
                    (p != b, &reordered[1]),
                ),
                (_, None, None) => None,
            };
        }
        places.revive_parents(parent_in, keys);
        places.is_a_tree(keys).then_some(places)
    }

    fn against_deletion(
        &mut self,
        key: usize,
        (side, parent): (Side, usize),
        modified: bool,
        (elsewhere, order): (bool, &Order),
    ) -> Option<usize> {
        if modified {
            self.kept.insert(key, side);
        } else if elsewhere || order.moved.contains(&key) {
            self.moved_and_deleted.push(key);
        } else {
            if order.crossed.contains(&key) {
                self.doubtful.push(key);
            }
            return None;
        }
        Some(parent)
    }

    /// What stands below something that was deleted keeps it alive.
    fn revive_parents(&mut self, parent_in: impl Fn(usize, usize) -> Option<usize>, keys: &Keys) {
        for key in 1..keys.at.len() {
            let mut at = key;
            for _ in 0..keys.at.len() {
                let Some(parent) = self.parent[at] else { break };
                if parent == 0 {
                    break;
                }
                if self.parent[parent].is_none() {
                    let v = if keys.at[parent][OURS].is_some() { OURS } else { THEIRS };
                    self.revived.push(parent);
                    self.parent[parent] = parent_in(v, parent).or_else(|| parent_in(BASE, parent));
                }
                at = parent;
            }
        }
    }

    /// Whether every node that is there hangs below the root.
    fn is_a_tree(&self, keys: &Keys) -> bool {
        let mut sound = vec![false; keys.at.len()];
        sound[0] = true;
        for key in 0..keys.at.len() {
            let mut path = Vec::new();
            let mut at = key;
            while !sound[at] {
                path.push(at);
                match self.parent[at] {
                    Some(p) if path.len() <= keys.at.len() => at = p,
                    Some(_) => return false,
                    None if path.len() == 1 => break,
                    None => return false,
                }
            }
            if sound[at] {
                for k in path {
                    sound[k] = true;
                }
            }
        }
        true
    }
}

/// Keys that stand in another order in a side than in the base.
struct Order {
    /// The fewest that must have moved.
    moved: HashSet<usize>,
    /// All whose order with another one is another now.
    crossed: HashSet<usize>,
}

fn reordered(v: usize, keys: &Keys) -> Order {
    let common: Vec<usize> = keys.of[v].iter().copied().filter(|&k| keys.at[k][BASE].is_some()).collect();
    let places: Vec<usize> = common.iter().filter_map(|&k| keys.at[k][BASE]).collect();
    let stays = longest_run(&places);
    let moved = common.iter().zip(stays).filter(|(_, stays)| !stays).map(|(k, _)| *k).collect();
    let mut crossed = HashSet::new();
    let mut highest = 0;
    for (key, place) in common.iter().zip(&places) {
        if *place < highest {
            crossed.insert(*key);
        }
        highest = highest.max(*place);
    }
    let mut lowest = usize::MAX;
    for (key, place) in common.iter().zip(&places).rev() {
        if *place > lowest {
            crossed.insert(*key);
        }
        lowest = lowest.min(*place);
    }
    Order { moved, crossed }
}

/// Whether a side changed a node's own lines, or added something below it.
fn modified(trees: [&Tree<'_>; 3], keys: &Keys, v: usize, key: usize) -> bool {
    let (Some(b), Some(n)) = (keys.at[key][BASE], keys.at[key][v]) else { return false };
    let head = |v: usize, n: usize| {
        let node = &trees[v].nodes[n];
        node.head.strip_prefix(node.indent).unwrap_or(node.head).trim_end()
    };
    let lines = |v: usize, n: usize| {
        trees[v].own_lines(n).map(str::trim_end).filter(|l| !l.is_empty()).collect::<Vec<_>>()
    };
    head(BASE, b) != head(v, n)
        || lines(BASE, b) != lines(v, n)
        || trees[v].children(n).any(|c| keys.at[keys.of[v][c]][BASE].is_none())
}
