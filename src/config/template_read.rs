use std::collections::HashSet;

use serde_yaml::{Mapping, Value};

use super::expand::{names_in, parse_when};
use super::pattern::Pattern;
use super::task_template::{ParamKind, ParamValue, Parameter, Template, TemplateTask};
use super::yaml::{Source, kind, text_of, texts_of, written};
use crate::diagnostic::{Code, did_you_mean};

/// Most parameters of one template.
const MAX_PARAMETERS: usize = 100;
/// Most tasks of one template.
pub(super) const MAX_TASKS: usize = 1000;
/// Deepest nesting of tasks.
const MAX_TASK_DEPTH: usize = 8;
/// Longest text of one value, in bytes.
const MAX_TEXT: usize = 10_000;

/// Takes in a template's value.
pub(super) fn read(template: &mut Template, source: &mut Source<'_>, value: Value) {
    let Value::Mapping(map) = value else {
        source.report(Code::M009, &[], format!("a template is a mapping, not {}", kind(&value)));
        return;
    };
    for (key, value) in &map {
        let key = text_of(key).unwrap_or_default();
        match key.as_str() {
            "metadata" => match value {
                Value::Mapping(inner) => {
                    for (name, value) in inner {
                        let name = text_of(name).unwrap_or_default();
                        if !about(template, &name, value) {
                            template.extra.insert(format!("metadata.{name}"), written(value));
                        }
                    }
                }
                other => source.report(
                    Code::M009,
                    &["metadata"],
                    format!("`metadata` is a mapping, not {}", kind(other)),
                ),
            },
            "parameters" => parameters(template, source, value),
            "tasks" => tasks(template, source, value),
            // What older programs noted for themselves.
            _ if key.starts_with('_') => {}
            _ if about(template, &key, value) => {}
            _ => {
                let known =
                    ["name", "description", "version", "category", "tags", "extends", "parameters", "tasks"];
                let guess = did_you_mean(&key, known);
                let hint = guess.first().map(|g| format!("; did you mean `{g}`?")).unwrap_or_default();
                source.report(Code::M002, &[&key], format!("unknown key `{key}`{hint}"));
                template.extra.insert(key, written(value));
            }
        }
    }
    if template.tasks.is_empty() && template.extends.is_none() {
        source.report(Code::M009, &["tasks"], "a template has at least one task");
    }
    check(template, source);
}

/// Takes in a fact about the template itself; `false` where the key is none.
fn about(template: &mut Template, key: &str, value: &Value) -> bool {
    let text = || text_of(value).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    match key {
        "name" => template.name = text().unwrap_or_else(|| template.id.clone()),
        "description" => template.description = text().unwrap_or_default(),
        "version" => template.version = text(),
        "category" => template.category = text(),
        "tags" => template.tags = texts_of(value).unwrap_or_default(),
        "extends" => template.extends = text(),
        _ => return false,
    }
    true
}

