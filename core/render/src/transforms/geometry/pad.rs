//! `pad`: more frame around the image.

use crate::error::Result;
use crate::geometry::{Border, Matrix3, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, IntRange, Random};
use crate::transforms::{Control, Geometric, Transform, transform};

/// The most that is added on one side.
const MAX_PAD: i64 = 4096;

transform! {
    /// Adds frame on the four sides, and then as much more, evenly, as a least size and a multiple ask for.
    Pad = "pad", Geometric;
    /// Added on the left.
    left: IntRange = IntRange::fixed(0), Control::IntRange { min: 0, max: MAX_PAD }, "px";
    /// Added on top.
    top: IntRange = IntRange::fixed(0), Control::IntRange { min: 0, max: MAX_PAD }, "px";
    /// Added on the right.
    right: IntRange = IntRange::fixed(0), Control::IntRange { min: 0, max: MAX_PAD }, "px";
    /// Added below.
    bottom: IntRange = IntRange::fixed(0), Control::IntRange { min: 0, max: MAX_PAD }, "px";
    /// The least width of the output.
    min_width: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// The least height of the output.
    min_height: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// Width and height of the output become multiples of this.
    multiple: u32 = 32, Control::Integer { min: 1, max: 1024 }, "px";
    /// What shows in the added frame: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Constant, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: "{}", r#"{"left": [3, 9], "bottom": 17, "multiple": 1, "border": "reflect"}"#,
        r#"{"min_width": 150, "min_height": 10, "multiple": 8, "fill": [255, 200, 0]}"#,
        r#"{"top": 200, "right": 150, "multiple": 1, "border": "wrap"}"#;
}

/// What is added on each side, in whole pixels.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Pad {
    /// What both sides of an extent get so that a least length and the multiple are met.
    fn sides(&self, extent: u32, before: i64, after: i64, least: u32) -> (u32, u32) {
        let (before, after) = (before.max(0) as u32, after.max(0) as u32);
        let length = extent.saturating_add(before).saturating_add(after);
        let wanted = length.max(least);
        let more = wanted.checked_next_multiple_of(self.multiple.max(1)).unwrap_or(wanted) - length;
        (before.saturating_add(more / 2), after.saturating_add(more - more / 2))
    }
}

impl Transform for Pad {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        let mut draw = |range: IntRange| range.draw(random);
        let (left, top) = (draw(self.left), draw(self.top));
        let (right, bottom) = (draw(self.right), draw(self.bottom));
        let (left, right) = self.sides(facts.size.width, left, right, self.min_width);
        let (top, bottom) = self.sides(facts.size.height, top, bottom, self.min_height);
        Ok(Drawn { left, top, right, bottom, border, fill: border.shown(self.fill) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let width = input.width.saturating_add(self.left).saturating_add(self.right);
        let height = input.height.saturating_add(self.top).saturating_add(self.bottom);
        let forward = Matrix3::translation(f64::from(self.left), f64::from(self.top));
        Ok(Warp::matrix(Size::new(width, height), forward)?.with_border(self.border, self.fill))
    }
}
