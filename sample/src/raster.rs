//! Shapes to pixels by exact area coverage, in plain f64 arithmetic: the same levels on every target.

use augment_core::geometry::{Point, Size};

use crate::path::Path;

/// How much of every pixel a shape covers, 0 to 1, in a window of the frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) levels: Vec<f32>,
}

impl Mask {
    /// The coverage at a pixel of the frame, 0 outside the window.
    pub(crate) fn at(&self, x: usize, y: usize) -> f32 {
        match (x.checked_sub(self.x), y.checked_sub(self.y)) {
            (Some(i), Some(j)) if i < self.width && j < self.height => self.levels[j * self.width + i],
            _ => 0.0,
        }
    }

    /// Covered area in pixels.
    pub(crate) fn area(&self) -> f64 {
        self.levels.iter().map(|level| f64::from(*level)).sum()
    }

    /// The frame's pixels in the window with their coverage, to read or change.
    pub(crate) fn pixels_mut(&mut self) -> impl Iterator<Item = (usize, usize, &mut f32)> {
        let (x, y, width) = (self.x, self.y, self.width.max(1));
        self.levels.iter_mut().enumerate().map(move |(i, level)| (x + i % width, y + i / width, level))
    }

    /// What is left of this mask behind another.
    pub(crate) fn hide_behind(&mut self, nearer: &Self) {
        for (x, y, level) in self.pixels_mut() {
            *level *= 1.0 - nearer.at(x, y);
        }
    }

    /// What of this mask lies on another.
    pub(crate) fn keep_within(&mut self, other: &Self) {
        for (x, y, level) in self.pixels_mut() {
            *level *= other.at(x, y);
        }
    }

    /// Both together, as paint over paint.
    #[must_use]
    pub(crate) fn over(self, other: &Self) -> Self {
        if self.levels.is_empty() {
            return other.clone();
        }
        if other.levels.is_empty() {
            return self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        let mut both =
            Self { x, y, width: right - x, height: bottom - y, levels: vec![0.0; (right - x) * (bottom - y)] };
        for (x, y, level) in both.pixels_mut() {
            *level = 1.0 - (1.0 - self.at(x, y)) * (1.0 - other.at(x, y));
        }
        both
    }
}

/// The coverage of a shape whose points are in units of `scale` pixels, in a frame; `margin` more pixels of window.
pub(crate) fn cover(path: &Path, scale: f64, frame: Size, margin: f64) -> Mask {
    let points = path.0.iter().flatten();
    let (mut x0, mut y0, mut x1, mut y1) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    for p in points {
        (x0, x1) = (x0.min(p.x * scale), x1.max(p.x * scale));
        (y0, y1) = (y0.min(p.y * scale), y1.max(p.y * scale));
    }
    let clip = |value: f64, most: u32| value.clamp(0.0, f64::from(most));
    let (left, right) = (clip((x0 - margin).floor(), frame.width), clip((x1 + margin).ceil(), frame.width));
    let (top, bottom) = (clip((y0 - margin).floor(), frame.height), clip((y1 + margin).ceil(), frame.height));
    if right <= left || bottom <= top {
        return Mask::default();
    }
    let (width, height) = ((right - left) as usize, (bottom - top) as usize);
    let mut sheet = Sheet { width, height, cells: vec![0.0; (width + 2) * height] };
    for ring in &path.0 {
        let ends = ring.iter().skip(1).chain(ring.first());
        for (a, b) in ring.iter().zip(ends) {
            let local = |p: &Point| Point::new(p.x * scale - left, p.y * scale - top);
            sheet.edge(local(a), local(b));
        }
    }
    let mut levels = Vec::with_capacity(width * height);
    for row in sheet.cells.chunks_exact(width + 2) {
        let mut sum = 0.0;
        levels.extend(row[..width].iter().map(|cell| {
            sum += cell;
            sum.abs().min(1.0) as f32
        }));
    }
    Mask { x: left as usize, y: top as usize, width, height, levels }
}

/// Per row, how the coverage changes from each pixel to the next: summed from the left it is the coverage.
struct Sheet {
    width: usize,
    height: usize,
    cells: Vec<f64>,
}

impl Sheet {
    /// Adds what lies to the right of an edge, cut into rows.
    fn edge(&mut self, a: Point, b: Point) {
        if a.y == b.y {
            return;
        }
        let (sign, upper, lower) = if a.y < b.y { (1.0, a, b) } else { (-1.0, b, a) };
        let slope = (lower.x - upper.x) / (lower.y - upper.y);
        let first = upper.y.floor().max(0.0);
        let last = lower.y.ceil().min(self.height as f64);
        let mut y = first;
        while y < last {
            let (y0, y1) = (upper.y.max(y), lower.y.min(y + 1.0));
            if y1 > y0 {
                let (x0, x1) = (upper.x + slope * (y0 - upper.y), upper.x + slope * (y1 - upper.y));
                self.span(y as usize, x0.min(x1), x0.max(x1), sign * (y1 - y0));
            }
            y += 1.0;
        }
    }

