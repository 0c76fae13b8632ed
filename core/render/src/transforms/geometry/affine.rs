//! `affine`: zoom, slant, turn and move in one step.

use crate::error::Result;
use crate::geometry::{Border, Matrix3, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Zooms, slants and turns the image about its center, in this order, and then moves it. The frame stays.
    Affine = "affine", Geometric;
    /// Zoom, the same in both directions.
    scale: Range = Range::new(0.9, 1.1), Control::Range { min: 0.05, max: 20.0 }, "×";
    /// Angle of the turn, clockwise on the screen.
    degrees: Range = Range::new(-10.0, 10.0), Control::Range { min: -360.0, max: 360.0 }, "°";
    /// Angle by which upright lines slant: lower parts move to the right.
    shear_x: Range = Range::new(-5.0, 5.0), Control::Range { min: -40.0, max: 40.0 }, "°";
    /// Angle by which level lines slant: parts to the right move down.
    shear_y: Range = Range::fixed(0.0), Control::Range { min: -40.0, max: 40.0 }, "°";
    /// How far to the right, as a fraction of the width.
    translate_x: Range = Range::new(-0.05, 0.05), Control::Range { min: -1.0, max: 1.0 }, "× width";
    /// How far down, as a fraction of the height.
    translate_y: Range = Range::new(-0.05, 0.05), Control::Range { min: -1.0, max: 1.0 }, "× height";
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: "{}", r#"{"scale": 0.5, "degrees": 30, "shear_x": 12, "border": "constant", "fill": [0, 90, 200]}"#,
        r#"{"scale": [1.5, 2], "degrees": [80, 100], "shear_x": 0, "shear_y": [-20, 20], "translate_x": 0.2, "translate_y": 0, "border": "replicate"}"#;
}

/// The drawn parts of the map.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    scale: f64,
    degrees: f64,
    shear_x: f64,
    shear_y: f64,
    translate_x: f64,
    translate_y: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

impl Transform for Affine {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn {
            scale: self.scale.draw_factor(random),
            degrees: self.degrees.draw(random),
            shear_x: self.shear_x.draw(random),
            shear_y: self.shear_y.draw(random),
            translate_x: self.translate_x.draw(random),
            translate_y: self.translate_y.draw(random),
            border,
            fill: border.shown(self.fill),
        })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let (right, down) = (self.translate_x * f64::from(input.width), self.translate_y * f64::from(input.height));
        let forward = Matrix3::scaling(self.scale, self.scale)
            .then(Matrix3::shear(self.shear_x, self.shear_y))
            .then(Matrix3::rotation(self.degrees))
            .about(input.center())
            .then(Matrix3::translation(right, down));
        Ok(Warp::matrix(input, forward)?.with_border(self.border, self.fill))
    }
}
