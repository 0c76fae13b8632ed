//! `elastic`: smooth bumps, as if the image were drawn on rubber.

use crate::error::Result;
use crate::geometry::{Border, DisplacementField, Point, Size, Warp};
use crate::image::Rgba;
use crate::sampling::{BorderChoice, Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Pulls the image about smoothly at the points of a grid; it never folds.
    Elastic = "elastic", Geometric;
    /// How far the points are pulled at most: 1 is as far as they can be without a fold.
    strength: Range = Range::new(0.2, 0.7), Control::Range { min: 0.0, max: 1.0 };
    /// Distance of the points as a fraction of the image's shorter side: small makes ripples, large makes swells.
    spacing: Range = Range::new(0.1, 0.3), Control::Range { min: 0.03, max: 1.0 }, "× side";
    /// What shows where the image does not reach: `auto` is `reflect` for images without object labels, else `constant`.
    border: BorderChoice = BorderChoice::Auto, Control::Choice(BorderChoice::NAMES);
    /// The color for the constant border; unless it is given, transparent where the image has alpha.
    fill: Rgba = Rgba::CLEAR, Control::Fill;
    examples: "{}", r#"{"strength": 1, "spacing": 0.15, "border": "constant", "fill": 255}"#,
        r#"{"strength": 0.8, "spacing": 1}"#;
}

/// The drawn strength and the seed of the pulls.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    seed: u64,
    strength: f64,
    spacing: f64,
    border: Border,
    #[serde(default, skip_serializing_if = "Rgba::is_black")]
    fill: Rgba,
}

/// Pulls below 1/2.046 of their spacing keep a cubic spline surface from folding
/// (Choi & Lee 2000, "Injectivity conditions of 2D and 3D uniform cubic B-spline functions"); with some room.
const MAX_PULL: f64 = 0.42;
/// Points along the longer side at most.
const MAX_POINTS: f64 = 64.0;
/// Nodes of the field between two points.
const NODES: f64 = 8.0;

impl Transform for Elastic {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let border = self.border.draw(facts);
        Ok(Drawn {
            seed: random.drawn_seed(),
            strength: self.strength.draw(random),
            spacing: self.spacing.draw(random),
            border,
            fill: border.shown(self.fill),
        })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let (w, h) = (f64::from(input.width), f64::from(input.height));
        let spacing = (self.spacing * w.min(h)).max(w.max(h) / MAX_POINTS).max(2.0);
        let pulls = Pulls::new(w, h, spacing, self.strength * MAX_PULL * spacing, self.seed);
        let field = DisplacementField::new(input, (spacing / NODES).max(1.0), |p| pulls.at(p));
        Ok(Warp::field(input, field).with_border(self.border, self.fill))
    }
}

/// Vectors on a grid that starts one spacing before the frame, and a cubic B-spline through their neighborhood.
struct Pulls {
    spacing: f64,
    columns: usize,
    vectors: Vec<(f64, f64)>,
}

impl Pulls {
    fn new(width: f64, height: f64, spacing: f64, most: f64, seed: u64) -> Self {
        // One point before the frame, one at its start, and two past its end.
        let points = |extent: f64| (extent / spacing) as usize + 4;
        let (columns, rows) = (points(width), points(height));
        let mut random = Random::from_drawn(seed);
        let mut pull = || random.uniform(-most, most);
        Self { spacing, columns, vectors: (0..columns * rows).map(|_| (pull(), pull())).collect() }
    }

    fn at(&self, p: Point) -> (f64, f64) {
        let (u, v) = (p.x / self.spacing, p.y / self.spacing);
        let (column, row) = (u as usize, v as usize);
        let (across, down) = (b_spline(u - column as f64), b_spline(v - row as f64));
        let mut sum = (0.0, 0.0);
        for (j, wy) in down.into_iter().enumerate() {
            let line = self.vectors.iter().skip((row + j) * self.columns + column);
            for (vector, wx) in line.zip(across) {
                sum.0 += vector.0 * wx * wy;
                sum.1 += vector.1 * wx * wy;
            }
        }
        sum
    }
}

/// Weights of four neighbors for a uniform cubic B-spline, `t` of the way from the second to the third.
fn b_spline(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    [
        s * s * s / 6.0,
        (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * s * s * s - 6.0 * s * s + 4.0) / 6.0,
        t * t * t / 6.0,
    ]
}
