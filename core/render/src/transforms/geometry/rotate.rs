//! `rotate`: turns about the center by any angle, in the same frame.

use crate::error::Result;
use crate::geometry::{Border, Matrix3, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Turns the image about its center. The frame stays; corners that leave it are cut.
    Rotate = "rotate", Geometric;
    /// Angle, clockwise on the screen.
    degrees: Range = Range::new(-15.0, 15.0), Control::Range { min: -360.0, max: 360.0 }, "°";
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: r#"{"degrees": [-20, 20], "border": "reflect"}"#, r#"{"degrees": 45, "border": "constant", "fill": [200, 30, 90]}"#;
}

/// The drawn angle.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    degrees: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for Rotate {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn { degrees: self.degrees.draw(random), border, fill: border.shown(self.fill) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let forward = Matrix3::rotation(self.degrees).about(input.center());
        Ok(Warp::matrix(input, forward)?.with_border(self.border, self.fill))
    }
}
