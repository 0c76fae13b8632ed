//! Writing a LabelMe file: a rectangle, polygon, mask or rotated rectangle for each object; parts of one object, and its
//! keypoints, share a `group_id`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{OF_IMAGE, OF_SHAPE};
use crate::codec::{Encoding, PngCompression, encode};
use crate::error::Result;
use crate::formats::draft::Fields;
use crate::formats::number::{PIXEL_DECIMALS, rounded};
use crate::formats::place::unmoved;
use crate::formats::yolo::join;
use crate::geometry::{Point, Rect, Size};
use crate::image::{Channels, Fill, Image};
use crate::labels::{Bitmap, Class, Classes, Labels, Object, Shape, Visibility};
use crate::math::{PI, atan2};

/// The version of labelme whose files these are like.
const VERSION: &str = "5.5.0";
/// Fields of other formats that are written from the object or the image, or mean nothing here.
const FOREIGN: [&str; 10] =
    ["id", "image_id", "category_id", "bbox", "area", "segmentation", "keypoints", "num_keypoints", "width", "height"];

/// The file at `label_name` for an image at `image_name`, both in the output.
pub(in crate::formats) fn render(
    [label_name, image_name]: [&str; 2],
    size: Size,
    labels: &Labels,
    classes: &Classes,
    fine: bool,
) -> Result<String> {
    let mut shapes = Vec::new();
    let groups = groups(&labels.objects);
    let unknown = Class::default();
    for (object, group) in labels.objects.iter().zip(groups) {
        let class = classes.0.get(object.class).unwrap_or(&unknown);
        for piece in pieces(object, class, size, fine)? {
            shapes.push(shape(piece, &group, object));
        }
    }
    let up = "../".repeat(label_name.matches('/').count());
    let mut out =
        format!("{{\n\"version\": {},\n\"flags\": {},\n\"shapes\": [", json!(VERSION), field(&labels.extra, "flags"));
    for (i, shape) in shapes.iter().enumerate() {
        out += &format!("{}\n{shape}", if i == 0 { "" } else { "," });
    }
    out += &format!("\n],\n\"imagePath\": {},\n\"imageData\": null,\n", json!(format!("{up}{image_name}")));
    out += &format!("\"imageHeight\": {},\n\"imageWidth\": {}", size.height, size.width);
    let own = [&OF_IMAGE[..], &FOREIGN, &["flags", "file_name", "depth"]].concat();
    for (name, value) in labels.extra.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        out += &format!(",\n{}: {value}", json!(name));
    }
    Ok(out + "\n}\n")
}

/// A field that is a map; an empty one where there is none.
fn field(fields: &Fields, name: &str) -> Value {
    fields.get(name).filter(|value| value.is_object()).cloned().unwrap_or_else(|| json!({}))
}

/// One shape of an object.
struct Piece {
    kind: &'static str,
    label: String,
    points: Vec<Point>,
    mask: Value,
    hidden: bool,
}

fn pieces(object: &Object, class: &Class, size: Size, fine: bool) -> Result<Vec<Piece>> {
    let number = |v: f64| if fine { v } else { rounded(v, PIXEL_DECIMALS) };
    let piece = |kind, points: &[Point]| {
        let points = points.iter().map(|p| Point::new(number(p.x), number(p.y))).collect();
        Piece { kind, label: class.name.clone(), points, mask: Value::Null, hidden: false }
    };
    let mut pieces = match &object.shape {
        Some(Shape::Polygons(parts)) => {
            parts.iter().map(|part| piece("polygon", &join(std::slice::from_ref(part)))).collect()
        }
        Some(Shape::Oriented(corners)) => vec![piece("rotation", corners)],
        Some(Shape::Bitmap(bitmap)) => {
            let Some(bound) = bitmap.bound() else { return Ok(Vec::new()) };
            let ends = [Point::new(bound.x0, bound.y0), Point::new(bound.x1 - 1.0, bound.y1 - 1.0)];
            vec![Piece { mask: mask(bitmap, bound)?.into(), ..piece("mask", &ends) }]
        }
        None => match (unmoved(object, size, |[x0, y0, x1, y1]| Rect::new(x0, y0, x1, y1)), object.bbox) {
            (Some(stated), _) => {
                let [x0, y0, x1, y1] = stated.numbers;
                vec![Piece { points: vec![Point::new(x0, y0), Point::new(x1, y1)], ..piece("rectangle", &[]) }]
            }
            (None, Some(b)) => vec![piece("rectangle", &[Point::new(b.x0, b.y0), Point::new(b.x1, b.y1)])],
            (None, None) => Vec::new(),
        },
    };
    let alone = pieces.is_empty() && object.keypoints.len() == 1;
    for (i, keypoint) in object.keypoints.iter().enumerate().filter(|(_, k)| k.visibility != Visibility::Absent) {
        let name = class.keypoints.get(i).filter(|_| !alone).cloned();
        let label = name.unwrap_or_else(|| if alone { class.name.clone() } else { (i + 1).to_string() });
        pieces.push(Piece {
            label,
            hidden: keypoint.visibility == Visibility::Hidden,
            ..piece("point", &[keypoint.point])
        });
    }
    Ok(pieces)
}

