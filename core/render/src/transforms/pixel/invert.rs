//! `invert`: the negative.

use crate::error::Result;
use crate::kernels::{Levels, PixelPass};
use crate::sampling::{Facts, Random};
use crate::transforms::{Pixel, Transform, transform};

transform! {
    /// Replaces every level by its distance from white.
    Invert = "invert", Pixel;
    examples: "{}";
}

/// Nothing is drawn.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {}

impl Transform for Invert {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, _: &mut Random) -> Result<Drawn> {
        Ok(Drawn {})
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::of_levels(|level| 255 - level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn twice_is_not_at_all() {
        let image = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![0, 100, 255, 40]).unwrap();
        let negative = apply(&Drawn {}, &image);
        assert_eq!(negative.samples(), [255, 155, 0, 40]);
        assert_eq!(apply(&Drawn {}, &negative), image);
    }
}
