//! Reading a YOLO label file.

use std::sync::Arc;

use super::bridge::split;
use super::config::{MAX_CLASSES, YoloConfig};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::draft::StatedLabels;
use crate::formats::draft::{Draft, check_objects};
use crate::geometry::{Point, Rect};
use crate::labels::{Keypoint, Object, Shape, Stated, Visibility};

/// Numbers beyond this are pixels, not fractions of the frame.
const MAX_FRACTION: f64 = 2.0;
/// Lines that are looked at to tell whether a text holds label rows.
const LOOKED_AT: usize = 20;

/// The label file of one image.
#[derive(Debug)]
pub(super) struct YoloLabels {
    pub(super) text: Arc<str>,
    pub(super) config: Arc<YoloConfig>,
    /// The class of each number in the file.
    pub(super) classes: Arc<Vec<usize>>,
    /// Whether four points are the corners of an oriented box.
    pub(super) oriented: bool,
    pub(super) max_objects: usize,
}

/// What rows hold, by count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct LabelRows {
    pub(super) boxes: usize,
    pub(super) polygons: usize,
    /// Of the polygons those with four points.
    quads: usize,
    poses: usize,
    /// Rows that cannot be used.
    pub(super) unusable: usize,
    /// Rows that end with a confidence.
    pub(super) confidences: usize,
    /// One more than the highest class number.
    pub(super) classes: usize,
}

impl LabelRows {
    pub(super) fn add(&mut self, other: &Self) {
        self.boxes += other.boxes;
        self.polygons += other.polygons;
        self.quads += other.quads;
        self.poses += other.poses;
        self.unusable += other.unusable;
        self.confidences += other.confidences;
        self.classes = self.classes.max(other.classes);
    }

    /// All rows, usable or not.
    pub(super) const fn count(&self) -> usize {
        self.boxes + self.polygons + self.poses + self.unusable
    }

    /// Whether all rows are of four points: such a dataset is one of oriented boxes.
    pub(super) const fn are_oriented(&self) -> bool {
        self.quads > 0 && self.quads == self.polygons && self.boxes == 0 && self.poses == 0
    }

    /// Whether boxes stand among polygons.
    pub(super) const fn is_mixed(&self) -> bool {
        self.boxes > 0 && self.polygons > 0
    }
}

/// What a first look at a label file tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Scan {
    pub(super) rows: LabelRows,
    /// The line with the highest class number, from 1.
    pub(super) highest_line: usize,
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty())
}

/// Whether a text holds label rows: one of its first lines has five numbers or more, and nothing else.
pub(super) fn looks_like_rows(text: &str) -> bool {
    let numbers = |line: &str| {
        let mut words = line.split_whitespace();
        words.clone().count() >= 5 && words.all(|word| word.parse::<f64>().is_ok())
    };
    lines(text).take(LOOKED_AT).any(|(_, line)| numbers(line))
}

/// A first look at a label file.
///
/// # Errors
/// `Limit` for too many rows; `Label` when there are rows and none of them can be used.
pub(super) fn scan(text: &str, config: &YoloConfig, max_objects: usize) -> Result<Scan> {
    let mut scan = Scan::default();
    let mut first_fault = None;
    for (at, line) in lines(text) {
        check_objects(scan.rows.count() + 1, max_objects)?;
        let rows = &mut scan.rows;
        match row(line, config) {
            Ok((object, confidence)) => {
                rows.confidences += usize::from(confidence);
                match &object.shape {
                    Some(Shape::Polygons(_)) => {
                        rows.polygons += 1;
                        rows.quads += usize::from(line.split_whitespace().count() == 9 + usize::from(confidence));
                    }
                    _ if object.keypoints.is_empty() => rows.boxes += 1,
                    _ => rows.poses += 1,
                }
                if object.class >= rows.classes {
                    rows.classes = object.class + 1;
                    scan.highest_line = at;
                }
            }
            Err(why) => {
                rows.unusable += 1;
                first_fault.get_or_insert((at, why));
            }
        }
    }
    match first_fault {
        Some((at, why)) if scan.rows.unusable == scan.rows.count() => {
            Err(Error::new(ErrorKind::Label, format!("none of its rows can be used: line {at}: {why}")))
        }
        _ => Ok(scan),
    }
}

impl StatedLabels for YoloLabels {
    /// The labels as stated, in fractions.
    fn draft(&self) -> Result<Draft> {
        let mut draft = Draft { fractions: true, ..Draft::default() };
        for (_, line) in lines(&self.text) {
            check_objects(draft.read + 1, self.max_objects)?;
            draft.push(row(line, &self.config).and_then(|(object, _)| {
                let class = self.classes.get(object.class);
                let class = *class.ok_or_else(|| format!("class {} is not among the names", object.class))?;
                let shape = if self.oriented { object.shape.map(corners) } else { object.shape };
                Ok(Object { class, shape, ..object })
            }));
        }
        Ok(draft)
    }
}

