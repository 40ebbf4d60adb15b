use serde::Serialize;

use crate::diagnostic::{Code, List, did_you_mean, page};

use super::{ErrorCode, OpError, SCHEMA};

/// One line about a code.
#[derive(Clone, Debug, Serialize)]
pub struct CodeRow {
    /// `T103`; empty for an error code.
    pub code: &'static str,
    /// `status-contradiction`
    pub name: &'static str,
    /// `error|warning|info|hint`, or `exit N` for an error code.
    pub severity: String,
    /// One sentence.
    pub summary: &'static str,
}

/// A page about a code.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Version of this shape.
    pub schema: u32,
    /// The line about it.
    #[serde(flatten)]
    pub row: CodeRow,
    /// Markdown.
    pub text: String,
}

/// Every diagnostic and error code.
#[must_use]
pub fn list() -> Vec<CodeRow> {
    Code::ALL.iter().map(|&c| diagnostic(c)).chain(ErrorCode::ALL.iter().map(|&c| error(c))).collect()
}

/// The page of a diagnostic code, its name, or an error code.
pub fn explain(word: &str) -> Result<Explanation, OpError> {
    if let Some(code) = Code::parse(word) {
        return Ok(Explanation { schema: SCHEMA, row: diagnostic(code), text: page(code).to_owned() });
    }
    if let Some(&code) = ErrorCode::ALL.iter().find(|c| c.word() == word.trim()) {
        let row = error(code);
        let text = format!(
            "# {}\n\n{}.\n\nThe command exits with {}.\n",
            row.name,
            row.summary,
            code.class().exit_code()
        );
        return Ok(Explanation { schema: SCHEMA, row, text });
    }
    let rows = list();
    let near = did_you_mean(word, rows.iter().flat_map(|r| [r.code, r.name]).filter(|n| !n.is_empty()));
    let hint = match near.as_slice() {
        [] => "run `plandown explain` for all codes".to_owned(),
        near => format!("did you mean {}?", List(near, "or")),
    };
    Err(OpError::new(ErrorCode::NotFound, format!("no code `{word}`")).hint(hint))
}

fn diagnostic(code: Code) -> CodeRow {
    let info = code.info();
    CodeRow {
        code: info.code,
        name: info.name,
        severity: info.severity.word().to_owned(),
        summary: info.summary,
    }
}

fn error(code: ErrorCode) -> CodeRow {
    CodeRow {
        code: "",
        name: code.word(),
        severity: format!("exit {}", code.class().exit_code()),
        summary: code.doc(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_names_and_error_codes_are_explained() {
        for word in ["T103", "status-contradiction", "stale-revision"] {
            assert!(!explain(word).unwrap().text.is_empty(), "{word}");
        }
        let error = explain("status-contradicton").unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `status-contradiction`?"));
    }
}
