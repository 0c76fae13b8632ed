//! `color_jitter`: brightness, contrast, saturation and hue in one pass.

use crate::error::Result;
use crate::kernels::{ColorMatrix, Levels, PixelPass, color};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Changes brightness, contrast, saturation and hue, always in this order. The four are one linear map of color, so
    /// nothing is rounded or cut between them.
    ColorJitter = "color_jitter", Pixel;
    /// What levels are multiplied by; 1 changes nothing.
    brightness: Range = Range::new(0.8, 1.2), Control::Range { min: 0.0, max: 3.0 }, "×";
    /// What distances from the mean luma are multiplied by; 1 changes nothing.
    contrast: Range = Range::new(0.8, 1.2), Control::Range { min: 0.0, max: 3.0 }, "×";
    /// What distances from gray are multiplied by; 1 changes nothing.
    saturation: Range = Range::new(0.8, 1.2), Control::Range { min: 0.0, max: 3.0 }, "×";
    /// The angle that colors are turned by, red towards yellow and green; 0 changes nothing.
    hue: Range = Range::new(-18.0, 18.0), Control::Range { min: -180.0, max: 180.0 }, "°";
    examples:
        r#"{"brightness": [0.6, 1.4], "contrast": [0.6, 1.4], "saturation": [0.6, 1.4], "hue": [-30, 30]}"#,
        r#"{"brightness": 1.2, "contrast": 0.7, "saturation": 1.5, "hue": 40}"#;
    neutral: r#"{"brightness": 1, "contrast": 1, "saturation": 1, "hue": 0}"#;
}

/// The drawn changes.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    brightness: f64,
    contrast: f64,
    saturation: f64,
    hue: f64,
}

impl Transform for ColorJitter {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn {
            brightness: self.brightness.draw(random),
            contrast: self.contrast.draw(random),
            saturation: self.saturation.draw(random),
            hue: self.hue.draw(random),
        })
    }
}

impl Pixel for Drawn {
    fn needs_levels(&self) -> bool {
        self.contrast != 1.0
    }

    fn pass(&self, levels: Option<Levels<'_>>) -> PixelPass {
        let mean = levels.map_or(127.5, Levels::mean_luma) * self.brightness;
        let colors = color::after(color::hue(self.hue), color::saturation(self.saturation));
        let gain = self.brightness * self.contrast;
        // Saturation and hue leave grays alone, so the offset that contrast adds passes through them.
        let offset = mean * (1.0 - self.contrast);
        PixelPass::Matrix(ColorMatrix::new(colors.map(|[r, g, b]| [r * gain, g * gain, b * gain, offset])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    fn drawn(brightness: f64, contrast: f64, saturation: f64, hue: f64) -> Drawn {
        Drawn { brightness, contrast, saturation, hue }
    }

    #[test]
    fn each_alone_is_its_own_transform() {
        let image = Image::from_samples(Size::new(2, 1), Channels::Rgb, vec![100, 60, 20, 90, 130, 200]).unwrap();
        // Mean luma (67 + 126) / 2 = 96.5.
        assert_eq!(apply(&drawn(0.5, 1.0, 1.0, 0.0), &image).samples(), [50, 30, 10, 45, 65, 100]);
        assert_eq!(apply(&drawn(1.0, 2.0, 1.0, 0.0), &image).samples(), [104, 24, 0, 84, 164, 255]);
        assert_eq!(apply(&drawn(1.0, 1.0, 0.0, 0.0), &image).samples(), [67, 67, 67, 126, 126, 126]);
        assert_eq!(apply(&drawn(1.0, 1.0, 1.0, 0.0), &image), image);
    }

    #[test]
    fn contrast_pivots_on_the_brightened_mean() {
        let image = Image::from_samples(Size::new(2, 1), Channels::Gray, vec![40, 60]).unwrap();
        // Brightened 80 and 120, mean 100; distances of 20 become 60.
        assert_eq!(apply(&drawn(2.0, 3.0, 2.0, 90.0), &image).samples(), [40, 160]);
    }
}
