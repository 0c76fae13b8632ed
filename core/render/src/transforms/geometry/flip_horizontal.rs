//! `flip_horizontal`: a mirror with its axis upright.

use crate::error::Result;
use crate::geometry::{Matrix3, Size, Warp};
use crate::sampling::{Facts, Random};
use crate::transforms::{Geometric, Transform, transform};

transform! {
    /// Mirrors left and right. Keypoints that name a side change places.
    FlipHorizontal = "flip_horizontal", Geometric;
    examples: "{}";
}

/// Nothing to draw.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {}

impl Transform for FlipHorizontal {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn {})
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        Warp::matrix(input, Matrix3::affine(-1.0, 0.0, f64::from(input.width), 0.0, 1.0, 0.0))
    }
}
