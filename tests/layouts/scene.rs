//! The pictures that every layout holds: a few flat things, each in a color that no other thing of the picture has, so
//! that pixels tell where a thing is after any geometry.

use augment_core::codec::{Encoding, PngCompression, Subsampling, encode};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::math;

/// A point in continuous pixels: x, y.
pub(crate) type Point = [f64; 2];

/// The size of every picture.
pub(crate) const SIZE: Size = Size::new(320, 240);

/// The splits and how many pictures each has.
pub(crate) const SPLITS: [(&str, usize); 3] = [("train", 8), ("val", 3), ("test", 2)];

/// The colors of a picture's things, far from each other, from every gray and from [`OUTSIDE`].
const COLORS: [[u8; 3]; 4] = [[230, 20, 20], [230, 220, 20], [20, 210, 40], [20, 210, 230]];

/// The fill of what no pixel of a source covers.
pub(crate) const OUTSIDE: [u8; 3] = [255, 0, 255];

/// A picture that shows nothing.
const EMPTY: usize = 3;

/// What the things of a scene are labeled by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Upright boxes.
    Boxes,
    /// Polygons.
    Rings,
    /// Boxes in some pictures, polygons in the others.
    Mixed,
    /// Turned boxes.
    Turned,
    /// Upright boxes with four keypoints.
    Poses,
}

/// A thing on a picture.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    /// Which of the layout's names it has.
    pub(crate) class: usize,
    /// The corners of what is painted.
    pub(crate) outline: Vec<Point>,
    /// How it is labeled.
    pub(crate) form: Form,
    /// What it is painted in.
    pub(crate) color: [u8; 3],
}

/// How a thing is labeled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Box,
    Ring,
    Turned(Tilt),
    Pose,
}

/// A turned box: its middle, its sides, and the degrees that it is turned by, clockwise as it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tilt {
    pub(crate) middle: Point,
    pub(crate) sides: Point,
    pub(crate) degrees: f64,
}

/// A picture and what is on it.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    /// Its name without an extension, where the layout gives no other.
    pub(crate) stem: String,
    /// Its position among all pictures.
    pub(crate) number: usize,
    /// Its position in its split.
    pub(crate) place: usize,
    /// Its split.
    pub(crate) split: &'static str,
    /// What is on it.
    pub(crate) things: Vec<Thing>,
}

impl Tilt {
    /// The corners, from the one that is top left when it is upright, clockwise.
    pub(crate) fn corners(&self) -> Vec<Point> {
        let (sin, cos) = math::sin_cos_degrees(self.degrees);
        let [w, h] = self.sides.map(|side| side / 2.0);
        let turned = |[x, y]: Point| [self.middle[0] + x * cos - y * sin, self.middle[1] + x * sin + y * cos];
        [[-w, -h], [w, -h], [w, h], [-w, h]].map(turned).to_vec()
    }
}

impl Thing {
    /// The bound of the outline: x0, y0, x1, y1.
    pub(crate) fn bound(&self) -> [f64; 4] {
        bound(&self.outline)
    }

    /// The keypoints of a pose with their visibility: near its upper corners and the middle of its foot, and one that is
    /// absent.
    pub(crate) fn joints(&self) -> [[f64; 3]; 4] {
        let [x0, y0, x1, y1] = self.bound();
        let [x0, y0, x1, y1] = [x0 + 3.0, y0 + 4.0, x1 - 3.0, y1 - 4.0];
        [[x0, y0, 2.0], [x1, y0, 2.0], [(x0 + x1) / 2.0, y1, 1.0], [0.0; 3]]
    }
}

/// The bound of some points: x0, y0, x1, y1.
pub(crate) fn bound(points: &[Point]) -> [f64; 4] {
    points.iter().fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[x0, y0, x1, y1], [x, y]| {
        [x0.min(*x), y0.min(*y), x1.max(*x), y1.max(*y)]
    })
}

/// Whether a point is inside a ring.
pub(crate) fn inside(ring: &[Point], [x, y]: Point) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges.filter(|([ax, ay], [bx, by])| (*ay > y) != (*by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)).count() % 2
        == 1
}

