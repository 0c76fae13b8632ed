//! `saturation`: paler or stronger colors.

use crate::error::Result;
use crate::kernels::{ColorMatrix, Levels, PixelPass, color};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Moves every color away from the gray of the same luma, or towards it. Gray images stay as they are.
    Saturation = "saturation", Pixel;
    /// What distances from gray are multiplied by; 1 changes nothing, 0 leaves grays.
    factor: Range = Range::new(0.7, 1.4), Control::Range { min: 0.0, max: 10.0 }, "×";
    examples: r#"{"factor": [0.5, 1.5]}"#, r#"{"factor": 2.0}"#;
    neutral: r#"{"factor": 1}"#;
}

/// The drawn factor.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    factor: f64,
}

impl Transform for Saturation {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { factor: self.factor.draw(random) })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::Matrix(ColorMatrix::linear(color::saturation(self.factor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn colors_move_from_the_gray_of_their_luma() {
        // Luma 0.299·100 + 0.587·60 + 0.114·20 = 67.4.
        let image = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![100, 60, 20, 3]).unwrap();
        assert_eq!(apply(&Drawn { factor: 2.0 }, &image).samples(), [133, 53, 0, 3]);
        assert_eq!(apply(&Drawn { factor: 0.0 }, &image).samples(), [67, 67, 67, 3]);
    }
}
