//! `grayscale`: colors become grays.

use crate::error::Result;
use crate::image::{Channels, luma};
use crate::kernels::{Levels, PixelPass, RowPass};
use crate::sampling::{Facts, Random};
use crate::transforms::{Pixel, Transform, transform};

transform! {
    /// Replaces every color by the gray of the same luma (Rec. 601); the image keeps its channels.
    Grayscale = "grayscale", Pixel;
    examples: "{}";
}

/// Nothing is drawn.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {}

impl Transform for Grayscale {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn {})
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::Rows(Box::new(Grays))
    }
}

#[derive(Debug)]
struct Grays;

impl RowPass for Grays {
    fn apply(&self, _: usize, row: &mut [u8], channels: Channels) {
        if channels.colors() == 3 {
            for pixel in row.chunks_exact_mut(channels.count()) {
                let gray = luma(pixel[0], pixel[1], pixel[2]);
                pixel[..3].fill(gray);
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
    fn colors_take_their_luma() {
        let image = Image::from_samples(Size::new(2, 1), Channels::Rgba, vec![255, 0, 0, 5, 0, 255, 0, 6]).unwrap();
        assert_eq!(apply(&Drawn {}, &image).samples(), [76, 76, 76, 5, 150, 150, 150, 6]);
    }
}
