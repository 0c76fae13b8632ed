//! Linear changes of color, and levels of sRGB as light.

use super::simd::matrix::{self, BITS, NarrowMatrix};
use crate::image::{Channels, luma};
use crate::math;

/// Rec. 601 luma weights of red, green and blue: those of [`luma`].
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];

/// A 3×4 matrix in fixed point, 14 bits after the point, so that with weights within ±64 all sums fit 32 bits:
/// `out[i] = Σ m[i][j]·in[j] + m[i][3]`, rounded half up and held within 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorMatrix([[i32; 4]; 3]);

impl ColorMatrix {
    /// The matrix that changes nothing.
    pub const IDENTITY: Self = Self([[1 << BITS, 0, 0, 0], [0, 1 << BITS, 0, 0], [0, 0, 1 << BITS, 0]]);

    /// From weights (first three columns) and an offset in levels (the last); weights are held within ±64, offsets
    /// within ±16384.
    #[must_use]
    pub fn new(rows: [[f64; 4]; 3]) -> Self {
        let fixed = |v: f64, bound: f64| math::round_half_up(v.clamp(-bound, bound) * f64::from(1 << BITS)) as i32;
        Self(rows.map(|[r, g, b, o]| [fixed(r, 64.0), fixed(g, 64.0), fixed(b, 64.0), fixed(o, 16_384.0)]))
    }

    /// From weights alone.
    #[must_use]
    pub fn linear(rows: [[f64; 3]; 3]) -> Self {
        Self::new(rows.map(|[r, g, b]| [r, g, b, 0.0]))
    }

