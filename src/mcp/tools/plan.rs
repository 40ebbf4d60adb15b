use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words::{self, rev};
use super::{Answer, revision};
use crate::ops::{
    AddInput, ClaimNext, ClaimNextInput, Context, ListInput, NextInput, Operation, ShowInput, TaskAdd,
    TaskDetail, TaskList, TaskNext, TaskShow, TaskTree, TaskView, TreeInput, TreeTask, WriteView,
};

const IF_MATCH: Param = Param::text("if_match");
const SESSION: Param = Param::text("session");

const NODE: &[Param] = &[
    Param::text("title").must(),
    Param::text("ref").doc("local name"),
    Param::text("parent").doc("ref or id"),
    Param::texts("depends_on").doc("refs, ids or titles"),
    Param::text("description"),
    Param::text("specialist"),
    Param::text("estimate").doc("90m, 3h, 2d"),
    Param::text("priority").doc("urgent…someday"),
    Param::text("due"),
    Param::texts("tags").unlisted(),
];

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "plan_task",
        title: "Add tasks",
        doc: "Adds tasks, all or nothing: a tree with local refs, or an indented Markdown list.",
        does: Does::Writes,
        core: true,
        params: &[
            Param::new("tasks", super::super::param::Kind::Objects(NODE)),
            Param::text("list"),
            Param::text("group"),
            Param::text("parent"),
            SESSION,
            IF_MATCH,
            // One task can be said without a list around it.
            Param::text("title").unlisted(),
            Param::text("description").unlisted(),
            Param::text("specialist").unlisted(),
            Param::text("estimate").unlisted(),
            Param::text("priority").unlisted(),
            Param::text("due").unlisted(),
            Param::texts("depends_on").unlisted(),
            Param::texts("tags").unlisted(),
            Param::text("before").unlisted(),
            Param::text("after").unlisted(),
            Param::flag("first").unlisted(),
        ],
        call: plan,
    },
    Tool {
        name: "next_task",
        title: "What to do next",
        doc: "The most urgent ready task with its text. claim: nobody else gets it. explain: why others wait.",
        does: Does::Writes,
        core: true,
        params: &[
            Param::text("specialist"),
            Param::flag("claim"),
            Param::flag("explain"),
            Param::number("limit").unlisted(),
            Param::flag("all_sessions").unlisted(),
            Param::text("as").unlisted(),
            Param::text("ttl").unlisted(),
        ],
        call: next,
    },
    Tool {
        name: "task_list",
        title: "List tasks",
        doc: "id · state · title · blockers. Open tasks, 20 a page, unless told.",
        does: Does::Reads,
        core: true,
        params: &[
            Param::word("show", &["open", "ready", "blocked", "all"]),
            Param::texts("status"),
            Param::text("group"),
            Param::text("text"),
            Param::text("specialist").unlisted(),
            Param::flag("all_sessions").unlisted(),
            Param::number("limit"),
            Param::text("cursor"),
            Param::text("priority").unlisted(),
            Param::text("parent").unlisted(),
            Param::text("tag").unlisted(),
            Param::text("due_before").unlisted(),
            Param::word("order", &["document", "urgency", "due", "title"]).unlisted(),
        ],
        call: list,
    },
    Tool {
        name: "task_show",
        title: "Show a task",
        doc: "One task: facts, text, what is above and below, what it waits for.",
        does: Does::Reads,
        core: true,
        params: &[Param::text("task").must(), Param::number("budget").doc("characters")],
        call: show,
    },
];

fn plan(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let nodes = args.objects("tasks");
    if !nodes.is_empty() {
        let tasks = nodes.iter().map(|n| TreeTask {
            local: n.text("ref"),
            parent: n.text("parent"),
            task: AddInput {
                title: Some(n.must("title")),
                description: n.text("description"),
                specialist: n.text("specialist"),
                estimate: n.text("estimate"),
                priority: n.text("priority"),
                due: n.text("due"),
                depends_on: n.texts("depends_on"),
                tags: n.texts("tags"),
                ..AddInput::default()
            },
        });
        let tasks: Vec<TreeTask> = tasks.collect();
        let locals: Vec<Option<String>> = tasks.iter().map(|t| t.local.clone()).collect();
        let input = TreeInput { tasks, root: root(call) };
        let view = TaskTree::run(&call.cx, input)?;
        return Ok(added(&view, &locals));
    }
    let input = AddInput { title: args.text("title"), list: args.text("list"), ..root(call) };
    let view = TaskAdd::run(&call.cx, input)?;
    if view.tasks.len() == 1 { Ok(words::ack(&view)) } else { Ok(added(&view, &[])) }
}

/// What is said of one task, or of every root of a list or tree.
fn root(call: &Call<'_>) -> AddInput {
    let args = &call.args;
    AddInput {
        group: args.text("group"),
        parent: args.text("parent"),
        before: args.text("before"),
        after: args.text("after"),
        first: args.flag("first"),
        specialist: args.text("specialist"),
        estimate: args.text("estimate"),
        priority: args.text("priority"),
        due: args.text("due"),
        depends_on: args.texts("depends_on"),
        tags: args.texts("tags"),
        description: args.text("description"),
        ..AddInput::default()
    }
}

/// The ids of what was added, in the order it was given.
pub(super) fn added(view: &WriteView, locals: &[Option<String>]) -> String {
    let mut out = format!("ok {} tasks · rev {}", view.tasks.len(), rev(&view.revision));
    for (at, task) in view.tasks.iter().enumerate() {
        let label = locals.get(at).cloned().flatten();
        let label = label.map_or_else(|| words::line(&task.title), |l| words::line(&l));
        let _ = write!(out, "\n{} {label}", words::name(task));
    }
    words::tail(&mut out, view.diff.as_deref(), view.warning.as_deref());
    out
}

