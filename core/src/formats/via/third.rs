//! Version 3 of VGG Image Annotator: files, views and metadata in three tables of one project.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::RawValue;

use super::region::{Numbers, class_attribute, shape, value};
use crate::error::Result;
use crate::filled::filled;
use crate::formats::draft::{Fields, check_objects};
use crate::formats::sketch::{Drawn, Notation, Sketch, json, name, number};
use crate::limits::Limits;

/// Kinds of shapes by their numbers, with what the numbers behind are called.
const KINDS: [(&str, &[&str]); 8] = [
    ("point", &["cx", "cy"]),
    ("rect", &["x", "y", "width", "height"]),
    ("circle", &["cx", "cy", "r"]),
    ("ellipse", &["cx", "cy", "rx", "ry"]),
    ("line", &[]),
    ("polyline", &[]),
    ("polygon", &[]),
    ("extreme rectangle", &[]),
];

/// The notation of a project.
#[derive(Debug)]
pub(super) struct Metadata {
    /// Attributes of regions by id: their names, and the names of what can be chosen.
    attributes: BTreeMap<String, (String, BTreeMap<String, String>)>,
    class: Option<String>,
}

/// A project: its images by name with what is said of each.
pub(super) struct Project<'a> {
    pub(super) notation: Metadata,
    pub(super) images: BTreeMap<String, Vec<&'a RawValue>>,
    /// Metadata of views that are not of one file.
    pub(super) strays: usize,
}

/// Looks through a project.
pub(super) fn project(text: &str) -> Result<Project<'_>> {
    type Table<'a, T> = BTreeMap<String, T>;
    #[derive(serde::Deserialize)]
    struct Top<'a> {
        #[serde(default)]
        attribute: Table<'a, Attribute>,
        file: Table<'a, Value>,
        view: Table<'a, Value>,
        #[serde(borrow)]
        metadata: Table<'a, &'a RawValue>,
    }
    #[derive(serde::Deserialize)]
    struct Attribute {
        aname: String,
        #[serde(default)]
        anchor_id: String,
        #[serde(default)]
        options: Value,
    }
    #[derive(serde::Deserialize)]
    struct Place {
        vid: Value,
    }
    let top: Top<'_> = json(text)?;
    let options = |options: &Value| {
        let named = |(id, option): (&String, &Value)| Some((id.clone(), name(Some(option))?));
        filled(options.as_object().into_iter().flatten().filter_map(named))
    };
    let of_region = |attribute: &Attribute| attribute.anchor_id.is_empty() || attribute.anchor_id.contains("XY1");
    let attributes: BTreeMap<String, (String, BTreeMap<String, String>)> = filled(
        top.attribute
            .into_iter()
            .filter(|(_, attribute)| of_region(attribute))
            .map(|(id, attribute)| (id, (attribute.aname, options(&attribute.options)))),
    );
    let names: BTreeSet<String> = filled(attributes.values().map(|(name, _)| name.clone()));
    let wanted = class_attribute(&names);
    let class = attributes.iter().find(|(_, (name, _))| Some(name) == wanted.as_ref()).map(|(id, _)| id.clone());
    let file_of = |view: &Value| {
        let id = name(view.get("fid_list")?.get(0))?;
        name(top.file.get(&id)?.get("fname"))
    };
    let views: BTreeMap<&String, Option<String>> = filled(top.view.iter().map(|(id, view)| (id, file_of(view))));
    let mut images: BTreeMap<String, Vec<&RawValue>> =
        filled(views.values().flatten().map(|image| (image.clone(), Vec::new())));
    let mut strays = 0;
    for raw in top.metadata.into_values() {
        let view = json::<Place>(raw.get()).ok().and_then(|place| name(Some(&place.vid)));
        match view.and_then(|view| images.get_mut(views.get(&view)?.as_ref()?)) {
            Some(said) => said.push(raw),
            None => strays += 1,
        }
    }
    Ok(Project { notation: Metadata { attributes, class }, images, strays })
}

impl Metadata {
    fn object(&self, said: &Value, sketch: &mut Sketch) -> std::result::Result<Option<Drawn>, String> {
        let xy = said.get("xy").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let numbers: Option<Vec<f64>> = xy.iter().map(|v| number(Some(v))).collect();
        let numbers = numbers.ok_or("its shape is not made of numbers within bounds")?;
        let Some((kind, numbers)) = numbers.split_first() else { return Ok(None) };
        let known = (*kind >= 1.0).then(|| KINDS.get(*kind as usize - 1)).flatten();
        let (kind, names) = *known.ok_or_else(|| format!("shapes of the kind {kind} are not read"))?;
        let mut drawn = if kind == "extreme rectangle" {
            // Four points, one on each side.
            let mut drawn = shape("polyline", &Numbers::Listed(numbers, names), &mut Sketch::default())?;
            drawn.object.stated = None;
            drawn
        } else {
            shape(kind, &Numbers::Listed(numbers, names), sketch)?
        };
        for (id, stated) in said.get("av").and_then(Value::as_object).into_iter().flatten() {
            let Some((attribute, options)) = self.attributes.get(id) else { continue };
            let Some(stated) = value(stated, sketch) else { continue };
            let stated = options.get(&stated).cloned().unwrap_or(stated);
            if self.class.as_ref() == Some(id) {
                drawn.class = Some(stated);
            } else {
                drawn.object.extra.insert(attribute.clone(), stated.into());
            }
        }
        Ok(Some(drawn))
    }
}

impl Notation for Metadata {
    /// Of a list of all that is said of an image.
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let said: Vec<Fields> = json(record)?;
        check_objects(said.len(), limits.max_objects)?;
        let mut sketch = Sketch::default();
        for said in said {
            match self.object(&Value::Object(said), &mut sketch) {
                Ok(Some(drawn)) => sketch.drawn.push(Ok(drawn)),
                Ok(None) => sketch.lose("attribute(s) of whole images are left out"),
                Err(why) => sketch.drawn.push(Err(why)),
            }
        }
        Ok(sketch)
    }
}
