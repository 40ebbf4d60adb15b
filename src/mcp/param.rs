use serde_json::{Map, Value, json};

/// What a value must look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A string; numbers and truth values are taken as written.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Strings; one string stands for a list of one.
    Texts,
    /// A whole number, 0 or more.
    Number,
    /// `true` or `false`.
    Flag,
    /// An object.
    Object,
    /// A list of objects with these members.
    Objects(&'static [Param]),
}

/// One argument of a tool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it must look like.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What the name does not say; empty for nothing.
    pub doc: &'static str,
    /// Whether it is in the schema; others are accepted all the same.
    pub listed: bool,
}

impl Param {
    /// An optional argument without a remark.
    pub(super) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, doc: "", listed: true }
    }

    /// A string.
    pub(super) const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    /// Several strings.
    pub(super) const fn texts(name: &'static str) -> Self {
        Self::new(name, Kind::Texts)
    }

    /// A switch.
    pub(super) const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag)
    }

    /// A whole number.
    pub(super) const fn number(name: &'static str) -> Self {
        Self::new(name, Kind::Number)
    }

    /// One of some words.
    pub(super) const fn word(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, Kind::Word(words))
    }

    /// The same, required.
    pub(super) const fn must(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same with a remark.
    pub(super) const fn doc(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    /// The same, accepted but not in the schema.
    pub(super) const fn unlisted(self) -> Self {
        Self { listed: false, ..self }
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Word(words) => json!({ "enum": words }),
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::Number => json!({ "type": "integer" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Object => json!({ "type": "object" }),
            Kind::Objects(members) => json!({ "type": "array", "items": object(members) }),
        };
        if let (false, Some(members)) = (self.doc.is_empty(), schema.as_object_mut()) {
            members.insert("description".into(), self.doc.into());
        }
        schema
    }
}

/// The JSON Schema of an object with these members: no references, no formats, nothing nested
/// that a host might not understand.
pub(super) fn object(params: &[Param]) -> Value {
    let listed = || params.iter().filter(|p| p.listed);
    let properties: Map<String, Value> = listed().map(|p| (p.name.to_owned(), p.schema())).collect();
    let required: Vec<&str> = listed().filter(|p| p.required).map(|p| p.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if let (false, Some(members)) = (required.is_empty(), schema.as_object_mut()) {
        members.insert("required".into(), required.into());
    }
    schema
}
