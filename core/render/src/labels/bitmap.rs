//! A shape as one bit a pixel, kept as runs (COCO's RLE: column by column, zeros first).

use std::ops::Range;

use crate::geometry::{Rect, Size};

/// A set of pixels of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    /// The frame.
    pub size: Size,
    /// Lengths of runs in column-major order, of zeros and ones in turn, zeros first; they sum to the frame's area.
    pub runs: Vec<u32>,
}

impl Bitmap {
    /// The set of pixels of a frame (row-major samples) that are not zero.
    #[must_use]
    pub fn from_samples(size: Size, samples: &[u8]) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        let mut runs = Vec::new();
        let (mut inside, mut run) = (false, 0u32);
        for x in 0..width {
            for y in 0..height {
                if (samples[y * width + x] != 0) != inside {
                    runs.push(run);
                    run = 0;
                    inside = !inside;
                }
                run += 1;
            }
        }
        runs.push(run);
        Self { size, runs }
    }

    /// The pixels, row-major: 255 inside, 0 outside.
    #[must_use]
    pub fn to_samples(&self) -> Vec<u8> {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let mut samples = vec![0; width * height];
        for (start, length) in self.ones() {
            for at in start..start + length {
                samples[(at % height) * width + at / height] = 255;
            }
        }
        samples
    }

    /// Calls with row and columns for the pixels of the set.
    pub(super) fn each_run(&self, call: &mut dyn FnMut(usize, Range<usize>)) {
        let height = self.size.height as usize;
        for at in self.ones().flat_map(|(start, length)| start..start + length) {
            call(at % height, at / height..at / height + 1);
        }
    }

    /// Pixels in the set.
    #[must_use]
    pub fn area(&self) -> u64 {
        self.runs.iter().skip(1).step_by(2).map(|run| u64::from(*run)).sum()
    }

    /// The smallest box around the set; `None` when it is empty.
    #[must_use]
    pub fn bound(&self) -> Option<Rect> {
        let height = self.size.height as usize;
        let mut bound: Option<Rect> = None;
        for (start, length) in self.ones().filter(|(_, length)| *length > 0) {
            let (first, last) = (start / height, (start + length - 1) / height);
            let (top, bottom) =
                if first == last { (start % height, (start + length - 1) % height + 1) } else { (0, height) };
            let rect = Rect::new(first as f64, top as f64, (last + 1) as f64, bottom as f64);
            bound = Some(bound.map_or(rect, |b| b.union(rect)));
        }
        bound
    }

    /// Starts and lengths of the runs of ones, in column-major positions.
    fn ones(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0usize;
        self.runs.iter().enumerate().filter_map(move |(i, run)| {
            let start = at;
            at += *run as usize;
            (i % 2 == 1).then_some((start, *run as usize))
        })
    }
}
