//! `grid_distort`: the image stretched unevenly, cell by cell.

use crate::error::Result;
use crate::geometry::{DisplacementField, Size, Warp};
use crate::sampling::{Facts, IntRange, Random, Range};
use crate::transforms::{Control, Geometric, Transform, transform};

transform! {
    /// Lays a grid over the image and moves its nodes, so that every cell stretches by itself. The edges stay.
    GridDistort = "grid_distort", Geometric;
    /// Cells along each side.
    cells: IntRange = IntRange::fixed(5), Control::IntRange { min: 2, max: 32 };
    /// How far a node moves at most, as a fraction of a cell.
    strength: Range = Range::new(0.05, 0.2), Control::Range { min: 0.0, max: 0.24 }, "× cell";
    examples: "{}", r#"{"cells": [2, 9], "strength": 0.24}"#;
}

/// The drawn grid and the seed of the moves.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    seed: u64,
    cells: u32,
    strength: f64,
}

impl Transform for GridDistort {
    type Drawn = Drawn;

    fn draw(&self, _: &Facts<'_>, random: &mut Random) -> Result<Drawn> {
        Ok(Drawn {
            seed: random.drawn_seed(),
            cells: self.cells.draw(random) as u32,
            strength: self.strength.draw(random),
        })
    }
}

impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        // Below a quarter of a cell its corners always make a convex quadrangle, so that nothing folds.
        let cells = self.cells.clamp(1, 1024) as usize;
        let most = |extent: u32| self.strength * f64::from(extent) / cells as f64;
        let (across, down) = (most(input.width), most(input.height));
        let mut random = Random::from_drawn(self.seed);
        let edge = |node: usize| node == 0 || node == cells;
        let field = DisplacementField::on_grid(input, cells, cells, |column, row| {
            let (x, y) = (random.uniform(-across, across), random.uniform(-down, down));
            (if edge(column) { 0.0 } else { x }, if edge(row) { 0.0 } else { y })
        });
        Ok(Warp::field(input, field))
    }
}
