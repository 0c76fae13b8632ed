//! Writing COCO: each image's part as text without ids, then one file in which the ids are given.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;

use serde_json::Value;

use super::{corner_box, rle};
use crate::error::{Error, ErrorKind, Result};
use crate::fingerprints::Fingerprints;
use crate::formats::Fragments;
use crate::formats::draft::Fields;
use crate::formats::number::{PIXEL_DECIMALS, push_exact, push_number};
use crate::formats::place::unmoved;
use crate::formats::yolo::join;
use crate::geometry::{Point, Size};
use crate::labels::{Classes, Labels, Object, Polygon, Shape, Visibility};

/// What all images of a file share.
#[derive(Clone, Debug)]
pub(in crate::formats) struct CocoStyle {
    ids: Vec<u64>,
    /// Whether coordinates are written to the last digit, as they were read, instead of rounded.
    fine: bool,
}

impl CocoStyle {
    /// For the categories of a dataset.
    pub(in crate::formats) fn new(classes: &Classes, fine: bool) -> Self {
        Self { ids: category_ids(classes), fine }
    }
}

/// The ids of the categories: the source's where they are known, else the next free ones; from 1 on without any.
fn category_ids(classes: &Classes) -> Vec<u64> {
    let mut taken = BTreeSet::new();
    let known: Vec<Option<u64>> = classes.0.iter().map(|class| class.id.filter(|id| taken.insert(*id))).collect();
    let mut next = taken.last().map_or(1, |last| last.saturating_add(1));
    known
        .into_iter()
        .map(|id| {
            id.unwrap_or_else(|| {
                next = next.saturating_add(1);
                next - 1
            })
        })
        .collect()
}

fn push_field(out: &mut String, name: &str, value: &Value) {
    if !out.is_empty() {
        out.push(',');
    }
    out.push_str(&Value::from(name).to_string());
    out.push(':');
    out.push_str(&value.to_string());
}

fn push_key(out: &mut String, name: &str) {
    if !out.is_empty() {
        out.push(',');
    }
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

fn push_extra(out: &mut String, fields: &Fields, but: &[&str]) {
    for (name, value) in fields.iter().filter(|(name, _)| !but.contains(&name.as_str())) {
        push_field(out, name, value);
    }
}

/// What an image of a name under `images/` adds to `annotations.json`: a line for itself, then one for each annotation.
/// A line has the id that it had, as JSON text, or nothing; a tab; the fields without ids. JSON text on one line holds
/// neither tabs nor ends of lines.
pub(in crate::formats) fn render(image_name: &str, size: Size, labels: &Labels, style: &CocoStyle) -> String {
    let mut image = String::new();
    push_field(&mut image, "file_name", &Value::from(image_name.strip_prefix("images/").unwrap_or(image_name)));
    push_field(&mut image, "width", &Value::from(size.width));
    push_field(&mut image, "height", &Value::from(size.height));
    push_extra(&mut image, &labels.extra, &["id", "file_name", "width", "height", "depth"]);
    let mut lines = String::new();
    push_line(&mut lines, labels.extra.get("id"), &image);
    for object in &labels.objects {
        push_line(&mut lines, object.extra.get("id"), &annotation(object, size, style));
    }
    lines
}

fn push_line(lines: &mut String, id: Option<&Value>, fields: &str) {
    if let Some(id) = id {
        lines.push_str(&id.to_string());
    }
    lines.push('\t');
    lines.push_str(fields);
    lines.push('\n');
}

/// The lines of an image: its id and fields, then those of its annotations.
fn lines(fragment: &str) -> impl Iterator<Item = (&str, &str)> {
    fragment.lines().map(|line| line.split_once('\t').unwrap_or_default())
}

fn annotation(object: &Object, size: Size, style: &CocoStyle) -> String {
    let mut out = String::new();
    push_field(&mut out, "category_id", &Value::from(style.ids.get(object.class).copied().unwrap_or_default()));
    let crowd = object.extra.get("iscrowd").and_then(Value::as_u64) == Some(1);
    push_key(&mut out, "segmentation");
    push_shape(&mut out, object.shape.as_ref(), crowd, style.fine);
    let bound = object.bbox.or_else(|| object.shape.as_ref().and_then(Shape::bound));
    let stated = unmoved(object, size, corner_box);
    let area = object.shape.as_ref().map_or_else(|| bound.map_or(0.0, crate::geometry::Rect::area), Shape::area);
    push_key(&mut out, "area");
    match stated.and_then(|stated| stated.area) {
        Some(area) => push_exact(&mut out, area),
        None => push_number(&mut out, area, PIXEL_DECIMALS),
    }
    if let Some(rect) = bound {
        push_key(&mut out, "bbox");
        let numbers = [rect.x0, rect.y0, rect.width(), rect.height()];
        let mut push = Separated::open(&mut out);
        for (i, number) in numbers.into_iter().enumerate() {
            match stated {
                Some(stated) => push.exact(stated.numbers[i]),
                None => push.number(number),
            }
        }
        push.close();
    }
    push_field(&mut out, "iscrowd", object.extra.get("iscrowd").unwrap_or(&Value::from(0)));
    if !object.keypoints.is_empty() {
        push_keypoints(&mut out, object, style.fine);
    }
    let own =
        ["id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd", "keypoints", "num_keypoints"];
    push_extra(&mut out, &object.extra, &own);
    out
}

fn push_keypoints(out: &mut String, object: &Object, fine: bool) {
    let labeled = object.keypoints.iter().filter(|keypoint| keypoint.visibility != Visibility::Absent).count();
    push_key(out, "keypoints");
    let mut push = Separated::open(out);
    for keypoint in &object.keypoints {
        let Point { x, y } = match keypoint.visibility {
            Visibility::Absent => Point::new(0.5, 0.5),
            _ => keypoint.point,
        };
        push.either(x - 0.5, fine);
        push.either(y - 0.5, fine);
        push.exact(f64::from(keypoint.visibility as u8));
    }
    push.close();
    push_field(out, "num_keypoints", &Value::from(labeled));
}

fn push_shape(out: &mut String, shape: Option<&Shape>, crowd: bool, fine: bool) {
    match shape {
        None => out.push_str("[]"),
        Some(shape @ (Shape::Polygons(_) | Shape::Oriented(_))) => {
            out.push('[');
            for (i, part) in shape.polygons().iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let mut push = Separated::open(out);
                // COCO has no holes: a bridge to each cuts it out of the one ring, for area and filling alike.
                let joined =
                    if part.holes.is_empty() { None } else { Some(join(std::slice::from_ref::<Polygon>(part))) };
                for point in joined.as_ref().unwrap_or(&part.outer) {
                    push.either(point.x, fine);
                    push.either(point.y, fine);
                }
                push.close();
            }
            out.push(']');
        }
        Some(Shape::Bitmap(bitmap)) => {
            out.push_str(&format!("{{\"size\":[{},{}],\"counts\":", bitmap.size.height, bitmap.size.width));
            // Crowds as COCO's own files have them: a list of runs.
            if crowd {
                let mut push = Separated::open(out);
                bitmap.runs.iter().for_each(|run| push.exact(f64::from(*run)));
                push.close();
            } else {
                out.push_str(&Value::from(rle::encode(&bitmap.runs)).to_string());
            }
            out.push('}');
        }
    }
}

