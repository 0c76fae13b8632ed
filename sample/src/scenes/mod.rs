//! The scenes, and what they share: skies, clouds, hills, grass.

mod park;
mod street;
mod table;

pub(crate) use park::park;
pub(crate) use street::street;
pub(crate) use table::table;

use augment_core::math;

use crate::canvas::Canvas;
use crate::color::{Rgb, hex, mix, times};
use crate::figure::Figure;
use crate::path::{Path, at};
use crate::random::{Dice, fractal, noise, smoothstep};
use crate::raster::cover;

/// A time of day: the sky above, the sky at the horizon, what haze does to far things.
#[derive(Clone, Copy)]
struct Sky {
    high: u32,
    low: u32,
    cloud: f64,
}

const SKIES: [Sky; 4] = [
    Sky { high: 0x4F97D8, low: 0xD6ECF7, cloud: 0.50 },
    Sky { high: 0x7A93C8, low: 0xFBDDB0, cloud: 0.54 },
    Sky { high: 0x93A9BC, low: 0xE4E9EA, cloud: 0.40 },
    Sky { high: 0x3C86CC, low: 0xBFE2F2, cloud: 0.60 },
];

/// Things with how near they are: the lower their foot, the nearer.
type Cast = Vec<(f64, Figure)>;

/// The figures from the furthest to the nearest.
fn in_depth(mut cast: Cast) -> Vec<Figure> {
    cast.sort_by(|a, b| a.0.total_cmp(&b.0));
    cast.into_iter().map(|(_, figure)| figure).collect()
}

/// Sky with clouds down to a horizon, hills before it; gives the color of the haze.
fn heavens(canvas: &mut Canvas, horizon: f64, dice: &mut Dice) -> Rgb {
    let sky = dice.pick(&SKIES);
    let (high, low) = (hex(sky.high), hex(sky.low));
    let (seed, drift) = ((dice.unit() * 1e6) as u64, dice.range(0.0, 100.0));
    canvas.wash(|p| (mix(high, low, smoothstep(0.0, horizon, p.y)), 1.0));
    canvas.wash(|p| {
        let puff = fractal(p.x / 130.0 + drift, p.y / 52.0, 5, seed);
        let lit = fractal((p.x - 6.0) / 130.0 + drift, (p.y - 9.0) / 52.0, 5, seed);
        let cloud = smoothstep(sky.cloud, sky.cloud + 0.22, puff) * smoothstep(horizon, horizon * 0.55, p.y);
        (times([1.0, 0.995, 0.98], 0.97 - 0.55 * (lit - puff + 0.06).clamp(0.0, 0.4)), 0.92 * cloud)
    });
    for (i, (rise, green)) in [(58.0, 0x6E9AA0), (30.0, 0x6F9C6A)].into_iter().enumerate() {
        let phase = dice.range(0.0, 40.0);
        let width = canvas.width();
        let mut ridge = vec![at(width + 5.0, horizon + 5.0), at(-5.0, horizon + 5.0)];
        let steps = 80;
        ridge.extend((0..=steps).map(|s| {
            let x = -5.0 + (width + 10.0) * f64::from(s) / f64::from(steps);
            at(x, horizon - rise * (0.35 + 0.9 * fractal(x / 170.0 + phase, i as f64, 3, seed)))
        }));
        let color = mix(hex(green), low, 0.45 - 0.2 * i as f64);
        let mask = cover(&Path::polygon(&ridge), canvas.scale(), canvas.size(), 0.0);
        canvas.fill(&mask, 1.0, |p| times(color, 0.92 + 0.16 * noise(p.x / 7.0, p.y / 4.0, seed)));
    }
    low
}

/// A meadow from a horizon to the bottom, hazy far away.
fn meadow(canvas: &mut Canvas, horizon: f64, haze: Rgb, dice: &mut Dice) {
    let (near, far) = (hex(dice.pick(&[0x5C8F3C, 0x6B9A3E, 0x55893F])), hex(0x9DBD6B));
    let seed = (dice.unit() * 1e6) as u64;
    canvas.wash(|p| {
        if p.y < horizon {
            return (near, 0.0);
        }
        let depth = ((p.y - horizon) / (480.0 - horizon)).clamp(0.02, 1.0);
        let patch = fractal(p.x / (40.0 * depth + 8.0), p.y / (16.0 * depth + 3.0), 3, seed) - 0.5;
        let blades = fractal(p.x / (1.0 + 1.2 * depth), p.y / (2.0 + 6.0 * depth), 2, seed + 9) - 0.5;
        let base = mix(mix(far, haze, 0.25), near, math::pow(depth, 0.6));
        (times(base, 1.0 + 0.30 * patch + 0.34 * blades * (0.35 + 0.65 * depth)), 1.0)
    });
}
