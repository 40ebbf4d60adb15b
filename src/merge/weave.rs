use std::collections::HashMap;

use super::conflict::{Conflict, ConflictKind, Entity, Note};
use super::head::{self, Head, merge_sets};
use super::keys::{BASE, Keys, OURS, THEIRS};
use super::list::{self, Item, Out};
use super::piece::{self, Clash, Piece, Side};
use super::place::Places;
use super::tree::{Kind, Node, Part, Tree};
use crate::format::{Lifted, readoption};
use crate::model::{DateValue, MergePolicy, TaskId, field_named, is_block_hash, matches_grammar};
use crate::text::Eol;

/// What came of a structural merge.
pub(super) struct Woven {
    pub(super) pieces: Vec<Piece>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) notes: Vec<Note>,
    /// How many tasks the merged text has.
    pub(super) tasks: usize,
}

pub(super) struct Weaver<'a> {
    pub(super) trees: [&'a Tree<'a>; 3],
    pub(super) lifted: [&'a Lifted; 3],
    pub(super) keys: &'a Keys,
    pub(super) places: &'a Places,
}

/// A node that is being written: what is left of its parts, and its indent.
struct Frame {
    key: usize,
    rest: std::vec::IntoIter<Out>,
    indent: String,
    /// Where its pieces begin, if it is kept against a deletion.
    kept_from: Option<usize>,
}

/// How a line ends that no side has: as ours do. A side that has no line says nothing about that.
pub(super) fn line_end(inputs: [&Lifted; 3]) -> Eol {
    let lines = [OURS, THEIRS, BASE].map(|v| inputs[v].document.lines());
    let says = lines.iter().find(|lines| lines.eol_counts() != (0, 0, 0));
    says.unwrap_or(&lines[0]).dominant_eol()
}

impl<'a> Weaver<'a> {
    /// Writes the merged text, node by node.
    pub(super) fn run(&self) -> Woven {
        let mut woven = Woven { pieces: Vec::new(), conflicts: Vec::new(), notes: self.notes(), tasks: 0 };
        let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
        for (key, parent) in self.places.parent.iter().enumerate().skip(1) {
            if let Some(parent) = parent {
                children.entry(*parent).or_default().push(key);
            }
        }
        let twins = self.new_ids(&mut woven.notes);
        let mut blank = true;
        let mut open = vec![self.frame(0, String::new(), &children, None)];
        while let Some(frame) = open.last_mut() {
            let Some(part) = frame.rest.next() else {
                let done = open.pop();
                if let Some((key, from)) = done.and_then(|f| Some((f.key, f.kept_from?))) {
                    self.close_kept(key, from, &mut woven);
                }
                continue;
            };
            match part {
                Out::Line { text, loose } => {
                    blank = text.trim().is_empty();
                    let plain = loose || blank;
                    let text = if plain { text } else { format!("{}{text}", frame.indent) };
                    add(&mut woven.pieces, text);
                }
                Out::Clash { base, ours, theirs } => {
                    let entity = self.entity(frame.key);
                    woven.conflicts.push(Conflict {
                        entity,
                        what: "text".to_owned(),
                        kind: ConflictKind::Prose,
                        base: some(&base),
                        ours: some(&ours),
                        theirs: some(&theirs),
                    });
                    blank = false;
                    let [base, ours, theirs] = [base, ours, theirs].map(|t| indented(&t, &frame.indent));
                    piece::push(&mut woven.pieces, Piece::Clash(Clash { base, ours, theirs, keeps: None }));
                }
                Out::Node(key) => {
                    let (outer, within_kept) =
                        (frame.indent.clone(), open.iter().any(|f| f.kept_from.is_some()));
                    let indent = self.indent(key, &outer);
                    let kept = self.places.kept.contains_key(&key) && !within_kept;
                    let kept_from = kept.then_some(woven.pieces.len());
                    if kept {
                        // A fresh piece, so that the kept text is not glued to what stands before.
                        woven.pieces.push(Piece::Text(String::new()));
                    }
                    if !blank && self.wants_blank(key) {
                        add(&mut woven.pieces, self.eol().to_owned());
                    }
                    self.write_head(key, &indent, twins.get(&key), &mut woven);
                    blank = false;
                    woven.tasks += usize::from(matches!(self.any(key).kind, Kind::Task(_)));
                    open.push(self.frame(key, indent, &children, kept_from));
                }
            }
        }
        woven
    }

    fn frame(
        &self,
        key: usize,
        indent: String,
        children: &HashMap<usize, Vec<usize>>,
        kept_from: Option<usize>,
    ) -> Frame {
        let [base, ours, theirs] = [BASE, OURS, THEIRS].map(|v| self.items(key, v));
        let wanted = children.get(&key).map_or(&[][..], Vec::as_slice);
        let rest = if wanted.is_empty() && base.is_empty() && ours.is_empty() && theirs.is_empty() {
            Vec::new()
        } else {
            list::merge(&base, &ours, &theirs, wanted)
        };
        Frame { key, rest: rest.into_iter(), indent, kept_from }
    }

