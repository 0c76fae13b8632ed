//! Writing a line of `metadata.jsonl`.

use serde_json::Value;

use crate::formats::draft::Fields;
use crate::formats::number::{PIXEL_DECIMALS, rounded};
use crate::formats::place::unmoved;
use crate::geometry::{Rect, Size};
use crate::labels::{Classes, Labels, Object, Shape};

/// The line of an image: `file_name`, its size and fields, its class, and, in a dataset of objects, lists of their
/// boxes, their categories by name and their fields.
pub(in crate::formats) fn render(
    image_name: &str,
    size: Size,
    labels: &Labels,
    classes: &Classes,
    has_objects: bool,
) -> String {
    let mut line = Fields::new();
    line.insert("file_name".to_owned(), image_name.into());
    line.insert("width".to_owned(), size.width.into());
    line.insert("height".to_owned(), size.height.into());
    if let Some(class) = &labels.class {
        line.insert("label".to_owned(), class.as_str().into());
    }
    for (name, value) in labels.extra.iter().filter(|(name, _)| *name != "objects") {
        line.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    if has_objects {
        line.insert("objects".to_owned(), objects(size, labels, classes).into());
    }
    format!("{}\n", Value::Object(line))
}

/// The objects as a map of lists of equal lengths.
fn objects(size: Size, labels: &Labels, classes: &Classes) -> Fields {
    let boxed: Vec<(&Object, Rect)> = labels
        .objects
        .iter()
        .filter_map(|object| Some((object, object.bbox.or_else(|| object.shape.as_ref()?.bound())?)))
        .collect();
    let mut lists = Fields::new();
    let bboxes: Vec<Value> = boxed.iter().map(|(object, rect)| bbox(object, *rect, size)).collect();
    let name = |object: &Object| classes.0.get(object.class).map_or("", |class| class.name.as_str());
    let categories: Vec<&str> = boxed.iter().map(|(object, _)| name(object)).collect();
    lists.insert("bbox".to_owned(), bboxes.into());
    lists.insert("categories".to_owned(), categories.into());
    if boxed.iter().any(|(object, _)| object.stated.as_deref().is_some_and(|stated| stated.area.is_some())) {
        let areas: Vec<Value> = boxed.iter().map(|(object, rect)| area(object, *rect, size).into()).collect();
        lists.insert("area".to_owned(), areas.into());
    }
    for key in boxed.iter().flat_map(|(object, _)| object.extra.keys()) {
        if !lists.contains_key(key) {
            let values = boxed.iter().map(|(object, _)| object.extra.get(key).cloned().unwrap_or_default());
            let values: Vec<Value> = values.collect();
            lists.insert(key.clone(), values.into());
        }
    }
    lists
}

/// The area of an object: as stated where it did not move, else what it shows now.
fn area(object: &Object, rect: Rect, size: Size) -> f64 {
    let stated = unmoved(object, size, expand).and_then(|stated| stated.area);
    let now = || object.shape.as_ref().map_or_else(|| rect.area(), Shape::area);
    stated.unwrap_or_else(|| rounded(now(), PIXEL_DECIMALS))
}

fn expand([x, y, width, height]: [f64; 4]) -> Rect {
    Rect::new(x, y, x + width, y + height)
}

fn bbox(object: &Object, rect: Rect, size: Size) -> Value {
    let numbers = match unmoved(object, size, expand) {
        Some(stated) => stated.numbers,
        None => [rect.x0, rect.y0, rect.width(), rect.height()].map(|number| rounded(number, PIXEL_DECIMALS)),
    };
    numbers.to_vec().into()
}
