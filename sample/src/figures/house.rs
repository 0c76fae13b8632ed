//! A house seen from its corner: gable, side, roof, windows, door and chimney.

use augment_core::geometry::Point;

use super::HOUSE;
use crate::color::{Paint, Rgb, flat, hex, mix, ramp, times};
use crate::figure::{Figure, Shadow};
use crate::path::{Path, at};
use crate::random::{Dice, fractal, lattice};

/// A house whose front stands with its lower left corner at a point; `width` is of gable and side together.
pub(crate) fn house(corner: Point, width: f64, dice: &mut Dice) -> Figure {
    let mut figure = Figure::object(HOUSE, Shadow::None);
    let wall = hex(dice.deal("wall", &[0xF1E3C6, 0xE8B98A, 0xC9D8DC, 0xD98F6E, 0xEFEDE4, 0x9DB7A0, 0xE7C76B]));
    let tiles = hex(dice.deal("tiles", &[0xA4493D, 0x4E5A66, 0x7C4A3A, 0x3F5560]));
    let (front, depth) = (width * 0.46, width * 0.54);
    let (tall, gable) = (width * 0.38, width * 0.27);
    let place = move |x: f64, y: f64| at(corner.x + x, corner.y - y);
    // The side runs away to the right: its foot rises a little, its eaves fall a little.
    let side = move |x: f64, y: f64| {
        let t = x / depth;
        place(front + x, y * (1.0 - 0.10 * t) + width * 0.03 * t)
    };
    let seed = (dice.unit() * 1e6) as u64;

    if dice.chance(0.75) {
        let (x, y) = (front * 0.5 + depth * 0.55, tall + gable * 0.62);
        figure.draw(
            Path::polygon(&[
                place(x, y),
                place(x + width * 0.07, y),
                place(x + width * 0.07, y + gable * 0.75),
                place(x, y + gable * 0.75),
            ]),
            bricks(hex(0x9C6350), width * 0.02, seed),
        );
    }
    figure.draw(
        Path::polygon(&[side(0.0, 0.0), side(depth, 0.0), side(depth, tall), side(0.0, tall)]),
        boards(times(wall, 0.78), width * 0.03, seed),
    );
    let ridge = [place(front / 2.0, tall + gable), place(front / 2.0 + depth * 0.92, tall + gable * 0.97)];
    let front_wall =
        [place(0.0, 0.0), place(front, 0.0), place(front, tall), place(front / 2.0, tall + gable), place(0.0, tall)];
    figure.draw(Path::polygon(&front_wall), boards(wall, width * 0.03, seed + 1));
    let (over, thick) = (width * 0.035, width * 0.028);
    let eave = [side(-over * 0.4, tall - over), side(depth + over, tall - over * 0.9)];
    let far = at(ridge[1].x + over * 0.7, ridge[1].y);
    figure.draw(
        Path::polygon(&[place(front / 2.0, tall + gable + thick), far, eave[1], at(eave[0].x + over, eave[0].y)]),
        shingles(tiles, width * 0.028, seed + 2),
    );
    let verge = |x: f64| {
        let sign = if x > front / 2.0 { 1.0 } else { -1.0 };
        let foot = place(x + sign * over, tall - over * 1.2);
        let top = place(front / 2.0, tall + gable + thick);
        Path::polygon(&[
            foot,
            top,
            at(top.x, top.y + thick * 1.5),
            at(foot.x - sign * thick * 0.2, foot.y + thick * 0.9),
        ])
    };
    figure.draw(verge(0.0).and(verge(front)), flat(times(tiles, 0.82)));

    let frame = hex(0xFAF6EC);
    let pane = |x0: f64, y0: f64, x1: f64, y1: f64, on_side: bool| {
        let to = move |x: f64, y: f64| if on_side { side(x, y) } else { place(x, y) };
        Path::polygon(&[to(x0, y0), to(x1, y0), to(x1, y1), to(x0, y1)])
    };
    let mut window = |x: f64, y: f64, w: f64, h: f64, on_side: bool| {
        let b = width * 0.011;
        figure.draw(
            pane(x - b, y - b, x + w + b, y + h + b, on_side),
            flat(times(frame, if on_side { 0.84 } else { 1.0 })),
        );
        figure.draw(pane(x, y, x + w, y + h, on_side), glass(corner.y - y - h, corner.y - y));
        figure.draw(pane(x + w / 2.0 - b / 3.0, y, x + w / 2.0 + b / 3.0, y + h, on_side), flat(times(frame, 0.9)));
        figure.draw(pane(x, y + h / 2.0 - b / 3.0, x + w, y + h / 2.0 + b / 3.0, on_side), flat(times(frame, 0.9)));
        figure.draw(pane(x - 2.0 * b, y - 2.2 * b, x + w + 2.0 * b, y - b, on_side), flat(times(frame, 0.72)));
    };
    window(front * 0.12, tall * 0.42, front * 0.24, tall * 0.34, false);
    window(front * 0.40, tall * 1.06, front * 0.20, gable * 0.30, false);
    window(depth * 0.16, tall * 0.40, depth * 0.22, tall * 0.34, true);
    window(depth * 0.60, tall * 0.40, depth * 0.22, tall * 0.34, true);
    let door = hex(dice.deal("door", &[0x2F5D62, 0x7A3E2B, 0x35517A, 0x6B7F3A]));
    let (x0, x1, high) = (front * 0.56, front * 0.84, tall * 0.72);
    figure.draw(pane(x0 - width * 0.012, 0.0, x1 + width * 0.012, high + width * 0.014, false), flat(frame));
    figure.draw(
        pane(x0, 0.0, x1, high, false),
        ramp(place(x0, high), times(door, 1.15), place(x1, 0.0), times(door, 0.8)),
    );
    figure.draw(Path::circle(place(x1 - front * 0.05, high * 0.45), width * 0.009), flat(hex(0xE8C468)));
    figure.draw(pane(x0 - width * 0.03, -width * 0.012, x1 + width * 0.03, width * 0.014, false), flat(hex(0xA9A59B)));
    figure
}

