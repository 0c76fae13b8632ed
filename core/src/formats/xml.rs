//! XML as a small tree: elements, attributes and text, no entities but the five that XML names.

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::{Error, ErrorKind, Result};

/// Elements inside elements beyond this are not annotations.
const MAX_DEPTH: usize = 32;

/// One element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text, trimmed.
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Node {
    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The number in the first child of a name; `None` when it is absent, not a number or not finite.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.child(name)?.text.parse::<f64>().ok().filter(|v| v.is_finite())
    }

    /// The first attribute of a name.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The attributes of a tag, their entities resolved; those that cannot be read are as good as absent.
pub(super) fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    // Without the check for doubles, which takes the square of their count.
    let mut all = tag.attributes();
    let readable = all.with_checks(false).filter_map(std::result::Result::ok);
    let pair = |attribute: Attribute<'_>| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
    };
    readable.filter_map(pair).collect()
}

/// The words for XML that is broken.
pub(super) fn unreadable(why: &str) -> Error {
    Error::new(ErrorKind::Label, format!("this XML cannot be read: {why}"))
}

/// The root element of a document. Elements and attributes count as nodes.
pub(super) fn parse(text: &str, max_nodes: usize) -> Result<Node> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut nodes = 0usize;
    loop {
        let event = reader.read_event().map_err(|error| unreadable(&error.to_string()))?;
        let closed = match event {
            Event::Start(tag) | Event::Empty(tag) if nodes >= max_nodes || open.len() >= MAX_DEPTH => {
                let _ = tag;
                return Err(Error::new(ErrorKind::Limit, "this XML holds too many elements or nests them too deep"));
            }
            Event::Start(tag) => {
                open.push(element(&tag, &mut nodes));
                None
            }
            Event::Empty(tag) => Some(element(&tag, &mut nodes)),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                append(&mut open, &text.xml10_content());
                None
            }
            Event::CData(text) => {
                append(&mut open, &text.xml10_content());
                None
            }
            Event::GeneralRef(name) => {
                let character = match name.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => predefined(&name),
                    Err(_) => None,
                };
                let character =
                    character.ok_or_else(|| unreadable("it uses an entity of its own; write the text out"))?;
                append(&mut open, character.encode_utf8(&mut [0; 4]));
                None
            }
            Event::DocType(declaration) if declaration.to_ascii_uppercase().contains("<!ENTITY") => {
                return Err(unreadable("it declares entities; remove its document type"));
            }
            Event::Eof => return Err(unreadable("it ends before its root element does")),
            _ => None,
        };
        if let Some(mut node) = closed {
            node.text.truncate(node.text.trim_end().len());
            match open.last_mut() {
                Some(parent) => parent.children.push(node),
                None => return Ok(node),
            }
        }
    }
}

/// Appends to the text of the innermost open element, without the space before it: most elements hold only indentation.
fn append(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(if node.text.is_empty() { text.trim_start() } else { text });
    }
}

fn element(tag: &BytesStart<'_>, nodes: &mut usize) -> Node {
    let attributes = if tag.attributes_raw().is_empty() { Vec::new() } else { attributes(tag) };
    *nodes += 1 + attributes.len();
    Node { name: tag.local_name().as_ref().to_owned(), attributes, ..Node::default() }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// Appends an element with text, indented by tabs.
pub(super) fn push_leaf(out: &mut String, depth: usize, name: &str, text: &str) {
    indent(out, depth);
    out.push('<');
    out.push_str(name);
    out.push('>');
    push_escaped(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

/// Appends a tag on a line of its own: `name` opens, `/name` closes.
pub(super) fn push_tag(out: &mut String, depth: usize, name: &str) {
    indent(out, depth);
    out.push('<');
    out.push_str(name);
    out.push_str(">\n");
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n('\t', depth));
}

fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // XML 1.0 cannot hold other control characters at all.
            '\t' | '\n' => out.push(character),
            '\r' => out.push_str("&#13;"),
            c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Whether a string can be the name of an element.
pub(super) fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit() || c == '-' || c == '.')
}
