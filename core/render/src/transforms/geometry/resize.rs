//! `resize`: the whole image in another size.

use crate::error::Result;
use crate::geometry::{Size, Warp};
use crate::math::round_half_up;
use crate::sampling::{Facts, Random};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Brings the whole image to a width and height.
    Resize = "resize", Geometric;
    /// Width of the output; 0 follows from the height at the image's own proportions.
    width: u32 = 640, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// Height of the output; 0 follows from the width at the image's own proportions.
    height: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    examples: r#"{"width": 40, "height": 50}"#, r#"{"width": 0, "height": 23}"#, r#"{"width": 200, "height": 0}"#;
}

/// The size, in whole pixels.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A length in another proportion, in whole pixels, at least one.
pub(crate) fn in_proportion(length: u32, to: u32, from: u32) -> u32 {
    round_half_up(f64::from(length) * f64::from(to) / f64::from(from.max(1))).max(1.0) as u32
}

impl Transform for Resize {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        let own = facts.size;
        Ok(match (self.width, self.height) {
            (0, 0) => Drawn { width: own.width, height: own.height },
            (0, height) => Drawn { width: in_proportion(own.width, height, own.height), height },
            (width, 0) => Drawn { width, height: in_proportion(own.height, width, own.width) },
            (width, height) => Drawn { width, height },
        })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let output = Size::new(self.width, self.height);
        Warp::between_rects(output, input.frame(), output.frame())
    }
}
