//! What is in a written dataset, by the documented rules of its format and without the project's own readers.

mod coco;
mod masks;
mod voc;
mod yolo;

use std::collections::BTreeMap;

use augment_core::codec::probe;
use augment_core::limits::Limits;

pub(crate) use masks::{Mask, is_of_classes, plain_stem};

use crate::run::Written;
use crate::scene::Point;

/// The label of an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    pub(crate) class: String,
    /// x0, y0, x1, y1 in continuous pixels.
    pub(crate) bbox: Option<[f64; 4]>,
    pub(crate) rings: Vec<Vec<Point>>,
    /// x, y, visibility.
    pub(crate) joints: Vec<[f64; 3]>,
}

impl Mark {
    /// The bound of the box, or else of the outline.
    pub(crate) fn bound(&self) -> [f64; 4] {
        self.bbox.unwrap_or_else(|| crate::scene::bound(&self.rings.concat()))
    }
}

/// The marks of every image by its name; an image that has none has an empty list.
pub(crate) type Marks = BTreeMap<String, Vec<Mark>>;

/// The marks of all images.
pub(crate) fn marks(written: &Written) -> Result<Marks, String> {
    let has = |end: &str| written.files.keys().any(|name| name.ends_with(end));
    if has("data.yaml") {
        yolo::marks(written)
    } else if coco::files(written).next().is_some() {
        coco::marks(written)
    } else if has(".xml") {
        voc::marks(written)
    } else {
        Err("it has no labels of YOLO, COCO or VOC".into())
    }
}

/// The mask of an image.
pub(crate) fn mask(written: &Written, image: &str) -> Result<Mask, String> {
    masks::of(written, image)
}

/// A file as text.
fn text<'a>(written: &'a Written, name: &str) -> Result<&'a str, String> {
    let bytes = written.files.get(name).ok_or_else(|| format!("there is no {name}"))?;
    std::str::from_utf8(bytes).map_err(|_| format!("{name} is no text"))
}

/// The names of all images with their widths and heights.
fn images(written: &Written) -> impl Iterator<Item = (&str, [f64; 2])> {
    let images = written.files.iter().filter(|(name, _)| name.starts_with("images/"));
    images.filter_map(|(name, bytes)| {
        let size = probe(bytes, &Limits::default()).ok()?.upright();
        Some((name.as_str(), [f64::from(size.width), f64::from(size.height)]))
    })
}

/// A path without the extension.
fn without_extension(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The split of an image: the folder in `images/`, where the splits are folders there.
fn split(image: &str) -> Option<&str> {
    let (split, _) = image.strip_prefix("images/")?.split_once('/')?;
    ["train", "val", "test"].contains(&split).then_some(split)
}
