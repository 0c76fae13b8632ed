//! `resized_crop`: a part of the image of any shape, resized to one size.

use super::crop::between;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Matrix3, Size, Warp};
use crate::math::{round_half_up, sqrt};
use crate::sampling::{Facts, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Cuts out a part of the image, of a drawn area and shape, and brings it to one size.
    ResizedCrop = "resized_crop", Geometric;
    /// Area of the part as a fraction of the image's.
    area: Range = Range::new(0.3, 1.0), Control::Range { min: 0.01, max: 1.0 }, "× area";
    /// Width over height of the part, as far as the image allows.
    aspect: Range = Range::new(0.75, 4.0 / 3.0), Control::Range { min: 0.1, max: 10.0 }, "×";
    /// Width of the output; 0 keeps the image's.
    width: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    /// Height of the output; 0 keeps the image's.
    height: u32 = 0, Control::Integer { min: 0, max: Size::MAX_SIDE as i64 }, "px";
    examples: "{}", r#"{"area": [0.08, 0.3], "aspect": [0.5, 2], "width": 48, "height": 48}"#,
        r#"{"area": 0.9, "aspect": 1, "width": 20, "height": 30}"#;
}

/// The part, and the size that it is resized to, in whole pixels.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    x: u32,
    y: u32,
    part_width: u32,
    part_height: u32,
    width: u32,
    height: u32,
}

impl Transform for ResizedCrop {
    type Drawn = Drawn;

    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        let (w, h) = (f64::from(facts.size.width), f64::from(facts.size.height));
        let area = self.area.draw(random) * w * h;
        // Shapes that would leave the image become the nearest one of the same area that does not.
        let aspect = self.aspect.draw_factor(random).min(w * w / area).max(area / (h * h));
        let side = |length: f64, extent: u32| (round_half_up(length) as u32).min(extent).max(1);
        let part_width = side(sqrt(area * aspect), facts.size.width);
        let part_height = side(sqrt(area / aspect), facts.size.height);
        let own = |asked: u32, own: u32| if asked > 0 { asked } else { own };
        Ok(Drawn {
            x: between(0, facts.size.width.saturating_sub(part_width), random),
            y: between(0, facts.size.height.saturating_sub(part_height), random),
            part_width,
            part_height,
            width: own(self.width, facts.size.width),
            height: own(self.height, facts.size.height),
        })
    }
}

impl Geometric for Drawn {
    fn warp(&self, _: Size) -> Result<Warp> {
        if self.part_width == 0 || self.part_height == 0 {
            return Err(Error::new(ErrorKind::Recipe, "the part is empty"));
        }
        let zoom = |to: u32, from: u32| f64::from(to) / f64::from(from);
        let forward = Matrix3::translation(-f64::from(self.x), -f64::from(self.y))
            .then(Matrix3::scaling(zoom(self.width, self.part_width), zoom(self.height, self.part_height)));
        Warp::matrix(Size::new(self.width, self.height), forward)
    }
}
