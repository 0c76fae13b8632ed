//! A mug with a handle that one can look through.

use augment_core::geometry::Point;

use super::MUG;
use crate::color::{Paint, Rgb, flat, hex, mix, ramp, times};
use crate::figure::{Figure, Shadow};
use crate::path::{Path, at};
use crate::random::{Dice, smoothstep};

/// A mug that stands at a point, of a height, with its handle to the right or left.
pub(crate) fn mug(foot: Point, height: f64, right: bool, dice: &mut Dice) -> Figure {
    let mut figure = Figure::object(MUG, Shadow::Ground(foot.y - height * 0.03, 0.45));
    let colors = [0xD94F45, 0x3A7CA5, 0xF2B134, 0x4F9D69, 0xE9E3D5, 0x6C5B9E, 0x2B4A5F];
    let color = hex(dice.deal("mug", &colors));
    let band = if color[0] > 0.85 && color[2] > 0.6 { hex(0x4A6D7C) } else { hex(0xFBF4E6) };
    let (half, side) = (height * 0.39, if right { 1.0 } else { -1.0 });
    let top = foot.y - height;
    let (rim, base) = (half * 0.24, half * 0.20);

    let grip = at(foot.x + side * half * 1.02, foot.y - height * 0.5);
    let ring = Path::ellipse(grip, half * 0.62, height * 0.34);
    figure.draw(
        ring.without(Path::ellipse(grip, half * 0.38, height * 0.215)),
        ramp(
            at(grip.x, grip.y - height * 0.3),
            times(color, 1.02),
            at(grip.x, grip.y + height * 0.34),
            times(color, 0.62),
        ),
    );

    let mut wall = Vec::new();
    let arc = |y: f64, r: f64, bend: f64, i: u32| {
        let t = f64::from(i) / 24.0 * 2.0 - 1.0;
        at(foot.x + r * t, y + bend * augment_core::math::sqrt((1.0 - t * t).max(0.0)))
    };
    wall.extend((0..=24).map(|i| arc(foot.y - base, half * 0.9, base, i)));
    wall.extend((0..=24).rev().map(|i| arc(top, half, -rim * 0.2, i)));
    figure.draw(Path::polygon(&wall), glazed(color, foot.x, half));
    let stripe = |from: f64, to: f64| {
        let mut edge: Vec<Point> =
            (0..=24).map(|i| arc(top + height * from, half * (1.0 - 0.1 * from), rim, i)).collect();
        edge.extend((0..=24).rev().map(|i| arc(top + height * to, half * (1.0 - 0.1 * to), rim, i)));
        Path::polygon(&edge)
    };
    figure.draw(stripe(0.40, 0.52), glazed(band, foot.x, half));
    figure.draw(stripe(0.56, 0.59), glazed(band, foot.x, half));

    let mouth = at(foot.x, top);
    figure.draw(
        Path::ellipse(mouth, half, rim),
        ramp(at(foot.x - half, 0.0), times(color, 1.25), at(foot.x + half, 0.0), times(color, 0.9)),
    );
    figure.draw(Path::ellipse(mouth, half * 0.9, rim * 0.84), flat(times(color, 0.5)));
    let drink = hex(dice.pick(&[0x4A2C1D, 0x7A4A24, 0x8A2F1C]));
    let level = at(foot.x, top + rim * 0.22);
    figure.draw(
        Path::ellipse(level, half * 0.84, rim * 0.62),
        ramp(at(foot.x - half, top), mix(drink, [1.0; 3], 0.22), at(foot.x + half * 0.6, top + rim), drink),
    );
    figure
}

/// The light on a glazed cylinder: bright left of the middle, dark at both sides, darkest right.
fn glazed(color: Rgb, center: f64, half: f64) -> Paint {
    Box::new(move |p| {
        let x = (p.x - center) / half;
        let shade = 0.74 + 0.36 * smoothstep(-1.1, -0.35, x) - 0.52 * smoothstep(-0.2, 1.05, x);
        let shine = smoothstep(-0.62, -0.5, x) - smoothstep(-0.42, -0.3, x);
        mix(times(color, shade), [1.0; 3], 0.22 * shine)
    })
}
