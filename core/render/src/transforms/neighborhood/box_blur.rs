//! `box_blur`: plain means of squares.

use crate::error::Result;
use crate::image::{Channels, Image};
use crate::kernels::window::{FRACTION, Window, mirror, padded_length, unweighted, widen};
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Neighborhood, Transform, transform};

/// The largest radius, in pixels: sums of such a square still fit 32 bits.
const MAX_RADIUS: i64 = 100;

transform! {
    /// Replaces every pixel by the mean of the square around it, in the same time for any size. Edges are mirrored
    /// (reflect 101); colors are weighted by alpha, and alpha itself stays.
    BoxBlur = "box_blur", Neighborhood;
    /// Pixels from the middle of the square to its sides; 0 changes nothing.
    radius: IntRange = IntRange::new(1, 3), Control::IntRange { min: 0, max: MAX_RADIUS }, "px";
    examples: r#"{"radius": [1, 5]}"#, r#"{"radius": 4}"#;
    neutral: r#"{"radius": 0}"#;
}

/// The drawn radius.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    radius: usize,
}

impl Transform for BoxBlur {
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
            match image.channels() {
                Channels::Gray => blur::<1>(&mut image, radius),
                Channels::Rgb => blur::<3>(&mut image, radius),
                Channels::Rgba => blur::<4>(&mut image, radius),
            }
        }
        Ok(image)
    }
}

/// Running sums along every row, and running sums of those down the columns.
fn blur<const N: usize>(image: &mut Image, radius: usize) {
    let (channels, size, stride) = (image.channels(), image.size(), image.stride());
    let (width, reach) = (size.width as usize, radius as isize);
    let mut padded = vec![0u16; padded_length(width, radius, N)];
    let mut window = Window::new(size.height as usize, radius, stride);
    let mut sums = vec![0u32; stride];
    for y in 0..size.height as usize {
        window.advance(y, |row, out: &mut [u32]| {
            widen(image.row(row), channels, &mut padded[radius * N..]);
            mirror(&mut padded, width, radius, N);
            slide::<N>(&padded, radius, out);
        });
        let y_signed = y as isize;
        if y == 0 {
            for dy in -reach..=reach {
                sums.iter_mut().zip(window.row(dy)).for_each(|(sum, new)| *sum += new);
            }
        } else {
            let (new, old) = (window.row(y_signed + reach), window.row(y_signed - reach - 1));
            for ((sum, new), old) in sums.iter_mut().zip(new).zip(old) {
                // The difference may be negative, the sum never is.
                *sum = sum.wrapping_add(*new).wrapping_sub(*old);
            }
        }
        divide(&sums, (2 * radius + 1) as u32, channels, image.row_mut(y));
    }
}

/// Sums of `2 · radius + 1` pixels of a padded row.
fn slide<const N: usize>(padded: &[u16], radius: usize, out: &mut [u32]) {
    let (pixels, _) = padded.as_chunks::<N>();
    let mut sum = [0u32; N];
    for pixel in &pixels[..2 * radius] {
        sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += u32::from(*level));
    }
    for ((out, new), old) in out.as_chunks_mut::<N>().0.iter_mut().zip(&pixels[2 * radius..]).zip(pixels) {
        sum.iter_mut().zip(new).for_each(|(sum, level)| *sum += u32::from(*level));
        *out = sum;
        sum.iter_mut().zip(old).for_each(|(sum, level)| *sum -= u32::from(*level));
    }
}

/// Sums over a square of `side` pixels as levels.
fn divide(sums: &[u32], side: u32, channels: Channels, row: &mut [u8]) {
    let area = side * side;
    // 2²³ added to a float leaves its nearest whole number in the lowest bits; ties cannot be, as the area is odd.
    let (scale, magic) = (1.0 / (area << FRACTION) as f32, 8_388_608.0f32);
    let level = |sum: u32| (sum as i32 as f32 * scale + magic).to_bits() as u8;
    match channels {
        Channels::Gray | Channels::Rgb => {
            row.iter_mut().zip(sums).for_each(|(target, sum)| *target = level(*sum));
        }
        Channels::Rgba => {
            for (pixel, sum) in row.as_chunks_mut::<4>().0.iter_mut().zip(sums.as_chunks::<4>().0) {
                for i in 0..if pixel[3] > 0 { 3 } else { 0 } {
                    pixel[i] = if sum[3] == (255 * area) << FRACTION {
                        level(sum[i])
                    } else {
                        // Neither sum is scaled, so any number of bits after the point is right but that of full alpha.
                        unweighted(sum[i], sum[3], 24).unwrap_or(pixel[i])
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_near, picture, weighted_mean};

    #[test]
    fn levels_are_plain_means() {
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            for (width, height, radius) in [(23, 17, 1), (9, 30, 4), (3, 2, 7), (1, 1, 2), (40, 1, 100)] {
                let image = picture(width, height, channels);
                let expected = weighted_mean(&image, radius as isize, |_, _| 1.0);
                // Alpha-weighted colors are kept to 7 bits after the point.
                let tolerance = u8::from(channels == Channels::Rgba);
                assert_near(&Drawn { radius }.apply(image).unwrap(), &expected, tolerance);
            }
        }
    }
}
