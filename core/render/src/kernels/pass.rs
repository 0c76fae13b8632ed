//! Changes of every pixel by itself, row by row: tables, color matrices and anything that needs only its row.

use std::fmt::Debug;

use super::ColorMatrix;
use crate::image::{Channels, Image};

/// New levels for old ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// For red, green and blue.
    pub colors: [[u8; 256]; 3],
    /// For gray images.
    pub gray: [u8; 256],
}

impl Table {
    /// One function of a level for all channels.
    #[must_use]
    pub fn of(level: impl Fn(u8) -> u8) -> Box<Self> {
        let one = levels(level);
        Box::new(Self { colors: [one; 3], gray: one })
    }

    /// This table, then another.
    fn then(&mut self, next: &Self) {
        let chain = |levels: &mut [u8; 256], after: &[u8; 256]| {
            levels.iter_mut().for_each(|level| *level = after[usize::from(*level)]);
        };
        for (levels, after) in self.colors.iter_mut().zip(&next.colors) {
            chain(levels, after);
        }
        chain(&mut self.gray, &next.gray);
    }

    fn apply(&self, row: &mut [u8], channels: Channels) {
        let [r, g, b] = &self.colors;
        match channels {
            Channels::Gray => row.iter_mut().for_each(|level| *level = self.gray[usize::from(*level)]),
            Channels::Rgb | Channels::Rgba => {
                for pixel in row.chunks_exact_mut(channels.count()) {
                    pixel[0] = r[usize::from(pixel[0])];
                    pixel[1] = g[usize::from(pixel[1])];
                    pixel[2] = b[usize::from(pixel[2])];
                }
            }
        }
    }
}

/// 256 levels by a function of the old ones.
#[must_use]
pub(crate) fn levels(level: impl Fn(u8) -> u8) -> [u8; 256] {
    let mut one = [0; 256];
    for (old, new) in (0..=255u8).zip(one.iter_mut()) {
        *new = level(old);
    }
    one
}

/// What to do with every pixel; alpha stays as it is.
#[derive(Debug)]
pub enum PixelPass {
    /// A table a channel.
    Table(Box<Table>),
    /// New colors as weighted sums of old ones. A gray image is taken as a color one, and the luma of that results.
    Matrix(ColorMatrix),
    /// Anything else that a row and its position suffice for.
    Rows(Box<dyn RowPass>),
}

/// A change of a row that needs nothing but the row and its position.
pub trait RowPass: Debug {
    /// Changes row `y` in place: interleaved samples.
    fn apply(&self, y: usize, row: &mut [u8], channels: Channels);
}

impl PixelPass {
    /// The pass that changes nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Matrix(ColorMatrix::IDENTITY)
    }

    /// The table of one function of a level for all channels.
    #[must_use]
    pub fn of_levels(level: impl Fn(u8) -> u8) -> Self {
        Self::Table(Table::of(level))
    }
}

/// Changes rows by passes that are [`fuse`]d, from row `top` on: interleaved samples, rows of `stride` bytes.
pub(crate) fn apply_all(passes: &[PixelPass], top: usize, rows: &mut [u8], stride: usize, channels: Channels) {
    if passes.is_empty() {
        return;
    }
    for (y, row) in (top..).zip(rows.chunks_exact_mut(stride.max(1))) {
        for pass in passes {
            match pass {
                PixelPass::Table(table) => table.apply(row, channels),
                PixelPass::Matrix(matrix) => matrix.apply(row, channels),
                PixelPass::Rows(rows) => rows.apply(y, row, channels),
            }
        }
    }
}

/// Runs passes over an image, all of them on a row before the next row; neighboring tables become one.
pub(crate) fn run(passes: Vec<PixelPass>, image: &mut Image) {
    let (channels, stride) = (image.channels(), image.stride());
    apply_all(&fuse(passes, channels), 0, image.samples_mut(), stride, channels);
}

/// The same passes without those that change nothing, and with neighboring tables as one.
pub(crate) fn fuse(passes: Vec<PixelPass>, channels: Channels) -> Vec<PixelPass> {
    let mut fused: Vec<PixelPass> = Vec::with_capacity(passes.len());
    for pass in passes {
        let pass = match pass {
            PixelPass::Matrix(matrix) if matrix == ColorMatrix::IDENTITY => continue,
            PixelPass::Matrix(matrix) if channels == Channels::Gray => {
                PixelPass::of_levels(|level| matrix.of_gray(level))
            }
            other => other,
        };
        if let (Some(PixelPass::Table(first)), PixelPass::Table(next)) = (fused.last_mut(), &pass) {
            first.then(next);
        } else {
            fused.push(pass);
        }
    }
    let unchanged = Table::of(|level| level);
    fused.retain(|pass| !matches!(pass, PixelPass::Table(table) if *table == unchanged));
    fused
}

/// What a pixel step does to an image by itself: for tests and measurements.
#[cfg(test)]
pub(crate) fn apply(step: &dyn crate::transforms::Pixel, image: &Image) -> Image {
    let mut changed = image.clone();
    let levels = step.needs_levels().then_some(super::Levels(image));
    run(vec![step.pass(levels)], &mut changed);
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    #[test]
    fn tables_run_in_their_order_as_one() {
        let passes = vec![PixelPass::of_levels(|l| l / 2), PixelPass::of_levels(|l| 255 - l)];
        let fused = fuse(passes, Channels::Rgb);
        assert_eq!(fused.len(), 1);
        let mut image = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![100, 0, 255, 77]).unwrap();
        run(fused, &mut image);
        assert_eq!(image.samples(), [205, 255, 128, 77]);
    }

    #[test]
    fn passes_that_undo_each_other_are_left_out() {
        let passes = vec![PixelPass::of_levels(|l| 255 - l), PixelPass::of_levels(|l| 255 - l), PixelPass::nothing()];
        assert!(fuse(passes, Channels::Gray).is_empty());
    }
}
