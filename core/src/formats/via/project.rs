//! Versions 1 and 2 of VGG Image Annotator: an entry an image, with its regions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::RawValue;

use super::region::{Numbers, class_attribute, shape, value};
use crate::error::Result;
use crate::formats::draft::{Fields, check_objects};
use crate::formats::sketch::{Drawn, Notation, Sketch, json};
use crate::limits::Limits;

/// The notation of a file.
#[derive(Debug)]
pub(super) struct Regions {
    /// The attribute that says the class of a region.
    pub(super) class: Option<String>,
}

/// The entries of a file by their keys; `None` when it has none.
pub(super) fn entries(text: &str) -> Option<Vec<&RawValue>> {
    let top: BTreeMap<String, &RawValue> = json(text).ok()?;
    let entries = match top.get("_via_img_metadata") {
        Some(inner) => json(inner.get()).ok()?,
        None => top,
    };
    let entries: Vec<&RawValue> = entries.into_values().collect();
    let is_entry = |raw: &&RawValue| json::<Entry<'_>>(raw.get()).is_ok();
    entries.first().is_none_or(is_entry).then_some(entries)
}

/// What sorts an entry.
#[derive(serde::Deserialize)]
pub(super) struct Entry<'a> {
    pub(super) filename: String,
    #[serde(borrow)]
    regions: &'a RawValue,
}

impl Entry<'_> {
    /// The names of the attributes of its regions.
    pub(super) fn attributes(&self, names: &mut BTreeSet<String>) {
        #[derive(serde::Deserialize)]
        struct Region {
            region_attributes: Fields,
        }
        for region in regions(self.regions.get()).unwrap_or_default() {
            let region = json::<Region>(region.get());
            names.extend(
                region.into_iter().flat_map(|region| region.region_attributes.into_iter().map(|(name, _)| name)),
            );
        }
    }
}

/// Regions are a list, in version 1 an object with their numbers as keys.
fn regions(text: &str) -> Result<Vec<&RawValue>> {
    json::<Vec<&RawValue>>(text).or_else(|_| Ok(json::<BTreeMap<String, &RawValue>>(text)?.into_values().collect()))
}

impl Regions {
    /// For the attributes of a file's regions.
    pub(super) fn new(attributes: &BTreeSet<String>) -> Self {
        Self { class: class_attribute(attributes) }
    }

    fn object(&self, region: &str, sketch: &mut Sketch) -> std::result::Result<Drawn, String> {
        #[derive(serde::Deserialize)]
        struct Region {
            shape_attributes: Fields,
            #[serde(default)]
            region_attributes: Fields,
        }
        let Region { shape_attributes, mut region_attributes } =
            serde_json::from_str(region).map_err(|_| "it is no region with shape_attributes")?;
        let kind = shape_attributes.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut drawn = shape(kind, &Numbers::Named(&shape_attributes), sketch)?;
        let stated = self.class.as_ref().and_then(|class| region_attributes.remove(class));
        drawn.class = stated.and_then(|stated| value(&stated, sketch));
        if drawn.class.is_none() && !region_attributes.is_empty() && self.class.is_none() {
            let names: Vec<&str> = region_attributes.keys().map(String::as_str).collect();
            return Err(format!("none of its attributes ({}) is called `class`", names.join(", ")));
        }
        drawn.object.extra = region_attributes;
        Ok(drawn)
    }
}

impl Notation for Regions {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let entry: Entry<'_> = json(record)?;
        let regions = regions(entry.regions.get())?;
        check_objects(regions.len(), limits.max_objects)?;
        let mut sketch = Sketch::default();
        for region in regions {
            let drawn = self.object(region.get(), &mut sketch);
            sketch.drawn.push(drawn);
        }
        let mut rest: Fields = json(record)?;
        if let Some(Value::Object(attributes)) = rest.remove("file_attributes") {
            let says = |value: &Value| !matches!(value, Value::Null) && value.as_str() != Some("");
            sketch.extra.extend(attributes.into_iter().filter(|(_, value)| says(value)));
        }
        Ok(sketch)
    }
}
