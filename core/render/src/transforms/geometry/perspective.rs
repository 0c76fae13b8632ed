//! `perspective`: the image as seen from another side.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Matrix3, Point, Size, Warp};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Moves each corner of the view into the image and stretches the view back to the frame, so that no
    /// border shows.
    Perspective = "perspective", Geometric;
    /// How far a corner moves at most, as a fraction of the image's sides.
    strength: Range = Range::new(0.02, 0.12), Control::Range { min: 0.0, max: 0.3 }, "× side";
    examples: r#"{"strength": [0.05, 0.1]}"#, r#"{"strength": 0.3}"#;
}

/// The drawn corners.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    /// The corners of the view in fractions of the image's sides, clockwise from the top left.
    corners: [[f64; 2]; 4],
}

impl Transform for Perspective {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        // Below a third the four corners always make a convex quadrangle.
        let strength = self.strength.draw(random);
        let mut inwards = |corner: f64| {
            let by = strength * random.unit();
            if corner > 0.0 { 1.0 - by } else { by }
        };
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        Ok(Drawn { corners: corners.map(|[x, y]| [inwards(x), inwards(y)]) })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let (w, h) = (f64::from(input.width), f64::from(input.height));
        let view = self.corners.map(|[x, y]| Point::new(x * w, y * h));
        let forward = Matrix3::from_rect_to_quad(input.frame(), view).and_then(|to_view| to_view.inverse());
        let flat = || Error::new(ErrorKind::Recipe, "three corners of the view lie on a line");
        Warp::matrix(input, forward.ok_or_else(flat)?)
    }
}
