use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::norm;

use super::context::{Context, short};

/// The same title twice among the tasks of one group and parent.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let tasks = &cx.lifted.session.tasks;
    // Sorting numbers is a fraction of the cost of keeping ten thousand titles in a table; titles
    // are compared only where their numbers are equal.
    let mut keys: Vec<(u64, usize)> =
        tasks.iter().enumerate().filter_map(|(i, t)| Some((digest(&t.title)?, i))).collect();
    keys.sort_unstable();
    let mut twins = Vec::new();
    for same in keys.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        let mut seen = HashMap::new();
        for &(_, i) in same {
            let task = &tasks[i];
            match seen.entry((task.group, task.parent, norm(&task.title))) {
                Entry::Occupied(first) => twins.push((i, *first.get())),
                Entry::Vacant(place) => {
                    place.insert(i);
                }
            }
        }
    }
    twins.sort_unstable();
    let places = &cx.lifted.map.tasks;
    for (i, first) in twins {
        if let (Some(place), Some(first)) = (places.get(i), places.get(first)) {
            let title = short(&tasks[i].title);
            let message = format!("`{title}` is there already, on line {}", first.first_line + 1);
            out.push(Diagnostic::new(Code::T109, place.title, message));
        }
    }
}

/// A number that titles of the same letters and digits share (FNV-1a); `None` where there are none.
/// Everything else is left out, so that it need not be normalised: it only has to agree.
fn digest(title: &str) -> Option<u64> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut some = false;
    for c in title.chars().filter(|c| c.is_alphanumeric()) {
        some = true;
        if c.is_ascii() {
            hash = (hash ^ u64::from(c.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
        } else {
            for lower in c.to_lowercase() {
                hash = (hash ^ u64::from(lower)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    some.then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn twins() {
        check(
            Code::T109,
            "# P\n\n## Tasks\n\n### A\n\n- [ ] Ship it\n  - [ ] Test\n- [x] ship it!\n  - [ ] Test\n\n### B\n\n- [ ] Ship it\n",
            &[("ship it!", "`ship it!` is there already, on line 7")],
        );
    }
}
