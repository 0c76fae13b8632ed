//! `shear`: slants the image about its center.

use crate::error::Result;
use crate::geometry::{Border, Matrix3, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Slants the image about its center. The frame stays; what leaves it is cut.
    Shear = "shear", Geometric;
    /// Angle by which upright lines slant: lower parts move to the right.
    x: Range = Range::new(-10.0, 10.0), Control::Range { min: -40.0, max: 40.0 }, "°";
    /// Angle by which level lines slant: parts to the right move down.
    y: Range = Range::fixed(0.0), Control::Range { min: -40.0, max: 40.0 }, "°";
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: r#"{"x": [-20, 20]}"#, r#"{"x": 40, "y": 40, "border": "constant", "fill": [10, 20, 30]}"#,
        r#"{"x": 0, "y": -15, "border": "wrap"}"#;
}

/// The drawn angles.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    x: f64,
    y: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for Shear {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn { x: self.x.draw(random), y: self.y.draw(random), border, fill: border.shown(self.fill) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let forward = Matrix3::shear(self.x, self.y).about(input.center());
        Ok(Warp::matrix(input, forward)?.with_border(self.border, self.fill))
    }
}
