//! `cutout`: rectangles that cover parts of the image.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::image::Rgba;
use crate::sampling::{Facts, IntRange, Random, Range};
use crate::transforms::{Control, Cover, Occlusion, Paint, Transform, transform};

/// The most rectangles.
const MAX_COUNT: i64 = 200;

transform! {
    /// Covers rectangles at random places, wholly inside the image, with a color or with noise. Alpha becomes opaque
    /// there.
    Cutout = "cutout", Occlusion;
    /// How many rectangles; 0 changes nothing.
    count: IntRange = IntRange::new(1, 3), Control::IntRange { min: 0, max: MAX_COUNT };
    /// Their height as a fraction of the image's.
    height: Range = Range::new(0.08, 0.25), Control::Range { min: 0.0, max: 1.0 };
    /// Their width as a fraction of the image's.
    width: Range = Range::new(0.08, 0.25), Control::Range { min: 0.0, max: 1.0 };
    /// What shows: `color` or `noise`, in which every level is equally likely.
    paint: Painted = Painted::Color, Control::Choice(&["color", "noise"]);
    /// The color.
    fill: Rgba = Rgba::BLACK, Control::Fill;
    examples:
        r#"{"count": [2, 5], "fill": [127, 127, 127]}"#,
        r#"{"count": 4, "height": 0.2, "width": [0.1, 0.4], "paint": "noise"}"#;
    neutral: r#"{"count": 0}"#;
}

/// What covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Painted {
    Color,
    Noise,
}

/// The drawn rectangles as left, top, right and bottom edges in whole pixels, and what covers them: noise where there is
/// a seed for it, else the color.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    rects: Vec<[u32; 4]>,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noise: Option<u64>,
}

impl Transform for Cutout {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let noise = match self.paint {
            Painted::Color => None,
            Painted::Noise => Some(random.drawn_seed()),
        };
        let count = self.count.draw(random).clamp(0, MAX_COUNT);
        let rects = (0..count).map(|_| {
            let (x0, x1) = span(facts.size.width, self.width.draw(random), random);
            let (y0, y1) = span(facts.size.height, self.height.draw(random), random);
            [x0, y0, x1, y1]
        });
        let rects = rects.filter(|[x0, y0, x1, y1]| x0 < x1 && y0 < y1).collect();
        Ok(Drawn { rects, fill: self.fill, noise })
    }
}

/// A stretch of a fraction of an axis, at any place on it.
fn span(extent: u32, fraction: f64, random: &mut Random) -> (u32, u32) {
    let length = crate::math::round_half_up(fraction.clamp(0.0, 1.0) * f64::from(extent)) as u32;
    let start = random.below(u64::from(extent - length) + 1) as u32;
    (start, start + length)
}

impl Occlusion for Drawn {
    fn cover(&self, size: Size) -> Cover {
        let rects = self
            .rects
            .iter()
            .take(MAX_COUNT as usize)
            .map(|[x0, y0, x1, y1]| Rect::new((*x0).into(), (*y0).into(), (*x1).into(), (*y1).into()))
            .map(|rect| rect.intersection(size.frame()))
            .filter(|rect| rect.area() > 0.0 && rect.width() > 0.0)
            .collect();
        Cover { rects, paint: self.noise.map_or(Paint::Fill(self.fill), Paint::Noise) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn rectangles_lie_inside_and_have_the_sizes_asked_for() {
        let mut random = Random::from_drawn(1);
        let facts =
            Facts { size: Size::new(200, 100), boxes: &[], labeled: false, partners: &[], source: Digest::of(b"") };
        let cutout = Cutout {
            count: IntRange::fixed(50),
            height: Range::new(0.1, 0.3),
            width: Range::fixed(1.0),
            ..Cutout::default()
        };
        let drawn = cutout.draw(&facts, &mut random).unwrap();
        let cover = drawn.cover(facts.size);
        assert_eq!(cover.rects.len(), 50);
        for rect in &cover.rects {
            assert_eq!((rect.x0, rect.x1), (0.0, 200.0));
            assert!((10.0..=30.0).contains(&rect.height()) && rect.y0 >= 0.0 && rect.y1 <= 100.0, "{rect:?}");
        }
    }

    #[test]
    fn numbers_from_a_foreign_manifest_are_cut_to_the_image() {
        let drawn: Drawn =
            serde_json::from_str(r#"{"rects": [[5, 5, 4000000000, 9], [9, 0, 3, 7], [20, 20, 30, 30]]}"#).unwrap();
        assert_eq!(drawn.cover(Size::new(10, 10)).rects, [Rect::new(5.0, 5.0, 10.0, 9.0)]);
    }
}
