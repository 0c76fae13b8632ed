//! `longest_side`: the whole image, its longer side resized to a length.

use super::resize::{Drawn, in_proportion};
use crate::error::Result;
use crate::geometry::Size;
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Transform, transform};

transform! {
    /// Brings the longer side to a length and the other one with it, at the image's own proportions.
    LongestSide = "longest_side", Geometric;
    /// Length of the longer side.
    length: IntRange = IntRange::fixed(640), Control::IntRange { min: 1, max: Size::MAX_SIDE as i64 }, "px";
    examples: r#"{"length": 50}"#, r#"{"length": [100, 150]}"#;
}

impl Transform for LongestSide {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let length = self.length.draw(random).max(1) as u32;
        let longest = facts.size.width.max(facts.size.height);
        Ok(Drawn {
            width: in_proportion(facts.size.width, length, longest),
            height: in_proportion(facts.size.height, length, longest),
        })
    }
}
