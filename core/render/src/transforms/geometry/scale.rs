//! `scale`: zooms about the center, in the same frame.

use crate::error::Result;
use crate::geometry::{Border, Matrix3, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Zooms in (above 1) or out (below 1) about the center. The frame stays.
    Scale = "scale", Geometric;
    /// Zoom, the same in both directions.
    factor: Range = Range::new(0.8, 1.25), Control::Range { min: 0.05, max: 20.0 }, "×";
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: r#"{"factor": [1.1, 1.2]}"#, r#"{"factor": 0.4, "border": "constant"}"#;
}

/// The drawn zoom.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    factor: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for Scale {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn { factor: self.factor.draw_factor(random), border, fill: border.shown(self.fill) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let forward = Matrix3::scaling(self.factor, self.factor).about(input.center());
        Ok(Warp::matrix(input, forward)?.with_border(self.border, self.fill))
    }
}
