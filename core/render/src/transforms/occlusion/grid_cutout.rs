//! `grid_cutout`: a regular grid of squares that cover the image.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::image::Rgba;
use crate::math::round_half_up;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Cover, Occlusion, Paint, Transform, transform};

/// The most units along the longer side: more are too many rectangles.
const MAX_UNITS: u32 = 20;

transform! {
    /// Covers a square in every unit of a regular grid with a color. Alpha becomes opaque there.
    GridCutout = "grid_cutout", Occlusion;
    /// Side of a unit as a fraction of the image's longer side.
    unit: Range = Range::new(0.1, 0.25), Control::Range { min: 0.05, max: 1.0 };
    /// Side of the covered square as a fraction of the unit's; 0 changes nothing.
    ratio: Range = Range::new(0.3, 0.6), Control::Range { min: 0.0, max: 1.0 };
    /// How far the grid is shifted to the right, as a fraction of the unit.
    offset_x: Range = Range::new(0.0, 1.0), Control::Range { min: 0.0, max: 1.0 };
    /// How far the grid is shifted down, as a fraction of the unit.
    offset_y: Range = Range::new(0.0, 1.0), Control::Range { min: 0.0, max: 1.0 };
    /// The color.
    fill: Rgba = Rgba::BLACK, Control::Fill;
    examples: r#"{"unit": [0.1, 0.2], "ratio": 0.5}"#, r#"{"unit": 0.25, "offset_x": 0, "offset_y": 0.5, "fill": 128}"#;
    neutral: r#"{"ratio": 0}"#;
}

/// The drawn grid in whole pixels.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    /// Side of a unit.
    unit: u32,
    /// Side of the covered square.
    side: u32,
    /// Left edge of a square.
    x: u32,
    /// Top edge of a square.
    y: u32,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for GridCutout {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let pixels = |fraction: f64, whole: u32| round_half_up(fraction * f64::from(whole)) as u32;
        let longer = facts.size.width.max(facts.size.height);
        let unit = pixels(self.unit.draw(random), longer).max(least_unit(facts.size));
        let side = pixels(self.ratio.draw(random), unit);
        let (x, y) = (pixels(self.offset_x.draw(random), unit), pixels(self.offset_y.draw(random), unit));
        Ok(Drawn { unit, side, x: x % unit, y: y % unit, fill: self.fill })
    }
}

fn least_unit(size: Size) -> u32 {
    size.width.max(size.height).div_ceil(MAX_UNITS).max(1)
}

impl Occlusion for Drawn {
    fn cover(&self, size: Size) -> Cover {
        let unit = self.unit.max(least_unit(size));
        // Edges along an axis, from the unit that the first pixel lies in.
        let spans = |offset: u32, extent: u32| {
            let first = i64::from(offset % unit) - i64::from(unit);
            (0..).map(move |i| first + i * i64::from(unit)).take_while(move |start| *start < i64::from(extent)).map(
                move |start| {
                    let end = start + i64::from(self.side.min(unit));
                    (start.max(0) as f64, end.min(extent.into()) as f64)
                },
            )
        };
        let mut rects = Vec::new();
        for (y0, y1) in spans(self.y, size.height) {
            for (x0, x1) in spans(self.x, size.width) {
                if x0 < x1 && y0 < y1 {
                    rects.push(Rect::new(x0, y0, x1, y1));
                }
            }
        }
        Cover { rects, paint: Paint::Fill(self.fill) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_repeat_every_unit_and_are_cut_at_the_edges() {
        let drawn = Drawn { unit: 40, side: 10, x: 35, y: 0, fill: Rgba::BLACK };
        let rects = drawn.cover(Size::new(100, 45)).rects;
        let expected = [
            Rect::new(0.0, 0.0, 5.0, 10.0),
            Rect::new(35.0, 0.0, 45.0, 10.0),
            Rect::new(75.0, 0.0, 85.0, 10.0),
            Rect::new(0.0, 40.0, 5.0, 45.0),
            Rect::new(35.0, 40.0, 45.0, 45.0),
            Rect::new(75.0, 40.0, 85.0, 45.0),
        ];
        assert_eq!(rects, expected);
    }

    #[test]
    fn foreign_numbers_make_no_more_squares_than_the_finest_grid() {
        for unit in [0, 1, u32::MAX] {
            let drawn = Drawn { unit, side: u32::MAX, x: u32::MAX, y: u32::MAX, fill: Rgba::BLACK };
            assert!(drawn.cover(Size::new(50_000, 50_000)).rects.len() <= 22 * 22, "unit {unit}");
            let _ = drawn.cover(Size::new(1, 1));
        }
    }
}
