//! `vignette`: darker towards the corners, as lenses draw.

use crate::error::Result;
use crate::image::Channels;
use crate::kernels::{Levels, PixelPass, RowPass};
use crate::math;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Darkens the image with the distance from a point near its center.
    Vignette = "vignette", Pixel;
    /// How much light the farthest corner of a centered vignette loses: 0 none, 1 all.
    strength: Range = Range::new(0.2, 0.6), Control::Range { min: 0.0, max: 1.0 };
    /// How the loss grows with the distance: as its power of this. Lenses come near 4 (the cos⁴ law), torches near 2.
    falloff: Range = Range::new(2.0, 4.0), Control::Range { min: 0.5, max: 16.0 };
    /// How far the bright point lies from the center, to the right and down.
    offset: Range = Range::new(-0.1, 0.1), Control::Range { min: -0.5, max: 0.5 }, "× side";
    examples: r#"{"strength": [0.3, 0.8]}"#, r#"{"strength": 1, "falloff": 1.5, "offset": [-0.5, 0.5]}"#;
    neutral: r#"{"strength": 0}"#;
}

/// The drawn light.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    strength: f64,
    falloff: f64,
    /// The bright point and the half diagonal, in pixels.
    #[serde(rename = "centre")]
    center: [f64; 2],
    half_diagonal: f64,
}

impl Transform for Vignette {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let center = facts.size.center();
        let mut along = |side: f64| side * (1.0 + 2.0 * self.offset.draw(random));
        let bright = [along(center.x), along(center.y)];
        Ok(Drawn {
            strength: self.strength.draw(random),
            falloff: self.falloff.draw(random),
            center: bright,
            half_diagonal: math::hypot(center.x, center.y),
        })
    }
}

impl Pixel for Drawn {
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Pixel>> {
        let center = self.center.map(|side| side * scale);
        Some(Box::new(Self { center, half_diagonal: self.half_diagonal * scale, ..*self }))
    }

    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        if self.strength <= 0.0 {
            return PixelPass::nothing();
        }
        let light = std::array::from_fn(|i| {
            // The middle of an entry: a squared distance, from 0 to FARTHEST half diagonals squared.
            let squared = (i as f64 + 0.5) * (FARTHEST / ENTRIES as f64);
            let loss = self.strength * math::pow(squared, self.falloff / 2.0);
            math::round_half_up((1.0 - loss).clamp(0.0, 1.0) * f64::from(ONE)) as u32
        });
        let [x, y] = self.center;
        let scale = ENTRIES as f64 / (FARTHEST * self.half_diagonal * self.half_diagonal);
        PixelPass::Rows(Box::new(Light { light: Box::new(light), x, y, scale }))
    }
}

/// Entries of the table of light by squared distance.
const ENTRIES: usize = 4096;
/// The farthest squared distance in it, in squared half diagonals: a bright point in one corner, seen from the other.
const FARTHEST: f64 = 4.0;
/// All light.
const ONE: u32 = 1 << 16;

#[derive(Debug)]
struct Light {
    /// What is left of the light, by squared distance.
    light: Box<[u32; ENTRIES]>,
    x: f64,
    y: f64,
    /// From squared pixels to entries.
    scale: f64,
}

impl RowPass for Light {
    fn apply(&self, y: usize, row: &mut [u8], channels: Channels) {
        let dy = y as f64 + 0.5 - self.y;
        for (x, pixel) in row.chunks_exact_mut(channels.count()).enumerate() {
            let dx = x as f64 + 0.5 - self.x;
            let entry = ((dx * dx + dy * dy) * self.scale) as usize;
            let light = self.light[entry.min(ENTRIES - 1)];
            for level in &mut pixel[..channels.colors()] {
                *level = ((u32::from(*level) * light + ONE / 2) >> 16) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Fill, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn corners_lose_what_strength_says_and_the_middle_nothing() {
        let image = Image::filled(Size::new(201, 101), Channels::Rgb, Fill([200; 3]));
        let drawn =
            Drawn { strength: 0.5, falloff: 2.0, center: [100.5, 50.5], half_diagonal: math::hypot(100.5, 50.5) };
        let dark = apply(&drawn, &image);
        assert_eq!(dark.pixel(100, 50), [200; 3], "the middle");
        assert!(dark.pixel(0, 0)[0].abs_diff(100) <= 2, "half the light: {:?}", dark.pixel(0, 0));
        assert!(dark.pixel(50, 50)[0] > dark.pixel(10, 50)[0], "darker outwards");
    }
}
