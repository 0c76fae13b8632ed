//! Sampling along columns and rows apart, by a triangle that is as wide as a pixel of the coarser side.

use std::ops::Range;

use super::simd::loops::blend;
use super::simd::near;
use super::simd::taps::{self, RowTaps, SPARE, rgb_taps};
use crate::geometry::Border;
use crate::image::{Channels, Image};

/// Bits after the point of weights.
const WEIGHT_BITS: u32 = 14;
/// Weights of a position sum to this.
const ONE: i16 = 1 << WEIGHT_BITS;
/// Bits by which mixed rows are rounded: seven after the point stay.
const LEVEL_BITS: u32 = WEIGHT_BITS - 7;
/// Rows after which what is asked for is used.
const ROWS_AHEAD: usize = 16;
/// Of longer pieces of rows a processor foresees the rest.
const SHORT: usize = 1 << 10;

/// For every position along one axis of the output, the neighboring source positions that make it, and their weights.
#[derive(Debug)]
pub(crate) struct Taps {
    /// Source positions of the axis.
    extent: i64,
    border: Border,
    /// Where each position's taps begin on the source, which a border may continue.
    firsts: Vec<i64>,
    /// Where each position's weights end; they begin where those before end.
    ends: Vec<usize>,
    /// Those of a position sum to [`ONE`], or there are none.
    weights: Vec<i16>,
}

impl Taps {
    /// Of no position yet, on a source axis of `extent` pixels.
    pub(crate) fn new(extent: u32, border: Border) -> Self {
        Self { extent: extent.into(), border, firsts: Vec::new(), ends: Vec::new(), weights: Vec::new() }
    }

    /// Adds a position that shows nothing of the source.
    pub(crate) fn push_empty(&mut self) {
        self.firsts.push(0);
        self.ends.push(self.weights.len());
    }

    /// Adds a position that lies at `center` on the source axis, `shrink` pixels of which make one position.
    pub(crate) fn push(&mut self, center: f64, shrink: f64) {
        let radius = shrink.clamp(1.0, self.extent as f64);
        let weight = |j: i64| 1.0 - (j as f64 + 0.5 - center).abs() / radius;
        let (mut first, mut last) = ((center - radius).floor() as i64, (center + radius).floor() as i64);
        // Where nothing is known of the outside, the inside alone counts: the edge pixel is no better than others.
        if !matches!(self.border, Border::Wrap | Border::Reflect) {
            (first, last) = (first.max(0), last.min(self.extent - 1));
        }
        while first <= last && weight(first) <= 0.0 {
            first += 1;
        }
        while first <= last && weight(last) <= 0.0 {
            last -= 1;
        }
        let sum: f64 = (first..=last).map(weight).sum();
        let (mut left, start) = (i32::from(ONE), self.weights.len());
        let mut largest = (0, start);
        for j in first..=last {
            let weight = ((weight(j) / sum * f64::from(ONE) + 0.5) as i32).clamp(0, left) as i16;
            if weight > largest.0 {
                largest = (weight, self.weights.len());
            }
            left -= i32::from(weight);
            self.weights.push(weight);
        }
        // What rounding left over goes where it shows least.
        if let Some(weight) = self.weights.get_mut(largest.1) {
            *weight += left as i16;
        }
        self.firsts.push(first);
        self.ends.push(self.weights.len());
    }

    /// Positions.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn weights(&self, position: usize) -> &[i16] {
        let start = if position == 0 { 0 } else { self.ends[position - 1] };
        &self.weights[start..self.ends[position]]
    }

    /// The source positions of a position, as far as a border continues them.
    fn span(&self, position: usize) -> Range<i64> {
        let first = self.firsts[position];
        first..first + self.weights(position).len() as i64
    }

    /// The source positions that some positions use, as far as a border continues them.
    fn reach(&self, positions: Range<usize>) -> Range<i64> {
        let used = || positions.clone().filter(|at| !self.weights(*at).is_empty());
        let start = used().map(|at| self.firsts[at]).min().unwrap_or(0);
        start..used().map(|at| self.span(at).end).max().unwrap_or(start)
    }

    /// A source position where the border continues the source.
    fn folded(&self, j: i64) -> usize {
        folded(self.border, self.extent, j)
    }
}

