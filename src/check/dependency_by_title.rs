use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::model::{Target, TaskRef};
use crate::text::Edit;

use super::context::Context;

/// A dependency by title breaks when the title is changed; by id it does not.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let session = &cx.lifted.session;
    for reference in cx.references() {
        let &Target::Task(found) = &reference.target else { continue };
        let by_title = match &reference.written {
            TaskRef::Title(_) => true,
            // A bare word is an id by its shape; it may still have been resolved as a title.
            TaskRef::Id { id, .. } => {
                let task = &session.tasks[found];
                task.id.as_ref() != Some(id) && !task.aliases().contains(id)
            }
        };
        if !by_title {
            continue;
        }
        let written = reference.span.of(cx.text());
        out.push(match &session.tasks[found].id {
            Some(id) => {
                let message = format!("`{written}` is a reference by title; it resolves to `{id}`");
                let edits = vec![Edit::replace(reference.span, id.as_str())];
                let fix = Fix::safe("name the task by its id", edits);
                Diagnostic::new(Code::D602, reference.span, message).with_fix(fix)
            }
            None => Diagnostic::new(
                Code::D602,
                reference.span,
                format!("`{written}` is a reference by title; the task has no id yet"),
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn titles_resolve() {
        let text = "# P\n\n## G\n\n- [ ] Pick a library ^t-a\n- [ ] Ship\n- [ ] b  [dependsOn:: \"pick a library\", Ship, t-a]\n";
        check(
            Code::D602,
            text,
            &[
                ("\"pick a library\"", "`\"pick a library\"` is a reference by title; it resolves to `t-a`"),
                ("Ship", "`Ship` is a reference by title; the task has no id yet"),
            ],
        );
        fixed(Code::D602, text, &text.replace("\"pick a library\"", "t-a"));
    }
}
