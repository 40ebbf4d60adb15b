use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::view_of::SessionView;
use super::escaped;

/// Tasks that fit on a page; of more only the longest chain is drawn.
const MOST: usize = 160;
const WIDTH: usize = 190;
const HEIGHT: usize = 46;
const GAP_X: usize = 56;
const GAP_Y: usize = 16;
const TITLE: usize = 27;

/// Draws who waits for whom, from left to right.
pub(super) fn graph(out: &mut String, nth: usize, session: &SessionView, edges: &[(usize, usize)]) {
    let known = session.tasks.len();
    let mut edges: Vec<(usize, usize)> =
        edges.iter().copied().filter(|&(a, b)| a < known && b < known && a != b).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut nodes: BTreeSet<usize> = edges.iter().flat_map(|&(a, b)| [a, b]).collect();
    if nodes.is_empty() {
        out.push_str("<p class=\"dim\">No task waits for another.</p>\n");
        return;
    }
    let path: Vec<usize> = session.critical_path.iter().copied().filter(|t| nodes.contains(t)).collect();
    if nodes.len() > MOST {
        let _ = writeln!(
            out,
            "<p class=\"dim\">{} tasks wait for one another; drawn is the critical path.</p>",
            nodes.len()
        );
        nodes = path.iter().copied().take(MOST).collect();
        edges.retain(|(a, b)| nodes.contains(a) && nodes.contains(b));
    }
    if path.len() > 1 && nodes.len() > path.len() {
        out.push_str("<p class=\"dim\">From left to right; strong lines are the critical path.</p>\n");
    }
    let column = columns(&nodes, &edges);
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    let mut place: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for &node in &nodes {
        let at = column.get(&node).copied().unwrap_or(0);
        let row = rows.entry(at).or_insert(0);
        place.insert(node, (10 + at * (WIDTH + GAP_X), 10 + *row * (HEIGHT + GAP_Y)));
        *row += 1;
    }
    let width = 20 + (rows.len().max(1)) * (WIDTH + GAP_X) - GAP_X;
    let height = 20 + rows.values().max().copied().unwrap_or(1) * (HEIGHT + GAP_Y) - GAP_Y;
    let _ = writeln!(
        out,
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Dependencies\">\n\
         <defs><marker id=\"tip-{nth}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker>\
         <marker class=\"long\" id=\"far-{nth}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>"
    );
    let is_long =
        |a: usize, b: usize| path.windows(2).any(|w| (w[0], w[1]) == (b, a) || (w[0], w[1]) == (a, b));
    for &(waiting, first) in &edges {
        let (Some(&(x1, y1)), Some(&(x2, y2))) = (place.get(&first), place.get(&waiting)) else { continue };
        let (x1, y1, y2) = (x1 + WIDTH, y1 + HEIGHT / 2, y2 + HEIGHT / 2);
        let (c1, c2) = (x1 + GAP_X / 2, x2.saturating_sub(GAP_X / 2));
        let (class, tip) = if is_long(waiting, first) { (" class=\"long\"", "far") } else { ("", "tip") };
        let _ = writeln!(
            out,
            "<path{class} d=\"M{x1} {y1}C{c1} {y1} {c2} {y2} {x2} {y2}\" marker-end=\"url(#{tip}-{nth})\"/>"
        );
    }
    for (&node, &(x, y)) in &place {
        let Some(task) = session.tasks.get(node) else { continue };
        let long = if path.contains(&node) { " long" } else { "" };
        let id = task.id.as_deref().unwrap_or("");
        let _ = writeln!(
            out,
            "<g class=\"{}{long}\"><title>{} – {7}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\"/>\
             <text x=\"{2}\" y=\"{3}\">{4}</text><text class=\"id\" x=\"{2}\" y=\"{5}\">{6}</text></g>",
            task.status.key(),
            escaped(&task.title),
            x + 10,
            y + 20,
            escaped(&clipped(&task.title)),
            y + 36,
            escaped(format!("{id} {}", task.status.word()).trim()),
            escaped(task.status.word()),
        );
    }
    out.push_str("</svg>\n");
}

/// How far to the right each task stands: one further than everything it waits for. Rings stop where they close.
fn columns(nodes: &BTreeSet<usize>, edges: &[(usize, usize)]) -> BTreeMap<usize, usize> {
    let mut waiting: BTreeMap<usize, usize> = nodes.iter().map(|&n| (n, 0)).collect();
    let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(from, to) in edges {
        *waiting.entry(from).or_default() += 1;
        after.entry(to).or_default().push(from);
    }
    let mut column: BTreeMap<usize, usize> = nodes.iter().map(|&n| (n, 0)).collect();
    let mut left: BTreeSet<usize> = nodes.clone();
    let mut ready: BTreeSet<usize> = nodes.iter().copied().filter(|n| waiting.get(n) == Some(&0)).collect();
    while let Some(&node) = ready.first().or_else(|| left.first()) {
        ready.remove(&node);
        left.remove(&node);
        let at = column.get(&node).copied().unwrap_or(0);
        for &next in after.get(&node).into_iter().flatten().filter(|n| left.contains(n)) {
            let further = column.entry(next).or_default();
            *further = (*further).max(at + 1);
            if let Some(count) = waiting.get_mut(&next) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert(next);
                }
            }
        }
    }
    column
}

fn clipped(title: &str) -> String {
    if title.chars().count() <= TITLE {
        return title.to_owned();
    }
    let short: String = title.chars().take(TITLE - 1).collect();
    format!("{}…", short.trim_end())
}
