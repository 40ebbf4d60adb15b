use super::RenderError;

/// Largest template, in bytes.
const MAX_TEMPLATE: usize = 256 << 10;

/// Most words and signs between one pair of braces, and most levels of statements: the template
/// library descends into both, and its stack ends.
const MAX_TOKENS: usize = 150;
const MAX_LEVELS: usize = 30;

/// Statements that a template may hold.
const STATEMENTS: &[&str] = &["if", "elif", "else", "endif", "for", "endfor"];

/// Words of expressions; every other word names a value.
const OPERATORS: &[&str] = &["and", "or", "not", "in", "is", "if", "else", "elif", "for"];

/// Checks that a template only looks at values, walks lists and chooses.
///
/// No arithmetic, no text building, no lists of its own, no variables, no calls but of filters, no
/// other templates: so what it makes of its values is never larger than what it prints, and what
/// it prints and how many steps it takes is limited while it runs.
pub(super) fn check(source: &str) -> Result<(), RenderError> {
    if source.len() > MAX_TEMPLATE {
        let message =
            format!("the template has {} KiB; at most {} are read", source.len() >> 10, MAX_TEMPLATE >> 10);
        return Err(RenderError { line: 1, message });
    }
    let mut at = 0;
    // Every `elif` is one level deeper; an `endif` closes them all.
    let mut levels: Vec<usize> = Vec::new();
    while let Some(open) = next_tag(source, at) {
        let fail = |at: usize, message: String| {
            Err(RenderError { line: 1 + source[..at.min(source.len())].matches('\n').count(), message })
        };
        let kind = source.as_bytes()[open + 1];
        let start = open + 2;
        let close = match kind {
            b'#' => "#}",
            b'%' => "%}",
            _ => "}}",
        };
        if kind == b'#' {
            let Some(end) = source[start..].find(close) else {
                return fail(open, "a comment is never closed".into());
            };
            at = start + end + 2;
            continue;
        }
        let tokens = match tokens(source, start, close) {
            Ok((tokens, end)) => {
                at = end;
                tokens
            }
            Err((at, message)) => return fail(at, message),
        };
        if tokens.len() > MAX_TOKENS {
            return fail(open, format!("more than {MAX_TOKENS} words and signs in one place"));
        }
        if kind == b'%' {
            match tokens.first().map(|t| t.0) {
                Some("if" | "for") => levels.push(1),
                Some("elif") => levels.last_mut().into_iter().for_each(|l| *l += 1),
                Some("endif" | "endfor") => _ = levels.pop(),
                _ => {}
            }
            if levels.iter().sum::<usize>() > MAX_LEVELS {
                return fail(open, format!("statements are nested deeper than {MAX_LEVELS} levels"));
            }
            match tokens.first() {
                Some((word, _)) if STATEMENTS.contains(word) => {}
                Some((word, at)) => {
                    return fail(*at, format!("`{}` has no place in a template", shown(word)));
                }
                None => return fail(open, "an empty statement".into()),
            }
        }
        if let Some((at, message)) = forbidden(&tokens, kind == b'%') {
            return fail(at, message);
        }
    }
    Ok(())
}

fn next_tag(source: &str, from: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    (from..bytes.len().saturating_sub(1))
        .find(|&i| bytes[i] == b'{' && matches!(bytes[i + 1], b'{' | b'%' | b'#'))
}

type Token<'a> = (&'a str, usize);

/// The tokens up to `close`, and where the text goes on.
fn tokens<'a>(
    source: &'a str,
    start: usize,
    close: &str,
) -> Result<(Vec<Token<'a>>, usize), (usize, String)> {
    let mut tokens = Vec::new();
    let mut at = start;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        let minus = rest.strip_prefix(['-', '+']).is_some_and(|r| r.starts_with(close));
        if rest.starts_with(close) || minus {
            return Ok((tokens, at + close.len() + usize::from(minus)));
        }
        let len = match c {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            // The sign right behind the opening only trims blanks.
            '-' | '+' if at == start => {
                at += 1;
                continue;
            }
            '"' | '\'' => text_len(rest, c).ok_or_else(|| (at, "a text is never closed".to_owned()))?,
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            '=' | '!' | '<' | '>' if rest[1..].starts_with('=') => 2,
            c => c.len_utf8(),
        };
        tokens.push((&rest[..len], at));
        at += len;
    }
    Err((start, "a tag is never closed".to_owned()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn text_len(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return Some(i + 1);
        }
    }
    None
}

