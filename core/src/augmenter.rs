//! The front door for one image: a checked recipe and a seed, which augment pixels or a file with its labels.

use std::borrow::Cow;
use std::sync::Arc;

use crate::codec::{self, Format};
use crate::digest::Digest;
use crate::engine::{RenderContext, Sample, execute};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::Image;
use crate::labels::{Classes, Dropped, Labels, Object, ObjectState, keep_or_drop};
use crate::limits::Limits;
use crate::plan::{DrawContext, Plan, Recipe, draw_plan};

/// A checked recipe and a seed. The same recipe, seed, image and copy give the same pixels and labels everywhere.
///
/// ```
/// use augment_core::geometry::{Rect, Size};
/// use augment_core::image::{Channels, Fill, Image};
/// use augment_core::labels::{Labels, Object};
/// use augment_core::{Augmenter, Recipe};
///
/// # fn main() -> augment_core::Result<()> {
/// let recipe = Recipe::parse(r#"{"version": 1, "steps": [{"op": "flip_horizontal"}]}"#)?;
/// let augmenter = Augmenter::new(recipe, 7);
/// let image = Image::filled(Size::new(64, 48), Channels::Rgb, Fill([200; 3]));
/// let box_of_a_cat = Object { bbox: Some(Rect::new(4.0, 8.0, 20.0, 30.0)), ..Object::default() };
/// let labels = Labels { objects: vec![box_of_a_cat], ..Labels::default() };
///
/// let augmented = augmenter.augment(image, &labels, b"cat.jpg", 0)?;
///
/// assert_eq!(augmented.labels.objects[0].bbox, Some(Rect::new(44.0, 8.0, 60.0, 30.0)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Augmenter {
    recipe: Recipe,
    seed: u64,
    classes: Arc<Classes>,
    limits: Limits,
    /// Content hashes of all images of the dataset, sorted; empty unless the recipe mixes.
    partners: Vec<Digest>,
}

/// An augmented image.
#[derive(Debug)]
#[non_exhaustive]
pub struct Augmented {
    /// The pixels.
    pub image: Image,
    /// The labels in pixels of the augmented image.
    pub labels: Labels,
    /// Objects that the recipe's label policy leaves out, with the reason.
    pub dropped: Vec<Dropped>,
    /// The numbers that were drawn.
    pub plan: Plan,
}

/// An augmented image as a file.
#[derive(Debug)]
#[non_exhaustive]
pub struct AugmentedFile {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// Its format, as the recipe's `output` says.
    pub format: Format,
    /// Its size.
    pub size: Size,
    /// The labels in pixels of the augmented image.
    pub labels: Labels,
    /// Objects that the recipe's label policy leaves out, with the reason.
    pub dropped: Vec<Dropped>,
    /// What of the source could not be read or kept, though the picture could.
    pub warnings: Vec<String>,
    /// The numbers that were drawn.
    pub plan: Plan,
}

impl Augmenter {
    /// An augmenter for objects without classes, with the usual limits. The seed stands in for the recipe's own.
    #[must_use]
    pub fn new(recipe: Recipe, seed: u64) -> Self {
        Self { recipe, seed, classes: Arc::default(), limits: Limits::default(), partners: Vec::new() }
    }

    /// With the classes that objects name by index: a flip swaps the keypoints that a class pairs.
    #[must_use]
    pub fn with_classes(mut self, classes: Arc<Classes>) -> Self {
        self.classes = classes;
        self
    }

    /// With other bounds on what is read and made.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With the content hashes of all images, which mixing steps choose from.
    #[cfg_attr(not(feature = "datasets"), expect(dead_code))]
    pub(crate) fn with_partners(mut self, mut hashes: Vec<Digest>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        self.partners = hashes;
        self
    }

    /// The recipe.
    #[must_use]
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The classes of the objects.
    #[must_use]
    pub const fn classes(&self) -> &Arc<Classes> {
        &self.classes
    }

