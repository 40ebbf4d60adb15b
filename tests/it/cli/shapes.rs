use serde_json::Value;

/// The members of an object, in the order they are written.
#[track_caller]
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Asserts the members of an object, in order.
#[track_caller]
pub(crate) fn has(value: &Value, wanted: &[&str]) {
    assert_eq!(keys(value), wanted, "{value}");
}

/// Schema 1, a list of that name, a total that is not less than the list is long.
#[track_caller]
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    assert_eq!(&keys(value)[..3], ["schema", name, "total"], "{value}");
    assert_eq!(value["schema"], 1);
    let items = value[name].as_array().expect("a list");
    assert!(value["total"].as_u64().expect("a number") >= items.len() as u64);
    items
}

#[track_caller]
pub(crate) fn task(value: &Value) {
    has(
        value,
        &[
            "id",
            "title",
            "status",
            "session",
            "group",
            "parent",
            "depth",
            "specialist",
            "priority",
            "estimate_minutes",
            "actual_minutes",
            "depends_on",
            "blocked_by",
            "ready",
            "due",
            "line",
            "extra",
        ],
    );
}

#[track_caller]
pub(crate) fn session(value: &Value) {
    has(value, &["id", "name", "status", "mode", "priority", "path", "revision", "progress"]);
    has(&value["progress"], &["completed", "total", "percent"]);
    revision(&value["revision"]);
}

/// A whole revision: 64 lower-case hex digits.
#[track_caller]
pub(crate) fn revision(value: &Value) {
    let text = value.as_str().expect("a revision");
    assert!(text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{text}");
}

/// The answer of a write to a session.
#[track_caller]
pub(crate) fn write(value: &Value) {
    assert_eq!(&keys(value)[..5], ["schema", "changed", "session", "revision", "tasks"], "{value}");
    assert_eq!(value["schema"], 1);
    assert!(value["changed"].is_boolean());
    revision(&value["revision"]);
    value["tasks"].as_array().expect("tasks").iter().for_each(task);
}

#[track_caller]
pub(crate) fn diagnostic(value: &Value) {
    assert_eq!(
        &keys(value)[..9],
        ["code", "name", "severity", "message", "path", "line", "column", "span", "fixable"],
        "{value}"
    );
    assert!(["error", "warning", "info", "hint"].contains(&value["severity"].as_str().unwrap_or("")));
    assert_eq!(value["span"].as_array().map(Vec::len), Some(2));
}

/// An error object: a kebab-case code, a sentence, a next step.
#[track_caller]
pub(crate) fn error(value: &Value) {
    assert_eq!(&keys(value)[..3], ["code", "message", "hint"], "{value}");
    let code = value["code"].as_str().expect("a code");
    assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{code}");
    let message = value["message"].as_str().expect("a sentence");
    assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
    assert!(value["hint"].as_str().is_some_and(|h| !h.is_empty()), "{code} has no next step: {message}");
}
