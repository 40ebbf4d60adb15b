use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::config::Setting;
use crate::disk::{FileText, Kind, Problem, SafeName, Stat};
use crate::format::Lifted;
use crate::model::{Session, plan_diff};
use crate::workspace::{Error, Selected, session_path};

use super::{Context, OpError, PlanChangeView, SCHEMA};

/// Keeps index and views fresh while files change. Driven from outside: told when to look, and when it
/// has been quiet.
pub struct Watching<'a> {
    cx: &'a Context<'a>,
    all: bool,
    begun: bool,
    known: BTreeMap<SafeName, Known>,
    stale_views: BTreeSet<SafeName>,
    /// Told of and indexed, not yet in the plan's history.
    unrecorded: BTreeSet<SafeName>,
}

/// How long a watch waits, as the settings have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Quiet time before changed files are taken in.
    pub quiet: Duration,
    /// Longest wait while files keep changing.
    pub longest: Duration,
    /// Quiet time before generated views are written.
    pub views: Duration,
}

/// How long a watch of this workspace waits.
#[must_use]
pub fn patience(cx: &Context<'_>) -> Patience {
    let ms = |setting| Duration::from_millis(cx.workspace.settings().number(setting));
    Patience {
        quiet: ms(Setting::WatchQuietMs),
        longest: ms(Setting::WatchMaxMs),
        views: ms(Setting::WatchViewQuietMs),
    }
}

/// A session as it was last seen at rest.
struct Known {
    stat: Stat,
    lifted: Lifted,
}

/// What a look found, for people and programs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WatchEvent {
    /// Version of this shape.
    pub schema: u32,
    /// `added`, `changed`, `removed`, `unreadable`; then `repaired`, `conflict`, `warning` where there is more to say of
    /// taking a save in, `unrecorded` where it was not; `views`
    pub event: &'static str,
    /// The session's id; its directory where the file cannot be read.
    pub session: String,
    /// Path of the file below the root, with `/`.
    pub path: String,
    /// The file's revision now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What changed in the plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PlanChangeView>,
    /// Generated files that were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<String>,
    /// What a person should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What became of a look.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Looked {
    /// One event for each session that is not what it was.
    pub events: Vec<WatchEvent>,
    /// Somebody is in the middle of a save: look again soon.
    pub again: bool,
}

impl<'a> Watching<'a> {
    /// Starts from the files as they are. Sessions that are closed are only reported with `all`.
    pub fn new(cx: &'a Context<'a>, all: bool) -> Result<Self, OpError> {
        let mut this = Self {
            cx,
            all,
            begun: false,
            known: BTreeMap::new(),
            stale_views: BTreeSet::new(),
            unrecorded: BTreeSet::new(),
        };
        this.look()?;
        this.stale_views.clear();
        this.unrecorded.clear();
        this.begun = true;
        Ok(this)
    }

