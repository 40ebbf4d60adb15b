use serde_yaml::{Mapping, Number, Value};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// Why a text is not JSON5: one lower-case sentence and the byte it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Json5Error {
    pub(super) message: String,
    pub(super) at: usize,
    /// Whether a limit was exceeded; otherwise the syntax is wrong.
    pub(super) is_limit: bool,
}

/// Reads JSON5: JSON with comments, trailing commas, single quotes and bare keys.
///
/// Iterative: containers that are open lie on a stack of at most [`MAX_DEPTH`].
pub(super) fn parse(text: &str) -> Result<Value, Json5Error> {
    let mut reader = Reader { text, at: text.len() - text.trim_start_matches('\u{feff}').len() };
    let mut open: Vec<Container> = Vec::new();
    loop {
        reader.blanks()?;
        // At the place of a value, or of a closing bracket.
        let mut done = match (reader.peek(), open.last_mut()) {
            (Some(']'), Some(Container::List(_))) | (Some('}'), Some(Container::Map(_, None))) => {
                reader.skip();
                open.pop().map(Container::close).unwrap_or_default()
            }
            (_, Some(Container::Map(_, key @ None))) => {
                *key = Some(reader.key()?);
                continue;
            }
            (Some(c @ ('[' | '{')), _) => {
                if open.len() >= MAX_DEPTH {
                    return Err(Json5Error {
                        is_limit: true,
                        ..reader.error(format!("nested deeper than {MAX_DEPTH} levels"))
                    });
                }
                reader.skip();
                let list = c == '[';
                open.push(if list {
                    Container::List(Vec::new())
                } else {
                    Container::Map(Mapping::new(), None)
                });
                continue;
            }
            (Some('"' | '\''), _) => Value::String(reader.string()?),
            (Some(_), _) => reader.word()?,
            (None, _) => return Err(reader.error("the text ends where a value should be")),
        };
        // A value is complete: it goes into its container, and what is full is closed.
        loop {
            match open.last_mut() {
                None => {
                    reader.blanks()?;
                    return match reader.peek() {
                        None => Ok(done),
                        Some(_) => Err(reader.error("there is more text after the value")),
                    };
                }
                Some(Container::List(items)) => items.push(done),
                Some(Container::Map(map, key)) => {
                    if let Some(key) = key.take() {
                        if map.contains_key(key.as_str()) {
                            return Err(reader.error(format!("`{key}` is there twice")));
                        }
                        map.insert(Value::String(key), done);
                    }
                }
            }
            reader.blanks()?;
            let is_list = matches!(open.last(), Some(Container::List(_)));
            match (reader.peek(), is_list) {
                (Some(','), _) => {
                    reader.skip();
                    break;
                }
                (Some(']'), true) | (Some('}'), false) => {
                    reader.skip();
                    done = open.pop().map(Container::close).unwrap_or_default();
                }
                (_, true) => return Err(reader.error("`,` or `]` is missing")),
                (_, false) => return Err(reader.error("`,` or `}` is missing")),
            }
        }
    }
}

enum Container {
    List(Vec<Value>),
    Map(Mapping, Option<String>),
}

impl Container {
    fn close(self) -> Value {
        match self {
            Self::List(items) => Value::Sequence(items),
            Self::Map(map, _) => Value::Mapping(map),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn error(&self, message: impl Into<String>) -> Json5Error {
        Json5Error { message: message.into(), at: self.at, is_limit: false }
    }

    /// Skips blanks and comments.
    fn blanks(&mut self) -> Result<(), Json5Error> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let gap = rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") {
                trimmed.find(['\n', '\r']).unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                let end = trimmed.find("*/").ok_or_else(|| self.error("a comment is never closed"))?;
                end + 2
            } else {
                0
            };
            self.at += gap + comment;
            if comment == 0 {
                return Ok(());
            }
        }
    }

    fn key(&mut self) -> Result<String, Json5Error> {
        let key = if matches!(self.peek(), Some('"' | '\'')) {
            self.string()?
        } else {
            let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
            let rest = self.rest();
            let len = rest.find(|c| !fits(c)).unwrap_or(rest.len());
            if len == 0 {
                return Err(self.error("a key should be here"));
            }
            let key = rest[..len].to_owned();
            self.at += len;
            key
        };
        self.blanks()?;
        if self.peek() != Some(':') {
            return Err(self.error(format!("`:` is missing after the key `{}`", short(&key))));
        }
        self.skip();
        Ok(key)
    }

    fn string(&mut self) -> Result<String, Json5Error> {
        let start = self.at;
        let quote = self.peek();
        self.skip();
        let mut out = String::new();
        loop {
            let c = self.peek();
            self.skip();
            match c {
                c if c == quote => return Ok(out),
                Some('\\') => self.escape(&mut out)?,
                Some('\n' | '\r') | None => {
                    self.at = start;
                    return Err(self.error("a text is never closed"));
                }
                Some(c) => out.push(c),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Json5Error> {
        let c = self.peek().ok_or_else(|| self.error("the text ends inside an escape"))?;
        self.skip();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '0' => out.push('\0'),
            // A line that goes on.
            '\n' => {}
            '\r' => {
                if self.peek() == Some('\n') {
                    self.skip();
                }
            }
            'x' => out.push(char::from_u32(self.hex(2)?).unwrap_or('\u{fffd}')),
            'u' => {
                let high = self.hex(4)?;
                let mut code = high;
                if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
                    self.at += 2;
                    let low = self.hex(4)?;
                    code = 0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
                }
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            other => out.push(other),
        }
        Ok(())
    }

    fn hex(&mut self, digits: usize) -> Result<u32, Json5Error> {
        let code = self.rest().get(..digits).and_then(|d| u32::from_str_radix(d, 16).ok());
        let code = code.ok_or_else(|| self.error(format!("{digits} hex digits should be here")))?;
        self.at += digits;
        Ok(code)
    }

    /// A number, `true`, `false`, `null`.
    fn word(&mut self) -> Result<Value, Json5Error> {
        let rest = self.rest();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_' | '$');
        let len = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let word = &rest[..len];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => number(word).ok_or_else(|| match self.peek() {
                Some(c) if word.is_empty() => self.error(format!("`{}` is no value", c.escape_default())),
                _ => self.error(format!("`{}` is no value; put texts into quotes", short(word))),
            })?,
        };
        self.at += len;
        Ok(value)
    }
}

