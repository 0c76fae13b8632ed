//! `jpeg_artifacts`: the traces of a strong JPEG compression.

use crate::codec::{self, Encoding, Subsampling};
use crate::error::Result;
use crate::image::{Channels, Fill, Image};
use crate::limits::Limits;
use crate::sampling::{Facts, IntRange, Random};
use crate::transforms::{Control, Neighborhood, Transform, transform};

transform! {
    /// Compresses the image as JPEG and decompresses it. Fully transparent pixels are coded as the mean of the visible
    /// ones and keep their own colors after; alpha stays.
    JpegArtifacts = "jpeg_artifacts", Neighborhood;
    /// Quality on libjpeg's scale.
    quality: IntRange = IntRange::new(20, 70), Control::IntRange { min: 1, max: 100 };
    /// Chroma resolution: `4:2:0` halves it both ways, `4:4:4` keeps it.
    subsampling: Subsampling = Subsampling::Quarter, Control::Choice(&["4:2:0", "4:4:4"]);
    examples: r#"{"quality": [10, 60]}"#, r#"{"quality": 8}"#, r#"{"quality": 15, "subsampling": "4:4:4"}"#;
}

/// The drawn quality.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    quality: u8,
    #[serde(default, skip_serializing_if = "is_default")]
    subsampling: Subsampling,
}

fn is_default(subsampling: &Subsampling) -> bool {
    *subsampling == Subsampling::default()
}

impl Transform for JpegArtifacts {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn { quality: self.quality.draw(random).clamp(1, 100) as u8, subsampling: self.subsampling })
    }
}

impl Neighborhood for Drawn {
    fn apply(&self, mut image: Image) -> Result<Image> {
        if image.channels() != Channels::Rgba {
            return self.coded(&image);
        }
        let (pixels, _) = image.samples().as_chunks::<4>();
        let hidden = mean_of_visible(pixels);
        let colors = pixels.iter().flat_map(|[r, g, b, a]| if *a > 0 { [*r, *g, *b] } else { hidden }).collect();
        let coded = self.coded(&Image::from_samples(image.size(), Channels::Rgb, colors)?)?;
        let (pixels, _) = image.samples_mut().as_chunks_mut::<4>();
        for (pixel, color) in pixels.iter_mut().zip(coded.samples().as_chunks::<3>().0) {
            if pixel[3] > 0 {
                pixel[..3].copy_from_slice(color);
            }
        }
        Ok(image)
    }
}

impl Drawn {
    fn coded(&self, image: &Image) -> Result<Image> {
        let encoding = Encoding::Jpeg { quality: self.quality.clamp(1, 100), subsampling: self.subsampling };
        let bytes = codec::encode(image, &encoding, None, Fill::BLACK)?;
        // The image was let in before, so it is let in again, whatever the limits were.
        let limits = Limits { max_pixels: u64::MAX, max_file_bytes: u64::MAX, ..Limits::default() };
        Ok(codec::decode(&bytes, &limits)?.image)
    }
}

fn mean_of_visible(pixels: &[[u8; 4]]) -> [u8; 3] {
    let mut sums = [0u64; 4];
    for pixel in pixels.iter().filter(|pixel| pixel[3] > 0) {
        sums.iter_mut().zip([pixel[0], pixel[1], pixel[2], 1]).for_each(|(sum, level)| *sum += u64::from(level));
    }
    std::array::from_fn(|i| (sums[i] / sums[3].max(1)) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::picture;

    #[test]
    fn lower_quality_strays_further() {
        let image = picture(64, 48, Channels::Rgb);
        let error = |quality| {
            let coded = Drawn { quality, subsampling: Subsampling::Full }.apply(image.clone()).unwrap();
            let pairs = coded.samples().iter().zip(image.samples());
            pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>()
        };
        assert!(error(10) > 2 * error(60) && error(60) > error(100), "{} {} {}", error(10), error(60), error(100));
    }

    #[test]
    fn hidden_colors_do_not_show() {
        let image = picture(32, 32, Channels::Rgba);
        let mut other = image.clone();
        for pixel in other.samples_mut().as_chunks_mut::<4>().0.iter_mut().filter(|pixel| pixel[3] == 0) {
            pixel[..3].fill(255);
        }
        let drawn = Drawn { quality: 10, subsampling: Subsampling::Quarter };
        let (one, two) = (drawn.apply(image).unwrap(), drawn.apply(other).unwrap());
        let visible =
            |image: &Image| image.samples().chunks(4).filter(|p| p[3] > 0).map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(visible(&one), visible(&two));
    }
}
