//! Reading a LabelMe file.
//!
//! Shapes of one class and one `group_id` are one object where they are polygons or masks; the points of a group are
//! the keypoints of the one other shape in it, their labels its keypoints' names. A mask lies between two pixels that
//! belong to it both; all else is continuous.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{OF_IMAGE, OF_SHAPE};
use crate::error::Result;
use crate::formats::draft::{Fields, check_objects, stated_size};
use crate::formats::number::{PIXEL_DECIMALS, rounded};
use crate::formats::sketch::{
    Drawn, Notation, ONLY_CLASS, Packed, Sketch, ellipse, json, name, points, polygon, wide_box,
};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Shape, Stated, Visibility};
use crate::limits::Limits;
use crate::math::hypot;

const LONE_POINTS: &str = "point(s) belong to no other shape: each is an object of one keypoint";
const LOOSE_GROUPS: &str =
    "group(s) of points have no box or outline: each is an object of keypoints, of the class `object`";

/// The notation of labelme and X-AnyLabeling.
#[derive(Debug)]
pub(super) struct LabelMe;

/// What a file says of its picture.
#[derive(Default)]
pub(super) struct StatedImage {
    pub(super) path: Option<String>,
    /// Its size.
    pub(super) size: Option<Size>,
    /// Whether it is inside the file.
    pub(super) holds_picture: bool,
}

pub(super) fn image_path(text: &str) -> StatedImage {
    #[derive(serde::Deserialize)]
    struct Top<'a> {
        #[serde(borrow, rename = "imagePath", default)]
        path: Option<Cow<'a, str>>,
        #[serde(borrow, rename = "imageData", default)]
        data: Option<&'a RawValue>,
        #[serde(rename = "imageWidth", default)]
        width: Value,
        #[serde(rename = "imageHeight", default)]
        height: Value,
    }
    let top = json::<Top<'_>>(text).ok();
    top.map_or_else(StatedImage::default, |top| StatedImage {
        path: top.path.filter(|path| !path.is_empty()).map(Cow::into_owned),
        size: stated_size(top.width.as_f64(), top.height.as_f64()),
        holds_picture: top.data.is_some(),
    })
}

/// A shape of a file.
enum Piece {
    /// A whole object.
    Object(Drawn),
    /// A part of an object, where others have its class and group.
    Part(Drawn),
    /// Points of their own, or of the object of their group.
    Points(Vec<Point>),
}

/// By group the objects in it.
type Groups = BTreeMap<String, Vec<usize>>;

impl Notation for LabelMe {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut top: BTreeMap<String, &RawValue> = json(record)?;
        let shapes: Vec<&RawValue> = top.remove("shapes").map_or_else(|| Ok(Vec::new()), |raw| json(raw.get()))?;
        check_objects(shapes.len(), limits.max_objects)?;
        let side = |name| top.get(name).and_then(|raw| serde_json::from_str::<f64>(raw.get()).ok());
        let mut sketch = Sketch { size: stated_size(side("imageWidth"), side("imageHeight")), ..Sketch::default() };
        for (name, raw) in top.iter().filter(|(name, _)| !OF_IMAGE.contains(&name.as_str())) {
            let value: Value = json(raw.get())?;
            if !is_nothing(&value) {
                sketch.extra.insert(name.clone(), value);
            }
        }
        let (mut groups, mut lone) = (Groups::new(), Vec::new());
        for raw in shapes {
            let fields: Fields = match serde_json::from_str(raw.get()) {
                Ok(fields) => fields,
                Err(_) => {
                    sketch.drawn.push(Err("a shape is no JSON object".to_owned()));
                    continue;
                }
            };
            let group = fields.get("group_id").filter(|group| !group.is_null()).map(ToString::to_string);
            let label = name(fields.get("label"));
            match piece(&fields, &mut sketch) {
                Err(why) => sketch.drawn.push(Err(why)),
                Ok(Piece::Points(points)) => lone.push((group, label, points, fields)),
                Ok(Piece::Object(drawn)) => {
                    if let Some(group) = group {
                        groups.entry(group).or_default().push(sketch.drawn.len());
                    }
                    sketch.drawn.push(Ok(drawn));
                }
                Ok(Piece::Part(drawn)) => add_part(&mut sketch, &mut groups, group, drawn),
            }
        }
        add_points(&mut sketch, &groups, lone);
        Ok(sketch)
    }
}