    fn of(&self, [r, g, b]: [u8; 3]) -> [u8; 3] {
        let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
        self.0.map(|w| ((w[0] * r + w[1] * g + w[2] * b + w[3] + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8)
    }

    /// The same for vectors, where all weights are within ±2.
    fn narrow(&self) -> Option<NarrowMatrix> {
        let mut narrow = NarrowMatrix { weights: [[0; 3]; 3], offsets: self.0.map(|row| row[3] + (1 << (BITS - 1))) };
        for (narrow, row) in narrow.weights.iter_mut().zip(&self.0) {
            for (narrow, weight) in narrow.iter_mut().zip(row) {
                *narrow = i16::try_from(*weight).ok()?;
            }
        }
        Some(narrow)
    }

    /// What becomes of a level of a gray image.
    #[must_use]
    pub fn of_gray(&self, level: u8) -> u8 {
        let [r, g, b] = self.of([level; 3]);
        luma(r, g, b)
    }

    /// Changes a row of color pixels; alpha stays.
    pub(super) fn apply(&self, row: &mut [u8], channels: Channels) {
        match channels {
            Channels::Gray => row.iter_mut().for_each(|level| *level = self.of_gray(*level)),
            Channels::Rgb => {
                let (pixels, _) = row.as_chunks_mut::<3>();
                let done = self.narrow().map_or(0, |narrow| matrix::rgb_matrix(pixels, &narrow));
                for pixel in &mut pixels[done..] {
                    *pixel = self.of(*pixel);
                }
            }
            Channels::Rgba => {
                for pixel in row.as_chunks_mut::<4>().0 {
                    let [r, g, b, a] = *pixel;
                    let [r, g, b] = self.of([r, g, b]);
                    *pixel = [r, g, b, a];
                }
            }
        }
    }
}

/// Colors moved away from the gray of the same luma by a factor: 0 gives grays, 1 changes nothing.
#[must_use]
pub(crate) fn saturation(factor: f64) -> [[f64; 3]; 3] {
    std::array::from_fn(|i| std::array::from_fn(|j| LUMA[j] * (1.0 - factor) + if i == j { factor } else { 0.0 }))
}

/// Colors turned about the gray axis by an angle in degrees, red towards yellow; luma stays. The turn is in the plane
/// of the U and V of Rec. 601's YUV, in which YIQ's I and Q lie too.
#[must_use]
pub(crate) fn hue(degrees: f64) -> [[f64; 3]; 3] {
    // U = 0.492·(B − Y) and V = 0.877·(R − Y).
    const SCALE: (f64, f64) = (0.492_111, 0.877_283);
    let (sin, cos) = math::sin_cos_degrees(degrees);
    let mut rows = [[0.0; 3]; 3];
    for j in 0..3 {
        let y = LUMA[j];
        let u = (if j == 2 { 1.0 } else { 0.0 } - y) * SCALE.0;
        let v = (if j == 0 { 1.0 } else { 0.0 } - y) * SCALE.1;
        let (u, v) = (u * cos - v * sin, u * sin + v * cos);
        let (red, blue) = (y + v / SCALE.1, y + u / SCALE.0);
        rows[0][j] = red;
        rows[1][j] = (y - LUMA[0] * red - LUMA[2] * blue) / LUMA[1];
        rows[2][j] = blue;
    }
    rows
}

/// One linear change after another.
#[must_use]
pub(crate) fn after(second: [[f64; 3]; 3], first: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    second.map(|row| std::array::from_fn(|j| row[0] * first[0][j] + row[1] * first[1][j] + row[2] * first[2][j]))
}

/// The light of an sRGB level, 0 to 1 (IEC 61966-2-1).
#[must_use]
pub(crate) fn to_light(level: u8) -> f64 {
    let v = f64::from(level) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { math::pow((v + 0.055) / 1.055, 2.4) }
}

/// The sRGB level of light; out of range saturates.
#[must_use]
pub(crate) fn to_level(light: f64) -> u8 {
    let v = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * math::pow(light, 1.0 / 2.4) - 0.055 };
    math::to_u8(v * 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::tiers;

    fn rows_of(matrix: [[f64; 3]; 3], color: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row[0] * color[0] + row[1] * color[1] + row[2] * color[2])
    }

    #[test]
    fn no_change_is_the_identity_to_the_bit() {
        assert_eq!(ColorMatrix::linear(saturation(1.0)), ColorMatrix::IDENTITY);
        assert_eq!(ColorMatrix::linear(hue(0.0)), ColorMatrix::IDENTITY);
        assert_eq!(ColorMatrix::linear(hue(360.0)), ColorMatrix::IDENTITY);
        assert_eq!(ColorMatrix::linear(after(hue(-50.0), hue(50.0))), ColorMatrix::IDENTITY);
    }

    #[test]
    fn turning_hue_keeps_luma_and_grays() {
        for degrees in [-150.0, -33.0, 12.0, 120.0, 180.0] {
            let turned = rows_of(hue(degrees), [200.0, 40.0, 90.0]);
            let light = |c: [f64; 3]| c[0] * LUMA[0] + c[1] * LUMA[1] + c[2] * LUMA[2];
            assert!((light(turned) - light([200.0, 40.0, 90.0])).abs() < 1e-9, "luma at {degrees}°");
            let matrix = ColorMatrix::linear(hue(degrees));
            for level in 0..=255 {
                assert_eq!(matrix.of([level; 3]), [level; 3], "gray {level} at {degrees}°");
            }
        }
    }

    #[test]
    fn red_turns_towards_yellow_then_green_then_blue() {
        let red = [180.0, 40.0, 40.0];
        let [r, g, b] = rows_of(hue(40.0), red);
        assert!(g > b + 20.0 && r > b, "yellowish: {r} {g} {b}");
        let [r, g, b] = rows_of(hue(120.0), red);
        assert!(g > r && g > b, "green: {r} {g} {b}");
        let [r, g, b] = rows_of(hue(240.0), red);
        assert!(b > r && b > g, "blue: {r} {g} {b}");
    }

    #[test]
    fn levels_survive_the_way_through_light() {
        for level in 0..=255 {
            assert_eq!(to_level(to_light(level)), level);
        }
        assert_eq!(to_level(f64::NAN), 0);
        assert_eq!(to_level(9.0), 255);
    }

    #[test]
    fn weights_out_of_range_cannot_overflow() {
        let matrix = ColorMatrix::new([[1e300; 4], [-1e300; 4], [f64::NAN; 4]]);
        assert_eq!(matrix.of([255; 3]), [255, 0, 0]);
    }

    #[test]
    fn vectors_give_what_single_pixels_give() {
        tiers::each(|| {
            for case in 0..400_u32 {
                let number = |i: u32| f64::from((case * 7919 + i * 104_729) % 4000) / 1000.0 - 2.0;
                let rows = std::array::from_fn(|i| std::array::from_fn(|j| number(4 * i as u32 + j as u32)));
                let matrix = ColorMatrix::new(rows.map(|[r, g, b, o]: [f64; 4]| [r, g, b, o * 100.0]));
                let pixels: Vec<[u8; 3]> = (0..case % 50)
                    .map(|i| {
                        std::array::from_fn(|c| [0, 255, (i * 37 + c as u32 * 101 + case) as u8][(i as usize + c) % 3])
                    })
                    .collect();
                let expected: Vec<[u8; 3]> = pixels.iter().map(|pixel| matrix.of(*pixel)).collect();
                let mut found = pixels;
                matrix.apply(found.as_flattened_mut(), Channels::Rgb);
                assert_eq!(found, expected, "{matrix:?}");
            }
        });
    }
}
