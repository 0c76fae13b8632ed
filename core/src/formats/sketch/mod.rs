//! Labels as drawing tools state them, with classes and keypoints by name: what the readers of such files share.
//!
//! A file is cut into records, each about one image. A [`Notation`] reads a record as a [`Sketch`]: [`Gathering`] looks
//! through all of them for the names of classes, and [`SketchLabels`] reads those of one image again when it is placed.

mod gather;
mod geometry;
mod packed;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub(super) use gather::Gathering;
pub(super) use geometry::{ellipse, name, number, point, points, polygon, ring, turned_box, wide_box};
pub(super) use packed::{Packed, Patch};

use super::draft::StatedLabels;
use super::draft::{Draft, Fields, check_objects};
use super::image_classes::CLASSES;
use super::json_error::json_error;
use crate::error::Result;
use crate::geometry::{Point, Size};
use crate::labels::{Keypoint, Object, Visibility};
use crate::limits::Limits;

/// Keypoints that one class may have: every object of it gets as many.
const MAX_JOINTS: usize = 256;
/// The class of objects in a dataset that names none.
pub(super) const ONLY_CLASS: &str = "object";

/// How a format states the labels of an image.
pub(super) trait Notation: fmt::Debug + Send + Sync {
    /// Reads a record.
    ///
    /// # Errors
    /// `Label` for what cannot be read, `Limit` for too many objects.
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch>;
}

/// What a record says of its image.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    /// The size of the image that it was drawn on.
    pub(super) size: Option<Size>,
    /// Whether coordinates are fractions of the frame instead of pixels; boxes then have [`crate::labels::Stated`]
    /// numbers as YOLO has them.
    pub(super) fractions: bool,
    /// Objects, or why one cannot be read.
    pub(super) drawn: Vec<std::result::Result<Drawn, String>>,
    /// The classes of the whole image; `None` where nothing is said of them.
    pub(super) classes: Option<Vec<String>>,
    /// Other fields of the image.
    pub(super) extra: Fields,
    /// What is not kept as it is: in words, with a count.
    pub(super) losses: BTreeMap<String, usize>,
    /// Whether coordinates have more decimals than ours are rounded to.
    pub(super) fine: bool,
}

impl Sketch {
    /// Adds a class of the whole image.
    pub(super) fn choose(&mut self, class: impl Into<String>) {
        self.classes.get_or_insert_default().push(class.into());
    }

    /// Counts something that is not kept as it is.
    pub(super) fn lose(&mut self, what: impl Into<String>) {
        self.lose_all(1, what);
    }

    /// Counts several of them.
    pub(super) fn lose_all(&mut self, count: usize, what: impl Into<String>) {
        if count > 0 {
            *self.losses.entry(what.into()).or_default() += count;
        }
    }
}

/// One object as drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Drawn {
    /// The name of its class; none where the file says none.
    pub(super) class: Option<String>,
    /// The rest of it; its class and index are set later.
    pub(super) object: Object,
    /// Its pixels, not yet unpacked: their union.
    pub(super) packed: Vec<Packed>,
    /// Keypoints by name.
    pub(super) joints: Vec<(String, Keypoint)>,
}

impl Drawn {
    /// Adds a keypoint; the second of one name has a number behind it.
    pub(super) fn join(&mut self, name: &str, point: Point, visibility: Visibility) {
        let count = self.joints.iter().filter(|(known, _)| known == name).count();
        let name = if count == 0 { name.to_owned() } else { format!("{name} {}", self.joints.len() + 1) };
        self.joints.push((name, Keypoint { point, visibility }));
    }
}

/// A part of a text that speaks of one image.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) text: Arc<str>,
    pub(super) range: Range<usize>,
    pub(super) notation: Arc<dyn Notation>,
}

impl Record {
    /// A whole text.
    pub(super) fn whole(text: &Arc<str>, notation: &Arc<dyn Notation>) -> Self {
        Self { text: Arc::clone(text), range: 0..text.len(), notation: Arc::clone(notation) }
    }

    /// A part of a text, which is borrowed from it.
    pub(super) fn part(text: &Arc<str>, part: &str, notation: &Arc<dyn Notation>) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Self { text: Arc::clone(text), range: start..start + part.len(), notation: Arc::clone(notation) }
    }

    fn sketch(&self, limits: &Limits) -> Result<Sketch> {
        let sketch = self.notation.sketch(self.text.get(self.range.clone()).unwrap_or_default(), limits)?;
        check_objects(sketch.drawn.len(), limits.max_objects)?;
        Ok(sketch)
    }
}

/// By the name of a class its place, and the names of its keypoints; by no name those of objects that state no class,
/// where none does.
#[derive(Debug, Default)]
struct Book(BTreeMap<Option<String>, (usize, Vec<String>)>);

/// What the records of one image say.
#[derive(Debug)]
struct SketchLabels {
    records: Vec<Record>,
    book: Arc<Book>,
    limits: Limits,
    /// Whether the classes of images are listed with them, since some image has not exactly one.
    lists_classes: bool,
}

impl StatedLabels for SketchLabels {
    fn draft(&self) -> Result<Draft> {
        let mut draft = Draft::default();
        let mut classes: Vec<String> = Vec::new();
        for record in &self.records {
            let sketch = record.sketch(&self.limits)?;
            check_objects(draft.read + sketch.drawn.len(), self.limits.max_objects)?;
            draft.size = draft.size.or(sketch.size);
            draft.fractions |= sketch.fractions;
            for (name, value) in sketch.extra {
                draft.extra.entry(name).or_insert(value);
            }
            if self.lists_classes {
                classes.extend(sketch.classes.into_iter().flatten());
            }
            for drawn in sketch.drawn {
                draft.push(drawn.and_then(|drawn| self.object(drawn, sketch.size)));
            }
        }
        if self.lists_classes {
            draft.extra.insert(CLASSES.to_owned(), classes.into());
        }
        Ok(draft)
    }
}

impl SketchLabels {
    fn object(&self, drawn: Drawn, frame: Option<Size>) -> std::result::Result<Object, String> {
        let Drawn { class, mut object, packed, joints } = drawn;
        let (class, names) = self.book.0.get(&class).ok_or("no class is stated for it")?;
        object.class = *class;
        if !packed.is_empty() {
            object.shape = Some(packed::unpack(&packed, frame, &self.limits)?);
        }
        if !joints.is_empty() {
            let absent = Keypoint { point: Point::default(), visibility: Visibility::Absent };
            let of = |name: &String| joints.iter().find(|(joint, _)| joint == name).map_or(absent, |(_, joint)| *joint);
            object.keypoints = names.iter().map(of).collect();
        }
        Ok(object)
    }
}

/// The JSON of a record.
pub(super) fn json<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| json_error(text, &error))
}
