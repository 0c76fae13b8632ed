//! Displacements on a lattice over the output frame, bilinear between its nodes: maps that no matrix can express.

use super::{Point, Size};

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
/// Turns of the search for the way back; the fields that transforms build are gentle, so few are used.
const INVERSE_TURNS: usize = 60;
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

    /// Where a point of the output comes from. Outside the frame the edge's displacement goes on.
    #[must_use]
    #[inline]
    pub fn source_of(&self, p: Point) -> Point {
        let (dx, dy) = self.displacement(p);
        Point::new(p.x + dx, p.y + dy)
    }

    fn displacement(&self, p: Point) -> (f64, f64) {
        let u = (p.x / self.step.0).clamp(0.0, self.columns as f64);
        let v = (p.y / self.step.1).clamp(0.0, self.rows as f64);
        let (column, row) = ((u as usize).min(self.columns - 1), (v as usize).min(self.rows - 1));
        let (fx, fy) = (u - column as f64, v - row as f64);
        let at = row * (self.columns + 1) + column;
        let (a, b) = (self.offsets[at], self.offsets[at + 1]);
        let (c, d) = (self.offsets[at + self.columns + 1], self.offsets[at + self.columns + 2]);
        let mix = |a: f64, b: f64, c: f64, d: f64| {
            let (top, bottom) = (a + (b - a) * fx, c + (d - c) * fx);
            top + (bottom - top) * fy
        };
        (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1))
    }

    /// Where a point of the input goes: the point of the output that comes from it, found by Newton's method
    /// with the field's own slopes, falling back to damped steps where they mislead.
    #[must_use]
    pub fn target_of(&self, p: Point) -> Point {
        let (dx, dy) = self.displacement(p);
        let mut guess = Point::new(p.x - dx, p.y - dy);
        let mut best = (f64::INFINITY, guess);
        for turn in 0..INVERSE_TURNS {
            let reached = self.source_of(guess);
            let (ex, ey) = (reached.x - p.x, reached.y - p.y);
            let error = ex * ex + ey * ey;
            if error < best.0 {
                best = (error, guess);
            }
            if error < INVERSE_TOLERANCE_PX * INVERSE_TOLERANCE_PX {
                break;
            }
            let step = if turn < INVERSE_TURNS / 2 { self.newton_step(guess, ex, ey) } else { None };
            let (sx, sy) = step.unwrap_or((0.5 * ex, 0.5 * ey));
            guess = Point::new(guess.x - sx, guess.y - sy);
        }
        best.1
    }

    fn newton_step(&self, p: Point, ex: f64, ey: f64) -> Option<(f64, f64)> {
        const H: f64 = 0.01;
        let (left, right) = (self.source_of(Point::new(p.x - H, p.y)), self.source_of(Point::new(p.x + H, p.y)));
        let (above, below) = (self.source_of(Point::new(p.x, p.y - H)), self.source_of(Point::new(p.x, p.y + H)));
        let scale = 1.0 / (2.0 * H);
        let (a, c) = ((right.x - left.x) * scale, (right.y - left.y) * scale);
        let (b, d) = ((below.x - above.x) * scale, (below.y - above.y) * scale);
        let determinant = a * d - b * c;
        (determinant > 0.05).then(|| ((d * ex - b * ey) / determinant, (a * ey - c * ex) / determinant))
    }
}
