//! What tests of kernels share: a picture by formula, and averages straight from their definition.

use super::window::reflect;
use crate::geometry::Size;
use crate::image::{Channels, Image};

/// Edges, texture and, with alpha, nothing, everything and much between.
pub(crate) fn picture(width: u32, height: u32, channels: Channels) -> Image {
    let mut image = Image::zeroed(Size::new(width, height), channels);
    let n = channels.count();
    for (i, sample) in image.samples_mut().iter_mut().enumerate() {
        let (x, y, c) = (i / n % width as usize, i / n / width as usize, i % n);
        let hash = (x * 7919 + y * 104_729 + c * 1_299_709 + x * y * 31) % 256;
        *sample = match (c, (x / 5 + y / 3) % 4) {
            (3, 0) => 0,
            (3, 1) => 255,
            (3, _) => hash.max(64) as u8,
            (_, 0) => (hash / 8) as u8,
            (_, 1) => 250 - (hash / 16) as u8,
            _ => hash as u8,
        };
    }
    image
}

/// Weighted means of the square around every pixel, edges mirrored, colors weighted by alpha besides; alpha itself, and
/// the colors of fully transparent pixels, as they are.
pub(crate) fn weighted_mean(image: &Image, radius: isize, weight: impl Fn(isize, isize) -> f64) -> Vec<f64> {
    let (size, n) = (image.size(), image.channels().count());
    let (width, height) = (size.width as usize, size.height as usize);
    let mut out: Vec<f64> = image.samples().iter().map(|level| f64::from(*level)).collect();
    for (i, target) in out.iter_mut().enumerate() {
        let (x, y, c) = (i / n % width, i / n / width, i % n);
        let (mut sum, mut weights) = (0.0, 0.0);
        for dy in -radius..=radius {
            for dx in -radius..=radius {
                let pixel = image.pixel(reflect(x as isize + dx, width), reflect(y as isize + dy, height));
                let alpha = if n == 4 { f64::from(pixel[3]) } else { 1.0 };
                sum += weight(dx, dy) * alpha * f64::from(pixel[c]);
                weights += weight(dx, dy) * alpha;
            }
        }
        if c < 3 && (n < 4 || image.pixel(x, y)[3] > 0) {
            *target = sum / weights;
        }
    }
    out
}

/// Every sample is the expected one, rounded, give or take a tolerance.
pub(crate) fn assert_near(image: &Image, expected: &[f64], tolerance: u8) {
    assert_eq!(image.samples().len(), expected.len());
    for (i, (level, expected)) in image.samples().iter().zip(expected).enumerate() {
        let error = (f64::from(*level) - expected).abs();
        assert!(error <= f64::from(tolerance) + 0.501, "sample {i} of {image:?}: {level}, expected {expected}");
    }
}
