//! A small car seen from its side.

use augment_core::geometry::Point;
use augment_core::math::{self, PI};

use super::CAR;
use crate::color::{Paint, Rgb, flat, hex, mix, ramp, times};
use crate::figure::{Figure, Shadow};
use crate::path::{Path, at};
use crate::random::{Dice, smoothstep};

/// The body from the sill behind the front wheel, round by the nose, roof and tail; lengths of a car, y up.
const BODY: [(f64, f64); 24] = [
    (0.50, 0.070),
    (0.88, 0.070),
    (0.965, 0.080),
    (0.995, 0.105),
    (1.0, 0.150),
    (0.985, 0.190),
    (0.94, 0.215),
    (0.83, 0.240),
    (0.745, 0.258),
    (0.69, 0.298),
    (0.62, 0.348),
    (0.54, 0.370),
    (0.40, 0.374),
    (0.28, 0.366),
    (0.20, 0.345),
    (0.13, 0.292),
    (0.085, 0.255),
    (0.030, 0.242),
    (0.006, 0.215),
    (0.0, 0.160),
    (0.012, 0.100),
    (0.045, 0.076),
    (0.12, 0.070),
    (0.30, 0.070),
];
const SIDE_WINDOW: [(f64, f64); 9] = [
    (0.165, 0.262),
    (0.205, 0.319),
    (0.29, 0.346),
    (0.41, 0.353),
    (0.53, 0.348),
    (0.60, 0.322),
    (0.665, 0.268),
    (0.60, 0.258),
    (0.30, 0.256),
];

/// A car of a length whose wheels touch the ground at `foot` (the middle of the car); it drives left or right.
pub(crate) fn car(foot: Point, length: f64, right: bool, dice: &mut Dice) -> Figure {
    let mut figure = Figure::object(CAR, Shadow::Ground(foot.y - length * 0.008, 0.10));
    let colors = [0xC8372D, 0x2C6FB0, 0xE9B44C, 0x3E8E7E, 0xEDEBE6, 0x5B6770, 0x7A4E9E, 0xE07B39];
    let color = hex(dice.deal("car", &colors));
    let place = move |x: f64, y: f64| {
        let x = (x - 0.5) * length;
        at(foot.x + if right { x } else { -x }, foot.y - y * length)
    };
    let shape = |points: &[(f64, f64)]| Path::smooth(&points.iter().map(|(x, y)| place(*x, *y)).collect::<Vec<_>>());
    let level = move |p: Point| (foot.y - p.y) / length;

    figure.draw(shape(&BODY), paintwork(color, foot.y, length));
    let sill = [place(0.05, 0.066), place(0.95, 0.066), place(0.95, 0.092), place(0.05, 0.092)];
    figure.draw(Path::polygon(&sill), flat(hex(0x24282C)));
    figure.draw(
        shape(&SIDE_WINDOW),
        Box::new(move |p| {
            let streak = ((p.x * 0.8 + p.y) / length * 9.0).floor();
            let base = mix(hex(0x1F3340), hex(0x9CC4D6), smoothstep(0.25, 0.36, level(p)));
            if streak - 3.0 * (streak / 3.0).floor() == 0.0 { times(base, 1.14) } else { base }
        }),
    );
    let bar = |x0: f64, x1: f64, y0: f64, y1: f64, lean: f64| {
        Path::polygon(&[place(x0, y0), place(x1, y0), place(x1 - lean, y1), place(x0 - lean, y1)])
    };
    figure.draw(bar(0.405, 0.428, 0.250, 0.362, 0.006), paintwork(times(color, 0.92), foot.y, length));
    let line = times(color, 0.62);
    for (x, top) in [(0.415, 0.252), (0.655, 0.25), (0.235, 0.25)] {
        figure.draw(bar(x, x + 0.004, 0.10, top, -0.006), flat(line));
    }
    figure.draw(bar(0.44, 0.485, 0.222, 0.231, 0.0).and(bar(0.255, 0.30, 0.222, 0.231, 0.0)), flat(times(color, 0.55)));
    figure.draw(bar(0.02, 0.985, 0.128, 0.136, 0.0), flat(times(color, 0.72)));
    figure.draw(shape(&[(0.955, 0.150), (0.99, 0.158), (0.982, 0.188), (0.935, 0.196)]), flat(hex(0xFFF3C4)));
    figure.draw(shape(&[(0.004, 0.175), (0.035, 0.178), (0.038, 0.222), (0.012, 0.220)]), flat(hex(0xB3202A)));
    figure.draw(shape(&[(0.655, 0.262), (0.69, 0.262), (0.695, 0.285), (0.662, 0.283)]), flat(times(color, 0.8)));
    for x in [0.195, 0.795] {
        wheel(&mut figure, place(x, 0.083), length);
    }
    figure
}

fn wheel(figure: &mut Figure, center: Point, length: f64) {
    let radius = length * 0.083;
    // The arch above the tyre.
    figure.draw(Path::circle(at(center.x, center.y - length * 0.004), radius * 1.17), flat(hex(0x16191C)));
    figure.draw(
        Path::circle(center, radius),
        ramp(at(center.x, center.y - radius), hex(0x3A3D41), at(center.x, center.y + radius), hex(0x1B1D20)),
    );
    figure.draw(
        Path::circle(center, radius * 0.64),
        ramp(
            at(center.x - radius, center.y - radius),
            hex(0xE9ECEF),
            at(center.x + radius, center.y + radius),
            hex(0x7F868D),
        ),
    );
    for i in 0..5 {
        let angle = 2.0 * PI * f64::from(i) / 5.0 + 0.3;
        let to = |r: f64| at(center.x + radius * r * math::cos(angle), center.y + radius * r * math::sin(angle));
        figure.draw(Path::limb(to(0.26), radius * 0.07, to(0.47), radius * 0.12), flat(hex(0x3C4248)));
    }
    figure.draw(Path::circle(center, radius * 0.13), flat(hex(0xB9BFC5)));
}

/// Lacquer: sky in the shoulders, a bright line below the windows, dark towards the sill.
fn paintwork(color: Rgb, ground: f64, length: f64) -> Paint {
    Box::new(move |p| {
        let y = (ground - p.y) / length;
        let shade = 0.62 + 0.40 * smoothstep(0.07, 0.22, y) + 0.10 * smoothstep(0.30, 0.37, y);
        let shine = smoothstep(0.222, 0.238, y) - smoothstep(0.240, 0.256, y);
        mix(times(color, shade), [1.0; 3], 0.30 * shine + 0.18 * smoothstep(0.352, 0.374, y))
    })
}
