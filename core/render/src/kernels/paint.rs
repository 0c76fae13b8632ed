//! Filling rectangles of an image.

use crate::geometry::Rect;
use crate::image::{Image, Rgba};
use crate::sampling::Random;

/// Fills whole-pixel rectangles with a color; alpha becomes the color's.
pub(crate) fn fill(image: &mut Image, rects: &[Rect], fill: Rgba) {
    let (n, pixel) = (image.channels().count(), fill.samples(image.channels()));
    each_span(image, rects, |span| {
        for target in span.chunks_exact_mut(n) {
            target.copy_from_slice(&pixel[..n]);
        }
    });
}

/// Fills whole-pixel rectangles with uniform noise; alpha becomes opaque.
pub(crate) fn noise(image: &mut Image, rects: &[Rect], seed: u64) {
    let channels = image.channels();
    let (n, colors) = (channels.count(), channels.colors());
    let mut random = Random::from_drawn(seed);
    each_span(image, rects, |span| {
        for target in span.chunks_exact_mut(n) {
            let bytes = random.bits().to_le_bytes();
            target[..colors].copy_from_slice(&bytes[..colors]);
            target[colors..].fill(255);
        }
    });
}

fn each_span(image: &mut Image, rects: &[Rect], mut paint: impl FnMut(&mut [u8])) {
    let (size, n) = (image.size(), image.channels().count());
    for rect in rects {
        let rect = rect.intersection(size.frame());
        if rect.area() <= 0.0 {
            continue;
        }
        for y in rect.y0 as usize..rect.y1 as usize {
            paint(&mut image.row_mut(y)[rect.x0 as usize * n..rect.x1 as usize * n]);
        }
    }
}
