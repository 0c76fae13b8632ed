//! The position of an image on a stage: fitting, zooming about a point, and panning within bounds.

/// The largest zoom.
const MOST: f64 = 40.0;

/// Maps image pixels to stage pixels: `stage = image · scale + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Stage pixels per image pixel.
    pub scale: f64,
    /// The left edge of the image.
    pub x: f64,
    /// The top edge of the image.
    pub y: f64,
}

impl Viewport {
    /// Fits the image to the stage, centered; small images are enlarged at most fourfold.
    #[must_use]
    pub fn fit(image: (f64, f64), stage: (f64, f64)) -> Self {
        let scale = (stage.0 / image.0.max(1.0)).min(stage.1 / image.1.max(1.0)).clamp(0.001, 4.0);
        Self { scale, x: 0.0, y: 0.0 }.clamped(image, stage)
    }

    /// Zooms by a factor about a point of the stage.
    #[must_use]
    pub fn zoomed(self, factor: f64, at: (f64, f64), image: (f64, f64), stage: (f64, f64)) -> Self {
        let least = Self::fit(image, stage).scale.min(1.0);
        let scale = (self.scale * factor).clamp(least, MOST);
        let ratio = scale / self.scale;
        Self { scale, x: at.0 - (at.0 - self.x) * ratio, y: at.1 - (at.1 - self.y) * ratio }.clamped(image, stage)
    }

    /// Moves the image by stage pixels.
    #[must_use]
    pub fn moved(self, by: (f64, f64), image: (f64, f64), stage: (f64, f64)) -> Self {
        Self { x: self.x + by.0, y: self.y + by.1, ..self }.clamped(image, stage)
    }

    /// Whether a part of the image is outside the stage.
    #[must_use]
    pub fn exceeds(self, image: (f64, f64), stage: (f64, f64)) -> bool {
        image.0 * self.scale > stage.0 + 0.5 || image.1 * self.scale > stage.1 + 0.5
    }

    /// Keeps large images without gaps at the edges, and centers small ones.
    fn clamped(self, image: (f64, f64), stage: (f64, f64)) -> Self {
        let hold = |offset: f64, size: f64, room: f64| {
            if size <= room { (room - size) / 2.0 } else { offset.clamp(room - size, 0.0) }
        };
        Self {
            scale: self.scale,
            x: hold(self.x, image.0 * self.scale, stage.0),
            y: hold(self.y, image.1 * self.scale, stage.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: (f64, f64) = (800.0, 600.0);

    #[test]
    fn fitting_centers_the_whole_image() {
        let view = Viewport::fit((1600.0, 600.0), STAGE);
        assert_eq!((view.scale, view.x, view.y), (0.5, 0.0, 150.0));
        assert!(!view.exceeds((1600.0, 600.0), STAGE), "all of it is visible");
        assert_eq!(Viewport::fit((10.0, 10.0), STAGE).scale, 4.0, "small images grow only so far");
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let image = (4000.0, 3000.0);
        let at = (500.0, 200.0);
        let before = Viewport::fit(image, STAGE).zoomed(5.0, (400.0, 300.0), image, STAGE);
        let under = ((at.0 - before.x) / before.scale, (at.1 - before.y) / before.scale);
        let after = before.zoomed(1.5, at, image, STAGE);
        assert!((under.0 * after.scale + after.x - at.0).abs() < 1e-9, "across");
        assert!((under.1 * after.scale + after.y - at.1).abs() < 1e-9, "down");
        let out = after.zoomed(0.0001, at, image, STAGE);
        assert_eq!(out, Viewport::fit(image, STAGE), "no smaller than the whole");
    }

    #[test]
    fn moving_leaves_no_gap_at_an_edge() {
        let image = (4000.0, 3000.0);
        let view = Viewport { scale: 1.0, x: -100.0, y: -100.0 };
        let corner = view.moved((-1e6, 1e6), image, STAGE);
        assert_eq!((corner.x, corner.y), (800.0 - 4000.0, 0.0));
        let small = Viewport::fit((400.0, 600.0), STAGE).moved((90.0, 0.0), (400.0, 600.0), STAGE);
        assert_eq!(small.x, 200.0, "an image that fits stays in the middle");
    }
}
