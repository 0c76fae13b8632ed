//! `sharpen`: stronger edges.

use crate::error::Result;
use crate::image::{Channels, Image};
use crate::kernels::convolve::{BITS, GaussianKernel, MAX_SIGMA, separable};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Neighborhood, Transform, transform};

/// The largest amount.
const MAX_AMOUNT: f64 = 10.0;

transform! {
    /// Adds to every pixel its difference from a Gaussian blur (an unsharp mask). Edges are mirrored (reflect 101);
    /// colors of the blur are weighted by alpha, and alpha itself stays.
    Sharpen = "sharpen", Neighborhood;
    /// How much of the difference is added; 0 changes nothing.
    amount: Range = Range::new(0.3, 1.2), Control::Range { min: 0.0, max: MAX_AMOUNT }, "×";
    /// Standard deviation of the blur: how wide the edges are that become stronger.
    sigma: Range = Range::new(0.8, 1.6), Control::Range { min: 0.0, max: MAX_SIGMA }, "px";
    examples: r#"{"amount": [0.5, 1.5]}"#, r#"{"amount": 2, "sigma": 2}"#;
    neutral: r#"{"amount": 0}"#;
}

/// The drawn strength and width.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    amount: f64,
    sigma: f64,
}

impl Transform for Sharpen {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { amount: self.amount.draw(random), sigma: self.sigma.draw(random) })
    }
}

impl Neighborhood for Drawn {
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Neighborhood>> {
        Some(Box::new(Self { sigma: self.sigma * scale, ..*self }))
    }

    fn apply(&self, mut image: Image) -> Result<Image> {
        // In 256ths.
        let amount = crate::math::round_half_up(self.amount.clamp(0.0, MAX_AMOUNT) * 256.0) as i32;
        let Some(line) = GaussianKernel::of_sigma(self.sigma).filter(|_| amount > 0) else { return Ok(image) };
        separable(&mut image, &line, |row, sums, channels| match channels {
            Channels::Gray | Channels::Rgb => {
                for (level, sum) in row.iter_mut().zip(sums) {
                    *level = away(*level, fine(*sum), amount);
                }
            }
            Channels::Rgba => {
                for (pixel, sum) in row.as_chunks_mut::<4>().0.iter_mut().zip(sums.as_chunks::<4>().0) {
                    for i in 0..3 {
                        let blurred = if sum[3] == 255 << BITS {
                            fine(sum[i])
                        } else {
                            (u64::from(sum[i]) * (255 << 8) / u64::from(sum[3].max(1))) as i32
                        };
                        pixel[i] = away(pixel[i], blurred, amount);
                    }
                }
            }
        });
        Ok(image)
    }
}

/// A sum in 256ths of a level.
#[inline]
fn fine(sum: u32) -> i32 {
    ((sum + (1 << (BITS - 9))) >> (BITS - 8)) as i32
}

/// A level moved away from a blurred one, which is in 256ths of a level, by an amount in 256ths.
#[inline]
fn away(level: u8, blurred: i32, amount: i32) -> u8 {
    let level = i32::from(level) << 8;
    (((level << 8) + (level - blurred) * amount + (1 << 15)) >> 16).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_near, picture, weighted_mean};

    #[test]
    fn differences_from_the_blur_are_added() {
        let (amount, sigma) = (1.5, 1.2);
        for channels in [Channels::Gray, Channels::Rgb] {
            let image = picture(31, 14, channels);
            let bell = |d: isize| crate::math::exp(-0.5 * (d as f64 / sigma) * (d as f64 / sigma));
            let mut expected = weighted_mean(&image, 4, |dx, dy| bell(dx) * bell(dy));
            for (blurred, level) in expected.iter_mut().zip(image.samples()) {
                *blurred = (f64::from(*level) + amount * (f64::from(*level) - *blurred)).clamp(0.0, 255.0);
            }
            assert_near(&Drawn { amount, sigma }.apply(image).unwrap(), &expected, 1);
        }
    }
}
