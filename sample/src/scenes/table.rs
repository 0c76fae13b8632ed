//! A room: a table with mugs and toys on it, and someone behind it.

use augment_core::geometry::Point;
use augment_core::labels::Labels;

use crate::canvas::Canvas;
use crate::color::{Paint, hex, mix, times};
use crate::figure::{Figure, Shadow, stage};
use crate::figures::{Person, Pose, ball, car, house, mug, person};
use crate::path::{Path, at};
use crate::random::{Dice, fractal, lattice, smoothstep};

/// Where the table's far edge is.
const EDGE: f64 = 292.0;

/// Draws a table and labels what stands on it.
pub(crate) fn table(canvas: &mut Canvas, dice: &mut Dice) -> Labels {
    let width = canvas.width();
    let seed = (dice.unit() * 1e6) as u64;
    let wall = hex(dice.pick(&[0xD9D2C0, 0xBFD0D3, 0xE3C9B0, 0xC7CFB6, 0xCFC4D6]));
    let window_x = width * dice.range(0.05, 0.12);
    canvas.wash(|p| {
        let light = 1.08 - 0.36 * smoothstep(0.0, 1.0, (p.x - window_x) / width + 0.15);
        let stripe = if (p.x / 26.0).floor() % 2.0 == 0.0 { 1.0 } else { 0.975 };
        (times(wall, light * stripe + 0.05 * (fractal(p.x / 2.2, p.y / 2.2, 2, seed) - 0.5)), 1.0)
    });

    let mut cast = vec![window(at(window_x, 34.0), width * 0.24, 168.0), picture(at(width * 0.70, 52.0), dice)];
    let foot = at(width * dice.range(0.46, 0.60), 640.0);
    let pose = dice.pick(&[Pose::WAVING, Pose::STANDING, Pose::CHEERING, Pose::AKIMBO]);
    let height = dice.range(470.0, 510.0);
    cast.push(person(&Person { foot, height, facing_us: true, pose }, dice));
    cast.push(board(width, seed));

    let right = dice.chance(0.5);
    let x = |t: f64| width * if right { t } else { 1.0 - t };
    if dice.chance(0.6) {
        cast.push(house(at(x(0.80) - 50.0, 336.0), dice.range(104.0, 124.0), dice));
    } else {
        cast.push(mug(at(x(0.80), 338.0), dice.range(72.0, 84.0), dice.chance(0.5), dice));
    }
    cast.push(mug(at(x(dice.range(0.15, 0.24)), 352.0), dice.range(84.0, 98.0), dice.chance(0.5), dice));
    cast.push(ball(at(x(dice.range(0.60, 0.66)), 346.0), dice.range(28.0, 38.0), dice));
    cast.push(car(at(x(dice.range(0.34, 0.44)), 404.0), dice.range(140.0, 168.0), dice.chance(0.5), dice));
    cast.push(mug(at(x(dice.range(0.68, 0.78)), 428.0), dice.range(112.0, 128.0), dice.chance(0.5), dice));
    if dice.chance(0.6) {
        cast.push(mug(at(x(dice.range(0.0, 0.05)), 474.0), 150.0, dice.chance(0.5), dice));
    }
    stage(canvas, cast)
}

/// The table top and its front, over everything behind.
fn board(width: f64, seed: u64) -> Figure {
    let mut figure = Figure::prop(Shadow::None);
    let wood: Paint = Box::new(move |p| {
        let depth = (p.y - EDGE) / (480.0 - EDGE);
        // Planks run to the viewer: they widen from the far edge.
        let plank = (p.x - width / 2.0) / (64.0 + 54.0 * depth);
        let within = plank - plank.floor();
        let own = lattice(plank.floor() as i64, 0, seed);
        let grain = fractal(plank * 9.0 + own * 50.0, p.y / (34.0 + 60.0 * depth), 4, seed) - 0.5;
        let gap = if !(0.02..=0.985).contains(&within) { 0.72 } else { 1.0 };
        let light = 1.10 - 0.30 * smoothstep(0.0, width, p.x) - 0.10 * depth;
        times(mix(hex(0xB98450), hex(0xA06C3E), own), gap * light * (1.0 + 0.42 * grain))
    });
    figure.draw(Path::rect(-5.0, EDGE, width + 5.0, 485.0), wood);
    figure.glaze(Path::rect(-5.0, EDGE, width + 5.0, EDGE + 2.5), Box::new(|_| hex(0xF3D9B0)), 0.55);
    figure
}

/// A window: no object.
fn window(corner: Point, width: f64, height: f64) -> Figure {
    let mut figure = Figure::prop(Shadow::None);
    let (right, bottom) = (corner.x + width, corner.y + height);
    figure.draw(Path::rect(corner.x - 9.0, corner.y - 9.0, right + 9.0, bottom + 9.0), Box::new(|_| hex(0xF7F3EA)));
    figure.draw(
        Path::rect(corner.x, corner.y, right, bottom),
        Box::new(move |p| {
            let t = (p.y - corner.y) / height;
            let sky = mix(hex(0x8EC5EA), hex(0xE6F4FA), smoothstep(0.0, 0.8, t));
            let leaves = fractal(p.x / 24.0, p.y / 18.0, 4, 12);
            mix(sky, times(hex(0x8DB878), 0.8 + 0.5 * leaves), smoothstep(0.62, 0.72, t + 0.3 * (leaves - 0.5)))
        }),
    );
    let bar = |x0: f64, y0: f64, x1: f64, y1: f64| Path::rect(x0, y0, x1, y1);
    let middle = (corner.x + right) / 2.0;
    figure.draw(bar(middle - 3.0, corner.y, middle + 3.0, bottom), Box::new(|_| hex(0xF1ECE1)));
    figure.draw(
        bar(corner.x, corner.y + height * 0.42, right, corner.y + height * 0.42 + 5.0),
        Box::new(|_| hex(0xF1ECE1)),
    );
    figure.draw(bar(corner.x - 16.0, bottom + 7.0, right + 16.0, bottom + 17.0), Box::new(|_| hex(0xE2DACB)));
    figure
}

/// A framed picture: no object.
fn picture(corner: Point, dice: &mut Dice) -> Figure {
    let mut figure = Figure::prop(Shadow::None);
    let seed = (dice.unit() * 1e6) as u64;
    let rect =
        |inset: f64| Path::rect(corner.x + inset, corner.y + inset, corner.x + 116.0 - inset, corner.y + 88.0 - inset);
    figure.draw(rect(0.0), Box::new(|_| hex(0x5B4030)));
    figure.draw(rect(5.0), Box::new(|_| hex(0xF5F0E4)));
    figure.draw(
        rect(14.0),
        Box::new(move |p| {
            let t = fractal(p.x / 30.0, p.y / 14.0, 3, seed);
            mix(mix(hex(0x2E6F8E), hex(0xE9C46A), smoothstep(0.3, 0.6, t)), hex(0xD1603D), smoothstep(0.6, 0.75, t))
        }),
    );
    figure
}
