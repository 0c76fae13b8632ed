//! Draws small labeled datasets: scenes of people, cars, trees, houses, balls and mugs, the same bytes on every
//! target, with boxes, polygons and keypoints that are right by construction.

mod canvas;
mod color;
mod dataset;
mod figure;
mod figures;
mod path;
mod random;
mod raster;
mod scenes;
mod trace;

use augment_core::geometry::Size;
use augment_core::image::Image;
use augment_core::labels::{Class, Classes, Labels};

pub use dataset::dataset;

use crate::canvas::Canvas;
use crate::figures::{JOINTS, NAMES, PERSON, SKELETON};
use crate::random::Dice;

/// The size of the scenes of a dataset.
pub const SIZE: Size = Size::new(640, 480);

/// A picture and what is on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The picture, RGB.
    pub image: Image,
    /// Its objects from the furthest to the nearest; shapes and boxes are of what is seen of each.
    pub labels: Labels,
}

/// The scene of an index: streets, parks and tables in turn, each of its own. The layout follows the frame's height;
/// a wider frame shows more.
#[must_use]
pub fn scene(index: u32, size: Size) -> Scene {
    draw(index, Canvas::new(size))
}

fn draw(index: u32, mut canvas: Canvas) -> Scene {
    let mut dice = Dice::new(u64::from(index));
    let stage = match index % 3 {
        0 => scenes::street,
        1 => scenes::park,
        _ => scenes::table,
    };
    let labels = stage(&mut canvas, &mut dice);
    Scene { image: canvas.develop(u64::from(index)), labels }
}

/// The classes of all scenes: a person has the seventeen joints of COCO, the others have none.
#[must_use]
pub fn classes() -> Classes {
    let mut classes = Classes(NAMES.map(Class::named).to_vec());
    let person = &mut classes.0[PERSON];
    person.keypoints = JOINTS.map(String::from).to_vec();
    person.skeleton = SKELETON.to_vec();
    let twin = |name: &str| match name.split_once('_') {
        Some(("left", part)) => format!("right_{part}"),
        Some(("right", part)) => format!("left_{part}"),
        _ => name.to_owned(),
    };
    person.mirror =
        JOINTS.iter().enumerate().map(|(i, name)| JOINTS.iter().position(|n| *n == twin(name)).unwrap_or(i)).collect();
    classes
}

#[cfg(test)]
mod tests;
