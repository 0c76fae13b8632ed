//! `temperature`: the same scene under warmer or colder light.

use crate::error::Result;
use crate::kernels::pass::levels;
use crate::kernels::{Levels, PixelPass, Table, color};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Pixel, Transform, transform};

transform! {
    /// Shows the scene as if a black body of another temperature than 6500 K lit it: gains on red, green and blue light
    /// that keep the luminance of grays. Gray images stay as they are.
    Temperature = "temperature", Pixel;
    /// The light's color temperature: below 6500 warmer, above colder, 6500 changes nothing. Drawn evenly in mireds
    /// (a million over kelvins), in which equal steps look alike.
    kelvin: Range = Range::new(4500.0, 9000.0), Control::Range { min: 2000.0, max: 15000.0 }, "K";
    examples: r#"{"kelvin": [3500, 12000]}"#, r#"{"kelvin": 3200}"#, r#"{"kelvin": 10000}"#;
    neutral: r#"{"kelvin": 6500}"#;
}

/// The light of an unchanged picture.
const NEUTRAL: f64 = 6500.0;

/// The drawn temperature.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    kelvin: f64,
}

impl Transform for Temperature {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let mireds = random.uniform(1e6 / self.kelvin.high, 1e6 / self.kelvin.low);
        // Clamped because two divisions may miss the ends by a bit.
        Ok(Drawn { kelvin: (1e6 / mireds).clamp(self.kelvin.low, self.kelvin.high) })
    }
}

impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        let colors = gains(self.kelvin).map(|gain| levels(|level| color::to_level(color::to_light(level) * gain)));
        PixelPass::Table(Box::new(Table { colors, gray: levels(|level| level) }))
    }
}

/// What red, green and blue light are multiplied by; 1 each at 6500 K.
fn gains(kelvin: f64) -> [f64; 3] {
    // Luminance of linear sRGB's red, green and blue (IEC 61966-2-1).
    const LUMINANCE: [f64; 3] = [0.2126, 0.7152, 0.0722];
    let (light, neutral) = (black_body(kelvin), black_body(NEUTRAL));
    let ratios: [f64; 3] = std::array::from_fn(|i| light[i] / neutral[i]);
    let luminance: f64 = ratios.iter().zip(LUMINANCE).map(|(ratio, weight)| ratio * weight).sum();
    ratios.map(|ratio| ratio / luminance)
}

/// Linear sRGB of a black body's light, of luminance 1: its chromaticity by Krystek 1985, "An algorithm to calculate
/// correlated color temperature", good from 1000 to 15000 K.
fn black_body(kelvin: f64) -> [f64; 3] {
    let t = kelvin.clamp(1000.0, 15_000.0);
    let u = (0.860_117_757 + 1.541_182_54e-4 * t + 1.286_412_12e-7 * t * t)
        / (1.0 + 8.424_202_35e-4 * t + 7.081_451_63e-7 * t * t);
    let v = (0.317_398_726 + 4.228_062_45e-5 * t + 4.204_816_91e-8 * t * t)
        / (1.0 - 2.897_418_16e-5 * t + 1.614_560_53e-7 * t * t);
    // CIE 1960 (u, v) to CIE XYZ with Y = 1, and on to linear sRGB.
    let (x, z) = (1.5 * u / v, (4.0 - u - 10.0 * v) / (2.0 * v));
    [
        3.240_625_5 * x - 1.537_208 - 0.498_628_6 * z,
        -0.968_930_7 * x + 1.875_756_1 + 0.041_517_5 * z,
        0.055_710_1 * x - 0.204_021_1 + 1.056_995_9 * z,
    ]
    .map(|light| light.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::image::{Channels, Image};
    use crate::kernels::pass::apply;

    #[test]
    fn chromaticities_are_those_of_the_planckian_locus() {
        // Planck's law with the CIE 1931 observer: (0.4476, 0.4074) at 2856 K, (0.3135, 0.3237) at 6500 K.
        for (kelvin, x, y) in [(2856.0, 0.4476, 0.4074), (6500.0, 0.3135, 0.3237)] {
            let [r, g, b] = black_body(kelvin);
            let (cx, cy, cz) = (
                0.4124 * r + 0.3576 * g + 0.1805 * b,
                0.2126 * r + 0.7152 * g + 0.0722 * b,
                0.0193 * r + 0.1192 * g + 0.9505 * b,
            );
            let sum = cx + cy + cz;
            assert!(
                (cx / sum - x).abs() < 1e-3 && (cy / sum - y).abs() < 1e-3,
                "{kelvin} K: {} {}",
                cx / sum,
                cy / sum
            );
        }
    }

    #[test]
    fn low_is_warm_and_high_is_cold() {
        let gray = Image::from_samples(Size::new(1, 1), Channels::Rgba, vec![128, 128, 128, 7]).unwrap();
        let warm = apply(&Drawn { kelvin: 3000.0 }, &gray);
        assert!(warm.samples()[0] > 150 && warm.samples()[2] < 100 && warm.samples()[3] == 7, "{:?}", warm.samples());
        let cold = apply(&Drawn { kelvin: 12_000.0 }, &gray);
        assert!(cold.samples()[0] < 120 && cold.samples()[2] > 140, "{:?}", cold.samples());
        assert_eq!(apply(&Drawn { kelvin: NEUTRAL }, &gray), gray);
    }

    #[test]
    fn gray_images_stay() {
        let gray = Image::from_samples(Size::new(2, 1), Channels::Gray, vec![50, 200]).unwrap();
        assert_eq!(apply(&Drawn { kelvin: 2500.0 }, &gray), gray);
    }
}
