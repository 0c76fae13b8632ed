//! `lens_distort`: straight lines bent as lenses bend them.

use crate::error::Result;
use crate::geometry::{Border, DisplacementField, Size, Warp};
use crate::image::Rgba;
use crate::math::hypot;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Bends the image about its center: outwards like a barrel (above 0) or inwards like a pincushion (below 0).
    LensDistort = "lens_distort", Geometric;
    /// Bend that grows with the square of the distance from the center; at a corner it is this fraction.
    k1: Range = Range::new(-0.15, 0.3), Control::Range { min: -0.2, max: 0.5 };
    /// Bend that grows with its fourth power: mostly at the corners.
    k2: Range = Range::fixed(0.0), Control::Range { min: -0.05, max: 0.25 };
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: r#"{"k1": [0.2, 0.4]}"#, r#"{"k1": -0.2, "k2": -0.05}"#,
        r#"{"k1": 0.1, "k2": 0.25, "border": "constant", "fill": [90, 0, 0]}"#;
}

/// The drawn bends.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    k1: f64,
    k2: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for LensDistort {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn { k1: self.k1.draw(random), k2: self.k2.draw(random), border, fill: border.shown(self.fill) })
    }
}

impl Geometric for Drawn {
    /// The radial part of D. C. Brown 1966, "Decentering Distortion of Lenses", from output to input:
    /// r ↦ r·(1 + k1·r² + k2·r⁴), r being 1 at the corners.
    fn warp(&self, input: Size) -> Result<Warp> {
        let center = input.center();
        let radius = hypot(center.x, center.y);
        let unit = 1.0 / radius;
        let field = DisplacementField::new(input, (radius / 64.0).clamp(2.0, 16.0), |p| {
            let (x, y) = (p.x - center.x, p.y - center.y);
            let square = (x * x + y * y) * unit * unit;
            let bend = square * (self.k1 + self.k2 * square);
            (x * bend, y * bend)
        });
        Ok(Warp::field(input, field).with_border(self.border, self.fill))
    }
}
