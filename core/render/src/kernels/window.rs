//! The rows around a row while a picture is changed in place, mirrored at its edges.

use super::simd::loops;
pub(crate) use super::simd::loops::BLOCK;
use crate::image::{Channels, Image};

/// Where an index outside `0..n` points when the picture is mirrored in its outermost pixels, which are not repeated
/// (`dcb|abcd|cba`, "reflect 101").
#[inline]
pub(crate) fn reflect(i: isize, n: usize) -> usize {
    if i >= 0 && (i as usize) < n {
        return i as usize;
    }
    if n <= 1 {
        return 0;
    }
    let period = 2 * (n - 1);
    let at = i.rem_euclid(period as isize) as usize;
    at.min(period - at)
}

/// Rows made from an image's rows, kept as long as rows within a radius need them. Rows are asked for from the top; those
/// above the current row may change in the image meanwhile.
#[derive(Debug)]
pub(crate) struct Window<T> {
    rows: Vec<Vec<T>>,
    radius: usize,
    height: usize,
    made: usize,
}

impl<T: Copy + Default> Window<T> {
    /// For an image of `height` rows, out of each of which `length` values are made.
    pub(crate) fn new(height: usize, radius: usize, length: usize) -> Self {
        // One more than the rows around: running sums look back at the row that just left.
        let kept = (2 * radius + 2).min(height);
        Self { rows: vec![vec![T::default(); length]; kept], radius, height, made: 0 }
    }

    /// Makes the rows that row `y` needs and that are not made yet.
    pub(crate) fn advance(&mut self, y: usize, mut make: impl FnMut(usize, &mut [T])) {
        let end = (y + self.radius + 1).min(self.height);
        while self.made < end {
            let slot = self.made % self.rows.len();
            make(self.made, &mut self.rows[slot]);
            self.made += 1;
        }
    }

    /// A row, or the one that the mirror shows there.
    pub(crate) fn row(&self, y: isize) -> &[T] {
        &self.rows[reflect(y, self.height) % self.rows.len()]
    }
}

/// Length of a row of `width` pixels of `n` samples with `radius` mirrored pixels on either side and a block to spare.
pub(crate) fn padded_length(width: usize, radius: usize, n: usize) -> usize {
    (width + 2 * radius) * n + BLOCK
}

/// Fills the mirrored pixels on both sides of a padded row whose middle is there.
pub(crate) fn mirror<T: Copy>(row: &mut [T], width: usize, radius: usize, n: usize) {
    for i in 1..=radius as isize {
        for (to, from) in [(-i, reflect(-i, width)), (width as isize - 1 + i, reflect(width as isize - 1 + i, width))] {
            let (to, from) = ((to + radius as isize) as usize * n, (from + radius) * n);
            row.copy_within(from..from + n, to);
        }
    }
}

/// Bits after the point of [`widen`]ed levels; with a sign they still fit 16 bits.
pub(crate) const FRACTION: u32 = 7;

/// Levels in fixed point, ready to be averaged: colors of pixels with alpha are multiplied by it, so that what is hidden
/// does not bleed.
pub(crate) fn widen(row: &[u8], channels: Channels, wide: &mut [u16]) {
    match channels {
        Channels::Gray | Channels::Rgb => loops::widen(row, FRACTION, wide),
        Channels::Rgba => {
            for (wide, pixel) in wide.as_chunks_mut::<4>().0.iter_mut().zip(row.as_chunks::<4>().0) {
                let alpha = u32::from(pixel[3]) << FRACTION;
                let times = |level: u8| ((u32::from(level) * alpha + 127) / 255) as u16;
                *wide = [times(pixel[0]), times(pixel[1]), times(pixel[2]), alpha as u16];
            }
        }
    }
}

/// Writes averages of [`widen`]ed levels, with `bits` bits after the point, as levels. Colors are divided by the average
/// alpha; alpha itself, and the colors of fully transparent pixels, stay as they are.
pub(crate) fn narrow(wide: &[u32], bits: u32, channels: Channels, row: &mut [u8]) {
    match channels {
        Channels::Gray | Channels::Rgb => loops::round8(wide, bits, row),
        Channels::Rgba => {
            for (pixel, wide) in row.as_chunks_mut::<4>().0.iter_mut().zip(wide.as_chunks::<4>().0) {
                for i in 0..if pixel[3] > 0 { 3 } else { 0 } {
                    pixel[i] = unweighted(wide[i], wide[3], bits).unwrap_or(pixel[i]);
                }
            }
        }
    }
}

/// A level out of an alpha-weighted average and the average alpha; none where nothing is visible.
#[inline]
pub(crate) fn unweighted(color: u32, alpha: u32, bits: u32) -> Option<u8> {
    if alpha == 255 << bits {
        return Some(((color + (1 << (bits - 1))) >> bits) as u8);
    }
    let doubled = 2 * u64::from(alpha);
    (u64::from(color) * 510 + u64::from(alpha)).checked_div(doubled).map(|level| level.min(255) as u8)
}

/// Whether a pixel of an image can be seen through.
pub(crate) fn has_transparency(image: &Image) -> bool {
    image.channels() == Channels::Rgba && image.samples().as_chunks::<4>().0.iter().any(|pixel| pixel[3] < 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_mirror_without_repeating_themselves() {
        let picked: Vec<usize> = (-4..8).map(|i| reflect(i, 4)).collect();
        assert_eq!(picked, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert!((-5..5).all(|i| reflect(i, 1) == 0), "a single pixel is all there is");
        let mut row = [0, 0, 0, 1, 2, 3, 0, 0, 0];
        mirror(&mut row, 3, 3, 1);
        assert_eq!(row, [2, 3, 2, 1, 2, 3, 2, 1, 2]);
    }

    #[test]
    fn a_window_holds_what_every_row_needs() {
        for (height, radius) in [(1, 0), (1, 3), (2, 5), (5, 2), (9, 3), (6, 30)] {
            let mut window = Window::new(height, radius, 1);
            for y in 0..height {
                window.advance(y, |row, out| out[0] = row);
                for dy in -(radius as isize) - isize::from(y > 0)..=radius as isize {
                    let at = y as isize + dy;
                    assert_eq!(window.row(at), [reflect(at, height)], "row {at} of {height} within {radius}");
                }
            }
        }
    }

    #[test]
    fn levels_survive_widening_and_narrowing() {
        for alpha in [2, 17, 128, 254, 255] {
            for level in 0..=255 {
                let pixel = [level, 0, 255, alpha];
                let (mut wide, mut back) = ([0; 4], [7, 7, 7, alpha]);
                widen(&pixel, Channels::Rgba, &mut wide);
                narrow(&wide.map(u32::from), FRACTION, Channels::Rgba, &mut back);
                assert_eq!(back, pixel);
            }
        }
    }
}
