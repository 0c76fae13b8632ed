//! Colors as sRGB levels from 0 to 1, and paints: a color for every point.

use augment_core::geometry::Point;

use crate::random::{fractal, smoothstep};

/// Red, green, blue in sRGB levels from 0 to 1.
pub(crate) type Rgb = [f64; 3];

/// A color for every point of a scene.
pub(crate) type Paint = Box<dyn Fn(Point) -> Rgb>;

/// A color as on the web: 0xRRGGBB.
pub(crate) fn hex(code: u32) -> Rgb {
    [16, 8, 0].map(|shift| f64::from((code >> shift) & 255) / 255.0)
}

/// `a` at 0, `b` at 1.
pub(crate) fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * t)
}

/// Lighter above 1, darker below.
pub(crate) fn times(color: Rgb, factor: f64) -> Rgb {
    color.map(|level| level * factor)
}

/// One color.
pub(crate) fn flat(color: Rgb) -> Paint {
    Box::new(move |_| color)
}

/// From one color at `from` to another at `to`, along the line between them.
pub(crate) fn ramp(from: Point, first: Rgb, to: Point, last: Rgb) -> Paint {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = (dx * dx + dy * dy).max(1e-9);
    Box::new(move |p| mix(first, last, (((p.x - from.x) * dx + (p.y - from.y) * dy) / length).clamp(0.0, 1.0)))
}

/// Light from the left: brighter before `left`, darker after `right`, with the grain of cloth or plaster.
pub(crate) fn rounded(color: Rgb, left: f64, right: f64, grain: f64, seed: u64) -> Paint {
    Box::new(move |p| {
        let shade = 1.1 - 0.34 * smoothstep(left, right, p.x);
        times(color, shade + grain * (fractal(p.x / 2.5, p.y / 2.5, 2, seed) - 0.5))
    })
}