/// All pictures of a kind.
pub(crate) fn pictures(kind: Kind) -> Vec<Picture> {
    let places = SPLITS.iter().flat_map(|(split, count)| (0..*count).map(move |place| (*split, place)));
    let picture = |(number, (split, place)): (usize, (&'static str, usize))| {
        let count = if number == EMPTY { 0 } else { 1 + (number * 3 + kind as usize) % COLORS.len() };
        let things = (0..count).map(|at| thing(kind, number, at)).collect();
        Picture { stem: format!("img_{number:03}"), number, place, split, things }
    };
    places.enumerate().map(picture).collect()
}

/// A thing in a cell of its own: no two touch, and none touches the frame.
fn thing(kind: Kind, number: usize, at: usize) -> Thing {
    // A handful of numbers that differ from thing to thing.
    let spread = |salt: usize, most: usize| ((number * 37 + at * 101 + salt * 53 + kind as usize * 7) % most) as f64;
    let cell = (at * 5 + number) % 6;
    let (left, top) = ((cell % 3 * 106) as f64, (cell / 3 * 120) as f64);
    let (x0, y0) = (left + 10.0 + spread(1, 16), top + 10.0 + spread(2, 18));
    let (w, h) = (44.0 + spread(3, 26), 40.0 + spread(4, 38));
    let (x1, y1) = (x0 + w, y0 + h);
    let tenth = |value: f64| math::round_half_up(value * 10.0) / 10.0;
    let tilt = Tilt {
        middle: [left + 50.0 + spread(1, 6), top + 56.0 + spread(2, 8)],
        sides: [52.0 + spread(3, 14), 26.0 + spread(4, 12)],
        degrees: [20.0, 70.0, 335.0, 12.0, 110.0, 47.0][(number + at) % 6],
    };
    let (outline, form) = match kind {
        Kind::Rings => (pentagon(x0, y0, w, h).map(|point| point.map(tenth)).to_vec(), Form::Ring),
        Kind::Mixed if number % 2 == 1 => (pentagon(x0, y0, w, h).map(|point| point.map(tenth)).to_vec(), Form::Ring),
        Kind::Turned => (tilt.corners(), Form::Turned(tilt)),
        Kind::Poses => (vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]], Form::Pose),
        Kind::Boxes | Kind::Mixed => (vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]], Form::Box),
    };
    Thing { class: (number + at) % 3, outline, form, color: COLORS[at] }
}

/// Slanted on all sides but one, and of another shape in a mirror.
fn pentagon(x: f64, y: f64, w: f64, h: f64) -> [Point; 5] {
    [[x + w * 0.4, y], [x + w, y + h * 0.35], [x + w * 0.8, y + h], [x + w * 0.1, y + h], [x, y + h * 0.5]]
}

impl Picture {
    /// The thing that covers the middle of a pixel.
    pub(crate) fn thing_at(&self, x: usize, y: usize) -> Option<usize> {
        let middle = [x as f64 + 0.5, y as f64 + 0.5];
        self.things.iter().position(|thing| inside(&thing.outline, middle))
    }

    /// Its pixels, on a gray of its own: no two pictures are the same file.
    fn image(&self) -> Image {
        let (width, gray) = (SIZE.width as usize, 100 + 2 * self.number as u8);
        let mut image = Image::filled(SIZE, Channels::Rgb, Fill([gray; 3]));
        for (at, pixel) in image.samples_mut().chunks_exact_mut(3).enumerate() {
            if let Some(thing) = self.thing_at(at % width, at / width) {
                pixel.copy_from_slice(&self.things[thing].color);
            }
        }
        image
    }

    /// Its file in the format of an extension.
    pub(crate) fn file(&self, extension: &str) -> Vec<u8> {
        let encoding = match extension {
            "png" => Encoding::Png { compression: PngCompression::Fast },
            _ => Encoding::Jpeg { quality: 95, subsampling: Subsampling::Full },
        };
        encode(&self.image(), &encoding, None, Fill::BLACK).expect("a drawn picture can be written")
    }
}
