use serde_json::{Value, json};

use crate::merge::{Entity, Side};
use crate::text::ContentHash;

/// What a conflict is about, as its record says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// The file as a whole, or what stands before its first heading.
    Session,
    /// The text below a heading.
    Section(String),
    /// A task.
    Task {
        /// Its id, where it has one.
        id: Option<String>,
        /// Its title.
        title: String,
    },
}

impl From<&Entity> for About {
    fn from(entity: &Entity) -> Self {
        match entity {
            Entity::Session => Self::Session,
            Entity::Section(heading) => Self::Section(heading.clone()),
            Entity::Task { id, title } => {
                Self::Task { id: id.as_ref().map(ToString::to_string), title: title.clone() }
            }
        }
    }
}

/// Whether a conflict still waits for somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It waits.
    Open,
    /// Somebody, or a strategy, decided.
    Resolved {
        /// `ours`, `theirs`, `both`, `base`, `text`.
        take: String,
        /// Who.
        by: String,
        /// When.
        at: String,
    },
}

/// Two wishes for one place that could not both be fulfilled: base, ours (the tool's) and theirs
/// (what was found in the file), who wanted them, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// Version 7 UUID.
    pub id: String,
    /// The session's directory.
    pub session: String,
    /// What it is about.
    pub about: About,
    /// The field's key, `title`, `status`, or `text`.
    pub what: String,
    /// `field`, `prose`, `delete_modify`, `markers`, `too_long`: a merge; `revert`, `stale`,
    /// `no_base`, `truncation`, `git`: the file as a whole.
    pub kind: String,
    /// What it was.
    pub base: Option<String>,
    /// What the tool made of it; for a whole file, the lines that only ours has.
    pub ours: Option<String>,
    /// What was in the file.
    pub theirs: Option<String>,
    /// The three files it was found in: base (where known), ours, theirs.
    pub versions: (Option<ContentHash>, ContentHash, ContentHash),
    /// Which clash of that merge it is.
    pub clash: Option<usize>,
    /// Whose text stayed in the file.
    pub kept: Side,
    /// Who made ours.
    pub ours_by: String,
    /// Who made theirs.
    pub theirs_by: String,
    /// When it was noticed.
    pub at: String,
    /// Whether it is open.
    pub standing: Standing,
}

impl Conflict {
    /// Whether it waits for somebody.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    /// Whether it is about a whole file rather than about one place in it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "revert" | "stale" | "no_base" | "truncation" | "git" | "too_long" | "markers"
        )
    }

    /// One line for people: ``task `t-1` `Write it`: status``.
    #[must_use]
    pub fn subject(&self) -> String {
        let about = match &self.about {
            About::Session if self.is_whole() => return format!("session `{}`", self.session),
            About::Session => format!("session `{}`", self.session),
            About::Section(heading) => format!("section `{heading}`"),
            About::Task { id: Some(id), title } => format!("task `{id}` `{title}`"),
            About::Task { id: None, title } => format!("task `{title}`"),
        };
        format!("{about}: {}", self.what)
    }

    /// The text that is not in the file.
    #[must_use]
    pub fn losing(&self) -> Option<&str> {
        match self.kept {
            Side::Ours => self.theirs.as_deref(),
            Side::Theirs => self.ours.as_deref(),
        }
    }

    /// The same conflict again: what a crash in the middle of a merge leaves twice.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.session, &self.about, &self.what, &self.kind, &self.versions.1, &self.versions.2)
            == (&other.session, &other.about, &other.what, &other.kind, &other.versions.1, &other.versions.2)
            || (!self.is_whole()
                && (&self.session, &self.about, &self.what, &self.kind)
                    == (&other.session, &other.about, &other.what, &other.kind)
                && (&self.base, &self.ours, &self.theirs) == (&other.base, &other.ours, &other.theirs))
    }

    /// What the first line of every conflict about the same place holds: a part of [`Conflict::opening`].
    pub(super) fn place(&self) -> String {
        let (about, session) = (self.about_json(), &self.session);
        let place = json!({"session": session, "about": about, "what": self.what, "kind": self.kind});
        let place = place.to_string();
        place.get(1..place.len() - 1).unwrap_or_default().to_owned()
    }

    fn about_json(&self) -> Value {
        match &self.about {
            About::Session => json!({"session": self.session}),
            About::Section(heading) => json!({"section": heading}),
            About::Task { id, title } => json!({"task": id, "title": title}),
        }
    }

    /// The record's first line.
    pub(super) fn opening(&self) -> String {
        let about = self.about_json();
        let (base, ours, theirs) = &self.versions;
        json!({
            "id": self.id,
            "status": "open",
            "session": self.session,
            "about": about,
            "what": self.what,
            "kind": self.kind,
            "base": self.base,
            "ours": self.ours,
            "theirs": self.theirs,
            "versions": {"base": base.map(|h| h.hex()), "ours": ours.hex(), "theirs": theirs.hex()},
            "clash": self.clash,
            "kept": side(self.kept),
            "ours_by": self.ours_by,
            "theirs_by": self.theirs_by,
            "at": self.at,
        })
        .to_string()
    }

    /// Reads a record's first line; `None` for anything else.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let word = |key: &str| value[key].as_str().map(str::to_owned);
        if value["status"] != "open" {
            return None;
        }
        let about = &value["about"];
        let about = if let Some(heading) = about["section"].as_str() {
            About::Section(heading.to_owned())
        } else if let Some(title) = about["title"].as_str() {
            About::Task { id: about["task"].as_str().map(str::to_owned), title: title.to_owned() }
        } else {
            About::Session
        };
        let hash = |key: &str| value["versions"][key].as_str()?.parse::<ContentHash>().ok();
        Some(Self {
            id: word("id")?,
            session: word("session")?,
            about,
            what: word("what")?,
            kind: word("kind")?,
            base: word("base"),
            ours: word("ours"),
            theirs: word("theirs"),
            versions: (hash("base"), hash("ours")?, hash("theirs")?),
            clash: value["clash"].as_u64().and_then(|n| usize::try_from(n).ok()),
            kept: if value["kept"] == "ours" { Side::Ours } else { Side::Theirs },
            ours_by: word("ours_by").unwrap_or_default(),
            theirs_by: word("theirs_by").unwrap_or_default(),
            at: word("at").unwrap_or_default(),
            standing: Standing::Open,
        })
    }
}

/// The word of a side in records and on the command line.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Ours => "ours",
        Side::Theirs => "theirs",
    }
}
