use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::norm;

use super::context::{Context, short};

/// The same title twice among the tasks of one group and parent.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen = HashMap::new();
    for (task, place) in cx.lifted.session.tasks.iter().zip(&cx.lifted.map.tasks) {
        let title = norm(&task.title);
        if title.is_empty() {
            continue;
        }
        let first = *seen.entry((task.group, task.parent, title)).or_insert(place.first_line);
        if first != place.first_line {
            let message = format!("`{}` is there already, on line {}", short(&task.title), first + 1);
            out.push(Diagnostic::new(Code::T109, place.title, message));
        }
    }
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
