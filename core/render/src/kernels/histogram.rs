//! How often each level occurs in an image.

use super::simd::matrix::rgb_luma;
use crate::image::{Channels, Image, luma};

/// How often each level occurs; pixels without any opacity do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Counts by level for red, green and blue; one set for gray images.
    pub colors: Vec<[u32; 256]>,
    /// Counts by luma (see [`luma`]); the levels themselves for gray images.
    pub luma: [u32; 256],
}

impl Histogram {
    /// The histogram of an image.
    #[must_use]
    pub fn of(image: &Image) -> Self {
        match image.channels().count() {
            1 => {
                let counts = gray(image.samples());
                Self { colors: vec![counts], luma: counts }
            }
            3 => Self::color(image.samples().as_chunks::<3>().0.iter().copied()),
            _ => {
                let (pixels, _) = image.samples().as_chunks::<4>();
                Self::color(pixels.iter().filter(|p| p[3] > 0).map(|[r, g, b, _]| [*r, *g, *b]))
            }
        }
    }

    fn color(pixels: impl Iterator<Item = [u8; 3]>) -> Self {
        // Two sets in turn: neighbors are often alike, and adding to one count twice waits for the first addition.
        let mut counts = Box::new([[[0u32; 256]; 4]; 2]);
        for (i, [r, g, b]) in pixels.enumerate() {
            let [red, green, blue, gray] = &mut counts[i & 1];
            red[usize::from(r)] += 1;
            green[usize::from(g)] += 1;
            blue[usize::from(b)] += 1;
            gray[usize::from(luma(r, g, b))] += 1;
        }
        let sum = |i: usize| std::array::from_fn(|level| counts[0][i][level] + counts[1][i][level]);
        Self { colors: vec![sum(0), sum(1), sum(2)], luma: sum(3) }
    }
}

/// What can be measured of an image's levels; pixels without any opacity do not count.
#[derive(Clone, Copy, Debug)]
pub struct Levels<'a>(pub(crate) &'a Image);

impl Levels<'_> {
    /// How often each level occurs.
    #[must_use]
    pub fn histogram(self) -> Histogram {
        Histogram::of(self.0)
    }

    /// The mean luma, 0 to 255; 0 without pixels.
    #[must_use]
    pub fn mean_luma(self) -> f64 {
        let samples = self.0.samples();
        let (mut sum, mut pixels) = (0u64, 0u64);
        match self.0.channels() {
            Channels::Gray => {
                pixels = samples.len() as u64;
                sum = samples.iter().map(|level| u64::from(*level)).sum();
            }
            Channels::Rgb => {
                let (mut rest, _) = samples.as_chunks::<3>();
                pixels = rest.len() as u64;
                loop {
                    let done = rgb_luma(rest, &mut sum);
                    rest = &rest[done..];
                    if done == 0 {
                        break;
                    }
                }
                sum += rest.iter().map(|[r, g, b]| u64::from(luma(*r, *g, *b))).sum::<u64>();
            }
            Channels::Rgba => {
                for [r, g, b, _] in samples.as_chunks::<4>().0.iter().filter(|pixel| pixel[3] > 0) {
                    sum += u64::from(luma(*r, *g, *b));
                    pixels += 1;
                }
            }
        }
        sum as f64 / pixels.max(1) as f64
    }
}

fn gray(levels: &[u8]) -> [u32; 256] {
    let mut counts = [[0u32; 256]; 4];
    for (i, level) in levels.iter().enumerate() {
        counts[i & 3][usize::from(*level)] += 1;
    }
    std::array::from_fn(|level| counts.iter().map(|part| part[level]).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::kernels::testing::picture;

    #[test]
    fn hidden_pixels_do_not_count() {
        let samples = vec![10, 20, 30, 255, 200, 200, 200, 0, 10, 40, 50, 1];
        let image = Image::from_samples(Size::new(3, 1), Channels::Rgba, samples).unwrap();
        let histogram = Histogram::of(&image);
        assert_eq!(histogram.colors[0][10], 2);
        assert_eq!(histogram.colors[0][200], 0);
        assert_eq!(histogram.luma.iter().sum::<u32>(), 2);
        let expected = f64::from(u32::from(luma(10, 20, 30)) + u32::from(luma(10, 40, 50))) / 2.0;
        assert_eq!(Levels(&image).mean_luma(), expected);
    }

    #[test]
    fn nothing_has_a_mean_of_zero() {
        let image = Image::zeroed(Size::new(4, 4), Channels::Rgba);
        assert_eq!(Levels(&image).mean_luma(), 0.0);
    }

    #[test]
    fn the_mean_luma_is_that_of_the_histogram() {
        for (width, height) in [(1, 1), (9, 1), (33, 17), (640, 3)] {
            for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
                let image = picture(width, height, channels);
                let counts = (0u64..).zip(Histogram::of(&image).luma);
                let (sum, n) =
                    counts.fold((0, 0), |(sum, n), (level, count)| (sum + level * u64::from(count), n + count));
                assert_eq!(Levels(&image).mean_luma(), sum as f64 / f64::from(n.max(1)), "{image:?}");
            }
        }
    }
}
