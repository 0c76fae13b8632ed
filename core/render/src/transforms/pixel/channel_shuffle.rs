//! `channel_shuffle`: red, green and blue change places.

use crate::error::Result;
use crate::kernels::{ColorMatrix, Levels, PixelPass};
use crate::sampling::{Facts, Random};
use crate::transforms::{Pixel, Transform, transform};

transform! {
    /// Puts red, green and blue in one of the five other orders. Gray images stay as they are.
    ChannelShuffle = "channel_shuffle", Pixel;
    examples: "{}";
}

/// The orders but for the one that changes nothing.
const ORDERS: [[u8; 3]; 5] = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Which old channel each new one shows: 0 is red, 1 green, 2 blue.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    order: [u8; 3],
}

impl Transform for ChannelShuffle {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { order: ORDERS[random.below(ORDERS.len() as u64) as usize] })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        let pick = |from: u8| std::array::from_fn(|j| if j == usize::from(from.min(2)) { 1.0 } else { 0.0 });
        PixelPass::Matrix(ColorMatrix::linear(self.order.map(pick)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn channels_take_the_order_drawn() {
        let image = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![1, 2, 255, 4]).unwrap();
        assert_eq!(apply(&Drawn { order: [2, 0, 1] }, &image).samples(), [255, 1, 2, 4]);
        let gray = Image::from_samples(Size::new(1, 1), Channels::Gray, vec![9]).unwrap();
        assert_eq!(apply(&Drawn { order: [2, 0, 1] }, &gray), gray);
    }
}
