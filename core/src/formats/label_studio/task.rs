//! What a task of Label Studio says of its image: the latest annotation, region by region.
//!
//! Coordinates are percentages of the image's sides. A box turns clockwise about its top left corner, an ellipse about
//! its center. Results of one `id` are of one region: its shape, its label, what was written about it.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::brush;
use crate::error::Result;
use crate::formats::draft::{Fields, check_objects, stated_size};
use crate::formats::number::{FRACTION_DECIMALS, rounded};
use crate::formats::sketch::{Drawn, Notation, Packed, Sketch, ellipse, json, number, points, polygon, turned_box};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Polygon, Shape, Stated, Visibility};
use crate::limits::Limits;

/// The notation of Label Studio, in the full export and the short one.
#[derive(Debug)]
pub(super) struct LabelStudio;

/// Fields of a region's value that are its shape.
const OF_SHAPE: [&str; 15] = [
    "x",
    "y",
    "width",
    "height",
    "rotation",
    "points",
    "closed",
    "radiusX",
    "radiusY",
    "rle",
    "format",
    "imageDataURL",
    "original_width",
    "original_height",
    "image_rotation",
];
/// Fields of the short export that are about the annotation, not of it.
const OF_EXPORT: [&str; 7] = ["id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"];

/// The annotations of a task: how many are skipped ones, and the latest of the others.
#[derive(Default)]
pub(super) struct Annotations<'a> {
    pub(super) cancelled: usize,
    /// Those that are neither skipped nor the latest.
    earlier: usize,
    predictions: usize,
    /// As JSON text.
    pub(super) latest: Option<&'a str>,
}

/// What tells annotations apart.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Sorting {
    was_cancelled: Value,
    skipped: Value,
    created_at: Value,
    updated_at: Value,
}

pub(super) fn annotations(record: &str) -> Result<Annotations<'_>> {
    let task: BTreeMap<String, &RawValue> = json(record)?;
    let list = |name: &str| task.get(name).and_then(|raw| json::<Vec<&RawValue>>(raw.get()).ok());
    let mut found =
        Annotations { predictions: list("predictions").map_or(0, |list| list.len()), ..Annotations::default() };
    let all: Vec<&str> = match list("annotations").or_else(|| list("completions")) {
        Some(list) => list.iter().map(|raw| raw.get()).collect(),
        // One annotation as it is stored by itself, or a task of the short export.
        None if !task.contains_key("data") => vec![record],
        None => Vec::new(),
    };
    let mut newest = String::new();
    for text in all {
        let sorting: Sorting = json(text).unwrap_or_default();
        if sorting.was_cancelled == true || sorting.skipped == true {
            found.cancelled += 1;
            continue;
        }
        found.earlier += usize::from(found.latest.is_some());
        let time = sorting.updated_at.as_str().or(sorting.created_at.as_str()).unwrap_or_default();
        if found.latest.is_none() || *time >= *newest {
            (found.latest, newest) = (Some(text), time.to_owned());
        }
    }
    Ok(found)
}

/// One thing that was drawn, merged from its results.
#[derive(Default)]
struct Region<'a> {
    /// The result that has its shape.
    shape: Option<&'a Value>,
    labels: Vec<String>,
    parent: Option<&'a str>,
    extra: Fields,
}

impl Notation for LabelStudio {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let found = annotations(record)?;
        let mut sketch = Sketch { fractions: true, ..Sketch::default() };
        sketch.lose_all(found.cancelled, "annotation(s) were skipped in the tool and are left out");
        sketch.lose_all(found.earlier, "annotation(s) are left out for a later one of their image");
        sketch.lose_all(found.predictions, "prediction(s) of models are left out");
        let mut annotation: Value = found.latest.map_or(Ok(Value::Null), json)?;
        let results = match annotation.get_mut("result").map(Value::take) {
            Some(Value::Array(results)) => results,
            _ => short_results(&annotation, &mut sketch),
        };
        check_objects(results.len(), limits.max_objects)?;
        let regions = regions(&results, &mut sketch);
        draw(&regions, &mut sketch);
        Ok(sketch)
    }
}

/// The results of the short export: every control's regions under its name, without what is said of each once.
fn short_results(task: &Value, sketch: &mut Sketch) -> Vec<Value> {
    let Some(fields) = task.as_object() else { return Vec::new() };
    let mut results = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| !OF_EXPORT.contains(&name.as_str())) {
        match value {
            Value::Array(list) => results.extend(list.iter().filter(|item| label_key(item).is_some()).map(|item| {
                serde_json::json!({"type": label_key(item), "value": item, "original_width": item.get("original_width"),
                    "original_height": item.get("original_height"), "image_rotation": item.get("image_rotation")})
            })),
            Value::Object(choices) if choices.contains_key("choices") => choose(sketch, value),
            // A single choice is mere text, as other columns are: these names are those that a control would have.
            Value::String(choice) if ["choice", "choices", "class", "label", "category"].contains(&name.as_str()) => {
                choose(sketch, &serde_json::json!({"choices": [choice]}));
            }
            _ => {}
        }
    }
    results
}

