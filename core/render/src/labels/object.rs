//! One labeled object: its class, box, shape and keypoints.

use std::borrow::Cow;

use super::Bitmap;
use crate::geometry::{Point, Rect};

/// One labeled object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// Index into the dataset's classes.
    pub class: usize,
    /// Its box; `None` when the source states none and there is no shape to take it from.
    pub bbox: Option<Rect>,
    /// Its shape, where the source has one.
    pub shape: Option<Shape>,
    /// Its keypoints, in the order of its class; empty when there are none.
    pub keypoints: Vec<Keypoint>,
    /// Its position in the source's labels: what the manifest calls it by.
    pub index: usize,
    /// Other fields of the object in its source (VOC's `pose`, COCO's `iscrowd`), carried through.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// The numbers that the source gave; a writer repeats them where nothing moved.
    pub stated: Option<Box<Stated>>,
}

/// The numbers of an object as its source wrote them, in the source's own notation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stated {
    /// The box that they stand for, before any clipping to the frame.
    pub bbox: Rect,
    /// The four numbers of the box: VOC's and COCO's in pixels, YOLO's as fractions.
    pub numbers: [f64; 4],
    /// The area as stated (COCO).
    pub area: Option<f64>,
}

/// The shape of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// One or more parts, each with its holes.
    Polygons(Vec<Polygon>),
    /// One bit a pixel, of the image's size.
    Bitmap(Bitmap),
    /// A box at any angle: its four corners around it, in the order that the source gave. They may lie outside the
    /// image.
    Oriented([Point; 4]),
}

/// A closed outline (the last point joins the first) and the outlines of its holes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygon {
    /// The outline.
    pub outer: Vec<Point>,
    /// Outlines of what is cut out of it.
    pub holes: Vec<Vec<Point>>,
}

impl Polygon {
    /// A polygon without holes.
    #[must_use]
    pub const fn simple(outer: Vec<Point>) -> Self {
        Self { outer, holes: Vec::new() }
    }

    /// Area in square pixels: the outline's less the holes'.
    #[must_use]
    pub fn area(&self) -> f64 {
        let holes: f64 = self.holes.iter().map(|hole| ring_area(hole)).sum();
        (ring_area(&self.outer) - holes).max(0.0)
    }
}

/// Area of a closed ring by the shoelace formula, never negative.
#[must_use]
pub(crate) fn ring_area(ring: &[Point]) -> f64 {
    let Some(last) = ring.last() else { return 0.0 };
    let mut doubled = 0.0;
    let mut previous = last;
    for point in ring {
        doubled += previous.x * point.y - point.x * previous.y;
        previous = point;
    }
    (doubled / 2.0).abs()
}

impl Shape {
    /// The smallest box around the shape; `None` when it is empty.
    #[must_use]
    pub fn bound(&self) -> Option<Rect> {
        match self {
            Self::Polygons(parts) => Rect::around(parts.iter().flat_map(|part| part.outer.iter().copied())),
            Self::Bitmap(bitmap) => bitmap.bound(),
            Self::Oriented(corners) => Rect::around(*corners),
        }
    }

    /// Area in square pixels.
    #[must_use]
    pub fn area(&self) -> f64 {
        match self {
            Self::Polygons(parts) => parts.iter().map(Polygon::area).sum(),
            Self::Bitmap(bitmap) => bitmap.area() as f64,
            Self::Oriented(corners) => ring_area(corners),
        }
    }

    /// The shape as polygons: a bitmap's run along its pixel edges, those of an oriented box through its corners.
    #[must_use]
    pub fn polygons(&self) -> Cow<'_, [Polygon]> {
        match self {
            Self::Polygons(parts) => Cow::Borrowed(parts),
            Self::Bitmap(bitmap) => Cow::Owned(bitmap.polygons()),
            Self::Oriented(corners) => Cow::Owned(vec![Polygon::simple(corners.to_vec())]),
        }
    }
}

/// A named point of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keypoint {
    /// Where it is; meaningless when absent.
    pub point: Point,
    /// Whether it is labeled and seen.
    pub visibility: Visibility,
}

/// COCO's three states of a keypoint, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// 0: not labeled.
    Absent = 0,
    /// 1: labeled, but hidden.
    Hidden = 1,
    /// 2: labeled and seen.
    Visible = 2,
}
