//! From stated labels to pixels of the upright image: whose frame they were drawn on, and what reaches outside.

use std::sync::Arc;

use crate::codec::{decode_mask, upright_mask};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::geometry::{Point, Rect, Size};
use crate::labels::{Dropped, Labels, Mask, Object, Shape, Stated};
use crate::limits::Limits;

use super::clip::Clip;
use super::dataset::{Item, MaskFile, Source};
use super::draft::Draft;
use super::frame::Frame;
use super::orient::{each_point, orient};
use super::stale;

/// How far labels may reach outside an image that they fit.
const SLACK_PX: f64 = 1.0;

/// Labels in pixels of the upright image, with what was read and what was not used.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The labels.
    pub labels: Labels,
    /// The frame that they are in: the upright image's, or, for an image that goes through unchanged, the stored one
    /// where they were drawn on that.
    pub size: Size,
    /// Objects in the source.
    pub read: usize,
    /// Objects that cannot be used.
    pub dropped: Vec<Dropped>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

impl Item {
    /// The labels of the image in continuous pixels of its upright frame. `masks` are what the files of [`Item::masks`]
    /// hold, in their roles.
    ///
    /// # Errors
    /// `Label` when a mask's size is not the image's, or the labels cannot be understood; `Limit` for too many.
    pub fn place(&self, frame: &Frame, masks: impl IntoIterator<Item = Mask>) -> Result<Placed> {
        self.place_on(frame, masks, false)
    }

    /// As [`Item::place`]; labels that were drawn on the stored pixels stay on these where `as_stored`.
    pub(crate) fn place_on(
        &self,
        frame: &Frame,
        masks: impl IntoIterator<Item = Mask>,
        as_stored: bool,
    ) -> Result<Placed> {
        let draft = match &self.source {
            None => Draft::default(),
            Some(source) => source.draft()?,
        };
        let first_fault = draft.dropped.first().map(|dropped| dropped.reason.clone());
        if let Some(why) = first_fault.filter(|_| draft.objects.is_empty()) {
            let why =
                format!("none of its {} labels can be used ({why}), so it would seem to show nothing", draft.read);
            return Err(Error::new(ErrorKind::Label, why));
        }
        let mut placed = place(draft, frame, as_stored);
        placed.labels.class.clone_from(&self.class);
        for (at, mask) in masks.into_iter().enumerate() {
            let name = || self.masks.get(at).map_or_else(|| "its mask".to_owned(), |file| file.name.clone());
            let mask = place_mask(mask, frame, &mut placed.warnings).within(name)?;
            placed.labels.masks.push(Arc::new(mask));
        }
        Ok(placed)
    }
}

impl Item {
    /// What the files of its masks hold, in their roles; `files` are their bytes, in the order of [`Item::masks`], or of
    /// the first ones.
    ///
    /// # Errors
    /// The decoder's, within the mask's name.
    pub(crate) fn decode_masks<'a>(
        &self,
        files: impl IntoIterator<Item = &'a [u8]>,
        limits: &Limits,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Mask>> {
        let decode = |(MaskFile { role, name }, bytes): (&MaskFile, &[u8])| {
            let (mask, told) = decode_mask(bytes, limits).within(|| name.clone())?;
            warnings.extend(told.into_iter().map(|warning| format!("{name}: {warning}")));
            Ok(mask.with_role(role))
        };
        self.masks.iter().zip(files).map(decode).collect()
    }
}

impl Source {
    /// The labels with the classes of the dataset.
    fn draft(&self) -> Result<Draft> {
        let mut draft = self.labels.draft()?;
        stale::leave_out(&mut draft);
        for object in &mut draft.objects {
            let class = self.classes.get(object.class).copied();
            object.class =
                class.ok_or_else(|| Error::new(ErrorKind::Label, format!("class {} is not listed", object.class)))?;
        }
        Ok(draft)
    }
}

