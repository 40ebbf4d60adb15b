use std::collections::{HashMap, HashSet, VecDeque};

use crate::diagnostic::{Code, Diagnostic};

use super::context::{Context, label};

/// How many different rings are looked for among tasks that all wait for one another.
const SEARCHES: usize = 64;

/// How many tasks of a ring are named.
const NAMED: usize = 8;

/// Tasks that wait for one another. Every reference that is part of a ring is reported, with the
/// shortest ring it closes.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for ring in cx.graph().cycles() {
        if ring.len() < 2 {
            continue; // a task that waits for itself is D605
        }
        let inside: HashSet<usize> = ring.iter().copied().collect();
        let mut next: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut edges = Vec::new();
        for reference in cx.references() {
            if let Some((from, to)) = reference.edge()
                && from != to
                && inside.contains(&from)
                && inside.contains(&to)
            {
                next.entry(from).or_default().push(to);
                edges.push((from, to, reference.span));
            }
        }
        let mut named: HashMap<(usize, usize), String> = HashMap::new();
        let mut some = String::new();
        for (i, &(from, to, span)) in edges.iter().enumerate() {
            if i < SEARCHES && !named.contains_key(&(from, to)) {
                let path = shortest(&next, to, from);
                some = sentence(cx, from, &path);
                named.insert((from, to), some.clone());
            }
            let message = named.get(&(from, to)).unwrap_or(&some);
            out.push(Diagnostic::new(Code::D604, span, message.clone()));
        }
    }
}

/// The shortest way `start … end`, both included; empty where there is none.
fn shortest(next: &HashMap<usize, Vec<usize>>, start: usize, end: usize) -> Vec<usize> {
    let mut came: HashMap<usize, usize> = HashMap::from([(start, start)]);
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        if at == end {
            break;
        }
        for &to in next.get(&at).into_iter().flatten() {
            came.entry(to).or_insert_with(|| {
                queue.push_back(to);
                at
            });
        }
    }
    let mut path = Vec::new();
    let mut at = end;
    while let Some(&before) = came.get(&at) {
        path.push(at);
        if at == start {
            break;
        }
        at = before;
    }
    path.reverse();
    path
}

fn sentence(cx: &Context<'_>, from: usize, path: &[usize]) -> String {
    let name =
        |t: &usize| cx.lifted.session.tasks.get(*t).map(|t| format!("`{}`", label(t))).unwrap_or_default();
    let mut names: Vec<String> = std::iter::once(&from).chain(path).take(NAMED).map(name).collect();
    if path.len() >= NAMED {
        names.push(format!("… ({} tasks)", path.len()));
    }
    format!("these tasks wait for one another: {}", names.join(" → "))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn rings_are_named() {
        check(
            Code::D604,
            "# P\n\n## G\n\n- [ ] a  [dependsOn:: t-b] ^t-a\n- [ ] b  [dependsOn:: t-c] ^t-b\n- [ ] c  [dependsOn:: t-a, t-d] ^t-c\n- [ ] d ^t-d\n",
            &[
                ("t-b", "these tasks wait for one another: `t-a` → `t-b` → `t-c` → `t-a`"),
                ("t-c", "these tasks wait for one another: `t-b` → `t-c` → `t-a` → `t-b`"),
                ("t-a", "these tasks wait for one another: `t-c` → `t-a` → `t-b` → `t-c`"),
            ],
        );
        check(
            Code::D604,
            "# P\n\n## G\n\n- [ ] a  [blocks:: t-b]  [dependsOn:: t-b] ^t-a\n- [ ] b ^t-b\n- [ ] c  [dependsOn:: t-c] ^t-c\n",
            &[
                ("t-b", "these tasks wait for one another: `t-b` → `t-a` → `t-b`"),
                ("t-b", "these tasks wait for one another: `t-a` → `t-b` → `t-a`"),
            ],
        );
    }
}