    /// What stands in a node in one version, without the nodes that will stand elsewhere. Where a
    /// side has not got the node, it says what the base says.
    fn items(&self, key: usize, v: usize) -> Vec<Item<'a>> {
        let v = if self.keys.at[key][v].is_some() || self.keys.at[key][BASE].is_none() { v } else { BASE };
        let Some(node) = self.keys.at[key][v] else { return Vec::new() };
        let parts = self.trees[v].nodes[node].parts.iter();
        let item = |part: &Part<'a>| match *part {
            Part::Line { text, loose } => Some(Item::Line { text, loose }),
            Part::Node(child) => {
                let child = self.keys.of[v][child];
                (self.places.parent[child] == Some(key)).then_some(Item::Node(child))
            }
        };
        parts.filter_map(item).collect()
    }

    fn node(&self, key: usize, v: usize) -> Option<&'a Node<'a>> {
        self.keys.at[key][v].map(|n| &self.trees[v].nodes[n])
    }

    fn any(&self, key: usize) -> &'a Node<'a> {
        let found = [OURS, THEIRS, BASE].into_iter().find_map(|v| self.node(key, v));
        found.unwrap_or(&self.trees[BASE].nodes[0])
    }

    fn eol(&self) -> &'static str {
        line_end(self.lifted).as_str()
    }

    /// The indent of a node whose parent is written with `outer`.
    fn indent(&self, key: usize, outer: &str) -> String {
        let parent = self.places.parent[key].unwrap_or(0);
        let relative = |v: usize| {
            let node = self.node(key, v)?;
            let above = &self.trees[v].nodes[node.parent];
            (self.keys.of[v][node.parent] == parent).then_some((node.indent, above.indent))
        };
        let own = |(indent, above): (&str, &str)| indent.strip_prefix(above).map(str::to_owned);
        let [b, o, t] = [BASE, OURS, THEIRS].map(|v| relative(v).map(|r| own(r).ok_or(r.0)));
        let chosen = if o.is_some() && (o != b || t.is_none()) { o } else { t.or(o).or(b) };
        match chosen {
            Some(Ok(relative)) => format!("{outer}{relative}"),
            Some(Err(whole)) => whole.to_owned(),
            None => format!("{outer}  "),
        }
    }

    /// A heading that had a blank line before it gets one.
    fn wants_blank(&self, key: usize) -> bool {
        let node = self.any(key);
        matches!(node.kind, Kind::Section(_)) && node.after_blank
    }

    fn write_head(&self, key: usize, indent: &str, twin: Option<&(TaskId, TaskId)>, woven: &mut Woven) {
        let node = self.any(key);
        if matches!(node.kind, Kind::Task(_)) {
            if twin.is_none()
                && let Some(own) = self.settled_head(key)
            {
                add(&mut woven.pieces, format!("{indent}{own}"));
                return;
            }
            let heads = [BASE, OURS, THEIRS].map(|v| self.task_head(key, v));
            if let (Some((new, old)), Some(head)) = (twin, &heads[THEIRS]) {
                add(&mut woven.pieces, format!("{indent}{}", head.renamed(new, old)));
                return;
            }
            let merged = head::merge([0, 1, 2].map(|v| heads[v].as_ref()));
            let base = self.node(key, BASE).map_or(String::new(), |n| reindented(n, indent));
            for d in merged.disagreements {
                woven.conflicts.push(Conflict {
                    entity: self.entity(key),
                    what: d.what,
                    kind: ConflictKind::Field,
                    base: d.base,
                    ours: d.ours,
                    theirs: d.theirs,
                });
            }
            let [ours, theirs] = [merged.ours, merged.theirs].map(|t| format!("{indent}{t}"));
            put(&mut woven.pieces, base, ours, theirs);
            return;
        }
        let at = [BASE, OURS, THEIRS].map(|v| self.node(key, v));
        let text = |n: &Node<'_>| reindented(n, indent);
        let [base, ours, theirs] = at;
        let (Some(o), Some(t)) = (ours, theirs) else {
            let present = ours.or(theirs).or(base).map_or(String::new(), text);
            add(&mut woven.pieces, present);
            return;
        };
        match leaf(base, o, t) {
            Leaf::Ours => add(&mut woven.pieces, text(o)),
            Leaf::Theirs => add(&mut woven.pieces, text(t)),
            Leaf::Value(value) => {
                let head = head::with_value(o.head, o.value_at, &value);
                add(&mut woven.pieces, under(&head, o.indent, indent));
            }
            Leaf::Conflict => {
                let value = |n: &Node<'_>| {
                    let all = if n.value.is_empty() { n.head } else { n.value };
                    Some(all.trim_end().to_owned())
                };
                let what = match o.kind {
                    Kind::Section(_) => "title".to_owned(),
                    _ => o.name.clone(),
                };
                let holder = if matches!(o.kind, Kind::Section(_)) {
                    key
                } else {
                    self.places.parent[key].unwrap_or(0)
                };
                woven.conflicts.push(Conflict {
                    entity: self.entity(holder),
                    what,
                    kind: ConflictKind::Field,
                    base: base.and_then(value),
                    ours: value(o),
                    theirs: value(t),
                });
                put(&mut woven.pieces, base.map_or(String::new(), text), text(o), text(t));
            }
        }
    }

    /// The head line, without its indent, of a task that ours alone touched, or nobody: most of a plan need not
    /// be taken apart.
    fn settled_head(&self, key: usize) -> Option<&'a str> {
        let own = |v: usize| self.node(key, v).map(|n| n.head.strip_prefix(n.indent).unwrap_or(n.head));
        let (base, ours, theirs) = (own(BASE), own(OURS)?, own(THEIRS)?);
        (ours == theirs || base == Some(theirs)).then_some(ours)
    }

    fn task_head(&self, key: usize, v: usize) -> Option<Head<'a>> {
        let node = self.node(key, v)?;
        let Kind::Task(i) = node.kind else { return None };
        let (lifted, text) = (self.lifted[v], self.lifted[v].document.text());
        let (task, span) = (lifted.session.tasks.get(i)?, lifted.map.tasks.get(i)?);
        Some(Head::of(text, task, span, span.start - node.indent.len(), node.head))
    }

    /// The text of a node that one side deleted becomes a conflict.
    fn close_kept(&self, key: usize, from: usize, woven: &mut Woven) {
        let side = self.places.kept.get(&key).copied().unwrap_or(Side::Ours);
        let written: Vec<Piece> = woven.pieces.drain(from..).collect();
        let text = piece::text(&written, side);
        let base = self.keys.at[key][BASE].map_or(String::new(), |n| whole(self.trees[BASE], n));
        let (ours, theirs) = match side {
            Side::Ours => (text.clone(), String::new()),
            Side::Theirs => (String::new(), text.clone()),
        };
        woven.conflicts.push(Conflict {
            entity: self.entity(key),
            what: "text".to_owned(),
            kind: ConflictKind::DeleteModify,
            base: some(&base),
            ours: some(&ours),
            theirs: some(&theirs),
        });
        woven.pieces.push(Piece::Clash(Clash { base, ours, theirs, keeps: Some(side) }));
    }

    /// What a conflict in a node is about.
    fn entity(&self, key: usize) -> Entity {
        let found = [OURS, THEIRS, BASE].into_iter().find_map(|v| Some((v, self.node(key, v)?)));
        let Some((v, node)) = found else { return Entity::Session };
        let session = &self.lifted[v].session;
        match node.kind {
            Kind::Task(i) => session
                .tasks
                .get(i)
                .map_or(Entity::Session, |t| Entity::Task { id: t.id.clone(), title: t.title.clone() }),
            Kind::Section(i) => {
                Entity::Section(session.sections.get(i).map_or(String::new(), |s| s.title.clone()))
            }
            _ => Entity::Session,
        }
    }

    fn notes(&self) -> Vec<Note> {
        let task = |key: &&usize| matches!(self.any(**key).kind, Kind::Task(_) | Kind::Section(_));
        let twice = self.places.moved_twice.iter().filter(task).map(|k| Note::MovedTwice(self.entity(*k)));
        let gone = self.places.moved_and_deleted.iter().filter(task);
        twice.chain(gone.map(|k| Note::MovedAndDeleted(self.entity(*k)))).collect()
    }

    /// New ids for tasks of theirs that have the id of another new task of ours: (new, old) by key.
    fn new_ids(&self, notes: &mut Vec<Note>) -> HashMap<usize, (TaskId, TaskId)> {
        let theirs = self.lifted[THEIRS];
        let twin = |key: &usize| match self.node(*key, THEIRS)?.kind {
            Kind::Task(i) => Some((i, *key)),
            _ => None,
        };
        let keys: HashMap<usize, usize> = self.keys.twins.iter().filter_map(twin).collect();
        let tasks: Vec<usize> = keys.keys().copied().collect();
        let mut out = HashMap::new();
        for (i, new) in readoption(theirs, &tasks, &[self.lifted[BASE], self.lifted[OURS]]) {
            let (Some(&key), Some(old)) = (keys.get(&i), theirs.session.tasks[i].id.clone()) else {
                continue;
            };
            notes.push(Note::NewId { task: self.entity(key), old: old.clone(), new: new.clone() });
            out.insert(key, (new, old));
        }
        out
    }
}