/// A mask in the frame of its image: it was drawn on the displayed image, or, where only their size is its own, on the
/// stored pixels.
fn place_mask(mask: Mask, frame: &Frame, warnings: &mut Vec<String>) -> Result<Mask> {
    let (size, turn) = (mask.size(), frame.turn());
    let stored = size != frame.upright && size == frame.stored && turn > 1;
    if !stored && size != frame.upright {
        return Err(Error::new(ErrorKind::Label, other_size(size, frame.upright)));
    }
    if frame.orientation > 1 {
        let on = if stored { "stored pixels and turned with them" } else { "displayed image" };
        let warning =
            format!("EXIF orientation {}: masks of its size are taken as drawn on the {on}", frame.orientation);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    if stored { upright_mask(mask, turn) } else { Ok(mask) }
}

/// What to do about a mask that is not as large as its image.
fn other_size(mask: Size, image: Size) -> String {
    let times = |small: Size, large: Size| {
        let times = large.width.checked_div(small.width).filter(|times| *times > 1)?;
        (small.width.checked_mul(times) == Some(large.width) && small.height.checked_mul(times) == Some(large.height))
            .then_some(times)
    };
    let advice = if let Some(times) = times(mask, image) {
        format!("enlarge it {times} times, each value kept (nearest neighbor)")
    } else if let Some(times) = times(image, mask) {
        format!(
            "reduce it to one of {times} pixels each way, each value kept (nearest neighbor), or give the larger images"
        )
    } else {
        "make them the same size".to_owned()
    };
    let (w, h) = (mask.width, mask.height);
    format!("the mask is {w}x{h}, but the image is {}x{}: {advice}", image.width, image.height)
}

fn place(mut draft: Draft, frame: &Frame, as_stored: bool) -> Placed {
    draft.frame_bitmaps(draft.size.unwrap_or(frame.upright));
    let mut warnings = draft.warnings;
    let stored = drawn_on_stored(draft.size, frame, &draft.objects, &mut warnings);
    let unturned = Frame::plain(frame.stored);
    let (frame, stored) = if as_stored && stored { (&unturned, false) } else { (frame, stored) };
    let Draft { fractions, objects, read, dropped, extra, .. } = draft;
    let mut placed = Placed { labels: Labels::default(), size: frame.upright, read, dropped, warnings };
    let drawn = if stored { frame.stored } else { frame.upright };
    let mut clip = Clip::new(frame.upright);
    for mut object in objects {
        if fractions {
            scale(&mut object, drawn);
        }
        if let Some(Shape::Bitmap(bitmap)) = &object.shape
            && bitmap.size != drawn
        {
            placed.warnings.push(format!(
                "object {}: its bitmap is {}x{}, but the image is {}x{}; the bitmap is left out",
                object.index, bitmap.size.width, bitmap.size.height, drawn.width, drawn.height
            ));
            object.shape = None;
        }
        if stored && frame.turn() > 1 {
            orient(&mut object, frame);
        }
        object.bbox = object.bbox.or_else(|| object.shape.as_ref().and_then(Shape::bound));
        let index = object.index;
        match clip.object(object) {
            Ok(object) => placed.labels.objects.push(object),
            Err(reason) => placed.dropped.push(Dropped { index, partner: None, reason }),
        }
    }
    clip.warn(&mut placed.warnings);
    placed.dropped.sort_by_key(|dropped| dropped.index);
    placed.labels.extra = extra;
    placed
}

/// Whether labels were drawn on the stored pixels and not on the displayed image: where the size that they state is
/// that of the stored pixels alone, unless they fit the displayed image alone, as those of tools that state the one
/// and draw on the other.
fn drawn_on_stored(size: Option<Size>, frame: &Frame, objects: &[Object], warnings: &mut Vec<String>) -> bool {
    let states_stored = size.is_some_and(|size| size != frame.upright && size == frame.stored);
    if objects.is_empty() {
        return states_stored;
    }
    let fit = |size: Size| {
        let mut bounds = objects.iter().filter_map(|object| object.bbox.or_else(|| object.shape.as_ref()?.bound()));
        bounds.all(|bound| {
            let (right, bottom) = (f64::from(size.width) + SLACK_PX, f64::from(size.height) + SLACK_PX);
            bound.x0 >= -SLACK_PX && bound.y0 >= -SLACK_PX && bound.x1 <= right && bound.y1 <= bottom
        })
    };
    let stored = states_stored && (fit(frame.stored) || !fit(frame.upright));
    if frame.orientation > 1 {
        let on = if stored { "stored pixels and turned with them" } else { "displayed image" };
        let why = if states_stored && !stored { ", which alone they fit" } else { "" };
        warnings.push(format!("EXIF orientation {}: labels are taken as drawn on the {on}{why}", frame.orientation));
    }
    if let Some(size) = size.filter(|size| *size != frame.upright && *size != frame.stored) {
        warnings.push(format!(
            "the labels state an image of {}x{}, but it is {}x{}; their coordinates are taken as they are",
            size.width, size.height, frame.upright.width, frame.upright.height
        ));
    }
    stored
}

/// The box of YOLO's center and size on a frame.
pub(super) fn fraction_box([cx, cy, w, h]: [f64; 4], size: Size) -> Rect {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    Rect::new((cx - w / 2.0) * width, (cy - h / 2.0) * height, (cx + w / 2.0) * width, (cy + h / 2.0) * height)
}

/// From fractions of a frame to its pixels.
fn scale(object: &mut Object, size: Size) {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    if let Some(stated) = &mut object.stated {
        stated.bbox = fraction_box(stated.numbers, size);
        object.bbox = Some(stated.bbox);
    } else {
        let scaled = |rect: Rect| Rect::new(rect.x0 * width, rect.y0 * height, rect.x1 * width, rect.y1 * height);
        object.bbox = object.bbox.map(scaled);
    }
    each_point(object, |p| Point::new(p.x * width, p.y * height));
}

/// The stated numbers of an object's box where nothing has moved it: `expand` turns numbers into a box as the
/// reader of the same notation does, so that numbers of another notation are not taken for one's own.
pub(super) fn unmoved(object: &Object, size: Size, expand: impl Fn([f64; 4]) -> Rect) -> Option<&Stated> {
    let stated = object.stated.as_deref()?;
    let (now, was) = (object.bbox?, stated.bbox.intersection(size.frame()));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    let same = near(now.x0, was.x0) && near(now.y0, was.y0) && near(now.x1, was.x1) && near(now.y1, was.y1);
    (same && expand(stated.numbers) == stated.bbox).then_some(stated)
}
