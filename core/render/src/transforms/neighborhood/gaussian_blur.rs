//! `gaussian_blur`: out of focus.

use crate::error::Result;
use crate::image::Image;
use crate::kernels::convolve::{BITS, GaussianKernel, MAX_SIGMA, separable};
use crate::kernels::window::narrow;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Neighborhood, Transform, transform};

transform! {
    /// Averages with Gaussian weights. Edges are mirrored (reflect 101); colors are weighted by alpha, and alpha itself
    /// stays.
    GaussianBlur = "gaussian_blur", Neighborhood;
    /// Standard deviation of the weights; 0 changes nothing.
    sigma: Range = Range::new(0.5, 3.0), Control::Range { min: 0.0, max: MAX_SIGMA }, "px";
    examples: r#"{"sigma": [0.5, 4]}"#, r#"{"sigma": 2.5}"#;
    neutral: r#"{"sigma": 0}"#;
}

/// The drawn width.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    sigma: f64,
}

impl Transform for GaussianBlur {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { sigma: self.sigma.draw(random) })
    }
}

impl Neighborhood for Drawn {
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Neighborhood>> {
        Some(Box::new(Self { sigma: self.sigma * scale }))
    }

    fn apply(&self, mut image: Image) -> Result<Image> {
        if let Some(line) = GaussianKernel::of_sigma(self.sigma) {
            separable(&mut image, &line, |row, sums, channels| narrow(sums, BITS, channels, row));
        }
        Ok(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Channels;
    use crate::kernels::testing::{assert_near, picture, weighted_mean};

    #[test]
    fn levels_are_those_of_the_formula() {
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            for (width, height, sigma) in [(23, 17, 0.8f64), (5, 40, 2.0), (3, 2, 3.0), (1, 1, 1.0)] {
                let image = picture(width, height, channels);
                let radius = (3.0 * sigma).ceil() as isize;
                let bell = |d: isize| crate::math::exp(-0.5 * (d as f64 / sigma) * (d as f64 / sigma));
                let expected = weighted_mean(&image, radius, |dx, dy| bell(dx) * bell(dy));
                assert_near(&Drawn { sigma }.apply(image).unwrap(), &expected, 1);
            }
        }
    }
}
