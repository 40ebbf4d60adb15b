use rusqlite::types::Value;

/// Which sessions a question is about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    /// All of them.
    #[default]
    All,
    /// Those that can still be worked on.
    Open,
    /// Those in long-term storage.
    Archived,
    /// These directories.
    Sessions(Vec<String>),
}

impl Scope {
    /// One session.
    pub fn session(directory: impl Into<String>) -> Self {
        Self::Sessions(vec![directory.into()])
    }

    /// Adds the condition on `column`, a session's directory.
    pub(super) fn limit(&self, column: &str, to: &mut Conditions) {
        let state = format!("(SELECT o.status FROM sessions AS o WHERE o.session_id = {column})");
        match self {
            Self::All => {}
            Self::Open => to.add(&format!("{state} NOT IN ('completed', 'archived', 'cancelled')"), []),
            Self::Archived => to.add(&format!("{state} = 'archived'"), []),
            Self::Sessions(list) => match list.as_slice() {
                [one] => to.add(&format!("{column} = ?"), [one.clone().into()]),
                many => to.any(column, many.iter().map(|s| Value::from(s.clone()))),
            },
        }
    }
}

/// Conditions joined by `AND`, with their parameters in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    sql: String,
    pub values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; each `?` in it takes the next value.
    pub(super) fn add(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    /// `column` is one of `values`; nothing is one of none.
    pub(super) fn any(&mut self, column: &str, values: impl Iterator<Item = Value>) {
        let values: Vec<Value> = values.collect();
        let marks = vec!["?"; values.len()].join(", ");
        self.add(&format!("{column} IN ({marks})"), values);
    }

    /// The clause, empty where there is no condition.
    pub(super) fn sql(&self) -> &str {
        &self.sql
    }
}

/// `LIMIT` and `OFFSET`.
pub(super) fn page(limit: Option<usize>, offset: usize) -> String {
    let limit = limit.map_or(-1, super::super::hash::int);
    format!(" LIMIT {limit} OFFSET {}", super::super::hash::int(offset))
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `text` anywhere.
pub(super) fn containing(text: &str) -> String {
    // SQLite refuses patterns beyond 50,000 bytes; no title that is looked for is that long.
    let text: String = text.chars().take(4_000).collect();
    let text = text.as_str();
    format!("%{}%", escaped(text))
}

/// `text` with the signs of a pattern made plain.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
