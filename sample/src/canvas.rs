//! The picture while it is drawn: colors in floating point, shapes painted over, shadows cast, grain at the end.

use augment_core::geometry::{Point, Size};
use augment_core::image::{Channels, Image};
use augment_core::math;

use crate::color::Rgb;
use crate::random::lattice;
use crate::raster::Mask;

/// A picture whose coordinates are in units of which it is 480 high, whatever its size in pixels.
pub(crate) struct Canvas {
    size: Size,
    scale: f64,
    /// The object to paint in one flat color: how tests see what is drawn of it.
    highlight: Option<(usize, Rgb)>,
    pixels: Vec<[f32; 3]>,
}

/// The height of every scene in its own units.
pub(crate) const HEIGHT: f64 = 480.0;
/// The most of a scene that a wide frame shows.
const WIDEST: f64 = 4.0 * HEIGHT;

impl Canvas {
    /// A black picture.
    pub(crate) fn new(size: Size) -> Self {
        let scale = (f64::from(size.height.max(1)) / HEIGHT).max(f64::from(size.width) / WIDEST);
        Self { size, scale, highlight: None, pixels: vec![[0.0; 3]; size.area()] }
    }

    /// The picture with one of its objects in one flat color.
    #[cfg(test)]
    pub(crate) fn with_highlight(mut self, object: usize, color: Rgb) -> Self {
        self.highlight = Some((object, color));
        self
    }

    /// The color that replaces an object's own.
    pub(crate) fn highlight(&self, object: usize) -> Option<Rgb> {
        self.highlight.filter(|(highlighted, _)| *highlighted == object).map(|(_, color)| color)
    }

    /// Pixels a unit.
    pub(crate) fn scale(&self) -> f64 {
        self.scale
    }

    /// The frame in pixels.
    pub(crate) fn size(&self) -> Size {
        self.size
    }

    /// The width of the scene in its units.
    pub(crate) fn width(&self) -> f64 {
        f64::from(self.size.width) / self.scale
    }

    /// The middle of a pixel in the scene's units.
    fn place(&self, x: usize, y: usize) -> Point {
        Point::new((x as f64 + 0.5) / self.scale, (y as f64 + 0.5) / self.scale)
    }

    /// Mixes a color into every pixel: the paint tells color and opacity.
    pub(crate) fn wash(&mut self, paint: impl Fn(Point) -> (Rgb, f64)) {
        let width = self.size.width as usize;
        for at in 0..self.pixels.len() {
            let (color, opacity) = paint(self.place(at % width, at / width));
            blend(&mut self.pixels[at], color, opacity);
        }
    }

    /// Paints over what a mask covers.
    pub(crate) fn fill(&mut self, mask: &Mask, opacity: f64, paint: impl Fn(Point) -> Rgb) {
        let width = self.size.width as usize;
        for y in mask.y..mask.y + mask.height {
            for x in mask.x..mask.x + mask.width {
                let level = f64::from(mask.at(x, y)) * opacity;
                if level > 0.0 {
                    let color = paint(self.place(x, y));
                    blend(&mut self.pixels[y * width + x], color, level);
                }
            }
        }
    }

    /// The picture in levels, with a little grain and darker corners.
    pub(crate) fn develop(self, seed: u64) -> Image {
        let width = self.size.width as usize;
        let center = Point::new(self.width() / 2.0, HEIGHT / 2.0);
        let corner = center.x * center.x + center.y * center.y;
        let mut samples = Vec::with_capacity(self.pixels.len() * 3);
        for (at, pixel) in self.pixels.iter().enumerate() {
            let p = self.place(at % width, at / width);
            let away = ((p.x - center.x) * (p.x - center.x) + (p.y - center.y) * (p.y - center.y)) / corner;
            let grain = (lattice((at % width) as i64, (at / width) as i64, seed) - 0.5) * 0.016;
            let light = 1.03 - 0.16 * away * away;
            samples.extend(pixel.map(|level| math::to_u8((f64::from(level) * light + grain) * 255.0)));
        }
        Image::from_samples(self.size, Channels::Rgb, samples)
            .unwrap_or_else(|_| Image::zeroed(self.size, Channels::Rgb))
    }
}

fn blend(pixel: &mut [f32; 3], color: Rgb, opacity: f64) {
    for (level, target) in pixel.iter_mut().zip(color) {
        *level = (f64::from(*level) + (target - f64::from(*level)) * opacity) as f32;
    }
}

/// Softens a mask by three box averages of a radius in pixels, close to a Gaussian.
pub(crate) fn soften(mask: &mut Mask, radius: usize) {
    let (width, height) = (mask.width, mask.height);
    for _ in 0..3 {
        for row in mask.levels.chunks_exact_mut(width.max(1)) {
            average(row, radius);
        }
        let mut column = vec![0.0; height];
        for x in 0..width {
            (0..height).for_each(|y| column[y] = mask.levels[y * width + x]);
            average(&mut column, radius);
            (0..height).for_each(|y| mask.levels[y * width + x] = column[y]);
        }
    }
}

/// A running mean; what lies past an end is like the end.
fn average(line: &mut [f32], radius: usize) {
    let Some(most) = line.len().checked_sub(1) else { return };
    let source: Vec<f64> = line.iter().map(|level| f64::from(*level)).collect();
    let at = |i: isize| source[i.clamp(0, most as isize) as usize];
    let reach = radius as isize;
    let mut sum: f64 = (-reach..=reach).map(at).sum();
    for (i, level) in line.iter_mut().enumerate() {
        *level = (sum / (2 * radius + 1) as f64) as f32;
        let i = i as isize;
        sum += at(i + reach + 1) - at(i - reach);
    }
}
