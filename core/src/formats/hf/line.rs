//! One line of metadata as a sketch.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;
use crate::formats::draft::{Fields, check_objects, stated_size};
use crate::formats::json_error::json_error;
use crate::formats::number::field;
use crate::formats::sketch::{Drawn, Notation, Sketch, name, number};
use crate::formats::table::{Delimiter, Records};
use crate::geometry::Rect;
use crate::labels::{Object, Stated};
use crate::limits::Limits;

/// The key of the objects of an image.
const OBJECTS: &str = "objects";
/// The key of their boxes.
const BBOX: &str = "bbox";
/// The keys under which datasets have the classes of their objects.
const CATEGORIES: [&str; 8] =
    ["categories", "category", "labels", "label", "classes", "class", "category_id", "label_id"];
/// The keys under which they have the class or the classes of an image.
pub(super) const IMAGE_CLASSES: [&str; 3] = ["label", "labels", "classes"];
/// Fields of an image that are read for themselves.
const OF_IMAGE: [&str; 3] = ["file_name", "width", "height"];

/// How the lines of a file are told apart: the names of the columns of a CSV file with what stands between them, or lines of JSON.
#[derive(Debug)]
pub(super) enum Form {
    Json,
    Csv(Vec<String>, Delimiter),
}

impl Form {
    /// The fields of a line as they are written.
    fn fields(&self, line: &str) -> Result<Fields> {
        let Self::Csv(names, delimiter) = self else {
            return serde_json::from_str(line).map_err(|error| json_error(line, &error));
        };
        let mut records = Records::within(line, 0..line.len(), *delimiter);
        let Some((record, _)) = records.next() else { return Ok(Fields::new()) };
        // Lists and maps stand in cells as JSON.
        let value = |cell: &str| match cell.starts_with(['[', '{']).then(|| serde_json::from_str(cell)) {
            Some(Ok(value)) => value,
            _ => field(cell),
        };
        let cells = names.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
        Ok(cells.map(|(name, cell)| (name.clone(), value(cell))).collect())
    }

    /// The places of the lines of a text, but for the names of columns.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
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

/// The lines of a file.
#[derive(Debug)]
pub(super) struct Lines {
    form: Form,
    /// Columns of objects that stand beside each other instead of in `objects`.
    joined: BTreeSet<String>,
}

impl Lines {
    /// The lines of a text, and where they are.
    pub(super) fn of(form: Form, text: &str) -> (Self, Vec<Range<usize>>) {
        let places = form.places(text);
        let joined = if text.contains(BBOX) { joined(&form, &places, text) } else { BTreeSet::new() };
        (Self { form, joined }, places)
    }

    /// The fields of a line, columns of objects gathered as `objects`.
    ///
    /// # Errors
    /// `Label` when it is no JSON object, or when its columns of objects have not one value a box.
    pub(super) fn fields(&self, line: &str) -> Result<Fields> {
        let mut fields = self.form.fields(line)?;
        if fields.contains_key(OBJECTS) || !self.joined.iter().any(|name| fields.contains_key(name)) {
            return Ok(fields);
        }
        let boxes = boxes(&fields).ok_or_else(|| Error::new(ErrorKind::Label, "its bbox is no list of boxes"))?;
        let mut objects = Fields::new();
        for name in &self.joined {
            let Some(value) = fields.remove(name).filter(|value| !value.is_null()) else { continue };
            if value.as_array().is_none_or(|list| list.len() != boxes) {
                let why = format!("its {name} is no list of as many as it has boxes, {boxes}");
                return Err(Error::new(ErrorKind::Label, why));
            }
            objects.insert(name.clone(), value);
        }
        fields.insert(OBJECTS.to_owned(), objects.into());
        Ok(fields)
    }
}

/// How many boxes stand in a line; `None` where its `bbox` is no list of boxes.
fn boxes(fields: &Fields) -> Option<usize> {
    match fields.get(BBOX) {
        None | Some(Value::Null) => Some(0),
        Some(Value::Array(list)) => list.iter().all(Value::is_array).then_some(list.len()),
        Some(_) => None,
    }
}

/// The columns of a file that are lists of as many values as there are boxes, in every line that has them. Classes are so in
/// most lines: the others are faults, since boxes would lose their classes. Without classes there are no objects.
fn joined(form: &Form, places: &[Range<usize>], text: &str) -> BTreeSet<String> {
    let mut columns: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let mut any = false;
    let lines = places.iter().filter_map(|place| form.fields(text.get(place.clone())?).ok());
    for fields in lines.filter(|fields| !fields.contains_key(OBJECTS)) {
        let Some(boxes) = boxes(&fields) else { continue };
        any |= boxes > 0;
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
            let fits = value.as_array().is_some_and(|list| list.len() == boxes);
            columns.entry(name).or_default()[usize::from(fits)] += 1;
        }
    }
    let is_class = |name: &str| CATEGORIES.contains(&name);
    columns.retain(|name, [others, fit]| *others == 0 || is_class(name) && *others <= *fit);
    let has_class = columns.keys().any(|name| is_class(name));
    if any && has_class { filled(columns.into_keys()) } else { BTreeSet::new() }
}

/// The key of the area of an object.
const AREA: &str = "area";
const FOREIGN_AREA: &str =
    "object(s) have an area that is not that of their box; it would not follow the pixels and is left out";

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
        let mut sketch = Sketch { size, classes: image_classes(&mut fields), extra: fields, ..Sketch::default() };
        for object in objects {
            let has_area = object.get(AREA).is_some_and(Value::is_number);
            let drawn = drawn(object, self.corners);
            let follows = drawn.as_ref().ok().and_then(|drawn| drawn.object.stated.as_deref()?.area).is_some();
            sketch.lose_all(usize::from(has_area && drawn.is_ok() && !follows), FOREIGN_AREA);
            sketch.drawn.push(drawn);
        }
        Ok(sketch)
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
    match fields.remove(OBJECTS) {
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
    let list = fields.remove(BBOX).ok_or("it has no bbox")?;
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
    let stated_area = fields.get(AREA).and_then(Value::as_f64);
    if stated_area.is_some() {
        fields.remove(AREA);
    }
    let of_box = |area: &f64| (area - bbox.area()).abs() <= 0.5 + bbox.area() / 100.0;
    let stated = Stated { bbox, numbers: [x, y, width, height], area: stated_area.filter(of_box) };
    let stated = Some(Box::new(stated));
    let object = Object { bbox: Some(bbox), stated, extra: fields, ..Object::default() };
    Ok(Drawn { class, object, ..Drawn::default() })
}