    /// One row's piece of an edge, of height `dy`, from `x0` to `x1`; parts outside are moved to the window's sides.
    fn span(&mut self, row: usize, x0: f64, x1: f64, dy: f64) {
        let most = self.width as f64;
        for side in [0.0, most] {
            if x0 < side && x1 > side {
                let part = (side - x0) / (x1 - x0);
                self.span(row, x0, side, dy * part);
                self.span(row, side, x1, dy * (1.0 - part));
                return;
            }
        }
        let (x0, x1) = (x0.clamp(0.0, most), x1.clamp(0.0, most));
        let cells = &mut self.cells[row * (self.width + 2)..];
        let (first, last) = (x0.floor() as usize, x1.floor() as usize);
        if first == last {
            let inside = 1.0 - ((x0 + x1) / 2.0 - x0.floor());
            cells[first] += dy * inside;
            cells[first + 1] += dy * (1.0 - inside);
            return;
        }
        let per_x = dy / (x1 - x0);
        let mut from = x0;
        for column in first..=last {
            let to = x1.min(column as f64 + 1.0);
            let part = per_x * (to - from);
            let inside = 1.0 - ((from + to) / 2.0 - column as f64);
            cells[column] += part * inside;
            cells[column + 1] += part * (1.0 - inside);
            from = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{at, signed_area};

    const FRAME: Size = Size::new(64, 48);

    #[test]
    fn coverage_is_the_exact_area() {
        let shape = Path::polygon(&[at(3.3, 4.1), at(40.7, 9.9), at(33.2, 41.6), at(12.4, 30.3)])
            .without(Path::circle(at(25.1, 20.2), 6.3));
        let area: f64 = shape.0.iter().map(|ring| signed_area(ring)).sum();
        assert!((cover(&shape, 1.0, FRAME, 0.0).area() - area).abs() < 1e-3, "area {area}");
    }

    #[test]
    fn what_the_frame_cuts_off_changes_nothing_inside() {
        let shape = Path::polygon(&[at(-20.0, -7.0), at(90.0, 12.0), at(30.0, 70.0), at(-5.0, 60.0)]);
        let whole = cover(&shape.map(|p| at(p.x + 40.0, p.y + 40.0)), 1.0, Size::new(200, 160), 0.0);
        let cut = cover(&shape, 1.0, FRAME, 0.0);
        for y in 0..48 {
            for x in 0..64 {
                assert!((cut.at(x, y) - whole.at(x + 40, y + 40)).abs() < 1e-5, "pixel {x}, {y}");
            }
        }
    }

    #[test]
    fn a_half_pixel_is_half_covered() {
        let mask = cover(&Path::rect(2.5, 3.0, 5.0, 4.25), 1.0, FRAME, 0.0);
        assert_eq!((mask.at(2, 3), mask.at(3, 3), mask.at(4, 4), mask.at(5, 3)), (0.5, 1.0, 0.25, 0.0));
    }
}
