//! Changes of every pixel by itself, row by row: tables, colour matrices and anything that needs only its row.

use std::fmt::Debug;

use crate::image::{Channels, Image};

/// New levels for old ones: one table a colour channel. Grey images use the first.
pub type Table = Box<[[u8; 256]; 3]>;

/// What to do with every pixel; alpha stays as it is.
#[derive(Debug)]
pub enum PixelPass {
    /// A table a channel.
    Table(Table),
    /// New colours as weighted sums of old ones; grey images stay as they are.
    Matrix(ColourMatrix),
    /// Anything else that a row and its position suffice for.
    Rows(Box<dyn RowPass>),
}

/// A change of a row that needs nothing but the row and its position.
pub trait RowPass: Debug {
    /// Changes row `y` in place: interleaved samples.
    fn apply(&self, y: usize, row: &mut [u8], channels: Channels);
}

/// A 3×4 matrix in 16-bit fixed point: `out[i] = (Σ m[i][j]·in[j] + m[i][3]) / 65536`, rounded, half up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColourMatrix([[i32; 4]; 3]);

impl ColourMatrix {
    /// From weights (first three columns) and an offset in levels (the last); weights are held within ±64.
    #[must_use]
    pub fn new(rows: [[f64; 4]; 3]) -> Self {
        let weight = |w: f64| crate::math::round_half_up(w.clamp(-64.0, 64.0) * 65_536.0) as i32;
        let offset = |o: f64| crate::math::round_half_up(o.clamp(-16_384.0, 16_384.0) * 65_536.0) as i32;
        Self(rows.map(|[r, g, b, o]| [weight(r), weight(g), weight(b), offset(o)]))
    }

    fn apply(&self, row: &mut [u8], channels: usize) {
        let m = &self.0;
        for pixel in row.chunks_exact_mut(channels) {
            let (r, g, b) = (i64::from(pixel[0]), i64::from(pixel[1]), i64::from(pixel[2]));
            for (out, w) in pixel.iter_mut().zip(m) {
                let sum = i64::from(w[0]) * r + i64::from(w[1]) * g + i64::from(w[2]) * b + i64::from(w[3]) + (1 << 15);
                *out = (sum >> 16).clamp(0, 255) as u8;
            }
        }
    }
}

/// How often each level occurs in each colour channel; grey images have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Counts by channel and level.
    pub counts: Vec<[u64; 256]>,
    /// Sum over luma levels and their number of pixels: what the mean is made of.
    pub luma_sum: u64,
    /// Pixels.
    pub pixels: u64,
}

impl Histogram {
    /// The histogram of an image, without its alpha.
    #[must_use]
    pub fn of(image: &Image) -> Self {
        let (n, colours) = (image.channels().count(), image.channels().colours());
        let mut counts = vec![[0u64; 256]; colours];
        let mut luma_sum = 0;
        for pixel in image.samples().chunks_exact(n) {
            for (count, level) in counts.iter_mut().zip(pixel) {
                count[usize::from(*level)] += 1;
            }
            luma_sum +=
                u64::from(if colours == 3 { crate::image::luma(pixel[0], pixel[1], pixel[2]) } else { pixel[0] });
        }
        Self { counts, luma_sum, pixels: image.size().area() as u64 }
    }

    /// The mean luma, 0 to 255.
    #[must_use]
    pub fn mean_luma(&self) -> f64 {
        self.luma_sum as f64 / self.pixels.max(1) as f64
    }
}

/// A table made from one function of a level for all channels.
#[must_use]
pub fn table(level: impl Fn(u8) -> u8) -> Table {
    let mut one = [0; 256];
    for (old, new) in (0..=255u8).zip(one.iter_mut()) {
        *new = level(old);
    }
    Box::new([one; 3])
}

/// Runs passes over an image, all of them on a row before the next row; neighbouring tables become one.
pub(crate) fn run(passes: Vec<PixelPass>, image: &mut Image) {
    let mut fused: Vec<PixelPass> = Vec::with_capacity(passes.len());
    for pass in passes {
        if let (Some(PixelPass::Table(first)), PixelPass::Table(next)) = (fused.last_mut(), &pass) {
            for (levels, after) in first.iter_mut().zip(next.iter()) {
                for level in levels.iter_mut() {
                    *level = after[usize::from(*level)];
                }
            }
        } else {
            fused.push(pass);
        }
    }
    let (channels, height) = (image.channels(), image.size().height as usize);
    for y in 0..height {
        let row = image.row_mut(y);
        for pass in &fused {
            match pass {
                PixelPass::Table(table) => look_up(table, row, channels),
                PixelPass::Matrix(matrix) if channels.colours() == 3 => matrix.apply(row, channels.count()),
                PixelPass::Matrix(_) => {}
                PixelPass::Rows(rows) => rows.apply(y, row, channels),
            }
        }
    }
}

fn look_up(table: &[[u8; 256]; 3], row: &mut [u8], channels: Channels) {
    let [r, g, b] = table;
    match channels {
        Channels::Grey => row.iter_mut().for_each(|level| *level = r[usize::from(*level)]),
        Channels::Rgb | Channels::Rgba => {
            for pixel in row.chunks_exact_mut(channels.count()) {
                pixel[0] = r[usize::from(pixel[0])];
                pixel[1] = g[usize::from(pixel[1])];
                pixel[2] = b[usize::from(pixel[2])];
            }
        }
    }
}
