//! Formats a recipe as the built-in ones are, and finds the position of a JSON pointer in the text.

use serde_json::{Map, Value};

/// The line width of a file.
const WIDE: usize = 96;

/// JSON with an indent of two spaces, short lists and objects on one line, and a newline at the end.
#[must_use]
pub fn pretty(value: &Value) -> String {
    in_columns(value, WIDE)
}

/// The same with another line width.
#[must_use]
pub fn in_columns(value: &Value, columns: usize) -> String {
    let mut text = String::new();
    write(value, 0, 0, columns, &mut text);
    text.push('\n');
    text
}

/// A recipe with its fields in the order of the built-in ones.
#[must_use]
pub fn ordered(recipe: Value) -> Value {
    let Value::Object(mut fields) = recipe else { return recipe };
    let mut ordered = Map::new();
    for name in ["version", "seed", "count", "output", "labels", "steps"] {
        if let Some((name, value)) = fields.shift_remove_entry(name) {
            ordered.insert(name, value);
        }
    }
    ordered.extend(fields);
    Value::Object(ordered)
}

fn write(value: &Value, indent: usize, used: usize, columns: usize, out: &mut String) {
    let line = inline(value);
    let root = indent == 0 && out.is_empty();
    if line.len() + used <= columns && !root {
        out.push_str(&line);
        return;
    }
    let pad = "  ".repeat(indent + 1);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            out.push('{');
            for (i, (name, value)) in fields.iter().enumerate() {
                out.push_str(if i > 0 { ",\n" } else { "\n" });
                let key = format!("{pad}{}: ", quoted(name));
                out.push_str(&key);
                write(value, indent + 1, key.len() + 1, columns, out);
            }
            close('}', indent, out);
        }
        Value::Array(values) if !values.is_empty() => {
            out.push('[');
            for (i, value) in values.iter().enumerate() {
                out.push_str(if i > 0 { ",\n" } else { "\n" });
                out.push_str(&pad);
                write(value, indent + 1, pad.len() + 1, columns, out);
            }
            close(']', indent, out);
        }
        _ => out.push_str(&line),
    }
}

fn close(bracket: char, indent: usize, out: &mut String) {
    out.push('\n');
    out.push_str(&"  ".repeat(indent));
    out.push(bracket);
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}: {}", quoted(name), inline(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", ")),
        _ => value.to_string(),
    }
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The byte offset.
    pub offset: usize,
}

/// The position of a byte.
#[must_use]
pub fn spot(text: &str, offset: usize) -> Spot {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Spot { line, column, offset: before.len() }
}

/// The position of a line and column as `serde_json` reports them: columns in bytes.
#[must_use]
pub fn syntax_spot(text: &str, line: usize, column: usize) -> Spot {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    spot(text, offset)
}

/// The position of the value (for a field: of its name) that a JSON pointer names in JSON text. If it is missing, the
/// position of its nearest parent.
#[must_use]
pub fn find(text: &str, pointer: &str) -> Spot {
    let tokens: Vec<String> =
        pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    reader.space();
    let mut found = reader.at;
    for token in &tokens {
        match reader.enter(token) {
            Some(place) => found = place,
            None => break,
        }
    }
    spot(text, found)
}

/// Walks through well-formed JSON.
struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Moves from the start of a value to its child; returns the start of the child, or of its name.
    fn enter(&mut self, token: &str) -> Option<usize> {
        let object = match self.peek() {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        for index in 0.. {
            self.space();
            if matches!(self.peek(), b'}' | b']' | 0) {
                return None;
            }
            let place = self.at;
            let matched = if object {
                self.skip_string();
                let name = std::str::from_utf8(&self.bytes[place..self.at]).ok();
                let name = name.and_then(|name| serde_json::from_str::<String>(name).ok());
                self.space();
                self.at += 1;
                self.space();
                name.as_deref() == Some(token)
            } else {
                token.parse() == Ok(index)
            };
            if matched {
                return Some(place);
            }
            self.skip_value();
            self.space();
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        None
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    fn skip_value(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                b'"' => {
                    self.skip_string();
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b',' if depth == 0 => return,
                0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}
