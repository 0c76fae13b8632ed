//! `posterize`: fewer levels.

use crate::error::Result;
use crate::kernels::{Levels, PixelPass};
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Keeps the upper bits of every level and clears the others.
    Posterize = "posterize", Pixel;
    /// Bits that are kept; 8 changes nothing.
    bits: IntRange = IntRange::new(3, 6), Control::IntRange { min: 1, max: 8 };
    examples: r#"{"bits": [2, 5]}"#, r#"{"bits": 2}"#;
    neutral: r#"{"bits": 8}"#;
}

/// The drawn number of bits.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    bits: u8,
}

impl Transform for Posterize {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { bits: self.bits.draw(random).clamp(1, 8) as u8 })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        let kept = u8::MAX << (8 - self.bits.clamp(1, 8));
        PixelPass::of_levels(|level| level & kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn lower_bits_are_cleared() {
        let image = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![63, 64, 255, 255]).unwrap();
        assert_eq!(apply(&Drawn { bits: 2 }, &image).samples(), [0, 64, 192, 255]);
        assert_eq!(apply(&Drawn { bits: 8 }, &image), image);
    }
}