/// A polygon of four points as an oriented box.
fn corners(shape: Shape) -> Shape {
    match &shape {
        Shape::Polygons(parts) => match parts.first().map(|part| part.outer.as_slice()) {
            Some(&[a, b, c, d]) => Shape::Oriented([a, b, c, d]),
            _ => shape,
        },
        _ => shape,
    }
}

/// One row as an object in fractions, its class as numbered in the file, and whether it ends with a confidence.
fn row(line: &str, config: &YoloConfig) -> std::result::Result<(Object, bool), String> {
    let mut words = line.split_whitespace();
    let class = class_number(words.next().unwrap_or_default())?;
    let mut numbers = Vec::new();
    for (i, word) in words.enumerate() {
        let shown: String = word.chars().take(20).collect();
        let value = word.parse::<f64>().map_err(|_| format!("column {} is not a number: {shown}", i + 2))?;
        if !value.is_finite() {
            return Err(format!("column {} is not finite: {shown}", i + 2));
        }
        numbers.push(value);
    }
    let counts = |n: usize| match config.keypoints {
        Some((count, dims)) => n == 4 || n == 4 + count * dims,
        None => n == 4 || (n >= 6 && n.is_multiple_of(2)),
    };
    // Predictions end with a confidence.
    let confidence = !counts(numbers.len())
        && counts(numbers.len().saturating_sub(1))
        && numbers.last().is_some_and(|last| (0.0..=1.0).contains(last));
    if confidence {
        numbers.pop();
    }
    let object = match (numbers.len(), config.keypoints) {
        (4, _) => boxed(class, &numbers),
        (n, Some((count, dims))) if n == 4 + count * dims => {
            let keypoints = keypoints(&numbers[4..], dims)?;
            Ok(Object { keypoints, ..boxed(class, &numbers[..4])? })
        }
        (n, None) if counts(n) => {
            check_fractions(&numbers)?;
            let ring: Vec<Point> = numbers.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect();
            Ok(Object { class, shape: Some(Shape::Polygons(split(ring))), ..Object::default() })
        }
        (n, None) => Err(format!("{} columns: a box has 5, a polygon an odd number from 7 on", n + 1)),
        (n, Some((count, dims))) => Err(format!("{} columns: a box has 5, a pose {}", n + 1, 5 + count * dims)),
    };
    Ok((object?, confidence))
}

fn class_number(word: &str) -> std::result::Result<usize, String> {
    let number = word.parse::<f64>().ok().filter(|v| *v >= 0.0 && *v < MAX_CLASSES as f64 && *v == v.floor());
    let shown: String = word.chars().take(20).collect();
    number.map(|v| v as usize).ok_or_else(|| format!("the class is not a number from 0 on: {shown}"))
}

fn check_fractions(numbers: &[f64]) -> std::result::Result<(), String> {
    match numbers.iter().find(|v| v.abs() > MAX_FRACTION) {
        Some(value) => Err(format!("{value} is not a fraction of the image")),
        None => Ok(()),
    }
}

fn boxed(class: usize, numbers: &[f64]) -> std::result::Result<Object, String> {
    check_fractions(numbers)?;
    let numbers = [numbers[0], numbers[1], numbers[2], numbers[3]];
    if numbers[2] <= 0.0 || numbers[3] <= 0.0 {
        return Err("width or height is not positive".to_owned());
    }
    // The box follows from the numbers once the frame is known.
    let stated = Some(Box::new(Stated { bbox: Rect::default(), numbers, area: None }));
    Ok(Object { class, stated, ..Object::default() })
}

fn keypoints(numbers: &[f64], dims: usize) -> std::result::Result<Vec<Keypoint>, String> {
    let mut keypoints = Vec::with_capacity(numbers.len() / dims);
    for keypoint in numbers.chunks_exact(dims) {
        check_fractions(&keypoint[..2])?;
        let visibility = match keypoint.get(2) {
            None if keypoint[0] == 0.0 && keypoint[1] == 0.0 => Visibility::Absent,
            None => Visibility::Visible,
            Some(0.0) => Visibility::Absent,
            Some(1.0) => Visibility::Hidden,
            Some(2.0) => Visibility::Visible,
            Some(v) => return Err(format!("a keypoint's visibility is {v}, not 0, 1 or 2")),
        };
        keypoints.push(Keypoint { point: Point::new(keypoint[0], keypoint[1]), visibility });
    }
    Ok(keypoints)
}