/// Finds and claims in one step.
fn claim_next(call: &Call<'_>) -> Answer {
    let input = ClaimNextInput {
        specialist: call.args.text("specialist"),
        all_sessions: call.args.flag("all_sessions"),
        holder: Some(call.holder()),
        ttl: call.args.text("ttl"),
    };
    let view = ClaimNext::run(&call.cx, input)?;
    let mut out = super::claim::ack(&view);
    if let Some(task) = view.tasks.first() {
        let _ = write!(out, "\n{}", whole(&call.cx, task, 2000));
    }
    Ok(out)
}

fn next(call: &Call<'_>) -> Answer {
    if call.args.flag("claim") {
        return claim_next(call);
    }
    let input = NextInput {
        specialist: call.args.text("specialist"),
        limit: call.args.number("limit"),
        all_sessions: call.args.flag("all_sessions"),
        explain: call.args.flag("explain"),
    };
    let view = TaskNext::run(&call.cx, input)?;
    let mut out = match view.tasks.as_slice() {
        [] => "no task is ready".to_owned(),
        [one] => format!("{}\n{} ready in all", whole(&call.cx, one, 2000), view.total),
        many => {
            let mut out = format!("{} of {} ready", many.len(), view.total);
            for task in many {
                let _ = write!(out, "\n{}", words::task(task, None));
            }
            out
        }
    };
    for waiting in &view.waiting {
        let _ = write!(
            out,
            "\n{} — {}",
            words::task(&waiting.task, None),
            words::line(&waiting.reasons.join("; "))
        );
    }
    Ok(out)
}

fn list(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let page = words::Page::of(args)?;
    let which = args.text("show");
    let any = which.as_deref() == Some("all") || args.has("status");
    let input = ListInput {
        status: args.texts("status"),
        open: !any && which.as_deref() != Some("ready"),
        ready: which.as_deref() == Some("ready"),
        blocked: which.as_deref() == Some("blocked"),
        group: args.text("group"),
        specialist: args.text("specialist"),
        priority: args.text("priority"),
        tag: args.text("tag"),
        due_before: args.text("due_before"),
        text: args.text("text"),
        parent: args.text("parent"),
        all_sessions: args.flag("all_sessions"),
        order: args.text("order"),
        limit: Some(page.limit),
        offset: page.offset,
    };
    let home = revision(call).filter(|_| !input.all_sessions);
    let view = TaskList::run(&call.cx, input)?;
    let mut out = page.head(view.tasks.len(), view.total, "tasks");
    if let Some((session, revision)) = &home {
        let _ = write!(out, " · session {session} rev {}", rev(revision));
    }
    for task in &view.tasks {
        let _ = write!(out, "\n{}", words::task(task, Some(home.as_ref().map_or("", |(s, _)| s))));
    }
    Ok(out)
}

fn show(call: &Call<'_>) -> Answer {
    let view = TaskShow::run(&call.cx, ShowInput { task: call.args.must("task") })?;
    Ok(detail(&view, call.args.number("budget").unwrap_or(4000)))
}

/// A task of a list with what is around it; its line where it cannot be named (two of one title,
/// neither with an id).
pub(in super::super) fn whole(cx: &Context<'_>, task: &TaskView, budget: usize) -> String {
    let word = task.id.as_ref().map_or_else(|| task.title.clone(), |id| format!("{}#{id}", task.session));
    match TaskShow::run(cx, ShowInput { task: word }) {
        Ok(view) => detail(&view, budget),
        Err(_) => words::task(task, None),
    }
}

/// One task with what is around it.
pub(in super::super) fn detail(view: &TaskDetail, budget: usize) -> String {
    let t = &view.task;
    let mut out = words::task(t, None);
    let mut facts = vec![format!("session {}", t.session)];
    let hours = |m: u32| crate::ops::write_minutes(m);
    for (name, value) in [
        ("group", t.group.as_ref().map(|g| words::line(g))),
        ("specialist", t.specialist.as_ref().map(|s| words::line(s))),
        ("priority", t.priority.clone()),
        ("estimate", t.estimate_minutes.map(hours)),
        ("actual", t.actual_minutes.map(hours)),
        ("due", t.due.as_ref().map(|d| words::line(d))),
        ("tags", (!view.tags.is_empty()).then(|| words::some(&view.tags))),
    ] {
        facts.extend(value.map(|v| format!("{name} {v}")));
    }
    facts.extend(t.extra.iter().map(|(k, v)| {
        let value = v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        format!("{} {}", words::line(k), words::line(&value))
    }));
    let _ = write!(out, "\n{}", facts.join(" · "));
    if !view.ancestors.is_empty() {
        let above: Vec<String> = view.ancestors.iter().map(|a| words::line(a)).collect();
        let _ = write!(out, "\npart of {}", above.join(" › "));
    }
    if !t.depends_on.is_empty() {
        let _ = write!(out, "\ndepends on {}", words::some(&t.depends_on));
    }
    if !view.blocks.is_empty() {
        let _ = write!(out, "\nblocks {}", words::some(&view.blocks));
    }
    for child in view.subtasks.iter().take(20) {
        let _ = write!(out, "\n  {}", words::task(child, Some(&t.session)));
    }
    if view.subtasks.len() > 20 {
        let _ = write!(out, "\n  +{} (task_list parent)", view.subtasks.len() - 20);
    }
    if !view.description.trim().is_empty() {
        let source = format!("{}:{}", view.path, t.line);
        let _ = write!(out, "\n{}", words::quoted(&source, &view.description, budget).trim_end());
    }
    let _ = write!(out, "\nrev {}", rev(&view.revision));
    out
}
