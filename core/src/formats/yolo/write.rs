//! Writing a YOLO label file and the dataset's `data.yaml`.

use std::fmt::Write as _;

use super::bridge::join;
use crate::formats::Split;
use crate::formats::number::{FRACTION_DECIMALS, push_exact, push_number};
use crate::formats::place::{fraction_box, unmoved};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Classes, Labels, Object, Shape, Visibility};

/// What the lines of a dataset hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum YoloKind {
    /// Boxes.
    Boxes,
    /// Polygons; a file without any holds boxes.
    Polygons,
    /// The four corners of boxes, oriented or not.
    Oriented,
    /// Boxes with so many keypoints of 2 or 3 numbers.
    Pose {
        /// Keypoints an object.
        count: usize,
        /// Numbers a keypoint.
        dims: usize,
    },
}

/// The file for an image of a size.
pub(in crate::formats) fn render(kind: YoloKind, size: Size, labels: &Labels) -> String {
    let mut out = String::new();
    let any_shape = labels.objects.iter().any(|object| object.shape.is_some());
    for object in &labels.objects {
        let start = out.len();
        let _ = write!(out, "{}", object.class);
        let written = match kind {
            YoloKind::Polygons if object.shape.is_some() => push_shape(&mut out, object, size),
            YoloKind::Polygons if any_shape => push_box_ring(&mut out, object, size),
            YoloKind::Boxes | YoloKind::Polygons => push_box(&mut out, object, size),
            YoloKind::Oriented => push_corners(&mut out, object, size),
            YoloKind::Pose { count, dims } => {
                push_box(&mut out, object, size) && push_keypoints(&mut out, object, size, count, dims)
            }
        };
        if written { out.push('\n') } else { out.truncate(start) }
    }
    out
}

fn bbox_of(object: &Object) -> Option<Rect> {
    object.bbox.or_else(|| object.shape.as_ref().and_then(Shape::bound))
}

fn push_box(out: &mut String, object: &Object, size: Size) -> bool {
    let Some(bbox) = bbox_of(object) else { return false };
    if let Some(stated) = unmoved(object, size, |numbers| fraction_box(numbers, size)) {
        for number in stated.numbers {
            out.push(' ');
            push_exact(out, number);
        }
        return true;
    }
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let center = bbox.center();
    for value in [center.x / width, center.y / height, bbox.width() / width, bbox.height() / height] {
        push_fraction(out, value);
    }
    true
}

fn push_fraction(out: &mut String, value: f64) {
    out.push(' ');
    push_number(out, value.clamp(0.0, 1.0), FRACTION_DECIMALS);
}

fn push_ring(out: &mut String, ring: &[Point], size: Size) -> bool {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    for point in ring {
        push_fraction(out, point.x / width);
        push_fraction(out, point.y / height);
    }
    ring.len() >= 3
}

fn push_box_ring(out: &mut String, object: &Object, size: Size) -> bool {
    bbox_of(object).is_some_and(|bbox| push_ring(out, &bbox.corners(), size))
}

/// Four corners as they are: a rectangle that is cut at the image's border would be none, and trainers take corners
/// outside.
fn push_corners(out: &mut String, object: &Object, size: Size) -> bool {
    let corners = match &object.shape {
        Some(shape) => shape.least_rectangle(),
        None => bbox_of(object).map(|bbox| bbox.corners()),
    };
    let Some(corners) = corners else { return false };
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    for value in corners.into_iter().flat_map(|corner| [corner.x / width, corner.y / height]) {
        out.push(' ');
        push_number(out, value, FRACTION_DECIMALS);
    }
    true
}

fn push_shape(out: &mut String, object: &Object, size: Size) -> bool {
    object.shape.as_ref().is_some_and(|shape| push_ring(out, &join(&shape.polygons()), size))
}

fn push_keypoints(out: &mut String, object: &Object, size: Size, count: usize, dims: usize) -> bool {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    for i in 0..count {
        match object.keypoints.get(i).filter(|keypoint| keypoint.visibility != Visibility::Absent) {
            Some(keypoint) => {
                push_fraction(out, keypoint.point.x / width);
                push_fraction(out, keypoint.point.y / height);
                if dims == 3 {
                    let _ = write!(out, " {}", keypoint.visibility as u8);
                }
            }
            None => out.push_str(if dims == 3 { " 0 0 0" } else { " 0 0" }),
        }
    }
    true
}

/// The dataset's `data.yaml`. It gives no `path`: without one, trainers start from the folder that the file is in.
pub(in crate::formats) fn data_yaml(kind: YoloKind, classes: &Classes, splits: &[Split]) -> String {
    let mut out = String::new();
    let mut push = |key: &str, split: Option<&Split>| {
        let folder = split.map_or_else(|| "images".to_owned(), |split| format!("images/{split}"));
        let _ = writeln!(out, "{key}: {}", scalar_path(&folder));
    };
    let has = |split: &Split| splits.iter().find(|other| *other == split);
    // Trainers ask for both.
    let train = has(&Split::Train).or(splits.first());
    push("train", train);
    push("val", has(&Split::Val).or_else(|| has(&Split::Test)).or(train));
    if let Some(test) = has(&Split::Test) {
        push("test", Some(test));
    }
    let _ = writeln!(out, "nc: {}", classes.0.len());
    out.push_str(if classes.0.is_empty() { "names: {}\n" } else { "names:\n" });
    for (i, class) in classes.0.iter().enumerate() {
        let _ = writeln!(out, "  {i}: {}", scalar(&class.name));
    }
    if let YoloKind::Pose { count, dims } = kind {
        let _ = writeln!(out, "kpt_shape: [{count}, {dims}]");
        if let Some(class) = classes.0.iter().find(|class| !class.mirror.is_empty()) {
            let flip: Vec<String> = (0..count).map(|i| class.mirror.get(i).unwrap_or(&i).to_string()).collect();
            let _ = writeln!(out, "flip_idx: [{}]", flip.join(", "));
        }
        if classes.0.iter().any(|class| !class.keypoints.is_empty()) {
            out.push_str("kpt_names:\n");
            for (i, class) in classes.0.iter().enumerate() {
                let names: Vec<String> = class.keypoints.iter().map(|name| scalar(name)).collect();
                let _ = writeln!(out, "  {i}: [{}]", names.join(", "));
            }
        }
    }
    out
}

/// A path in YAML: plain where its parts are.
fn scalar_path(path: &str) -> String {
    if path.split('/').all(|part| scalar(part) == part) { path.to_owned() } else { scalar(path) }
}

/// A string in YAML: plain where nothing else could be meant, else in double quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Characters that YAML reads as line ends, or not at all.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Class;

    #[test]
    fn names_of_any_kind_come_back_from_yaml() {
        let names = ["cat", "no", "12", "", "a: b", "- x", "\"q\" \\", "é\u{7f}\u{85}\u{2028}\n", "#", "{", "😀"];
        let classes = Classes(names.iter().map(|name| Class::named(*name)).collect());
        let yaml = data_yaml(YoloKind::Boxes, &classes, &[]);
        let config = crate::formats::yolo::parse_yaml(&yaml).unwrap().unwrap();
        assert_eq!(config.names, names);
    }
}
