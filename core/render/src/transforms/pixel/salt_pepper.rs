//! `salt_pepper`: single pixels turned white or black.

use crate::error::Result;
use crate::image::Channels;
use crate::kernels::noise::Field;
use crate::kernels::{Levels, PixelPass, RowPass};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Turns single pixels white (salt) or black (pepper), each independently of all others.
    SaltPepper = "salt_pepper", Pixel;
    /// The share of pixels that change; 0 changes nothing.
    amount: Range = Range::new(0.01, 0.06), Control::Range { min: 0.0, max: 1.0 };
    /// The share of white ones among them.
    salt: Range = Range::new(0.4, 0.6), Control::Range { min: 0.0, max: 1.0 };
    examples: r#"{"amount": [0.02, 0.1]}"#, r#"{"amount": 0.05, "salt": 1}"#;
    neutral: r#"{"amount": 0}"#;
}

/// The drawn shares, and the seed of which pixels change.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    amount: f64,
    salt: f64,
    seed: u64,
}

impl Transform for SaltPepper {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { amount: self.amount.draw(random), salt: self.salt.draw(random), seed: random.drawn_seed() })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        if self.amount <= 0.0 {
            return PixelPass::nothing();
        }
        let part = |share: f64| (share.clamp(0.0, 1.0) * 4_294_967_296.0) as u64;
        let (changed, white) = (part(self.amount), part(self.salt));
        PixelPass::Rows(Box::new(Grains { field: Field::new(self.seed), changed, white }))
    }
}

#[derive(Debug)]
struct Grains {
    field: Field,
    /// Pixels whose upper 32 bits are below this change.
    changed: u64,
    /// Those whose lower 32 bits are below this turn white.
    white: u64,
}

impl RowPass for Grains {
    fn apply(&self, y: usize, row: &mut [u8], channels: Channels) {
        for (pixel, bits) in row.chunks_exact_mut(channels.count()).zip(self.field.row(y)) {
            if bits >> 32 < self.changed {
                pixel[..channels.colors()].fill(if bits & 0xFFFF_FFFF < self.white { 255 } else { 0 });
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
    fn the_shares_are_those_asked_for() {
        let image = Image::filled(Size::new(500, 400), Channels::Rgba, Fill([100; 3]));
        let grainy = apply(&Drawn { amount: 0.2, salt: 0.25, seed: 3 }, &image);
        let share = |level: u8| {
            grainy.samples().chunks(4).filter(|p| **p == [level, level, level, 255]).count() as f64 / 200_000.0
        };
        assert!((share(255) - 0.05).abs() < 0.002, "salt {}", share(255));
        assert!((share(0) - 0.15).abs() < 0.004, "pepper {}", share(0));
        assert!((share(100) - 0.8).abs() < 0.004, "the rest {}", share(100));
    }

    #[test]
    fn all_means_all() {
        let image = Image::filled(Size::new(50, 40), Channels::Gray, Fill([100; 3]));
        let grainy = apply(&Drawn { amount: 1.0, salt: 1.0, seed: 3 }, &image);
        assert!(grainy.samples().iter().all(|level| *level == 255), "every pixel is white");
    }
}
