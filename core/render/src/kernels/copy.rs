//! Moves of whole pixels: flips, quarter turns, transpositions and crops without any interpolation.

use std::ops::Range;

use super::simd::near;
use crate::geometry::{Matrix3, Size};
use crate::image::Image;
use crate::labels::Mask;

/// Pixels of any kind, row by row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pixels<'a> {
    bytes: &'a [u8],
    /// Pixels of a row.
    width: u32,
    /// Bytes of a pixel.
    each: usize,
}

impl<'a> Pixels<'a> {
    pub(crate) const fn new(bytes: &'a [u8], width: u32, each: usize) -> Self {
        Self { bytes, width, each }
    }
}

impl<'a> From<&'a Image> for Pixels<'a> {
    fn from(image: &'a Image) -> Self {
        Self::new(image.samples(), image.size().width, image.channels().count())
    }
}

impl<'a> From<&'a Mask> for Pixels<'a> {
    fn from(mask: &'a Mask) -> Self {
        Self::new(mask.samples(), mask.size().width, mask.values().bytes())
    }
}

/// The steps in the input, in whole pixels, that steps to the right and down in the output are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PixelMove {
    /// Input pixel of output pixel (0, 0).
    origin: (i64, i64),
    right: (i64, i64),
    down: (i64, i64),
}

/// Writes pixels of a size with rows for columns; the columns are read from the bottom, and the rows from the right, where
/// it is said.
pub(crate) fn transpose(from: Pixels<'_>, size: Size, (from_bottom, from_right): (bool, bool), to: &mut [u8]) {
    let along = |backwards: bool, count: u32| if backwards { (i64::from(count) - 1, -1) } else { (0, 1) };
    let ((x, down), (y, right)) = (along(from_right, size.width), along(from_bottom, size.height));
    let moved = PixelMove { origin: (x, y), right: (0, right), down: (down, 0) };
    moved.rows(from, size.height, 0..size.width, to);
}

/// Writes the rows of RGB pixels from row `top` of an image of a size on as columns of that image with rows for columns; see
/// [`transpose`].
pub(crate) fn put_columns(rows: &[u8], size: Size, top: usize, (from_bottom, from_right): (bool, bool), to: &mut [u8]) {
    let (width, height) = (size.width as usize, size.height as usize);
    let (pixels, targets) = (rows.as_chunks::<3>().0, to.as_chunks_mut::<3>().0);
    let count = pixels.len() / width;
    let left = if from_bottom { height - top - count } else { top };
    for x in 0..width {
        let line = if from_right { width - 1 - x } else { x };
        let column = pixels[x..].iter().step_by(width);
        let piece = &mut targets[line * height + left..][..count];
        if from_bottom {
            piece.iter_mut().rev().zip(column).for_each(|(to, from)| *to = *from);
        } else {
            piece.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
        }
    }
}

impl PixelMove {
    /// The move of an output-to-input matrix, where it takes pixels to whole pixels inside the input.
    pub(crate) fn from_matrix(inverse: &Matrix3, input: Size, output: Size) -> Option<Self> {
        if !inverse.is_axis_aligned() {
            return None;
        }
        let m = &inverse.0;
        let unit = |v: f64| [-1.0, 0.0, 1.0].contains(&v);
        if ![m[0], m[1], m[3], m[4]].into_iter().all(unit) {
            return None;
        }
        let origin = inverse.apply(crate::geometry::Point::new(0.5, 0.5));
        let (ox, oy) = (origin.x - 0.5, origin.y - 0.5);
        if ox != ox.floor() || oy != oy.floor() {
            return None;
        }
        let moved = Self {
            origin: (ox as i64, oy as i64),
            right: (m[0] as i64, m[3] as i64),
            down: (m[1] as i64, m[4] as i64),
        };
        let (last_x, last_y) = (i64::from(output.width) - 1, i64::from(output.height) - 1);
        let inside =
            |(x, y): (i64, i64)| (0..i64::from(input.width)).contains(&x) && (0..i64::from(input.height)).contains(&y);
        [(0, 0), (last_x, 0), (0, last_y), (last_x, last_y)]
            .into_iter()
            .all(|(x, y)| inside(moved.source(x, y)))
            .then_some(moved)
    }

    fn source(&self, x: i64, y: i64) -> (i64, i64) {
        (self.origin.0 + self.right.0 * x + self.down.0 * y, self.origin.1 + self.right.1 * x + self.down.1 * y)
    }

    /// Whether rows are made of columns.
    pub(crate) const fn turns(&self) -> bool {
        self.right.0 == 0
    }

    /// Some rows of the moved image, `width` pixels each.
    pub(crate) fn rows(&self, from: Pixels<'_>, width: u32, rows: Range<u32>, to: &mut [u8]) {
        match from.each {
            1 => self.gather::<1>(from, width, rows, to),
            2 => self.gather::<2>(from, width, rows, to),
            3 => self.gather::<3>(from, width, rows, to),
            _ => self.gather::<4>(from, width, rows, to),
        }
    }

    fn gather<const N: usize>(&self, from: Pixels<'_>, width: u32, rows: Range<u32>, to: &mut [u8]) {
        let (pixels, _) = from.bytes.as_chunks::<N>();
        let stride = i64::from(from.width);
        let step = self.right.1 * stride + self.right.0;
        let (targets, _) = to.as_chunks_mut::<N>();
        // Tiles keep the columns that a quarter turn reads in the cache.
        const TILE: usize = 32;
        let (columns, first, rows) = (width as usize, rows.start as usize, rows.len());
        let tile_width = if self.turns() { TILE } else { columns };
        let asks_ahead = self.turns() && near::is_far(from.bytes);
        for top in (0..rows).step_by(TILE) {
            for left in (0..columns).step_by(tile_width) {
                if asks_ahead {
                    let later = (left + TILE).min(columns)..(left + 2 * TILE).min(columns);
                    self.bring_near(from, later, first + top..first + (top + TILE).min(rows));
                }
                for y in top..(top + TILE).min(rows) {
                    let end = (left + tile_width).min(columns);
                    let (sx, sy) = self.source(left as i64, (first + y) as i64);
                    let mut at = sy * stride + sx;
                    let row = &mut targets[y * columns + left..y * columns + end];
                    if step == 1 {
                        row.copy_from_slice(&pixels[at as usize..at as usize + row.len()]);
                        continue;
                    }
                    for target in row {
                        *target = pixels[at as usize];
                        at += step;
                    }
                }
            }
        }
    }

    /// Asks for the pixels of a tile of the output whose rows are made of columns.
    fn bring_near(&self, from: Pixels<'_>, columns: Range<usize>, rows: Range<usize>) {
        let (n, width) = (from.each, from.width as usize);
        for x in columns {
            let ((one, y), (other, _)) =
                (self.source(x as i64, rows.start as i64), self.source(x as i64, rows.end as i64 - 1));
            let row = y as usize * width;
            near::bring(&from.bytes[(row + one.min(other) as usize) * n..(row + one.max(other) as usize + 1) * n]);
        }
    }
}
