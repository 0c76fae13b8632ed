//! What a YOLO dataset says of itself: `data.yaml`, `classes.txt`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, ErrorKind, Result};
use crate::labels::{Class, mirror_by_name};

/// A class number beyond this is an accident, not a class.
pub(super) const MAX_CLASSES: usize = 100_000;
/// Keypoints of one object beyond this are an accident.
const MAX_KEYPOINTS: usize = 10_000;

/// Names and keypoints of a dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::formats) struct YoloConfig {
    /// The names of the classes; empty when nothing states them.
    pub(in crate::formats) names: Vec<String>,
    /// Keypoints an object and numbers a keypoint (2 or 3).
    pub(in crate::formats) keypoints: Option<(usize, usize)>,
    /// For every keypoint its mirror twin; empty when unknown.
    pub(in crate::formats) mirror: Vec<usize>,
    /// The names of the keypoints; empty when unknown.
    pub(in crate::formats) keypoint_names: Vec<String>,
}

impl YoloConfig {
    /// The class of a name, with the dataset's keypoints.
    pub(in crate::formats) fn class(&self, name: &str) -> Class {
        Class { keypoints: self.keypoint_names.clone(), mirror: self.mirror.clone(), ..Class::named(name) }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Yaml {
    names: Option<Names>,
    kpt_shape: Option<Vec<usize>>,
    flip_idx: Option<Vec<usize>>,
    kpt_names: Option<KeypointNames>,
}

/// Names as a list, or as a map from numbers.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names, or a map from class numbers to names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Names, A::Error> {
                let mut by_number = BTreeMap::new();
                while let Some((number, name)) = map.next_entry::<usize, String>()? {
                    if number >= MAX_CLASSES {
                        return Err(serde::de::Error::custom(format!("class number {number} is too large")));
                    }
                    by_number.insert(number, name);
                }
                let count = by_number.last_key_value().map_or(0, |(number, _)| number + 1);
                Ok(Names((0..count).map(|i| by_number.remove(&i).unwrap_or_else(|| i.to_string())).collect()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Keypoint names as a list, or as a map from class numbers to lists, of which the first is taken.
struct KeypointNames(Vec<String>);

impl<'de> Deserialize<'de> for KeypointNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = KeypointNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names, or a map from class numbers to such lists")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<KeypointNames, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    names.push(name);
                }
                Ok(KeypointNames(names))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<KeypointNames, A::Error> {
                let mut first = None;
                while let Some((_, names)) = map.next_entry::<usize, Vec<String>>()? {
                    first.get_or_insert(names);
                }
                Ok(KeypointNames(first.unwrap_or_default()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// What a YAML file says; `None` when it is YAML, but not of a YOLO dataset.
pub(in crate::formats) fn parse_yaml(text: &str) -> Result<Option<YoloConfig>> {
    let fail = |why: String| Error::new(ErrorKind::Label, why);
    let yaml: Yaml =
        serde_saphyr::from_str(text).map_err(|error| fail(format!("this YAML cannot be read: {error}")))?;
    if yaml.names.is_none() && yaml.kpt_shape.is_none() {
        return Ok(None);
    }
    let names = yaml.names.map(|names| names.0).unwrap_or_default();
    let keypoints = match yaml.kpt_shape.as_deref() {
        None => None,
        Some(&[count, dims @ (2 | 3)]) if (1..=MAX_KEYPOINTS).contains(&count) => Some((count, dims)),
        Some(_) => return Err(fail("kpt_shape must be [count, 2] or [count, 3]".to_owned())),
    };
    let count = keypoints.map_or(0, |(count, _)| count);
    let keypoint_names = yaml.kpt_names.map(|names| names.0).filter(|names| names.len() == count).unwrap_or_default();
    let mirror = yaml.flip_idx.filter(|flip| flip.len() == count && flip.iter().all(|i| *i < count));
    let mirror = mirror.unwrap_or_else(|| mirror_by_name(&keypoint_names));
    Ok(Some(YoloConfig { names, keypoints, mirror, keypoint_names }))
}

/// The names of a `classes.txt`: one a line.
pub(in crate::formats) fn names_from_list(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_CLASSES).map(str::to_owned).collect()
}