/// A JSON list of numbers in the making.
struct Separated<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Separated<'a> {
    fn open(out: &'a mut String) -> Self {
        out.push('[');
        Self { out, first: true }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
    }

    fn exact(&mut self, value: f64) {
        self.separate();
        push_exact(self.out, value);
    }

    fn number(&mut self, value: f64) {
        self.separate();
        push_number(self.out, value, PIXEL_DECIMALS);
    }

    fn either(&mut self, value: f64, fine: bool) {
        if fine && value.is_finite() { self.exact(value) } else { self.number(value) }
    }

    fn close(self) {
        self.out.push(']');
    }
}

/// The ids of records: those of the source where all have one and no two the same, else from 1 on.
#[derive(Default)]
struct Ids {
    seen: Fingerprints,
    are_counted: bool,
}

impl Ids {
    /// Looks at the next record's.
    fn see(&mut self, stated: &str) {
        if !self.are_counted && (stated.is_empty() || !self.seen.insert(stated)) {
            *self = Self { are_counted: true, ..Self::default() };
        }
    }

    /// The id of a record that is one of all that were seen, counted from 1.
    fn give<'a>(&self, stated: &'a str, count: u64) -> Cow<'a, str> {
        if self.are_counted { count.to_string().into() } else { stated.into() }
    }
}

/// Writes the whole file, for which it goes through all fragments three times.
pub(in crate::formats) fn write(
    fragments: &mut Fragments<'_>,
    classes: &Classes,
    extra: &Fields,
    out: &mut dyn Write,
) -> Result<()> {
    let mut put =
        |text: &str| out.write_all(text.as_bytes()).map_err(|error| Error::new(ErrorKind::Io, error.to_string()));
    let (mut image_ids, mut annotation_ids) = (Ids::default(), Ids::default());
    fragments(&mut |fragment| {
        let mut lines = lines(fragment);
        image_ids.see(lines.next().unwrap_or_default().0);
        lines.for_each(|(id, _)| annotation_ids.see(id));
        Ok(())
    })?;
    put("{")?;
    for (name, value) in extra {
        put(&format!("{}:{value},\n", Value::from(name.as_str())))?;
    }
    put("\"images\":[")?;
    let separator = |count| if count == 1 { "\n" } else { ",\n" };
    let mut images = 0;
    fragments(&mut |fragment| {
        let (id, fields) = lines(fragment).next().unwrap_or_default();
        images += 1;
        put(&format!("{}{{\"id\":{},{fields}}}", separator(images), image_ids.give(id, images)))
    })?;
    put("],\n\"annotations\":[")?;
    let (mut images, mut annotations) = (0, 0);
    fragments(&mut |fragment| {
        let mut lines = lines(fragment);
        images += 1;
        let image = image_ids.give(lines.next().unwrap_or_default().0, images);
        lines.try_for_each(|(id, fields)| {
            annotations += 1;
            let id = annotation_ids.give(id, annotations);
            put(&format!("{}{{\"id\":{id},\"image_id\":{image},{fields}}}", separator(annotations)))
        })
    })?;
    put("],\n\"categories\":[")?;
    for (count, (class, id)) in (1..).zip(classes.0.iter().zip(category_ids(classes))) {
        let mut fields = String::new();
        push_field(&mut fields, "id", &Value::from(id));
        push_field(&mut fields, "name", &Value::from(class.name.as_str()));
        push_extra(&mut fields, &class.extra, &["id", "name", "keypoints", "skeleton"]);
        if !class.keypoints.is_empty() {
            push_field(&mut fields, "keypoints", &Value::from(class.keypoints.clone()));
            let bones: Vec<Value> = class.skeleton.iter().map(|(a, b)| vec![a + 1, b + 1].into()).collect();
            push_field(&mut fields, "skeleton", &Value::from(bones));
        }
        put(&format!("{}{{{fields}}}", separator(count)))?;
    }
    put("]}\n")
}
