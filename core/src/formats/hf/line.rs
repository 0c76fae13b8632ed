//! One line of metadata as a sketch.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::error::Result;
use crate::formats::draft::{Fields, check_objects, stated_size};
use crate::formats::json_error::json_error;
use crate::formats::number::field;
use crate::formats::sketch::{Drawn, Notation, Sketch, name, number};
use crate::formats::table::{Delimiter, Records};
use crate::geometry::Rect;
use crate::labels::{Object, Stated};
use crate::limits::Limits;

/// The keys under which datasets have the classes of their objects.
const CATEGORIES: [&str; 8] =
    ["categories", "category", "labels", "label", "classes", "class", "category_id", "label_id"];
/// The keys under which they have the class or the classes of an image.
pub(super) const IMAGE_CLASSES: [&str; 3] = ["label", "labels", "classes"];
/// Fields of an image that are read for themselves.
const OF_IMAGE: [&str; 3] = ["file_name", "width", "height"];

/// How the lines of a file are told apart: the names of the columns of a CSV file with what stands between them, or lines of JSON.
#[derive(Debug)]
pub(super) enum Lines {
    Json,
    Csv(Vec<String>, Delimiter),
}

impl Lines {
    /// The fields of a line.
    ///
    /// # Errors
    /// `Label` when it is no JSON object.
    pub(super) fn fields(&self, line: &str) -> Result<Fields> {
        let Self::Csv(names, delimiter) = self else {
            let fields = serde_json::from_str(line).map_err(|error| json_error(line, &error))?;
            return Ok(gathered(fields));
        };
        let mut records = Records::within(line, 0..line.len(), *delimiter);
        let Some((record, _)) = records.next() else { return Ok(Fields::new()) };
        // Lists and maps stand in cells as JSON.
        let value = |cell: &str| match cell.starts_with(['[', '{']).then(|| serde_json::from_str(cell)) {
            Some(Ok(value)) => value,
            _ => field(cell),
        };
        let cells = names.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
        Ok(gathered(cells.map(|(name, cell)| (name.clone(), value(cell))).collect()))
    }

    /// The places of the lines of a text, but for the names of columns.
    pub(super) fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        if matches!(self, Self::Csv(..)) {
            let mut records = Records::new(text);
            records.next();
            while let Some((_, place)) = records.next() {
                places.push(place);
            }
            return places;
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if !line.trim().is_empty() {
                places.push(start..start + line.len());
            }
            start += line.len();
        }
        places
    }
}

/// The fields of a line, lists of boxes and of their classes that stand beside each other merged as `objects`.
fn gathered(mut fields: Fields) -> Fields {
    if fields.contains_key("objects") {
        return fields;
    }
    let Some(count) = fields.get("bbox").and_then(Value::as_array).filter(|list| list.iter().all(Value::is_array))
    else {
        return fields;
    };
    let count = count.len();
    let alike = |value: &Value| value.as_array().is_some_and(|list| list.len() == count);
    if !CATEGORIES.iter().any(|key| fields.get(*key).is_some_and(alike)) {
        return fields;
    }
    let names: Vec<String> = fields.iter().filter(|(_, value)| alike(value)).map(|(name, _)| name.clone()).collect();
    let objects: Fields = names.into_iter().filter_map(|name| fields.remove_entry(&name)).collect();
    fields.insert("objects".to_owned(), objects.into());
    fields
}

/// The notation of a file.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) lines: Arc<Lines>,
    /// Whether its boxes are two corners, not a corner and a size.
    pub(super) corners: bool,
}

impl Notation for Metadata {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut fields = self.lines.fields(record)?;
        let side = |name: &str| fields.get(name).and_then(Value::as_f64);
        let size = stated_size(side("width"), side("height"));
        for own in OF_IMAGE {
            fields.remove(own);
        }
        let objects = objects(&mut fields);
        check_objects(objects.len(), limits.max_objects)?;
        let drawn = objects.into_iter().map(|object| drawn(object, self.corners)).collect();
        let classes = image_classes(&mut fields);
        Ok(Sketch { size, drawn, classes, extra: fields, ..Sketch::default() })
    }
}

/// The classes of the image that a line names; `None` where it says nothing of them. Takes them out of the fields.
fn image_classes(fields: &mut Fields) -> Option<Vec<String>> {
    let key = IMAGE_CLASSES.iter().find(|key| fields.get(**key).is_some_and(|value| !value.is_null()))?;
    let classes: Option<Vec<String>> = match fields.get(*key) {
        Some(Value::Array(list)) => list.iter().map(|class| name(Some(class))).collect(),
        one => Some(vec![name(one)?]),
    };
    classes.inspect(|_| _ = fields.remove(*key))
}

/// The objects of a line as fields of each: a map of lists, or a list of maps. Takes them out of the fields.
fn objects(fields: &mut Fields) -> Vec<Fields> {
    match fields.remove("objects") {
        Some(Value::Array(list)) => {
            let fields = |object| if let Value::Object(fields) = object { fields } else { Fields::new() };
            list.into_iter().map(fields).collect()
        }
        Some(Value::Object(columns)) => {
            let count = columns.values().filter_map(Value::as_array).map(Vec::len).max().unwrap_or(0);
            let mut objects = vec![Fields::new(); count];
            for (name, values) in columns {
                let Value::Array(values) = values else { continue };
                for (object, value) in objects.iter_mut().zip(values) {
                    object.insert(name.clone(), value);
                }
            }
            objects
        }
        _ => Vec::new(),
    }
}

fn drawn(mut fields: Fields, corners: bool) -> std::result::Result<Drawn, String> {
    let class = CATEGORIES.iter().find_map(|key| fields.remove(*key));
    let class = Some(name(class.as_ref()).ok_or("it has no category")?);
    let list = fields.remove("bbox").ok_or("it has no bbox")?;
    let numbers: Option<Vec<f64>> =
        list.as_array().ok_or("its bbox is no list")?.iter().map(|side| number(Some(side))).collect();
    let numbers = numbers.ok_or("its bbox is not made of numbers within bounds")?;
    let numbers: [f64; 4] = numbers.try_into().map_err(|_| "its bbox has not four numbers")?;
    let [x, y, width, height] = match numbers {
        [x, y, right, bottom] if corners => [x, y, right - x, bottom - y],
        numbers => numbers,
    };
    if width <= 0.0 || height <= 0.0 {
        return Err("its bbox is empty".to_owned());
    }
    let bbox = Rect::new(x, y, x + width, y + height);
    let stated = Some(Box::new(Stated { bbox, numbers: [x, y, width, height], area: None }));
    let object = Object { bbox: Some(bbox), stated, extra: fields, ..Object::default() };
    Ok(Drawn { class, object, ..Drawn::default() })
}
