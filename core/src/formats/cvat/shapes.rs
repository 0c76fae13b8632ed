//! The element of one image as a sketch: each shape as an object, each tag as a class of the image.

use crate::error::Result;
use crate::formats::draft::{FARTHEST, Fields, stated_size};
use crate::formats::number::field;
use crate::formats::sketch::{Drawn, Notation, Packed, Patch, Sketch, ellipse, polygon, turned_box, wide_box};
use crate::formats::xml::{Node, parse};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Keypoint, Shape, Stated, Visibility};
use crate::limits::Limits;

type Read<T> = std::result::Result<T, String>;

/// CVAT's elements.
#[derive(Debug)]
pub(super) struct Cvat;

/// Elements of an image that are objects.
const SHAPES: [&str; 8] = ["box", "polygon", "polyline", "points", "ellipse", "mask", "skeleton", "cuboid"];
/// Attributes that say where a shape is, and those that are read for themselves.
const GEOMETRY: [&str; 17] = [
    "label", "points", "xtl", "ytl", "xbr", "ybr", "rotation", "cx", "cy", "rx", "ry", "rle", "left", "top", "width",
    "height", "outside",
];
/// Attributes of an image that are read for themselves.
const OF_IMAGE: [&str; 4] = ["name", "width", "height", "subset"];
/// Elements and attributes that an object may have.
const NODES_PER_OBJECT: usize = 64;

impl Notation for Cvat {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let image = parse(record, limits.max_objects.saturating_mul(NODES_PER_OBJECT).saturating_add(1024))?;
        let side = |name: &str| image.attribute(name).and_then(|value| value.parse().ok());
        let mut sketch = Sketch { size: stated_size(side("width"), side("height")), ..Sketch::default() };
        for (name, value) in image.attributes.iter().filter(|(name, _)| !OF_IMAGE.contains(&name.as_str())) {
            sketch.extra.insert(name.clone(), field(value));
        }
        for node in &image.children {
            let label = node.attribute("label").filter(|label| !label.is_empty());
            match (node.name.as_str(), label) {
                ("tag", Some(label)) => sketch.choose(label),
                (shape, _) if SHAPES.contains(&shape) => {
                    let drawn = drawn(node).map(|drawn| Drawn { class: label.map(str::to_owned), ..drawn });
                    if shape == "polyline" {
                        sketch.lose("line(s) are kept as the boxes around them");
                    }
                    sketch.drawn.push(drawn);
                }
                (other, _) => sketch.lose(format!("element(s) `{other}` are not read")),
            }
        }
        Ok(sketch)
    }
}

/// A shape, but for its label.
fn drawn(node: &Node) -> Read<Drawn> {
    let mut drawn = Drawn::default();
    let object = &mut drawn.object;
    object.extra = fields(node);
    match node.name.as_str() {
        "box" => {
            let numbers = [number(node, "xtl")?, number(node, "ytl")?, number(node, "xbr")?, number(node, "ybr")?];
            let rect = Rect::new(numbers[0], numbers[1], numbers[2], numbers[3]);
            if rect.width() <= 0.0 || rect.height() <= 0.0 {
                return Err("its box is empty".to_owned());
            }
            let degrees = turn(node)?;
            if degrees == 0.0 {
                object.bbox = Some(rect);
                object.stated = Some(Box::new(Stated { bbox: rect, numbers, area: None }));
            } else {
                object.shape = Some(Shape::Oriented(turned_box(rect, rect.center(), degrees)));
            }
        }
        "polygon" => object.shape = Some(Shape::Polygons(vec![polygon(points(node)?)?])),
        "ellipse" => {
            let radii = [number(node, "rx")?, number(node, "ry")?];
            let center = Point::new(number(node, "cx")?, number(node, "cy")?);
            object.shape = Some(Shape::Polygons(vec![ellipse(center, radii, turn(node)?)?]));
        }
        "polyline" => object.bbox = Some(wide_box(&points(node)?)?),
        "points" => {
            let visible = |point| Keypoint { point, visibility: Visibility::Visible };
            object.keypoints = points(node)?.into_iter().map(visible).collect();
        }
        "mask" => drawn.packed.push(mask(node)?),
        "skeleton" => {
            for point in node.children.iter().filter(|child| child.name == "points") {
                let is_set = |name: &str| point.attribute(name) == Some("1");
                let visibility = match (is_set("outside"), is_set("occluded")) {
                    (true, _) => Visibility::Absent,
                    (false, true) => Visibility::Hidden,
                    (false, false) => Visibility::Visible,
                };
                let at = points(point)?.first().copied().unwrap_or_default();
                drawn.join(point.attribute("label").ok_or("a point of it has no label")?, at, visibility);
            }
        }
        other => return Err(format!("a {other} is not read: draw it as a box or a polygon")),
    }
    Ok(drawn)
}

