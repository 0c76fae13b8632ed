//! Writing a VOC file.

use serde_json::Value;

use super::{OWN, corners_box};
use crate::formats::draft::Fields;
use crate::formats::number::{PIXEL_DECIMALS, push_exact, push_number};
use crate::formats::place::unmoved;
use crate::formats::xml::{is_name, push_leaf, push_tag};
use crate::geometry::Size;
use crate::labels::{Classes, Labels, Object, Shape};

/// Fields of other formats that are written from the object itself, or mean nothing here.
const FOREIGN: [&str; 8] =
    ["id", "image_id", "category_id", "bbox", "area", "segmentation", "keypoints", "num_keypoints"];
/// Fields of an image that are written from the image itself.
const OF_IMAGE: [&str; 10] =
    ["folder", "filename", "path", "size", "object", "depth", "id", "file_name", "width", "height"];

/// The file for an image at `folder/filename`.
pub(in crate::formats) fn render(image_name: &str, size: Size, labels: &Labels, classes: &Classes) -> String {
    let (folder, filename) = image_name.rsplit_once('/').unwrap_or(("", image_name));
    let mut out = String::with_capacity(256 + labels.objects.len() * 320);
    push_tag(&mut out, 0, "annotation");
    push_leaf(&mut out, 1, "folder", folder);
    push_leaf(&mut out, 1, "filename", filename);
    push_fields(&mut out, 1, &labels.extra, &OF_IMAGE);
    push_tag(&mut out, 1, "size");
    push_leaf(&mut out, 2, "width", &size.width.to_string());
    push_leaf(&mut out, 2, "height", &size.height.to_string());
    push_value(&mut out, 2, "depth", labels.extra.get("depth").unwrap_or(&Value::from(3)));
    push_tag(&mut out, 1, "/size");
    for object in &labels.objects {
        push_object(&mut out, object, size, classes);
    }
    push_tag(&mut out, 0, "/annotation");
    out
}

fn push_object(out: &mut String, object: &Object, size: Size, classes: &Classes) {
    let Some(bbox) = object.bbox.or_else(|| object.shape.as_ref().and_then(Shape::bound)) else { return };
    push_tag(out, 1, "object");
    push_leaf(out, 2, "name", classes.0.get(object.class).map_or("", |class| &class.name));
    for (field, usual) in [("pose", Value::from("Unspecified")), ("truncated", 0.into()), ("difficult", 0.into())] {
        push_value(out, 2, field, object.extra.get(field).unwrap_or(&usual));
    }
    let written = [&OWN[..], &FOREIGN, &["pose", "truncated", "difficult"]].concat();
    push_fields(out, 2, &object.extra, &written);
    push_tag(out, 2, "bndbox");
    let stated = unmoved(object, size, corners_box).map(|stated| stated.numbers);
    let numbers = [bbox.x0 + 1.0, bbox.y0 + 1.0, bbox.x1, bbox.y1];
    for (i, field) in ["xmin", "ymin", "xmax", "ymax"].into_iter().enumerate() {
        let mut text = String::new();
        match stated {
            Some(stated) => push_exact(&mut text, stated[i]),
            None => push_number(&mut text, numbers[i], PIXEL_DECIMALS),
        }
        push_leaf(out, 3, field, &text);
    }
    push_tag(out, 2, "/bndbox");
    push_tag(out, 1, "/object");
}

fn push_fields(out: &mut String, depth: usize, fields: &Fields, but: &[&str]) {
    for (name, value) in fields.iter().filter(|(name, _)| is_name(name) && !but.contains(&name.as_str())) {
        push_value(out, depth, name, value);
    }
}

/// A field as an element: lists repeat it, maps nest in it. JSON nests no deeper than its reader allowed.
fn push_value(out: &mut String, depth: usize, name: &str, value: &Value) {
    match value {
        Value::Null => push_leaf(out, depth, name, ""),
        Value::String(text) => push_leaf(out, depth, name, text),
        Value::Bool(_) | Value::Number(_) => push_leaf(out, depth, name, &value.to_string()),
        Value::Array(list) => list.iter().for_each(|value| push_value(out, depth, name, value)),
        Value::Object(fields) => {
            push_tag(out, depth, name);
            push_fields(out, depth + 1, fields, &[]);
            push_tag(out, depth, &format!("/{name}"));
        }
    }
}
