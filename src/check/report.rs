use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::{LineIndex, TextRange};

/// The findings of one file.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// Its path relative to the workspace or repository, with `/`.
    pub path: &'a str,
    /// Its text, which the findings' places fit.
    pub text: &'a str,
    /// What was found.
    pub findings: &'a [Diagnostic],
}

/// 1-based line and column, where columns count what `width` says of a character.
fn place(text: &str, lines: &LineIndex, offset: usize, width: fn(char) -> usize) -> (usize, usize) {
    let line = lines.line_of(offset.min(text.len()));
    let before = TextRange::new(lines.start(line), offset).of(text);
    (line + 1, before.chars().map(width).sum::<usize>() + 1)
}

/// One GitHub workflow command per finding, each on its own line.
#[must_use]
pub fn github(files: &[Checked<'_>]) -> String {
    let mut out = String::new();
    for file in files {
        let lines = LineIndex::new(file.text);
        for d in file.findings {
            let (line, column) = place(file.text, &lines, d.span.start, |_| 1);
            let (end_line, end_column) = place(file.text, &lines, d.span.end, |_| 1);
            let level = match d.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info | Severity::Hint => "notice",
            };
            // GitHub takes columns only for annotations within one line.
            let columns = if line == end_line {
                format!("col={column},endColumn={},", end_column.max(column))
            } else {
                String::new()
            };
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "::{level} file={},line={line},endLine={end_line},{columns}title={}::{}",
                property(file.path),
                property(&format!("{} {}", d.code, d.code.info().name)),
                data(&d.message),
            );
        }
    }
    out
}

/// A message of a workflow command: only the characters that would end it are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command, which commas and colons end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A SARIF 2.1.0 log. `help` gives the page of a code, as Markdown.
#[must_use]
pub fn sarif(files: &[Checked<'_>], version: &str, help: &dyn Fn(Code) -> &'static str) -> Value {
    let mut codes: Vec<Code> = files.iter().flat_map(|f| f.findings).map(|d| d.code).collect();
    codes.sort_by_key(|c| c.info().code);
    codes.dedup();
    let mut results = Vec::new();
    for file in files {
        let lines = LineIndex::new(file.text);
        let artifact = json!({ "uri": uri(file.path), "uriBaseId": "SRCROOT" });
        for d in file.findings {
            let rule = codes.binary_search_by_key(&d.code.info().code, |c| c.info().code).unwrap_or(0);
            let region = region(file.text, &lines, d.span);
            let mut result = json!({
                "ruleId": d.code.info().code,
                "ruleIndex": rule,
                "level": level(d.severity()),
                "message": { "text": d.message },
                "locations": [{
                    "physicalLocation": { "artifactLocation": artifact, "region": region },
                }],
            });
            if let (Some(fix), Value::Object(result)) = (&d.fix, &mut result) {
                let replacements: Vec<Value> = fix
                    .edits
                    .iter()
                    .map(|e| {
                        json!({
                            "deletedRegion": self::region(file.text, &lines, e.range),
                            "insertedContent": { "text": e.insert },
                        })
                    })
                    .collect();
                if !replacements.is_empty() {
                    let change = json!({ "artifactLocation": artifact, "replacements": replacements });
                    let fix = json!([{ "description": { "text": fix.title }, "artifactChanges": [change] }]);
                    result.insert("fixes".to_owned(), fix);
                }
            }
            results.push(result);
        }
    }
    let rules: Vec<Value> = codes.iter().map(|&c| rule(c, help(c))).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "plandown", "version": version, "rules": rules } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "the repository or workspace" } } },
            "results": results,
        }],
    })
}

fn rule(code: Code, help: &str) -> Value {
    let info = code.info();
    let mut rule = json!({
        "id": info.code,
        "name": info.name,
        "shortDescription": { "text": info.summary },
        "defaultConfiguration": { "level": level(info.severity) },
    });
    if let (false, Value::Object(rule)) = (help.is_empty(), &mut rule) {
        rule.insert("help".to_owned(), json!({ "text": help, "markdown": help }));
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

fn region(text: &str, lines: &LineIndex, span: TextRange) -> Value {
    let (start_line, start_column) = place(text, lines, span.start, char::len_utf16);
    let (end_line, end_column) = place(text, lines, span.end, char::len_utf16);
    json!({
        "startLine": start_line, "startColumn": start_column,
        "endLine": end_line, "endColumn": end_column,
    })
}

/// A relative path as a URI reference: what is no path character is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Fix;
    use crate::text::Edit;

    fn findings() -> Vec<Diagnostic> {
        vec![
            Diagnostic::new(Code::T103, (8..9).into(), "`[x]` contradicts \"(50%)\"\r\n::error::gotcha")
                .with_fix(Fix::safe("fix it", vec![Edit::replace((8..9).into(), "y")])),
            Diagnostic::new(Code::F003, (0..9).into(), "mixed"),
        ]
    }

    const TEXT: &str = "a\n🎉 xb";

    #[test]
    fn github_lines_cannot_be_broken_out_of() {
        let findings = findings();
        let file = Checked { path: "a,b:c/session.md", text: TEXT, findings: &findings };
        assert_eq!(
            github(&[file]),
            "::warning file=a%2Cb%3Ac/session.md,line=2,endLine=2,col=4,endColumn=5,title=T103 status-contradiction::`[x]` contradicts \"(50%25)\"%0D%0A::error::gotcha\n\
             ::notice file=a%2Cb%3Ac/session.md,line=1,endLine=2,title=F003 mixed-line-endings::mixed\n"
        );
    }

    #[test]
    fn sarif_counts_utf16_and_names_each_rule_once() {
        let findings = findings();
        let file = Checked { path: "a b/session.md", text: TEXT, findings: &findings };
        let log = sarif(&[file, file], "1.0.0", &|c| if c == Code::T103 { "# help" } else { "" });
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(2));
        let result = &run["results"][0];
        assert_eq!(result["level"], "warning");
        assert_eq!((&result["ruleId"], &result["ruleIndex"]), (&json!("T103"), &json!(1)));
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "T103");
        assert_eq!(run["tool"]["driver"]["rules"][1]["help"]["text"], "# help");
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "a%20b/session.md");
        assert_eq!(
            location["region"],
            json!({ "startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 6 })
        );
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["replacements"][0]["insertedContent"]["text"], "y");
        assert!(run["results"][1].get("fixes").is_none());
        assert_eq!(run["results"][1]["level"], "note");
    }
}
