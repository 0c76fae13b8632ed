//! `motion_blur`: a camera that moved.

use crate::error::Result;
use crate::image::Image;
use crate::kernels::convolve::{BITS, Plane, symmetric};
use crate::kernels::window::narrow;
use crate::math::sin_cos_degrees;
use crate::sampling::{Facts, IntRange, Random, Range};
use crate::transforms::{Control, Neighborhood, Transform, transform};

/// The longest way, in pixels.
const MAX_LENGTH: i64 = 100;

transform! {
    /// Averages along a line through every pixel, as when the camera moves evenly while the shutter is open. Edges are
    /// mirrored (reflect 101); colors are weighted by alpha, and alpha itself stays.
    MotionBlur = "motion_blur", Neighborhood;
    /// Points on the line, a pixel apart; 1 changes nothing.
    length: IntRange = IntRange::new(3, 15), Control::IntRange { min: 1, max: MAX_LENGTH }, "px";
    /// Direction of the line, clockwise on the screen from the horizontal.
    degrees: Range = Range::new(0.0, 180.0), Control::Range { min: -360.0, max: 360.0 }, "°";
    examples: r#"{"length": [5, 20]}"#, r#"{"length": 15, "degrees": 30}"#, r#"{"length": 8, "degrees": 0}"#;
    neutral: r#"{"length": 1}"#;
}

/// The drawn line.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    length: u32,
    degrees: f64,
}

impl Transform for MotionBlur {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let length = self.length.draw(random).clamp(1, MAX_LENGTH) as u32;
        Ok(Drawn { length, degrees: self.degrees.draw(random) })
    }
}

impl Neighborhood for Drawn {
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Neighborhood>> {
        Some(Box::new(Self { length: crate::math::round_half_up(f64::from(self.length) * scale) as u32, ..*self }))
    }

    fn apply(&self, mut image: Image) -> Result<Image> {
        let (length, (sin, cos)) = (self.length.clamp(1, MAX_LENGTH as u32), sin_cos_degrees(self.degrees));
        if !sin.is_finite() || !cos.is_finite() {
            return Ok(image);
        }
        let points: Vec<(f64, f64)> = (0..length / 2)
            .map(|i| f64::from(length - 1) / 2.0 - f64::from(i))
            .map(|distance| (distance * cos, distance * sin))
            .collect();
        if let Some(plane) = Plane::from_points(&points, length % 2 == 1) {
            symmetric(&mut image, &plane, |row, sums, channels| narrow(sums, BITS, channels, row));
        }
        Ok(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Channels;
    use crate::kernels::testing::{assert_near, picture, weighted_mean};

    #[test]
    fn level_and_upright_lines_are_boxes() {
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            let image = picture(20, 13, channels);
            let level = weighted_mean(&image, 3, |_, dy| f64::from(u8::from(dy == 0)));
            assert_near(&Drawn { length: 7, degrees: 180.0 }.apply(image.clone()).unwrap(), &level, 1);
            let upright = weighted_mean(&image, 2, |dx, _| f64::from(u8::from(dx == 0)));
            assert_near(&Drawn { length: 5, degrees: 90.0 }.apply(image).unwrap(), &upright, 1);
        }
    }

    #[test]
    fn slanted_lines_fall_as_the_screen_sees_it() {
        // Three points a pixel apart at 45°: those off the middle lie at ±0.7071 and spread over four pixels each.
        let near = std::f64::consts::FRAC_1_SQRT_2;
        let share = |d: isize| if d == 0 { 1.0 - near } else { near };
        let image = picture(11, 12, Channels::Rgb);
        let expected = weighted_mean(&image, 1, |dx, dy| match (dx, dy) {
            (0, 0) => 1.0 + 2.0 * share(0) * share(0),
            _ if dx * dy < 0 => 0.0,
            _ => share(dx) * share(dy),
        });
        assert_near(&Drawn { length: 3, degrees: 45.0 }.apply(image).unwrap(), &expected, 1);
    }
}
