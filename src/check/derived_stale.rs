use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::format::{Lifted, LineSpan};
use crate::model::{Scope, Totals};
use crate::text::Edit;

use super::context::{Context, short};

/// A derived line that says something else than the tasks do.
pub(super) fn run(cx: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let totals = Totals::of(&cx.lifted.session);
    for line in lines(cx.lifted) {
        let Some(new) = totals.refreshed(line.key, line.value, line.scope) else { continue };
        let message = format!("`{}` is stale: `{}` should be `{}`", line.key, short(line.value), short(&new));
        let fix = Fix::safe("bring it up to date", vec![Edit::replace(line.place.value, new)]);
        out.push(Diagnostic::new(Code::R707, line.place.value, message).with_fix(fix));
    }
}

/// A `**Key**: value` line where derived values may stand.
pub(super) struct Line<'a> {
    /// The key as written.
    pub key: &'a str,
    /// The value as written.
    pub value: &'a str,
    /// Where it stands.
    pub place: &'a LineSpan,
    /// What it counts over.
    pub scope: Scope,
    /// Whether it stands in Key Metrics or the footer.
    pub metric: bool,
}

/// All of them: header, Key Metrics and footer, group headers.
pub(super) fn lines(lifted: &Lifted) -> impl Iterator<Item = Line<'_>> {
    let (session, map) = (&lifted.session, &lifted.map);
    let header = session.header.iter().zip(&map.header).map(|pair| (pair, false));
    let metrics = session.metrics.iter().zip(&map.metrics).map(|pair| (pair, true));
    let whole = header.chain(metrics).map(|((field, place), metric)| Line {
        key: &field.key,
        value: &field.value,
        place,
        scope: Scope::Session,
        metric,
    });
    let groups = session.groups.iter().zip(&map.groups).enumerate().flat_map(|(g, (group, place))| {
        group.header.iter().zip(&place.header).map(move |((key, value), place)| Line {
            key,
            value,
            place,
            scope: Scope::Group(g),
            metric: false,
        })
    });
    whole.chain(groups)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, fixed};
    use super::*;

    #[test]
    fn numbers_are_recomputed() {
        let text = "# P\n\n**Progress**: 10% (1/9 tasks)  \n**Session ID**: `plan`\n\n## Overview\n\n### Key Metrics\n\n- **Total Tasks**: 9\n- **Completed**: 1\n\n## Tasks\n\n### G\n\n**Progress**: [percentage]% ([completed]/[total] tasks)\n\n- [x] a\n- [ ] b\n\n### H\n\n**Progress**: 0% (0/1 tasks)\n\n- [ ] c\n";
        check(
            Code::R707,
            text,
            &[
                ("10% (1/9 tasks)", "`Progress` is stale: `10% (1/9 tasks)` should be `33% (1/3 tasks)`"),
                ("9", "`Total Tasks` is stale: `9` should be `3`"),
                (
                    "[percentage]% ([completed]/[total] tasks)",
                    "`Progress` is stale: `[percentage]% ([completed]/[total] tasks)` should be `50% (1/2 tasks)`",
                ),
            ],
        );
        fixed(
            Code::R707,
            text,
            &text
                .replace("10% (1/9 tasks)", "33% (1/3 tasks)")
                .replace("Tasks**: 9", "Tasks**: 3")
                .replace("[percentage]% ([completed]/[total] tasks)", "50% (1/2 tasks)"),
        );
    }
}
