use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::{safe, sandbox};

/// Most bytes that a template may print.
const MAX_OUTPUT: usize = 64 << 20;
/// Steps that every template has, whatever it is filled with.
const BASE_STEPS: u64 = 200_000;
/// Further steps for each thing (task, group, note) that it is filled with.
const STEPS_PER_ITEM: u64 = 1_000;

/// Why a template gave no text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} of the template: {message}")]
pub struct RenderError {
    /// 1-based line of the template.
    pub line: usize,
    /// One lower-case sentence.
    pub message: String,
}

/// Fills `source` with `values`. `items` is how many things the values hold: it sets the limit of
/// steps.
pub(super) fn run(source: &str, values: Value, items: usize) -> Result<String, RenderError> {
    sandbox::check(source)?;
    let environment = environment(items)?;
    let template = environment.template_from_str(source).map_err(|e| explained(&e))?;
    let mut out = Limited { bytes: Vec::new() };
    template.render_captured_to(values, &mut out).map_err(|e| explained(&e))?;
    String::from_utf8(out.bytes)
        .map_err(|_| RenderError { line: 1, message: "the output is not text".to_owned() })
}

/// Checks a template's syntax without filling it.
pub(super) fn check(source: &str) -> Result<(), RenderError> {
    sandbox::check(source)?;
    environment(0)?.template_from_str(source).map(|_| ()).map_err(|e| explained(&e))
}

/// An environment with a few filters and nothing else: no functions, no loader.
fn environment(items: usize) -> Result<Environment<'static>, RenderError> {
    let mut env = Environment::empty();
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    env.set_syntax(syntax.map_err(|e| explained(&e))?);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_recursion_limit(64);
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    env.set_fuel(Some(BASE_STEPS.saturating_add(items.saturating_mul(STEPS_PER_ITEM))));
    // Values print with a limit of their own, before they reach the output.
    let printed = Arc::new(AtomicUsize::new(0));
    env.set_formatter(move |out, _, value| {
        if value.is_undefined() {
            return Err(Error::new(ErrorKind::UndefinedError, "there is no such value"));
        }
        let mut text = String::new();
        if !value.is_none() {
            let room = MAX_OUTPUT.saturating_sub(printed.load(Ordering::Relaxed));
            let mut limited = Short { text: &mut text, room };
            if write!(limited, "{value}").is_err() {
                return Err(too_long());
            }
        }
        printed.fetch_add(text.len(), Ordering::Relaxed);
        out.write_str(&text).map_err(Error::from)
    });
    env.add_filter("upper", |text: String| text.to_uppercase());
    env.add_filter("lower", |text: String| text.to_lowercase());
    env.add_filter("trim", |text: String| text.trim().to_owned());
    env.add_filter("line", |text: String| safe::line(&text));
    env.add_filter("item", |text: String| safe::item(&text));
    env.add_filter("cell", |text: String| safe::cell(&text));
    env.add_filter("block", |text: String| safe::block(&text));
    env.add_filter("length", |value: Value| value.len().unwrap_or(0));
    env.add_filter("first", |value: Value| {
        value.try_iter().ok().and_then(|mut i| i.next()).unwrap_or_default()
    });
    env.add_filter("default", |value: Value, other: Value| {
        let is_nothing = value.is_undefined() || value.is_none() || value.as_str().is_some_and(str::is_empty);
        if is_nothing { other } else { value }
    });
    env.add_filter("join", |value: Value, between: String| joined(&value, &between));
    env.add_test("defined", |value: Value| !value.is_undefined());
    env.add_test("none", |value: Value| value.is_none());
    Ok(env)
}

fn joined(value: &Value, between: &str) -> Result<String, Error> {
    let mut text = String::new();
    for item in value.try_iter()? {
        if !text.is_empty() {
            text.push_str(between);
        }
        let mut limited = Short { text: &mut text, room: 1 << 20 };
        write!(limited, "{item}").map_err(|_| too_long())?;
        if text.len() > 1 << 20 {
            return Err(too_long());
        }
    }
    Ok(text)
}

fn too_long() -> Error {
    Error::new(ErrorKind::InvalidOperation, "the template prints too much")
}

/// Text that takes only so much.
struct Short<'a> {
    text: &'a mut String,
    room: usize,
}

impl std::fmt::Write for Short<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if text.len() > self.room {
            return Err(std::fmt::Error);
        }
        self.room -= text.len();
        self.text.push_str(text);
        Ok(())
    }
}

