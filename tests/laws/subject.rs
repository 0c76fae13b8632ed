//! A small labeled scene to try transforms on, and what comes out.

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect, Size};
use augment_core::image::{Channels, Image};
use augment_core::labels::{
    Bitmap, Class, Classes, Keypoint, LabelPolicy, Labels, Mask, Object, Polygon, Shape, Visibility, keep_or_drop,
};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Plan};
use augment_render::engine::{RenderContext, Sample, execute};

/// An image with a box, a polygon with a hole, a bitmap, keypoints and a mask; and a set to mix with.
pub(crate) struct Scene {
    sample: Sample,
    classes: Classes,
    hashes: Vec<Digest>,
}

/// What a plan made of a scene.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) image: Image,
    pub(crate) mask: Option<Mask>,
    pub(crate) objects: Vec<Object>,
}

/// A scene of a size with 1, 3 or 4 channels.
pub(crate) fn scene(width: u32, height: u32, channels: usize) -> Scene {
    let size = Size::new(width, height);
    let channels = match channels {
        1 => Channels::Gray,
        3 => Channels::Rgb,
        _ => Channels::Rgba,
    };
    let samples = (0..size.area() * channels.count()).map(|i| ((i * 37 + i / 5 * 11) % 251) as u8).collect();
    let image = Image::from_samples(size, channels, samples).unwrap();
    let classes = Classes(vec![Class::named("thing"), Class { mirror: vec![1, 0, 2], ..Class::named("person") }]);
    let (w, h) = (f64::from(width), f64::from(height));
    let at = |x: f64, y: f64| Point::new(x * w, y * h);
    let outer = vec![at(0.2, 0.2), at(0.7, 0.15), at(0.8, 0.7), at(0.3, 0.8)];
    let hole = vec![at(0.4, 0.4), at(0.6, 0.4), at(0.5, 0.6)];
    let polygon = Shape::Polygons(vec![Polygon { outer, holes: vec![hole] }]);
    let inked: Vec<u8> = (0..size.area()).map(|i| u8::from(i % width as usize > width as usize / 3)).collect();
    let bitmap = Shape::Bitmap(Bitmap::from_samples(size, &inked));
    let joint = |x, y| Keypoint { point: at(x, y), visibility: Visibility::Visible };
    let mut objects = vec![
        Object { bbox: Some(Rect::new(0.1 * w, 0.2 * h, 0.6 * w, 0.7 * h)), ..Object::default() },
        Object { class: 1, bbox: polygon.bound(), shape: Some(polygon), index: 1, ..Object::default() },
    ];
    objects[1].keypoints = vec![joint(0.3, 0.3), joint(0.6, 0.3), joint(0.5, 0.7)];
    if let Some(bound) = bitmap.bound() {
        objects.push(Object { bbox: Some(bound), shape: Some(bitmap), index: 2, ..Object::default() });
    }
    let corners = [at(0.3, 0.1), at(0.9, 0.4), at(0.7, 0.8), at(0.1, 0.5)];
    let bbox = Rect::around(corners);
    objects.push(Object { bbox, shape: Some(Shape::Oriented(corners)), index: 3, ..Object::default() });
    let mask = Image::from_samples(size, Channels::Gray, inked).unwrap();
    let labels = Labels { objects, masks: vec![Arc::new(mask.into())], ..Labels::default() };
    let mut hashes: Vec<Digest> = (0..6u8).map(|i| Digest::of(&[i])).collect();
    hashes.sort_unstable();
    Scene { sample: Sample::new(Arc::new(image), &labels), classes, hashes }
}

impl Scene {
    pub(crate) fn size(&self) -> Size {
        self.sample.image.size()
    }

    pub(crate) fn channels(&self) -> Channels {
        self.sample.image.channels()
    }

    pub(crate) fn image(&self) -> &Image {
        &self.sample.image
    }

    pub(crate) fn subject(&self) -> DrawContext<'_> {
        DrawContext {
            source: self.hashes[0],
            size: self.size(),
            objects: &self.sample.objects,
            classes: &self.classes,
            partners: &self.hashes,
        }
    }

    pub(crate) fn execute(&self, plan: &Plan) -> Outcome {
        let policy = LabelPolicy { min_visibility: 0.0, ..LabelPolicy::default() };
        // Partners of other sizes and channels than the scene itself.
        let partner = |digest: Digest| {
            Ok(scene(20 + u32::from(digest.0[0] % 9), 33, [1, 3, 4][usize::from(digest.0[1] % 3)]).sample)
        };
        let around =
            RenderContext { classes: &self.classes, policy: &policy, limits: &Limits::default(), partner: &partner };
        let sample =
            execute(plan, self.sample.clone(), &around).unwrap_or_else(|error| panic!("{}: {error}", plan.to_json()));
        let size = sample.image.size();
        let objects =
            sample.objects.into_iter().filter_map(|tracked| keep_or_drop(tracked, &policy, size).ok()).collect();
        let mask = sample.masks.into_iter().next().map(Arc::unwrap_or_clone);
        Outcome { image: Arc::unwrap_or_clone(sample.image), mask, objects }
    }
}
