//! `transpose`: a mirror with its axis along the diagonal.

use crate::error::Result;
use crate::geometry::{Matrix3, Size, Warp};
use crate::sampling::{Facts, Random};
use crate::transforms::{Geometric, Transform, transform};

transform! {
    /// Makes rows columns and columns rows; width and height change places.
    Transpose = "transpose", Geometric;
    examples: "{}";
}

/// Nothing to draw.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {}

impl Transform for Transpose {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn {})
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        Warp::matrix(input.transposed(), Matrix3::affine(0.0, 1.0, 0.0, 1.0, 0.0, 0.0))
    }
}
