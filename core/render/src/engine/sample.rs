//! A sample: an image, its masks and its objects, on their way through a plan.

use std::sync::Arc;

use crate::image::Image;
use crate::labels::{Labels, Mask, ObjectState};

/// An image with what is known about it, on its way through a plan. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The pixels, shared until a stage changes them.
    pub image: Arc<Image>,
    /// Masks, each a value for every pixel.
    pub masks: Vec<Arc<Mask>>,
    /// The objects.
    pub objects: Vec<ObjectState>,
}

impl Sample {
    /// A sample before the first step.
    #[must_use]
    pub fn new(image: Arc<Image>, labels: &Labels) -> Self {
        let objects = labels.objects.iter().cloned().map(ObjectState::new).collect();
        Self { image, masks: labels.masks.clone(), objects }
    }

    /// The pixels to change, copied first when others hold them too.
    pub(super) fn image_mut(&mut self) -> &mut Image {
        Arc::make_mut(&mut self.image)
    }
}
