use serde_json::{Map, Value};

use super::{Artifact, Draft, DraftGroup, DraftTask, Error, Fate, Import, Kind, Remark, Report, json};
use crate::model::{Priority, SessionStatus, TaskId, TaskStatus};

/// Reads the JSON that our own export writes.
pub fn plandown_json(bytes: &[u8], place: &str) -> Result<Import, Error> {
    let unknown = |detail: &str| Error::new(Kind::UnknownShape, place, detail);
    let Value::Object(root) = json::parse(bytes, place)? else {
        return Err(unknown("the file holds no JSON object"));
    };
    if json::get(&root, "format") != "plandown-export" {
        return Err(unknown("the file is no export of plandown"));
    }
    if json::get(&root, "schema") != "1" {
        return Err(unknown("the export is of a version that is unknown here"));
    }
    let mut import = Import::default();
    let Some(Value::Array(sessions)) = root.get("sessions") else {
        return Err(unknown("the export has no list `sessions`"));
    };
    for session in sessions {
        let Value::Object(map) = session else { return Err(unknown("a session is no JSON object")) };
        let draft = draft(map, place, &mut import.report)?;
        import.report.row(place, "sessions", &draft.id, Fate::Session);
        for task in &draft.tasks {
            import.report.row(place, "tasks", &task.old_id, Fate::Task);
        }
        import.drafts.push(draft);
    }
    Ok(import)
}

fn optional(map: &Map<String, Value>, key: &str) -> Option<String> {
    Some(json::get(map, key)).filter(|t| !t.is_empty())
}

/// The objects of a list. A row that is none is an error: leaving it out would shift what points into the list.
fn objects<'a>(
    map: &'a Map<String, Value>,
    key: &str,
    place: &str,
) -> Result<Vec<&'a Map<String, Value>>, Error> {
    let unknown = |detail: String| Error::new(Kind::UnknownShape, place, detail);
    let rows = match map.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(unknown(format!("`{key}` is no list"))),
    };
    let row = |(n, row): (usize, &'a Value)| {
        row.as_object().ok_or_else(|| unknown(format!("row {} of `{key}` is no JSON object", n + 1)))
    };
    rows.iter().enumerate().map(row).collect()
}

/// A word that must be one of ours; any other is kept by the caller and reported.
fn word<T>(
    map: &Map<String, Value>,
    key: &str,
    parse: impl Fn(&str) -> Option<T>,
    (place, report): (&str, &mut Report),
) -> (Option<T>, Option<String>) {
    let Some(text) = optional(map, key) else { return (None, None) };
    let parsed = parse(&text);
    if parsed.is_some() {
        return (parsed, None);
    }
    let whose = json::get(map, "id");
    report.find(Remark::StatusUnknown, format!("{place}: {whose}"), format!("`{text}` is no `{key}`"));
    (None, Some(text))
}

fn pairs(map: &Map<String, Value>, key: &str) -> Vec<(String, String)> {
    let all = map.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array);
    all.filter_map(|p| Some((json::text(p.first()?), json::text(p.get(1)?)))).collect()
}

fn draft(map: &Map<String, Value>, place: &str, report: &mut Report) -> Result<Draft, Error> {
    let mut extra = pairs(map, "extra");
    let (status, odd) = word(map, "status", SessionStatus::parse, (place, report));
    extra.extend(odd.map(|text| ("source-status".to_owned(), text)));
    let (priority, odd) = word(map, "priority", Priority::parse, (place, report));
    extra.extend(odd.map(|text| ("source-priority".to_owned(), text)));
    let mut tasks = Vec::new();
    for row in objects(map, "tasks", place)? {
        tasks.push(task(row, place, report));
    }
    Ok(Draft {
        id: json::get(map, "id"),
        name: json::get(map, "name"),
        description: json::get(map, "description"),
        status,
        mode: optional(map, "mode"),
        created: optional(map, "created"),
        due: optional(map, "due"),
        priority,
        kind: optional(map, "type"),
        tags: json::list(map, "tags"),
        groups: objects(map, "groups", place)?
            .into_iter()
            .map(|g| DraftGroup {
                old_id: String::new(),
                path: json::get(g, "path"),
                header: pairs(g, "header"),
                description: json::get(g, "description"),
            })
            .collect(),
        tasks,
        notes: json::list(map, "notes"),
        decisions: json::list(map, "decisions"),
        learnings: json::list(map, "learnings"),
        next_steps: json::list(map, "next_steps"),
        artifacts: objects(map, "artifacts", place)?
            .into_iter()
            .map(|a| Artifact {
                task: json::get(a, "task"),
                named: json::get(a, "named"),
                file: optional(a, "file"),
                kind: json::get(a, "kind"),
                summary: json::get(a, "summary"),
            })
            .collect(),
        extra,
        verbatim: None,
    })
}

fn task(map: &Map<String, Value>, place: &str, report: &mut Report) -> DraftTask {
    let number = |key: &str| map.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let minutes = |key: &str| number(key).and_then(|n| u32::try_from(n).ok());
    let mut task = DraftTask::new(json::get(map, "title"));
    task.old_id = json::get(map, "id");
    task.id = TaskId::parse(&task.old_id);
    task.group = number("group");
    task.parent = number("parent");
    let (status, odd) = word(map, "status", TaskStatus::parse, (place, report));
    task.status = status.unwrap_or(TaskStatus::Pending);
    task.specialist = optional(map, "specialist");
    task.estimate = minutes("estimate_minutes");
    task.actual = minutes("actual_minutes");
    task.fields = pairs(map, "fields");
    if let Some(text) = odd {
        task.set("source-status", text);
    }
    task.depends_on = json::list(map, "depends_on");
    task.aliases = json::list(map, "formerly");
    task.description = json::get(map, "description");
    task
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sessions: &str) -> Result<Import, Error> {
        let text = format!("{{\"schema\":1,\"format\":\"plandown-export\",\"sessions\":{sessions}}}");
        plandown_json(text.as_bytes(), "x.json")
    }

    #[test]
    fn rows_are_never_left_out_silently() {
        for (sessions, says) in [
            ("[{\"tasks\":[{\"title\":\"a\"},7,{\"title\":\"b\",\"parent\":0}]}]", "row 2 of `tasks`"),
            ("[{\"tasks\":{}}]", "`tasks` is no list"),
            ("[{\"groups\":[null]}]", "row 1 of `groups`"),
            ("[7]", "a session is no JSON object"),
            ("null", "no list `sessions`"),
        ] {
            let error = read(sessions).unwrap_err();
            assert!(error.to_string().contains(says), "{sessions}: {error}");
        }
        let bare = plandown_json(b"{\"schema\":1,\"format\":\"plandown-export\"}", "x").unwrap_err();
        assert!(bare.to_string().contains("`sessions`"));
    }

    #[test]
    fn an_unknown_state_is_kept_and_reported() {
        let import =
            read("[{\"id\":\"s\",\"status\":\"odd\",\"tasks\":[{\"id\":\"t-1\",\"title\":\"a\",\"status\":\"doing it\"}]}]")
                .unwrap();
        let draft = &import.drafts[0];
        assert_eq!((draft.status, draft.tasks[0].status), (None, TaskStatus::Pending));
        assert_eq!(draft.tasks[0].extra("source-status"), Some("doing it"));
        assert_eq!(draft.extra, [("source-status".to_owned(), "odd".to_owned())]);
        assert_eq!(import.report.findings.len(), 2);
    }
}
