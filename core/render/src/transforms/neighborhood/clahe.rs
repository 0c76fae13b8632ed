//! `clahe`: contrast equalised region by region, within bounds.

use crate::error::Result;
use crate::image::{Image, luma};
use crate::sampling::{Facts, IntRange, Random, Range};
use crate::transforms::{Control, Neighborhood, Transform, transform};

/// The finest grid.
const MAX_TILES: i64 = 64;

transform! {
    /// Contrast limited adaptive histogram equalisation (Zuiderveld 1994) of luma: the image is divided into tiles, each
    /// tile's histogram is cut at a limit and equalised, and between the tiles' middles the new levels are interpolated.
    /// Colors move by as much as luma does. Fully transparent pixels do not count; alpha stays.
    Clahe = "clahe", Neighborhood;
    /// How often a level may count, in multiples of its even share; 1 changes nothing.
    clip_limit: Range = Range::new(1.0, 4.0), Control::Range { min: 1.0, max: 100.0 }, "×";
    /// Tiles along each side of the image.
    tiles: IntRange = IntRange::fixed(8), Control::IntRange { min: 1, max: MAX_TILES };
    examples: r#"{"clip_limit": [2, 6]}"#, r#"{"clip_limit": 3, "tiles": 4}"#;
    neutral: r#"{"clip_limit": 1}"#;
}

/// The drawn limit and grid.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    clip_limit: f64,
    tiles: usize,
}

impl Transform for Clahe {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let clip_limit = self.clip_limit.draw(random);
        Ok(Drawn { clip_limit, tiles: self.tiles.draw(random).clamp(1, MAX_TILES) as usize })
    }
}

impl Neighborhood for Drawn {
    fn apply(&self, mut image: Image) -> Result<Image> {
        if self.clip_limit.is_nan() || self.clip_limit <= 1.0 {
            return Ok(image);
        }
        let tiles = self.tiles.clamp(1, MAX_TILES as usize);
        let (width, height) = (image.size().width as usize, image.size().height as usize);
        let (across, down) = (Axis::new(width, tiles), Axis::new(height, tiles));
        let tables = tables(&image, &across, &down, self.clip_limit);
        let columns: Vec<Between> = (0..width).map(|x| across.between(x)).collect();
        let (n, colors) = (image.channels().count(), image.channels().colors());
        for y in 0..height {
            let v = down.between(y);
            let (above, below) = (&tables[v.first * across.count..], &tables[v.second * across.count..]);
            for (pixel, u) in image.row_mut(y).chunks_exact_mut(n).zip(&columns) {
                let old = if colors == 3 { luma(pixel[0], pixel[1], pixel[2]) } else { pixel[0] };
                let level = usize::from(old);
                let upper = u.mix(above[u.first][level].into(), above[u.second][level].into());
                let lower = u.mix(below[u.first][level].into(), below[u.second][level].into());
                let new = (v.mix(upper, lower) + (1 << (2 * WEIGHT_BITS - 1))) >> (2 * WEIGHT_BITS);
                for sample in &mut pixel[..colors] {
                    *sample = (i32::from(*sample) + new - i32::from(old)).clamp(0, 255) as u8;
                }
            }
        }
        Ok(image)
    }
}

/// Bits after the point of a [`Between`]'s weight.
const WEIGHT_BITS: u32 = 10;

/// An axis divided into tiles of nearly the same length.
struct Axis {
    length: usize,
    count: usize,
}

/// Two tiles and how much of the second shows.
struct Between {
    first: usize,
    second: usize,
    weight: i32,
}

impl Between {
    /// Adds [`WEIGHT_BITS`] bits after the point.
    #[inline]
    fn mix(&self, first: i32, second: i32) -> i32 {
        first * ((1 << WEIGHT_BITS) - self.weight) + second * self.weight
    }
}

impl Axis {
    /// No tile is shorter than a pixel.
    fn new(length: usize, tiles: usize) -> Self {
        Self { length, count: tiles.min(length).max(1) }
    }

    /// Where a tile begins.
    fn start(&self, tile: usize) -> usize {
        tile * self.length / self.count
    }

    /// The tiles whose middles lie around a pixel's; at the ends one alone.
    fn between(&self, at: usize) -> Between {
        // In tiles, from the middle of the first.
        let place = (at as f64 + 0.5) * self.count as f64 / self.length as f64 - 0.5;
        let first = place.floor().clamp(0.0, (self.count - 1) as f64);
        let part = (place - first).clamp(0.0, 1.0);
        let weight = crate::math::round_half_up(part * f64::from(1 << WEIGHT_BITS)) as i32;
        let first = first as usize;
        Between { first, second: (first + 1).min(self.count - 1), weight }
    }
}

/// New levels for every tile, row by row.
fn tables(image: &Image, across: &Axis, down: &Axis, clip_limit: f64) -> Vec<[u8; 256]> {
    let n = image.channels().count();
    let mut tables = Vec::with_capacity(across.count * down.count);
    for row in 0..down.count {
        let mut counts = vec![[0u32; 256]; across.count];
        for y in down.start(row)..down.start(row + 1) {
            let pixels = image.row(y);
            for (tile, counts) in counts.iter_mut().enumerate() {
                for pixel in pixels[across.start(tile) * n..across.start(tile + 1) * n].chunks_exact(n) {
                    match *pixel {
                        [level] => counts[usize::from(level)] += 1,
                        [_, _, _, 0] => {}
                        [r, g, b, ..] => counts[usize::from(luma(r, g, b))] += 1,
                        _ => {}
                    }
                }
            }
        }
        tables.extend(counts.iter().map(|counts| equalised(counts, clip_limit)));
    }
    tables
}

