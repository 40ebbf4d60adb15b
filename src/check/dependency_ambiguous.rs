use crate::diagnostic::{Code, Diagnostic};
use crate::model::Target;

use super::context::Context;

/// A dependency by a title that several tasks have.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for reference in cx.references() {
        if let Target::Ambiguous(n) = reference.target {
            let message =
                format!("{n} tasks are titled `{}`", reference.span.of(cx.text()).trim_matches('"'));
            out.push(Diagnostic::new(Code::D603, reference.span, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn two_of_that_title() {
        check(
            Code::D603,
            "# P\n\n## G\n\n- [ ] Write tests\n- [ ] write tests\n- [ ] c  [dependsOn:: \"Write tests\"]\n",
            &[("\"Write tests\"", "2 tasks are titled `Write tests`")],
        );
    }
}
