//! `brightness`: more or less light.

use crate::error::Result;
use crate::kernels::{Levels, PixelPass};
use crate::math::to_u8;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Multiplies every level.
    Brightness = "brightness", Pixel;
    /// What levels are multiplied by; 1 changes nothing.
    factor: Range = Range::new(0.8, 1.25), Control::Range { min: 0.0, max: 10.0 }, "×";
    examples: r#"{"factor": [0.7, 1.4]}"#, r#"{"factor": 0.5}"#;
    neutral: r#"{"factor": 1}"#;
}

/// The drawn factor.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    factor: f64,
}

impl Transform for Brightness {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { factor: self.factor.draw(random) })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::of_levels(|level| to_u8(f64::from(level) * self.factor))
    }
}
