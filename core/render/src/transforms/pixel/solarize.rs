//! `solarize`: bright levels inverted, like an overexposed print.

use crate::error::Result;
use crate::kernels::{Levels, PixelPass};
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Inverts the levels from a threshold up.
    Solarize = "solarize", Pixel;
    /// The least level that is inverted; 256 changes nothing.
    threshold: IntRange = IntRange::new(96, 224), Control::IntRange { min: 0, max: 256 };
    examples: r#"{"threshold": [100, 200]}"#, r#"{"threshold": 128}"#;
    neutral: r#"{"threshold": 256}"#;
}

/// The drawn threshold.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    threshold: u16,
}

impl Transform for Solarize {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { threshold: self.threshold.draw(random).clamp(0, 256) as u16 })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::of_levels(|level| if u16::from(level) >= self.threshold { 255 - level } else { level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn levels_from_the_threshold_up_are_inverted() {
        let image = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![127, 128, 255, 200]).unwrap();
        assert_eq!(apply(&Drawn { threshold: 128 }, &image).samples(), [127, 127, 0, 200]);
        assert_eq!(apply(&Drawn { threshold: 256 }, &image), image);
    }
}
