//! `median_blur`: the middle level of every square.

use crate::error::Result;
use crate::image::{Channels, Image};
use crate::kernels::window::{BLOCK, Window, has_transparency, mirror, padded_length};
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Neighborhood, Transform, transform};

/// The largest radius: its 121 pixels can be counted in 8 bits.
const MAX_RADIUS: i64 = 5;

transform! {
    /// Replaces every level by the median of the square around it, channel by channel: grains go, edges stay. Edges of
    /// the image are mirrored (reflect 101); fully transparent pixels do not count, and alpha stays.
    MedianBlur = "median_blur", Neighborhood;
    /// Pixels from the middle of the square to its sides; 0 changes nothing.
    radius: IntRange = IntRange::new(1, 2), Control::IntRange { min: 0, max: MAX_RADIUS }, "px";
    examples: r#"{"radius": [1, 3]}"#, r#"{"radius": 2}"#;
    neutral: r#"{"radius": 0}"#;
}

/// The drawn radius.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    radius: usize,
}

impl Transform for MedianBlur {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { radius: self.radius.draw(random).clamp(0, MAX_RADIUS) as usize })
    }
}

impl Neighborhood for Drawn {
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Neighborhood>> {
        Some(Box::new(Self { radius: crate::math::round_half_up(self.radius as f64 * scale) as usize }))
    }

    fn apply(&self, mut image: Image) -> Result<Image> {
        let radius = self.radius.min(MAX_RADIUS as usize);
        if radius > 0 {
            filter(&mut image, radius);
        }
        Ok(image)
    }
}

fn filter(image: &mut Image, radius: usize) {
    let (channels, size, stride) = (image.channels(), image.size(), image.stride());
    let (n, width) = (channels.count(), size.width as usize);
    let length = padded_length(width, radius, n);
    let mut window = Window::new(size.height as usize, radius, length);
    let masked = has_transparency(image);
    let mut masks = Window::new(size.height as usize, radius, if masked { length } else { 0 });
    let mut medians = vec![0; stride + BLOCK];
    for y in 0..size.height as usize {
        window.advance(y, |row, out: &mut [u8]| {
            out[radius * n..][..stride].copy_from_slice(image.row(row));
            mirror(out, width, radius, n);
        });
        let levels = square(&window, y, radius, n);
        if masked {
            masks.advance(y, |row, out: &mut [u8]| {
                for (mask, pixel) in out[radius * n..].chunks_exact_mut(n).zip(image.row(row).chunks_exact(n)) {
                    mask.fill(u8::from(pixel[n - 1] > 0));
                }
                mirror(out, width, radius, n);
            });
            visible_medians(&levels, &square(&masks, y, radius, n), &mut medians);
        } else {
            all_medians(&levels, &mut medians);
        }
        let row = image.row_mut(y);
        if channels == Channels::Rgba {
            for (pixel, median) in row.chunks_exact_mut(4).zip(medians.chunks_exact(4)) {
                // Of nothing visible there is no median.
                if pixel[3] > 0 {
                    pixel[..3].copy_from_slice(&median[..3]);
                }
            }
        } else {
            row.copy_from_slice(&medians[..stride]);
        }
    }
}

/// The rows of a square around row `y`, each shifted to every column of the square.
fn square(window: &Window<u8>, y: usize, radius: usize, n: usize) -> Vec<&[u8]> {
    let (reach, side) = (radius as isize, 2 * radius + 1);
    (-reach..=reach).flat_map(|dy| (0..side).map(move |x| &window.row(y as isize + dy)[x * n..])).collect()
}

/// The median of each column of an odd number of rows, bit by bit from the highest: it has a bit when more than half of
/// the levels are at least what it has so far with that bit.
fn all_medians(rows: &[&[u8]], medians: &mut [u8]) {
    let half = (rows.len() / 2) as u8;
    for (at, target) in medians.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let mut median = [0u8; BLOCK];
        for bit in (0..8).rev() {
            let tried = median.map(|m| m | 1 << bit);
            let mut counts = [0u8; BLOCK];
            for row in rows {
                let levels = &row[at * BLOCK..][..BLOCK];
                for i in 0..BLOCK {
                    counts[i] += u8::from(levels[i] >= tried[i]);
                }
            }
            for i in 0..BLOCK {
                median[i] = if counts[i] > half { tried[i] } else { median[i] };
            }
        }
        *target = median;
    }
}

/// As [`all_medians`], of those levels alone whose mask is 1; of an even number the lower of the middle two.
fn visible_medians(rows: &[&[u8]], masks: &[&[u8]], medians: &mut [u8]) {
    for (at, target) in medians.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let blocks =
            || rows.iter().zip(masks).map(|(row, mask)| (&row[at * BLOCK..][..BLOCK], &mask[at * BLOCK..][..BLOCK]));
        let mut visible = [0u8; BLOCK];
        for (_, mask) in blocks() {
            visible.iter_mut().zip(mask).for_each(|(visible, mask)| *visible += mask);
        }
        let mut median = [0u8; BLOCK];
        for bit in (0..8).rev() {
            let tried = median.map(|m| m | 1 << bit);
            let mut counts = [0u8; BLOCK];
            for (levels, mask) in blocks() {
                for i in 0..BLOCK {
                    counts[i] += u8::from(levels[i] >= tried[i]) & mask[i];
                }
            }
            for i in 0..BLOCK {
                median[i] = if counts[i] > visible[i] / 2 { tried[i] } else { median[i] };
            }
        }
        *target = median;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::kernels::testing::picture;
    use crate::kernels::window::reflect;

    /// By sorting.
    fn expected(image: &Image, radius: isize) -> Vec<u8> {
        let (size, n) = (image.size(), image.channels().count());
        let mut out = image.samples().to_vec();
        for (at, target) in out.iter_mut().enumerate() {
            let (x, y, c) = (at / n % size.width as usize, at / n / size.width as usize, at % n);
            if n == 4 && (c == 3 || image.pixel(x, y)[3] == 0) {
                continue;
            }
            let mut levels = Vec::new();
            for dy in -radius..=radius {
                for dx in -radius..=radius {
                    let pixel = image.pixel(
                        reflect(x as isize + dx, size.width as usize),
                        reflect(y as isize + dy, size.height as usize),
                    );
                    if n < 4 || pixel[3] > 0 {
                        levels.push(pixel[c]);
                    }
                }
            }
            levels.sort_unstable();
            *target = levels[(levels.len() - 1) / 2];
        }
        out
    }

    #[test]
    fn medians_are_those_of_sorting() {
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            for (width, height, radius) in [(17, 9, 1), (12, 21, 2), (3, 4, 5), (1, 1, 3), (45, 1, 3)] {
                let image = picture(width, height, channels);
                let filtered = Drawn { radius }.apply(image.clone()).unwrap();
                assert_eq!(filtered.samples(), expected(&image, radius as isize), "{image:?} radius {radius}");
            }
        }
    }

    #[test]
    fn a_single_grain_goes() {
        let mut samples = vec![90; 25];
        samples[12] = 255;
        let image = Image::from_samples(Size::new(5, 5), Channels::Gray, samples).unwrap();
        assert_eq!(Drawn { radius: 1 }.apply(image).unwrap().samples(), [90; 25]);
    }
}
