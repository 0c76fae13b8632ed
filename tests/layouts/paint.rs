//! Where the things of a picture are after any geometry: the pixels in the color of each.

use augment_core::image::Image;

use crate::scene::{OUTSIDE, Picture, Point};

/// What a pixel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Thing(usize),
    Ground,
    /// What no pixel of the source covers.
    Outside,
}

/// What every pixel of an image shows.
pub(crate) struct Paint {
    width: usize,
    shown: Vec<Shown>,
}

impl Paint {
    /// Tells a picture's things apart in an image that was made of it.
    pub(crate) fn new(image: &Image, picture: &Picture) -> Self {
        let n = image.channels().count();
        let shown = image.samples().chunks_exact(n).map(|pixel| nearest(pixel, picture)).collect();
        Self { width: image.size().width as usize, shown }
    }

    pub(crate) fn height(&self) -> usize {
        self.shown.len() / self.width
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// All pixels, row by row.
    pub(crate) fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// The middles of the pixels that show a thing.
    pub(crate) fn of(&self, thing: usize) -> Vec<Point> {
        let at = |at: usize| [(at % self.width) as f64 + 0.5, (at / self.width) as f64 + 0.5];
        (0..self.shown.len()).filter(|i| self.shown[*i] == Shown::Thing(thing)).map(at).collect()
    }

    /// Whether a thing reaches to where its picture ends: some of it may be lost.
    pub(crate) fn is_cut(&self, pixels: &[Point]) -> bool {
        let (width, height) = (self.width as isize, self.height() as isize);
        let ends = |x: isize, y: isize| {
            let inside = (0..width).contains(&x) && (0..height).contains(&y);
            !inside || self.shown[(y * width + x) as usize] == Shown::Outside
        };
        pixels.iter().any(|[x, y]| {
            let (x, y) = (*x as isize, *y as isize);
            [(-2, 0), (2, 0), (0, -2), (0, 2)].iter().any(|(dx, dy)| ends(x + dx, y + dy))
        })
    }

    /// The thing that most pixels with their middle in a box show.
    pub(crate) fn most(&self, [x0, y0, x1, y1]: [f64; 4], things: usize) -> Option<usize> {
        let mut counts = vec![0; things];
        let span = |from: f64, to: f64, most: usize| {
            (from.max(0.0) as usize).min(most)..(to.ceil().max(0.0) as usize).min(most)
        };
        for y in span(y0, y1, self.height()) {
            for x in span(x0, x1, self.width) {
                if let Shown::Thing(thing) = self.shown[y * self.width + x] {
                    counts[thing] += 1;
                }
            }
        }
        (0..things).max_by_key(|thing| counts[*thing]).filter(|thing| counts[*thing] > 0)
    }
}

/// The candidate whose color is nearest; the ground is any gray.
fn nearest(pixel: &[u8], picture: &Picture) -> Shown {
    let [r, g, b] = [0, 1, 2].map(|i| f64::from(pixel.get(i).copied().unwrap_or(pixel[0])));
    let away = |[x, y, z]: [f64; 3]| (r - x) * (r - x) + (g - y) * (g - y) + (b - z) * (b - z);
    let gray = (r + g + b) / 3.0;
    let things =
        picture.things.iter().enumerate().map(|(at, thing)| (Shown::Thing(at), away(thing.color.map(f64::from))));
    let others = [(Shown::Ground, away([gray; 3])), (Shown::Outside, away(OUTSIDE.map(f64::from)))];
    let all = things.chain(others);
    all.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(Shown::Ground, |(shown, _)| shown)
}
