//! A street: houses, a row of trees, cars on the road, people on both pavements, a lamp post before them.

use augment_core::labels::Labels;

use super::{Cast, heavens, in_depth, meadow};
use crate::canvas::Canvas;
use crate::color::{hex, ramp, times};
use crate::figure::{Figure, Shadow, stage};
use crate::figures::{Person, Pose, ball, car, house, person, tree};
use crate::path::{Path, at};
use crate::random::{Dice, fractal, lattice};
use crate::raster::cover;

const FAR_KERB: f64 = 338.0;
const NEAR_KERB: f64 = 432.0;

/// Draws a street and labels it.
pub(crate) fn street(canvas: &mut Canvas, dice: &mut Dice) -> Labels {
    let width = canvas.width();
    let haze = heavens(canvas, 262.0, dice);
    meadow(canvas, 262.0, haze, dice);
    ground(canvas, dice);

    let mut cast: Cast = Vec::new();
    let mut x = dice.range(-60.0, 20.0);
    while x < width - 40.0 {
        let size = dice.range(230.0, 275.0);
        cast.push((300.0, house(at(x, 306.0), size, dice)));
        x += size + 20.0;
        if dice.chance(0.8) {
            cast.push((304.0, tree(at(x + 24.0, 310.0), dice.range(150.0, 205.0), dice)));
            x += 58.0;
        }
        x += dice.range(10.0, 40.0);
    }
    for side in [0.0, 0.48] {
        let foot = at(width * (side + dice.range(0.08, 0.42)), dice.range(320.0, 330.0));
        let (pose, facing_us) = (dice.pick(&Pose::ALL), dice.chance(0.65));
        cast.push((foot.y, person(&Person { foot, height: 84.0, facing_us, pose }, dice)));
    }
    cast.push((374.0, car(at(width * dice.range(0.1, 0.5), 376.0), 192.0, false, dice)));
    let near = if dice.chance(0.4) { width * dice.range(0.92, 1.02) } else { width * dice.range(0.55, 0.8) };
    cast.push((424.0, car(at(near, 424.0), 276.0, true, dice)));
    cast.push((446.0, lamp(at(near - dice.range(-40.0, 60.0), 447.0))));
    let foot = at(width * dice.range(0.12, 0.36), dice.range(462.0, 474.0));
    let pose = dice.pick(&[Pose::WALKING, Pose::WAVING, Pose::AKIMBO]);
    cast.push((foot.y, person(&Person { foot, height: 156.0, facing_us: dice.chance(0.7), pose }, dice)));
    if dice.chance(0.6) {
        let spot = at(foot.x + dice.range(60.0, 110.0), 452.0);
        cast.push((470.0, ball(spot, dice.range(14.0, 20.0), dice)));
    }
    stage(canvas, in_depth(cast))
}

fn ground(canvas: &mut Canvas, dice: &mut Dice) {
    let (width, seed) = (canvas.width(), (dice.unit() * 1e6) as u64);
    let mut band = |top: f64, bottom: f64, paint: &dyn Fn(augment_core::geometry::Point) -> crate::color::Rgb| {
        let mask = cover(&Path::rect(-5.0, top, width + 5.0, bottom), canvas.scale(), canvas.size(), 0.0);
        canvas.fill(&mask, 1.0, paint);
    };
    let slabs = |top: f64, tile: f64| {
        move |p: augment_core::geometry::Point| {
            let depth = p.y - top;
            let (column, row) = ((p.x - 320.0 + depth * 0.25) / (tile * (1.0 + depth * 0.004)), depth / (tile * 0.36));
            let gap = (column - column.floor() < 0.03) || (row - row.floor() < 0.07);
            let tone = 0.97 + 0.07 * lattice(column.floor() as i64, row.floor() as i64, seed);
            let grit = 0.10 * (fractal(p.x / 1.7, p.y / 1.4, 2, seed) - 0.5);
            times(hex(0xC9C2B5), if gap { 0.82 } else { tone } + grit)
        }
    };
    band(308.0, FAR_KERB - 4.0, &slabs(308.0, 26.0));
    band(FAR_KERB - 4.0, FAR_KERB, &|_| hex(0x9A958C));
    band(FAR_KERB, NEAR_KERB, &|p| {
        let patch = fractal(p.x / 60.0, p.y / 14.0, 3, seed + 5) - 0.5;
        let grit = fractal(p.x / 1.3, p.y / 1.1, 2, seed + 6) - 0.5;
        times(hex(0x63676C), 0.98 + 0.16 * patch + 0.22 * grit + 0.0006 * (p.y - FAR_KERB))
    });
    band(384.0, 388.0, &|p| {
        let dash = (p.x + 30.0) / 74.0;
        let worn = fractal(p.x / 3.0, p.y / 2.0, 3, seed + 7);
        if dash - dash.floor() < 0.55 && worn > 0.3 { hex(0xE8E4D8) } else { hex(0x676B70) }
    });
    band(NEAR_KERB, NEAR_KERB + 7.0, &|_| hex(0xB4AEA3));
    band(NEAR_KERB + 7.0, 481.0, &slabs(NEAR_KERB, 52.0));
}

/// A lamp post: no object, but it stands before some.
fn lamp(foot: augment_core::geometry::Point) -> Figure {
    let mut figure = Figure::prop(Shadow::Ground(foot.y, 0.42));
    let iron = || ramp(at(foot.x - 4.0, 0.0), hex(0x59646B), at(foot.x + 4.0, 0.0), hex(0x23292D));
    figure.draw(Path::limb(at(foot.x, foot.y - 4.0), 4.2, at(foot.x, foot.y - 292.0), 2.6), iron());
    figure.draw(Path::rect(foot.x - 7.0, foot.y - 22.0, foot.x + 7.0, foot.y), iron());
    figure.draw(Path::limb(at(foot.x, foot.y - 290.0), 2.4, at(foot.x - 40.0, foot.y - 300.0), 2.0), iron());
    let shade = [
        at(foot.x - 62.0, foot.y - 296.0),
        at(foot.x - 52.0, foot.y - 305.0),
        at(foot.x - 32.0, foot.y - 303.0),
        at(foot.x - 28.0, foot.y - 296.0),
    ];
    figure.draw(Path::polygon(&shade), iron());
    figure.draw(Path::ellipse(at(foot.x - 46.0, foot.y - 295.0), 12.0, 3.2), Box::new(|_| hex(0xFFF2C2)));
    figure
}
