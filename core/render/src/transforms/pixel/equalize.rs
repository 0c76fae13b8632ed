//! `equalize`: levels spread so that each occurs about as often.

use crate::error::Result;
use crate::image::{Channels, luma};
use crate::kernels::{Levels, PixelPass, RowPass, Table};
use crate::sampling::{Facts, Random};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Spreads levels by the image's histogram, so that each part of the scale holds about as many pixels.
    Equalize = "equalize", Pixel;
    /// `channels` spreads red, green and blue each by itself, which also changes the balance of colors; `luma` spreads
    /// luma and adds the difference to all three.
    by: By = By::Channels, Control::Choice(&["channels", "luma"]);
    examples: r#"{"by": "channels"}"#, r#"{"by": "luma"}"#;
}

/// What is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    Channels,
    Luma,
}

/// What is spread.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    by: By,
}

impl Transform for Equalize {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn { by: self.by })
    }
}

impl Pixel for Drawn {
    fn needs_levels(&self) -> bool {
        true
    }

    fn pass(&self, levels: Option<Levels<'_>>) -> PixelPass {
        let Some(histogram) = levels.map(Levels::histogram) else { return PixelPass::nothing() };
        let gray = spread(&histogram.luma);
        match (self.by, histogram.colors.as_slice()) {
            (By::Channels, [r, g, b]) => {
                PixelPass::Table(Box::new(Table { colors: [spread(r), spread(g), spread(b)], gray }))
            }
            (By::Luma, [_, _, _]) => PixelPass::Rows(Box::new(LumaTable(Box::new(gray)))),
            _ => PixelPass::Table(Box::new(Table { colors: [gray; 3], gray })),
        }
    }
}

/// New levels so that the share of pixels up to a level is that level's share of the scale: 255·(c − c₀)/(n − c₀) with c
/// the pixels up to the level and c₀ those of the lowest level that occurs. An image of one level stays.
fn spread(counts: &[u32; 256]) -> [u8; 256] {
    let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let lowest = counts.iter().find(|count| **count > 0).map_or(0, |count| u64::from(*count));
    let range = total - lowest;
    let mut seen = 0;
    let mut level = 0u8;
    counts.map(|count| {
        seen += u64::from(count);
        let spread = ((seen.saturating_sub(lowest) * 510 + range) / (2 * range.max(1))) as u8;
        let old = level;
        level = level.saturating_add(1);
        if range == 0 { old } else { spread }
    })
}

/// New lumas for old ones; colors move by the difference.
#[derive(Debug)]
struct LumaTable(Box<[u8; 256]>);

impl RowPass for LumaTable {
    fn apply(&self, _: usize, row: &mut [u8], channels: Channels) {
        for pixel in row.chunks_exact_mut(channels.count()) {
            let old = luma(pixel[0], pixel[1], pixel[2]);
            let change = i16::from(self.0[usize::from(old)]) - i16::from(old);
            for level in &mut pixel[..3] {
                *level = (i16::from(*level) + change).clamp(0, 255) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::Image;
    use crate::kernels::pass::apply;

    #[test]
    fn levels_follow_the_textbook_formula() {
        // Counts 2, 1, 3 of levels 10, 20, 30: 0, 255·(3 − 2)/(6 − 2) = 63.75, 255.
        let image = Image::from_samples(Size::new(6, 1), Channels::Gray, vec![10, 30, 20, 30, 10, 30]).unwrap();
        let expected = [0, 255, 64, 255, 0, 255];
        assert_eq!(apply(&Drawn { by: By::Channels }, &image).samples(), expected);
        assert_eq!(apply(&Drawn { by: By::Luma }, &image).samples(), expected);
    }

    #[test]
    fn channels_are_spread_each_by_itself() {
        let image = Image::from_samples(Size::new(2, 1), Channels::Rgb, vec![10, 50, 7, 20, 40, 7]).unwrap();
        assert_eq!(apply(&Drawn { by: By::Channels }, &image).samples(), [0, 255, 7, 255, 0, 7]);
    }

    #[test]
    fn spreading_luma_moves_all_colors_alike() {
        // Lumas 40 and 90 become 0 and 255.
        let image = Image::from_samples(Size::new(2, 1), Channels::Rgba, vec![40, 40, 40, 255, 90, 90, 90, 9]).unwrap();
        assert_eq!(apply(&Drawn { by: By::Luma }, &image).samples(), [0, 0, 0, 255, 255, 255, 255, 9]);
    }

    #[test]
    fn one_level_and_no_pixels_stay() {
        for level in [0, 77, 255] {
            let image = Image::from_samples(Size::new(2, 1), Channels::Gray, vec![level; 2]).unwrap();
            assert_eq!(apply(&Drawn { by: By::Channels }, &image), image);
        }
        let hidden = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![1, 2, 3, 0]).unwrap();
        assert_eq!(apply(&Drawn { by: By::Channels }, &hidden), hidden);
    }
}
