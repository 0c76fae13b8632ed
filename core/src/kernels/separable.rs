//! Sampling along columns and rows apart, by a triangle that is as wide as a pixel of the coarser side.

use crate::geometry::{Border, Size};
use crate::image::{Channels, Image};

/// Weights of a position sum to this.
const ONE: u32 = 1 << 14;

/// For every position along one axis of the output, the source positions that make it, and their weights.
#[derive(Debug, Default)]
pub(crate) struct Taps {
    /// Where each position's taps end; they begin where those before end.
    ends: Vec<usize>,
    /// Source position and weight; the weights of a position sum to [`ONE`].
    taps: Vec<(usize, u32)>,
}

impl Taps {
    /// Adds a position that shows nothing of the source.
    pub(crate) fn push_empty(&mut self) {
        self.ends.push(self.taps.len());
    }

    /// Adds a position that lies at `centre` on a source axis of `extent` pixels, each `shrink` of which
    /// make one position.
    pub(crate) fn push(&mut self, centre: f64, shrink: f64, extent: u32, border: Border) {
        let radius = shrink.clamp(1.0, f64::from(extent));
        let weight = |j: i64| 1.0 - (j as f64 + 0.5 - centre).abs() / radius;
        let (first, last) = ((centre - radius).floor() as i64, (centre + radius).floor() as i64);
        // Where nothing is known of the outside, the inside alone counts: the edge pixel is no better than others.
        let repeats = matches!(border, Border::Wrap | Border::Reflect);
        let known = |j: &i64| repeats || (0..i64::from(extent)).contains(j);
        let touched = || (first..=last).filter(known).map(|j| (j, weight(j))).filter(|(_, weight)| *weight > 0.0);
        let sum: f64 = touched().map(|(_, weight)| weight).sum();
        let (mut left, start) = (ONE, self.taps.len());
        let mut largest = (0, start);
        for (j, weight) in touched() {
            let weight = ((weight / sum * f64::from(ONE) + 0.5) as u32).min(left);
            if weight == 0 {
                continue;
            }
            if weight > largest.0 {
                largest = (weight, self.taps.len());
            }
            left -= weight;
            self.taps.push((folded(j, i64::from(extent), border), weight));
        }
        // What rounding left over goes where it shows least.
        if let Some(tap) = self.taps.get_mut(largest.1) {
            tap.1 += left;
        }
        self.ends.push(self.taps.len());
    }

    /// Positions.
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn at(&self, position: usize) -> &[(usize, u32)] {
        let start = if position == 0 { 0 } else { self.ends[position - 1] };
        &self.taps[start..self.ends[position]]
    }

    /// The source positions that are used at all.
    fn reach(&self) -> std::ops::Range<usize> {
        let used = || self.taps.iter().map(|tap| tap.0);
        used().min().unwrap_or(0)..used().max().map_or(0, |last| last + 1)
    }
}

/// A source position inside 0..extent where the border repeats the source.
fn folded(j: i64, extent: i64, border: Border) -> usize {
    let at = match border {
        Border::Wrap => j.rem_euclid(extent),
        Border::Reflect => {
            let at = j.rem_euclid(2 * extent);
            if at < extent { at } else { 2 * extent - 1 - at }
        }
        Border::Constant | Border::Replicate => j,
    };
    at as usize
}

/// The image whose columns and rows are made of the source's as the taps say; positions without taps stay zero.
pub(crate) fn sample(image: &Image, columns: &Taps, rows: &Taps) -> Image {
    match image.channels() {
        Channels::Grey => run::<1>(image, columns, rows),
        Channels::Rgb => run::<3>(image, columns, rows),
        Channels::Rgba => run::<4>(image, columns, rows),
    }
}

fn run<const N: usize>(image: &Image, columns: &Taps, rows: &Taps) -> Image {
    let output = Size::new(columns.len() as u32, rows.len() as u32);
    let mut out = Image::zeroed(output, image.channels());
    let reach = columns.reach();
    let mut sums = vec![0u32; reach.len() * N];
    let mut mixed = vec![[0u16; N]; reach.len()];
    for y in 0..rows.len() {
        if rows.at(y).is_empty() {
            continue;
        }
        sums.fill(0);
        for (row, weight) in rows.at(y) {
            add::<N>(&image.row(*row)[reach.start * N..reach.end * N], *weight, &mut sums);
        }
        // Sixteen bits go on: levels times 256, or times alpha.
        let (half, shift) = if N == 4 { (ONE / 2, 14) } else { (1 << 5, 6) };
        for (mixed, sum) in mixed.as_flattened_mut().iter_mut().zip(&sums) {
            *mixed = ((sum + half) >> shift) as u16;
        }
        let (targets, _) = out.row_mut(y).as_chunks_mut::<N>();
        for (x, target) in targets.iter_mut().enumerate() {
            let mut sum = [0u32; N];
            for (column, weight) in columns.at(x) {
                for (sum, level) in sum.iter_mut().zip(mixed[column - reach.start]) {
                    *sum += weight * u32::from(level);
                }
            }
            *target = finish(sum);
        }
    }
    out
}

/// Adds a row to sums; with alpha, levels count by it, and it counts 255 times, which is the same scale.
#[inline]
fn add<const N: usize>(row: &[u8], weight: u32, sums: &mut [u32]) {
    if N == 4 {
        let (pixels, _) = row.as_chunks::<4>();
        let (sums, _) = sums.as_chunks_mut::<4>();
        for (sum, [r, g, b, alpha]) in sums.iter_mut().zip(pixels) {
            let by = weight * u32::from(*alpha);
            for (sum, level) in sum.iter_mut().zip([*r, *g, *b, 255]) {
                *sum += by * u32::from(level);
            }
        }
    } else {
        for (sum, level) in sums.iter_mut().zip(row) {
            *sum += weight * u32::from(*level);
        }
    }
}

#[inline]
fn finish<const N: usize>(sum: [u32; N]) -> [u8; N] {
    if N == 4 {
        let alpha = u64::from(sum[3]);
        return std::array::from_fn(|c| match c {
            3 => ((sum[3] + 255 * ONE / 2) / (255 * ONE)) as u8,
            _ => (255 * u64::from(sum[c]) + alpha / 2).checked_div(alpha).unwrap_or(0).min(255) as u8,
        });
    }
    sum.map(|sum| ((sum + (1 << 21)) >> 22) as u8)
}