enum Leaf {
    Ours,
    Theirs,
    Value(String),
    Conflict,
}

/// Merges a heading, a key's line or a generated block.
fn leaf(base: Option<&Node<'_>>, ours: &Node<'_>, theirs: &Node<'_>) -> Leaf {
    let head = |n: &Node<'_>| n.head.strip_prefix(n.indent).unwrap_or(n.head).trim_end().to_owned();
    let has_value = !ours.value.is_empty() || !theirs.value.is_empty();
    let views: [fn(&Node<'_>) -> String; 2] = [head, |n| n.value.to_owned()];
    for view in views.into_iter().take(1 + usize::from(has_value)) {
        let (b, o, t) = (base.map(view), Some(view(ours)), Some(view(theirs)));
        if o == t || b == t {
            return Leaf::Ours;
        }
        if b == o {
            return Leaf::Theirs;
        }
    }
    let is_set = field_named(&ours.name).is_some_and(|f| f.spec().merge == MergePolicy::Set);
    match ours.kind {
        // Made from the tasks, and made again once the text stands; what a person wrote into it stays.
        Kind::Generated => match (is_pristine(ours.head), is_pristine(theirs.head)) {
            (_, true) => Leaf::Ours,
            (true, false) => Leaf::Theirs,
            (false, false) => Leaf::Conflict,
        },
        Kind::Line if [ours, theirs].iter().all(|n| matches_grammar(&n.name, n.value)) => {
            match (DateValue::parse(ours.value), DateValue::parse(theirs.value)) {
                (Some(o), Some(t)) if t > o => Leaf::Theirs,
                _ => Leaf::Ours,
            }
        }
        Kind::Line if is_set => {
            Leaf::Value(merge_sets(base.map_or("", |n| n.value), ours.value, theirs.value))
        }
        Kind::FrontMatter if is_set => {
            let inner = |n: &Node<'_>| Some(n.value.strip_prefix('[')?.strip_suffix(']')?.to_owned());
            match (base.map_or(Some(String::new()), inner), inner(ours), inner(theirs)) {
                (Some(b), Some(o), Some(t)) => Leaf::Value(format!("[{}]", merge_sets(&b, &o, &t))),
                _ => Leaf::Conflict,
            }
        }
        _ => Leaf::Conflict,
    }
}

/// Whether a generated block's hash says that nobody touched it.
fn is_pristine(block: &str) -> bool {
    let block = block.trim_end();
    let (begin, rest) = block.split_once(['\n', '\r']).unwrap_or((block, ""));
    let inner = rest.rfind(['\n', '\r']).map_or("", |end| &rest[..end]);
    let hash = begin.split_whitespace().find_map(|word| word.strip_prefix("h="));
    hash.is_some_and(|hash| is_block_hash(hash, inner))
}

fn add(pieces: &mut Vec<Piece>, text: String) {
    if let Some(Piece::Text(before)) = pieces.last_mut() {
        piece::push_lines(before, &text);
    } else {
        piece::push(pieces, Piece::Text(text));
    }
}

fn put(pieces: &mut Vec<Piece>, base: String, ours: String, theirs: String) {
    if ours == theirs {
        add(pieces, ours);
    } else {
        piece::push(pieces, Piece::Clash(Clash { base, ours, theirs, keeps: None }));
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A node's head under another indent.
fn reindented(node: &Node<'_>, indent: &str) -> String {
    under(node.head, node.indent, indent)
}

fn under(head: &str, old: &str, new: &str) -> String {
    head.strip_prefix(old).map_or_else(|| head.to_owned(), |own| format!("{new}{own}"))
}

fn indented(lines: &str, indent: &str) -> String {
    let line = |l: &str| if l.trim().is_empty() { l.to_owned() } else { format!("{indent}{l}") };
    lines.split_inclusive('\n').map(line).collect()
}

/// All lines of a node, as they stand.
fn whole(tree: &Tree<'_>, node: usize) -> String {
    let mut out = tree.nodes[node].head.to_owned();
    let mut open = vec![(node, tree.nodes[node].parts.iter())];
    while let Some((at, parts)) = open.last_mut() {
        match parts.next() {
            None => drop(open.pop()),
            Some(Part::Line { text, loose }) => {
                if !loose && !text.trim().is_empty() {
                    out.push_str(tree.nodes[*at].indent);
                }
                out.push_str(text);
            }
            Some(Part::Node(child)) => {
                out.push_str(tree.nodes[*child].head);
                open.push((*child, tree.nodes[*child].parts.iter()));
            }
        }
    }
    out
}