fn folded(border: Border, extent: i64, j: i64) -> usize {
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

/// Taps along rows, the same number for each position, counted from the start of a row that holds all they reach.
#[derive(Debug)]
struct Columns {
    border: Border,
    reach: Range<i64>,
    firsts: Vec<usize>,
    weights: Vec<[i16; 2]>,
    pairs: usize,
}

impl Columns {
    fn new(taps: &Taps, positions: Range<usize>) -> Self {
        let mut reach = taps.reach(positions.clone());
        if reach.start < 0 || reach.end > taps.extent {
            // What a border repeats may lie anywhere.
            reach = reach.start.min(0)..reach.end.max(taps.extent);
        }
        let most = positions.clone().map(|at| taps.weights(at).len()).max().unwrap_or(0);
        let pairs = most.div_ceil(2).max(1);
        let count = positions.len();
        let (mut firsts, mut weights) = (Vec::with_capacity(count), vec![[0; 2]; pairs * count]);
        for (place, at) in positions.enumerate() {
            let own = taps.weights(at);
            // Positions without taps have weights of zero, wherever they lie.
            firsts.push(if own.is_empty() { 0 } else { (taps.firsts[at] - reach.start) as usize });
            weights[place * pairs..][..pairs].as_flattened_mut()[..own.len()].copy_from_slice(own);
        }
        Self { border: taps.border, reach, firsts, weights, pairs }
    }

    /// Pixels of the row that the taps look at, and some that only weights of zero see.
    fn row_pixels(&self) -> usize {
        (self.reach.end - self.reach.start) as usize + 2 * self.pairs
    }

    fn of(&self, at: usize) -> (usize, &[i16]) {
        (self.firsts[at], self.weights[at * self.pairs..][..self.pairs].as_flattened())
    }
}

/// An image's size and pixels remade by taps along its rows and along its columns.
#[derive(Debug)]
pub(crate) struct Sampler {
    across: Columns,
    /// Columns of the source.
    extent: i64,
}

impl Sampler {
    /// By the taps of some positions along rows.
    pub(crate) fn new(columns: &Taps, positions: Range<usize>) -> Self {
        Self { across: Columns::new(columns, positions), extent: columns.extent }
    }

    /// Makes some rows, those without taps zero, of so many pixels as there are positions.
    pub(crate) fn rows(&self, image: &Image, rows: &Taps, range: Range<usize>, to: &mut [u8]) {
        match image.channels() {
            Channels::Gray => self.run::<1>(image, rows, range, to),
            Channels::Rgb => self.run::<3>(image, rows, range, to),
            Channels::Rgba => self.run::<4>(image, rows, range, to),
        }
    }

    /// Rows are mixed first, to 15 bits, or 16 where colors count by their alpha; then columns.
    fn run<const N: usize>(&self, image: &Image, rows: &Taps, range: Range<usize>, to: &mut [u8]) {
        let across = &self.across;
        let inside = across.reach.start.max(0) as usize..across.reach.end.min(self.extent) as usize;
        // Where in a mixed row the inside begins.
        let lead = (inside.start as i64 - across.reach.start) as usize;
        let mut mixed = vec![[0u16; N]; across.row_pixels() + SPARE];
        let mut sources = Vec::new();
        let width = across.firsts.len();
        let inside_of = |j: i64| &image.row(rows.folded(j))[inside.start * N..inside.end * N];
        let asks_ahead = inside.len() * N <= SHORT && near::is_far(image.samples());
        for (y, target) in range.clone().zip(to.as_chunks_mut::<N>().0.chunks_exact_mut(width.max(1))) {
            let later = y + ROWS_AHEAD;
            if asks_ahead && later < range.end {
                let before = rows.span(later - 1);
                rows.span(later).filter(|j| !before.contains(j)).for_each(|j| near::bring(inside_of(j)));
            }
            let weights = rows.weights(y);
            if weights.is_empty() {
                target.fill([0; N]);
                continue;
            }
            sources.clear();
            sources.extend(rows.span(y).zip(weights).map(|(j, weight)| (inside_of(j), *weight)));
            let middle = mixed[lead..lead + inside.len()].as_flattened_mut();
            if N == 4 {
                blend_by_alpha(&sources, middle);
            } else {
                blend(&sources, LEVEL_BITS, middle);
            }
            for j in (across.reach.start..inside.start as i64).chain(inside.end as i64..across.reach.end) {
                mixed[(j - across.reach.start) as usize] =
                    mixed[lead + folded(across.border, self.extent, j) - inside.start];
            }
            across.make(&mixed, target);
        }
    }
}

impl Columns {
    fn make<const N: usize>(&self, mixed: &[[u16; N]], targets: &mut [[u8; N]]) {
        let mut done = 0;
        if N == 3 {
            let (pixels, _) = targets.as_flattened_mut().as_chunks_mut::<3>();
            let taps = RowTaps { firsts: &self.firsts, weights: &self.weights, pairs: self.pairs };
            done = rgb_taps(mixed.as_flattened(), taps, pixels);
        }
        self.make_one_by_one(mixed, done, &mut targets[done..]);
    }

    /// The same without vector instructions, from a position on.
    fn make_one_by_one<const N: usize>(&self, mixed: &[[u16; N]], from: usize, targets: &mut [[u8; N]]) {
        for (at, target) in (from..).zip(targets) {
            let (first, weights) = self.of(at);
            let mut sum = [0u32; N];
            for (pixel, weight) in mixed[first..].iter().zip(weights) {
                for (sum, level) in sum.iter_mut().zip(pixel) {
                    *sum += *weight as u32 * u32::from(*level);
                }
            }
            *target = finish(sum);
        }
    }
}

/// Mixes rows of pixels whose colors count by their alpha; alpha counts 255 times, which is the same scale.
fn blend_by_alpha(rows: &[(&[u8], i16)], out: &mut [u16]) {
    for (i, target) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut sums = [u32::from(ONE as u16) / 2; 4];
        for (row, weight) in rows {
            let [r, g, b, alpha] = std::array::from_fn(|c| u32::from(row[4 * i + c]));
            for (sum, level) in sums.iter_mut().zip([r, g, b, 255]) {
                *sum += *weight as u32 * alpha * level;
            }
        }
        *target = sums.map(|sum| (sum >> WEIGHT_BITS) as u16);
    }
}

