//! How files are read that leave a choice: what a recipe says of its input, and a manifest notes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How pictures are read. A file that leaves a choice about which nothing is said fails by name.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// Which numbers become black and white.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<LevelRange>,
    /// Whether a JPEG that is cut off is taken as far as it goes, the rest of it gray.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_truncated: bool,
}

impl Reading {
    /// Whether nothing is said, which recipes and manifests leave out.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Which numbers of a picture become black and white. It is for samples of more than 8 bits, signed ones and
/// floating-point ones; alpha is never changed. In JSON `"file"` or `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum LevelRange {
    /// The least and the greatest number of the file itself.
    File,
    /// These two, both finite, the first below the second.
    Between(f64, f64),
}

impl LevelRange {
    /// A range of two numbers, if it is one.
    #[must_use]
    pub fn between(low: f64, high: f64) -> Option<Self> {
        (low.is_finite() && high.is_finite() && low < high).then_some(Self::Between(low, high))
    }
}

impl TryFrom<Value> for LevelRange {
    type Error = &'static str;

    fn try_from(value: Value) -> std::result::Result<Self, Self::Error> {
        let range = match (value.as_str(), value.as_array().map(Vec::as_slice)) {
            (Some("file"), _) => Some(Self::File),
            (_, Some([low, high])) => low.as_f64().zip(high.as_f64()).and_then(|(low, high)| Self::between(low, high)),
            _ => None,
        };
        range.ok_or("expected \"file\" or two numbers, [low, high]")
    }
}

impl From<LevelRange> for Value {
    fn from(range: LevelRange) -> Self {
        match range {
            LevelRange::File => "file".into(),
            LevelRange::Between(low, high) => vec![low, high].into(),
        }
    }
}
