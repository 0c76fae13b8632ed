//! `mosaic`: four images of the dataset in one frame.

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size, Warp};
use crate::image::Fill;
use crate::math::round_half_up;
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Layout, Mixing, Tile, Transform, transform};

transform! {
    /// Puts the image and three others of the dataset into the four parts of a frame. Each fills its part,
    /// and is cut where it has other proportions.
    Mosaic = "mosaic", Mixing;
    /// Where the frame is split, as a fraction of its width and, by another draw, of its height.
    split: Range = Range::new(0.3, 0.7), Control::Range { min: 0.1, max: 0.9 }, "× side";
    /// Width of the output; 0 keeps the image's.
    width: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// Height of the output; 0 keeps the image's.
    height: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    examples: "{}", r#"{"split": [0.1, 0.9], "width": 80, "height": 64}"#;
}

/// The drawn split, and what lies where.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    /// Content hashes of the other images.
    partners: [Digest; 3],
    /// The part that each image fills, the image itself first: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
    parts: [u8; 4],
    /// Where each image is cut: 0 shows its left or upper end, 1 its right or lower one.
    cuts: [f64; 4],
    /// Where the frame is split, in fractions of its width and height.
    split: [f64; 2],
    #[serde(default, skip_serializing_if = "is_zero")]
    width: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    height: u32,
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Transform for Mosaic {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let partners = choose(random.bits(), facts);
        let mut parts = [0; 4];
        for (part, index) in parts.iter_mut().zip(random.permutation(4)) {
            *part = index as u8;
        }
        let cuts = std::array::from_fn(|_| random.unit());
        let split = [self.split.draw(random), self.split.draw(random)];
        Ok(Drawn { partners, parts, cuts, split, width: self.width, height: self.height })
    }
}

/// Three images by rendezvous hashing (Thaler & Ravishankar 1998): those that rank first under the key.
/// An image that joins or leaves the dataset changes only the choices that it is in.
fn choose(key: u64, facts: &Facts<'_>) -> [Digest; 3] {
    let rank = |digest: &Digest| {
        let [a, b, c, d, e, f, g, h, ..] = digest.0;
        mix(key ^ mix(u64::from_le_bytes([a, b, c, d, e, f, g, h])))
    };
    let mut best: Vec<(u64, Digest)> = Vec::with_capacity(4);
    for digest in facts.partners.iter().filter(|digest| **digest != facts.source) {
        let candidate = (rank(digest), *digest);
        let at = best.partition_point(|other| *other > candidate);
        if at < 3 && best.get(at) != Some(&candidate) {
            best.insert(at, candidate);
            best.truncate(3);
        }
    }
    // A dataset of fewer than four images repeats this one.
    std::array::from_fn(|i| best.get(i).map_or(facts.source, |(_, digest)| *digest))
}

/// The finaliser of `SplitMix64` (Steele, Lea & Flood 2014).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Mixing for Drawn {
    fn partners(&self) -> &[Digest] {
        &self.partners
    }

    fn layout(&self, sizes: &[Size]) -> Result<Layout> {
        let own =
            sizes.first().copied().ok_or_else(|| Error::new(ErrorKind::Replay, "there is no image to lay out"))?;
        let pick = |asked: u32, own: u32| if asked > 0 { asked } else { own };
        let canvas = Size::new(pick(self.width, own.width), pick(self.height, own.height));
        let cut =
            |fraction: f64, extent: u32| round_half_up(fraction * f64::from(extent)).clamp(0.0, f64::from(extent));
        let (x, y) = (cut(self.split[0], canvas.width), cut(self.split[1], canvas.height));
        let frame = canvas.frame();
        let mut tiles = Vec::with_capacity(4);
        for (input, size) in sizes.iter().take(4).enumerate() {
            let part = self.parts[input];
            let (x0, x1) = if part & 1 == 0 { (0.0, x) } else { (x, frame.x1) };
            let (y0, y1) = if part & 2 == 0 { (0.0, y) } else { (y, frame.y1) };
            let part = Rect::new(x0, y0, x1, y1);
            if part.area() > 0.0 {
                let shown = shown(*size, part, self.cuts[input]);
                tiles.push(Tile { input, warp: Warp::between_rects(canvas, shown, part)?, part });
            }
        }
        Ok(Layout { canvas, background: Fill::BLACK, tiles })
    }
}

/// The largest part of an image that has the proportions of another rectangle.
fn shown(image: Size, like: Rect, cut: f64) -> Rect {
    let (w, h) = (f64::from(image.width), f64::from(image.height));
    let zoom = (like.width() / w).max(like.height() / h);
    let (width, height) = ((like.width() / zoom).min(w), (like.height() / zoom).min(h));
    let (x, y) = ((w - width) * cut, (h - height) * cut);
    Rect::new(x, y, x + width, y + height)
}
