//! One self-contained page: no script, nothing from the network, every text escaped.

mod graph;
mod table;

use std::fmt::Write as _;

use super::view_of::SessionView;

const STYLE: &str = include_str!("style.css");

/// Makes one page of these sessions; `edges` are (waiting, waited for) in the session's own tasks.
#[must_use]
pub fn page(sessions: &[(SessionView, Vec<(usize, usize)>)]) -> String {
    let title = match sessions {
        [(one, _)] => one.name.as_str(),
        _ => "Plans",
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"plandown\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(title)
    );
    if sessions.len() > 1 {
        contents(&mut out, sessions);
    }
    for (nth, (session, edges)) in sessions.iter().enumerate() {
        plan(&mut out, nth, session, edges);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Text for HTML: no sign of it can end or begin anything. What no page may hold becomes a replacement sign.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => {}
            // Overriding the direction would let a title pretend to be another one.
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

fn contents(out: &mut String, sessions: &[(SessionView, Vec<(usize, usize)>)]) {
    out.push_str("<h1>Plans</h1>\n<div class=\"card groups\">\n");
    for (nth, (session, _)) in sessions.iter().enumerate() {
        let name = format!("<a href=\"#plan-{nth}\">{}</a>", escaped(&session.name));
        bar_row(out, &name, session.progress);
    }
    out.push_str("</div>\n");
}

fn bar_row(out: &mut String, name: &str, progress: crate::model::Progress) {
    let _ = writeln!(
        out,
        "<div><span>{name}</span>{}<em>{}</em></div>",
        bar(progress),
        escaped(&progress.phrase())
    );
}

fn bar(progress: crate::model::Progress) -> String {
    let running = (progress.in_progress * 100).checked_div(progress.total).unwrap_or(0);
    format!(
        "<div class=\"bar\" role=\"img\" aria-label=\"{0}%\"><i style=\"width:{0}%\"></i><i style=\"width:{running}%\"></i></div>",
        progress.percent()
    )
}

fn plan(out: &mut String, nth: usize, session: &SessionView, edges: &[(usize, usize)]) {
    let _ = writeln!(out, "<section class=\"plan\" id=\"plan-{nth}\">\n<h1>{}</h1>", escaped(&session.name));
    let _ = write!(
        out,
        "<p class=\"facts\"><span class=\"pill {0}\">{1}</span>",
        session.status.key(),
        escaped(&session.status.word())
    );
    for (label, value) in [
        ("Mode", session.mode.as_deref()),
        ("Priority", session.priority.map(crate::model::Priority::word)),
        ("Created", session.created.as_deref()),
        ("Due", session.due.as_deref()),
    ] {
        if let Some(value) = value {
            let _ = write!(out, "<span>{label} {}</span>", escaped(value));
        }
    }
    let _ = writeln!(out, "<code>{}</code></p>\n{}", escaped(&session.id), bar(session.progress));
    tiles(out, session);
    text(out, "Overview", &session.overview);
    if !session.groups.is_empty() {
        out.push_str("<h2>Progress</h2>\n<div class=\"card groups\">\n");
        for group in &session.groups {
            let indent = "\u{2003}".repeat(group.depth.min(8));
            let focus =
                group.focus.as_deref().map(|f| format!(" <em>{}</em>", escaped(f))).unwrap_or_default();
            bar_row(out, &format!("{indent}{}{focus}", escaped(&group.name)), group.progress);
        }
        out.push_str("</div>\n");
    }
    out.push_str("<h2>What waits for what</h2>\n<div class=\"card\">\n");
    graph::graph(out, nth, session, edges);
    out.push_str("</div>\n");
    out.push_str("<h2>Tasks</h2>\n<div class=\"card\">\n");
    table::table(out, session);
    out.push_str("</div>\n");
    for (title, body) in [
        ("Notes", &session.notes),
        ("Decisions", &session.decisions),
        ("Learnings", &session.learnings),
        ("Next steps", &session.next_steps),
    ] {
        text(out, title, body);
    }
    table::artifacts(out, session);
    let revision: String = session.revision.chars().take(12).collect();
    let _ = writeln!(
        out,
        "<footer>Made by plandown from <code>sessions/{}/session.md</code> at revision <code>{}</code>, {}</footer>\n</section>",
        escaped(&session.directory),
        escaped(&revision),
        escaped(&session.now.minute())
    );
}

fn tiles(out: &mut String, session: &SessionView) {
    let open = session.tasks.iter().filter(|t| t.status.is_open()).count();
    let ready = session.tasks.iter().filter(|t| t.is_ready).count();
    let late = session.tasks.iter().filter(|t| t.is_overdue).count();
    let left = session.tasks.iter().filter(|t| t.status.is_open()).filter_map(|t| t.estimate);
    let left = left.fold(0_u32, u32::saturating_add);
    out.push_str("<div class=\"tiles\">\n");
    let mut tile = |value: String, label: &str| {
        let _ = writeln!(out, "<div class=\"tile\"><b>{value}</b><span>{label}</span></div>");
    };
    tile(format!("{}%", session.progress.percent()), "done");
    tile(format!("{} / {}", session.progress.completed, session.progress.total), "tasks completed");
    tile(session.progress.in_progress.to_string(), "in progress");
    tile(ready.to_string(), "ready to start");
    tile(open.to_string(), "open");
    if late > 0 {
        tile(late.to_string(), "overdue");
    }
    if left > 0 {
        tile(crate::model::write_minutes(left), "estimated work left");
    }
    out.push_str("</div>\n");
}

fn text(out: &mut String, title: &str, body: &str) {
    // Where a generated block begins and ends is nothing to read.
    let is_text = |line: &&str| !(line.trim().starts_with("<!-- plandown:") && line.trim().ends_with("-->"));
    let body = body.lines().filter(is_text).collect::<Vec<_>>().join("\n");
    if !body.trim().is_empty() {
        let body = escaped(body.trim());
        let _ = writeln!(out, "<h2>{title}</h2>\n<div class=\"card\"><p class=\"text\">{body}</p></div>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, parse};
    use crate::format::lift;
    use crate::model::{Graph, Target, Timestamp};
    use crate::render::view_of;

    fn made(text: &str) -> String {
        let (document, found) = parse(text.as_bytes(), Limits::default());
        let session = lift(document, found, "s").session;
        let edges = Graph::of(&session)
            .edges()
            .iter()
            .filter_map(|e| if let Target::Task(to) = e.to { Some((e.from, to)) } else { None })
            .collect();
        let now = Timestamp::parse("2026-02-01T10:00:00Z").unwrap();
        page(&[(view_of(&session, "0123456789abcdef", now), edges)])
    }

    #[test]
    fn it_tells_the_plan_and_loads_nothing() {
        let html = made(include_str!("../../../fixtures/views/session.md"));
        for part in
            ["<title>Auth overhaul</title>", "<b>1 / 5</b>", "<svg ", "<table>", "class=\"pill active\""]
        {
            assert!(html.contains(part), "{part}\n{html}");
        }
        let body = html.split("</style>").nth(1).unwrap();
        for part in ["<script", "http://", "https://", "src=", "@import", "javascript:"] {
            assert!(!body.contains(part) && !STYLE.contains(part), "{part}");
        }
        assert_eq!(html.matches("url(").count(), html.matches("url(#").count());
    }

    #[test]
    fn a_column_that_nobody_fills_is_not_there_and_code_is_code() {
        let html = made("# A\n\n- [ ] mend `parse()` ^t-one1\n- [x] an odd ` tick ^t-two2\n");
        assert!(html.contains("mend <code>parse()</code>") && html.contains("an odd ` tick"), "{html}");
        assert!(!html.contains("<th>Due</th>") && !html.contains("<th>Waits for"), "{html}");
        assert!(html.contains("class=\"pill ready\""), "{html}");
        let blocks = made(
            "# A\n\n## Overview\n\n<!-- plandown:begin overview -->\nA summary.\n<!-- plandown:end overview -->\n",
        );
        assert!(blocks.contains(">A summary.</p>") && !blocks.contains("plandown:begin"), "{blocks}");
    }

    #[test]
    fn cycles_and_nothing_at_all_make_a_page_too() {
        let ring =
            made("# A\n\n- [ ] one [dependsOn:: t-two2] ^t-one1\n- [ ] two [dependsOn:: t-one1] ^t-two2\n");
        assert_eq!(ring.matches("<g class=").count(), 2, "{ring}");
        let empty = made("");
        assert!(empty.contains("No task waits") && empty.ends_with("</html>\n"));
        let chain: String =
            (0..900).map(|i| format!("- [ ] t{i} [dependsOn:: t-n{}] ^t-n{i}\n", i + 1)).collect();
        assert!(made(&format!("# A\n\n{chain}")).contains("critical path"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_text_breaks_out(
            word in "(<script>|</style>|</p>|<!--|\"|'|&|&lt;|\\]\\]>|<img onerror=x>|a|\u{202e}|\u{1b}| ){1,8}",
        ) {
            let plan = |word: &str| format!(
                "# {word}\n\n## Overview\n\n{word}\n\n## Task Groups\n\n### G {word}\n\n- [ ] {word} [dependsOn:: t-two2] ^t-one1\n- [ ] b {word} ^t-two2\n"
            );
            let shape = |html: &str| html.matches('<').count();
            let html = made(&plan(&format!("a{word}")));
            let is_harmless = ["<script", "<img", "\u{1b}"].iter().all(|part| !html.contains(part));
            proptest::prop_assert!(is_harmless, "{}", html);
            proptest::prop_assert!(html.matches("</style>").count() == 1);
            let tasks = html.matches("<tr class=\"pending\">").count();
            if tasks == 2 && html.matches("<g class=").count() == 2 && html.contains(">Overview<") {
                proptest::prop_assert_eq!(shape(&html), shape(&made(&plan("a"))), "{}", html);
            }
        }
    }
}