fn parameters(template: &mut Template, source: &mut Source<'_>, value: &Value) {
    let Value::Mapping(map) = value else {
        if !value.is_null() {
            let message = format!("`parameters` is a mapping of names, not {}", kind(value));
            source.report(Code::M009, &["parameters"], message);
        }
        return;
    };
    for (name, value) in map {
        let name = text_of(name).unwrap_or_default();
        let path = ["parameters", name.as_str()];
        if template.parameters.len() >= MAX_PARAMETERS {
            source.report(Code::M006, &path, format!("more than {MAX_PARAMETERS} parameters"));
            return;
        }
        if !is_name(&name) || name == "item" {
            let message = format!("`{name}` cannot name a parameter; letters, digits, `_` and `-` can");
            source.report(Code::M009, &path, message);
            continue;
        }
        match value {
            Value::Mapping(m) => template.parameters.extend(parameter(source, &name, m)),
            // `parameters: {name: string}`
            Value::String(word) if kind_of(word, &[]).is_some() => {
                let shown = Mapping::from_iter([(Value::from("type"), Value::from(word.as_str()))]);
                template.parameters.extend(parameter(source, &name, &shown));
            }
            other => {
                source.report(Code::M009, &path, format!("a parameter is a mapping, not {}", kind(other)));
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn kind_of(word: &str, allowed: &[String]) -> Option<ParamKind> {
    Some(match word {
        "string" | "text" | "enum" if !allowed.is_empty() => ParamKind::Enum(allowed.to_vec()),
        "string" | "text" => ParamKind::String,
        "number" | "integer" => ParamKind::Number,
        "boolean" | "bool" => ParamKind::Boolean,
        "list" | "array" => ParamKind::List,
        _ => return None,
    })
}

fn parameter(source: &mut Source<'_>, name: &str, map: &Mapping) -> Option<Parameter> {
    let path = ["parameters", name];
    let allowed = ["values", "allowed_values", "enum"].into_iter().find_map(|k| map.get(k));
    let allowed = allowed.and_then(texts_of).unwrap_or_default();
    let word = map.get("type").and_then(text_of).unwrap_or_else(|| "string".to_owned());
    let Some(kind) = kind_of(&word, &allowed) else {
        let message = if word == "enum" {
            format!("the parameter `{name}` lists no `values`")
        } else {
            format!("`{word}` is no type; string, number, boolean, enum and list are")
        };
        source.report(Code::M009, &["parameters", name, "type"], message);
        return None;
    };
    let known = [
        "type",
        "description",
        "required",
        "default",
        "values",
        "allowed_values",
        "enum",
        "min_length",
        "max_length",
        "min",
        "max",
        "min_value",
        "max_value",
        "pattern",
    ];
    for key in map.keys().filter_map(text_of).filter(|k| !known.contains(&k.as_str())) {
        source.report(
            Code::M002,
            &["parameters", name, &key],
            format!("unknown key `{key}` of the parameter `{name}`"),
        );
    }
    let size = |key: &str| map.get(key).and_then(Value::as_u64);
    let number = |keys: [&str; 2]| keys.into_iter().find_map(|k| map.get(k)).and_then(Value::as_f64);
    let default = map.get("default").filter(|v| !v.is_null());
    let required = map.get("required").and_then(Value::as_bool).unwrap_or(default.is_none());
    let mut parameter = Parameter {
        name: name.to_owned(),
        kind,
        description: map.get("description").and_then(text_of).unwrap_or_default(),
        required,
        default: None,
        length: (size("min_length"), size("max_length")),
        range: (number(["min", "min_value"]), number(["max", "max_value"])),
        pattern: None,
    };
    if let Some(pattern) = map.get("pattern").filter(|v| !v.is_null()) {
        let text = pattern.as_str().ok_or_else(|| format!("it is text, not {}", super::yaml::kind(pattern)));
        match text.and_then(Pattern::read) {
            Ok(pattern) => parameter.pattern = Some(pattern),
            Err(why) => {
                let message = format!("the pattern of `{name}` cannot be used: {why}");
                source.report(Code::M009, &[path[0], name, "pattern"], message);
            }
        }
    }
    if let Some(value) = default {
        match value_of(value)
            .ok_or_else(|| format!("`{name}` has no such value"))
            .and_then(|v| parameter.read(&v))
        {
            Ok(value) => parameter.default = Some(value),
            Err(message) => {
                source.report(Code::M008, &[path[0], name, "default"], format!("default: {message}"));
            }
        }
    }
    Some(parameter)
}

/// A YAML value as a parameter's value.
fn value_of(value: &Value) -> Option<ParamValue> {
    Some(match value {
        Value::Bool(b) => ParamValue::Flag(*b),
        Value::Number(n) => ParamValue::Number(n.as_f64()?),
        Value::String(s) => ParamValue::Text(s.clone()),
        Value::Sequence(_) => ParamValue::List(texts_of(value)?),
        _ => return None,
    })
}

/// A task that is still to be read.
struct Unread<'v> {
    /// Where it stands in the file.
    path: Vec<String>,
    /// Its name, where tasks are a mapping.
    name: Option<String>,
    value: &'v Value,
    parent: Option<usize>,
    depth: usize,
}

/// Reads the tasks without recursion: what is still to do lies on a stack, first on top.
fn tasks(template: &mut Template, source: &mut Source<'_>, value: &Value) {
    let mut todo: Vec<Unread<'_>> = Vec::new();
    push_children(&mut todo, source, &["tasks".to_owned()], value, None, 0);
    while let Some(Unread { path, name, value, parent, depth }) = todo.pop() {
        let place: Vec<&str> = path.iter().map(String::as_str).collect();
        if template.tasks.len() >= MAX_TASKS {
            return source.report(Code::M006, &place, format!("more than {MAX_TASKS} tasks"));
        }
        if depth >= MAX_TASK_DEPTH {
            source.report(
                Code::M006,
                &place,
                format!("tasks are nested deeper than {MAX_TASK_DEPTH} levels"),
            );
            continue;
        }
        let map = match value {
            Value::Mapping(map) => map.clone(),
            Value::String(title) => Mapping::from_iter([(Value::from("title"), Value::from(title.as_str()))]),
            other => {
                source.report(
                    Code::M009,
                    &place,
                    format!("a task is a title or a mapping, not {}", kind(other)),
                );
                continue;
            }
        };
        let at = template.tasks.len();
        let task = task(source, &place, name, &map, at, parent);
        template.tasks.push(task);
        if let Value::Mapping(map) = value
            && let Some(children) = map.get("children").or_else(|| map.get("subtasks"))
        {
            let key = if map.contains_key("children") { "children" } else { "subtasks" };
            let below: Vec<String> = path.iter().cloned().chain([key.to_owned()]).collect();
            push_children(&mut todo, source, &below, children, Some(at), depth + 1);
        }
    }
}

fn push_children<'v>(
    todo: &mut Vec<Unread<'v>>,
    source: &mut Source<'_>,
    path: &[String],
    value: &'v Value,
    parent: Option<usize>,
    depth: usize,
) {
    let below = |name: String| path.iter().cloned().chain([name]).collect::<Vec<_>>();
    let first = todo.len();
    match value {
        Value::Null => {}
        Value::Sequence(items) => {
            let rows = items.iter().enumerate();
            todo.extend(rows.map(|(i, value)| Unread {
                path: below(i.to_string()),
                name: None,
                value,
                parent,
                depth,
            }));
        }
        // The older form: a mapping from names to tasks.
        Value::Mapping(map) => todo.extend(map.iter().map(|(key, value)| {
            let name = text_of(key).unwrap_or_default();
            Unread { path: below(name.clone()), name: Some(name), value, parent, depth }
        })),
        other => {
            let place: Vec<&str> = path.iter().map(String::as_str).collect();
            source.report(Code::M009, &place, format!("tasks are a list, not {}", kind(other)));
        }
    }
    todo[first..].reverse();
}

fn task(
    source: &mut Source<'_>,
    place: &[&str],
    name: Option<String>,
    map: &Mapping,
    at: usize,
    parent: Option<usize>,
) -> TemplateTask {
    let mut task = TemplateTask { parent, ..TemplateTask::default() };
    for (key, value) in map {
        let key = text_of(key).unwrap_or_default();
        let path: Vec<&str> = place.iter().copied().chain([key.as_str()]).collect();
        let list = texts_of(value);
        let text = text_of(value).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        if text.as_ref().is_some_and(|t| t.len() > MAX_TEXT) {
            source.report(Code::M006, &path, format!("`{key}` is longer than {MAX_TEXT} bytes"));
            continue;
        }
        match key.as_str() {
            "id" => task.id = text.unwrap_or_default(),
            "title" => task.title = text.unwrap_or_default(),
            "description" => task.description = text.unwrap_or_default(),
            "specialist" | "specialist_type" => task.specialist = text,
            "estimate" | "est" | "estimated_effort" => task.estimate = text,
            "depends_on" | "dependencies" | "dependsOn" => task.depends_on = list.unwrap_or_default(),
            "when" => task.when = text,
            "for_each" => task.for_each = text,
            "priority" | "complexity" | "due" | "start" | "scheduled" => {
                task.fields.extend(text.map(|t| (key.clone(), t)));
            }
            "tags" => {
                let tags = list.unwrap_or_default().join(", ");
                task.fields.extend(Some(tags).filter(|t| !t.is_empty()).map(|t| (key.clone(), t)));
            }
            // The older kind of task says nothing that a plan here would.
            "children" | "subtasks" | "type" => {}
            _ => source.report(Code::M002, &path, format!("unknown key `{key}` of a task")),
        }
    }
    if task.id.is_empty() {
        task.id = name.unwrap_or_else(|| format!("task-{}", at + 1));
    }
    if task.title.is_empty() {
        source.report(Code::M009, place, format!("the task `{}` has no title", task.id));
    }
    task
}

/// What can be said when everything is read. Names that a template with `extends` does not know
/// may come from the other one, and are checked when the two are joined.
fn check(template: &Template, source: &mut Source<'_>) {
    let mut ids = HashSet::new();
    for task in &template.tasks {
        if !ids.insert(task.id.as_str()) {
            source.report(Code::M009, &["tasks"], format!("two tasks are named `{}`", task.id));
        }
    }
    if template.extends.is_none() {
        for (code, message) in problems(template) {
            source.report(code, &["tasks"], message);
        }
    }
}

/// Names that a complete template uses and does not have, and tasks that wait in a circle.
pub(super) fn problems(template: &Template) -> Vec<(Code, String)> {
    let mut found = Vec::new();
    let names: Vec<&str> = template.parameters.iter().map(|p| p.name.as_str()).collect();
    let ids: Vec<&str> = template.tasks.iter().map(|t| t.id.as_str()).collect();
    for task in &template.tasks {
        let in_loop = |i: usize| template.tasks.get(i).is_some_and(|t| t.for_each.is_some());
        let mut is_item_known = task.for_each.is_some();
        let mut up = task.parent;
        while let Some(i) = up {
            is_item_known |= in_loop(i);
            up = template.tasks[i].parent;
        }
        let texts =
            [Some(&task.title), Some(&task.description), task.specialist.as_ref(), task.estimate.as_ref()];
        let texts = texts.into_iter().flatten().chain(task.fields.iter().map(|(_, v)| v));
        for name in texts.flat_map(|t| names_in(t)) {
            if !(names.contains(&name) || (name == "item" && is_item_known)) {
                let guess = did_you_mean(name, names.iter().copied());
                let hint = guess.first().map(|g| format!("; did you mean `{g}`?")).unwrap_or_default();
                found.push((Code::M008, format!("`{{{{{name}}}}}` in `{}` is no parameter{hint}", task.id)));
            }
        }
        for id in task.depends_on.iter().filter(|d| !ids.contains(&d.as_str())) {
            let guess = did_you_mean(id, ids.iter().copied());
            let hint = guess.first().map(|g| format!("; did you mean `{g}`?")).unwrap_or_default();
            found.push((Code::M009, format!("`{}` depends on `{id}`, which is no task{hint}", task.id)));
        }
        if let Some(when) = &task.when {
            match parse_when(when) {
                Some((name, _)) if names.contains(&name) => {}
                Some((name, _)) => {
                    found.push((Code::M008, format!("`when: {when}`: `{name}` is no parameter")));
                }
                None => found.push((Code::M009, format!("`when: {when}` is no condition"))),
            }
        }
        if let Some(list) = &task.for_each {
            let known = template.parameters.iter().find(|p| p.name == *list);
            if known.is_none_or(|p| p.kind != ParamKind::List) {
                found.push((Code::M008, format!("`for_each: {list}` names no list parameter")));
            }
        }
    }
    if found.is_empty()
        && let Some(ring) = circle(template)
    {
        found.push((Code::M005, format!("tasks wait for each other in a circle: {}", ring.join(" → "))));
    }
    found
}

/// Tasks that cannot be put in order: repeatedly takes away what waits for nothing.
fn circle(template: &Template) -> Option<Vec<&str>> {
    let index: std::collections::HashMap<&str, usize> =
        template.tasks.iter().enumerate().map(|(i, t)| (t.id.as_str(), i)).collect();
    let waits: Vec<Vec<usize>> = template
        .tasks
        .iter()
        .map(|t| t.depends_on.iter().filter_map(|d| index.get(d.as_str()).copied()).collect())
        .collect();
    let mut left: Vec<usize> = waits.iter().map(Vec::len).collect();
    let mut free: Vec<usize> = (0..left.len()).filter(|&i| left[i] == 0).collect();
    let mut waiting_for: Vec<Vec<usize>> = vec![Vec::new(); left.len()];
    for (i, deps) in waits.iter().enumerate() {
        for &d in deps {
            waiting_for[d].push(i);
        }
    }
    while let Some(done) = free.pop() {
        for &i in &waiting_for[done] {
            left[i] -= 1;
            if left[i] == 0 {
                free.push(i);
            }
        }
    }
    // Whoever is left waits for somebody who is left: walk until somebody comes up again.
    let mut way: Vec<usize> = vec![left.iter().position(|&n| n > 0)?];
    loop {
        let next = waits[*way.last()?].iter().copied().find(|&d| left[d] > 0)?;
        if let Some(from) = way.iter().position(|&i| i == next) {
            way.push(next);
            return Some(way[from..].iter().map(|&i| template.tasks[i].id.as_str()).collect());
        }
        way.push(next);
    }
}
