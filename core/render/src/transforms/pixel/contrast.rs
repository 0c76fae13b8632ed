//! `contrast`: stronger or weaker differences of light.

use crate::error::Result;
use crate::kernels::{Levels, PixelPass};
use crate::math::to_u8;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Moves every level away from the image's mean luma, or towards it, so that the picture as a whole keeps its
    /// brightness.
    Contrast = "contrast", Pixel;
    /// What distances from the mean luma are multiplied by; 1 changes nothing, 0 leaves a flat gray.
    factor: Range = Range::new(0.8, 1.25), Control::Range { min: 0.0, max: 10.0 }, "×";
    examples: r#"{"factor": [0.6, 1.6]}"#, r#"{"factor": 2.0}"#;
    neutral: r#"{"factor": 1}"#;
}

/// The drawn factor.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    factor: f64,
}

impl Transform for Contrast {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { factor: self.factor.draw(random) })
    }
}

impl Pixel for Drawn {
    fn needs_levels(&self) -> bool {
        self.factor != 1.0
    }

    fn pass(&self, levels: Option<Levels<'_>>) -> PixelPass {
        let mean = levels.map_or(127.5, Levels::mean_luma);
        PixelPass::of_levels(|level| to_u8(f64::from(level) * self.factor + mean * (1.0 - self.factor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn distances_from_the_mean_luma_are_multiplied() {
        let image =
            Image::from_samples(Size::new(2, 1), Channels::Rgba, vec![80, 80, 80, 9, 120, 120, 120, 200]).unwrap();
        assert_eq!(apply(&Drawn { factor: 2.0 }, &image).samples(), [60, 60, 60, 9, 140, 140, 140, 200]);
        assert_eq!(apply(&Drawn { factor: 0.0 }, &image).samples(), [100, 100, 100, 9, 100, 100, 100, 200]);
    }
}