/// The pixels of a bitmap inside its bound as a PNG in base64.
fn mask(bitmap: &Bitmap, bound: Rect) -> Result<String> {
    let (x0, y0) = (bound.x0 as usize, bound.y0 as usize);
    let inner = Size::new(bound.width() as u32, bound.height() as u32);
    let samples = bitmap.to_samples();
    let rows = samples.chunks_exact(bitmap.size.width as usize).skip(y0).take(inner.height as usize);
    let inside: Vec<u8> = rows.flat_map(|row| row[x0..x0 + inner.width as usize].iter().copied()).collect();
    let image = Image::from_samples(inner, Channels::Gray, inside)?;
    let png = encode(&image, &Encoding::Png { compression: PngCompression::Fast }, None, Fill([0; 3]))?;
    Ok(STANDARD.encode(png))
}

fn shape(piece: Piece, group: &Value, object: &Object) -> Value {
    let Piece { kind, label, points, mask, hidden } = piece;
    let pairs: Vec<Value> = points.iter().map(|p| json!([p.x, p.y])).collect();
    let mut shape = Fields::new();
    shape.insert("label".to_owned(), label.into());
    shape.insert("points".to_owned(), pairs.into());
    shape.insert("group_id".to_owned(), group.clone());
    shape.insert("description".to_owned(), object.extra.get("description").cloned().unwrap_or_else(|| "".into()));
    shape.insert("shape_type".to_owned(), kind.into());
    shape.insert("flags".to_owned(), field(&object.extra, "flags"));
    shape.insert("mask".to_owned(), mask);
    if let ("rotation", [a, b, ..]) = (kind, &points[..]) {
        let angle = atan2(b.y - a.y, b.x - a.x);
        shape.insert("direction".to_owned(), json!(if angle < 0.0 { angle + 2.0 * PI } else { angle }));
    }
    // Of a keypoint this says that it is hidden.
    if kind == "point" && !object.keypoints.is_empty() {
        shape.insert("difficult".to_owned(), hidden.into());
    }
    let more =
        object.extra.iter().filter(|(name, _)| !OF_SHAPE.contains(&name.as_str()) && !FOREIGN.contains(&name.as_str()));
    for (name, value) in more {
        shape.entry(name.clone()).or_insert_with(|| value.clone());
    }
    shape.into()
}

/// How many shapes an object has.
fn count(object: &Object) -> usize {
    let outlines = match &object.shape {
        Some(Shape::Polygons(parts)) => parts.len(),
        Some(_) => 1,
        None => usize::from(object.bbox.is_some()),
    };
    outlines + object.keypoints.iter().filter(|keypoint| keypoint.visibility != Visibility::Absent).count()
}

/// The group of each object: its own where no other object would be read as a part of it, else one that is free; none
/// for an object of one shape that states none.
fn groups(objects: &[Object]) -> Vec<Value> {
    let stated = |object: &Object| object.extra.get("group_id").filter(|group| !group.is_null()).cloned();
    // By the group alone, and by group and class: how many state it.
    let mut shared: BTreeMap<(String, Option<usize>), usize> = BTreeMap::new();
    for object in objects {
        if let Some(group) = stated(object) {
            *shared.entry((group.to_string(), None)).or_default() += 1;
            *shared.entry((group.to_string(), Some(object.class))).or_default() += 1;
        }
    }
    let taken = objects.iter().filter_map(|object| stated(object)?.as_u64()).max();
    let mut next = taken.unwrap_or(0).saturating_add(1);
    let group = |object: &Object| {
        let class = object.keypoints.is_empty().then_some(object.class);
        let merges = matches!(object.shape, Some(Shape::Polygons(_) | Shape::Bitmap(_))) || class.is_none();
        let group = stated(object);
        let alone = |group: &Value| !merges || shared.get(&(group.to_string(), class)) == Some(&1);
        match group {
            Some(group) if alone(&group) => group,
            None if count(object) < 2 => Value::Null,
            _ => {
                next = next.saturating_add(1);
                (next - 1).into()
            }
        }
    };
    objects.iter().map(group).collect()
}