/// Windows: the sky in them above, dark below.
fn glass(top: f64, bottom: f64) -> Paint {
    Box::new(move |p| {
        let t = (p.y - top) / (bottom - top);
        mix(hex(0xA9D3E8), hex(0x35546B), (t + 0.25 * ((p.x + p.y) / 9.0).floor() % 2.0 * 0.25).clamp(0.0, 1.0))
    })
}

fn boards(color: Rgb, step: f64, seed: u64) -> Paint {
    Box::new(move |p| {
        let row = p.y / step;
        let within = row - row.floor();
        let seam = if within < 0.14 { 0.90 } else { 1.0 };
        times(color, seam * (0.96 + 0.04 * within) + 0.07 * (fractal(p.x / 9.0, p.y / 3.0, 3, seed) - 0.5))
    })
}

fn bricks(color: Rgb, step: f64, seed: u64) -> Paint {
    Box::new(move |p| {
        let row = (p.y / (step * 0.5)).floor();
        let x = p.x / step + 0.5 * (row - 2.0 * (row / 2.0).floor());
        times(color, 0.84 + 0.3 * lattice(x.floor() as i64, row as i64, seed))
    })
}

fn shingles(color: Rgb, step: f64, seed: u64) -> Paint {
    Box::new(move |p| {
        let row = (p.y / (step * 0.62)).floor();
        let within = p.y / (step * 0.62) - row;
        let x = (p.x - p.y * 0.3) / step + 0.5 * (row - 2.0 * (row / 2.0).floor());
        times(color, (0.88 + 0.24 * lattice(x.floor() as i64, row as i64, seed)) * (0.84 + 0.2 * within))
    })
}
