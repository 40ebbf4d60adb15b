//! Front matter of other tools, read line by line: what is broken is shown, the rest still read.

/// A Markdown file of another tool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Front {
    /// Top-level keys with their values; a scalar is a list of one.
    pub(crate) keys: Vec<(String, Vec<String>)>,
    /// What stands below.
    pub(crate) body: String,
    /// Whether lines were not understood, or the block is not there or never closed.
    pub(crate) is_broken: bool,
}

impl Front {
    /// The first value of a key, unless it is blank.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        let (_, values) = self.keys.iter().find(|(k, _)| k == key)?;
        values.first().filter(|v| !v.trim().is_empty()).cloned()
    }
}

/// Splits a file and reads its keys: scalars, `[a, b]`, `- a` lists, `|` and `>` blocks.
pub(crate) fn front(text: &str) -> Front {
    let text = text.trim_start_matches('\u{feff}');
    let mut out = Front::default();
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        out.is_broken = true;
        text.clone_into(&mut out.body);
        return out;
    }
    let rest: Vec<&str> = lines.collect();
    let Some(end) = rest.iter().position(|l| matches!(l.trim_end(), "---" | "...")) else {
        out.is_broken = true;
        // Without an end, the keys reach to the first line that cannot be one.
        let end = rest.iter().position(|l| l.trim().is_empty() || l.starts_with('#')).unwrap_or(rest.len());
        read(rest.get(..end).unwrap_or_default(), &mut out);
        out.body = rest.get(end..).unwrap_or_default().join("\n");
        return out;
    };
    read(rest.get(..end).unwrap_or_default(), &mut out);
    out.body = rest.get(end + 1..).unwrap_or_default().join("\n");
    out
}

fn read(lines: &[&str], out: &mut Front) {
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let key = line.split_once(':').filter(|(k, _)| {
            !k.trim().is_empty() && !k.starts_with([' ', '\t', '-']) && !k.contains(['"', '{'])
        });
        let Some((key, value)) = key.filter(|(_, v)| v.is_empty() || v.starts_with([' ', '\t'])) else {
            out.is_broken = true;
            continue;
        };
        let start = at;
        while lines
            .get(at)
            .is_some_and(|l| l.starts_with([' ', '\t']) || l.starts_with("- ") || l.trim().is_empty())
        {
            at += 1;
        }
        let below = lines.get(start..at).unwrap_or_default();
        let (values, is_broken) = values(value.trim(), below);
        out.is_broken |= is_broken;
        if out.keys.iter().any(|(k, _)| k == key.trim()) {
            out.is_broken = true;
            continue;
        }
        out.keys.push((key.trim().to_owned(), values));
    }
}

fn values(value: &str, below: &[&str]) -> (Vec<String>, bool) {
    let trimmed: Vec<&str> = below.iter().map(|l| l.trim()).collect();
    if value.starts_with(['|', '>']) && value.len() <= 3 {
        let between = if value.starts_with('|') { "\n" } else { " " };
        return (vec![trimmed.join(between).trim().to_owned()], false);
    }
    if value.is_empty() {
        let mut items: Vec<String> = Vec::new();
        let mut broken = false;
        for line in trimmed.iter().filter(|l| !l.is_empty()) {
            match (line.strip_prefix('-'), items.last_mut()) {
                (Some(item), _) => {
                    let item = item.trim();
                    match item {
                        ">-" | "|-" | ">" | "|" => items.push(String::new()),
                        item => items.push(scalar(item).unwrap_or_else(|| {
                            broken = true;
                            item.to_owned()
                        })),
                    }
                }
                (None, Some(last)) => {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    last.push_str(line);
                }
                (None, None) => broken = true,
            }
        }
        return (items, broken);
    }
    let folded = std::iter::once(value).chain(trimmed.iter().copied().filter(|l| !l.is_empty()));
    let whole = folded.collect::<Vec<_>>().join(" ");
    if let Some(inner) = whole.strip_prefix('[') {
        let Some(inner) = inner.trim_end().strip_suffix(']') else {
            return (inner.split(',').map(|w| w.trim().to_owned()).collect(), true);
        };
        return (flow(inner), false);
    }
    match scalar(&whole) {
        Some(text) => (vec![text], false),
        None => (vec![whole.trim_matches(['"', '\'']).to_owned()], true),
    }
}

/// The items of `a, "b, c", 'd'`.
fn flow(inner: &str) -> Vec<String> {
    let (mut items, mut now, mut quote) = (Vec::new(), String::new(), None);
    for c in inner.chars() {
        match quote {
            None if c == ',' => items.push(std::mem::take(&mut now)),
            None => {
                if matches!(c, '"' | '\'') && now.trim().is_empty() {
                    quote = Some(c);
                }
                now.push(c);
            }
            Some(q) => {
                if c == q {
                    quote = None;
                }
                now.push(c);
            }
        }
    }
    items.push(now);
    let scalars = items.iter().map(|i| scalar(i.trim()).unwrap_or_else(|| i.trim().to_owned()));
    scalars.filter(|i| !i.is_empty()).collect()
}

/// A scalar's text; `None` for a quote that is never closed.
fn scalar(raw: &str) -> Option<String> {
    let raw = raw.trim();
    if let Some(inner) = raw.strip_prefix('\'') {
        return Some(inner.strip_suffix('\'')?.replace("''", "'"));
    }
    if raw.starts_with('"') {
        // Where YAML and JSON agree; `\'` and the like are left as they are.
        let inner = raw.strip_prefix('"')?.strip_suffix('"').filter(|_| raw.len() > 1)?;
        return Some(serde_json::from_str::<String>(raw).unwrap_or_else(|_| inner.to_owned()));
    }
    let text = raw.split(" #").next().unwrap_or(raw).trim_end();
    Some(if matches!(text, "null" | "~") { String::new() } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::front;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &[&str])], is_broken: bool) {
        let doc = front(text);
        let got: Vec<(&str, Vec<&str>)> =
            doc.keys.iter().map(|(k, v)| (k.as_str(), v.iter().map(String::as_str).collect())).collect();
        let expected: Vec<(&str, Vec<&str>)> = expected.iter().map(|(k, v)| (*k, v.to_vec())).collect();
        assert_eq!(got, expected, "{text}");
        assert_eq!(doc.is_broken, is_broken, "{text}");
    }

    #[test]
    fn values_as_people_write_them() {
        check(
            "---\na: 'it''s: x'\nb: \"c \\\"d\\\"\"\n---\nbody",
            &[("a", &["it's: x"]), ("b", &["c \"d\""])],
            false,
        );
        check(
            "---\na: []\nb:\n  - x\n  - 'y z'\nc: [p, \"q, r\"]\n---\n",
            &[("a", &[]), ("b", &["x", "y z"]), ("c", &["p", "q, r"])],
            false,
        );
        check(
            "---\na: >-\n  two\n  lines\nb: 1 # note\n---\n",
            &[("a", &["two lines"]), ("b", &["1"])],
            false,
        );
        check("---\na: 'never\n---\n", &[("a", &["never"])], true);
        check("---\nid: x\n\n## Text\n", &[("id", &["x"])], true);
        check("no front matter", &[], true);
        check("---\n: : :\nid: y\n{bad\n---\n", &[("id", &["y"])], true);
    }
}
