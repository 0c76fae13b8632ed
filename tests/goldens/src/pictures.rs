//! Pictures made by integer formulas: the same on every target before the core touches them.

use augment_core::geometry::Size;
use augment_core::image::{Channels, Image};

use crate::Golden;

/// A picture with smooth areas, edges and texture; alpha, where there is one, runs from clear to solid.
pub(crate) fn picture(width: u32, height: u32, channels: Channels) -> Image {
    let mut image = Image::zeroed(Size { width, height }, channels);
    let count = channels.count();
    for y in 0..height as usize {
        for (x, pixel) in image.row_mut(y).chunks_exact_mut(count).enumerate() {
            for (c, sample) in pixel.iter_mut().enumerate() {
                *sample = level(x, y, c);
            }
        }
    }
    image
}

/// A ramp, a disc and a hash of the place, by channel.
fn level(x: usize, y: usize, channel: usize) -> u8 {
    let ramp = (x * (3 + channel) + y * 2) % 256;
    let (dx, dy) = (x.abs_diff(40), y.abs_diff(30));
    let disc = if dx * dx + dy * dy < 400 { 90 } else { 0 };
    let texture = (x * 7919 + y * 104_729 + channel * 1_299_709) % 61;
    ((ramp + disc + texture) % 256) as u8
}

pub(crate) fn add(goldens: &mut Vec<Golden>) {
    for (name, channels) in [("gray", Channels::Gray), ("rgb", Channels::Rgb), ("rgba", Channels::Rgba)] {
        goldens.push(Golden::of("pictures", name, picture(97, 71, channels).samples()));
    }
}
