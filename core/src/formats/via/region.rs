//! A region of VGG Image Annotator as an object: its shape in continuous pixels, and which of its attributes is its class.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::formats::draft::Fields;
use crate::formats::sketch::{Drawn, Sketch, ellipse, name, number, polygon, wide_box};
use crate::geometry::{Point, Rect};
use crate::labels::{Shape, Visibility};
use crate::math::PI;

/// Names of the attribute that says the class, the likeliest first.
const CLASS: [&str; 6] = ["type", "label", "class", "name", "category", "object"];

/// Which of some attributes says the class: one of a usual name, or the only one.
pub(super) fn class_attribute(attributes: &BTreeSet<String>) -> Option<String> {
    let usual = |wanted: &str| attributes.iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
    let only = || attributes.first().filter(|_| attributes.len() == 1).cloned();
    CLASS.iter().find_map(|wanted| usual(wanted)).or_else(only)
}

/// The value of an attribute: text, or, of boxes to tick, the first that is.
pub(super) fn value(value: &Value, sketch: &mut Sketch) -> Option<String> {
    let Value::Object(ticks) = value else { return name(Some(value)) };
    let mut ticked = ticks.iter().filter(|(_, ticked)| ticked.as_bool() == Some(true)).map(|(name, _)| name.clone());
    let first = ticked.next();
    sketch.lose_all(ticked.count(), "further class(es) of objects are left out");
    first
}

/// A shape by its kind and numbers.
pub(super) fn shape(kind: &str, numbers: &Numbers<'_>, sketch: &mut Sketch) -> std::result::Result<Drawn, String> {
    let mut drawn = Drawn::default();
    let get = |key: &str| numbers.get(key).ok_or_else(|| format!("its {key} is not a number within bounds"));
    match kind {
        "rect" => {
            let [x, y, width, height] = [get("x")?, get("y")?, get("width")?, get("height")?];
            drawn.object.bbox =
                Some(Rect::new(x.min(x + width), y.min(y + height), x.max(x + width), y.max(y + height)));
        }
        "circle" => {
            let outline = ellipse(Point::new(get("cx")?, get("cy")?), [get("r")?; 2], 0.0)?;
            drawn.object.shape = Some(Shape::Polygons(vec![outline]));
        }
        "ellipse" => {
            let degrees = numbers.get("theta").unwrap_or(0.0) * 180.0 / PI;
            let outline = ellipse(Point::new(get("cx")?, get("cy")?), [get("rx")?, get("ry")?], degrees)?;
            drawn.object.shape = Some(Shape::Polygons(vec![outline]));
        }
        "polygon" => drawn.object.shape = Some(Shape::Polygons(vec![polygon(numbers.points()?)?])),
        "polyline" | "line" => {
            drawn.object.bbox = Some(wide_box(&numbers.points()?)?);
            sketch.lose("line(s) are kept as the boxes around them");
        }
        "point" => {
            drawn.join("point", Point::new(get("cx")?, get("cy")?), Visibility::Visible);
            sketch.lose("point(s) are objects of one keypoint");
        }
        other => return Err(format!("shapes of the kind {other:?} are not read")),
    }
    Ok(drawn)
}

/// The numbers of a shape: by name, or in a fixed order.
pub(super) enum Numbers<'a> {
    /// `shape_attributes` of versions 1 and 2.
    Named(&'a Fields),
    /// `xy` of version 3 without its first number, and what its numbers are called.
    Listed(&'a [f64], &'static [&'static str]),
}

impl Numbers<'_> {
    fn get(&self, key: &str) -> Option<f64> {
        match self {
            Self::Named(fields) => number(fields.get(key)),
            Self::Listed(numbers, names) => numbers.get(names.iter().position(|name| *name == key)?).copied(),
        }
    }

    fn points(&self) -> std::result::Result<Vec<Point>, String> {
        match self {
            Self::Named(fields) => {
                let list = |key: &str| {
                    let list = fields.get(key).and_then(Value::as_array);
                    let numbers =
                        list.and_then(|list| list.iter().map(|v| number(Some(v))).collect::<Option<Vec<f64>>>());
                    numbers.ok_or_else(|| format!("its {key} are not numbers within bounds"))
                };
                let (xs, ys) = (list("all_points_x")?, list("all_points_y")?);
                if xs.len() != ys.len() {
                    return Err("its points have not as many x as y".to_owned());
                }
                Ok(xs.into_iter().zip(ys).map(|(x, y)| Point::new(x, y)).collect())
            }
            Self::Listed(numbers, _) => Ok(numbers.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect()),
        }
    }
}
