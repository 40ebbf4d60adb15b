use serde_json::{Map, Value};

use super::param::{Kind, Param};
use crate::diagnostic::{List, did_you_mean};
use crate::ops::{ErrorCode, OpError};

/// The arguments of one call, checked against the tool's parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Args(Map<String, Value>);

impl Args {
    /// Checks names and forms; what is off is named, with what would fit.
    pub(super) fn check(tool: &str, given: Map<String, Value>, params: &[&[Param]]) -> Result<Self, OpError> {
        let known = || params.iter().flat_map(|p| p.iter());
        let mut checked = Map::new();
        for (name, value) in given {
            let Some(param) = known().find(|p| p.name == name) else {
                return Err(unknown(tool, &name, known()));
            };
            if !value.is_null() {
                checked.insert(name, fitted(tool, param, value)?);
            }
        }
        if let Some(missing) = known().find(|p| p.required && !checked.contains_key(p.name)) {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{tool}` needs `{}`", missing.name))
                .hint(format!("give `{}`{}", missing.name, remark(missing))));
        }
        Ok(Self(checked))
    }

    /// A string that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw_text(name).filter(|t| !t.trim().is_empty())
    }

    /// A string, even an empty one.
    pub(super) fn raw_text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// A required string.
    pub(super) fn must(&self, name: &str) -> String {
        self.raw_text(name).unwrap_or_default()
    }

    /// Strings; none where the argument is missing.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let items = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A switch, off where it is missing.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.switch(name).unwrap_or(false)
    }

    /// A switch that may be missing.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.0.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
    }

    /// An object's members.
    pub(super) fn object(&self, name: &str) -> Map<String, Value> {
        self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// A list of objects.
    pub(super) fn objects(&self, name: &str) -> Vec<Args> {
        let items = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).cloned().map(Args).collect()
    }

    /// Whether the argument was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

fn unknown<'a>(tool: &str, name: &str, known: impl Iterator<Item = &'a Param> + Clone) -> OpError {
    let shown = crate::diagnostic::visible(name).chars().take(60).collect::<String>();
    let error = OpError::new(ErrorCode::InvalidInput, format!("`{tool}` knows no argument `{shown}`"));
    let near = did_you_mean(name, known.clone().map(|p| p.name));
    if near.is_empty() {
        let all: Vec<&str> = known.filter(|p| p.listed).map(|p| p.name).collect();
        return error.hint(format!("it takes {}", List(&all, "and")));
    }
    error.hint(format!("did you mean {}?", List(&near, "or")))
}

/// The value in the form the tool reads; harmless deviations are read as they are meant.
fn fitted(tool: &str, param: &Param, value: Value) -> Result<Value, OpError> {
    let wrong = |what: &str| {
        Err(OpError::new(ErrorCode::InvalidInput, format!("`{}` of `{tool}` must be {what}", param.name)))
    };
    Ok(match (param.kind, value) {
        (Kind::Text, value @ Value::String(_)) => value,
        (Kind::Text, Value::Number(n)) => n.to_string().into(),
        (Kind::Text, Value::Bool(b)) => b.to_string().into(),
        (Kind::Text, _) => return wrong("a string"),
        (Kind::Word(words), Value::String(word)) => {
            let plain = word.trim().to_lowercase().replace([' ', '-'], "_");
            match words.iter().find(|w| **w == plain) {
                Some(word) => (*word).into(),
                None => return wrong(&format!("one of {}", List(words, "or"))),
            }
        }
        (Kind::Word(words), _) => return wrong(&format!("one of {}", List(words, "or"))),
        (Kind::Texts, Value::String(one)) => Value::Array(vec![one.into()]),
        (Kind::Texts, Value::Array(items)) if items.iter().all(Value::is_string) => Value::Array(items),
        (Kind::Texts, _) => return wrong("a list of strings"),
        (Kind::Number, Value::String(text)) if text.trim().parse::<u64>().is_ok() => {
            text.trim().parse::<u64>().map_or(Value::Null, Value::from)
        }
        (Kind::Number, Value::Number(n)) if n.is_u64() => Value::Number(n),
        (Kind::Number, _) => return wrong("a whole number"),
        (Kind::Flag, value @ Value::Bool(_)) => value,
        (Kind::Flag, Value::String(word)) if matches!(word.as_str(), "true" | "false") => {
            (word == "true").into()
        }
        (Kind::Flag, _) => return wrong("true or false"),
        (Kind::Object, value @ Value::Object(_)) => value,
        (Kind::Object, _) => return wrong("an object"),
        (Kind::Objects(members), Value::Array(items)) => {
            let mut checked = Vec::with_capacity(items.len());
            for item in items {
                let Value::Object(item) = item else { return wrong("a list of objects") };
                let inside = format!("{}` of `{tool}", param.name);
                checked.push(Value::Object(Args::check(&inside, item, &[members])?.0));
            }
            Value::Array(checked)
        }
        (Kind::Objects(_), _) => return wrong("a list of objects"),
    })
}

fn remark(param: &Param) -> String {
    if param.doc.is_empty() { String::new() } else { format!(": {}", param.doc) }
}