    /// The bounds on what is read and made.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The numbers of one copy of an image that is known by its key, size and objects alone.
    pub(crate) fn plan(&self, key: Digest, size: Size, objects: &[ObjectState], copy: u32) -> Result<Plan> {
        let context = DrawContext { source: key, size, objects, classes: &self.classes, partners: &self.partners };
        draw_plan(&self.recipe, self.seed, copy, &context)
    }

    /// Augments pixels with their labels, in continuous pixels of the upright image. Images with different keys get
    /// different draws: a key is a name, or the bytes of the file, which [`Self::augment_file`] and runs over datasets
    /// take. A step that mixes images mixes this one with itself. Flips are not drawn for objects whose class does not
    /// say which keypoint becomes which, unless the recipe has `labels.flip_unpaired`.
    ///
    /// # Errors
    /// `Recipe` when a step does not fit the image, `Limit` when it would grow too large, `Label` for a mask of another
    /// size.
    pub fn augment(&self, image: impl Into<Arc<Image>>, labels: &Labels, key: &[u8], copy: u32) -> Result<Augmented> {
        let image = image.into();
        if let Some(mask) = labels.masks.iter().find(|mask| mask.size() != image.size()) {
            let (mask, image) = (mask.size(), image.size());
            let why =
                format!("a mask has {}x{} pixels, its image {}x{}", mask.width, mask.height, image.width, image.height);
            return Err(Error::new(ErrorKind::Label, why));
        }
        let numbered = labels.objects.iter().cloned().enumerate();
        let objects = numbered.map(|(index, object)| Object { index, ..object }).collect();
        let sample = Sample::new(image, &Labels { objects, ..labels.clone() });
        let unpaired =
            !self.recipe.labels.flip_unpaired && labels.objects.iter().any(|object| self.is_unpaired(object));
        let drawing = if unpaired { Cow::Owned(self.without_mirrors()) } else { Cow::Borrowed(self) };
        let plan = drawing.plan(Digest::of(key), sample.image.size(), &sample.objects, copy)?;
        let partner = |_| Ok(sample.clone());
        let policy = &self.recipe.labels;
        let context = RenderContext { classes: &self.classes, policy, limits: &self.limits, partner: &partner };
        let Sample { image, masks, objects } = execute(&plan, sample.clone(), &context)?;
        let size = image.size();
        let (mut kept, mut dropped) = (Vec::with_capacity(objects.len()), Vec::new());
        for object in objects {
            match keep_or_drop(object, policy, size) {
                Ok(object) => kept.push(object),
                Err(object) => dropped.push(object),
            }
        }
        let labels = Labels { objects: kept, masks, class: labels.class.clone(), extra: labels.extra.clone() };
        Ok(Augmented { image: Arc::unwrap_or_clone(image), labels, dropped, plan })
    }

    /// Augments the bytes of an image file; the recipe's `output` says as what the result is written. Where no step ran
    /// and the format stays, the bytes stay too.
    ///
    /// # Errors
    /// Those of [`codec::decode`] and [`codec::encode`], and as [`Self::augment`].
    pub fn augment_file(&self, file: &[u8], labels: &Labels, copy: u32) -> Result<AugmentedFile> {
        let decoded = codec::decode_as(file, &self.limits, &self.recipe.input)?;
        let encoding = self.recipe.output.encoding(&decoded.header);
        let Augmented { image, labels, dropped, plan } = self.augment(decoded.image, labels, file, copy)?;
        let bytes = if plan.steps.is_empty() && decoded.header.is_written_as(&encoding) {
            file.to_vec()
        } else {
            codec::encode(&image, &encoding, decoded.icc.as_deref(), self.recipe.output.background)?
        };
        let (format, size, warnings) = (encoding.format(), image.size(), decoded.warnings);
        Ok(AugmentedFile { bytes, format, size, labels, dropped, warnings, plan })
    }

    /// Whether a flip would swap keypoints that nothing pairs.
    fn is_unpaired(&self, object: &Object) -> bool {
        let class = self.classes.0.get(object.class);
        object.keypoints.len() > 1 && class.is_none_or(|class| class.mirror.is_empty())
    }

    fn without_mirrors(&self) -> Self {
        Self { recipe: self.recipe.clone().without_mirrors(), ..self.clone() }
    }
}
