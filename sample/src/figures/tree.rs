//! Trees: broad ones of leafy lobes, and conifers of tiers.

use augment_core::geometry::Point;
use augment_core::math::{self, PI};

use super::TREE;
use crate::color::{Paint, Rgb, hex, mix, ramp, times};
use crate::figure::{Figure, Shadow};
use crate::path::{Path, at};
use crate::random::{Dice, fractal, noise, smoothstep};

/// A broad-leaved tree that stands at a point.
pub(crate) fn tree(foot: Point, height: f64, dice: &mut Dice) -> Figure {
    let mut figure = Figure::object(TREE, Shadow::Ground(foot.y, 0.42));
    let green = hex(dice.deal("leaves", &[0x4E8B3A, 0x5E9B45, 0x3F7F4A, 0x7C9A3C, 0xC98A2E]));
    trunk(&mut figure, foot, height * 0.55, height * 0.045);
    let (cx, cy) = (foot.x + height * dice.range(-0.02, 0.02), foot.y - height * 0.64);
    let (rx, ry) = (height * dice.range(0.30, 0.36), height * 0.35);
    let seed = (dice.unit() * 1e6) as u64;
    let lobes: Vec<(Point, f64)> = (0..9)
        .map(|i| {
            let angle = 2.0 * PI * f64::from(i) / 9.0 + dice.range(-0.2, 0.2);
            let center = at(cx + rx * 0.62 * math::cos(angle), cy + ry * 0.62 * math::sin(angle));
            (center, height * dice.range(0.125, 0.165))
        })
        .collect();
    let leafy = |center: Point, r: f64, salt: u64| {
        Path::blob(center, r, r, move |a| {
            1.0 + 0.10 * math::sin(a * 7.0 + salt as f64) + 0.06 * math::sin(a * 13.0 + 2.0 * salt as f64)
        })
    };
    let paint = |color: Rgb| -> Paint { foliage(color, at(cx, cy), rx, ry, seed) };
    let heart = leafy(at(cx, cy), rx * 0.92, 3).map(|p| at(p.x, cy + (p.y - cy) * ry / rx));
    figure.draw(heart, paint(times(green, 0.82)));
    for (i, (center, r)) in lobes.iter().enumerate() {
        figure.draw(leafy(*center, *r, i as u64), paint(times(green, 0.95)));
    }
    for i in 0..6u64 {
        let center = at(cx + rx * dice.range(-0.62, 0.12), cy + ry * dice.range(-0.68, 0.1));
        let sunny = paint(times(mix(green, hex(0xF4E58A), 0.22), 1.16));
        figure.glaze(leafy(center, height * dice.range(0.05, 0.09), i + 20), sunny, 0.6);
    }
    figure
}

/// A conifer that stands at a point.
pub(crate) fn conifer(foot: Point, height: f64, dice: &mut Dice) -> Figure {
    let mut figure = Figure::object(TREE, Shadow::Ground(foot.y, 0.42));
    let green = hex(dice.pick(&[0x2F6B4F, 0x3B7456, 0x2C5F5D]));
    trunk(&mut figure, foot, height * 0.2, height * 0.035);
    let seed = (dice.unit() * 1e6) as u64;
    let tiers = 5;
    for tier in 0..tiers {
        let t = f64::from(tier) / f64::from(tiers);
        let half = height * (0.23 - 0.165 * t);
        let bottom = foot.y - height * (0.12 + 0.72 * t);
        let tip = bottom - height * (0.36 - 0.1 * t);
        let mut points = vec![at(foot.x, tip)];
        for i in 0..=8 {
            let x = half * (1.0 - f64::from(i) / 4.0);
            let sag = height * 0.03 * (1.0 - (x / half) * (x / half)) + if i % 2 == 0 { height * 0.018 } else { 0.0 };
            points.push(at(foot.x + x, bottom + sag));
        }
        let light = 0.80 + 0.28 * t;
        figure.draw(
            Path::polygon(&points),
            foliage(times(green, light), at(foot.x, bottom - half), half, half * 1.4, seed),
        );
    }
    figure
}

fn trunk(figure: &mut Figure, foot: Point, height: f64, half: f64) {
    let shape = Path::smooth(&[
        at(foot.x - half * 1.7, foot.y),
        at(foot.x - half * 0.8, foot.y - height * 0.2),
        at(foot.x - half * 0.55, foot.y - height),
        at(foot.x + half * 0.55, foot.y - height),
        at(foot.x + half * 0.8, foot.y - height * 0.2),
        at(foot.x + half * 1.7, foot.y),
        at(foot.x, foot.y + half * 0.25),
    ]);
    let bark = ramp(at(foot.x - half, 0.0), hex(0x8A6547), at(foot.x + half, 0.0), hex(0x4A3325));
    figure.draw(shape, Box::new(move |p| times(bark(p), 0.86 + 0.28 * noise(p.x / 1.6, p.y / 9.0, 77))));
}

/// Leaves: light from the upper left, speckled.
fn foliage(color: Rgb, center: Point, rx: f64, ry: f64, seed: u64) -> Paint {
    Box::new(move |p| {
        let lit = -0.5 * (p.x - center.x) / rx - 0.75 * (p.y - center.y) / ry;
        let leaves = fractal(p.x / 4.5, p.y / 4.0, 3, seed) - 0.5;
        let shade = times(color, 0.62 + 0.5 * smoothstep(-1.0, 1.0, lit) + 0.55 * leaves);
        mix(shade, hex(0xF3E98C), 0.16 * smoothstep(0.3, 1.0, lit + leaves))
    })
}
