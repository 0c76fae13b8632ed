//! What is written of images that no step changed, against what was laid out.

use crate::read::{Mark, Mask};
use crate::scene::{Form, Point, Thing};
use crate::set::{COLORS, Layout, Numbers, Outlines, Source};

/// What a format may lose of a coordinate beside what the layout's own digits lose, in pixels.
const TOLERANCE_PX: f64 = 0.01;
/// How much of a mask may differ from the outlines.
const MAX_DIFFERENCE: f64 = 0.005;
/// How far a level of a mask that came as JPEG may be off.
const JPEG_LEVELS: u8 = 64;

/// What a written format holds of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holds {
    /// Outlines, and the corners of turned boxes.
    pub(crate) outlines: bool,
    pub(crate) joints: bool,
}

/// Why the marks of an image are not its things, if they are not.
pub(crate) fn compare(layout: &Layout, things: &[Thing], marks: &[Mark], holds: Holds) -> Result<(), String> {
    if marks.len() != things.len() {
        return Err(format!("{} objects of {}", marks.len(), things.len()));
    }
    let mut left: Vec<&Mark> = marks.iter().collect();
    for thing in things {
        let nearest = left.iter().enumerate().min_by(|(_, a), (_, b)| {
            let unlike = |mark: &Mark| mark.class != layout.name_of(thing);
            (unlike(a), apart(layout, thing, a)).partial_cmp(&(unlike(b), apart(layout, thing, b))).expect("numbers")
        });
        let (at, mark) = nearest.expect("as many as there are things");
        equal(layout, thing, mark, holds)?;
        left.remove(at);
    }
    Ok(())
}

/// How far two boxes are apart: the largest difference of two numbers.
fn apart(layout: &Layout, thing: &Thing, mark: &Mark) -> f64 {
    (layout.bound)(thing).iter().zip(mark.bound()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn equal(layout: &Layout, thing: &Thing, mark: &Mark, holds: Holds) -> Result<(), String> {
    let name = layout.name_of(thing);
    if mark.class != name {
        return Err(format!("a {name} is a '{}'", mark.class));
    }
    let tolerance = TOLERANCE_PX + layout.rounds;
    if apart(layout, thing, mark) > tolerance {
        return Err(format!("the box of a {name} is {:?}, not {:?}", mark.bound(), (layout.bound)(thing)));
    }
    let shaped = matches!(thing.form, Form::Ring | Form::Turned(_));
    if holds.outlines && shaped && layout.outlines != Outlines::Bounded && mark.rings.is_empty() {
        return Err(format!("a {name} has lost its outline"));
    }
    if layout.outlines == Outlines::Drawn && !mark.rings.iter().all(|ring| same_ring(ring, &thing.outline, tolerance)) {
        return Err(format!("the outline of a {name} is {:?}, not {:?}", mark.rings, thing.outline));
    }
    if holds.joints && thing.form == Form::Pose {
        let near = |(a, b): (&[f64; 3], &[f64; 3])| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance);
        let joints = thing.joints();
        if mark.joints.len() != joints.len() || !mark.joints.iter().zip(&joints).all(near) {
            return Err(format!("the keypoints of a {name} are {:?}, not {joints:?}", mark.joints));
        }
    }
    Ok(())
}

/// Whether two rings have the same corners in order, from any of them on and either way round.
fn same_ring(ring: &[Point], wanted: &[Point], tolerance: f64) -> bool {
    let n = wanted.len();
    let near = |a: Point, b: Point| (a[0] - b[0]).abs() <= tolerance && (a[1] - b[1]).abs() <= tolerance;
    ring.len() == n
        && (0..n).any(|from| {
            (0..n).all(|i| near(ring[i], wanted[(from + i) % n]))
                || (0..n).all(|i| near(ring[i], wanted[(from + n - i) % n]))
        })
}

/// Why a mask is not what was laid out, if it is not; `came` is the file that it came from.
pub(crate) fn compare_mask(numbers: Numbers, source: &Source, mask: &Mask, came: Option<&[u8]>) -> Result<(), String> {
    let mut wrong = 0;
    for (at, (level, color)) in mask.levels.iter().zip(&mask.colors).enumerate() {
        let thing = source.picture.thing_at(at % mask.width, at / mask.width);
        wrong += usize::from(!means(numbers, source, thing, (*level, *color)));
    }
    // Other hands may fill an outline otherwise along its edges.
    if wrong as f64 > MAX_DIFFERENCE * mask.levels.len() as f64 {
        return Err(format!("{wrong} of {} pixels of the mask are wrong", mask.levels.len()));
    }
    // Only PNG is read here; a GIF or JPEG cannot come back as it was.
    match came.map(Mask::read) {
        Some(Ok(came)) if came.palette != mask.palette => Err("the mask's palette is another".into()),
        Some(Ok(came)) if came != *mask => Err("the mask's pixels are not those that came".into()),
        _ => Ok(()),
    }
}

/// Whether a pixel of a mask says what is there.
pub(crate) fn means(
    numbers: Numbers,
    source: &Source,
    thing: Option<usize>,
    (level, color): (Option<u8>, Option<[u8; 3]>),
) -> bool {
    let class = thing.map_or(0, |at| source.picture.things[at].class + 1);
    match numbers {
        Numbers::Classes => level == Some(class as u8),
        Numbers::Binary => {
            let wanted = if thing.is_some() { 255 } else { 0_u8 };
            // By a palette, as a color, or as a level.
            let shade = color.map_or(level, |[r, g, b]| (r == g && g == b).then_some(r));
            shade.is_some_and(|shade| shade.abs_diff(wanted) <= JPEG_LEVELS)
        }
        Numbers::Colors => color == Some(COLORS[class]),
    }
}
