//! The work of a plan, known before it starts.

use crate::error::Result;
use crate::geometry::Size;
use crate::plan::{Plan, Stage};

/// The pixels that the steps of a plan make of an image of a size, each step counted by itself. Other images of a mixing
/// step count as being of the same size.
///
/// # Errors
/// `Recipe` when a step does not fit the image.
pub fn pixel_steps(plan: &Plan, mut size: Size) -> Result<u64> {
    let pixels = |size: Size| u64::from(size.width) * u64::from(size.height);
    let mut all = pixels(size);
    for stage in plan.stages() {
        match stage {
            Stage::Geometric(steps) => {
                for step in steps {
                    size = step.warp(size)?.output;
                    all = all.saturating_add(pixels(size));
                }
            }
            Stage::Pixel(steps) => all = all.saturating_add(pixels(size).saturating_mul(steps.len() as u64)),
            Stage::Neighborhood(_) | Stage::Occlusion(_) => all = all.saturating_add(pixels(size)),
            Stage::Mixing(step) => {
                let inputs = vec![size; 1 + step.partners().len()];
                all = all.saturating_add(pixels(size).saturating_mul(inputs.len() as u64));
                size = step.layout(&inputs)?.canvas;
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_counts_the_pixels_that_it_makes() {
        for (steps, expected) in [
            ("[]", 200),
            (r#"[{"op": "invert"}, {"op": "invert"}]"#, 3 * 200),
            (r#"[{"op": "resize", "width": 1000, "height": 1000}, {"op": "invert"}]"#, 200 + 2_000_000),
        ] {
            let plan = Plan::from_json(&serde_json::from_str(steps).unwrap()).unwrap();
            assert_eq!(pixel_steps(&plan, Size::new(20, 10)).unwrap(), expected, "{steps}");
        }
    }
}
