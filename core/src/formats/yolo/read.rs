//! Reading a YOLO label file.

use std::sync::Arc;

use super::bridge::split;
use super::config::{MAX_CLASSES, YoloConfig};
use crate::error::Result;
use crate::formats::draft::{Draft, check_objects};
use crate::geometry::{Point, Rect};
use crate::labels::{Keypoint, Object, Shape, Stated, Visibility};

/// Numbers beyond this are pixels, not fractions of the frame.
const MAX_FRACTION: f64 = 2.0;

/// The label file of one image.
#[derive(Debug)]
pub(in crate::formats) struct YoloLabels {
    pub(in crate::formats) text: Arc<str>,
    pub(in crate::formats) config: Arc<YoloConfig>,
    /// The class of each number in the file.
    pub(in crate::formats) classes: Arc<Vec<usize>>,
    pub(in crate::formats) max_objects: usize,
}

/// What a first look at a label file tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::formats) struct Scan {
    /// One more than the highest class number of a line that can be used.
    pub(in crate::formats) classes: usize,
    pub(in crate::formats) shapes: bool,
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Whether a text beside an image holds labels: it is empty, or its first line begins with five numbers or fewer, but
/// with nothing else.
pub(in crate::formats) fn looks_like_labels(text: &str) -> bool {
    lines(text).next().is_none_or(|line| line.split_whitespace().take(5).all(|word| word.parse::<f64>().is_ok()))
}

/// A first look at a label file.
pub(in crate::formats) fn scan(text: &str, config: &YoloConfig, max_objects: usize) -> Result<Scan> {
    let mut scan = Scan::default();
    let mut count = 0;
    for line in lines(text) {
        count += 1;
        check_objects(count, max_objects)?;
        if let Ok(object) = object(line, config) {
            scan.classes = scan.classes.max(object.class + 1);
            scan.shapes |= object.shape.is_some();
        }
    }
    Ok(scan)
}

impl YoloLabels {
    /// The labels as stated, in fractions.
    pub(in crate::formats) fn draft(&self) -> Result<Draft> {
        let mut draft = Draft { fractions: true, ..Draft::default() };
        for line in lines(&self.text) {
            check_objects(draft.read + 1, self.max_objects)?;
            draft.push(object(line, &self.config).and_then(|object| {
                let class = self.classes.get(object.class);
                let class = *class.ok_or_else(|| format!("class {} is not among the names", object.class))?;
                Ok(Object { class, ..object })
            }));
        }
        Ok(draft)
    }
}

/// One line as an object in fractions, its class as numbered in the file.
fn object(line: &str, config: &YoloConfig) -> std::result::Result<Object, String> {
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
    if let Some((count, dims)) = config.keypoints
        && numbers.len() == 4 + count * dims
    {
        let keypoints = keypoints(&numbers[4..], dims)?;
        return Ok(Object { keypoints, ..boxed(class, &numbers[..4])? });
    }
    match numbers.len() {
        4 => boxed(class, &numbers),
        n if n >= 6 && n % 2 == 0 && config.keypoints.is_none() => {
            check_fractions(&numbers)?;
            let ring = numbers.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect();
            Ok(Object { class, shape: Some(Shape::Polygons(split(ring))), ..Object::default() })
        }
        n => Err(match config.keypoints {
            None => format!("{} columns: a box has 5, a polygon an odd number from 7 on", n + 1),
            Some((count, dims)) => format!("{} columns: a box has 5, a pose {}", n + 1, 5 + count * dims),
        }),
    }
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
