//! `crop_around_labels`: a part of the image that keeps labeled objects whole.

use super::crop::{Drawn, between, part_size};
use crate::error::Result;
use crate::geometry::Rect;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Transform, transform};

transform! {
    /// Cuts out a part of the image that keeps boxes whole, and grows it where it would be too small for them.
    /// An image without boxes is cut anywhere.
    CropAroundLabels = "crop_around_labels", Geometric;
    /// Sides of the part as a fraction of the image's, one draw for both.
    size: Range = Range::new(0.4, 0.9), Control::Range { min: 0.01, max: 1.0 }, "× side";
    /// Which boxes stay whole: all of them, or one picked by chance.
    keep: Keep = Keep::All, Control::Choice(&["all", "one"]);
    examples: r#"{"size": [0.3, 0.6]}"#, r#"{"size": 0.4, "keep": "one"}"#;
}

/// Which boxes stay whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keep {
    /// All of them.
    All,
    /// One of them.
    One,
}

impl Transform for CropAroundLabels {
    type Drawn = Drawn;
    const NEEDS_LABELS: bool = true;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let fraction = self.size.draw(random);
        let pick = random.below(facts.boxes.len() as u64) as usize;
        let kept = match self.keep {
            Keep::All => facts.boxes.iter().copied().reduce(Rect::union),
            Keep::One => facts.boxes.get(pick).copied(),
        };
        let part = part_size(facts.size, fraction, 0, 0);
        let (left, right) = kept.map_or((0, 0), |rect| whole_pixels(rect.x0, rect.x1, facts.size.width));
        let (top, bottom) = kept.map_or((0, 0), |rect| whole_pixels(rect.y0, rect.y1, facts.size.height));
        let (x, width) = place(part.width, left, right, facts.size.width, random);
        let (y, height) = place(part.height, top, bottom, facts.size.height, random);
        Ok(Drawn { x, y, width, height })
    }
}

/// The pixels that an interval touches, within 0..extent.
fn whole_pixels(from: f64, to: f64, extent: u32) -> (u32, u32) {
    let start = (from.floor() as u32).min(extent);
    (start, (to.ceil() as u32).clamp(start, extent))
}

/// Start and length of a window of at least `length` pixels in 0..extent, with from..to inside where that is not empty.
fn place(length: u32, from: u32, to: u32, extent: u32, random: &mut Random) -> (u32, u32) {
    let length = length.max(to - from);
    let last = extent.saturating_sub(length);
    if from == to {
        return (between(0, last, random), length);
    }
    (between(to.saturating_sub(length), from.min(last), random), length)
}
