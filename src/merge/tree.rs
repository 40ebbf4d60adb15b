use std::cmp::Reverse;

use crate::format::Lifted;
use crate::model::Carrier;
use crate::text::{TextRange, indent};

/// What a node of a session's text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(super) enum Kind {
    /// The whole file.
    Root,
    /// A heading and everything below it; an index into the sections.
    Section(usize),
    /// A task and everything below it; an index into the tasks.
    Task(usize),
    /// A `**Key**: value` line.
    Line,
    /// A top-level key of the front matter.
    FrontMatter,
    /// A generated block.
    Generated,
}

/// A part of a node: a line of its own, or a node below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part<'a> {
    /// Without the node's indent, line end included; `loose` where it did not begin with it.
    Line {
        text: &'a str,
        loose: bool,
    },
    Node(usize),
}

/// A stretch of whole lines that belongs together.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) kind: Kind,
    pub(super) parent: usize,
    /// What it is called among its siblings; empty where it has no name.
    pub(super) name: String,
    /// Its first lines: a heading, a task's head line, all lines of a leaf. Not unindented.
    pub(super) head: &'a str,
    /// What stands before its list marker; its lines are compared without it.
    pub(super) indent: &'a str,
    /// The value of a key, as it stands in the head.
    pub(super) value: &'a str,
    /// Where in the head that is.
    pub(super) value_at: TextRange,
    /// Everything behind the head, lines unindented, line ends included.
    pub(super) parts: Vec<Part<'a>>,
    /// Whether a blank line (or nothing) stands before it.
    pub(super) after_blank: bool,
}

/// A session's text as a tree of whole lines: every line is in exactly one place.
#[derive(Clone, Debug)]
pub(super) struct Tree<'a> {
    /// Node 0 is the file; a parent stands before its children.
    pub(super) nodes: Vec<Node<'a>>,
}

struct Span {
    first: usize,
    /// One past the last line.
    end: usize,
    head_end: usize,
    kind: Kind,
    name: String,
    start: usize,
    value: TextRange,
}

impl<'a> Tree<'a> {
    pub(super) fn of(lifted: &'a Lifted) -> Self {
        let (text, lines) = (lifted.document.text(), lifted.document.lines());
        let mut spans = spans(lifted);
        spans.sort_by_key(|s| (s.first, Reverse(s.end)));
        let root = Node {
            kind: Kind::Root,
            parent: 0,
            name: String::new(),
            head: "",
            indent: "",
            value: "",
            value_at: TextRange::default(),
            parts: Vec::new(),
            after_blank: true,
        };
        let mut nodes = Vec::with_capacity(spans.len() + 1);
        nodes.push(root);
        // Open nodes: (node, one past its last line, one past its head).
        let mut open: Vec<(usize, usize, usize)> = vec![(0, usize::MAX, 0)];
        let mut spans = spans.into_iter().peekable();
        let mut after_blank = true;
        for line in 0..lines.count() {
            let full = lines.full(line).of(text);
            while open.len() > 1 && open.last().is_some_and(|(_, end, _)| *end <= line) {
                open.pop();
            }
            while let Some(span) = spans.next_if(|s| s.first <= line) {
                let Some(&(parent, end, head_end)) = open.last() else { break };
                // Two things on one line, or a crooked nesting: the inner one stays text.
                if span.first < line.max(head_end) || span.end > end {
                    continue;
                }
                let head = TextRange::new(lines.start(span.first), lines.start(span.head_end)).of(text);
                let indent = TextRange::new(lines.start(span.first), span.start).of(text);
                let inside = |at: usize| at.saturating_sub(lines.start(span.first)).min(head.len());
                let node = nodes.len();
                nodes[parent].parts.push(Part::Node(node));
                open.push((nodes.len(), span.end, span.head_end));
                nodes.push(Node {
                    kind: span.kind,
                    parent,
                    name: span.name,
                    head,
                    indent,
                    value: span.value.of(text),
                    value_at: TextRange::new(inside(span.value.start), inside(span.value.end)),
                    parts: Vec::new(),
                    after_blank,
                });
            }
            after_blank = full.trim().is_empty();
            if let Some(&(node, _, head_end)) = open.last()
                && line >= head_end
                && !full.is_empty()
            {
                let own = full.strip_prefix(nodes[node].indent);
                nodes[node].parts.push(Part::Line { text: own.unwrap_or(full), loose: own.is_none() });
            }
        }
        Self { nodes }
    }

    /// The lines of a node that are neither its head nor in a node below it.
    pub(super) fn own_lines(&self, node: usize) -> impl Iterator<Item = &'a str> + '_ {
        self.nodes[node].parts.iter().filter_map(|p| match p {
            Part::Line { text, .. } => Some(*text),
            Part::Node(_) => None,
        })
    }

    /// The nodes right below a node.
    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        self.nodes[node].parts.iter().filter_map(|p| match p {
            Part::Node(child) => Some(*child),
            Part::Line { .. } => None,
        })
    }
}

fn spans(lifted: &Lifted) -> Vec<Span> {
    let (map, session) = (&lifted.map, &lifted.session);
    let (text, lines) = (lifted.document.text(), lifted.document.lines());
    // A range of whole lines; a range that ends inside a line takes it in.
    let rows = |r: TextRange| {
        let last = lines.line_of(r.end.saturating_sub(1).max(r.start));
        (lines.line_of(r.start), if r.is_empty() { lines.line_of(r.start) } else { last + 1 })
    };
    let mut out: Vec<Span> = Vec::new();
    let mut push = |range: TextRange, head: Option<TextRange>, kind, name: String, start, value| {
        let (first, end) = rows(range);
        let head_end = head.map_or(end, |h| rows(h).1);
        if end > first && head_end > first {
            out.push(Span { first, end, head_end, kind, name, start, value });
        }
    };
    let none = TextRange::default();
    let line_start = |at: usize| lines.start(lines.line_of(at));
    for (i, span) in map.sections.iter().enumerate() {
        let name = session.sections.get(i).map_or(String::new(), |s| crate::model::norm(&s.title));
        let head = TextRange::new(span.heading.whole.start, span.own.start);
        let start = line_start(span.whole.start);
        push(span.whole, Some(head), Kind::Section(i), name, start, span.heading.content);
    }
    for (i, span) in map.tasks.iter().enumerate().filter(|(_, s)| s.movable) {
        let head = TextRange::new(span.lines.start, span.head.end.max(span.symbol.end));
        push(span.lines, Some(head), Kind::Task(i), String::new(), span.start, none);
        for field in span.fields.iter().filter(|f| f.carrier == Carrier::Bullet) {
            let start = field.whole.start + indent(field.whole.of(text)).len();
            let name = crate::model::norm(field.key.of(text));
            push(field.whole, None, Kind::Line, name, start, field.value);
        }
    }
    let group_lines = map.groups.iter().flat_map(|g| &g.header);
    for line in map.header.iter().chain(group_lines).chain(&map.metrics) {
        let name = crate::model::norm(line.key.of(text));
        let start = line.line.start + indent(line.line.of(text)).len();
        push(line.line, None, Kind::Line, name, start, line.value);
    }
    for key in &map.front_matter {
        let name = crate::model::norm(&key.name);
        push(key.lines, None, Kind::FrontMatter, name, key.lines.start, key.value);
    }
    for block in &map.generated {
        let whole = TextRange::new(block.begin.line.start, block.end.line.end);
        push(whole, None, Kind::Generated, block.name.clone(), whole.start, none);
    }
    out
}
