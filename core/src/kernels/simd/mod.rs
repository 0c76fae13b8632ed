//! Kernels in vector instructions: each gives the very bytes of its scalar form, which does the rest and is its oracle.
//!
//! The only room with `unsafe`: a function that is compiled for instructions may be called only where they exist.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::bilinear::Position;

/// Bilinear samples of an RGB image along a line whose positions all have their four neighbours inside: how many of
/// them, from the first on, were written. Zero where the processor has no vector instructions for it.
pub(crate) fn rgb_line(data: &[u8], stride: usize, start: Position, step: Position, out: &mut [[u8; 3]]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
        // SAFETY: `x86::rgb_line` needs nothing but AVX2.
        return unsafe { x86::rgb_line(data, stride, start, step, out) };
    }
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return wasm::rgb_line(data, stride, start, step, out);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        let _ = (data, stride, start, step, out);
        0
    }
}

/// Two pixels of a row and of the row below it, each as eight bytes of which six count; `None` at the image's very end.
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn neighbours(data: &[u8], at: usize, stride: usize) -> Option<(i64, i64)> {
    let rows = data.get(at..at + stride + 8)?;
    Some((i64::from_le_bytes(*rows.first_chunk()?), i64::from_le_bytes(*rows.last_chunk()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Border, Size};
    use crate::image::{Channels, Image};
    use crate::kernels::bilinear::Line;

    #[test]
    fn vector_samples_equal_scalar_ones() {
        let size = Size::new(61, 47);
        let mut image = Image::zeroed(size, Channels::Rgb);
        for (i, level) in image.samples_mut().iter_mut().enumerate() {
            // Runs of extremes and noise: sums reach both ends of their range.
            *level = if i % 97 < 40 { [0, 255][i / 97 % 2] } else { (i * i * 31 / 7) as u8 };
        }
        let line = Line { source: &image, border: Border::Replicate, fill: [0; 4] };
        let mut vectors = 0;
        for case in 0..4000_i64 {
            // Two points inside, in 1/1000 pixels, and the samples between them; the last 1/128 of a pixel rounds out.
            let place = |k: i64, extent: i64| 500 + (case * 7919 + k * 104_729).rem_euclid((extent - 1) * 1000 - 8);
            let count = 2 + case % 60;
            let [x0, x1] = [place(1, 61), place(2, 61)];
            let [y0, y1] = [place(3, 47), place(4, 47)];
            let at = |a: i64| a as f64 / 1000.0;
            let start = Position::new(at(x0), at(y0));
            let step = Position::difference(at(x1 - x0) / count as f64, at(y1 - y0) / count as f64);
            let mut scalar = vec![[0; 3]; count as usize];
            line.inside_one_by_one(start, step, &mut scalar);
            let mut vector = scalar.clone();
            let done = rgb_line(image.samples(), image.stride(), start, step, &mut vector);
            vectors += done;
            assert_eq!(vector, scalar, "case {case}, {done} of {count} by vectors");
        }
        #[cfg(target_arch = "x86_64")]
        assert_eq!(vectors > 0, std::arch::is_x86_feature_detected!("avx2"), "vectors are used where there are any");
    }

    #[test]
    fn last_pixels_of_an_image_are_left_to_the_scalar_form() {
        let image = Image::filled(Size::new(8, 2), Channels::Rgb, crate::image::Fill([10, 20, 30]));
        let mut out = [[0; 3]; 8];
        let (start, step) = (Position::new(0.5, 0.5), Position::difference(0.9, 0.0));
        let done = rgb_line(image.samples(), image.stride(), start, step, &mut out);
        assert!(done < 8 && out[..done].iter().all(|pixel| *pixel == [10, 20, 30]), "{done}: {out:?}");
    }
}