/// The first token that has no place in a template.
fn forbidden(tokens: &[Token<'_>], is_statement: bool) -> Option<(usize, String)> {
    let name = |i: usize| tokens.get(i).map_or("", |t| t.0);
    let is_name = |i: usize| name(i).starts_with(is_word) && !OPERATORS.contains(&name(i));
    // For every open bracket, whether it holds a filter's arguments.
    let mut open: Vec<bool> = Vec::new();
    for (i, &(token, at)) in tokens.iter().enumerate() {
        let before = i.checked_sub(1);
        match token {
            "(" => {
                let is_call = before.is_some_and(|b| is_name(b) || matches!(name(b), ")" | "]"));
                let is_filter = is_call && i >= 2 && matches!(name(i - 2), "|" | "is");
                if is_call && !is_filter {
                    return Some((at, format!("`{}` cannot be called in a template", shown(name(i - 1)))));
                }
                open.push(is_filter);
            }
            ")" => {
                open.pop();
            }
            "," if open.last() == Some(&true) => {}
            "." | "|" | "==" | "!=" | "<" | "<=" | ">" | ">=" => {}
            "recursive" if is_statement => {
                return Some((at, "`recursive` has no place in a template".into()));
            }
            t if t.starts_with(is_word) || t.starts_with(['"', '\'']) => {}
            "=" => return Some((at, "`=` has no place in a template; compare with `==`".into())),
            t => return Some((at, format!("`{}` has no place in a template", shown(t)))),
        }
    }
    None
}

fn shown(token: &str) -> String {
    token.chars().take(30).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_one(source: &str, expected: Option<(usize, &str)>) {
        let got = check(source).err();
        assert_eq!(got.as_ref().map(|e| (e.line, e.message.as_str())), expected, "{source}");
    }

    #[test]
    fn looking_walking_and_choosing() {
        for good in [
            "plain { text } {",
            "{{ a.b.c|upper }} {{- a -}}",
            "{% for t in tasks if t.is_open and not (t.depth > 0) %}{{ loop.index }}{% else %}{% endfor %}",
            "{%- if a is defined or \"x}}y\" in b -%}{% elif c == 'it\\'s' %}{% endif %}",
            "{{ a|default(\"-\") }}{{ a|join(', ') }}{# {% include x %} #}",
            "{{ a if b else c }}",
        ] {
            check_one(good, None);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (bad, line, message) in [
            ("{{ a ~ a }}", 1, "`~` has no place in a template"),
            ("\n{{ a + a }}", 2, "`+` has no place in a template"),
            ("{{ 'a' * 9 }}", 1, "`*` has no place in a template"),
            ("{{ [a, a] }}", 1, "`[` has no place in a template"),
            ("{{ {'a': a} }}", 1, "`{` has no place in a template"),
            ("{{ (a, a) }}", 1, "`,` has no place in a template"),
            ("{{ range(9) }}", 1, "`range` cannot be called in a template"),
            ("{{ a.b() }}", 1, "`b` cannot be called in a template"),
            ("{{ (a)(b) }}", 1, "`)` cannot be called in a template"),
            ("{% set x = 1 %}", 1, "`set` has no place in a template"),
            ("{% include 'x' %}", 1, "`include` has no place in a template"),
            ("{% macro m() %}", 1, "`macro` has no place in a template"),
            ("{% raw %}", 1, "`raw` has no place in a template"),
            ("{% for a in b recursive %}", 1, "`recursive` has no place in a template"),
            ("{% for a, b in c %}", 1, "`,` has no place in a template"),
            ("{{ a", 1, "a tag is never closed"),
            ("{{ 'a }}", 1, "a text is never closed"),
            ("{# a", 1, "a comment is never closed"),
            ("{% %}", 1, "an empty statement"),
        ] {
            check_one(bad, Some((line, message)));
        }
        assert!(check(&"x".repeat(300 << 10)).is_err());
        check_one(&"{% if a %}".repeat(31), Some((1, "statements are nested deeper than 30 levels")));
        let chain = format!("{{% if a %}}\n{}", "{% elif a %}".repeat(31));
        check_one(&chain, Some((2, "statements are nested deeper than 30 levels")));
        check_one(&"{% if a %}{% elif b %}{% endif %}".repeat(100), None);
        let long = format!("{{{{ a{} }}}}", "|upper".repeat(100));
        check_one(&long, Some((1, "more than 150 words and signs in one place")));
    }
}