#[inline]
fn finish<const N: usize>(sum: [u32; N]) -> [u8; N] {
    if N == 4 {
        let alpha = u64::from(sum[3]);
        let whole = 255 * u32::from(ONE as u16);
        return std::array::from_fn(|c| match c {
            3 => ((sum[3] + whole / 2) / whole) as u8,
            _ => (255 * u64::from(sum[c]) + alpha / 2).checked_div(alpha).unwrap_or(0).min(255) as u8,
        });
    }
    sum.map(|sum| ((sum + (1 << (taps::BITS - 1))) >> taps::BITS) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::tiers;
    use crate::kernels::testing::picture;

    #[test]
    fn vectors_make_what_single_pixels_make() {
        tiers::each(|| {
            let mut vectors = 0;
            for case in 0..300_u32 {
                let border = [Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap][case as usize % 4];
                let (extent, length) = (1 + case * 7 % 60, 1 + case * 13 % 70);
                let mut taps = Taps::new(extent, border);
                let shrink = f64::from(1 + case * 31 % 4000) / 700.0;
                for i in 0..length {
                    if (i + case) % 17 == 0 {
                        taps.push_empty();
                    } else {
                        taps.push(f64::from((i * 7919 + case * 31) % (extent * 1000)) / 1000.0, shrink);
                    }
                }
                let columns = Columns::new(&taps, 0..taps.len());
                let mixed: Vec<[u16; 3]> = (0..columns.row_pixels() + SPARE)
                    .map(|i| {
                        std::array::from_fn(|c| [0, 32_640, ((i * 7919 + c * 104_729) % 32_641) as u16][(i + c) % 3])
                    })
                    .collect();
                let mut scalar = vec![[0; 3]; length as usize];
                columns.make_one_by_one(&mixed, 0, &mut scalar);
                let mut vector = vec![[0; 3]; length as usize];
                let by_pairs = RowTaps { firsts: &columns.firsts, weights: &columns.weights, pairs: columns.pairs };
                let done = rgb_taps(mixed.as_flattened(), by_pairs, &mut vector);
                vectors += done;
                assert_eq!(vector[..done], scalar[..done], "case {case}");
            }
            assert_eq!(vectors > 0, tiers::has_vectors(), "vectors are used where there are any");
        });
    }

    #[test]
    fn one_to_one_changes_nothing() {
        for channels in [Channels::Gray, Channels::Rgb] {
            let image = picture(37, 11, channels);
            let taps = |extent: u32| {
                let mut taps = Taps::new(extent, Border::Reflect);
                (0..extent).for_each(|i| taps.push(f64::from(i) + 0.5, 1.0));
                taps
            };
            let (columns, rows) = (taps(37), taps(11));
            let mut made = vec![0; image.samples().len()];
            Sampler::new(&columns, 0..37).rows(&image, &rows, 0..11, &mut made);
            assert_eq!(made, image.samples());
        }
    }
}
