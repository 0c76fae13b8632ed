//! A beach ball, lit from the upper left.

use augment_core::geometry::Point;
use augment_core::math::{self, PI};

use super::BALL;
use crate::color::{Rgb, hex, mix, times};
use crate::figure::{Figure, Shadow};
use crate::path::Path;
use crate::random::{Dice, smoothstep};

/// A ball of a radius about a center, resting on the ground below it.
pub(crate) fn ball(center: Point, radius: f64, dice: &mut Dice) -> Figure {
    let mut figure = Figure::object(BALL, Shadow::Ground(center.y + radius * 0.93, 0.5));
    let pairs = [(0xE5483D, 0xFFF6E3), (0x2F7BC8, 0xFFE27A), (0xF28C28, 0xFDF3E0), (0x2E9E75, 0xFFF8E7)];
    let (dark, pale) = dice.deal("ball", &pairs);
    let (dark, pale) = (hex(dark), hex(pale));
    let (tilt, turn) = (dice.range(-0.9, 0.9), dice.range(0.0, PI));
    let (sin, cos) = (math::sin(tilt), math::cos(tilt));
    figure.draw(
        Path::circle(center, radius),
        Box::new(move |p| {
            let (x, y) = ((p.x - center.x) / radius, (p.y - center.y) / radius);
            let z = math::sqrt((1.0 - x * x - y * y).max(0.0));
            sphere(panel(x, y * cos - z * sin, y * sin + z * cos, turn, dark, pale), x, y, z)
        }),
    );
    figure
}

/// Six panels that meet in a round cap at each pole (the y axis).
fn panel(x: f64, y: f64, z: f64, turn: f64, dark: Rgb, pale: Rgb) -> Rgb {
    if y.abs() > 0.93 {
        return dark;
    }
    let around = (math::atan2(x, z) + turn) * 3.0 / PI;
    let part = around - 2.0 * (around / 2.0).floor();
    // A soft seam: a hard one would be jagged.
    let seam = 0.04;
    let on = smoothstep(0.0, seam, part) - smoothstep(1.0, 1.0 + seam, part);
    mix(pale, dark, on)
}

/// A sphere's light: bright to the upper left, darker to the rim, with a highlight.
fn sphere(color: Rgb, x: f64, y: f64, z: f64) -> Rgb {
    let facing = (-0.45 * x - 0.62 * y + 0.64 * z).max(0.0);
    let lit = times(color, 0.48 + 0.62 * facing);
    mix(lit, [1.0; 3], 0.75 * smoothstep(0.955, 1.0, facing))
}
