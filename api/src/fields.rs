//! Reads a JSON object field by field and collects every error.

use augment_core::digest::Digest;
use serde_json::{Map, Value};

use crate::problem::{FieldError, Problem, ProblemKind};

/// A double holds integers up to here exactly, so every JSON parser agrees on them.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Bad entries reported per list.
pub(crate) const MAX_LIST_ERRORS: usize = 20;

/// An object being read. A field that is never requested is unknown.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: String,
    asked: Vec<&'static str>,
    pub(crate) errors: Vec<(ProblemKind, FieldError)>,
}

impl<'a> Fields<'a> {
    /// Starts reading a body.
    pub(crate) fn of_body(body: &'a Value) -> Result<Self, Problem> {
        Self::of(body, String::new()).map_err(|error| Problem::of_fields(vec![error]))
    }

    fn of(value: &'a Value, path: String) -> Result<Self, (ProblemKind, FieldError)> {
        match value {
            Value::Object(object) => Ok(Self { object, path, asked: Vec::new(), errors: Vec::new() }),
            _ => Err((ProblemKind::InvalidFields, FieldError::new(path, "give a JSON object"))),
        }
    }

    /// The value of a field; absent and `null` are the same.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether a field has a value other than `null`.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is present, even as `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    pub(crate) fn error(&mut self, name: &str, detail: impl Into<String>) {
        self.refuse(ProblemKind::InvalidFields, name, detail);
    }

    pub(crate) fn refuse(&mut self, kind: ProblemKind, name: &str, detail: impl Into<String>) {
        let pointer = format!("{}/{}", self.path, escaped(name));
        self.errors.push((kind, FieldError::new(pointer, detail)));
    }

    pub(crate) fn need<T>(&mut self, name: &'static str, found: Option<T>) -> Option<T> {
        // A refused value already has its error.
        if found.is_none() && self.object.get(name).is_none_or(Value::is_null) {
            self.error(name, format!("{name} is missing"));
        }
        found
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        let value = self.get(name)?;
        let text = value.as_str();
        if text.is_none() {
            self.error(name, "give a string");
        }
        text
    }

    /// A text that passes a rule.
    pub(crate) fn ruled(&mut self, name: &'static str, rule: impl Fn(&str) -> Option<String>) -> Option<String> {
        let text = self.text(name)?;
        if let Some(problem) = rule(text) {
            self.error(name, problem);
            return None;
        }
        Some(text.to_owned())
    }

    /// One of several words.
    pub(crate) fn word<T>(
        &mut self,
        name: &'static str,
        words: &[&str],
        from: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = from(text);
        if value.is_none() {
            self.error(name, format!("{name} is one of {}", words.join(", ")));
        }
        value
    }

    pub(crate) fn truth(&mut self, name: &'static str) -> Option<bool> {
        let value = self.get(name)?;
        if value.as_bool().is_none() {
            self.error(name, "give true or false");
        }
        value.as_bool()
    }

    pub(crate) fn integer(&mut self, name: &'static str) -> Option<u64> {
        let value = self.get(name)?;
        let number = value.as_u64().filter(|number| *number <= MAX_INTEGER);
        if number.is_none() {
            self.error(name, "give a whole number from 0 to 2^53 - 1");
        }
        number
    }

    pub(crate) fn sha256(&mut self, name: &'static str) -> Option<Digest> {
        let text = self.text(name)?;
        let digest = digest_of(text);
        if digest.is_none() {
            self.error(name, "a SHA-256 is 64 hexadecimal digits");
        }
        digest
    }

    /// Reads an object inside this one.
    pub(crate) fn inner<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let value = self.get(name)?;
        match Fields::of(value, format!("{}/{name}", self.path)) {
            Ok(mut fields) => {
                let read = read(&mut fields);
                self.errors.extend(fields.into_errors());
                Some(read)
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// A list of objects; only the first bad ones are reported.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list = match self.get(name)? {
            Value::Array(list) if (1..=most).contains(&list.len()) => list,
            _ => {
                self.error(name, format!("give a list of 1 to {most} objects"));
                return None;
            }
        };
        let (mut all, mut wrong) = (Vec::with_capacity(list.len()), 0);
        for (at, value) in list.iter().enumerate() {
            let path = format!("{}/{name}/{at}", self.path);
            let (one, errors) = match Fields::of(value, path) {
                Ok(mut fields) => (read(&mut fields), fields.into_errors()),
                Err(error) => (None, vec![error]),
            };
            if errors.is_empty() {
                all.extend(one);
                continue;
            }
            self.errors.extend(errors);
            wrong += 1;
            if wrong == MAX_LIST_ERRORS {
                break;
            }
        }
        (wrong == 0).then_some(all)
    }

    /// All errors, including unknown fields.
    pub(crate) fn into_errors(mut self) -> Vec<(ProblemKind, FieldError)> {
        let unknown: Vec<&String> =
            self.object.keys().filter(|name| !self.asked.contains(&name.as_str())).take(20).collect();
        for name in unknown {
            let shown: String = name.chars().take(60).collect();
            self.error(&shown, format!("unknown field '{shown}'; remove it"));
        }
        self.errors
    }

    /// A problem if there is any error.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let errors = self.into_errors();
        if errors.is_empty() { Ok(()) } else { Err(Problem::of_fields(errors)) }
    }
}

/// A SHA-256 in hexadecimal digits, upper or lower case.
pub(crate) fn digest_of(text: &str) -> Option<Digest> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.contains(['+', '-']))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(Digest(bytes))
}

/// A name as a token of a JSON pointer (RFC 6901).
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
