use serde_yaml::{Mapping, Value};

use super::mode::Mode;
use super::yaml::{Source, kind, text_of};
use crate::diagnostic::{Code, Diagnostic};

/// Largest binding or history that is read.
const MAX_BYTES: usize = 1 << 20;

/// Which mode a session works by: the file `mode_binding.yaml` beside its plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModeBinding {
    /// The session.
    pub session_id: String,
    /// The mode's file name in `roles/`.
    pub mode_file: String,
    /// When it was bound: `2026-01-31T12:00:00Z`.
    pub bound_at: String,
    /// `active`, or why it is not.
    pub status: String,
}

impl ModeBinding {
    /// Reads `mode_binding.yaml`; `None` where it names no mode file (the finding says why).
    #[must_use]
    pub fn parse(text: &str) -> (Option<Self>, Vec<Diagnostic>) {
        let (mut source, value) = Source::read(text, MAX_BYTES);
        let Some(value) = value else { return (None, source.findings) };
        let Some(Value::Mapping(map)) = value.get("session_mode_binding") else {
            source.report(Code::M009, &[], "a binding is a mapping `session_mode_binding`");
            return (None, source.findings);
        };
        let text = |key: &str| map.get(key).and_then(text_of).unwrap_or_default();
        let mode_file = text("mode_file");
        if !super::is_mode_file_name(&mode_file) {
            let message = "`mode_file` is the name of a YAML file in `roles/`";
            source.report(Code::M009, &["session_mode_binding", "mode_file"], message);
            return (None, source.findings);
        }
        let status = Some(text("binding_status")).filter(|s| !s.is_empty());
        let binding = Self {
            session_id: text("session_id"),
            mode_file,
            bound_at: text("bound_at"),
            status: status.unwrap_or_else(|| "active".to_owned()),
        };
        (Some(binding), source.findings)
    }

    /// The text of `mode_binding.yaml`: the binding, and what the mode said when it was bound.
    #[must_use]
    pub fn to_yaml(&self, mode: &Mode) -> String {
        let text = |s: &str| Value::from(s);
        let binding = map(vec![
            ("session_id", text(&self.session_id)),
            ("mode_file", text(&self.mode_file)),
            ("bound_at", text(&self.bound_at)),
            ("binding_status", text(&self.status)),
        ]);
        let usual = mode.role(super::mode_check::ORCHESTRATOR);
        let usual: Vec<&str> =
            usual.iter().flat_map(|r| &r.specialist_roles).map(|(n, _)| n.as_str()).collect();
        let (listed, custom): (Vec<&str>, Vec<&str>) = mode.specialists().partition(|n| usual.contains(n));
        let list = |names: Vec<&str>| Value::Sequence(names.into_iter().map(Value::from).collect());
        let context = map(vec![
            ("specialist_roles", list(listed)),
            ("custom_roles", list(custom)),
            ("routing_rules", list(mode.routing.iter().map(|r| r.class.as_str()).collect())),
        ]);
        let all = map(vec![("session_mode_binding", binding), ("mode_context", context)]);
        serde_yaml::to_string(&all).unwrap_or_default()
    }
}

/// One line of `modes/mode_history.yaml`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// When: `2026-01-31T12:00:00Z`.
    pub timestamp: String,
    /// The mode before; `None` where there was none.
    pub from_mode: Option<String>,
    /// The mode after.
    pub to_mode: String,
    /// The session.
    pub session_id: String,
    /// `user_request`, `session_initialization`, `restore`, `fallback`.
    pub reason: String,
    /// Whether it worked.
    pub success: bool,
}

