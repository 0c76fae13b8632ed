//! Shrinking by whole factors: the mean of each block.

use super::simd::loops::halve;
use crate::geometry::Size;
use crate::image::{Channels, Image};

/// The image with every `kx` × `ky` block replaced by its mean; blocks cut by the edge take the mean of what is there.
/// Colors are weighted by alpha.
pub(crate) fn box_reduce(image: &Image, kx: usize, ky: usize) -> Image {
    let (size, n) = (image.size(), image.channels().count());
    let reduced = Size::new(size.width.div_ceil(kx as u32), size.height.div_ceil(ky as u32));
    let mut out = Image::unset(reduced, image.channels());
    let halved = kx == 2 && ky == 2 && image.channels() != Channels::Rgba;
    if halved && size.width.is_multiple_of(2) && size.height.is_multiple_of(2) {
        for y in 0..reduced.height as usize {
            halve(image.row(2 * y), image.row(2 * y + 1), n, out.row_mut(y));
        }
        return out;
    }
    let mut sums = vec![0u64; reduced.width as usize * n];
    for y in 0..reduced.height as usize {
        sums.fill(0);
        let rows = y * ky..((y + 1) * ky).min(size.height as usize);
        let tall = rows.len();
        for row in rows {
            for (block, sum) in image.row(row).chunks(kx * n).zip(sums.chunks_exact_mut(n)) {
                for pixel in block.chunks_exact(n) {
                    add(pixel, sum, image.channels());
                }
            }
        }
        for (x, (target, sum)) in out.row_mut(y).chunks_exact_mut(n).zip(sums.chunks_exact(n)).enumerate() {
            let wide = kx.min(size.width as usize - x * kx);
            mean(sum, (wide * tall) as u64, target, image.channels());
        }
    }
    out
}

#[inline]
fn add(pixel: &[u8], sum: &mut [u64], channels: Channels) {
    if channels == Channels::Rgba {
        let alpha = u64::from(pixel[3]);
        for (s, level) in sum.iter_mut().zip(&pixel[..3]) {
            *s += alpha * u64::from(*level);
        }
        sum[3] += alpha;
    } else {
        for (s, level) in sum.iter_mut().zip(pixel) {
            *s += u64::from(*level);
        }
    }
}

#[inline]
fn mean(sum: &[u64], count: u64, target: &mut [u8], channels: Channels) {
    if channels == Channels::Rgba {
        let alpha = sum[3];
        for (t, s) in target.iter_mut().zip(&sum[..3]) {
            *t = (s + alpha / 2).checked_div(alpha).unwrap_or(0) as u8;
        }
        target[3] = ((alpha + count / 2) / count) as u8;
    } else {
        for (t, s) in target.iter_mut().zip(sum) {
            *t = ((s + count / 2) / count) as u8;
        }
    }
}
