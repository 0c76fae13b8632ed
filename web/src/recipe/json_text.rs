//! A recipe as text: written the way the built-in ones are, and searched for the place of a JSON pointer.

use serde_json::{Map, Value};

/// Columns of a file.
const WIDE: usize = 96;

/// JSON with two spaces an indent, short lists and objects on one line, a newline at the end.
#[must_use]
pub fn pretty(value: &Value) -> String {
    in_columns(value, WIDE)
}

/// The same; what fits in so many columns stays on one line.
#[must_use]
pub fn in_columns(value: &Value, columns: usize) -> String {
    let mut text = String::new();
    write(value, 0, 0, columns, &mut text);
    text.push('\n');
    text
}

/// A whole recipe with its fields in the order of the built-in ones.
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

/// Where something begins in a text, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its line.
    pub line: usize,
    /// Its column, in characters.
    pub column: usize,
    /// Its byte.
    pub offset: usize,
}

/// The place of a byte.
#[must_use]
pub fn spot(text: &str, offset: usize) -> Spot {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Spot { line, column, offset: before.len() }
}

/// The place of a line and column as `serde_json` counts them: columns in bytes.
#[must_use]
pub fn syntax_spot(text: &str, line: usize, column: usize) -> Spot {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    spot(text, offset)
}

/// Where the value of a JSON pointer begins in a text that is JSON; for a field, its name. The nearest that there is
/// around it when the value itself is missing.
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

/// Walks JSON that is known to be well formed.
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

    /// From a value's beginning to that of its child; gives where the child, or its name, begins.
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