/// Adds an entry at the end of `modes/mode_history.yaml`; what is there stays as it is.
#[must_use]
pub fn append_history(text: &str, entry: &HistoryEntry) -> String {
    let value = map(vec![
        ("timestamp", Value::from(entry.timestamp.as_str())),
        ("from_mode", entry.from_mode.as_deref().map_or(Value::Null, Value::from)),
        ("to_mode", Value::from(entry.to_mode.as_str())),
        ("session_id", Value::from(entry.session_id.as_str())),
        ("reason", Value::from(entry.reason.as_str())),
        ("success", Value::from(entry.success)),
    ]);
    let lines = serde_yaml::to_string(&Value::Sequence(vec![value])).unwrap_or_default();
    let kept = if text.trim() == "[]" { "" } else { text };
    let gap = if kept.is_empty() || kept.ends_with('\n') { "" } else { "\n" };
    format!("{kept}{gap}{lines}")
}

/// Reads `modes/mode_history.yaml`, oldest first; entries that name no mode are left out.
#[must_use]
pub fn read_history(text: &str) -> (Vec<HistoryEntry>, Vec<Diagnostic>) {
    let (mut source, value) = Source::read(text, MAX_BYTES);
    let items = match value {
        Some(Value::Sequence(items)) => items,
        None | Some(Value::Null) => return (Vec::new(), source.findings),
        Some(other) => {
            source.report(Code::M009, &[], format!("a history is a list, not {}", kind(&other)));
            return (Vec::new(), source.findings);
        }
    };
    let entry = |item: &Value| {
        let text = |key: &str| item.get(key).and_then(text_of);
        Some(HistoryEntry {
            timestamp: text("timestamp").unwrap_or_default(),
            from_mode: text("from_mode"),
            to_mode: text("to_mode")?,
            session_id: text("session_id").unwrap_or_default(),
            reason: text("reason").unwrap_or_default(),
            success: item.get("success").and_then(Value::as_bool).unwrap_or(true),
        })
    };
    (items.iter().filter_map(entry).collect(), source.findings)
}

fn map(rows: Vec<(&str, Value)>) -> Value {
    Value::Mapping(rows.into_iter().map(|(k, v)| (Value::from(k), v)).collect::<Mapping>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SHIPPED_MODES;

    fn entry(to: &str) -> HistoryEntry {
        HistoryEntry {
            timestamp: "2026-01-31T12:00:00Z".into(),
            from_mode: None,
            to_mode: to.into(),
            session_id: "a: b # c\n- d".into(),
            reason: "user_request".into(),
            success: true,
        }
    }

    #[test]
    fn a_binding_reads_back() {
        let binding = ModeBinding {
            session_id: "auth".into(),
            mode_file: "research.yaml".into(),
            bound_at: "2026-01-31T12:00:00Z".into(),
            status: "active".into(),
        };
        let mode = Mode::parse(SHIPPED_MODES[0].text).0;
        let text = binding.to_yaml(&mode);
        assert_eq!(ModeBinding::parse(&text), (Some(binding), vec![]));
        assert!(text.contains("- architect") && text.contains("- security_tasks"), "{text}");
    }

    #[test]
    fn bindings_that_lead_elsewhere_are_refused() {
        for text in
            ["", "a: 1", "session_mode_binding: {mode_file: ../x.yaml}", "[", "session_mode_binding: 3"]
        {
            let (binding, findings) = ModeBinding::parse(text);
            assert_eq!((binding, findings.len()), (None, 1), "{text}");
        }
    }

    #[test]
    fn a_history_only_grows() {
        let old = "# kept\n- {to_mode: x.yaml}\n- 7";
        let new = append_history(&append_history(old, &entry("a.yaml")), &entry("b.yaml"));
        assert!(new.starts_with("# kept\n- {to_mode: x.yaml}\n- 7\n"));
        let (entries, findings) = read_history(&new);
        assert_eq!(findings, []);
        assert_eq!(
            entries.iter().map(|e| e.to_mode.as_str()).collect::<Vec<_>>(),
            ["x.yaml", "a.yaml", "b.yaml"]
        );
        assert_eq!(entries[2], entry("b.yaml"));
        assert_eq!(read_history(&append_history("[]", &entry("a.yaml"))).0, [entry("a.yaml")]);
        assert_eq!(read_history("").0, []);
    }
}