/// Output that takes only so much.
struct Limited {
    bytes: Vec<u8>,
}

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_OUTPUT {
            return Err(std::io::Error::other("the template prints too much"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn explained(error: &Error) -> RenderError {
    let detail = error.detail().map(str::to_owned);
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "the template takes too many steps".to_owned(),
        ErrorKind::WriteFailure => "the template prints too much".to_owned(),
        ErrorKind::UndefinedError => {
            let name =
                error.range().zip(error.template_source()).and_then(|(range, source)| source.get(range));
            name.map_or_else(
                || detail.unwrap_or_else(|| "there is no such value".to_owned()),
                |name| format!("there is no value `{}`", name.chars().take(60).collect::<String>()),
            )
        }
        kind => detail.unwrap_or_else(|| kind.to_string()),
    };
    RenderError { line: error.line().unwrap_or(1).max(1), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Value {
        let list: Vec<Value> = (0..100).map(Value::from).collect();
        [("name".to_owned(), Value::from("x")), ("list".to_owned(), Value::from(list))]
            .into_iter()
            .collect::<std::collections::BTreeMap<String, Value>>()
            .into()
    }

    #[track_caller]
    fn check(source: &str, expected: Result<&str, (usize, &str)>) {
        let got = run(source, values(), 1);
        let got = got.as_ref().map(String::as_str).map_err(|e| (e.line, e.message.as_str()));
        assert_eq!(got, expected);
    }

    #[test]
    fn values_are_filled_in() {
        check("a {{ name }}\n{% if list %}\n{{ list|length }}{% endif %}\n", Ok("a x\n100"));
        check("{{ name|upper }}{{ nothing|default('-') }}", Ok("X-"));
    }

    #[test]
    fn strict_and_closed() {
        check("a\n{{ nmae }}", Err((2, "there is no value `nmae`")));
        check("{{ name.x }}", Err((1, "there is no value `name.x`")));
        check("{% if %}", Err((1, "unexpected end of block")));
        check("{{ name|env }}", Err((1, "filter env is unknown")));
        for outside in ["now", "env", "self", "debug", "dict", "namespace", "range", "lipsum"] {
            assert!(run(&format!("{{{{ {outside} }}}}"), values(), 1).is_err(), "{outside}");
            assert!(run(&format!("{{{{ {outside}() }}}}"), values(), 1).is_err(), "{outside}");
        }
    }

    #[test]
    fn a_runaway_template_is_stopped() {
        let nested = |depth: usize, inner: &str| {
            let open: Vec<String> = (0..depth).map(|i| format!("{{% for a{i} in list %}}")).collect();
            let open = open.concat();
            format!("{open}{inner}{}", "{% endfor %}".repeat(depth))
        };
        check(&nested(8, ""), Err((1, "the template takes too many steps")));
        check(&nested(2, &"x".repeat(20_000)), Err((1, "the template prints too much")));
        let big = Value::from("y".repeat(1 << 20));
        let big: Value = [("list".to_owned(), values().get_attr("list").unwrap()), ("big".to_owned(), big)]
            .into_iter()
            .collect::<std::collections::BTreeMap<String, Value>>()
            .into();
        let error = run(&nested(2, "{{ big }}"), big, 1).unwrap_err();
        assert_eq!(error.message, "the template prints too much");
        // None of these may exhaust the stack: each gives a text or an error.
        for part in ["|upper", ".a", " and name", " == name", " if name else name", " is defined", " in name"]
        {
            for n in [100, 10_000, 30_000] {
                let _ = run(&format!("{{{{ name{} }}}}", part.repeat(n)), values(), 1);
            }
        }
        let _ = run(&format!("{{{{ {}name }}}}", "not ".repeat(60_000)), values(), 1);
        let _ =
            run(&format!("{{% if name %}}{}{{% endif %}}", "{% elif name %}".repeat(15_000)), values(), 1);
        let _ = run(&format!("{{{{ name|default({} }}}}", "name|default(".repeat(15_000)), values(), 1);
        let deepest = format!("{{{{ {}name{} }}}}", "(not ".repeat(48), ")".repeat(48));
        let deepest = format!("{}{deepest}{}", "{% if name %}".repeat(29), "{% endif %}".repeat(29));
        assert!(run(&deepest, values(), 1).is_ok(), "what is allowed fits on the stack");
        assert!(run(&"{% if name %}".repeat(5000), values(), 1).is_err());
        assert!(
            run(&format!("{{{{ {}name{} }}}}", "(".repeat(5000), ")".repeat(5000)), values(), 1).is_err()
        );
    }
}
