use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words;
use super::Answer;
use crate::ops::{Browse, BrowseInput, Operation, Related, RelatedInput, Search, SearchInput};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "search",
        title: "Search",
        doc: "Full text over the plans.",
        does: Does::Reads,
        core: true,
        params: &[
            Param::text("query").must(),
            Param::word("scope", &["active", "all", "archived"]),
            Param::word("within", &["tasks", "notes", "decisions", "artifacts", "history", "all"]),
            Param::number("limit").unlisted(),
            Param::text("search_mode").unlisted(),
            Param::flag("highlight_matches").unlisted(),
        ],
        call: search,
    },
    Tool {
        name: "find_related",
        title: "Find related tasks",
        doc: "Tasks linked to a task, or like it.",
        does: Does::Reads,
        core: false,
        params: &[Param::text("task").must(), Param::number("limit").unlisted()],
        call: related,
    },
    Tool {
        name: "browse_hierarchy",
        title: "Browse",
        doc: "Sessions, groups, tasks as a tree.",
        does: Does::Reads,
        core: false,
        params: &[Param::number("depth"), Param::number("limit")],
        call: browse,
    },
];

fn search(call: &Call<'_>) -> Answer {
    let limit = call.args.number("limit").unwrap_or(20).min(200);
    let input = SearchInput {
        query: call.args.must("query"),
        scope: call.args.text("scope"),
        within: call.args.text("within"),
        limit: Some(limit),
    };
    let view = Search::run(&call.cx, input)?;
    let mut out = format!("{} found", view.results.len());
    if view.results.len() == limit {
        out.push_str(", maybe more (limit)");
    }
    if view.in_archives > 0 {
        let _ = write!(out, ", {} in scope archived", view.in_archives);
    }
    for broken in &view.broken {
        let _ = write!(out, "\n! {}", words::line(broken));
    }
    for hit in &view.results {
        let id = hit.id.as_deref().map_or_else(|| hit.session.clone(), |id| format!("{}#{id}", hit.session));
        let _ = write!(out, "\n{} {id} · {}", hit.kind, words::line(&hit.title));
        if let Some(status) = &hit.status {
            let _ = write!(out, " · {status}");
        }
        if let Some(name) = &hit.archived {
            let _ = write!(out, " · archived, restore `{}`", words::line(name));
        }
        let snippet = words::line(&hit.snippet);
        if !snippet.is_empty() && snippet != words::line(&hit.title) {
            let _ = write!(out, "\n| {snippet}");
        }
    }
    Ok(out)
}

fn related(call: &Call<'_>) -> Answer {
    let input = RelatedInput { task: call.args.must("task"), limit: call.args.number("limit") };
    let view = Related::run(&call.cx, input)?;
    let mut out = format!("{} related to {}", view.results.len(), words::name(&view.task));
    for found in &view.results {
        let _ = write!(out, "\n{}: {}", found.why, words::task(&found.task, Some(&view.task.session)));
    }
    Ok(out)
}

fn browse(call: &Call<'_>) -> Answer {
    let depth = call.args.number("depth").and_then(|d| u32::try_from(d).ok());
    let limit = call.args.number("limit").unwrap_or(20);
    let view = Browse::run(&call.cx, BrowseInput { depth: Some(depth.unwrap_or(2)), limit: Some(limit) })?;
    let mut out = format!("{} sessions", view.total);
    for branch in view.sessions.iter().take(50) {
        let _ = write!(out, "\n{}", words::session(&branch.session));
        let mut group = None;
        for task in &branch.tasks {
            if task.group != group {
                group.clone_from(&task.group);
                let _ = write!(out, "\n  [{}]", words::line(group.as_deref().unwrap_or("(no group)")));
            }
            let indent = "  ".repeat(usize::try_from(task.depth).unwrap_or(0).min(10) + 2);
            let _ = write!(out, "\n{indent}{}", words::task(task, Some(&branch.session.id)));
        }
        let more = branch.total_tasks.saturating_sub(branch.tasks.len());
        if more > 0 && depth != Some(0) {
            let _ = write!(out, "\n    +{more}");
        }
    }
    Ok(out)
}