    /// How many sessions are watched.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.known.values().filter(|k| self.all || is_open(&k.lifted.session)).count()
    }

    /// Compares the files with what is known of them, and takes in what is at rest.
    pub fn look(&mut self) -> Result<Looked, OpError> {
        let mut looked = Looked::default();
        let entries = self.cx.workspace.entries()?;
        let mut present = BTreeSet::new();
        let mut fresh: Vec<(SafeName, FileText, Lifted)> = Vec::new();
        for entry in &entries {
            let (name, stat) = match &entry.state {
                Ok(found) => found,
                Err(Problem::Missing) => continue,
                Err(_) => {
                    if let Ok(name) = SafeName::parse(&entry.name)
                        && let Some(known) = self.known.remove(&name)
                    {
                        looked.events.push(bare(&name, &known, "unreadable"));
                    }
                    continue;
                }
            };
            present.insert(name.clone());
            let known = self.known.get(name);
            if known.is_some_and(|k| k.stat == *stat) {
                continue;
            }
            let head = known.map(|k| k.lifted.document.text().as_bytes());
            match self.cx.workspace.disk().read_settled(name, head) {
                Ok(settled) => {
                    let file = settled.file;
                    let lifted = self.cx.workspace.understand(&file.bytes, name.as_str());
                    fresh.push((name.clone(), file, lifted));
                }
                // It went away in between, or somebody is not done with it.
                Err(error) if matches!(error.kind, Kind::NotFound | Kind::Busy) => looked.again = true,
                Err(error) => {
                    looked.again = true;
                    if let Some(known) = self.known.remove(name) {
                        let event = bare(name, &known, "unreadable");
                        looked.events.push(WatchEvent { message: Some(error.to_string()), ..event });
                    }
                }
            }
        }
        let lost: Vec<SafeName> = self.known.keys().filter(|n| !present.contains(*n)).cloned().collect();
        let gone_names: Vec<String> = lost.iter().map(ToString::to_string).collect();
        let found: Vec<(&SafeName, &FileText, &Lifted)> = fresh.iter().map(|(n, f, l)| (n, f, l)).collect();
        self.cx.workspace.index_settled(&found, &gone_names)?;
        for name in lost {
            self.stale_views.remove(&name);
            if let Some(known) = self.known.remove(&name)
                && (self.all || is_open(&known.lifted.session))
            {
                looked.events.push(bare(&name, &known, "removed"));
            }
        }
        for (name, file, lifted) in fresh {
            let before = self.known.insert(name.clone(), Known { stat: file.stat, lifted: lifted.clone() });
            let before = before.map(|k| k.lifted);
            // A touched file is no news, nor is our own write once it is known.
            if before.as_ref().is_some_and(|b| b.document.hash() == lifted.document.hash()) {
                continue;
            }
            let open = is_open(&lifted.session) || before.as_ref().is_some_and(|b| is_open(&b.session));
            if !(self.all || open) {
                continue;
            }
            looked.events.push(news(&name, before.as_ref(), &lifted));
            self.stale_views.insert(name.clone());
            self.unrecorded.insert(name);
        }
        Ok(looked)
    }

    /// Records what the last look found in the plans' histories, and mends saves from outdated buffers. The index is
    /// right before: who waits for a save need not wait for this.
    pub fn take_in(&mut self) -> Looked {
        let mut looked = Looked::default();
        for name in std::mem::take(&mut self.unrecorded) {
            let mut said = Vec::new();
            match self.cx.workspace.take_in_session(&name, None) {
                Ok(taken) => {
                    looked.again |= taken.repaired;
                    if taken.repaired {
                        said.push(("repaired", "an outdated save was brought up to date".to_owned()));
                    }
                    if !taken.conflicts.is_empty() {
                        let ids = crate::diagnostic::List(&taken.conflicts, "and").to_string();
                        said.push(("conflict", format!("{ids}; run `plandown conflicts`")));
                    }
                    said.extend(taken.warning.map(|warning| ("warning", warning)));
                }
                // The next look tells it.
                Err(Error::Disk(error)) if error.kind == Kind::NotFound => {}
                // The next write does it.
                Err(error) => said.push(("unrecorded", error.to_string())),
            }
            let Some(known) = self.known.get(&name) else { continue };
            let event = |(word, message)| WatchEvent { message: Some(message), ..bare(&name, known, word) };
            looked.events.extend(said.into_iter().map(event));
        }
        looked
    }

    /// Whether generated views wait to be written.
    #[must_use]
    pub fn has_stale_views(&self) -> bool {
        !self.stale_views.is_empty()
    }

    /// Writes the views of what changed: of the selected session, or of all.
    pub fn write_views(&mut self) -> Vec<WatchEvent> {
        let selected = match self.cx.workspace.selected() {
            Ok(Selected::One(row)) => Some(row.directory.clone()),
            _ => None,
        };
        let mut events = Vec::new();
        for name in std::mem::take(&mut self.stale_views) {
            if !self.all && selected.as_deref() != Some(name.as_str()) {
                continue;
            }
            let session =
                self.known.get(&name).map_or_else(|| name.to_string(), |k| k.lifted.session.id.clone());
            let event = |views: Vec<String>, message: Option<String>| WatchEvent {
                schema: SCHEMA,
                event: "views",
                session: session.clone(),
                path: session_path(name.as_str()),
                revision: None,
                changes: Vec::new(),
                views,
                message,
            };
            match self.cx.workspace.refresh_views(&name) {
                Ok(done) if done.written.is_empty() && done.left.is_empty() => {}
                Ok(done) => {
                    let kept = (!done.kept.is_empty())
                        .then(|| format!("edited by hand, kept as {}", done.kept.join(", ")));
                    let left = done.left.into_iter().map(|(_, message)| message);
                    let said: Vec<String> = kept.into_iter().chain(left).collect();
                    events.push(event(done.written, (!said.is_empty()).then(|| said.join("; "))));
                }
                // One session's trouble is no reason to stop.
                Err(error) => events.push(event(Vec::new(), Some(error.to_string()))),
            }
        }
        events
    }
}

impl WatchEvent {
    /// The event in one line: `changed login: t-aaaaaa pending → completed`.
    #[must_use]
    pub fn line(&self) -> String {
        let what = match (self.changes.as_slice(), self.views.as_slice(), &self.message) {
            (_, _, Some(message)) => format!(": {message}"),
            ([], [], None) if self.event == "changed" => ": layout only".to_owned(),
            ([], [], None) => String::new(),
            ([], views, None) => format!(": {}", views.join(", ")),
            ([one], _, None) => format!(": {}", one.line()),
            ([first, more @ ..], _, None) => {
                format!(": {} (and {} more)", first.line(), more.len())
            }
        };
        format!("{} {}{what}", self.event, self.session)
    }
}

fn is_open(session: &Session) -> bool {
    session.status().is_open()
}

fn news(name: &SafeName, before: Option<&Lifted>, after: &Lifted) -> WatchEvent {
    let changes = before.map(|b| plan_diff(&b.session, &after.session).changes).unwrap_or_default();
    WatchEvent {
        schema: SCHEMA,
        event: if before.is_some() { "changed" } else { "added" },
        session: after.session.id.clone(),
        path: session_path(name.as_str()),
        revision: Some(after.document.hash().hex()),
        changes: changes.iter().map(PlanChangeView::from).collect(),
        views: Vec::new(),
        message: None,
    }
}

fn bare(name: &SafeName, known: &Known, event: &'static str) -> WatchEvent {
    WatchEvent {
        schema: SCHEMA,
        event,
        session: known.lifted.session.id.clone(),
        path: session_path(name.as_str()),
        revision: None,
        changes: Vec::new(),
        views: Vec::new(),
        message: None,
    }
}
