//! One COCO annotation as an object.

use std::collections::BTreeMap;

use serde_json::Value;

use super::id::id_of;
use super::{corner_box, rle};
use crate::formats::draft::{FARTHEST, Fields};
use crate::formats::sketch::{number, turned_box};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Bitmap, Keypoint, Object, Polygon, Shape, Stated, Visibility};

/// An object from an annotation; what is wrong with its shape alone is a warning and leaves the shape out.
pub(super) fn object(
    mut fields: Fields,
    categories: &BTreeMap<String, usize>,
    warnings: &mut Vec<String>,
) -> Result<Object, String> {
    let category = fields.remove("category_id").ok_or("it has no category_id")?;
    let class = categories.get(&*id_of(&category.to_string()));
    let class = *class.ok_or_else(|| format!("category {} is not listed", shown(&category)))?;
    fields.remove("image_id");
    fields.remove("num_keypoints");
    // Not a crowd is what every writer says where nothing else is known.
    if fields.get("iscrowd").and_then(Value::as_u64) == Some(0) {
        fields.remove("iscrowd");
    }
    let area = fields.remove("area").and_then(|v| v.as_f64()).filter(|v| v.is_finite());
    let shape = match fields.remove("segmentation").as_ref().map(shape).transpose() {
        Ok(shape) => shape.flatten(),
        Err(why) => {
            let id = fields.get("id").map_or_else(String::new, shown);
            warnings.push(format!("annotation {id}: its segmentation is left out: {why}"));
            None
        }
    };
    let keypoints = fields.remove("keypoints").map_or(Ok(Vec::new()), |list| keypoints(&list))?;
    let (mut bbox, mut stated) = (None, None);
    match fields.remove("bbox") {
        None | Some(Value::Null) => {}
        Some(Value::Array(list)) if list.is_empty() => {}
        Some(list) => {
            let numbers = numbers(&list).ok_or("its bbox is not made of numbers")?;
            let numbers: [f64; 4] = numbers.try_into().map_err(|_| "its bbox has not four numbers")?;
            if numbers[2] < 0.0 || numbers[3] < 0.0 {
                return Err("its bbox has a negative width or height".to_owned());
            }
            let rect = corner_box(numbers);
            bbox = Some(rect);
            stated = Some(Box::new(Stated { bbox: rect, numbers, area }));
        }
    }
    if let Some(corners) = bbox.and_then(|rect| turned(rect, shape.as_ref(), &mut fields)) {
        return Ok(Object {
            class,
            shape: Some(Shape::Oriented(corners)),
            keypoints,
            extra: fields,
            ..Object::default()
        });
    }
    Ok(Object { class, bbox, shape, keypoints, stated, extra: fields, ..Object::default() })
}

/// The corners of a box that CVAT says is turned clockwise by `attributes.rotation` degrees about its center; what says
/// so is taken away, since it would not follow the pixels.
fn turned(rect: Rect, shape: Option<&Shape>, fields: &mut Fields) -> Option<[Point; 4]> {
    let corners = rect.corners();
    let is_box = match shape {
        None => true,
        Some(Shape::Polygons(parts)) => parts.len() == 1 && parts[0].outer.iter().all(|point| corners.contains(point)),
        Some(_) => false,
    };
    let attributes = fields.get_mut("attributes").filter(|_| is_box)?.as_object_mut()?;
    let degrees = number(attributes.get("rotation")).filter(|degrees| degrees % 360.0 != 0.0)?;
    attributes.remove("rotation");
    Some(turned_box(rect, rect.center(), degrees))
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

/// A list of finite numbers within bounds.
fn numbers(list: &Value) -> Option<Vec<f64>> {
    list.as_array()?.iter().map(|v| v.as_f64().filter(|v| v.abs() <= FARTHEST)).collect()
}

fn shape(value: &Value) -> Result<Option<Shape>, String> {
    match value {
        Value::Array(parts) if parts.is_empty() => Ok(None),
        // Some tools write the one polygon without the list of parts around it.
        Value::Array(parts) if parts[0].is_number() => Ok(Some(Shape::Polygons(vec![polygon(value)?]))),
        Value::Array(parts) => {
            let parts: Result<Vec<Polygon>, String> = parts.iter().map(polygon).collect();
            Ok(Some(Shape::Polygons(parts?)))
        }
        Value::Object(fields) => bitmap(fields).map(|bitmap| Some(Shape::Bitmap(bitmap))),
        _ => Ok(None),
    }
}

fn polygon(value: &Value) -> Result<Polygon, String> {
    let numbers = numbers(value).ok_or("a polygon is not made of numbers within bounds")?;
    if numbers.len() < 6 || numbers.len() % 2 == 1 {
        return Err(format!("a polygon has {} numbers, not an even count from 6 on", numbers.len()));
    }
    Ok(Polygon::simple(numbers.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect()))
}

fn bitmap(fields: &Fields) -> Result<Bitmap, String> {
    let side = |i: usize| fields.get("size")?.get(i)?.as_u64().and_then(|v| u32::try_from(v).ok());
    let (Some(height), Some(width)) = (side(0), side(1)) else {
        return Err("its size is not [height, width]".to_owned());
    };
    let runs = match fields.get("counts") {
        Some(Value::String(text)) => rle::decode(text)?,
        Some(Value::Array(list)) => {
            let run = |v: &Value| v.as_u64().and_then(|v| u32::try_from(v).ok());
            list.iter().map(run).collect::<Option<_>>().ok_or("a run is not a whole number")?
        }
        _ => return Err("it has no counts".to_owned()),
    };
    let covered: u64 = runs.iter().map(|run| u64::from(*run)).sum();
    if covered != u64::from(width) * u64::from(height) {
        return Err(format!("its runs cover {covered} pixels of {width}x{height}"));
    }
    Ok(Bitmap { size: Size::new(width, height), runs })
}

fn keypoints(list: &Value) -> Result<Vec<Keypoint>, String> {
    if list.is_null() {
        return Ok(Vec::new());
    }
    let numbers = numbers(list).ok_or("its keypoints are not made of numbers within bounds")?;
    if numbers.len() % 3 != 0 {
        return Err(format!("its keypoints have {} numbers, not three each", numbers.len()));
    }
    let keypoint = |triple: &[f64]| {
        let visibility = match triple[2] {
            0.0 => Visibility::Absent,
            1.0 => Visibility::Hidden,
            2.0 => Visibility::Visible,
            v => return Err(format!("a keypoint's visibility is {v}, not 0, 1 or 2")),
        };
        Ok(Keypoint { point: Point::new(triple[0] + 0.5, triple[1] + 0.5), visibility })
    };
    numbers.chunks_exact(3).map(keypoint).collect()
}
