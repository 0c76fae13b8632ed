//! Masks of classes painted from the shapes of objects: 0 for the background, the place of a class from 1.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size};
use crate::labels::{Classes, Mask, Object, Palette, Values};
use crate::math::round_half_up;

/// From this many classes on, numbers take 16 bits: 255 stays free for what trainers ignore.
const MOST_IN_BYTES: usize = 254;

/// Paints the masks of a dataset.
#[derive(Clone, Debug)]
pub(super) struct Painter {
    values: Values,
    classes: usize,
}

/// The color that Pascal VOC gives a number: its bits dealt out to red, green and blue.
fn voc_color(number: usize) -> [u8; 3] {
    let mut color = [0; 3];
    for bit in 0..8 {
        for (channel, level) in color.iter_mut().enumerate() {
            *level |= (((number >> (3 * bit + channel)) & 1) << (7 - bit)) as u8;
        }
    }
    color
}

impl Painter {
    /// A painter of masks of some classes.
    pub(super) fn new(classes: &Classes) -> Self {
        let classes = classes.0.len();
        let values = if classes <= MOST_IN_BYTES {
            let colors = (0..256).map(voc_color).collect();
            Values::Indices(Arc::new(Palette { colors, alphas: Vec::new() }))
        } else {
            Values::Words
        };
        Self { values, classes }
    }

    /// The number that trainers ignore.
    pub(super) const fn ignored(&self) -> u16 {
        if self.values.bytes() == 1 { 255 } else { u16::MAX }
    }

    /// What names the numbers: a `labelmap.txt` as CVAT writes it, a line a number from 0.
    pub(super) fn label_map(classes: &Classes) -> String {
        let mut text = "# label:color_rgb:parts:actions\n".to_owned();
        let names = std::iter::once("background").chain(classes.0.iter().map(|class| class.name.as_str()));
        for (number, name) in names.enumerate() {
            // A colon ends a name, a line ends a class, and a text with other such characters is none.
            let name = name.replace(|c: char| c == ':' || c.is_control(), "_");
            let [r, g, b] = voc_color(number);
            text += &format!("{name}:{r},{g},{b}::\n");
        }
        text
    }

    /// The mask of an image's objects, later ones over earlier ones; and how many have no shape: their boxes are painted
    /// with the number that trainers ignore, under everything else.
    ///
    /// # Errors
    /// `Label` when numbers do not suffice for the classes.
    pub(super) fn paint(&self, size: Size, objects: &[Object]) -> Result<(Mask, usize)> {
        let bytes = self.values.bytes();
        if self.classes >= usize::from(u16::MAX) {
            return Err(Error::new(ErrorKind::Label, format!("masks have no numbers for {} classes", self.classes)));
        }
        let mut mask = Mask::new(size, self.values.clone(), vec![0; size.area() * bytes])?;
        let width = size.width as usize;
        let mut fill = |number: u16, y: usize, columns: std::ops::Range<usize>| {
            let number = &number.to_be_bytes()[2 - bytes..];
            let row = &mut mask.samples_mut()[(y * width + columns.start) * bytes..(y * width + columns.end) * bytes];
            row.chunks_exact_mut(bytes).for_each(|pixel| pixel.copy_from_slice(number));
        };
        let mut boxes = 0;
        for bbox in objects.iter().filter(|object| object.shape.is_none()).filter_map(|object| object.bbox) {
            boxes += 1;
            let Rect { x0, y0, x1, y1 } = bbox.intersection(size.frame());
            let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(|edge| round_half_up(edge) as usize);
            (y0..y1).for_each(|y| fill(self.ignored(), y, x0..x1.max(x0)));
        }
        for object in objects {
            let number = object.class as u16 + 1;
            if let Some(shape) = &object.shape {
                shape.each_run(size, &mut |y, columns| fill(number, y, columns));
            }
        }
        Ok((mask, boxes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use crate::labels::{Bitmap, Class, Polygon, Shape, Value};

    #[test]
    fn later_objects_lie_over_earlier_ones_and_boxes_under_all() {
        let size = Size::new(12, 8);
        let square = |x: f64, y: f64, side: f64| {
            vec![Point::new(x, y), Point::new(x + side, y), Point::new(x + side, y + side), Point::new(x, y + side)]
        };
        let ring = Polygon { outer: square(1.0, 1.0, 6.0), holes: vec![square(3.0, 3.0, 2.0)] };
        let bits: Vec<u8> = (0..size.area()).map(|at| u8::from(at % 12 == 6)).collect();
        let shaped = |class, shape| Object { class, shape: Some(shape), ..Object::default() };
        let objects = [
            shaped(0, Shape::Polygons(vec![ring])),
            shaped(1, Shape::Bitmap(Bitmap::from_samples(size, &bits))),
            Object { class: 2, bbox: Some(Rect::new(-3.0, 6.0, 30.0, 9.0)), ..Object::default() },
        ];
        for (many, ignored) in [(3, 255), (300, 65_535)] {
            let classes = Classes(vec![Class::named("x"); many]);
            let (mask, boxes) = Painter::new(&classes).paint(size, &objects).unwrap();
            assert_eq!(boxes, 1);
            for y in 0..8 {
                for x in 0..12 {
                    let inside = |x0, y0, side| (x0..x0 + side).contains(&x) && (y0..y0 + side).contains(&y);
                    let number = match () {
                        () if x == 6 => 2,
                        () if inside(1, 1, 6) && !inside(3, 3, 2) => 1,
                        () if y >= 6 => ignored,
                        () => 0,
                    };
                    assert_eq!(mask.value(x, y), Value::Number(number), "{many} classes, at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn colors_and_names_are_those_of_pascal_voc() {
        assert_eq!(
            [0, 1, 2, 3, 20, 255].map(voc_color),
            [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [0, 64, 128], [224, 224, 192],]
        );
        let classes = Classes(vec![Class::named("cat"), Class::named("a:b")]);
        let expected = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\na_b:0,128,0::\n";
        assert_eq!(Painter::label_map(&classes), expected);
    }
}
