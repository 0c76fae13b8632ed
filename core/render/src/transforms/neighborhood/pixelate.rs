//! `pixelate`: coarse squares of one color.

use crate::error::Result;
use crate::image::Image;
use crate::kernels::reduce::box_reduce;
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Neighborhood, Transform, transform};

/// The largest square.
const MAX_BLOCK: i64 = 1000;

transform! {
    /// Replaces every square of a grid from the top left corner by its mean color. Colors are weighted by alpha;
    /// alpha itself, and the colors of fully transparent pixels, stay.
    Pixelate = "pixelate", Neighborhood;
    /// Side of a square; 1 changes nothing.
    block: IntRange = IntRange::new(2, 8), Control::IntRange { min: 1, max: MAX_BLOCK }, "px";
    examples: r#"{"block": [4, 12]}"#, r#"{"block": 7}"#;
    neutral: r#"{"block": 1}"#;
}

/// The drawn side.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    block: usize,
}

impl Transform for Pixelate {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { block: self.block.draw(random).clamp(1, MAX_BLOCK) as usize })
    }
}

impl Neighborhood for Drawn {
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Neighborhood>> {
        Some(Box::new(Self { block: crate::math::round_half_up(self.block as f64 * scale) as usize }))
    }

    fn apply(&self, mut image: Image) -> Result<Image> {
        let block = self.block.clamp(1, MAX_BLOCK as usize);
        if block == 1 {
            return Ok(image);
        }
        let (n, colors) = (image.channels().count(), image.channels().colors());
        let means = box_reduce(&image, block, block);
        for y in 0..image.size().height as usize {
            for (square, mean) in image.row_mut(y).chunks_mut(block * n).zip(means.row(y / block).chunks_exact(n)) {
                for pixel in square.chunks_exact_mut(n) {
                    if n < 4 || pixel[3] > 0 {
                        pixel[..colors].copy_from_slice(&mean[..colors]);
                    }
                }
            }
        }
        Ok(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::Channels;

    #[test]
    fn squares_take_their_mean_and_cut_ones_that_of_what_is_there() {
        let image = Image::from_samples(Size::new(3, 2), Channels::Gray, vec![10, 20, 7, 30, 41, 8]).unwrap();
        let drawn = Drawn { block: 2 };
        assert_eq!(drawn.apply(image).unwrap().samples(), [25, 25, 8, 25, 25, 8]);
    }

    #[test]
    fn alpha_weighs_and_stays() {
        let image = Image::from_samples(Size::new(2, 1), Channels::Rgba, vec![100, 0, 0, 255, 200, 9, 9, 0]).unwrap();
        assert_eq!(Drawn { block: 2 }.apply(image).unwrap().samples(), [100, 0, 0, 255, 200, 9, 9, 0]);
    }
}
