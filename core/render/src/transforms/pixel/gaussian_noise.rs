//! `gaussian_noise`: the noise of a sensor.

use crate::error::Result;
use crate::image::Channels;
use crate::kernels::noise::{Noise, noisy};
use crate::kernels::{Levels, PixelPass, RowPass};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Adds normally distributed noise to every level, each by itself.
    GaussianNoise = "gaussian_noise", Pixel;
    /// Standard deviation in levels; 0 changes nothing.
    sigma: Range = Range::new(3.0, 15.0), Control::Range { min: 0.0, max: Noise::MAX_SIGMA };
    /// Whether red, green and blue each get noise of their own, or all the same.
    per_channel: bool = true, Control::Flag;
    examples: r#"{"sigma": [5, 25]}"#, r#"{"sigma": 20, "per_channel": false}"#;
    neutral: r#"{"sigma": 0}"#;
}

/// The drawn strength, and the seed of the noise.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    sigma: f64,
    per_channel: bool,
    seed: u64,
}

impl Transform for GaussianNoise {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { sigma: self.sigma.draw(random), per_channel: self.per_channel, seed: random.drawn_seed() })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        if self.sigma <= 0.0 {
            return PixelPass::nothing();
        }
        let noise = Noise::new(self.seed, self.sigma);
        PixelPass::Rows(Box::new(Rows { noise, per_channel: self.per_channel }))
    }
}

#[derive(Debug)]
struct Rows {
    noise: Noise,
    per_channel: bool,
}

impl RowPass for Rows {
    fn apply(&self, y: usize, row: &mut [u8], channels: Channels) {
        let noise = self.noise.row(y);
        match channels {
            Channels::Rgb if self.per_channel => noise.add(row),
            Channels::Gray => noise.add(row),
            Channels::Rgb | Channels::Rgba => {
                for (x, pixel) in row.chunks_exact_mut(channels.count()).enumerate() {
                    for (c, level) in pixel[..3].iter_mut().enumerate() {
                        *level = noisy(*level, noise.at(if self.per_channel { 3 * x + c } else { x }));
                    }
                }
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
    fn channels_share_the_noise_when_asked_to() {
        let image = Image::filled(Size::new(64, 8), Channels::Rgba, Fill([100; 3]));
        let noisy = apply(&Drawn { sigma: 10.0, per_channel: false, seed: 7 }, &image);
        let own = apply(&Drawn { sigma: 10.0, per_channel: true, seed: 7 }, &image);
        assert!(noisy.samples().chunks(4).all(|p| p[0] == p[1] && p[1] == p[2] && p[3] == 255), "one noise for all");
        assert!(own.samples().chunks(4).filter(|p| p[0] == p[1]).count() < 100, "a noise each");
    }

    #[test]
    fn the_seed_decides() {
        let image = Image::filled(Size::new(64, 8), Channels::Gray, Fill([100; 3]));
        let noisy = |seed| apply(&Drawn { sigma: 10.0, per_channel: true, seed }, &image);
        assert_eq!(noisy(3), noisy(3));
        assert_ne!(noisy(3), noisy(4));
    }
}
