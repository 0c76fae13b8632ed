//! Reading a VOC file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{OWN, OWN_OF_DIALECT, corners_box};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::draft::StatedLabels;
use crate::formats::draft::{Draft, FARTHEST, Fields, check_objects, stated_size};
use crate::formats::stale::holds_coordinates;
use crate::formats::xml::{Node, parse};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Object, Polygon, Shape, Stated};

/// The VOC file of one image.
#[derive(Debug)]
pub(in crate::formats) struct VocLabels {
    pub(in crate::formats) text: Arc<str>,
    pub(in crate::formats) classes: Arc<BTreeMap<String, usize>>,
    pub(in crate::formats) max_objects: usize,
}

/// What a first look at a VOC file tells.
#[derive(Debug, Default)]
pub(in crate::formats) struct Scan {
    pub(in crate::formats) classes: BTreeSet<String>,
    pub(in crate::formats) objects: usize,
    pub(in crate::formats) extras: bool,
    /// Objects of LabelMe's dialect: with a polygon and no box.
    pub(in crate::formats) polygons: usize,
    /// Objects that LabelMe marks as deleted.
    pub(in crate::formats) deleted: usize,
    /// The image that it names.
    pub(in crate::formats) image: String,
    /// The size of its image, where it is stated.
    pub(in crate::formats) size: Option<Size>,
}

fn annotation(text: &str, max_objects: usize) -> Result<Option<Node>> {
    let root = parse(text, max_objects.saturating_mul(32).saturating_add(1024))?;
    if root.name != "annotation" {
        return Ok(None);
    }
    check_objects(objects(&root).count(), max_objects)?;
    Ok(Some(root))
}

/// The objects of an annotation. LabelMe keeps those that were deleted, with a mark.
fn objects(root: &Node) -> impl Iterator<Item = &Node> {
    root.children.iter().filter(|child| child.name == "object" && !is_deleted(child))
}

fn is_deleted(object: &Node) -> bool {
    object.child("deleted").is_some_and(|mark| mark.text == "1")
}

/// The polygon that an object has instead of a box, in LabelMe's dialect.
fn dialect_polygon(object: &Node) -> Option<&Node> {
    object.child("polygon").filter(|polygon| object.child("bndbox").is_none() && polygon.child("pt").is_some())
}

/// The size that an annotation states of its image.
fn size_in(root: &Node) -> Option<Size> {
    match (root.child("size"), root.child("imagesize")) {
        (Some(size), _) => stated_size(size.number("width"), size.number("height")),
        (None, Some(size)) => stated_size(size.number("ncols"), size.number("nrows")),
        (None, None) => None,
    }
}

/// A first look at an XML file; `None` when it is not an annotation.
pub(in crate::formats) fn scan(text: &str, max_objects: usize) -> Result<Option<Scan>> {
    let Some(root) = annotation(text, max_objects)? else { return Ok(None) };
    let deleted = root.children.iter().filter(|child| child.name == "object" && is_deleted(child)).count();
    let image = root.child("filename").map(|name| name.text.clone()).unwrap_or_default();
    let mut scan = Scan { deleted, image, size: size_in(&root), ..Scan::default() };
    for object in objects(&root) {
        scan.objects += 1;
        scan.polygons += usize::from(dialect_polygon(object).is_some());
        scan.extras |= object.children.iter().any(|child| !OWN.contains(&child.name.as_str()));
        if let Some(name) = object.child("name").filter(|name| !name.text.is_empty()) {
            scan.classes.insert(name.text.clone());
        }
    }
    Ok(Some(scan))
}

impl StatedLabels for VocLabels {
    fn draft(&self) -> Result<Draft> {
        let root = annotation(&self.text, self.max_objects)?
            .ok_or_else(|| Error::new(ErrorKind::Label, "the root element is not `annotation`"))?;
        let mut draft = Draft { size: size_in(&root), ..Draft::default() };
        if let Some(depth) = root.child("size").and_then(|size| size.child("depth")) {
            draft.extra.insert("depth".to_owned(), leaf(depth));
        }
        let dropped = ["object", "size", "imagesize", "filename", "folder", "path"];
        let mut left_out = BTreeSet::new();
        carry(&root, &dropped, &mut draft.extra, &mut left_out);
        for node in objects(&root) {
            draft.push(self.object(node, &mut left_out));
        }
        if !left_out.is_empty() {
            let names: Vec<&str> = left_out.iter().map(String::as_str).collect();
            draft.warnings.push(format!("elements with coordinates of their own are left out: {}", names.join(", ")));
        }
        Ok(draft)
    }
}

