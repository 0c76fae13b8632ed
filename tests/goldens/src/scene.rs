//! A picture with a label of every kind, and what the core makes of it by a recipe.

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect, Size, clip_ring};
use augment_core::image::{Channels, Image};
use augment_core::labels::{
    Bitmap, Class, Classes, Keypoint, Labels, Mask, Object, ObjectState, Polygon, Shape, Values, Visibility,
    keep_or_drop,
};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Recipe, draw_plan};
use augment_core::{Error, ErrorKind, Result};
use augment_render::engine::{RenderContext, Sample, execute};

use crate::codec::pixels;
use crate::pictures::picture;

/// A labeled picture of a name.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    image: Arc<Image>,
    labels: Labels,
    digest: Digest,
}

/// What came out, as bytes to hash.
pub(crate) struct Outcome {
    pub(crate) plan: Vec<u8>,
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u8>,
}

impl Scene {
    /// The scenes: one for each kind of pixel, all of one size.
    pub(crate) fn all() -> Vec<Self> {
        // Draws follow the seed's spelling, which stays whatever the scene is called.
        [("gray", "grey", Channels::Gray), ("rgb", "rgb", Channels::Rgb), ("rgba", "rgba", Channels::Rgba)]
            .into_iter()
            .map(|(name, seed, channels)| {
                let image = picture(131, 89, channels);
                let labels = labels(image.size());
                let digest = Digest::of(seed.as_bytes());
                Self { name, image: Arc::new(image), labels, digest }
            })
            .collect()
    }

    /// A picture with oriented boxes: one inside, one that reaches out of it.
    pub(crate) fn oriented() -> Self {
        let corners = [
            [(40.0, 12.0), (88.0, 44.0), (72.0, 68.0), (24.0, 36.0)],
            [(-9.0, 60.0), (15.0, 52.0), (23.0, 76.0), (-1.0, 84.0)],
        ];
        let image = picture(131, 89, Channels::Rgb);
        let object = |(index, corners): (usize, [(f64, f64); 4])| {
            let corners = corners.map(|(x, y)| Point::new(x, y));
            let inside = clip_ring(&corners, image.size().frame());
            Object { bbox: Rect::around(inside), shape: Some(Shape::Oriented(corners)), index, ..Object::default() }
        };
        let labels = Labels { objects: corners.into_iter().enumerate().map(object).collect(), ..Labels::default() };
        Self { name: "oriented", image: Arc::new(image), labels, digest: Digest::of(b"oriented") }
    }

    fn sample(&self) -> Sample {
        Sample::new(Arc::clone(&self.image), &self.labels)
    }

    /// This scene by a recipe; `all` are the ones that a mixing step may take.
    pub(crate) fn augmented(&self, recipe: &Recipe, copy: u32, all: &[Self]) -> Result<Outcome> {
        let classes = classes();
        let limits = Limits::default();
        let objects: Vec<ObjectState> = self.sample().objects;
        let mut partners: Vec<Digest> = all.iter().map(|scene| scene.digest).collect();
        partners.sort_unstable();
        let (source, size) = (self.digest, self.image.size());
        let subject = DrawContext { source, size, objects: &objects, classes: &classes, partners: &partners };
        let plan = draw_plan(recipe, recipe.seed.unwrap_or(7), copy, &subject)?;
        let partner = |digest: Digest| {
            let scene = all.iter().find(|scene| scene.digest == digest);
            scene.map(Self::sample).ok_or_else(|| Error::new(ErrorKind::Recipe, "no such partner"))
        };
        let around = RenderContext { classes: &classes, policy: &recipe.labels, limits: &limits, partner: &partner };
        let sample = execute(&plan, self.sample(), &around)?;
        Ok(Outcome {
            plan: plan.to_json().to_string().into_bytes(),
            labels: label_bytes(&sample, recipe),
            pixels: pixels(&sample.image),
        })
    }
}

fn classes() -> Classes {
    let mut person = Class::named("person");
    person.keypoints = ["left", "right", "nose"].map(str::to_owned).to_vec();
    person.mirror = vec![1, 0, 2];
    Classes(vec![Class::named("thing"), person])
}

/// A box, a polygon with a hole, a bitmap, keypoints, and a mask.
fn labels(size: Size) -> Labels {
    let points = |list: &[(f64, f64)]| list.iter().map(|(x, y)| Point::new(*x, *y)).collect::<Vec<_>>();
    let boxed = Object { bbox: Some(Rect::new(12.0, 9.5, 40.25, 33.0)), ..Object::default() };
    let polygon = Polygon {
        outer: points(&[(50.0, 20.0), (90.0, 25.0), (80.0, 60.0), (55.0, 55.0)]),
        holes: vec![points(&[(60.0, 30.0), (70.0, 30.0), (65.0, 40.0)])],
    };
    let shaped = Object { shape: Some(Shape::Polygons(vec![polygon])), index: 1, ..Object::default() };
    let disc: Vec<u8> = (0..size.area())
        .map(|at| {
            let (x, y) = (at % size.width as usize, at / size.width as usize);
            let (dx, dy) = (x.abs_diff(100), y.abs_diff(60));
            u8::from(dx * dx + dy * dy < 300)
        })
        .collect();
    let bitmap =
        Object { shape: Some(Shape::Bitmap(Bitmap::from_samples(size, &disc))), index: 2, ..Object::default() };
    let joints = [(30.5, 50.5, Visibility::Visible), (44.5, 52.0, Visibility::Hidden), (0.0, 0.0, Visibility::Absent)];
    let keypoints = joints.map(|(x, y, visibility)| Keypoint { point: Point::new(x, y), visibility }).to_vec();
    let person =
        Object { class: 1, bbox: Some(Rect::new(25.0, 45.0, 50.0, 80.0)), keypoints, index: 3, ..Object::default() };
    let mask = Mask::new(size, Values::Bytes, disc).ok();
    let masks = mask.into_iter().map(Arc::new).collect();
    Labels { objects: vec![boxed, shaped, bitmap, person], masks, ..Labels::default() }
}

/// Every object that stays, every one that does not and why, and the mask.
fn label_bytes(sample: &Sample, recipe: &Recipe) -> Vec<u8> {
    let mut text = String::new();
    for tracked in sample.objects.iter().cloned() {
        match keep_or_drop(tracked, &recipe.labels, sample.image.size()) {
            Ok(object) => text.push_str(&format!(
                "{} {} {:?} {:?} {:?}\n",
                object.index, object.class, object.bbox, object.shape, object.keypoints
            )),
            Err(dropped) => text.push_str(&format!("{} dropped: {}\n", dropped.index, dropped.reason)),
        }
    }
    let mut bytes = text.into_bytes();
    for mask in &sample.masks {
        let shown = Image::from_samples(mask.size(), Channels::Gray, mask.samples().to_vec());
        bytes.extend(shown.iter().flat_map(pixels));
    }
    bytes
}
