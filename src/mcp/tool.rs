use std::cell::RefCell;

use serde_json::{Map, Value, json};

use super::args::Args;
use super::ask::Question;
use super::param::{self, Param};
use super::{legacy, tools};
use crate::ops::{Context, OpError, SessionWritten};

/// Which tools are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    /// The ten that work on a plan needs.
    Core,
    /// Every tool.
    #[default]
    Full,
    /// Every tool, and those of the older tool under their own names and shapes.
    Legacy,
}

impl Profile {
    /// The profile of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Core, Self::Full, Self::Legacy].into_iter().find(|p| p.word() == word)
    }

    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Full => "full",
            Self::Legacy => "legacy",
        }
    }
}

/// What calling a tool does to the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Does {
    /// Looks only.
    Reads,
    /// Changes; the same call again adds to it.
    Writes,
    /// Changes; the same call again changes nothing more.
    Settles,
    /// Removes for good what it is told to.
    Removes,
}

/// What a call says about the session its client works on from now on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Choice {
    /// Nothing.
    #[default]
    Same,
    /// This one.
    Session(String),
    /// Not this one any more.
    Left(String),
}

/// One call, decoded.
pub(super) struct Call<'a> {
    /// Where, for whom, on which conditions.
    pub cx: Context<'a>,
    /// What was said.
    pub args: Args,
    /// What tells this client from another one of the same name; empty where nothing does.
    pub tag: String,
    /// The session this client works on from now on, where the call says so.
    pub choice: RefCell<Choice>,
    /// What the person at the client may be asked.
    pub question: RefCell<Option<Question>>,
}

impl Call<'_> {
    /// In whose name a task is claimed: as the call says, else this very client.
    pub(super) fn holder(&self) -> String {
        let own =
            || if self.tag.is_empty() { self.cx.by.clone() } else { format!("{}/{}", self.cx.by, self.tag) };
        self.args.text("as").unwrap_or_else(own)
    }

    /// Asks, where the client can, whether the call shall be made again with `argument: true`.
    pub(super) fn ask(&self, argument: &'static str, message: String) {
        *self.question.borrow_mut() = Some(Question { message, argument });
    }

    /// Lets the client work on that session from now on, whatever others activate.
    pub(super) fn choose(&self, session: &SessionWritten) {
        self.decide(session, Choice::Session);
    }

    /// Lets the client work on that session no longer, if it did.
    pub(super) fn leave(&self, session: &SessionWritten) {
        self.decide(session, Choice::Left);
    }

    /// A dry run decides nothing.
    fn decide(&self, written: &SessionWritten, choice: fn(String) -> Choice) {
        if let Some(session) = written.session.as_ref().filter(|_| !self.cx.dry_run) {
            *self.choice.borrow_mut() = choice(session.id.clone());
        }
    }
}

/// A door to one operation.
#[derive(Clone, Copy)]
pub(super) struct Tool {
    /// Without the prefix that all tools share.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For models: what the name does not say.
    pub doc: &'static str,
    /// What it does to the plan.
    pub does: Does,
    /// Whether the smallest profile lists it.
    pub core: bool,
    /// Its own arguments; those of every tool come on top.
    pub params: &'static [Param],
    /// Decodes, runs, encodes.
    pub call: fn(&Call<'_>) -> Result<String, OpError>,
}

/// What every tool's name begins with.
pub(super) const PREFIX: &str = "orchestrator_";

/// Arguments of every tool. The server's instructions name them, so that they are not listed
/// with each tool again.
pub(super) const EVERY: &[Param] =
    &[Param::text("session").unlisted(), Param::text("working_directory").unlisted()];

/// Arguments of every tool that writes.
pub(super) const WRITES: &[Param] = &[Param::text("if_match").unlisted(), Param::flag("dry_run").unlisted()];

impl Tool {
    /// Its whole name.
    pub(super) fn full_name(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }

    /// What a model sees of it: name, description, schema.
    pub(super) fn visible(&self) -> Value {
        json!({ "name": self.full_name(), "description": self.doc, "input_schema": self.schema() })
    }

    /// The schema of its arguments.
    pub(super) fn schema(&self) -> Map<String, Value> {
        match param::object(self.params) {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// Checks the arguments of a call.
    pub(super) fn check(&self, given: Map<String, Value>) -> Result<Args, OpError> {
        let writes = if self.does == Does::Reads { &[] } else { WRITES };
        Args::check(self.name, given, &[self.params, EVERY, writes])
    }
}

/// The tools a profile lists, in the order of the table.
pub(super) fn listed(profile: Profile) -> impl Iterator<Item = &'static Tool> {
    let older = if profile == Profile::Legacy { legacy::TOOLS } else { &[] };
    let own = tools::all()
        .filter(move |t| (profile != Profile::Core || t.core) && !older.iter().any(|o| o.name == t.name));
    older.iter().chain(own)
}

/// The tool of that name, with or without the prefix.
pub(super) fn named(name: &str) -> Option<&'static Tool> {
    let bare = name.strip_prefix(PREFIX).unwrap_or(name);
    tools::all().find(|t| t.name == bare)
}
