//! CIE L*a*b* colors to sRGB.

use super::levels::level;
use crate::math::pow;

/// The white of the profile connection space, D50 (ICC.1:2022, 7.2.16).
const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

/// XYZ under D50 to linear sRGB, adapted to its white by the Bradford transform (ICC's sRGB profile, inverted).
const TO_SRGB: [[f64; 3]; 3] =
    [[3.134_136, -1.617_386, -0.490_662], [-0.978_796, 1.916_254, 0.033_443], [0.071_955, -0.228_977, 1.405_386]];

/// L* from 0 to 100, and both axes, under D50, to sRGB levels; colors beyond sRGB are cut.
pub(super) fn lab_to_rgb([lightness, a, b]: [f64; 3]) -> [u8; 3] {
    let y = (lightness + 16.0) / 116.0;
    // CIE 15:2018, 8.2.1.1, backwards.
    let part = |t: f64| if t > 6.0 / 29.0 { t * t * t } else { (t - 4.0 / 29.0) * (108.0 / 841.0) };
    let xyz = [D50[0] * part(y + a / 500.0), D50[1] * part(y), D50[2] * part(y - b / 200.0)];
    TO_SRGB.map(|row| {
        let linear = row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2];
        let encoded = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * pow(linear, 1.0 / 2.4) - 0.055 };
        level(255.0 * encoded)
    })
}

#[cfg(test)]
mod tests {
    use super::lab_to_rgb;

    #[test]
    fn known_colors_come_out_right() {
        // sRGB primaries and grays as L*a*b* under D50 (Lindbloom's calculator), to a level.
        for (lab, rgb) in [
            ([0.0, 0.0, 0.0], [0, 0, 0]),
            ([100.0, 0.0, 0.0], [255, 255, 255]),
            ([53.389, 0.0, 0.0], [127, 127, 127]),
            ([54.292, 80.812, 69.885], [255, 0, 0]),
            ([87.818, -79.287, 80.990], [0, 255, 0]),
            ([29.567, 68.298, -112.029], [0, 0, 255]),
        ] {
            let found = lab_to_rgb(lab);
            let far = found.iter().zip(rgb).map(|(a, b): (&u8, u8)| a.abs_diff(b)).max();
            assert!(far <= Some(1), "{lab:?}: {found:?}, not {rgb:?}");
        }
    }
}
