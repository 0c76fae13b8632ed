//! `hue`: every color turned around the color circle.

use crate::error::Result;
use crate::kernels::{ColorMatrix, Levels, PixelPass, color};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Turns every color about the axis of grays and keeps its luma: a rotation in the plane of YIQ's I and Q. Unlike a
    /// turn in HSV it darkens no yellow into blue. Gray images stay as they are.
    Hue = "hue", Pixel;
    /// The angle, red towards yellow and green; 0 changes nothing.
    degrees: Range = Range::new(-18.0, 18.0), Control::Range { min: -180.0, max: 180.0 }, "°";
    examples: r#"{"degrees": [-90, 90]}"#, r#"{"degrees": 120}"#;
    neutral: r#"{"degrees": 0}"#;
}

/// The drawn angle.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    degrees: f64,
}

impl Transform for Hue {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { degrees: self.degrees.draw(random) })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::Matrix(ColorMatrix::linear(color::hue(self.degrees)))
    }
}
