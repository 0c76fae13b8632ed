//! `gamma`: lighter or darker middle tones.

use crate::error::Result;
use crate::kernels::{Levels, PixelPass};
use crate::math::{pow, to_u8};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Raises every level, as a fraction of full, to a power: black and white stay, the tones between move.
    Gamma = "gamma", Pixel;
    /// The power; below 1 lighter, above 1 darker, 1 changes nothing. Drawn so that halving is as likely as doubling.
    exponent: Range = Range::new(0.8, 1.25), Control::Range { min: 0.1, max: 10.0 };
    examples: r#"{"exponent": [0.5, 2.0]}"#, r#"{"exponent": 0.6}"#;
    neutral: r#"{"exponent": 1}"#;
}

/// The drawn power.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    exponent: f64,
}

impl Transform for Gamma {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { exponent: self.exponent.draw_factor(random) })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::of_levels(|level| to_u8(255.0 * pow(f64::from(level) / 255.0, self.exponent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn black_and_white_stay_and_the_middle_moves() {
        let image = Image::from_samples(Size::new(4, 1), Channels::Gray, vec![0, 51, 128, 255]).unwrap();
        // 255·0.2² = 10.2, 255·(128/255)² = 64.25.
        assert_eq!(apply(&Drawn { exponent: 2.0 }, &image).samples(), [0, 10, 64, 255]);
        assert_eq!(apply(&Drawn { exponent: 1.0 }, &image), image);
    }
}
