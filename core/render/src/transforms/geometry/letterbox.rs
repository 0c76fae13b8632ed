//! `letterbox`: the whole image inside a frame of any proportions, between bars.

use super::resize::in_proportion;
use crate::error::Result;
use crate::geometry::{Border, Rect, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{Facts, Random};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Brings the whole image into a frame at its own proportions, in the middle, with bars on the sides that
    /// it does not fill.
    Letterbox = "letterbox", Geometric;
    /// Width of the output.
    width: u32 = 640, Control::Integer { min: 1, max: Size::MAX_SIDE as i64 }, "px";
    /// Height of the output.
    height: u32 = 640, Control::Integer { min: 1, max: Size::MAX_SIDE as i64 }, "px";
    /// Color of the bars; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba([114, 114, 114, 0]), Control::Fill;
    examples: r#"{"width": 64, "height": 64}"#, r#"{"width": 200, "height": 90, "fill": [0, 0, 255]}"#;
}

/// The frame, in whole pixels, and the color of the bars.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    width: u32,
    height: u32,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for Letterbox {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn { width: self.width, height: self.height, fill: self.fill })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let output = Size::new(self.width, self.height);
        let wider =
            u64::from(input.width) * u64::from(output.height) > u64::from(input.height) * u64::from(output.width);
        let (w, h) = if wider {
            (output.width, in_proportion(input.height, output.width, input.width))
        } else {
            (in_proportion(input.width, output.height, input.height), output.height)
        };
        let (x, y) = (f64::from(output.width.saturating_sub(w) / 2), f64::from(output.height.saturating_sub(h) / 2));
        let inner = Rect::new(x, y, x + f64::from(w), y + f64::from(h));
        Ok(Warp::between_rects(output, input.frame(), inner)?.with_border(Border::Constant, self.fill))
    }
}
