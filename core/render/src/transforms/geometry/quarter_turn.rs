//! `quarter_turn`: turns by right angles, exact to the pixel.

use crate::error::Result;
use crate::geometry::{Matrix3, Size, Warp};
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Turns the image clockwise by quarters; width and height change places when the number is odd.
    QuarterTurn = "quarter_turn", Geometric;
    /// How many quarters, clockwise.
    turns: IntRange = IntRange::new(1, 3), Control::IntRange { min: 0, max: 3 };
    examples: r#"{"turns": 1}"#, r#"{"turns": 2}"#, r#"{"turns": [0, 3]}"#;
}

/// The drawn turn.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    turns: i64,
}

impl Transform for QuarterTurn {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { turns: self.turns.draw(random) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let (w, h) = (f64::from(input.width), f64::from(input.height));
        let (output, forward) = match self.turns.rem_euclid(4) {
            0 => (input, Matrix3::IDENTITY),
            1 => (input.transposed(), Matrix3::affine(0.0, -1.0, h, 1.0, 0.0, 0.0)),
            2 => (input, Matrix3::affine(-1.0, 0.0, w, 0.0, -1.0, h)),
            _ => (input.transposed(), Matrix3::affine(0.0, 1.0, 0.0, -1.0, 0.0, w)),
        };
        Warp::matrix(output, forward)
    }
}
