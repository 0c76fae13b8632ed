//! A park: a meadow with trees, a path, people at play, a bench that half hides one of them.

use augment_core::geometry::Point;
use augment_core::labels::Labels;
use augment_core::math;

use super::{Cast, heavens, in_depth, meadow};
use crate::canvas::Canvas;
use crate::color::{hex, ramp, times};
use crate::figure::{Figure, Shadow, stage};
use crate::figures::{Person, Pose, ball, conifer, house, person, tree};
use crate::path::{Path, at};
use crate::random::{Dice, fractal, noise};
use crate::raster::cover;

const HORIZON: f64 = 214.0;

/// Draws a park and labels it.
pub(crate) fn park(canvas: &mut Canvas, dice: &mut Dice) -> Labels {
    let width = canvas.width();
    let haze = heavens(canvas, HORIZON, dice);
    meadow(canvas, HORIZON, haze, dice);
    path(canvas, dice);

    let mut cast: Cast = Vec::new();
    if dice.chance(0.7) {
        cast.push((236.0, house(at(width * dice.range(0.42, 0.66), 238.0), dice.range(84.0, 110.0), dice)));
    }
    for slot in 0..4 {
        let foot = at(width * (0.06 + 0.26 * f64::from(slot) + dice.range(-0.06, 0.06)), dice.range(226.0, 262.0));
        let height = (foot.y - 176.0) * dice.range(1.3, 1.7);
        let grown = if dice.chance(0.5) { conifer(foot, height, dice) } else { tree(foot, height, dice) };
        cast.push((foot.y, grown));
    }
    let right = dice.chance(0.5);
    let big = at(width * if right { dice.range(0.84, 1.0) } else { dice.range(0.0, 0.16) }, dice.range(322.0, 350.0));
    cast.push((big.y, tree(big, dice.range(270.0, 310.0), dice)));

    let stand = |x: f64, y: f64| (at(width * x, y), (y - 168.0) * 0.82);
    let (foot, height) = stand(dice.range(0.30, 0.45), dice.range(282.0, 310.0));
    cast.push((
        foot.y,
        person(&Person { foot, height, facing_us: dice.chance(0.5), pose: dice.pick(&Pose::ALL) }, dice),
    ));
    let (foot, height) = stand(dice.range(0.52, 0.68), dice.range(366.0, 396.0));
    let pose = dice.pick(&[Pose::CHEERING, Pose::WAVING, Pose::AKIMBO]);
    cast.push((foot.y, person(&Person { foot, height, facing_us: true, pose }, dice)));
    let spot = at(foot.x + dice.range(-130.0, -70.0), foot.y + dice.range(10.0, 40.0));
    cast.push((spot.y + 18.0, ball(spot, dice.range(17.0, 24.0), dice)));

    let seat =
        at(width * if right { dice.range(0.16, 0.24) } else { dice.range(0.78, 0.86) }, dice.range(430.0, 444.0));
    let behind = at(seat.x + dice.range(-24.0, 24.0), seat.y - 16.0);
    let facing_us = dice.chance(0.75);
    cast.push((
        behind.y,
        person(&Person { foot: behind, height: 206.0, facing_us, pose: dice.pick(&Pose::ALL) }, dice),
    ));
    cast.push((seat.y, bench(seat, 170.0)));
    stage(canvas, in_depth(cast))
}

/// A gravel path that winds to the horizon.
fn path(canvas: &mut Canvas, dice: &mut Dice) {
    let (width, seed) = (canvas.width(), (dice.unit() * 1e6) as u64);
    let (from, to, swing) = (dice.range(0.3, 0.7), dice.range(0.35, 0.65), dice.range(-0.25, 0.25));
    let edge = |side: f64| {
        (0..=30).map(move |i| {
            let t = f64::from(i) / 30.0;
            let depth = (1.0 - t) * (1.0 - t);
            let middle = from + (to - from) * t + swing * math::sin(t * 5.0) * (1.0 - t);
            at(width * middle + side * (4.0 + 74.0 * depth), HORIZON + 8.0 + (482.0 - HORIZON - 8.0) * depth)
        })
    };
    let outline: Vec<Point> = edge(-1.0).chain(edge(1.0).collect::<Vec<_>>().into_iter().rev()).collect();
    let mask = cover(&Path::polygon(&outline), canvas.scale(), canvas.size(), 0.0);
    canvas.fill(&mask, 0.94, |p| {
        let grit = fractal(p.x / 1.6, p.y / 1.2, 2, seed) - 0.5;
        times(hex(0xD8C49A), 0.98 + 0.24 * grit + 0.12 * (noise(p.x / 30.0, p.y / 9.0, seed) - 0.5))
    });
}

/// A bench from behind: no object, but one looks through its slats.
fn bench(foot: Point, width: f64) -> Figure {
    let mut figure = Figure::prop(Shadow::Ground(foot.y, 0.5));
    let half = width / 2.0;
    let wood = |y: f64| -> crate::color::Paint {
        let base = ramp(at(0.0, y - 6.0), hex(0xB07A46), at(0.0, y + 6.0), hex(0x7C5230));
        Box::new(move |p| times(base(p), 0.88 + 0.24 * fractal(p.x / 26.0, p.y / 1.8, 3, 31)))
    };
    for x in [-half + 14.0, half - 14.0] {
        let iron = ramp(at(foot.x + x - 4.0, 0.0), hex(0x4C555B), at(foot.x + x + 4.0, 0.0), hex(0x22282C));
        figure.draw(Path::limb(at(foot.x + x, foot.y - 2.0), 3.6, at(foot.x + x, foot.y - 92.0), 3.0), iron);
    }
    for y in [36.0, 58.0, 74.0, 90.0] {
        let y = foot.y - y;
        figure.draw(Path::limb(at(foot.x - half, y), 5.0, at(foot.x + half, y), 5.0), wood(y));
    }
    figure
}