/// Whether a field says nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Fields without coordinates that say something.
fn extra(fields: &Fields) -> Fields {
    let kept = |(name, value): &(&String, &Value)| {
        !OF_SHAPE.contains(&name.as_str()) && !is_nothing(value) && **value != Value::Bool(false)
    };
    fields.iter().filter(kept).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn piece(fields: &Fields, sketch: &mut Sketch) -> std::result::Result<Piece, String> {
    let points = points(fields.get("points"))?;
    let coordinates = || points.iter().flat_map(|p| [p.x, p.y]);
    sketch.fine |= coordinates().any(|v| rounded(v, PIXEL_DECIMALS) != v);
    let mut drawn = Drawn { class: name(fields.get("label")), ..Drawn::default() };
    drawn.object.extra = extra(fields);
    // Files of before there were kinds of shapes hold polygons.
    let kind = fields.get("shape_type").and_then(Value::as_str).unwrap_or("polygon");
    Ok(match kind {
        "point" | "points" => Piece::Points(points),
        "rectangle" => {
            let bbox = wide_box(&points)?;
            match <[Point; 4]>::try_from(points) {
                Ok(corners) if !is_upright(&corners, bbox) => drawn.object.shape = Some(Shape::Oriented(corners)),
                _ => {
                    drawn.object.bbox = Some(bbox);
                    let numbers = [bbox.x0, bbox.y0, bbox.x1, bbox.y1];
                    drawn.object.stated = Some(Box::new(Stated { bbox, numbers, area: None }));
                }
            }
            Piece::Object(drawn)
        }
        "rotation" | "oriented_rectangle" => {
            let count = points.len();
            let corners =
                points.try_into().map_err(|_| format!("its oriented rectangle has {count} points, not four"))?;
            drawn.object.shape = Some(Shape::Oriented(corners));
            Piece::Object(drawn)
        }
        "polygon" | "quadrilateral" => {
            drawn.object.shape = Some(Shape::Polygons(vec![polygon(points)?]));
            Piece::Part(drawn)
        }
        "circle" => {
            let [center, edge] = points[..] else { return Err("its circle has not two points".to_owned()) };
            let radius = hypot(edge.x - center.x, edge.y - center.y);
            drawn.object.shape = Some(Shape::Polygons(vec![ellipse(center, [radius; 2], 0.0)?]));
            Piece::Part(drawn)
        }
        "mask" => {
            let at = wide_box(&points)?;
            let text = fields.get("mask").and_then(Value::as_str).ok_or("its mask is not there")?;
            drawn.packed.push(Packed::png(text, [at.x0.round() as i64, at.y0.round() as i64]));
            Piece::Part(drawn)
        }
        "line" | "linestrip" => {
            drawn.object.bbox = Some(wide_box(&points)?);
            sketch.lose("line(s) are kept as the boxes around them");
            Piece::Object(drawn)
        }
        other => return Err(format!("shapes of the kind {other:?} are not read")),
    })
}

/// Whether four corners are those of the box around them.
fn is_upright(corners: &[Point; 4], bbox: Rect) -> bool {
    corners.iter().all(|p| (p.x == bbox.x0 || p.x == bbox.x1) && (p.y == bbox.y0 || p.y == bbox.y1))
}

/// Adds a polygon or mask to the object of its class and group, or as a new one.
fn add_part(sketch: &mut Sketch, groups: &mut Groups, group: Option<String>, part: Drawn) {
    let Some(group) = group else { return sketch.drawn.push(Ok(part)) };
    let members = groups.entry(group).or_default();
    let alike = |at: &&usize| match &sketch.drawn[**at] {
        Ok(known) => {
            let both = matches!(
                (&known.object.shape, &part.object.shape),
                (Some(Shape::Polygons(_)), Some(Shape::Polygons(_)))
            );
            known.class == part.class && (both || (!known.packed.is_empty() && !part.packed.is_empty()))
        }
        Err(_) => false,
    };
    let whole = members.iter().find(alike).copied();
    match whole.map(|at| &mut sketch.drawn[at]) {
        Some(Ok(whole)) => {
            whole.packed.extend(part.packed);
            if let (Some(Shape::Polygons(parts)), Some(Shape::Polygons(more))) =
                (&mut whole.object.shape, part.object.shape)
            {
                parts.extend(more);
            }
        }
        _ => {
            members.push(sketch.drawn.len());
            sketch.drawn.push(Ok(part));
        }
    }
}

/// Points with their groups, labels and other fields.
type Lone = Vec<(Option<String>, Option<String>, Vec<Point>, Fields)>;

/// Gives points to the one object of their group. The points of a group that has none are one object; others are objects
/// of their own.
fn add_points(sketch: &mut Sketch, groups: &Groups, lone: Lone) {
    let mut sizes: BTreeMap<&String, usize> = BTreeMap::new();
    for (group, _, points, _) in &lone {
        if let Some(group) = group {
            *sizes.entry(group).or_default() += points.len();
        }
    }
    let mut loose: BTreeMap<&String, usize> = BTreeMap::new();
    for (group, label, points, fields) in &lone {
        let hidden = fields.get("difficult") == Some(&Value::Bool(true));
        let visibility = if hidden { Visibility::Hidden } else { Visibility::Visible };
        let members = group.as_ref().map(|group| (group, groups.get(group).map_or(&[][..], Vec::as_slice)));
        let owner = match members {
            Some((_, [only])) => *only,
            Some((group, [])) if sizes[group] > 1 => *loose.entry(group).or_insert_with(|| {
                let class = Some(ONLY_CLASS.to_owned());
                sketch.drawn.push(Ok(Drawn { class, ..Drawn::default() }));
                sketch.lose(LOOSE_GROUPS);
                sketch.drawn.len() - 1
            }),
            _ => {
                let mut own = Drawn { class: label.clone(), ..Drawn::default() };
                own.object.extra = extra(fields);
                sketch.drawn.push(Ok(own));
                sketch.lose(LONE_POINTS);
                sketch.drawn.len() - 1
            }
        };
        if let Some(Ok(owner)) = sketch.drawn.get_mut(owner) {
            let name = label.as_deref().unwrap_or("point");
            points.iter().for_each(|point| owner.join(name, *point, visibility));
        }
    }
}
