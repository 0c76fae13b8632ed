//! `crop`: a part of the image, from anywhere in it.

use crate::error::Result;
use crate::geometry::{Matrix3, Size, Warp};
use crate::math::round_half_up;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Cuts out a part of the image, from anywhere in it.
    Crop = "crop", Geometric;
    /// Sides of the part as a fraction of the image's, one draw for both.
    size: Range = Range::new(0.6, 0.9), Control::Range { min: 0.01, max: 1.0 }, "× side";
    /// Width of the part, at most the image's; 0 leaves it to `size`.
    width: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// Height of the part, at most the image's; 0 leaves it to `size`.
    height: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    examples: r#"{"size": [0.5, 0.8]}"#, r#"{"size": 0.7, "width": 40}"#, r#"{"width": 33, "height": 21}"#;
}

/// The part, in whole pixels.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The size of a part: each side in pixels or, where those are 0, as a fraction of the image's.
pub(crate) fn part_size(image: Size, fraction: f64, width: u32, height: u32) -> Size {
    let side = |pixels: u32, extent: u32| {
        let wanted = if pixels > 0 { pixels } else { round_half_up(fraction * f64::from(extent)) as u32 };
        wanted.min(extent).max(1)
    };
    Size::new(side(width, image.width), side(height, image.height))
}

/// A whole number from `low` to `high`, or `low` where there is none.
pub(crate) fn between(low: u32, high: u32, random: &mut Random) -> u32 {
    low + random.below(u64::from(high.saturating_sub(low)) + 1) as u32
}

impl Transform for Crop {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let part = part_size(facts.size, self.size.draw(random), self.width, self.height);
        let x = between(0, facts.size.width.saturating_sub(part.width), random);
        let y = between(0, facts.size.height.saturating_sub(part.height), random);
        Ok(Drawn { x, y, width: part.width, height: part.height })
    }
}

impl Geometric for Drawn {
    fn warp(&self, _: Size) -> Result<Warp> {
        Warp::matrix(Size::new(self.width, self.height), Matrix3::translation(-f64::from(self.x), -f64::from(self.y)))
    }
}