impl VocLabels {
    fn object(&self, node: &Node, left_out: &mut BTreeSet<String>) -> std::result::Result<Object, String> {
        let name = node.child("name").map_or("", |name| name.text.as_str());
        let class = *self.classes.get(name).ok_or("it has no name")?;
        if let Some(polygon) = dialect_polygon(node) {
            let mut extra = Fields::new();
            carry(node, &OWN_OF_DIALECT, &mut extra, left_out);
            let ring = ring(polygon)?;
            if node.child("type").is_some_and(|kind| kind.text == "bounding_box") {
                return Ok(Object { class, bbox: Rect::around(ring), extra, ..Object::default() });
            }
            let shape = Some(Shape::Polygons(vec![Polygon::simple(ring)]));
            return Ok(Object { class, shape, extra, ..Object::default() });
        }
        let bndbox = node.child("bndbox").ok_or("it has no bndbox")?;
        let mut numbers = [0.0; 4];
        for (number, field) in numbers.iter_mut().zip(["xmin", "ymin", "xmax", "ymax"]) {
            let value = bndbox.number(field).ok_or_else(|| format!("{field} is not a number"))?;
            if value.abs() > FARTHEST {
                return Err(format!("{field} is out of all bounds"));
            }
            *number = value;
        }
        let bbox = corners_box(numbers);
        if bbox.width() <= 0.0 || bbox.height() <= 0.0 {
            return Err("xmax or ymax lies before xmin or ymin".to_owned());
        }
        let mut extra = Fields::new();
        carry(node, &OWN, &mut extra, left_out);
        let stated = Some(Box::new(Stated { bbox, numbers, area: None }));
        Ok(Object { class, bbox: Some(bbox), extra, stated, ..Object::default() })
    }
}

/// The points of LabelMe's polygon.
fn ring(polygon: &Node) -> std::result::Result<Vec<Point>, String> {
    let point = |node: &Node| {
        let (x, y) = (node.number("x")?, node.number("y")?);
        (x.abs() <= FARTHEST && y.abs() <= FARTHEST).then(|| Point::new(x, y))
    };
    let points: Option<Vec<Point>> = polygon.children.iter().filter(|child| child.name == "pt").map(point).collect();
    let points = points.ok_or("a point of its polygon is not made of numbers within bounds")?;
    if points.len() < 3 {
        return Err(format!("its polygon has {} points", points.len()));
    }
    Ok(points)
}

/// Takes the children of an element over as fields, but for some names and elements with coordinates.
fn carry(node: &Node, but: &[&str], fields: &mut Fields, left_out: &mut BTreeSet<String>) {
    for child in node.children.iter().filter(|child| !but.contains(&child.name.as_str())) {
        let value = value(child);
        if holds_coordinates(&value) {
            left_out.insert(child.name.clone());
        } else {
            add(fields, &child.name, value);
        }
    }
}

/// Adds a field; several of one name are a list.
fn add(fields: &mut Fields, name: &str, value: Value) {
    match fields.get_mut(name) {
        None => _ = fields.insert(name.to_owned(), value),
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn value(node: &Node) -> Value {
    if node.children.is_empty() {
        return leaf(node);
    }
    let mut fields = Fields::new();
    node.children.iter().for_each(|child| add(&mut fields, &child.name, value(child)));
    Value::Object(fields)
}

/// Text as a value: a whole number where it is written as one, so that other formats hold it as a number.
fn leaf(node: &Node) -> Value {
    match node.text.parse::<i64>() {
        Ok(number) if number.to_string() == node.text => Value::from(number),
        _ => Value::from(node.text.clone()),
    }
}
