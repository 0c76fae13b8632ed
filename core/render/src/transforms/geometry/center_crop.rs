//! `center_crop`: the middle of the image.

use super::crop::{Drawn, part_size};
use crate::error::Result;
use crate::geometry::Size;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Transform, transform};

transform! {
    /// Cuts out the middle of the image.
    CenterCrop = "center_crop", Geometric;
    /// Sides of the part as a fraction of the image's, one draw for both.
    size: Range = Range::fixed(0.8), Control::Range { min: 0.01, max: 1.0 }, "× side";
    /// Width of the part, at most the image's; 0 leaves it to `size`.
    width: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// Height of the part, at most the image's; 0 leaves it to `size`.
    height: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    examples: r#"{"size": 0.75}"#, r#"{"size": [0.5, 1], "height": 31}"#;
}

impl Transform for CenterCrop {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let part = part_size(facts.size, self.size.draw(random), self.width, self.height);
        let x = facts.size.width.saturating_sub(part.width) / 2;
        let y = facts.size.height.saturating_sub(part.height) / 2;
        Ok(Drawn { x, y, width: part.width, height: part.height })
    }
}