/// The fields of an object beside its label and place.
fn fields(node: &Node) -> Fields {
    let others = node.attributes.iter().filter(|(name, _)| !GEOMETRY.contains(&name.as_str()));
    let mut fields: Fields = others.map(|(name, value)| (name.clone(), field(value))).collect();
    let named = node.children.iter().filter(|child| child.name == "attribute");
    let attributes: Fields =
        named.filter_map(|child| Some((child.attribute("name")?.to_owned(), field(&child.text)))).collect();
    if !attributes.is_empty() {
        fields.insert("attributes".to_owned(), attributes.into());
    }
    fields
}

fn number(node: &Node, name: &str) -> Read<f64> {
    let text = node.attribute(name).ok_or_else(|| format!("its {} has no {name}", node.name))?;
    coordinate(text).ok_or_else(|| format!("its {name} is not a number within bounds"))
}

fn coordinate(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|value| value.abs() <= FARTHEST)
}

fn turn(node: &Node) -> Read<f64> {
    if node.attribute("rotation").is_some() { Ok(number(node, "rotation")? % 360.0) } else { Ok(0.0) }
}

/// Points as `x,y;x,y`.
fn points(node: &Node) -> Read<Vec<Point>> {
    let text = node.attribute("points").unwrap_or_default();
    let point = |pair: &str| {
        let (x, y) = pair.split_once(',')?;
        Some(Point::new(coordinate(x)?, coordinate(y)?))
    };
    let points: Option<Vec<Point>> = text.split(';').map(point).collect();
    points.ok_or_else(|| "its points are not numbers within bounds".to_owned())
}

/// A mask: runs over the rows of its box, zeros first. It is packed with the sides of the box before the runs.
fn mask(node: &Node) -> Read<Packed> {
    let count = |name: &str| {
        let value = number(node, name)?;
        if value >= 0.0 && value % 1.0 == 0.0 {
            Ok(value as u32)
        } else {
            Err(format!("its {name} is no count of pixels"))
        }
    };
    let at = [i64::from(count("left")?), i64::from(count("top")?)];
    let packed = format!("{},{},{}", count("width")?, count("height")?, node.attribute("rle").unwrap_or_default());
    Ok(Packed { bytes: packed.into_bytes(), at, open: runs })
}

/// The pixels of a mask.
fn runs(packed: &[u8], frame: Size, _: &Limits) -> Read<Patch> {
    let text = std::str::from_utf8(packed).map_err(|_| "its runs are no text")?;
    let number =
        |word: &str| word.trim().parse::<u32>().map_err(|_| "a run of its mask is not a whole number".to_owned());
    let mut numbers = text.split(',').map(number);
    let mut side = || numbers.next().unwrap_or(Ok(0));
    let size = Size::new(side()?, side()?);
    if size.width == 0 || size.height == 0 || size.width > frame.width || size.height > frame.height {
        return Err("its mask is empty or larger than the image".to_owned());
    }
    let mut inside = Vec::with_capacity(size.area());
    for (at, run) in numbers.enumerate() {
        let run = run? as usize;
        if run > size.area() - inside.len() {
            return Err(format!("its runs cover more than {}x{} pixels", size.width, size.height));
        }
        inside.resize(inside.len() + run, at % 2 == 1);
    }
    if inside.len() < size.area() {
        return Err(format!("its runs cover {} pixels of {}x{}", inside.len(), size.width, size.height));
    }
    Ok(Patch { size, inside })
}
