use serde_json::{Map, Value};

use super::tool::{PREFIX, Profile, Tool, named};

/// Another name, the tool it means, an argument it implies with its value.
type Alias = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// Other names of tools, accepted and never listed; with arguments they imply.
const NAMES: &[Alias] = &[
    ("session_pause", "session_suspend", None),
    ("session_cancel", "session_complete", Some(("outcome", "cancelled"))),
    ("session_show", "session_status", None),
    ("list_sessions", "session_list", None),
    ("resume_session", "session_resume", None),
    ("group_create", "task_group_create", None),
    ("group_organize", "task_group_organize", None),
    ("task_reorder", "task_group_organize", None),
    ("task_move", "group_move_tasks", None),
    ("task_bulk_update", "task_batch_update", None),
    ("task_next", "next_task", None),
    ("task_add", "plan_task", None),
    ("task_create", "plan_task", None),
    ("task_get", "task_show", None),
    ("task_complete", "complete_task", None),
    ("complete_subtask", "complete_task", None),
    ("update_task", "task_update", None),
    ("search_tasks", "search", Some(("within", "tasks"))),
    ("search_sessions", "search", Some(("scope", "all"))),
    ("search_artifacts", "search", Some(("scope", "all"))),
    ("decision_add", "note_add", Some(("kind", "decision"))),
    ("block_adopt", "block_edit", Some(("take", "adopt"))),
    ("block_regen", "block_edit", Some(("take", "regen"))),
    ("session_cleanup", "cleanup", None),
    ("cleanup_stale", "cleanup", None),
    ("cleanup_sessions", "cleanup", None),
    ("conflicts_list", "conflict_resolve", None),
    ("mode_switch", "mode_select", None),
    ("mode_list_available", "mode_list", None),
    ("mode_configure", "mode_create", None),
    ("template_apply", "task_template_apply", None),
    ("optimize_database", "optimize_performance", None),
];

/// Other spellings of arguments; used where the tool knows the second and not the first.
const ARGUMENTS: &[(&str, &str)] = &[
    ("session_id", "session"),
    ("session_name", "name"),
    ("session_type", "type"),
    ("project_root", "working_directory"),
    ("mode_file", "mode"),
    ("auto_activate", "activate"),
    ("status_filter", "status"),
    ("task_id", "task"),
    ("id", "task"),
    ("task", "tasks"),
    ("task_id", "tasks"),
    ("id", "tasks"),
    ("task_ids", "tasks"),
    ("parent_task_id", "parent"),
    ("specialist_type", "specialist"),
    ("estimated_effort", "estimate"),
    ("due_date", "due"),
    ("dependencies", "depends_on"),
    ("depends_on", "on"),
    ("group_name", "name"),
    ("parent_group", "parent"),
    ("specialist_focus", "focus"),
    ("priority_level", "priority"),
    ("target_group", "group"),
    ("revision", "if_match"),
    ("expected_hash", "if_match"),
    ("search_scope", "scope"),
    ("content_types", "within"),
    ("results", "summary"),
    ("parent_task_id", "task"),
    ("holder", "as"),
    ("mode_name", "name"),
    ("template_source", "from"),
    ("base_template", "from"),
    ("repair_if_possible", "repair"),
    ("backup_file", "backup"),
    ("activate_after_restore", "select"),
    ("template_id", "template"),
    ("template_name", "template"),
    ("params", "parameters"),
];

/// Other spellings of values, by argument.
const VALUES: &[(&str, &str, &str)] = &[
    ("scope", "active_session", "active"),
    ("scope", "all_sessions", "all"),
    ("scope", "archived_sessions", "archived"),
    ("within", "markdown_content", "all"),
    ("within", "sessions", "all"),
    ("within", "task_groups", "all"),
    ("status", "active", "in_progress"),
    ("status", "done", "completed"),
    ("status", "todo", "pending"),
];

/// The tool a name means, with the arguments in its own spelling.
pub(super) fn resolve(
    profile: Profile,
    name: &str,
    given: Map<String, Value>,
) -> Option<(&'static Tool, Map<String, Value>)> {
    let bare = name.strip_prefix(PREFIX).unwrap_or(name);
    // The older tool's own names mean its own arguments and answers.
    if profile == Profile::Legacy
        && let Some(tool) = super::legacy::TOOLS.iter().find(|t| t.name == bare)
    {
        return Some((tool, given));
    }
    let alias = NAMES.iter().find(|(other, ..)| *other == bare);
    let tool = named(alias.map_or(bare, |(_, tool, _)| *tool))?;
    let mut given = respelled(tool, given);
    if let Some((_, _, Some((argument, value)))) = alias {
        given.entry((*argument).to_owned()).or_insert_with(|| (*value).into());
    }
    Some((tool, given))
}

