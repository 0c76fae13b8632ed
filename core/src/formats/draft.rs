//! The labels of one image as its source states them, before its frame is known.

use std::fmt;

use super::latin;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::labels::{Dropped, Object, Shape};

/// Fields that a format carries without understanding them.
pub(super) type Fields = serde_json::Map<String, serde_json::Value>;

/// Coordinates beyond this many pixels (or fractions) are an accident, not a label.
pub(super) const FARTHEST: f64 = 1e7;

/// The size of a bitmap of which the source states only runs: they are of whatever image they are placed on.
pub(super) const UNFRAMED: Size = Size::new(0, 0);

/// The labels of one image as its source states them.
pub(super) trait StatedLabels: fmt::Debug + Send + Sync {
    /// Parses them. An object's class is its place among the classes of the harvest.
    ///
    /// # Errors
    /// `Label` for what cannot be read, `Limit` for too many objects.
    fn draft(&self) -> Result<Draft>;
}

/// Labels as stated.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// The size of the image that they were drawn on, where the source states it.
    pub(super) size: Option<Size>,
    /// Whether coordinates are fractions of the frame instead of pixels.
    pub(super) fractions: bool,
    /// Objects that could be read.
    pub(super) objects: Vec<Object>,
    /// Objects in the source, readable or not.
    pub(super) read: usize,
    /// Objects that could not be read.
    pub(super) dropped: Vec<Dropped>,
    /// What a person should know.
    pub(super) warnings: Vec<String>,
    /// Fields of the image.
    pub(super) extra: Fields,
}

impl Draft {
    /// Counts an object in, and keeps it when it could be read.
    pub(super) fn push(&mut self, object: std::result::Result<Object, String>) {
        let index = self.read;
        self.read += 1;
        match object {
            Ok(object) => self.objects.push(Object { index, ..object }),
            Err(reason) => self.dropped.push(Dropped { index, partner: None, reason }),
        }
    }

    /// Gives bitmaps that have runs alone the size of the image; drops those that have more pixels.
    pub(super) fn frame_bitmaps(&mut self, size: Size) {
        let dropped = &mut self.dropped;
        self.objects.retain_mut(|object| {
            let Some(Shape::Bitmap(bitmap)) = object.shape.as_mut().filter(|shape| is_unframed(shape)) else {
                return true;
            };
            let covered: u64 = bitmap.runs.iter().map(|run| u64::from(*run)).sum();
            match (size.area() as u64).checked_sub(covered).and_then(|rest| u32::try_from(rest).ok()) {
                Some(rest) => {
                    bitmap.size = size;
                    bitmap.runs.push(rest);
                    true
                }
                None => {
                    let reason = "its runs reach beyond the last pixel of the image".to_owned();
                    dropped.push(Dropped { index: object.index, partner: None, reason });
                    false
                }
            }
        });
    }
}

fn is_unframed(shape: &Shape) -> bool {
    matches!(shape, Shape::Bitmap(bitmap) if bitmap.size == UNFRAMED)
}

/// A stated size; `None` unless both sides are positive.
pub(super) fn stated_size(width: Option<f64>, height: Option<f64>) -> Option<Size> {
    let side = |v: Option<f64>| v.filter(|v| *v >= 1.0 && *v <= f64::from(u32::MAX)).map(|v| v as u32);
    Some(Size::new(side(width)?, side(height)?))
}

/// Refuses more objects than the limit.
pub(super) fn check_objects(count: usize, limit: usize) -> Result<()> {
    if count > limit {
        return Err(Error::new(ErrorKind::Limit, format!("it labels more than {limit} objects")));
    }
    Ok(())
}

/// The bytes of a label file as text, without a byte-order mark.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String> {
    let refuse = || Error::new(ErrorKind::Label, "this is not text in UTF-8");
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Error::new(ErrorKind::Label, "this is text in UTF-16: save it as UTF-8"));
    }
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => latin::declared(error.as_bytes()).ok_or_else(refuse)?,
    };
    if text.contains('\0') {
        return Err(refuse());
    }
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