fn number(word: &str) -> Option<Value> {
    let (sign, digits) = match word.strip_prefix(['-', '+']) {
        Some(digits) => (if word.starts_with('-') { -1i64 } else { 1 }, digits),
        None => (1, word),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return Some(Value::Number(Number::from(sign.checked_mul(i64::from_str_radix(hex, 16).ok()?)?)));
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Ok(whole) = digits.parse::<i64>() {
        return Some(Value::Number(Number::from(sign.checked_mul(whole)?)));
    }
    let float = digits.parse::<f64>().ok().filter(|f| f.is_finite())?;
    Some(Value::Number(Number::from(if sign < 0 { -float } else { float })))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, yaml: &str) {
        assert_eq!(parse(text), Ok(serde_yaml::from_str(yaml).unwrap()), "{text}");
    }

    #[track_caller]
    fn refused(text: &str, at: usize, message: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!((error.at, error.message.as_str()), (at, message));
    }

    #[test]
    fn what_json5_allows() {
        check("{a: 1, 'b': [true, null,], \"c\": {},}", "{a: 1, b: [true, null], c: {}}");
        check("// head\n/* more */ [0x10, -1, +2, .5, 1e3, -2.5,] // end", "[16, -1, 2, 0.5, 1000.0, -2.5]");
        check(
            r#"['it\'s', "a\
b", "\u00e9\ud83d\ude00\x41\n"]"#,
            "[\"it's\", ab, \"é😀A\\n\"]",
        );
        check("\u{feff}{ $x-y_1 : 'é' }", "{$x-y_1: é}");
        check("7", "7");
    }

    #[test]
    fn what_is_refused() {
        refused("", 0, "the text ends where a value should be");
        refused("{a 1}", 3, "`:` is missing after the key `a`");
        refused("[1 2]", 3, "`,` or `]` is missing");
        refused("{a: 1", 5, "`,` or `}` is missing");
        refused("{a: word}", 4, "`word` is no value; put texts into quotes");
        refused("[,]", 1, "`,` is no value");
        refused("{a:}", 3, "`}` is no value");
        refused("'ab\n'", 0, "a text is never closed");
        refused("/* x", 0, "a comment is never closed");
        refused("1 2", 2, "there is more text after the value");
        refused("{a: 1, a: 2}", 11, "`a` is there twice");
        refused("[Infinity]", 1, "`Infinity` is no value; put texts into quotes");
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).unwrap_err().is_limit);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        #[test]
        fn any_text_gives_an_answer(text in "[\\[\\]{},:'\"a-c0-2\\\\ux/*. \né-]{0,40}") {
            if let Err(e) = parse(&text) {
                proptest::prop_assert!(text.is_char_boundary(e.at));
            }
        }

        #[test]
        fn json_is_json5(keys in proptest::collection::vec("[a-zé\"\\\\\n]{0,6}", 0..5), n in -1000i64..1000) {
            let value = serde_json::json!({"list": keys, "n": n, "b": [true, null, {}]});
            let read = parse(&value.to_string()).unwrap();
            proptest::prop_assert_eq!(serde_json::to_value(read).unwrap(), value);
        }
    }
}