/// New levels by a histogram of which each level counts at most `clip_limit` times its even share; what is cut counts
/// evenly for all levels.
fn equalised(counts: &[u32; 256], clip_limit: f64) -> [u8; 256] {
    let total: u32 = counts.iter().sum();
    if total == 0 {
        return crate::kernels::pass::levels(|level| level);
    }
    let limit = (clip_limit * f64::from(total) / 256.0).max(1.0);
    let kept = counts.map(|count| f64::from(count).min(limit));
    let share = (f64::from(total) - kept.iter().sum::<f64>()) / 256.0;
    let mut seen = 0.0;
    kept.map(|count| {
        seen += count + share;
        crate::math::to_u8(255.0 * seen / f64::from(total))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Fill};
    use crate::kernels::testing::picture;

    #[test]
    fn one_tile_without_a_limit_is_plain_equalisation() {
        let image = Image::from_samples(Size::new(4, 1), Channels::Gray, vec![10, 10, 50, 90]).unwrap();
        // Shares of pixels up to each level: 1/2, 3/4, 1.
        let drawn = Drawn { clip_limit: 1e9, tiles: 1 };
        assert_eq!(drawn.apply(image).unwrap().samples(), [128, 128, 191, 255]);
    }

    #[test]
    fn what_the_limit_cuts_is_spread_evenly() {
        let mut counts = [0; 256];
        (counts[0], counts[255]) = (768, 256);
        // The even share is 4; at a limit of 64 shares both keep 256, and 512 / 256 = 2 count for every level.
        let levels = equalised(&counts, 64.0);
        assert_eq!(levels[0], (255.0f64 * 258.0 / 1024.0).round() as u8);
        assert_eq!(levels[100], (255.0f64 * (256.0 + 202.0) / 1024.0).round() as u8);
        assert_eq!(levels[255], 255);
    }

    #[test]
    fn levels_between_tiles_are_those_of_the_formula() {
        let image = picture(37, 29, Channels::Gray);
        let (tiles, clip_limit) = (3, 2.0);
        let out = Drawn { clip_limit, tiles }.apply(image.clone()).unwrap();
        let (w, h) = (37.0, 29.0);
        // By the definition, in floats: the tables of the four nearest tiles, weighted by distance.
        let table = |i: i32, j: i32| {
            let (i, j) = (i.clamp(0, 2) as usize, j.clamp(0, 2) as usize);
            let mut counts = [0; 256];
            for y in j * 29 / 3..(j + 1) * 29 / 3 {
                for x in i * 37 / 3..(i + 1) * 37 / 3 {
                    counts[usize::from(image.pixel(x, y)[0])] += 1;
                }
            }
            equalised(&counts, clip_limit)
        };
        for (x, y) in [(0, 0), (5, 5), (6, 5), (18, 14), (22, 9), (30, 28), (36, 28), (12, 0)] {
            let (u, v) = ((f64::from(x) + 0.5) * 3.0 / w - 0.5, (f64::from(y) + 0.5) * 3.0 / h - 0.5);
            let (i, j) = (u.floor(), v.floor());
            let level = usize::from(image.pixel(x as usize, y as usize)[0]);
            let at = |di: i32, dj: i32| f64::from(table(i as i32 + di, j as i32 + dj)[level]);
            let upper = at(0, 0) * (1.0 - u + i) + at(1, 0) * (u - i);
            let lower = at(0, 1) * (1.0 - u + i) + at(1, 1) * (u - i);
            let expected = upper * (1.0 - v + j) + lower * (v - j);
            let got = f64::from(out.pixel(x as usize, y as usize)[0]);
            assert!((got - expected).abs() <= 0.75, "({x}, {y}): {got}, expected {expected}");
        }
    }

    #[test]
    fn colors_move_by_as_much_as_luma() {
        let image = picture(40, 30, Channels::Rgba);
        let out = Drawn { clip_limit: 3.0, tiles: 2 }.apply(image.clone()).unwrap();
        for (old, new) in image.samples().chunks(4).zip(out.samples().chunks(4)) {
            assert_eq!(old[3], new[3]);
            let moved: Vec<i32> = (0..3).map(|i| i32::from(new[i]) - i32::from(old[i])).collect();
            let inside = new[..3].iter().all(|level| (1..255).contains(level));
            assert!(!inside || (moved[0] == moved[1] && moved[1] == moved[2]), "{old:?} {new:?}");
        }
    }

    #[test]
    fn tiny_and_hidden_images_pass() {
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            for (width, height) in [(1, 1), (2, 5), (70, 1)] {
                let image = Image::filled(Size::new(width, height), channels, Fill([9; 3]));
                assert_eq!(Drawn { clip_limit: 2.0, tiles: 64 }.apply(image).unwrap().size(), Size::new(width, height));
            }
        }
        let hidden = Image::zeroed(Size::new(9, 9), Channels::Rgba);
        assert_eq!(Drawn { clip_limit: 2.0, tiles: 8 }.apply(hidden.clone()).unwrap(), hidden);
    }
}
