//! Displacement fields for non-affine warps (elastic, grid, lens): offsets on a coarse grid, interpolated bilinearly.

use super::{Point, Rect, Size};

/// For every point of the output, the vector to where it comes from in the input of the same size.
#[derive(Clone, Debug)]
pub struct DisplacementField {
    columns: usize,
    rows: usize,
    step: (f64, f64),
    /// One vector a node, row by row.
    offsets: Vec<(f64, f64)>,
}

/// Cells along a side at most: what bounds a field's memory.
const MAX_CELLS: usize = 1024;
/// Cells along a side of a smooth field at most: more would not show.
const MAX_SMOOTH_CELLS: f64 = 512.0;
/// Maximum iterations of the inverse search; built-in fields are smooth and need only a few.
const MAX_INVERSE_ITERATIONS: usize = 60;
/// Below this Jacobian determinant, Newton steps are unreliable.
const MIN_DETERMINANT: f64 = 0.05;
/// The search ends when a point is hit to this many pixels.
const INVERSE_TOLERANCE_PX: f64 = 1e-7;

impl DisplacementField {
    /// A field over a frame of a smooth `offset`, in pixels, for every point of the output; it is taken at nodes about
    /// `spacing` pixels apart, farther in very large frames.
    pub fn new(size: Size, spacing: f64, offset: impl Fn(Point) -> (f64, f64)) -> Self {
        let cells = |extent: u32| (f64::from(extent) / spacing).ceil().clamp(1.0, MAX_SMOOTH_CELLS) as usize;
        let (columns, rows) = (cells(size.width), cells(size.height));
        let (x, y) = (f64::from(size.width) / columns as f64, f64::from(size.height) / rows as f64);
        Self::on_grid(size, columns, rows, |column, row| offset(Point::new(column as f64 * x, row as f64 * y)))
    }

    /// A field over a frame with `columns` × `rows` cells; `offset` is asked for every node, by its column and row,
    /// row by row, the edges of the frame included.
    pub fn on_grid(
        size: Size,
        columns: usize,
        rows: usize,
        mut offset: impl FnMut(usize, usize) -> (f64, f64),
    ) -> Self {
        let (columns, rows) = (columns.clamp(1, MAX_CELLS), rows.clamp(1, MAX_CELLS));
        let step = (f64::from(size.width) / columns as f64, f64::from(size.height) / rows as f64);
        let nodes = (0..=rows).flat_map(|row| (0..=columns).map(move |column| (column, row)));
        let offsets = nodes.map(|(column, row)| offset(column, row)).collect();
        Self { columns, rows, step, offsets }
    }

    /// The same field over a frame that is larger by two factors.
    #[must_use]
    pub fn rescaled(&self, x: f64, y: f64) -> Self {
        let step = (self.step.0 * x, self.step.1 * y);
        let offsets = self.offsets.iter().map(|(dx, dy)| (dx * x, dy * y)).collect();
        Self { columns: self.columns, rows: self.rows, step, offsets }
    }

    /// Where a point of the output comes from. Outside the frame the edge's displacement goes on.
    #[must_use]
    #[inline]
    pub fn source_of(&self, p: Point) -> Point {
        let (dx, dy) = self.look_up(p).0;
        Point::new(p.x + dx, p.y + dy)
    }

    /// Bounding box of all source points: the box of the mapped nodes, since interpolation is bilinear.
    #[must_use]
    pub(crate) fn sees(&self) -> Option<Rect> {
        let at =
            |i: usize| ((i % (self.columns + 1)) as f64 * self.step.0, (i / (self.columns + 1)) as f64 * self.step.1);
        let origin = |(i, (dx, dy)): (usize, &(f64, f64))| Point::new(at(i).0 + dx, at(i).1 + dy);
        Rect::around(self.offsets.iter().enumerate().map(origin))
    }

    /// The cell that a point lies in: from where to where along x, and along y. Inside, lines along x or y stay lines.
    #[must_use]
    pub(crate) fn cell(&self, p: Point) -> ((f64, f64), (f64, f64)) {
        let (column, row) = self.cell_index(p);
        let span = |index: usize, step: f64| (index as f64 * step, (index + 1) as f64 * step);
        (span(column, self.step.0), span(row, self.step.1))
    }

    #[inline]
    fn cell_index(&self, p: Point) -> (usize, usize) {
        // Casts bring what is negative or not a number to 0.
        let index = |v: f64, cells: usize| (v as usize).min(cells - 1);
        (index(p.x / self.step.0, self.columns), index(p.y / self.step.1, self.rows))
    }

    /// The displacement at a point, and its change with x and with y.
    #[inline]
    fn look_up(&self, p: Point) -> ((f64, f64), [(f64, f64); 2]) {
        let (column, row) = self.cell_index(p);
        let along = |v: f64, step: f64, index: usize| (v / step - index as f64).clamp(0.0, 1.0);
        let (fx, fy) = (along(p.x, self.step.0, column), along(p.y, self.step.1, row));
        let at = row * (self.columns + 1) + column;
        let (a, b) = (self.offsets[at], self.offsets[at + 1]);
        let (c, d) = (self.offsets[at + self.columns + 1], self.offsets[at + self.columns + 2]);
        let mix = |a: f64, b: f64, t: f64| a + (b - a) * t;
        let (left, right) = ((mix(a.0, c.0, fy), mix(a.1, c.1, fy)), (mix(b.0, d.0, fy), mix(b.1, d.1, fy)));
        let (above, below) = ((mix(a.0, b.0, fx), mix(a.1, b.1, fx)), (mix(c.0, d.0, fx), mix(c.1, d.1, fx)));
        // Outside the frame the displacement does not change across its edge.
        let slope = |from: (f64, f64), to: (f64, f64), step: f64, inside: bool| {
            if inside { ((to.0 - from.0) / step, (to.1 - from.1) / step) } else { (0.0, 0.0) }
        };
        let inside = |v: f64, step: f64, cells: usize| v >= 0.0 && v <= step * cells as f64;
        let with_x = slope(left, right, self.step.0, inside(p.x, self.step.0, self.columns));
        let with_y = slope(above, below, self.step.1, inside(p.y, self.step.1, self.rows));
        ((mix(left.0, right.0, fx), mix(left.1, right.1, fx)), [with_x, with_y])
    }

    /// Where a point of the input goes: the point of the output that comes from it, found by Newton's method
    /// with the field's own slopes, falling back to damped steps where they mislead.
    #[must_use]
    pub fn target_of(&self, p: Point) -> Point {
        let mut guess = p;
        let mut best = (f64::INFINITY, guess);
        for turn in 0..MAX_INVERSE_ITERATIONS {
            let ((dx, dy), [with_x, with_y]) = self.look_up(guess);
            let (ex, ey) = (guess.x + dx - p.x, guess.y + dy - p.y);
            let error = ex * ex + ey * ey;
            if error < best.0 {
                best = (error, guess);
            }
            if error < INVERSE_TOLERANCE_PX * INVERSE_TOLERANCE_PX {
                break;
            }
            let (a, b, c, d) = (1.0 + with_x.0, with_y.0, with_x.1, 1.0 + with_y.1);
            let determinant = a * d - b * c;
            let (sx, sy) = if turn < MAX_INVERSE_ITERATIONS / 2 && determinant > MIN_DETERMINANT {
                ((d * ex - b * ey) / determinant, (a * ey - c * ex) / determinant)
            } else {
                (0.5 * ex, 0.5 * ey)
            };
            guess = Point::new(guess.x - sx, guess.y - sy);
        }
        best.1
    }
}
