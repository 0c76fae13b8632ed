//! Objects that a reflecting or wrapping border shows again, as objects of their own.

use super::Classes;
use super::object_state::ObjectState;
use super::policy::{LabelPolicy, Mirrored};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Border, Matrix3, Rect, Size, Warp};
use crate::limits::Limits;
use crate::math;

/// The whole plane: nothing is cut on the way to where a border shows an object again.
const PLANE: Rect = Rect::new(f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY);

/// Objects of a frame of a size follow a warp; where its border shows them again and the policy asks for it, so do
/// their repeats.
///
/// # Errors
/// `Limit` when they would be more than the limits allow of one image.
pub fn carry_all(
    objects: &mut Vec<ObjectState>,
    (input, warp): (Size, &Warp),
    classes: &Classes,
    policy: &LabelPolicy,
    limits: &Limits,
) -> Result<()> {
    let shown = match (policy.mirrored, warp.border) {
        (Mirrored::Label, Border::Reflect | Border::Wrap) if !objects.is_empty() => {
            shown_again(input, warp, limits.max_objects / objects.len())?
        }
        _ => Vec::new(),
    };
    let mut repeats = Vec::new();
    for way in &shown {
        for object in objects.iter() {
            let mut repeat = object.clone().into_repeat();
            repeat.carry_into(way, PLANE, classes, policy.box_mode);
            repeat.carry(warp, classes, policy.box_mode);
            if repeat.is_seen() {
                repeats.push(repeat);
            }
        }
    }
    for object in objects.iter_mut() {
        object.carry(warp, classes, policy.box_mode);
    }
    objects.append(&mut repeats);
    Ok(())
}

/// The ways from the input to its repeats in the plane around it that the output of a warp may show, at most so many.
fn shown_again(input: Size, warp: &Warp, most: usize) -> Result<Vec<Warp>> {
    let too_many = || {
        Error::new(
            ErrorKind::Limit,
            "the border shows the image too often to label every object again: zoom out less, or set labels.mirrored \
             to \"leave\"",
        )
    };
    let seen = warp.sees().ok_or_else(too_many)?;
    let cells = |from: f64, to: f64, extent: u32| {
        let extent = f64::from(extent);
        (math::floor(from / extent), math::floor(to / extent))
    };
    let (left, right) = cells(seen.x0, seen.x1, input.width);
    let (top, bottom) = cells(seen.y0, seen.y1, input.height);
    let repeats = (right - left + 1.0) * (bottom - top + 1.0);
    // What is not a number is not few.
    let are_few = repeats <= most as f64;
    if !are_few {
        return Err(too_many());
    }
    let along = |cell: f64, extent: u32| {
        let extent = f64::from(extent);
        let odd = cell - 2.0 * math::floor(cell / 2.0) != 0.0;
        if odd && warp.border == Border::Reflect { (-1.0, (cell + 1.0) * extent) } else { (1.0, cell * extent) }
    };
    let steps = |from: f64, to: f64| (0..=(to - from) as u32).map(move |step| from + f64::from(step));
    let mut ways = Vec::new();
    for row in steps(top, bottom) {
        for column in steps(left, right).filter(|column| (*column, row) != (0.0, 0.0)) {
            let ((x, dx), (y, dy)) = (along(column, input.width), along(row, input.height));
            ways.push(Warp::matrix(input, Matrix3::affine(x, 0.0, dx, 0.0, y, dy))?);
        }
    }
    Ok(ways)
}