/// The field of a value that names its labels: `rectanglelabels`, `labels`.
fn label_key(value: &Value) -> Option<&str> {
    value
        .as_object()?
        .iter()
        .find(|(name, value)| name.ends_with("labels") && value.is_array())
        .map(|(name, _)| name.as_str())
}

/// Takes choices as classes of the image.
fn choose(sketch: &mut Sketch, value: &Value) {
    let choices = value.get("choices").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    choices.iter().filter_map(Value::as_str).for_each(|choice| sketch.choose(choice));
}

/// Puts results together by their regions, in the order in which these are first spoken of.
fn regions<'a>(results: &'a [Value], sketch: &mut Sketch) -> Vec<(Option<&'a str>, Region<'a>)> {
    let mut regions: Vec<(Option<&str>, Region<'_>)> = Vec::new();
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    for result in results {
        let (Some(value), kind) = (result.get("value"), result.get("type").and_then(Value::as_str).unwrap_or_default())
        else {
            sketch.lose(format!("result(s) of the kind `{}` are left out", kind_of(result)));
            continue;
        };
        let has_shape = ["x", "points", "rle", "imageDataURL"].iter().any(|name| value.get(*name).is_some());
        let id = result.get("id").and_then(Value::as_str);
        let known = id.and_then(|id| by_id.get(id)).copied();
        if !has_shape && known.is_none() {
            of_image(kind, result, value, sketch);
            continue;
        }
        let at = known.unwrap_or_else(|| {
            regions.push((id, Region::default()));
            regions.len() - 1
        });
        if let Some(id) = id {
            by_id.insert(id, at);
        }
        let region = &mut regions[at].1;
        if has_shape && region.shape.is_none() {
            region.shape = Some(result);
        }
        region.parent = region.parent.or_else(|| result.get("parentID").and_then(Value::as_str));
        let labels = label_key(value).and_then(|key| value.get(key)?.as_array());
        region.labels.extend(labels.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        carry(result, value, &mut region.extra);
        if let Some(meta) = result.get("meta").filter(|meta| meta.as_object().is_some_and(|meta| !meta.is_empty())) {
            region.extra.insert("meta".to_owned(), meta.clone());
        }
    }
    regions
}

fn kind_of(result: &Value) -> &str {
    result.get("type").and_then(Value::as_str).unwrap_or("unknown")
}

/// What a result says of the whole image.
fn of_image(kind: &str, result: &Value, value: &Value, sketch: &mut Sketch) {
    match kind {
        "choices" => choose(sketch, value),
        "textarea" | "rating" | "number" | "taxonomy" => carry(result, value, &mut sketch.extra),
        // A shape that is not known.
        _ if kind.ends_with("labels") => sketch.drawn.push(Err(format!("regions of the kind `{kind}` are not read"))),
        _ => sketch.lose(format!("result(s) of the kind `{kind}` are left out")),
    }
}

/// Takes over what a value says beside shape and labels, under the name of its control.
fn carry(result: &Value, value: &Value, extra: &mut Fields) {
    let key = label_key(value);
    let said = value.as_object().into_iter().flatten();
    let mut said = said.filter(|(name, _)| !OF_SHAPE.contains(&name.as_str()) && Some(name.as_str()) != key);
    if let (Some((_, said)), Some(name)) = (said.next(), result.get("from_name").and_then(Value::as_str)) {
        extra.insert(name.to_owned(), said.clone());
    }
}

fn draw(regions: &[(Option<&str>, Region<'_>)], sketch: &mut Sketch) {
    let is_keypoint = |region: &Region<'_>| {
        region.shape.is_some_and(|result| kind_of(result).starts_with("keypoint") || is_dot(result))
    };
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, region) in regions.iter().filter(|(_, region)| !is_keypoint(region)) {
        let Some(result) = region.shape else { continue };
        if region.labels.len() > 1 {
            sketch.lose("object(s) have several labels, of which the first is taken");
        }
        if let Some(id) = id {
            places.insert(id, sketch.drawn.len());
        }
        let drawn = shape(result, sketch).map(|mut drawn| {
            drawn.class = region.labels.first().cloned();
            drawn.object.extra.clone_from(&region.extra);
            drawn
        });
        sketch.drawn.push(drawn);
    }
    for (_, region) in regions.iter().filter(|(_, region)| is_keypoint(region)) {
        let Some(result) = region.shape else { continue };
        let point = match keypoint(result, sketch) {
            Ok(point) => point,
            Err(why) => {
                sketch.drawn.push(Err(why));
                continue;
            }
        };
        let class = region.labels.first().cloned();
        let name = class.as_deref().unwrap_or("point").to_owned();
        let owner = region.parent.and_then(|parent| places.get(parent)).copied();
        if let Some(Ok(owner)) = owner.and_then(|at| sketch.drawn.get_mut(at)) {
            owner.join(&name, point, Visibility::Visible);
            continue;
        }
        let mut own = Drawn { class, ..Drawn::default() };
        own.join(&name, point, Visibility::Visible);
        own.object.extra.clone_from(&region.extra);
        sketch.drawn.push(Ok(own));
        sketch.lose("point(s) belong to no other region: each is an object of one keypoint");
    }
}

/// Whether a shape is a point: it has a place and a thickness.
fn is_dot(result: &Value) -> bool {
    let value = &result["value"];
    value.get("x").is_some() && value.get("height").is_none() && value.get("radiusX").is_none()
}

fn percent(value: &Value, name: &str) -> std::result::Result<f64, String> {
    number(value.get(name)).map(|v| v / 100.0).ok_or_else(|| format!("its {name} is not a number within bounds"))
}

/// Takes the size that a result states; refuses one that was drawn on another.
fn note_frame(result: &Value, sketch: &mut Sketch) -> std::result::Result<Option<Size>, String> {
    let size = stated_size(number(result.get("original_width")), number(result.get("original_height")));
    sketch.size = sketch.size.or(size);
    match result.get("image_rotation").and_then(Value::as_f64) {
        Some(degrees) if degrees != 0.0 => Err(format!(
            "it was drawn on the image turned by {degrees} degrees: turn the image back in the tool and export again"
        )),
        _ => Ok(size),
    }
}

fn keypoint(result: &Value, sketch: &mut Sketch) -> std::result::Result<Point, String> {
    note_frame(result, sketch)?;
    Ok(Point::new(percent(&result["value"], "x")?, percent(&result["value"], "y")?))
}

fn shape(result: &Value, sketch: &mut Sketch) -> std::result::Result<Drawn, String> {
    let size = note_frame(result, sketch)?;
    let value = &result["value"];
    let degrees = number(value.get("rotation")).unwrap_or(0.0);
    let mut drawn = Drawn::default();
    // What turns does so in pixels, whose sides are equal.
    let sides = |size: Option<Size>| {
        let size = size.ok_or("it has no original_width and original_height, without which it cannot be turned")?;
        Ok::<_, &str>((f64::from(size.width), f64::from(size.height)))
    };
    if let Some(rle) = value.get("rle") {
        let byte = |v: &Value| u8::try_from(v.as_u64()?).ok();
        let bytes = rle.as_array().and_then(|list| list.iter().map(byte).collect::<Option<Vec<u8>>>());
        let bytes = bytes.ok_or("its brush strokes are not a list of bytes")?;
        drawn.packed.push(Packed { bytes, at: [0, 0], open: |bytes, frame, _| brush::unpack(bytes, frame) });
    } else if let Some(address) = value.get("imageDataURL") {
        let address = address.as_str().ok_or("its picture is not text")?;
        drawn.packed.push(Packed::png(address, [0, 0]));
    } else if value.get("points").is_some() {
        let ring = points(value.get("points"))?.into_iter().map(|p| Point::new(p.x / 100.0, p.y / 100.0)).collect();
        drawn.object.shape = Some(Shape::Polygons(vec![polygon(ring)?]));
    } else if value.get("radiusX").is_some() {
        let (width, height) = sides(size)?;
        let center = Point::new(percent(value, "x")? * width, percent(value, "y")? * height);
        let radii = [percent(value, "radiusX")? * width, percent(value, "radiusY")? * height];
        let outline = ellipse(center, radii, degrees)?.outer;
        let outline = outline.into_iter().map(|p| Point::new(p.x / width, p.y / height)).collect();
        drawn.object.shape = Some(Shape::Polygons(vec![Polygon::simple(outline)]));
    } else {
        let [x, y, w, h] =
            [percent(value, "x")?, percent(value, "y")?, percent(value, "width")?, percent(value, "height")?];
        if degrees % 360.0 == 0.0 {
            let numbers = [x + w / 2.0, y + h / 2.0, w, h].map(|v| rounded(v, FRACTION_DECIMALS));
            drawn.object.stated = Some(Box::new(Stated { bbox: Rect::default(), numbers, area: None }));
        } else {
            let (width, height) = sides(size)?;
            let rect = Rect::new(x * width, y * height, (x + w) * width, (y + h) * height);
            let corners = turned_box(rect, Point::new(rect.x0, rect.y0), degrees);
            drawn.object.shape = Some(Shape::Oriented(corners.map(|p| Point::new(p.x / width, p.y / height))));
        }
    }
    Ok(drawn)
}
