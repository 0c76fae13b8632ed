//! YAML as a tree: as much of it as a file about a dataset uses.

use granit_parser::{Event, Parser};

use crate::error::{Error, ErrorKind, Result};

/// Maps that one map may take its entries from, one after the other, with `<<`.
const MAX_MERGES: usize = 16;

/// A document. Its nodes stand in one list and name each other by their place there: an alias is its anchor's place, so
/// that neither many aliases nor long chains of them cost memory or depth.
pub(super) struct Yaml {
    nodes: Vec<Node>,
}

struct Node {
    line: usize,
    value: Value,
}

enum Value {
    Text {
        text: String,
        plain: bool,
    },
    List(Vec<usize>),
    /// Keys and values in turn.
    Map(Vec<usize>),
}

/// A node of a document.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    yaml: &'a Yaml,
    node: &'a Node,
}

impl Yaml {
    /// Reads a text of one document.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        // By the anchors' numbers, which the parser gives out in the order of the text.
        let mut anchors: Vec<(usize, usize)> = Vec::new();
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| broken(error.marker().line(), &error.info()))?;
            let line = span.start.line();
            let (value, anchor) = match event {
                Event::DocumentStart(..) if documents > 0 => return Err(broken(line, "a second document begins")),
                Event::DocumentStart(..) => {
                    documents += 1;
                    continue;
                }
                Event::Alias(anchor) => {
                    let found = anchors.binary_search_by_key(&anchor, |(anchor, _)| *anchor).ok();
                    let to = found.map(|at| anchors[at].1).filter(|to| !open.contains(to));
                    let to = to.ok_or_else(|| broken(line, "this alias stands for what it is in"))?;
                    put(&mut nodes, &open, to);
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(twice) = open.pop().and_then(|closed| repeated(&nodes, closed)) {
                        return Err(twice);
                    }
                    continue;
                }
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == granit_parser::ScalarStyle::Plain;
                    (Value::Text { text: text.into_owned(), plain }, anchor)
                }
                Event::SequenceStart(_, anchor, _) => (Value::List(Vec::new()), anchor),
                Event::MappingStart(_, anchor, _) => (Value::Map(Vec::new()), anchor),
                _ => continue,
            };
            let at = nodes.len();
            let opens = !matches!(value, Value::Text { .. });
            nodes.push(Node { line, value });
            put(&mut nodes, &open, at);
            if anchor != 0 {
                anchors.push((anchor, at));
            }
            if opens {
                open.push(at);
            }
        }
        Ok(Self { nodes })
    }

    /// What the document is; `None` for an empty one.
    pub(super) fn root(&self) -> Option<View<'_>> {
        self.nodes.first().map(|node| View { yaml: self, node })
    }

    fn at(&self, place: usize) -> View<'_> {
        View { yaml: self, node: &self.nodes[place] }
    }
}

/// Puts a node into the innermost list or map that is open.
fn put(nodes: &mut [Node], open: &[usize], place: usize) {
    if let Some(into) = open.last()
        && let Value::List(places) | Value::Map(places) = &mut nodes[*into].value
    {
        places.push(place);
    }
}

/// The error for a map that has one key twice.
fn repeated(nodes: &[Node], map: usize) -> Option<Error> {
    let Value::Map(places) = &nodes[map].value else { return None };
    let text = |place: &usize| match &nodes[*place].value {
        Value::Text { text, .. } => Some(text.as_str()),
        _ => None,
    };
    let mut keys: Vec<&str> = places.iter().step_by(2).filter_map(text).collect();
    keys.sort_unstable();
    let twice = keys.windows(2).find(|pair| pair[0] == pair[1])?[0];
    let line = places.iter().step_by(2).filter(|place| text(place) == Some(twice)).nth(1).map(|at| nodes[*at].line);
    Some(broken(line.unwrap_or(nodes[map].line), &format!("\"{twice}\" is given a second time")))
}

fn broken(line: usize, what: &str) -> Error {
    Error::new(ErrorKind::Label, format!("this YAML cannot be read: line {line}: {what}"))
}

impl<'a> View<'a> {
    /// The value of a key of a map, its own or merged into it; `None` where it is absent, null, or this is no map.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let mut map = self;
        for _ in 0..MAX_MERGES {
            let entry = |name: &str| map.entries()?.find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value);
            match entry(key) {
                Some(value) => return Some(value).filter(|value| !value.is_null()),
                None => map = entry("<<")?,
            }
        }
        None
    }

    /// The items of a list.
    pub(super) fn items(self) -> Option<impl Iterator<Item = Self>> {
        let Value::List(places) = &self.node.value else { return None };
        Some(places.iter().map(move |place| self.yaml.at(*place)))
    }

    /// The keys of a map with their values, in their order.
    pub(super) fn entries(self) -> Option<impl Iterator<Item = (Self, Self)>> {
        let Value::Map(places) = &self.node.value else { return None };
        Some(places.chunks_exact(2).map(move |pair| (self.yaml.at(pair[0]), self.yaml.at(pair[1]))))
    }

    /// A text, a number's too.
    pub(super) fn text(self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// A number from 0.
    pub(super) fn number(self) -> Option<usize> {
        match &self.node.value {
            Value::Text { text, .. } => text.parse().ok(),
            _ => None,
        }
    }

    fn is_null(self) -> bool {
        matches!(&self.node.value, Value::Text { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The error for a node that is something else than it must be.
    pub(super) fn expected(self, what: &str) -> Error {
        broken(self.node.line, &format!("expected {what}"))
    }
}
