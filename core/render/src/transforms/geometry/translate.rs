//! `translate`: moves the image in its frame.

use crate::error::Result;
use crate::geometry::{Border, Matrix3, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Moves the image. The frame stays; what leaves it is cut.
    Translate = "translate", Geometric;
    /// How far to the right, as a fraction of the width.
    x: Range = Range::new(-0.1, 0.1), Control::Range { min: -1.0, max: 1.0 }, "× width";
    /// How far down, as a fraction of the height.
    y: Range = Range::new(-0.1, 0.1), Control::Range { min: -1.0, max: 1.0 }, "× height";
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: r#"{"x": [-0.3, 0.3], "y": 0.2}"#, r#"{"x": -0.15, "y": [0.1, 0.2], "border": "constant", "fill": 128}"#;
}

/// The drawn move, in fractions of the image's sides.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    x: f64,
    y: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for Translate {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn { x: self.x.draw(random), y: self.y.draw(random), border, fill: border.shown(self.fill) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let forward = Matrix3::translation(self.x * f64::from(input.width), self.y * f64::from(input.height));
        Ok(Warp::matrix(input, forward)?.with_border(self.border, self.fill))
    }
}