fn respelled(tool: &Tool, given: Map<String, Value>) -> Map<String, Value> {
    let knows = |name: &str| {
        let common = super::tool::EVERY.iter().chain(super::tool::WRITES);
        tool.params.iter().chain(common).any(|p| p.name == name)
    };
    let mut out = Map::new();
    for (name, value) in given {
        let other = ARGUMENTS.iter().find(|(from, to)| *from == name && !knows(&name) && knows(to));
        let name = other.map_or(name, |(_, to)| (*to).to_owned());
        let value = revalued(tool, &name, value);
        out.insert(name, value);
    }
    out
}

fn revalued(tool: &Tool, name: &str, value: Value) -> Value {
    // Several kinds of content at once are all of them.
    let value = match (name, value) {
        ("within", Value::Array(mut kinds)) if kinds.len() == 1 => kinds.swap_remove(0),
        ("within", Value::Array(_)) => "all".into(),
        (_, value) => value,
    };
    let words = tool.params.iter().any(|p| p.name == name && matches!(p.kind, super::param::Kind::Word(_)));
    let found =
        value.as_str().and_then(|word| VALUES.iter().find(|(n, from, _)| *n == name && *from == word));
    match found {
        Some((_, _, to)) if words => (*to).into(),
        _ => value,
    }
}

/// Phrases in hints that need more than the name of a tool.
const PHRASES: &[(&str, &str)] = &[
    ("`plandown list --all`", "`task_list` with `show: all`"),
    (
        "run `plandown doctor` for claims that nobody keeps alive",
        "wait, or take one that nobody keeps alive with `task_claim` and `force: true`",
    ),
    ("as in `plandown session set type=research`", "as in `set: {type: research}`"),
    ("`plandown next --explain`", "`next_task` with `explain: true`"),
    ("`plandown next --claim`", "`next_task` with `claim: true`"),
    ("`plandown done`, `start`, `task block`, or `task set --status STATE`", "`status` of `task_update`"),
    (
        "`plandown init`, or name a directory with `--root`",
        "`orchestrator_initialize_session` with `working_directory`",
    ),
    ("`--session ID`", "`session`"),
    ("`--pause-current`", "`pause_current: true`"),
    ("`--no-activate`", "`activate: false`"),
    ("`--force`", "`force: true`"),
    ("`--description`", "`description`"),
    ("(`task add -`)", "(`list`)"),
];

/// The tool that stands for a command, by the command's first words; the longest that fit count.
const COMMANDS: &[(&str, &str)] = &[
    ("backup cleanup", "backup_cleanup"),
    ("backup create", "backup_create"),
    ("backup list", "backup_list"),
    ("backup restore", "backup_restore"),
    ("block adopt", "block_edit"),
    ("block regen", "block_edit"),
    ("check", "validate_integrity"),
    ("conflicts", "conflict_resolve"),
    ("deps", "task_dependencies_map"),
    ("group list", "session_status"),
    ("group move-tasks", "group_move_tasks"),
    ("list", "task_list"),
    ("mode list", "mode_list"),
    ("mode restore", "mode_restore"),
    ("mode select", "mode_select"),
    ("mode validate", "mode_validate"),
    ("session activate", "session_activate"),
    ("session create", "session_create"),
    ("session list", "session_list"),
    ("session set", "session_set"),
    ("session show", "session_status"),
    ("show", "task_show"),
    ("status", "get_status"),
    ("sync", "sync"),
    ("undo", "undo"),
];

/// A hint in the words of the tools; a command that no tool stands for stays as it is.
pub(super) fn hint(text: &str) -> String {
    let text = PHRASES.iter().fold(text.to_owned(), |text, (phrase, tool)| text.replace(phrase, tool));
    let in_words = |(nth, part): (usize, &str)| {
        // Every second part stands between backticks.
        let command = part.strip_prefix("plandown ").filter(|_| nth % 2 == 1);
        let fits = |words: &str| {
            command
                .and_then(|c| c.strip_prefix(words))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let found = COMMANDS.iter().filter(|(words, _)| fits(words)).max_by_key(|(words, _)| words.len());
        found.map_or(part, |(_, tool)| tool).to_owned()
    };
    text.split('`').enumerate().map(in_words).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_speak_of_tools_that_there_are() {
        for (_, tool) in COMMANDS {
            assert!(named(tool).is_some(), "{tool}");
        }
        let check = |said: &str, heard: &str| assert_eq!(hint(said), heard);
        check("`plandown list` shows all", "`task_list` shows all");
        check("run `plandown list --all`", "run `task_list` with `show: all`");
        check("`plandown conflicts resolve c-1 --take ours`", "`conflict_resolve`");
        check("see `plandown session list --archived`, or `--force`", "see `session_list`, or `force: true`");
        check("`plandown listing` and plandown sync", "`plandown listing` and plandown sync");
        check("`plandown doctor`", "`plandown doctor`");
    }
}
