//! Draws on an RGB image: smooth lines, dots, filled rectangles and polygons.

use crate::geometry::{Point, Rect};
use crate::image::Image;
use crate::math;

/// A pen over an RGB image. What lies outside is left out.
pub(super) struct Pen<'a>(&'a mut Image);

impl<'a> Pen<'a> {
    pub(super) const fn new(image: &'a mut Image) -> Self {
        Self(image)
    }

    /// Mixes a color into a pixel.
    pub(super) fn dot(&mut self, x: i64, y: i64, color: [u8; 3], opacity: f64) {
        let size = self.0.size();
        if x < 0 || y < 0 || x >= i64::from(size.width) || y >= i64::from(size.height) || opacity <= 0.0 {
            return;
        }
        let at = x as usize * 3;
        let pixel = &mut self.0.row_mut(y as usize)[at..at + 3];
        let opacity = opacity.min(1.0);
        for (level, ink) in pixel.iter_mut().zip(color) {
            let mixed = f64::from(*level) * (1.0 - opacity) + f64::from(ink) * opacity;
            *level = (mixed + 0.5).floor() as u8;
        }
    }

    /// The pixels whose centers lie in a rectangle that is grown by a margin and cut to the image.
    fn pixels(&self, around: Rect, margin: f64) -> (std::ops::Range<i64>, std::ops::Range<i64>) {
        let size = self.0.size();
        let range = |low: f64, high: f64, extent: u32| {
            let low = (low - margin).floor().clamp(0.0, f64::from(extent)) as i64;
            let high = (high + margin).ceil().clamp(0.0, f64::from(extent)) as i64;
            low..high.max(low)
        };
        (range(around.x0, around.x1, size.width), range(around.y0, around.y1, size.height))
    }

    /// A line with round ends.
    pub(super) fn line(&mut self, from: Point, to: Point, width: f64, color: [u8; 3]) {
        let Some(bound) = Rect::around([from, to]) else { return };
        if ![from.x, from.y, to.x, to.y].iter().all(|v| v.is_finite()) {
            return;
        }
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let squared = dx * dx + dy * dy;
        let (columns, rows) = self.pixels(bound, width);
        for y in rows {
            for x in columns.clone() {
                let (px, py) = (x as f64 + 0.5 - from.x, y as f64 + 0.5 - from.y);
                let along = if squared > 0.0 { ((px * dx + py * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
                let (ex, ey) = (px - along * dx, py - along * dy);
                self.dot(x, y, color, width / 2.0 + 0.5 - math::sqrt(ex * ex + ey * ey));
            }
        }
    }

    /// A closed outline.
    pub(super) fn ring(&mut self, points: &[Point], width: f64, color: [u8; 3]) {
        let Some(mut previous) = points.last().copied() else { return };
        for point in points {
            self.line(previous, *point, width, color);
            previous = *point;
        }
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, rect: Rect, width: f64, color: [u8; 3]) {
        self.ring(&rect.corners(), width, color);
    }

    /// A disc, or a circle where it is hollow.
    pub(super) fn disc(&mut self, center: Point, radius: f64, hollow: bool, color: [u8; 3]) {
        let Some(bound) = Rect::around([center]) else { return };
        let (columns, rows) = self.pixels(bound, radius + 1.0);
        for y in rows {
            for x in columns.clone() {
                let (dx, dy) = (x as f64 + 0.5 - center.x, y as f64 + 0.5 - center.y);
                let distance = math::sqrt(dx * dx + dy * dy);
                let edge = if hollow { 1.0 - (distance - radius + 0.5).abs() } else { radius + 0.5 - distance };
                self.dot(x, y, color, edge);
            }
        }
    }

    /// A filled rectangle of whole pixels.
    pub(super) fn fill(&mut self, rect: Rect, color: [u8; 3], opacity: f64) {
        let (columns, rows) = self.pixels(rect, 0.0);
        for y in rows {
            for x in columns.clone() {
                self.dot(x, y, color, opacity);
            }
        }
    }

    /// The inside of rings by the even–odd rule, so that holes stay open.
    pub(super) fn fill_rings(&mut self, rings: &[Vec<Point>], color: [u8; 3], opacity: f64) {
        let Some(bound) = Rect::around(rings.iter().flatten().copied()) else { return };
        let (columns, rows) = self.pixels(bound, 0.0);
        let mut crossings = Vec::new();
        for y in rows {
            let level = y as f64 + 0.5;
            crossings.clear();
            for ring in rings {
                let Some(mut a) = ring.last().copied() else { continue };
                for b in ring.iter().copied() {
                    if (a.y <= level) != (b.y <= level) {
                        crossings.push(a.x + (level - a.y) / (b.y - a.y) * (b.x - a.x));
                    }
                    a = b;
                }
            }
            crossings.sort_by(f64::total_cmp);
            for x in columns.clone() {
                let center = x as f64 + 0.5;
                if crossings.partition_point(|crossing| *crossing <= center) % 2 == 1 {
                    self.dot(x, y, color, opacity);
                }
            }
        }
    }

    /// Puts an RGB picture down.
    pub(super) fn paste(&mut self, picture: &Image, left: u32, top: u32) {
        for y in 0..picture.size().height {
            let from = left as usize * 3;
            let row = picture.row(y as usize);
            if let Some(target) = self.0.row_mut((top + y) as usize).get_mut(from..from + row.len()) {
                target.copy_from_slice(row);
            }
        }
    }

    /// Width and height in pixels.
    pub(super) const fn size(&self) -> crate::geometry::Size {
        self.0.size()
    }
}
