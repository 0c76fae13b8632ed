//! Previews: what a run will make of an image, pictured small; the draws, the labels and which of them stay are the
//! run's own.

use std::sync::Arc;

use crate::codec::{self, Glance};
use crate::digest::Digest;
use crate::engine::{Small, SmallRenderContext, execute_small, fit, warp_image, warp_mask};
use crate::error::{Context, Result};
use crate::formats::{Frame, Item};
use crate::geometry::{Point, Rect, Size, Warp};
use crate::image::Image;
use crate::labels::{Keypoint, Labels, Mask, Object, ObjectState, Shape, keep_or_drop};
use crate::limits::Limits;
use crate::output::contact_sheet;
use crate::pipeline::{CopyKind, RunSpec, drawn_from};
use crate::reading::Reading;

/// A source, decoded and reduced once for all of its previews. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// Hash of its bytes.
    pub digest: Digest,
    /// Its number among the sources of the same content.
    pub twin: u32,
    /// Its pixels reduced, its labels in full.
    pub small: Small,
    /// What a person should know of it.
    pub warnings: Vec<String>,
}

/// A picture of an output, or of the source.
#[derive(Clone, Debug)]
pub struct View {
    /// The pixels.
    pub image: Arc<Image>,
    /// The mask of the classes: a value for every pixel.
    pub mask: Option<Arc<Mask>>,
    /// Columns and rows of the output in full.
    pub full: Size,
    /// The drawn steps, as a manifest has them.
    pub steps: serde_json::Value,
    /// Objects that stay, in pixels of the picture.
    pub kept: Vec<Mark>,
    /// Objects that do not, where they still have a place.
    pub dropped: Vec<Mark>,
}

/// An object as it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Its class.
    pub class: usize,
    /// Its box.
    pub bbox: Option<Rect>,
    /// Outlines of its shape, holes among them.
    pub rings: Vec<Vec<Point>>,
    /// Its keypoints, in the order of its class.
    pub keypoints: Vec<Keypoint>,
    /// Why it is left out.
    pub reason: Option<String>,
}

impl Reduced {
    /// Decodes a source to a longest side of at most `side` pixels and places its labels; of its masks the first one alone
    /// is shown, `mask`. Bitmaps become outlines.
    ///
    /// # Errors
    /// As [`RunSpec::prepare`].
    pub fn new(item: &Item, bytes: &[u8], mask: Option<&[u8]>, side: u32, limits: &Limits) -> Result<Self> {
        Self::read(item, bytes, mask, side, limits).within(|| item.name.clone())
    }

    fn read(item: &Item, bytes: &[u8], mask: Option<&[u8]>, side: u32, limits: &Limits) -> Result<Self> {
        let Glance { image, by, header, warnings } = codec::decode_small(bytes, limits, &Reading::default(), side)?;
        let wanted = fit(header.stored, side);
        let image = if by == 1 && wanted == header.stored {
            image
        } else {
            let extent = |pixels: u32| f64::from(pixels) / f64::from(by);
            let whole = Rect::new(0.0, 0.0, extent(header.stored.width), extent(header.stored.height));
            warp_image(&image, &[Warp::between_rects(wanted, whole, wanted.frame())?])
        };
        let image = codec::upright(image, header.orientation)?;
        let mut of_masks = Vec::new();
        let masks = item.decode_masks(mask, limits, &mut of_masks)?;
        let full = header.upright();
        let frame = Frame { stored: header.stored, upright: full, orientation: header.orientation };
        let placed = item.place(&frame, masks)?;
        let mut masks = placed.labels.masks;
        for mask in masks.iter_mut().filter(|mask| mask.size() != image.size()) {
            let warp = Warp::between_rects(image.size(), full.frame(), image.size().frame())?;
            *mask = Arc::new(warp_mask(mask, &[warp], [0; 4]));
        }
        let objects = placed.labels.objects.into_iter().map(outlined).map(ObjectState::new).collect();
        let small = Small { image: Arc::new(image), masks, full, objects };
        let warnings = warnings.into_iter().chain(placed.warnings).chain(of_masks).collect();
        Ok(Self { digest: Digest::of(bytes), twin: item.twin, small, warnings })
    }

    /// Bytes of its pixels.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let masks: usize = self.small.masks.iter().map(|mask| mask.samples().len()).sum();
        self.small.image.samples().len() + masks
    }
}

/// An object with outlines in place of a bitmap, which would be painted again in full for every look.
fn outlined(mut object: Object) -> Object {
    if let Some(Shape::Bitmap(bitmap)) = &object.shape {
        object.shape = Some(Shape::Polygons(bitmap.polygons()));
    }
    object
}

impl RunSpec {
    /// Pictures one output of a source, or the source itself, with a longest side of at most `side` pixels: the plan is
    /// the one of [`RunSpec::plan`], followed on reduced pixels; `partner` fetches reduced partners.
    ///
    /// # Errors
    /// As [`RunSpec::render`].
    pub fn preview(
        &self,
        source: &Reduced,
        copy: CopyKind,
        side: u32,
        partner: &dyn Fn(Digest) -> Result<Small>,
    ) -> Result<View> {
        let small = &source.small;
        let plan = self.plan_for(drawn_from(source.digest, source.twin), small.full, &small.objects, copy)?;
        let policy = self.recipe().labels;
        let around =
            SmallRenderContext { classes: self.classes(), policy: &policy, limits: self.limits(), side, partner };
        let made = execute_small(&plan, small.clone(), &around)?;
        let size = made.image.size();
        let map = |p: Point| {
            let scale = |v: f64, to: u32, from: u32| v * f64::from(to) / f64::from(from);
            Point::new(scale(p.x, size.width, made.full.width), scale(p.y, size.height, made.full.height))
        };
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for tracked in made.objects {
            let mut mark = Mark {
                class: tracked.class(),
                bbox: tracked.bound(),
                rings: tracked.rings(),
                keypoints: tracked.keypoints().to_vec(),
                reason: None,
            };
            match keep_or_drop(tracked, &policy, made.full) {
                Ok(object) => {
                    mark.bbox = object.bbox;
                    kept.push(mark.mapped(&map));
                }
                Err(gone) => {
                    mark.reason = Some(gone.reason);
                    dropped.push(mark.mapped(&map));
                }
            }
        }
        let steps = plan.to_json();
        let mask = made.masks.into_iter().next();
        Ok(View { image: made.image, mask, full: made.full, steps, kept, dropped })
    }
}

impl Mark {
    /// The marks of labels that are final, in their own pixels.
    #[must_use]
    pub fn of(labels: &Labels) -> Vec<Self> {
        let mark = |object: &Object| {
            let tracked = ObjectState::new(outlined(object.clone()));
            Self {
                class: object.class,
                bbox: object.bbox,
                rings: tracked.rings(),
                keypoints: object.keypoints.clone(),
                reason: None,
            }
        };
        labels.objects.iter().map(mark).collect()
    }

    fn mapped(mut self, map: &impl Fn(Point) -> Point) -> Self {
        self.bbox = self.bbox.map(|rect| {
            let (a, b) = (map(Point::new(rect.x0, rect.y0)), map(Point::new(rect.x1, rect.y1)));
            Rect::new(a.x, a.y, b.x, b.y)
        });
        self.rings.iter_mut().flatten().for_each(|point| *point = map(*point));
        self.keypoints.iter_mut().for_each(|keypoint| keypoint.point = map(keypoint.point));
        self
    }
}

/// The color that pictures of labels give a class.
#[must_use]
pub fn class_color(class: usize) -> [u8; 3] {
    contact_sheet::color(class)
}
