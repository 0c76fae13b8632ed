//! `/v1/uploads/{id}/parts`: resumable uploads of large files in parts.

use augment_core::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::{Fields, digest_of};
use crate::limits::{Limits, MAX_PARTS_PER_CALL};
use crate::problem::{FieldError, Problem, ProblemKind};
use crate::upload::Target;

/// A file of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectName {
    /// The image.
    Original,
    /// The zip of results.
    Results,
}

impl ObjectName {
    /// The JSON values.
    pub const WORDS: &[&str] = &["original", "results"];

    /// Parses a JSON value.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "original" => Some(Self::Original),
            "results" => Some(Self::Results),
            _ => None,
        }
    }
}

/// The body of `POST …/parts` (begin or resume) and of `POST …/parts/complete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsSelection {
    /// Which file.
    pub object: ObjectName,
}

impl PartsSelection {
    /// Checks a body.
    ///
    /// # Errors
    /// A problem with every bad field.
    pub fn check(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of_body(body)?;
        let object = object(&mut fields);
        fields.finish()?;
        object.map(|object| Self { object }).ok_or_else(missing)
    }
}

/// A part that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
}

/// The progress of an upload in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsStatus {
    /// Which file.
    pub object: ObjectName,
    /// Bytes of every part but the last.
    pub part_bytes: u64,
    /// The number of parts.
    pub part_count: u64,
    /// The parts that have arrived.
    pub parts: Vec<Part>,
}

/// The body of `POST …/parts/urls` as a client writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsRequest {
    /// Which file.
    pub object: ObjectName,
    /// The parts to send, at most 100 per call.
    pub parts: Vec<PartRequest>,
}

/// A part to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRequest {
    /// From 1.
    pub number: u32,
    /// SHA-256 of the part's bytes in hexadecimal digits.
    pub sha256: String,
}

impl PartsRequest {
    /// Checks a body; the part numbers are checked against the file later.
    ///
    /// # Errors
    /// A problem with every bad field.
    pub fn check(body: &Value) -> Result<(ObjectName, Vec<(u32, Digest)>), Problem> {
        let mut fields = Fields::of_body(body)?;
        let object = object(&mut fields);
        let mut parts = Vec::new();
        match fields.get("parts") {
            Some(Value::Array(list)) if (1..=MAX_PARTS_PER_CALL).contains(&list.len()) => {
                for (at, part) in list.iter().enumerate() {
                    match read_part(part) {
                        Some(part) => parts.push(part),
                        None => fields.errors.push((
                            ProblemKind::InvalidFields,
                            FieldError::new(format!("/parts/{at}"), "a part has a number (from 1) and a sha256"),
                        )),
                    }
                }
            }
            _ => fields.error("parts", format!("give a list of 1 to {MAX_PARTS_PER_CALL} parts")),
        }
        fields.finish()?;
        Ok((object.ok_or_else(missing)?, parts))
    }

    /// The sizes of the given parts of a file.
    ///
    /// # Errors
    /// A problem with every bad number.
    pub fn sizes(parts: &[(u32, Digest)], size: u64, limits: &Limits) -> Result<Vec<u64>, Problem> {
        let mut errors = Vec::new();
        let mut sizes = Vec::new();
        for (at, (number, _)) in parts.iter().enumerate() {
            match limits.part_size(size, *number) {
                Some(size) => sizes.push(size),
                None => {
                    let detail = format!("the file has parts 1 to {}", limits.parts(size));
                    let error = FieldError::new(format!("/parts/{at}/number"), detail);
                    errors.push((ProblemKind::InvalidFields, error));
                }
            }
        }
        if errors.is_empty() { Ok(sizes) } else { Err(Problem::of_fields(errors)) }
    }
}

/// The answer to `POST …/parts/urls`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartTargets {
    /// In the order of the request.
    pub parts: Vec<PartTarget>,
}

/// The signed upload of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartTarget {
    /// From 1.
    pub number: u32,
    /// The signed request.
    #[serde(flatten)]
    pub target: Target,
}

fn object(fields: &mut Fields<'_>) -> Option<ObjectName> {
    let object = fields.word("object", ObjectName::WORDS, ObjectName::from_word);
    fields.need("object", object)
}

fn read_part(part: &Value) -> Option<(u32, Digest)> {
    let part = part.as_object().filter(|part| part.len() == 2)?;
    let number = part.get("number")?.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|n| *n > 0)?;
    Some((number, digest_of(part.get("sha256")?.as_str()?)?))
}

fn missing() -> Problem {
    Problem::new(ProblemKind::InvalidFields, "object is missing")
}
