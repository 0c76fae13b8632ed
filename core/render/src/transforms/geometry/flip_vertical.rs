//! `flip_vertical`: a mirror with its axis level.

use crate::error::Result;
use crate::geometry::{Matrix3, Size, Warp};
use crate::sampling::{Facts, Random};
use crate::transforms::{Geometric, Transform, transform};

transform! {
    /// Mirrors top and bottom. Keypoints that name a side change places.
    FlipVertical = "flip_vertical", Geometric;
    examples: "{}";
}

/// Nothing to draw.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {}

impl Transform for FlipVertical {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn {})
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        Warp::matrix(input, Matrix3::affine(1.0, 0.0, 0.0, 0.0, -1.0, f64::from(input.height)))
    }
}
